// SPDX-License-Identifier: Apache-2.0
// Reads programs. Everything is checked here, so that what runs a program need not.
#include "replay_program.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

#include "options.hpp"
#include "replay_errors.hpp"

namespace weft::tool::replay {
namespace {

[[noreturn]] void refuse(const char* what, const json& where) {
  throw malformed(absl::StrCat(what, ": ", printable(where.dump(-1, ' ', false, json::error_handler_t::replace))));
}

const json& item(const json& of, std::size_t index) {
  if (!of.is_array() || index >= of.size()) refuse("something is missing in", of);
  return of[index];
}

const json& member(const json& of, const char* name) {
  if (!of.is_object() || !of.contains(name)) refuse(absl::StrCat("there is no \"", name, "\" in").c_str(), of);
  return of[name];
}

const json& list(const json& of) {
  if (!of.is_array()) refuse("a list is needed in place of", of);
  return of;
}

std::string text(const json& of) { return of.is_string() ? of.get<std::string>() : (refuse("a string is needed in place of", of), ""); }

int number(const json& of, std::int64_t least = INT32_MIN, std::int64_t most = INT32_MAX) {
  if (!of.is_number_integer() || of.get<std::int64_t>() < least || of.get<std::int64_t>() > most)
    refuse(absl::StrCat("a whole number from ", least, " to ", most, " is needed in place of").c_str(), of);
  return of.get<int>();
}

value number_or_none(const json& of) { return of.is_null() ? value() : value(number(of)); }

error_kind error_named(const json& of, bool is_caught) {
  const auto kind = find_error(text(of));
  if (!kind || (!is_caught && (*kind == error_kind::any || *kind == error_kind::ex))) refuse("unknown exception", of);
  return *kind;
}

call call_named(const json& of) {
  for (const call how : {call::send, call::throw_, call::close})
    if (text(of) == name_of(how)) return how;
  refuse("send, throw or close is needed in place of", of);
}

/// Reads the statements of one program.
class reader {
 public:
  explicit reader(int functions) : functions_(functions) {}

  block read_block(const json& statements) const {
    block code;
    for (const json& one : list(statements)) code.push_back(read_statement(one));
    return code;
  }

  operation read_operation(const json& of) const {
    using verb = operation::verb;
    static const std::vector<std::pair<std::string, verb>> verbs{{"new", verb::make},    {"send", verb::send},   {"throw", verb::throw_},
                                                                 {"close", verb::close}, {"await", verb::await}, {"view", verb::view},
                                                                 {"drop", verb::drop}};
    operation read;
    read.name = text(item(of, 0));
    read.slot = static_cast<std::size_t>(number(item(of, 1), 0, slot_count - 1));
    read.does = find(verbs, of);
    switch (read.does) {
      case verb::make: read.number = number(item(of, 2), 0, functions_ - 1); break;
      case verb::send: read.sent = number_or_none(item(of, 2)); break;
      case verb::throw_:
        read.thrown = error_named(item(of, 2), false);
        read.number = number(item(of, 3));
        break;
      case verb::await:
      case verb::view: read.number = number(item(of, 2), 0, slot_count - 1); break;
      default: break;
    }
    return read;
  }

 private:
  template <class Verb>
  static Verb find(const std::vector<std::pair<std::string, Verb>>& verbs, const json& of) {
    for (const auto& [name, verb] : verbs)
      if (name == text(item(of, 0))) return verb;
    refuse("unknown", of);
  }

  statement read_statement(const json& of) const {
    using verb = statement::verb;
    static const std::vector<std::pair<std::string, verb>> verbs{
        {"yield", verb::yield}, {"await", verb::await},     {"iter", verb::iter},       {"shared", verb::shared},
        {"view", verb::view},   {"raise", verb::raise},     {"reraise", verb::reraise}, {"return", verb::give_back},
        {"try", verb::guard},   {"reenter", verb::reenter}, {"log", verb::log}};
    statement read;
    read.does = find(verbs, of);
    switch (read.does) {
      case verb::yield:
      case verb::give_back: read_value(read, of); break;
      case verb::await: read.number = number(item(of, 1), 0, functions_ - 1); break;
      case verb::iter:
        for (const json& one : list(item(of, 1))) read.items.push_back(number(one));
        break;
      case verb::shared:
      case verb::view: read.number = number(item(of, 1), 0, slot_count - 1); break;
      case verb::raise:
        read.raised = error_named(item(of, 1), false);
        read.number = number(item(of, 2));
        break;
      case verb::guard: read_guard(read, of); break;
      case verb::reenter: read.how = call_named(item(of, 1)); break;
      case verb::log: read.number = number(item(of, 1)); break;
      default: break;
    }
    return read;
  }

  static void read_value(statement& read, const json& of) {
    const json& expression = item(of, 1);
    read.is_variable = text(item(expression, 0)) == "v";
    if (!read.is_variable) read.constant = number_or_none(item(expression, 1));
    if (read.does == statement::verb::yield || of.size() > 2) read.region = text(item(of, 2));
  }

  void read_guard(statement& read, const json& of) const {
    read.code = read_block(item(of, 1));
    for (const json& one : list(item(of, 2))) read.clauses.push_back({error_named(item(one, 0), true), read_block(item(one, 1))});
    if (!item(of, 3).is_null()) read.last = read_block(of[3]);
  }

  int functions_;
};

}  // namespace

json written(const value& v) { return v ? json(*v) : json(); }

const char* name_of(call how) noexcept {
  switch (how) {
    case call::send: return "send";
    case call::throw_: return "throw";
    default: return "close";
  }
}

const block& waiter_code() {
  static const block code = [] {
    statement await, give_back;
    await.does = statement::verb::await_target;
    give_back.does = statement::verb::give_back;
    give_back.is_variable = true;
    give_back.is_told = false;
    return block{await, give_back};
  }();
  return code;
}

std::string function_name(int number) { return number == waiter ? "waiter" : absl::StrCat("f", number); }

std::string program::title() const {
  std::string title = line["id"].dump();
  if (line.contains("name") && line["name"].is_string()) absl::StrAppend(&title, " ", line["name"].get<std::string>());
  return title;
}

program read_program(const std::string& line) {
  program read;
  try {
    read.line = json::parse(line);
  } catch (const json::exception& e) {
    throw malformed("no JSON");
  }
  if (number(member(read.line, "schema")) != 1) refuse("only schema 1 is known, not", read.line["schema"]);
  static_cast<void>(member(read.line, "id"));
  const json& functions = list(member(read.line, "fns"));
  const reader of(static_cast<int>(functions.size()));
  for (const json& one : functions) {
    if (number(member(one, "id")) != static_cast<int>(read.functions.size())) refuse("functions are numbered from 0 on, not", one["id"]);
    const std::string kind = text(member(one, "kind"));
    if (kind != "coro" && kind != "gen") refuse("coro or gen is needed in place of", one["kind"]);
    read.functions.push_back({kind == "gen", of.read_block(member(one, "body"))});
  }
  for (const json& one : list(member(read.line, "ops"))) {
    read.operations.push_back(of.read_operation(one));
    if (read.operations.back().does == operation::verb::make && read.functions[read.operations.back().number].is_generator)
      refuse("only coroutines are kept in slots, not what is made by", one);
  }
  if (read.line.contains("race")) {
    const json& race = read.line["race"];
    const auto prefix = static_cast<std::size_t>(number(member(race, "prefix"), 0, static_cast<int>(read.operations.size())));
    read.race = race_plan{prefix, of.read_operation(member(race, "a")), of.read_operation(member(race, "b")), list(member(race, "legal"))};
  }
  return read;
}

}  // namespace weft::tool::replay

// SPDX-License-Identifier: Apache-2.0
// Schedules in words: one line an operation, with the source line it stands on.
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "engine.hpp"

extern "C" const char __executable_start;

namespace weft::explorer {

std::uint32_t code_of(const void* address) noexcept {
  return static_cast<std::uint32_t>(static_cast<const char*>(address) - &__executable_start);
}

namespace {

constexpr const char* order_names[] = {"relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst"};

std::string short_file(const char* file) {
  const std::string whole = file;
  for (const char* const root : {"/include/weft/", "/scheduler/", "/tests/"})
    if (const std::size_t at = whole.rfind(root); at != std::string::npos) return whole.substr(at + 1);
  return whole.substr(whole.rfind('/') + 1);
}

std::string short_function(const char* function) {
  constexpr std::string_view hidden = "(anonymous namespace)::";
  std::string name = function;
  for (std::size_t at = 0; (at = name.find(hidden)) != std::string::npos;) name.erase(at, hidden.size());
  if (const std::size_t end = name.find('('); end != std::string::npos) name.resize(end);
  int depth = 0;  // of template arguments
  std::size_t start = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    depth += name[i] == '<' ? 1 : name[i] == '>' ? -1 : 0;
    if (depth == 0 && (name[i] == ' ' || name.compare(i, 2, "::") == 0)) start = i + (name[i] == ' ' ? 1 : 2);
  }
  return name.substr(start);
}

}  // namespace

std::string describe_code(std::uint32_t code) {
  if (code == 0) return "an atomic operation";
  char program[512] = {};
  if (::readlink("/proc/self/exe", program, sizeof program - 1) < 0) return "?";
  std::array<char, 1200> command{};
  const unsigned long base = reinterpret_cast<unsigned long>(&__executable_start);
  const unsigned long address = base < 0x1000000 ? base + code - 1 : code - 1UL;  // not relocated: the file has the address itself
  std::snprintf(command.data(), command.size(), "addr2line -Cfpie '%s' 0x%lx 2>/dev/null | head -4", program, address);
  std::string lines;
  if (FILE* const out = ::popen(command.data(), "r")) {
    while (std::fgets(command.data(), static_cast<int>(command.size()), out) != nullptr) {
      std::string line = command.data();
      line.erase(line.find_last_not_of('\n') + 1);
      const std::size_t at = line.rfind(" at ");
      if (at != std::string::npos)
        line = short_function(line.substr(line.rfind("by) ", at) == std::string::npos ? 0 : line.rfind("by) ", at) + 4, at).c_str()) + " " +
               short_file(line.c_str() + at + 4);
      lines += (lines.empty() ? "" : " < ") + line;
    }
    ::pclose(out);
  }
  char plain[32];
  std::snprintf(plain, sizeof plain, "code +0x%x", code);
  return lines.empty() ? plain : lines;
}

std::string describe(const engine::event& e) {
  char text[400];
  const std::string function = short_function(e.where.function_name());
  const std::string file = e.where.line() != 0 ? short_file(e.where.file_name()) : "";
  const int used = std::snprintf(text, sizeof text, "T%u  %-34s %-18s %s", e.thread, (file + ":" + std::to_string(e.where.line())).c_str(),
                                 function.c_str(), e.what);
  std::string line(text, static_cast<std::size_t>(std::min(used, static_cast<int>(sizeof text) - 1)));
  std::snprintf(text, sizeof text, " %#llx", static_cast<unsigned long long>(e.value));
  line += text;
  std::snprintf(text, sizeof text, " -> %#llx", static_cast<unsigned long long>(e.second));
  if (e.second != 0) line += text;
  std::snprintf(text, sizeof text, "  [%p]", e.place);
  if (e.place != nullptr) line += text;
  line += std::string("  ") + order_names[static_cast<unsigned>(e.order)];
  if (e.met.behind != 0) line += "  (" + std::to_string(e.met.behind) + " behind the newest, of T" + std::to_string(e.met.by) + ")";
  if (e.met.guessed) line += "  (a guess)";
  return line;
}

std::string engine::trace() const {
  constexpr std::size_t most_lines = 400;
  std::string text;
  const std::size_t first = events_.size() > most_lines ? events_.size() - most_lines : 0;
  if (first != 0) text += "  .. " + std::to_string(first) + " operations before\n";
  for (std::size_t i = first; i < events_.size(); ++i) text += "  " + describe(events_[i]) + "\n";
  return text;
}

std::string engine::who_waits() const {
  std::string text;
  for (unsigned t = 0; t < count_; ++t) {
    const participant& p = threads_[t];
    text += "\n  thread " + std::to_string(t);
    if (p.is == state::ended) text += " has ended";
    if (p.is == state::ready) text += " is ready";
    if (p.is == state::joining) text += " joins thread " + std::to_string(p.joins);
    if (p.is == state::asleep) text += " sleeps";
    if (p.last.what != nullptr && p.is != state::ended) text += ", last: " + describe(p.last);
  }
  return text;
}

}  // namespace weft::explorer

// SPDX-License-Identifier: Apache-2.0
// The calls: each as the next bytes say, and what came of it compared with what the protocol promises.
#include <algorithm>
#include <string_view>

#include "fuzzed_world.hpp"

namespace weft::test {
namespace {

enum class operation : std::uint8_t { makes, sends_none, sends_value, throws, closes, drops, moves, looks, count };

template <class T>
constexpr bool is_generator = std::is_same_v<T, counting> || std::is_same_v<T, awaitable_counting>;

/// The texts of what may leave a call.
bool is_documented(const std::string& text) {
  static const std::string stop = "StopIteration: stop";
  static const std::array<std::string, 17> known{cannot_reuse,
                                                 already_executing,
                                                 being_awaited,
                                                 ignored_exit,
                                                 just_started,
                                                 raised_stop,
                                                 "done",
                                                 "failure",
                                                 "instead",
                                                 stop,
                                                 "GeneratorExit",
                                                 "ValueError: generator already executing",
                                                 "RuntimeError: generator ignored GeneratorExit",
                                                 "RuntimeError: generator raised StopIteration",
                                                 "TypeError: can't send non-None value to a just-started generator",
                                                 "StopIteration: the generator has ended, and what it returns has no None",
                                                 "AttributeError: 'range_iterator' object has no attribute 'send'"};
  if (text.starts_with("yield ") || text.starts_with("return ") || text.ends_with("was moved from, or awaited")) return true;
  return text.ends_with("the generator was moved from") || std::find(known.begin(), known.end(), text) != known.end();
}

bool is_refusal(const std::string& text) { return text == already_executing || text == "ValueError: generator already executing"; }
bool is_ignored_exit(const std::string& text) { return text.ends_with("ignored GeneratorExit"); }

/// What keeps it while it is called: a generator's place does, which is in use.
numbers_view kept(const numbers& c) { return c.view(); }
numbers_view kept(const numbers_view& v) { return v; }
counting& kept(counting& g) { return g; }
awaitable_counting& kept(awaitable_counting& g) { return g; }

const char* word_of(coroutine_state state) {
  constexpr std::array<const char*, 4> words{"created", "running", "suspended", "closed"};
  return words[static_cast<std::size_t>(state)];
}

void expect_state(const char* when, coroutine_state found, coroutine_state due, const std::string& came) {
  if (found != due) defect(std::string(when) + ": " + word_of(found) + " instead of " + word_of(due) + " after " + came);
}

/// What a call gives is what a body has just given.
void expect_value(const world& w, const std::string& came) {
  const auto expect = [&came](std::string_view word, int given) {
    if (came.starts_with(word) && came.substr(word.size()) != std::to_string(given)) defect(came + " instead of " + std::to_string(given));
  };
  expect("yield ", w.last_yielded);
  expect("return ", w.last_returned);
}

/// What a call that was made in a state has to come to, and in which state it has to leave.
void expect_outcome(operation what, bool is_generator, coroutine_state before, coroutine_state after, const std::string& came) {
  if (!is_documented(came)) defect("undocumented: " + came);
  if (before == coroutine_state::running) {
    if (!is_refusal(came)) defect("a call to what runs gave " + came);
    return expect_state("what runs", after, coroutine_state::running, came);
  }
  if (before == coroutine_state::closed) {
    if (what == operation::closes && came != "done") defect("closing again gave " + came);
    if (what != operation::closes && !is_generator && came != cannot_reuse) defect("reuse gave " + came);
    return expect_state("what has ended", after, coroutine_state::closed, came);
  }
  const bool is_started = before != coroutine_state::created;
  if (!is_started && what == operation::sends_value) {
    if (!came.starts_with("TypeError: can't send non-None value")) defect("a value to what was not started gave " + came);
    return expect_state("what was not started", after, coroutine_state::created, came);
  }
  if (!is_started && what == operation::closes && came != "done") defect("closing what was not started gave " + came);
  if (came.starts_with("yield ")) return expect_state("what yields", after, coroutine_state::suspended, came);
  // It yielded itself, or what it awaited did, and it let that pass.
  if (what == operation::closes && is_ignored_exit(came) && after == coroutine_state::suspended) return;
  // One that is awaited in a chain that runs is told as running, and was seen so before.
  expect_state("what does not yield", after, coroutine_state::closed, came);
}

std::exception_ptr chosen_exception(world& w) {
  switch (w.bytes.next() % 3) {
    case 0: return std::make_exception_ptr(failure{"failure"});
    case 1: return std::make_exception_ptr(stop_iteration("stop"));
    default: return std::make_exception_ptr(generator_exit());
  }
}

template <class T>
std::string call(world& w, T& driven, operation what) {
  switch (what) {
    case operation::sends_none: w.last_sent = maybe(); return outcome_of([&] { return driven.send(); });
    case operation::sends_value: w.last_sent = w.bytes.next(); return outcome_of([&, sent = w.last_sent] { return driven.send(sent); });
    case operation::throws: return outcome_of([&, thrown = chosen_exception(w)] { return driven.throw_(thrown); });
    default: return outcome_of([&] { driven.close(); });
  }
}

template <class T>
void call_and_compare(world& w, place<T>& at, operation what) {
  const std::shared_ptr<life> lives = at.lives;
  if (lives == nullptr) {  // moved from, or awaited
    const std::string came = call(w, *at.held, what);
    if (came.find("was moved from") == std::string::npos) defect("an empty handle gave " + came);
    return;
  }
  std::optional<use_of<T>> used;
  if constexpr (is_generator<T>) used.emplace(at);
  auto&& pin = kept(*at.held);
  const coroutine_state before = pin.state();
  if (lives->drivers > 0) expect_state("what is driven", before, coroutine_state::running, "nothing");
  ++lives->drivers;
  const std::string came = call(w, pin, what);
  --lives->drivers;
  expect_value(w, came);
  expect_outcome(what, is_generator<T>, before, pin.state(), came);
}

/// Everything that only looks, at whatever is there.
template <class T>
void look(world& w, const T& at) {
  const std::string came = outcome_of([&] {
    if (at.name() != "body" || at.repr().empty()) defect("its name is " + at.name());
    if (at.state() == coroutine_state::running) return;
    for (auto inner = at.awaiting(); inner; inner = inner->awaiting())
      if (inner->name().empty()) defect("what it awaits has no name");
  });
  if (!is_documented(came)) defect("undocumented: looking gave " + came);
  if constexpr (!is_generator<T>) {
    const std::string gave = outcome_of([&] { w.weaks[w.bytes.next() % w.weaks.size()] = at.weak(); });
    if (!is_documented(gave)) defect("undocumented: a weak reference gave " + gave);
  }
}

template <class T>
void let_go(place<T>& at) {
  // Destroyed only once the place is empty: a body that goes with it may look there.
  const std::optional<T> last = std::exchange(at.held, std::nullopt);
  at.lives = nullptr;
}

/// A view is made of a coroutine, or of what a weak reference still leads to; others are made new.
template <class T>
void fill(world& w, place<T>& at) {
  let_go(at);
  if (at.held) return;  // a body that went has filled it
  if constexpr (std::is_same_v<T, numbers_view>) {
    place<numbers>& from = w.choose<numbers>();
    if (from.held && from.lives) {
      at.held = from.held->view();
      at.lives = from.lives;
    }
  } else {
    auto lives = std::make_shared<life>();
    at.held = make<T>(w, lives);
    at.lives = std::move(lives);
  }
}

template <class T>
void operate_on(world& w, operation what) {
  place<T>& at = w.choose<T>();
  if (what == operation::makes) {
    if (at.uses == 0) fill(w, at);
    return;
  }
  if (!at.held) return;
  switch (what) {
    case operation::drops:
      if (at.uses == 0) let_go(at);
      return;
    case operation::moves: {
      place<T>& to = w.choose<T>();
      if (at.uses > 0 || to.uses > 0 || &at == &to) return;
      let_go(to);
      if (to.held || !at.held || at.uses > 0) return;
      to.held = std::move(*at.held);
      to.lives = std::exchange(at.lives, nullptr);
      return;
    }
    case operation::looks: return look(w, *at.held);
    default: return call_and_compare(w, at, what);
  }
}

template <class T>
bool empty(std::array<place<T>, 3>& places) {
  bool was_full = false;
  for (place<T>& at : places) {
    was_full = was_full || at.held;
    if (at.uses == 0) let_go(at);
  }
  return !was_full;
}

void lock_a_weak_one(world& w) {
  const auto& weak = w.weaks[w.bytes.next() % w.weaks.size()];
  if (!weak) return;
  const auto locked = weak->lock();
  if (locked) static_cast<void>(locked->state());
}

}  // namespace

void world::let_all_go() {
  bytes = input(nullptr, 0);
  for (int round = 0; round < 64; ++round) {  // each frees what was in use by what went before
    bool is_empty = empty(coroutines);
    is_empty = empty(views) && is_empty;
    is_empty = empty(generators) && is_empty;
    if (empty(awaitables) && is_empty) return;
  }
  defect("a generator stays in use");
}

void world::operate() {
  const std::uint8_t byte = bytes.next();
  const auto what = static_cast<operation>(byte % static_cast<std::uint8_t>(operation::count));
  switch (byte / static_cast<std::uint8_t>(operation::count) % 5) {
    case 0: return operate_on<numbers>(*this, what);
    case 1: return operate_on<numbers_view>(*this, what);
    case 2: return operate_on<counting>(*this, what);
    case 3: return operate_on<awaitable_counting>(*this, what);
    default: return lock_a_weak_one(*this);
  }
}

}  // namespace weft::test

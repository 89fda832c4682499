// SPDX-License-Identifier: Apache-2.0
// Threads of a schedule: who runs, who waits.
#include "engine.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace weft::explorer {

bool exploring = false;

namespace {

constexpr unsigned all_late = 16;  // operations by which a mutant's is late

}  // namespace

engine& engine::get() {
  static engine* const only = new engine;  // for good: explored code may run until the process ends
  return *only;
}

engine::engine() : mutant_(mutation::of_this_process()) {}

// --- switching ---

void engine::enter(unsigned number) {
  participant& p = threads_[number];
  current_ = number;
  detail::current_cache = p.cache;
  detail::this_trampoline = p.loop;
  std::memcpy(static_cast<void*>(abi::__cxa_get_globals()), p.exceptions, sizeof p.exceptions);
}

void engine::leave() {
  participant& p = threads_[current_];
  p.cache = detail::current_cache;
  p.loop = detail::this_trampoline;
  std::memcpy(p.exceptions, static_cast<void*>(abi::__cxa_get_globals()), sizeof p.exceptions);
}

void engine::switch_to(unsigned next) {
  if (next == current_) return;
  fiber& from = threads_[current_].runs_on;
  leave();
  enter(next);
  fiber::change(from, threads_[next].runs_on);
}

void engine::leave_schedule() {
  exploring = false;
  fiber& from = threads_[current_].runs_on;
  const void* const nothing[2] = {};
  std::memcpy(static_cast<void*>(abi::__cxa_get_globals()), nothing, sizeof nothing);
  detail::current_cache = detail::foreign_cache;
  detail::this_trampoline = {};
  fiber::change(from, main_);
  std::terminate();
}

void engine::first_steps() {
  engine& e = get();
  participant& p = e.threads_[e.current_];
  exploring = true;
  try {
    p.body(p.argument);
  } catch (const std::exception& failure) {
    e.fail(std::string("an exception left a thread: ") + failure.what());
  } catch (...) {
    e.fail("an exception left a thread");
  }
  exploring = false;
  e.catch_up(all_late);
  p.is = state::ended;
  for (unsigned t = 0; t < e.count_; ++t) {
    if (e.threads_[t].is != state::joining || e.threads_[t].joins != e.current_) continue;
    e.threads_[t].is = state::ready;
  }
  e.go_on_elsewhere();
  std::terminate();
}

// Chooses among the ready ones; the running one is none of them.
void engine::go_on_elsewhere() {
  for (;;) {
    unsigned ready[most_threads];
    unsigned count = 0;
    bool waiting = false;
    for (unsigned t = 0; t < count_; ++t) {
      if (threads_[t].is == state::ready) ready[count++] = t;
      waiting |= threads_[t].is == state::asleep || threads_[t].is == state::joining;
    }
    if (count != 0) return switch_to(ready[choices_.thread(ready, count, count)]);
    if (pass_time()) continue;
    if (waiting) fail("deadlock: nothing can run");
    leave_schedule();
  }
}

void engine::pause(bool waits) {
  exploring = false;
  constexpr unsigned deadline_one_in = 64;
  if (++steps_ > how_.longest) fail("no end: " + std::to_string(how_.longest) + " steps, and threads still run");
  if (sleepers_ != 0 && !how_.patient && choices_.how() != strategy::exhaustive && choices_.oddity(deadline_one_in)) pass_time();
  unsigned ready[most_threads];
  unsigned count = 0, here = 0;
  for (unsigned t = 0; t < count_; ++t)
    if (threads_[t].is == state::ready) {
      if (t == current_) here = count;
      ready[count++] = t;
    }
  switch_to(ready[waits ? choices_.other_thread(ready, count, here) : choices_.thread(ready, count, here)]);
  exploring = true;
}

void engine::put_off(std::function<void(engine&)> act) {
  catch_up(all_late);
  threads_[current_].late = std::move(act);
  threads_[current_].until_late = all_late;
}

void engine::catch_up(unsigned operations) {
  participant& p = threads_[current_];
  if (!p.late) return;
  p.until_late -= std::min(operations, p.until_late);
  if (p.until_late == 0) std::exchange(p.late, nullptr)(*this);
}

// Goes on to the next deadline. False: there is none.
bool engine::pass_time() {
  participant* first = nullptr;
  for (unsigned t = 0; t < count_; ++t) {
    participant& p = threads_[t];
    if (p.is == state::asleep && p.deadline >= 0 && (first == nullptr || p.deadline < first->deadline)) first = &p;
  }
  if (first == nullptr) return false;
  clock_ = std::max(clock_, first->deadline);
  first->is = state::ready;
  --sleepers_;
  return true;
}

// --- threads ---

unsigned engine::start_thread(void* (*body)(void*), void* argument) {
  pause();
  exploring = false;
  const unsigned number = add_thread(body, argument);
  memory.start_thread(current_, number);
  exploring = true;
  return number;
}

unsigned engine::add_thread(void* (*body)(void*), void* argument) {
  if (count_ == most_threads) fail("more threads than an exploration has");
  const unsigned number = count_++;
  participant& p = threads_[number];
  p.runs_on.prepare(&first_steps);
  p.is = state::ready;
  p.body = body;
  p.late = nullptr;
  p.argument = argument;
  p.last = {};
  p.cache = detail::foreign_cache;
  p.loop = {};
  std::memset(p.exceptions, 0, sizeof p.exceptions);
  choices_.thread_starts(number);
  return number;
}

void engine::join_thread(unsigned number) {
  pause();
  exploring = false;
  catch_up(all_late);
  if (threads_[number].is != state::ended) {
    threads_[current_].is = state::joining;
    threads_[current_].joins = number;
    go_on_elsewhere();
  }
  memory.join_thread(current_, number);
  exploring = true;
}

// --- futex ---

view& engine::lock_of(const void* word) {
  for (waited_word& w : words_)
    if (w.word == word) return w.lock;
  words_.push_back({word, {}});
  return words_.back().lock;
}

void engine::wait(const operation& word, std::uint64_t expected, std::int64_t nanoseconds) {
  constexpr unsigned early_one_in = 13;
  pause();
  exploring = false;
  catch_up(all_late);
  view& lock = lock_of(word.place);
  const std::uint64_t found = memory.look(current_, word, lock);
  memory.pass_on(current_, lock);
  const bool sleeps = found == expected && !choices_.oddity(early_one_in);
  done({static_cast<std::uint8_t>(current_),
        sleeps              ? "sleeps while it is"
        : found == expected ? "returns early from sleeping on"
                            : "does not sleep on",
        found,
        0,
        word.place,
        {},
        std::memory_order_relaxed,
        *word.where});
  exploring = false;
  if (sleeps) {
    participant& p = threads_[current_];
    p.is = state::asleep;
    p.word = word.place;
    p.deadline = nanoseconds < 0 ? -1 : clock_ + nanoseconds;
    p.since = steps_;
    if (nanoseconds >= 0) ++sleepers_;
    go_on_elsewhere();
  }
  exploring = true;
}

void engine::wake(const void* word, int count, const std::source_location& where) {
  pause();
  exploring = false;
  if (mutated(where) == mutation::kind_of::silent) count = 0;
  memory.pass_on(current_, lock_of(word));
  int woken = 0;
  for (; woken < count; ++woken) {
    participant* first = nullptr;
    for (unsigned t = 0; t < count_; ++t) {
      participant& p = threads_[t];
      if (p.is == state::asleep && p.word == word && (first == nullptr || p.since < first->since)) first = &p;
    }
    if (first == nullptr) break;
    first->is = state::ready;
    if (first->deadline >= 0) --sleepers_;
  }
  done({static_cast<std::uint8_t>(current_), "wakes", static_cast<std::uint64_t>(woken), 0, word, {}, std::memory_order_relaxed, where});
  exploring = true;
}

bool engine::barrier() {
  if (!how_.has_barrier) return false;
  if (watching_ && mutant_.drops_barrier()) return true;
  pause();
  exploring = false;
  memory.fence(current_, memory_order::seq_cst);
  for (unsigned t = 0; t < count_; ++t) {
    pause();
    exploring = false;
    if (t != current_) memory.fence(t, memory_order::seq_cst);
  }
  pause();
  exploring = false;
  memory.fence(current_, memory_order::seq_cst);
  done({static_cast<std::uint8_t>(current_), "made a barrier in all threads", 0, 0, nullptr, {}, std::memory_order_seq_cst, {}});
  exploring = true;
  return true;
}

}  // namespace weft::explorer

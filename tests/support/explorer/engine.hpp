// SPDX-License-Identifier: Apache-2.0
//
// Runs one schedule after the other: threads as fibers, of which one runs until its next operation; who waits for what.
//
// A thread is ready, asleep on a futex word, joining another one, or at its end. When none is ready, time goes on to the next
// deadline; when there is no deadline either, the schedule is a deadlock. Deadlines also pass at random: threads may be slow.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>

#include "choices.hpp"
#include "explore.hpp"
#include "fiber.hpp"
#include "heap.hpp"
#include "memory_model.hpp"
#include "mutation.hpp"
#include "weft/detail/resume.hpp"
#include "weft/detail/worker.hpp"

namespace weft::explorer {

/// Whether the code that runs is explored: not the engine's, and within a schedule.
extern bool exploring;

class engine {
 public:
  struct event {
    std::uint8_t thread;
    const char* what;
    std::uint64_t value = 0;
    std::uint64_t second = 0;
    const void* place = nullptr;
    memory_model::note met = {};
    std::memory_order order = std::memory_order_relaxed;
    std::source_location where = {};
  };

  static engine& get();

  outcome run(const std::function<void()>& body, const settings& how);

  // --- called by explored threads ---

  /// A step begins: others may come first, and should if this thread `waits` for them.
  void pause(bool waits = false);
  /// Puts an operation off: it comes when this thread catches up.
  void put_off(std::function<void(engine&)> act);
  /// This thread has come to `operations` more; with enough of them, what it has put off is done.
  void catch_up(unsigned operations);
  /// What an operation did: traced, and checked for conflicts.
  void done(const event& e);
  unsigned start_thread(void* (*body)(void*), void* argument);
  void join_thread(unsigned number);
  /// False: timed out, or woken for nothing.
  void wait(const operation& word, std::uint64_t expected, std::int64_t nanoseconds);
  void wake(const void* word, int count, const std::source_location& where);
  /// False: this exploration's system has none.
  bool barrier();
  [[nodiscard]] std::int64_t clock() const noexcept { return clock_; }
  void record(const char* text) { recorded_ = text; }
  [[noreturn]] void fail(const std::string& what);

  void touch_plain(std::uintptr_t address, std::size_t bytes, touch how, const void* code);
  void* allocate(std::size_t bytes, std::size_t alignment, const void* code);
  /// False: no block of this schedule.
  bool release(void* start, const void* code);

  [[nodiscard]] unsigned current() const noexcept { return current_; }
  memory_model memory{choices_};
  choices& chooser() noexcept { return choices_; }
  [[nodiscard]] const mutation& mutant() const noexcept { return mutant_; }
  /// What becomes of the access at that place: the first schedule of an exploration is no mutant's.
  [[nodiscard]] mutation::kind_of mutated(const std::source_location& where) const noexcept {
    return watching_ ? mutant_.at(where) : mutation::kind_of::none;
  }

 private:
  enum class state : std::uint8_t { none, ready, asleep, joining, ended };
  struct participant {
    fiber runs_on;
    state is = state::none;
    void* (*body)(void*) = nullptr;
    void* argument = nullptr;
    const void* word = nullptr;       // asleep: of the futex
    std::int64_t deadline = -1;       // asleep: negative: none
    std::uint32_t since = 0;          // asleep: step, so that the first comes first
    unsigned joins = 0;               // joining: whom
    std::function<void(engine&)> late;  // put off by a mutant; and in how many operations it comes
    unsigned until_late = 0;
    event last = {};
    // What the library and the language keep for each thread.
    detail::frame_cache* cache = nullptr;
    detail::trampoline loop;
    void* exceptions[2] = {};
  };
  struct waited_word {
    const void* word;
    view lock;
  };

  engine();
  unsigned add_thread(void* (*body)(void*), void* argument);
  void one_schedule(const std::function<void()>& body);
  void judge_end();
  bool warm_up(const std::function<void()>& body);
  void run_named(const std::function<void()>& body, const char* replay);
  void run_all(const std::function<void()>& body);
  bool next_schedule(std::uint64_t i, std::uint64_t random, bool& walking);
  void trace_again(const std::function<void()>& body);
  void enter(unsigned number);
  void leave();
  [[noreturn]] void leave_schedule();
  void go_on_elsewhere();
  void switch_to(unsigned next);
  bool pass_time();
  view& lock_of(const void* word);
  void check(const conflict& found, std::uintptr_t address, std::size_t bytes, touch how, std::uint32_t code);
  [[nodiscard]] std::string who_waits() const;
  [[nodiscard]] std::string trace() const;
  static void first_steps();

  choices choices_;
  heap heap_;
  const mutation& mutant_;
  settings how_;
  outcome result_;
  fiber main_;
  participant threads_[most_threads];
  unsigned count_ = 0, current_ = 0, sleepers_ = 0;
  std::int64_t clock_ = 0;
  std::uint32_t steps_ = 0;
  untracked<waited_word> words_;
  untracked<event> events_;
  bool tracing_ = false, watching_ = false;
  std::string failure_, recorded_;
};

/// Places in the code, readable. (report.cpp)
std::uint32_t code_of(const void* address) noexcept;
std::string describe_code(std::uint32_t code);
std::string describe(const engine::event& e);

}  // namespace weft::explorer

// SPDX-License-Identifier: Apache-2.0
//
// A scope behind its handles: who is in it, when it ends, what has failed in it. Compiled in scheduler/scope.cpp.
//
// Shape: a block of the frame pool with a count of handles, because a handle may outlive the scope: then it is told that it has ended. The
//   level under which all runs lies in the frame of with_scope, which lives until the scope has ended.
//   One word says who is in it: children, the body, and whether the body waits for children.
//
//     body                     opened; a child more: + child
//     body + n children        a child less: - child
//     body + joins + n         the body waits in join(); the last child takes `joins` with it and wakes the body: body
//     n children               the body has ended and the frame of with_scope waits; the last child wakes that: 0
//     0                        ended, for good: nobody comes in
//
// Who touches what
//   word_        whoever comes in or goes out
//   sleeper_     claimed by the body or with_scope, before it adds `joins` or takes `body` away; read by the last child, which took the
//                word there; given up by who claimed it
//   lock_        the children that wait for their turn, and those that have failed
//   a child      by who makes it, then by who completes it; a failed one belongs to the scope, which has a reference
//
// Rules   S1  who is in it keeps it from ending: all of the scope may be touched between coming in and going out, nothing after
//         S2  a child goes out after its last touch of anything: its frame, its result if nobody holds its handle, its place among the
//             live roots
//         S3  the first failure cancels the level, before its child goes out
//         S4  with a limit, children wait only while as many as may run do: who gives up a turn gives it to the next, not back
//
// Edges   E1  end    every way out, and the body's or with_scope's way to sleep (release) -> the last one's way out, or a look at the word
//                    that finds nobody (acquire): who goes on has seen all that was done in the scope
//         E2  gone   every drop of a handle (release) -> the last one (acquire), which frees
//
// Progress  coming in and going out are lock-free; a limit and failures take a short lock
// Cost      a child is a root: as spawn(), and three locked instructions
// Checked   tests/unit/scope_test.cpp, tests/unit/scope_spawn_test.cpp, tests/stress/scope_stress.cpp, tests/model/scope_model.cpp
#pragma once

#include "weft/cancellation.hpp"
#include "weft/detail/child_results.hpp"
#include "weft/detail/context.hpp"
#include "weft/detail/root_wait.hpp"
#include "weft/spawn.hpp"
#include "weft/task.hpp"

#include <cstdint>
#include <exception>
#include <string_view>

namespace weft::detail {

class scope_state;

/// The level of a scope, as its children see it.
class scope_level : public cancel_level {
 public:
  using opened_level::level;
};

/// Who else than its task holds a reference to a child.
enum class child_of : std::uint8_t { nobody, its_handle, its_results };

/// Everything of a child but its result.
struct scope_child : root {
  scope_child(scope_state& s, child_of who) noexcept;
  ~scope_child() = default;
  scope_child(const scope_child&) = delete;
  scope_child& operator=(const scope_child&) = delete;

  scope_state* in;
  std::uint64_t number;           // in the order in which they were spawned
  child_of whose;
  frame* first = nullptr;         // its task's frame, while it waits for its turn
  scope_child* behind = nullptr;  // in the list it is in: of those that wait, have failed, or have come
};

template <class T>
using child_root = root_of<T, scope_child>;

/// Throws what is told to who waits for a child that gave nothing: its failure is the scope's.
[[noreturn]] WEFT_COLD_THROWS void throw_no_result(const scope_child& c);

class scope_state {
 public:
  /// `most` children run at once; 0: any number. In the frame pool; the reference is the caller's. Throws std::bad_alloc.
  static scope_state* make(scope_level& level, std::size_t most);
  void hold() noexcept { handles_.fetch_add(1, relaxed); }  // whoever copies a handle has one
  void drop() noexcept;

  // --- coming in and going out ---

  /// Comes in. False: it has ended.
  [[nodiscard]] bool enter() noexcept;
  /// Goes out. Nothing of the scope may be touched afterwards.
  void leave() noexcept;
  /// Takes a turn. False: as many children run as may.
  [[nodiscard]] bool take_turn() noexcept;
  /// Takes a turn, or has `c` wait for one, whose task then starts with `first`. False: it waits, and nothing of it may be touched.
  [[nodiscard]] bool take_turn_or_wait(scope_child& c, frame* first) noexcept;
  /// A turn is over.
  void end_turn() noexcept;

  // --- what is in it ---

  [[nodiscard]] arena* home() const noexcept { return home_; }
  [[nodiscard]] context& level() noexcept { return level_->level(); }
  [[nodiscard]] cancel_node& node() noexcept { return *level().cancel; }
  [[nodiscard]] child_results& results() noexcept { return results_; }
  [[nodiscard]] std::uint64_t next_number() noexcept { return numbers_.fetch_add(1, relaxed); }  // it only counts
  /// What a child's task has come to, before anybody is told. By who completes it.
  void settle(scope_child& c) noexcept;
  /// Cancels all that is in it; that is no failure of the children then.
  void cancel() noexcept { level_->cancel(cancel_reason::requested, "the scope was cancelled"); }

  // --- its body, and the frame of with_scope ---

  /// The body has failed.
  void fail_body() noexcept;
  /// Before a wait of one of the next two. False: somebody else waits.
  [[nodiscard]] bool claim(waiter& w) noexcept;
  void give_up(waiter& w) noexcept;
  /// The body waits for the last child. False: there is none. On true nothing of the waiting frame may be touched.
  [[nodiscard]] bool join() noexcept;
  /// The body has ended, and its caller waits for the last child. False as above: the scope has ended.
  [[nodiscard]] bool end() noexcept;
  /// The body has ended: ends the scope if nobody is in it.
  [[nodiscard]] bool end_alone() noexcept;
  /// After the end: destroys the results that nobody has taken, and throws what children and the body (or null) have failed with, if
  /// anything.
  void close(std::exception_ptr of_body);

 private:
  static constexpr std::uint64_t body = 1;
  static constexpr std::uint64_t joins = 2;
  static constexpr std::uint64_t child = 4;

  scope_state(scope_level& level, std::size_t most) noexcept;
  ~scope_state();

  void start(scope_child& c) noexcept;
  [[nodiscard]] bool is_dismissed() noexcept;
  [[nodiscard]] bool keep_failure(scope_child& c) noexcept;

  scope_level* level_;
  arena* home_;
  std::size_t most_;
  atomic<std::uint32_t> handles_{1};   // E2
  atomic<std::uint64_t> numbers_{0};   // of children
  atomic<std::uint64_t> word_{body};   // E1
  atomic<waiter*> sleeper_{nullptr};   // the one that the last child wakes; ordered by E1
  short_lock lock_;
  std::size_t running_ = 0;            // children that have a turn, if there is a limit
  scope_child* next_ = nullptr;        // of those that wait for theirs
  scope_child* last_ = nullptr;
  scope_child* failed_ = nullptr;      // the newest
  bool has_failed_ = false;
  child_results results_;
};

/// Who has come in: goes out at its end, unless a child does in its place.
class scope_place {
 public:
  explicit scope_place(scope_state& s) noexcept : in_(s.enter() ? &s : nullptr) {}
  scope_place(const scope_place&) = delete;
  scope_place& operator=(const scope_place&) = delete;
  ~scope_place() {
    if (in_ == nullptr) return;
    if (has_turn_) in_->end_turn();
    in_->leave();
  }

  /// Whether it has: else the scope has ended.
  [[nodiscard]] bool is_in() const noexcept { return in_ != nullptr; }
  /// Takes a turn for the child. False: there is none.
  [[nodiscard]] bool take_turn() noexcept { return has_turn_ = in_->take_turn(); }
  /// Starts a task as a child, at once or when there is a turn for it; `t` is empty then. Throws as launch_task(), with nothing changed.
  /// The child may be gone already, if nobody has a reference.
  template <class T>
  child_root<T>* start(task<T>& t, std::string_view name, const char* call, child_of whose) {
    auto* const c = hand_over(t, call, [&](frame* first) { return make_child<T>(first, name, call, whose); });
    in_ = nullptr;
    return c;
  }

 private:
  template <class T>
  child_root<T>* make_child(frame* first, std::string_view name, const char* call, child_of whose) {
    auto* const c = make_root<child_root<T>>(in_->home(), first, name, call, *in_, whose);
    if (whose == child_of::its_results) in_->results().expect();
    if (!has_turn_) has_turn_ = in_->take_turn_or_wait(*c, first);
    if (!has_turn_ || submit(*c, first)) return c;
    if (whose == child_of::its_results) in_->results().give(nullptr);
    refuse_root(*c, call);
  }

  scope_state* in_;
  bool has_turn_ = false;
};

}  // namespace weft::detail

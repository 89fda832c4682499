// SPDX-License-Identifier: Apache-2.0
//
// The top of a chain of tasks: what spawn, sync_wait and run hang a task below. It starts like a frame; its resume is the
// completion. Two references: the running task's, and that of whoever waits for the result.
//
// Edges
//   E1  done     the exchange of `joiner` by the completing thread (release) -> the load or exchange that finds it done
//                (acquire): the result is seen. The other way round: the waiter is linked (release) -> found (acquire).
//   E2  thread   the exchange of `done` (release) -> its load by a waiting thread (acquire).
//   E3  last     every drop of a reference (release) -> the last one (acquire), which frees.
//   E4  passed   the completing thread leaves a waiter that was cancelled before (release) -> its frame goes on (acquire).
//
// Checked   tests/unit/spawn_test.cpp, tests/unit/sync_wait_test.cpp, tests/model/root_model.cpp, tests/model/future_model.cpp
#pragma once

#include "weft/detail/context.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/failures.hpp"
#include "weft/detail/join.hpp"
#include "weft/detail/local_value.hpp"
#include "weft/detail/waiter.hpp"
#include "weft/errors.hpp"

#include <cstddef>
#include <exception>
#include <new>
#include <string_view>
#include <utility>

namespace weft::detail {

/// Everything of a root but its result.
struct root : homed_frame {
  static constexpr std::size_t name_bytes = 40;

  atomic<std::uint32_t> references{2};   // E3
  atomic<std::uint32_t> done{running};   // futex word of a waiting thread: E2
  atomic<waiter*> joiner{nullptr};       // E1; finished_mark once it has ended
  atomic<bool> ended{false};             // leaves the scheduler's lists in finite time, whatever happens
  std::exception_ptr failure;            // written before it is told, read after
  std::uint64_t home_number = 0;         // with its place: tells whether `home` still lives
  std::uint16_t home_place = 0;
  bool failure_seen = false;
  bool has_value = false;
  unsigned shard = 0;                    // of the registry, see scheduler/registry.hpp
  root* previous = nullptr;
  root* next = nullptr;
  void (*deliver)(root&) noexcept = nullptr;   // told first, on the completing worker; null: nobody
  void (*discard)(root&) noexcept = nullptr;   // destroys the result and gives the memory back
  context level{nullptr, this};                // of the task and all below it
  held_locals locals;                          // of the level: those of the spawning task
  char name[name_bytes] = {};

  enum : std::uint32_t { running, awaited, finished };  // of `done`: awaited once a thread may sleep on it
  static inline waiter* const finished_mark = reinterpret_cast<waiter*>(1);

  root() noexcept;
  [[nodiscard]] bool is_done() const noexcept { return joiner.load(acquire) == finished_mark; }  // E1
};

/// With its result. `Base`: root, or what derives from it.
template <class T, class Base = root>
struct root_of : Base {
  using Base::Base;

  slot<T> value;
};

/// Enters `r` among the live roots of `home`. Throws scheduler_stopped, and usage_error in a forked child.
void enlist(root& r, arena* home, const char* call);

/// The end of a root: tells whoever waits, leaves the scheduler, gives up the task's reference.
void complete(root& r) noexcept;

/// Hangs the frame of a task below `r` and accepts it at `home`. Throws scheduler_stopped, and then nothing has changed.
void accept(root& r, arena* home, void* place, frame* task_frame, const char* call);

/// Makes an accepted root's task ready. False: the scheduler has closed since; the caller still owns both.
[[nodiscard]] bool submit(root& r, frame* task_frame) noexcept;

/// Takes an accepted root back.
void withdraw(root& r) noexcept;

/// Links the one waiter of a root. False: it is done, do not wait. On true nothing of the waiting frame may be touched.
[[nodiscard]] bool link_joiner(root& r, waiter& w) noexcept;

/// The same for one that has been begun as a cancellable wait. False: it has ended, one way or the other.
[[nodiscard]] bool link_cancellable(root& r, waiter& w) noexcept;

/// Unlinks a wait that was cancelled. True: the root has ended all the same, and nothing is lost.
[[nodiscard]] bool unlink_joiner(root& r, waiter& w) noexcept;

/// Gives up a reference; the last one frees.
void drop(root* r) noexcept;
struct drop_root {
  void operator()(root* r) const noexcept { drop(r); }
};

/// Waits on this thread, no worker, until the root is done; false: `nanoseconds` have passed. Negative: for ever. Where this thread plays
/// the home of the root, it does so, and throws deadlock_error, std::bad_alloc.
bool wait_for(root& r, std::int64_t nanoseconds);

/// What becomes of a failure that nobody takes and no hook is there for: one line on stderr.
void print_unhandled(const std::exception_ptr& failure, const char* name) noexcept;

/// The scheduler of this worker. Throws usage_error on other threads.
arena* home_of_worker(const char* call);

/// Throws scheduler_stopped naming the call.
[[noreturn]] WEFT_COLD_THROWS void refuse(const char* call);

/// Destroys the result, if there is one, and gives the memory back.
template <class Root>
void discard_root(root& r) noexcept {
  auto& whole = static_cast<Root&>(r);
  if (r.has_value) destroy_value(whole.value);
  whole.~Root();
  release_frame(&whole, sizeof(Root));
}

/// Copies what fits of a name.
inline void set_name(root& r, std::string_view name) noexcept { name.copy(r.name, root::name_bytes - 1); }

/// A new root of `task_frame`, accepted at `home` and not submitted yet. Throws scheduler_stopped, std::bad_alloc, and what the root's
/// construction throws, with nothing changed. `Root` derives from root_of<T>.
template <class Root, class... Arguments>
Root* make_root(arena* home, frame* task_frame, std::string_view name, const char* call, Arguments&&... arguments) {
  void* const block = allocate_frame(sizeof(Root));
  Root* r = nullptr;
  try {
    r = ::new (block) Root(std::forward<Arguments>(arguments)...);
  } catch (...) {
    release_frame(block, sizeof(Root));
    throw;
  }
  r->discard = &discard_root<Root>;
  set_name(*r, name);
  try {
    accept(*r, home, &r->value, task_frame, call);
  } catch (...) {
    discard_root<Root>(*r);
    throw;
  }
  return r;
}

/// Takes back a root that was made and could not be submitted, and says so: throws scheduler_stopped.
template <class Root>
[[noreturn]] void refuse_root(Root& r, const char* call) {
  withdraw(r);
  discard_root<Root>(r);
  refuse(call);
}

/// Starts `task_frame` below a new root. Takes the frame only on success: throws as make_root().
template <class Root, class... Arguments>
Root* launch(arena* home, frame* task_frame, std::string_view name, const char* call, Arguments&&... arguments) {
  Root* const r = make_root<Root>(home, task_frame, name, call, std::forward<Arguments>(arguments)...);
  if (!submit(*r, task_frame)) refuse_root(*r, call);
  return r;
}

/// Moves the value out of a slot that has one.
template <class T>
T take_from(slot<T>& s) {
  if constexpr (std::is_reference_v<T>)
    return *s.value;
  else if constexpr (!std::is_void_v<T>)
    return std::move(s.value);
}

/// Takes the value of a finished root, or throws its failure.
template <class T>
T take_value(root_of<T>& r) {
  if (r.failure != nullptr) {
    r.failure_seen = true;
    std::rethrow_exception(std::exchange(r.failure, nullptr));
  }
  return take_from(r.value);
}

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
//
// Joins over a number of tasks known only at run time: when_all and when_all_ready of a vector, fork_join without a bound.
//
// The slots are on the heap, too far from the awaiting frame for a child to name its slot by a distance. So they stand in
// chunks that start like a frame: a chunk is the parent of its children, and a child of the awaiting frame.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/failures.hpp"
#include "weft/detail/join.hpp"
#include "weft/fork_join.hpp"
#include "weft/result.hpp"
#include "weft/task.hpp"
#include "weft/when_all.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft {

namespace detail {

/// A frame of ours between the awaiting frame, which resumes at its home, and up to some thousands of children.
struct join_chunk : homed_frame {
  join_chunk() noexcept;

  /// Hangs the chunk below the awaiting frame, as one of `chunks`.
  void open(frame* parent, std::size_t chunks, arena* parent_home) noexcept;
};

/// The slots of up to `most` children, behind their chunk in one allocation, so that a distance reaches them.
template <class T>
class chunk_of : public join_chunk {
 public:
  static constexpr std::size_t most = std::min<std::size_t>(join_state::most_children, (farthest_slot - 256) / sizeof(slot<T>));

  struct deleter {
    void operator()(chunk_of* c) const noexcept {
      c->~chunk_of();
      ::operator delete(static_cast<void*>(c), std::align_val_t{alignment});
    }
  };
  using pointer = std::unique_ptr<chunk_of, deleter>;

  /// Throws std::bad_alloc.
  static pointer make(std::size_t count) {
    static_assert(most > 0, "a result of a join is smaller than 512 KiB");
    void* const memory = ::operator new(slots_at + count * sizeof(slot<T>), std::align_val_t{alignment});
    auto* made = ::new (memory) chunk_of(count);
    for (slot<T>& s : *made) ::new (static_cast<void*>(&s)) slot<T>();
    return pointer(made);
  }
  [[nodiscard]] slot<T>* begin() noexcept { return reinterpret_cast<slot<T>*>(reinterpret_cast<char*>(this) + slots_at); }
  [[nodiscard]] slot<T>* end() noexcept { return begin() + count_; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

 private:
  static constexpr std::size_t alignment = std::max<std::size_t>(alignof(slot<T>), 16);
  static constexpr std::size_t slots_at = (sizeof(join_chunk) + 8 + alignment - 1) / alignment * alignment;
  explicit chunk_of(std::size_t count) noexcept : count_(count) {}
  std::size_t count_;
};

/// What a vector of results of T holds for each; void has no vector.
template <class T>
using in_vector = std::conditional_t<std::is_reference_v<T>, std::reference_wrapper<std::remove_reference_t<T>>, T>;

/// The start of a join over a vector of tasks, and its failures.
template <class T>
class range_join : public weft_awaiter {
 public:
  range_join(const char* call, std::vector<task<T>>&& tasks) : call_(call) {
    require_all(tasks);
    tasks_ = std::move(tasks);
  }
  range_join(const range_join&) = delete;
  range_join& operator=(const range_join&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return tasks_.empty(); }

  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) {
    static_assert(std::derived_from<Promise, frame_head>, "only weft coroutines can await a join");
    require_fresh();
    make_chunks();
    return transfer(start(frame_of(awaiting)));
  }

 protected:
  explicit range_join(const char* call) noexcept : call_(call) {}
  [[nodiscard]] std::size_t size() const noexcept { return tasks_.size(); }

  /// An await that threw before it started a child may be repeated; no other.
  void require_fresh() const {
    if (started_) [[unlikely]]
      refuse_again();
  }

  /// Makes the tasks `make(0)` to `make(count - 1)` this join's: all of them, or none if something is thrown.
  template <class Make>
  void make_tasks(std::size_t count, Make& make) {
    std::vector<task<T>> made;
    made.reserve(count);
    for (std::size_t i = 0; i < count; ++i) made.push_back(make(i));
    require_all(made);
    tasks_ = std::move(made);
  }

  /// The failures of all children, taken off the chunks.
  [[nodiscard]] failure_list failures() noexcept {
    failure_list all;
    for (auto& c : chunks_)
      if (has_failures(c.get())) all.take_from(c.get());
    return all;
  }

  /// At its end, however that comes: destroys all values, and the chunks.
  struct cleared_after {
    range_join& self;
    const failure_list& failures;
    ~cleared_after() {
      failure_cursor at(failures);
      for (auto& c : self.chunks_) destroy_values(at, c->begin(), c->size());
      self.chunks_.clear();
    }
  };

  /// Calls f(slot) for each child in order.
  template <class F>
  void each(F f) {
    for (auto& c : chunks_)
      for (slot<T>& s : *c) f(s);
  }

  /// The results of children none of which failed; else throws.
  auto values() {
    const failure_list failed = failures();
    const cleared_after clear_after{*this, failed};
    if (!failed.is_empty()) failed.throw_all();
    if constexpr (!std::is_void_v<T>) {
      std::vector<in_vector<T>> all;
      all.reserve(tasks_.size());
      each([&](slot<T>& s) { all.push_back(static_cast<T&&>(value_in(s))); });
      return all;
    }
  }

 private:
  void require_all(const std::vector<task<T>>& tasks) const {
    for (const task<T>& t : tasks) expects(!t.is_empty(), call_, "a task is empty: it was moved from, awaited or spawned before");
  }

  [[noreturn]] WEFT_COLD_THROWS void refuse_again() const { reject((std::string("co_await ") + call_).c_str(), "it was awaited before"); }

  // All of them, or none if memory ends.
  void make_chunks() {
    const std::size_t most = chunk_of<T>::most;
    expects(tasks_.size() <= most * join_state::most_children, call_, "too many tasks for one join");
    std::vector<typename chunk_of<T>::pointer> made;
    made.reserve((tasks_.size() + most - 1) / most);
    for (std::size_t first = 0; first < tasks_.size(); first += most)
      made.push_back(chunk_of<T>::make(std::min(most, tasks_.size() - first)));
    chunks_ = std::move(made);
  }

  // Nothing is published before everything is bound, and nothing throws.
  frame* start(frame* parent) {
    worker& here = current_worker();
    started_ = true;
    expect_children(parent, chunks_.size());
    std::size_t next = 0;
    for (auto& c : chunks_) {
      c->open(parent, chunks_.size(), here.home);
      expect_children(c.get(), c->size());
      const auto total = static_cast<std::uint16_t>(c->size());
      for (slot<T>& s : *c) {
        s.child = task_access::take(tasks_[next++]);
        attach(c.get(), c->head.level, s.child,
               {static_cast<std::uint16_t>(total - 1), total, slot_distance(c.get(), &s, sizeof s), tag::joined});
      }
    }
    frame* const first = chunks_.front()->begin()->child;
    const std::size_t count = tasks_.size();
    auto own = here.ready.as_owner();
    const std::uint64_t b = own.bottom();
    const bool fits = own.has_room(b, count - 1);
    for (auto c = chunks_.rbegin(); c != chunks_.rend(); ++c)
      for (slot<T>* s = (*c)->end(); s != (*c)->begin();) {
        --s;
        if (--next == 0) break;
        if (fits)
          own.put(b + count - 1 - next, s->child);
        else
          fork_full(here, s->child);
      }
    if (fits && count > 1) {
      own.advance(b + count - 1);
      wake_somebody(here);
    }
    return first;
  }

  std::vector<task<T>> tasks_;
  std::vector<typename chunk_of<T>::pointer> chunks_;
  const char* call_;
  bool started_ = false;
};

/// Awaiting it gives the vector of results, or throws.
template <class T>
class when_all_vector : public range_join<T> {
 public:
  using range_join<T>::range_join;
  auto await_resume() { return this->values(); }
};

/// Awaiting it gives a vector of result<T>.
template <class T>
class when_all_ready_vector : public range_join<T> {
 public:
  using range_join<T>::range_join;
  std::vector<result<T>> await_resume() {
    const failure_list failed = this->failures();
    const typename range_join<T>::cleared_after clear_after{*this, failed};
    std::vector<result<T>> all;
    all.reserve(this->size());
    failure_cursor at(failed);
    this->each([&](slot<T>& s) { all.push_back(move_result(at, s)); });
    return all;
  }
};

/// Makes its tasks where the awaiting task suspends.
template <class T, class Make>
class unbounded_fork_join : public range_join<T> {
 public:
  unbounded_fork_join(std::size_t count, Make make) : range_join<T>("fork_join"), count_(count), make_(std::move(make)) {}

  [[nodiscard]] bool await_ready() const noexcept { return count_ == 0; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) {
    this->require_fresh();
    this->make_tasks(count_, make_);
    return range_join<T>::await_suspend(awaiting);
  }
  auto await_resume() { return this->values(); }

 private:
  std::size_t count_;
  Make make_;
};

}  // namespace detail

/// Runs the tasks in parallel and waits for all of them; awaiting it gives a vector of the results in order (of
/// std::reference_wrapper for references; nothing for void). Exceptions, thread rule and home as in when_all(tasks...).
/// Throws usage_error if one is empty; awaiting it throws std::bad_alloc, before any child starts or instead of the results.
/// It is awaited once (else usage_error), but for an await that threw before a child started: that may be repeated.
template <class T>
[[nodiscard]] detail::when_all_vector<T> when_all(std::vector<task<T>> tasks) {
  return detail::when_all_vector<T>("when_all", std::move(tasks));
}

/// The same, giving a vector of result<T>, with no exception of a task.
template <class T>
[[nodiscard]] detail::when_all_ready_vector<T> when_all_ready(std::vector<task<T>> tasks) {
  return detail::when_all_ready_vector<T>("when_all_ready", std::move(tasks));
}

/// Runs the tasks `make(0)` to `make(count - 1)` in parallel, waits for all of them and gives a vector as when_all of a vector
/// does. `make` is called where the awaiting task suspends, on its worker; it is a copy that lives as long as the join.
/// Worker only; resumes at home. Children may borrow the caller's locals, and what `make` holds.
/// Exceptions as in when_all; if `make` throws, no child is started. The await throws usage_error if `make` gives an empty
/// task, std::bad_alloc as when_all(vector) does, and may be repeated as there, which calls `make` again.
/// Uses the heap for the tasks and the results: if the count has a bound, fork_join<N>(count, make) does not.
template <class Make>
[[nodiscard]] auto fork_join(std::size_t count, Make make) {
  return detail::unbounded_fork_join<detail::made_by<Make>, Make>(count, std::move(make));
}

}  // namespace weft

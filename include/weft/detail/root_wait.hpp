// SPDX-License-Identifier: Apache-2.0
//
// A task's wait for the end of a root, whatever that gives: what awaiting a handle is made of.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/cancel_node.hpp"
#include "weft/detail/context.hpp"
#include "weft/detail/root.hpp"
#include "weft/detail/worker.hpp"

#include <concepts>
#include <coroutine>
#include <source_location>
#include <utility>

namespace weft::detail {

/// A handle's reference to a root, or none any more.
class root_reference {
 public:
  explicit root_reference(root* r) noexcept : root_(r) {}
  root_reference(root_reference&& other) noexcept : root_(std::exchange(other.root_, nullptr)) {}
  root_reference& operator=(root_reference&& other) noexcept {
    std::swap(root_, other.root_);
    return *this;
  }
  ~root_reference() {
    if (root_ != nullptr) drop(root_);
  }

  /// The root. Throws usage_error if there is none.
  [[nodiscard]] root& get(const char* call) const {
    expects(root_ != nullptr, call, "the handle is empty: it was awaited or moved from");
    return *root_;
  }
  /// The root, and the reference with it. Throws as get().
  [[nodiscard]] root* take(const char* call) {
    static_cast<void>(get(call));
    return std::exchange(root_, nullptr);
  }

 private:
  root* root_;
};

/// Owns the reference of whoever waits.
class root_wait : public weft_awaiter {
 public:
  root_wait(root* r, std::source_location where) noexcept : root_(r) {
    wait_.what = "a task";
    wait_.name = r->name;
    wait_.where = where;
  }
  root_wait(const root_wait&) = delete;
  root_wait& operator=(const root_wait&) = delete;
  ~root_wait() { drop(root_); }

  [[nodiscard]] bool await_ready() const noexcept { return root_->is_done() && charge(current_worker()); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    static_assert(std::derived_from<Promise, frame_head>,
                  "only weft coroutines can await the handle of a task; elsewhere take a std::future, see weft::spawn_future");
    worker& here = current_worker();
    wait_.is_external = root_->home != here.home;
    if (begin_cancellable_wait(wait_, frame_of(awaiting)) && link_cancellable(*root_, wait_)) return true;
    return let_others_run(here, frame_of(awaiting));
  }

 protected:
  /// The root, once it has ended. Throws operation_cancelled if the wait was cancelled before that.
  root& ended(const char* call) {
    end_wait(wait_);
    leave_wait(wait_);
    const std::uint32_t became = wait_.state.load(relaxed);  // made ready, or never asleep
    if (became == waiter::signalled || became == waiter::waiting) [[likely]]  // the latter: it never began
      return *root_;
    if (!unlink_joiner(*root_, wait_)) throw cancellation_of(wait_, call);
    return *root_;
  }

 private:
  root* root_;
  waiter wait_;
};

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
// An event that tasks wait for in a cancel node: the least that a wait can be which two can end.
#pragma once

#include <weft/awaitable.hpp>
#include <weft/detail/cancel_node.hpp>
#include <weft/detail/worker.hpp>

#include <coroutine>
#include <cstddef>
#include <mutex>
#include <vector>

namespace weft::test {

class cancellable_event {
 public:
  class awaiter : public detail::weft_awaiter {
   public:
    awaiter(cancellable_event& at, detail::cancel_node& in) noexcept : at_(at), in_(in) { wait_.what = "a cancellable event"; }
    awaiter(const awaiter&) = delete;
    awaiter& operator=(const awaiter&) = delete;
    ~awaiter() = default;

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiting) {
      wait_.state.store(detail::waiter::arming, detail::relaxed);  // ours
      detail::begin_wait(wait_, detail::frame_of(awaiting));
      return detail::enter_wait(wait_, in_) && at_.admit(wait_) && detail::settle_wait(wait_);
    }
    /// Whether it was set; else the wait was cancelled.
    bool await_resume() {
      at_.forget(wait_);
      detail::leave_wait(wait_);
      detail::end_wait(wait_);
      return wait_.state.load(detail::relaxed) == detail::waiter::signalled;  // made ready, or never asleep
    }

   private:
    cancellable_event& at_;
    detail::cancel_node& in_;
    detail::waiter wait_;
  };

  /// Waits until it is set, or `in` is cancelled: true, or false.
  [[nodiscard]] awaiter wait(detail::cancel_node& in) noexcept { return {*this, in}; }

  /// Sets it for good. Any thread.
  void set() {
    struct sleeping {
      detail::frame* who;
      detail::arena* home;
    };
    std::vector<sleeping> ready;
    {
      const std::scoped_lock hold(lock_);
      is_set_ = true;
      for (detail::waiter* const w : waits_)
        if (detail::end_as(*w, detail::waiter::signalled) == detail::wait_end::asleep) ready.push_back({w->who, w->home});
    }
    for (const sleeping& one : ready) detail::make_ready(one.who, one.home);
  }

  /// How many waits there are.
  [[nodiscard]] std::size_t count() {
    const std::scoped_lock hold(lock_);
    return waits_.size();
  }

 private:
  bool admit(detail::waiter& w) {
    const std::scoped_lock hold(lock_);
    waits_.push_back(&w);
    if (!is_set_) return true;
    static_cast<void>(detail::end_as(w, detail::waiter::signalled));
    return false;
  }
  void forget(detail::waiter& w) {
    const std::scoped_lock hold(lock_);
    std::erase(waits_, &w);
  }

  detail::short_lock lock_;
  std::vector<detail::waiter*> waits_;
  bool is_set_ = false;
};

}  // namespace weft::test

// SPDX-License-Identifier: Apache-2.0
// The thread that wakes tasks from outside. Where its buffer is full, whoever would leave a handle rings for it at once.
#include "stress_ringer.hpp"

#include <algorithm>
#include <utility>

namespace weft::tool::stress {

ringer::ringer(const delays& pauses, ringer_defect planted) : pauses_(pauses), planted_(planted) {
  buffer_.back() = this;
  thread_ = std::thread([this] { work(); });
}

ringer::~ringer() {
  {
    const std::scoped_lock hold(lock_);
    over_ = true;
  }
  has_changed_.notify_one();
  thread_.join();
}

ringer::figures ringer::counted() const noexcept {
  return {left_.load(std::memory_order_relaxed), rung_.load(std::memory_order_relaxed), went_on_.load(std::memory_order_relaxed)};
}

bool ringer::buffer_is_whole() {
  const std::scoped_lock hold(lock_);
  return buffer_.back() == this;
}

void ringer::leave(std::coroutine_handle<> waiting) {
  left_.fetch_add(1, std::memory_order_relaxed);
  const std::size_t bound = planted_ == ringer_defect::writes_past_its_buffer ? capacity + 1 : capacity;
  {
    const std::scoped_lock hold(lock_);
    if (used_ < bound) {
      buffer_[used_++] = waiting.address();
      if (used_ == 1) has_changed_.notify_one();
      return;
    }
  }
  ring_for(waiting.address());
}

void ringer::ring_for(void* waiting) {
  constexpr std::uint64_t forgotten_each = 50;
  const std::uint64_t turn = turns_.fetch_add(1, std::memory_order_relaxed);
  if (planted_ == ringer_defect::forgets_now_and_then && turn % forgotten_each == forgotten_each - 1) return;
  pauses_.at(point::before_ring, turn);
  rung_.fetch_add(1, std::memory_order_relaxed);
  std::coroutine_handle<>::from_address(waiting).resume();
}

void ringer::work() {
  for (;;) {
    std::array<void*, capacity + 1> taken{};
    std::size_t count = 0;
    {
      std::unique_lock hold(lock_);
      has_changed_.wait(hold, [this] { return used_ != 0 || over_; });
      if (used_ == 0) return;
      count = std::exchange(used_, 0);
      std::copy_n(buffer_.begin(), count, taken.begin());
    }
    for (std::size_t i = 0; i < count; ++i) ring_for(taken[i]);
  }
}

}  // namespace weft::tool::stress

// SPDX-License-Identifier: Apache-2.0
//
// What the parts of one parallel algorithm share: whether another grain may begin, and what was thrown.
//
// Parts are tasks that throw nothing: what a grain throws is noted here under the position of the grain, and thrown by the call after the
// last part. So it does not matter how the call was split: one failure arrives as it is, several as one group in the order of positions.
//
// Who touches what
//   ended_      written by any part, once something was thrown or the call is cancelled; read by all before each grain
//   failures_   under the lock; by the call alone after the last part
//   cancel_     written before the first part begins
//
// Edges   None of its own: `ended_` only has to be seen some time, and what the parts wrote is ordered by their join (detail/join.hpp).
// Checked tests/unit/parallel_failure_test.cpp, tests/stress/parallel_stress.cpp
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/cancel_node.hpp"
#include "weft/detail/context.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/short_lock.hpp"
#include "weft/detail/worker.hpp"
#include "weft/parallel_options.hpp"

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <type_traits>
#include <vector>

namespace weft::detail {

/// In the frame of the call, which awaits it once before it starts a part: `co_await call`.
class parallel_call : public weft_awaiter {
 public:
  /// `name`: of the algorithm, for errors.
  explicit parallel_call(const char* name) noexcept : name_(name) {}
  parallel_call(const parallel_call&) = delete;
  parallel_call& operator=(const parallel_call&) = delete;
  ~parallel_call() = default;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> calling) noexcept {
    const context* const level = frame_of(calling)->head.level;
    if (level != nullptr) cancel_ = level->cancel;
    return false;
  }
  void await_resume() const noexcept {}

  /// Whether no other grain is to begin. By a part, before each.
  [[nodiscard]] WEFT_INLINE bool must_end() noexcept {
    if (cancel_ != nullptr && cause_of(*cancel_) != nullptr) [[unlikely]]
      ended_.store(true, relaxed);  // to be seen some time; the join orders it before throw_if_failed()
    return ended_.load(relaxed);    // as above
  }

  /// Notes the current exception as that of the grain at `position`. In a catch of a part.
  WEFT_COLD void fail(std::size_t position) noexcept;

  /// After the last part: throws what was noted; operation_cancelled if grains were left out and nothing else failed.
  void throw_if_failed() {
    if (ended_.load(relaxed)) [[unlikely]]  // ordered by the join of the parts
      throw_failures();
  }

 private:
  struct failure {
    std::size_t position;
    std::exception_ptr thrown;
  };

  [[noreturn]] WEFT_COLD_THROWS void throw_failures();

  const char* name_;
  const cancel_node* cancel_ = nullptr;
  atomic<bool> ended_{false};
  bool lacked_memory_ = false;  // for a note of a failure: under the lock
  short_lock lock_;
  std::vector<failure> failures_;
};

/// Whether all that this worker has offered to others was taken: its deque is empty, so that it is time to offer more. Lazy splitting, as
/// in Tzannes, Caragea, Barua and Vishkin 2010. Worker only.
WEFT_INLINE bool is_hungry() noexcept { return current_worker().ready.as_owner().is_empty(); }

/// Which half of a part that was halved `depth` times this worker keeps as it offers the other: workers begin with different ones. Worker
/// only.
WEFT_INLINE bool keeps_right_half(unsigned depth) noexcept {
  return (std::uint64_t{current_worker().index} >> std::min(depth, 63U) & 1) != 0;
}

/// How a grain keeps a function that it calls for each element: a copy, where that costs nothing, is known not to change meanwhile, and so
/// lets a loop be vectorised.
template <class F>
using kept_function = std::conditional_t<std::is_trivially_copyable_v<F> && sizeof(F) <= 64, const F, const F&>;

/// Iterator plus a number of elements.
template <class Iterator>
WEFT_INLINE Iterator advanced(const Iterator& first, std::size_t i) {
  return first + static_cast<std::iter_difference_t<Iterator>>(i);
}

/// The grain that was given, or 0. Throws usage_error.
inline std::size_t given_grain(const parallel_options& options, const char* call) {
  expects(options.grain != std::size_t{0}, call, "a grain has at least 1 element; leave it out to have it chosen");
  return options.grain.value_or(0);
}

}  // namespace weft::detail

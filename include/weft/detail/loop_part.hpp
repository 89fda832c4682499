// SPDX-License-Identifier: Apache-2.0
//
// A loop that is cut as other workers ask for a share of it.
//
// Shape: a part does its elements in order, grain by grain. Before each it looks whether this worker's deque is empty: then another worker
//   has taken what was offered, or nothing has been, and the part becomes two halves of what it has left, of which one is offered.
// Cost: a look is two loads and a comparison. Parts: about the logarithm of the number of elements, for each time a worker ran out of work.
// Checked: tests/unit/parallel_for_test.cpp, tests/stress/parallel_stress.cpp
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/loop_pace.hpp"
#include "weft/detail/parallel_call.hpp"
#include "weft/detail/sharing_probe.hpp"
#include "weft/task.hpp"
#include "weft/when_all.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace weft::detail {

/// A loop over [0, count): calls `at(i)` for each i, awaiting what it gives if that is awaitable. Borrowed by its parts.
template <class At>
struct shared_loop {
  using given = std::invoke_result_t<const At&, std::size_t>;
  static constexpr bool awaits = awaitable<given>;

  parallel_call call;
  const At at;
  const std::size_t grain;  // as given, or 0

  // Apart from its part, whose frame would come into the loop.
  [[gnu::noinline]] void run_grain(std::size_t first, std::size_t end) noexcept {
    try {
      const kept_function<At> kept = at;
      for (std::size_t i = first; i != end; ++i) static_cast<void>(kept(i));
    } catch (...) {
      call.fail(first);
    }
  }
};

/// Elements of a loop.
struct loop_range {
  std::size_t first;
  std::size_t end;
  unsigned depth;  // how often the loop was halved for them
  std::size_t usual;  // how many take a grain's time, as far as is known
};

/// Does some elements of a loop. A worker that splits them keeps the half that the next bit of its number says, so that one that does the
/// same loop again is likely to get the elements that its cache still holds.
template <class At>
task<> loop_part(shared_loop<At>* loop, loop_range of) {
  loop_pace pace(shared_loop<At>::awaits ? 1 : loop->grain, of.usual, of.end - of.first);
  while (of.first != of.end && !loop->call.must_end()) {
    if (is_hungry() && pace.can_share(of.end - of.first)) {
      const std::size_t middle = pace.middle(of.first, of.end);
      try {
        auto kept = loop_part(loop, loop_range{of.first, middle, of.depth + 1, pace.usual()});
        auto offered = loop_part(loop, loop_range{middle, of.end, of.depth + 1, pace.usual()});
        if (keeps_right_half(of.depth)) kept.swap(offered);
        auto halves = when_all(std::move(kept), std::move(offered));
        co_await halves;
      } catch (...) {
        loop->call.fail(of.first);  // there is no memory for them
      }
      co_return;
    }
    if constexpr (shared_loop<At>::awaits) {
      try {
        static_cast<void>(co_await loop->at(of.first));
        ++of.first;
      } catch (...) {
        loop->call.fail(of.first);
        co_return;
      }
    } else {
      const std::size_t next = pace.next(of.first, of.end);
      loop->run_grain(of.first, next);
      of.first = next;
    }
  }
}

/// Does the first elements, as many as it takes to see that the others are worth offering. Gives the rest.
template <class At>
loop_range begin_alone(shared_loop<At>& loop, std::size_t count) noexcept {
  sharing_probe probe;
  std::size_t done = 0;
  while (done != count && !loop.call.must_end()) {
    const std::size_t next = loop_pace::even(done, probe.next(count - done));
    loop.run_grain(done, next);
    done = next;
    if (done != count && probe.is_worth_it(done, count - done)) break;
  }
  return {done, count, 0, probe.in_time(done, loop_pace::grain_time)};
}

/// The whole of a loop. `grain`: as given, or 0.
template <class At>
task<> run_loop(const char* name, std::size_t count, At at, std::size_t grain) {
  shared_loop<At> loop{parallel_call(name), std::move(at), grain};
  co_await loop.call;
  loop_range left{0, count, 0, 1};
  if constexpr (!shared_loop<At>::awaits)
    if (grain == 0) left = begin_alone(loop, count);
  if (left.first != left.end) co_await loop_part(&loop, left);
  loop.call.throw_if_failed();
}

}  // namespace weft::detail

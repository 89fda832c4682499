// SPDX-License-Identifier: Apache-2.0
// Starts each workload's root task and waits for it from outside the scheduler.
#include "coroutine_runner.hpp"

#include "coroutine_work.hpp"

namespace weft::bench {

template <children Order>
std::uint64_t coroutine_runner<Order>::compute(const fib& work) {
  return sync_wait(pool_, fibonacci<Order>(work.n()));
}

template <children Order>
std::uint64_t coroutine_runner<Order>::compute(const skynet& work) {
  return sync_wait(pool_, sum_of_leaves<Order>(0, work.leaves()));
}

template <children Order>
std::uint64_t coroutine_runner<Order>::compute(const nqueens& work) {
  return work.with_constant_size([this](auto size) { return sync_wait(pool_, placements<Order, size()>(0, {})); });
}

template <children Order>
std::span<const int> coroutine_runner<Order>::compute(matmul& work) {
  sync_wait(pool_, multiply<Order>(work.whole()));
  return work.result();
}

template class coroutine_runner<children::forked>;
template class coroutine_runner<children::in_turn>;

}  // namespace weft::bench

// SPDX-License-Identifier: Apache-2.0
//
// Reductions by all workers, whose result does not depend on how many there are.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/fold.hpp"
#include "weft/parallel_for.hpp"
#include "weft/parallel_options.hpp"
#include "weft/task.hpp"

#include <concepts>
#include <cstddef>
#include <functional>
#include <ranges>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

template <class T, class Range, class Op, class Map>
task<T> reduce_over(Range range, T init, Op op, Map map, leaves cut) {
  const auto first = std::ranges::begin(range);
  co_return co_await run_fold(
      std::move(init), std::move(op), [first, map = std::move(map)](std::size_t i) { return map(*advanced(first, i)); }, cut);
}

/// `Op` joins two values of T.
template <class Op, class T>
concept joins_values = std::movable<T> && std::is_invocable_r_v<T, const Op&, T, T>;

}  // namespace detail

/// `co_await parallel_reduce(0, n, 0.0, std::plus<>(), [&](int i) { return f(i); });` gives `init` joined with `map(i)` of each i in
/// [first, last) by `op`. `op` has to be associative, need not be commutative, and is given what it gave before or a `map(i)` made a T.
/// What is joined with what depends on the number of indices, and on the grain if one is given, alone: so sums of floating-point numbers
/// come out the same on any number of workers. Leaves of up to 4096 indices are joined in order. `map` may return a task.
/// `op` and `map` are called as const, by several workers at once. Thread rule, errors and cancellation as in parallel_for.
template <std::integral First, std::integral Last, class T, class Op, class Map>
  requires detail::joins_values<Op, T> && std::invocable<const Map&, std::common_type_t<First, Last>>
[[nodiscard]] task<T> parallel_reduce(First first, Last last, T init, Op op, Map map, parallel_options options = {}) {
  using index = std::common_type_t<First, Last>;
  return detail::run_fold(
      std::move(init), std::move(op),
      [first = static_cast<index>(first), map = std::move(map)](std::size_t i) { return map(detail::index_at(first, i)); },
      detail::leaves::of(detail::count_between(first, last), options, "parallel_reduce"));
}

/// The same with `map(element)` of each element of a random-access range. An lvalue has to outlive the await.
template <detail::parallel_range Range, class T, class Op, class Map>
  requires detail::joins_values<Op, T> && std::invocable<const Map&, std::ranges::range_reference_t<Range>>
[[nodiscard]] task<T> parallel_reduce(Range&& range, T init, Op op, Map map, parallel_options options = {}) {
  const auto cut = detail::leaves::of(static_cast<std::size_t>(std::ranges::size(range)), options, "parallel_reduce");
  return detail::reduce_over(std::views::all(std::forward<Range>(range)), std::move(init), std::move(op), std::move(map), cut);
}

/// The same with the elements themselves.
template <detail::parallel_range Range, class T, class Op = std::plus<>>
  requires detail::joins_values<Op, T>
[[nodiscard]] task<T> parallel_reduce(Range&& range, T init, Op op = {}, parallel_options options = {}) {
  return parallel_reduce(std::forward<Range>(range), std::move(init), std::move(op), std::identity(), options);
}

}  // namespace weft

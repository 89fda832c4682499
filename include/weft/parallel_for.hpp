// SPDX-License-Identifier: Apache-2.0
//
// Loops whose elements are done by all workers: over an index space, over a range, and from one range into another.
#pragma once

#include "weft/detail/loop_part.hpp"
#include "weft/parallel_options.hpp"
#include "weft/task.hpp"

#include <concepts>
#include <cstddef>
#include <iterator>
#include <ranges>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

template <class R>
concept parallel_range = std::ranges::random_access_range<R> && std::ranges::sized_range<R>;

/// How many indices there are in [first, last), none if it is the wrong way round.
template <std::integral First, std::integral Last>
constexpr std::size_t count_between(First first, Last last) noexcept {
  return std::cmp_less(first, last) ? static_cast<std::size_t>(last) - static_cast<std::size_t>(first) : 0;
}

template <std::integral Index>
constexpr Index index_at(Index first, std::size_t i) noexcept {
  return static_cast<Index>(static_cast<std::size_t>(first) + i);
}

template <class Range, class Body>
task<> run_over(Range range, Body body, std::size_t grain) {
  const auto first = std::ranges::begin(range);
  co_await run_loop(
      "parallel_for_each", std::ranges::size(range), [first, body = std::move(body)](std::size_t i) { return body(*advanced(first, i)); },
      grain);
}

template <class Range, class Out, class F>
task<Out> run_transform(Range range, Out out, F f, std::size_t grain) {
  const auto first = std::ranges::begin(range);
  const std::size_t count = std::ranges::size(range);
  co_await run_loop(
      "parallel_transform", count, [first, out, f = std::move(f)](std::size_t i) { *advanced(out, i) = f(*advanced(first, i)); }, grain);
  co_return advanced(out, count);
}

}  // namespace detail

/// `co_await parallel_for(0, n, [&](int i) { .. });` calls `body(i)` for each i in [first, last), on all workers, and waits for all of
/// them. The type of i is that to which both ends convert. `body` is called as const, by several workers at once; in which order, is not
/// said. It may return a task, or anything awaitable, which is awaited: those that a worker has taken together run one after the other. It
/// is kept until the end, and may borrow the caller's locals. Worker only; resumes at home. If bodies throw, calls that have begun end, no
/// others begin, and one failure arrives as it is, several as an exception_group in the order of indices. If what it runs under is
/// cancelled before all are done, throws operation_cancelled; it looks once a grain. Throws usage_error at once for a grain of 0;
/// std::bad_alloc.
template <std::integral First, std::integral Last, class Body>
  requires std::invocable<const Body&, std::common_type_t<First, Last>>
[[nodiscard]] task<> parallel_for(First first, Last last, Body body, parallel_options options = {}) {
  using index = std::common_type_t<First, Last>;
  return detail::run_loop(
      "parallel_for", detail::count_between(first, last),
      [first = static_cast<index>(first), body = std::move(body)](std::size_t i) { return body(detail::index_at(first, i)); },
      detail::given_grain(options, "parallel_for"));
}

/// The same for [0, count).
template <std::integral Index, class Body>
  requires std::invocable<const Body&, Index>
[[nodiscard]] task<> parallel_for(Index count, Body body, parallel_options options = {}) {
  return parallel_for(Index{0}, count, std::move(body), options);
}

/// Calls `body(element)` for each element of a random-access range, otherwise as parallel_for. An lvalue has to outlive the await.
template <detail::parallel_range Range, class Body>
  requires std::invocable<const Body&, std::ranges::range_reference_t<Range>>
[[nodiscard]] task<> parallel_for_each(Range&& range, Body body, parallel_options options = {}) {
  return detail::run_over(std::views::all(std::forward<Range>(range)), std::move(body), detail::given_grain(options, "parallel_for_each"));
}

/// Assigns `f(element)` of each element of a random-access range to where `out` and its successors point, and gives the end of what was
/// written; otherwise as parallel_for, but that `f` gives values, not tasks. `out` may be the range's begin.
template <detail::parallel_range Range, std::random_access_iterator Out, class F>
  requires std::invocable<const F&, std::ranges::range_reference_t<Range>>
[[nodiscard]] task<Out> parallel_transform(Range&& range, Out out, F f, parallel_options options = {}) {
  return detail::run_transform(std::views::all(std::forward<Range>(range)), std::move(out), std::move(f),
                               detail::given_grain(options, "parallel_transform"));
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
//
// await_range: a coroutine yields what a range has, as Python's does that awaits an object whose __await__ is an iterator.
#pragma once

#include "weft/detail/generator_await.hpp"

#include <ranges>
#include <string_view>
#include <utility>

namespace weft {

/// What await_range gives: for one co_await.
template <std::ranges::input_range Range>
class [[nodiscard]] awaited_range {
 public:
  /// Of a range, and its name.
  awaited_range(Range&& range, std::string_view type) : range_(std::forward<Range>(range)), type_(type) {}

  /// For a body.
  template <class Y, class S, class Node>
  auto protocol_await(Node& by) && {
    return detail::range_awaiter<Node, Y, S, Range>(by, std::forward<Range>(range_), type_);
  }

 private:
  Range range_;
  std::string_view type_;
};

/// `co_await await_range(r)` in a coroutine or generator_coroutine yields each element of `r`, made a Y; it gives nothing. What is thrown
/// is thrown at the await; a value sent (other than a None) is an attribute_error there, "'<type>' object has no attribute 'send'".
/// An lvalue has to outlive the await. `type`, which has to as well, names the range in errors and reports.
template <std::ranges::input_range Range>
awaited_range<Range> await_range(Range&& r, std::string_view type = "range_iterator") {
  return awaited_range<Range>(std::forward<Range>(r), type);
}

}  // namespace weft

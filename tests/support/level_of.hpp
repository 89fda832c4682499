// SPDX-License-Identifier: Apache-2.0
// A level of a cancel node that is there before and after it.
#pragma once

#include <weft/cancellation.hpp>
#include <weft/detail/cancel_node.hpp>

#include <coroutine>

namespace weft::test {

class level_of : public detail::opened_level {
 public:
  explicit level_of(detail::cancel_node& n) noexcept : node_(n) {}

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> opening) noexcept {
    opened_level::await_suspend(opening);
    level().cancel = &node_;
    return false;
  }

 private:
  detail::cancel_node& node_;
};

}  // namespace weft::test

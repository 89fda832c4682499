// SPDX-License-Identifier: Apache-2.0
//
// What a body awaits that is no coroutine: an object with a handle, driven a step each.
#pragma once

#include "c_object.hpp"
#include "weft/detail/generator_await.hpp"

#include <exception>
#include <string>
#include <utility>

namespace weft::coro {

/// An object as what an await drives: to an iterator that cannot throw or close nothing is done. Whoever awaits it has a reference.
class c_delegate {
 public:
  explicit c_delegate(weft_coro_object* iterator) noexcept : iterator_(iterator) {}

  c_result send(c_value in = {}) const { return c_pinned(iterator_, "await")->send(std::move(in)); }
  c_result throw_(std::exception_ptr thrown) const {
    const c_pinned iterator(iterator_, "await");
    if (!iterator->can(WEFT_CORO_CAN_THROW)) std::rethrow_exception(std::move(thrown));
    return iterator->raise(std::move(thrown));
  }
  void close() const {
    const c_pinned iterator(iterator_, "await");
    if (iterator->can(WEFT_CORO_CAN_CLOSE)) iterator->close();
  }
  [[nodiscard]] std::string name() const { return c_pinned(iterator_, "await")->type_name(); }

  /// For a body.
  template <class Y, class S, class Node>
  [[nodiscard]] auto protocol_await(Node& by) && {
    return detail::duck_awaiter<Node, Y, S, c_value, c_delegate>(by, std::move(*this));
  }

 private:
  weft_coro_object* iterator_;
};

}  // namespace weft::coro

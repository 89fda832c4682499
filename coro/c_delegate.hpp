// SPDX-License-Identifier: Apache-2.0
//
// What a body awaits that is no coroutine: an object with a handle, driven a step each.
#pragma once

#include "c_object.hpp"
#include "weft/detail/coro_node.hpp"
#include "weft/detail/coro_promise.hpp"

#include <coroutine>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace weft::coro {

/// Drives an object for the coroutine that awaits it.
class c_delegate_awaiter final : public detail::awaited {
 public:
  c_delegate_awaiter(detail::coro_node& by, weft_coro_object* iterator) noexcept : by_(by), iterator_(iterator) {}
  c_delegate_awaiter(const c_delegate_awaiter&) = delete;
  c_delegate_awaiter& operator=(const c_delegate_awaiter&) = delete;

  bool send(detail::coro_node& by) override {
    void* const sent = by.root.load(relaxed)->sent;  // ours
    return pass_on(c_pinned(iterator_, "await")->send(sent == nullptr ? c_value() : std::move(*static_cast<c_value*>(sent))), by);
  }
  bool raise(detail::coro_node& by, std::exception_ptr thrown) override {
    const c_pinned iterator(iterator_, "await");
    if (!iterator->can(WEFT_CORO_CAN_THROW)) std::rethrow_exception(std::move(thrown));
    return pass_on(iterator->raise(std::move(thrown)), by);
  }
  void close() override {
    const c_pinned iterator(iterator_, "await");
    if (iterator->can(WEFT_CORO_CAN_CLOSE)) iterator->close();
  }
  [[nodiscard]] detail::awaited_kind kind() const noexcept override { return detail::awaited_kind::range; }
  [[nodiscard]] std::string name() const override { return c_pinned(iterator_, "await")->type_name(); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<>) {
    if (!pass_on(c_pinned(iterator_, "await")->send(c_value()), by_)) return false;
    by_.awaiting = by_.driven = this;
    return true;
  }
  c_value await_resume() {
    by_.awaiting = nullptr;
    if (by_.root.load(relaxed)->thrown) detail::rethrow_thrown(by_);  // ours
    return std::move(value_);
  }

 private:
  /// Whether it yielded, to by's root.
  bool pass_on(c_result result, detail::coro_node& by) {
    const bool has_yielded = result.is_yielded();
    value_ = has_yielded ? std::move(result).yielded() : std::move(result).returned();
    if (has_yielded) by.root.load(relaxed)->yielded = std::addressof(value_);  // ours
    return has_yielded;
  }

  detail::coro_node& by_;
  weft_coro_object* iterator_;  // borrowed: whoever awaits it has a reference
  c_value value_;  // yielded, or returned
};

/// Awaits the object, an iterator to which the body has a reference.
class c_delegate {
 public:
  explicit c_delegate(weft_coro_object* iterator) noexcept : iterator_(iterator) {}

  template <class Y, class S>
  [[nodiscard]] c_delegate_awaiter protocol_await(detail::coro_node& by) && {
    return {by, iterator_};
  }

 private:
  weft_coro_object* iterator_;
};

}  // namespace weft::coro

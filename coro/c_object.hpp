// SPDX-License-Identifier: Apache-2.0
//
// The objects of the C interface: coroutines, views of them, generator-based ones (c_generator.hpp), objects of the program's own, and
// proxies of those.
#pragma once

#include "c_things.hpp"
#include "weft/c_wrap.hpp"

#include <exception>
#include <memory>
#include <string>
#include <utility>

/// What kind of object one is: named as Python names it.
struct weft_coro_type {
  const char* name;
};

namespace weft::coro {

class c_frame;
class c_generator;
using c_calls = coroutine_calls<c_value, c_value, c_value>;
using c_result = c_calls::result;
using c_object_reference = c_reference<weft_coro_object>;

/// An object. What one cannot do is an error that says so.
class c_object : public c_thing {
 public:
  [[nodiscard]] virtual const weft_coro_type& type() const noexcept = 0;
  [[nodiscard]] virtual std::string type_name() const { return type().name; }
  [[nodiscard]] virtual bool can(weft_coro_ability ability) const = 0;

  virtual c_result send(c_value in) = 0;
  virtual c_result raise(std::exception_ptr thrown) = 0;
  virtual void close() = 0;
  /// What drives it as an awaiter would. `self`: its handle.
  virtual c_object_reference await(weft_coro_object* self);

  /// Of a coroutine and its views: what they share; null for others.
  [[nodiscard]] virtual c_calls* calls() noexcept { return nullptr; }
  /// Of a generator-based coroutine: itself; null for others.
  [[nodiscard]] virtual c_generator* generator() noexcept { return nullptr; }
  /// Of one with a body in C: that.
  [[nodiscard]] virtual const c_frame* body() const noexcept { return nullptr; }
};

/// A coroutine, which is awaited in its awaiter's chain.
class c_native final : public c_object {
 public:
  c_native(c_coroutine coroutine, std::shared_ptr<c_frame> body) noexcept : coroutine_(std::move(coroutine)), body_(std::move(body)) {}

  [[nodiscard]] const weft_coro_type& type() const noexcept override { return weft_coro_coroutine_type; }
  [[nodiscard]] bool can(weft_coro_ability ability) const override { return ability != WEFT_CORO_CAN_NEXT; }
  c_result send(c_value in) override { return coroutine_.send(std::move(in)); }
  c_result raise(std::exception_ptr thrown) override { return coroutine_.throw_(std::move(thrown)); }
  void close() override { coroutine_.close(); }
  c_object_reference await(weft_coro_object* self) override;
  [[nodiscard]] c_calls* calls() noexcept override { return &coroutine_; }
  [[nodiscard]] const c_frame* body() const noexcept override { return body_.get(); }

  /// The coroutine once more, to be awaited.
  [[nodiscard]] c_coroutine shared() const;

 private:
  c_coroutine coroutine_;
  std::shared_ptr<c_frame> body_;  // null: it is written in C++
};

/// Makes a coroutine an object; `body` may be null. Closes it if that fails. Throws std::bad_alloc.
[[nodiscard]] weft_coro_object* make_native(c_coroutine coroutine, std::shared_ptr<c_frame> body, const char* name = nullptr,
                                            const char* qualname = nullptr);

/// Makes `awaited`, which is no coroutine, the iterator that drives it: `await` of it. Throws type_error if it cannot be awaited.
void become_iterator(c_object_reference& awaited);

}  // namespace weft::coro

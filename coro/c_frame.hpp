// SPDX-License-Identifier: Apache-2.0
//
// Bodies written in C: a step function with its state, and the coroutine that calls it.
#pragma once

#include "c_object.hpp"
#include "c_things.hpp"
#include "weft/generator_coroutine.hpp"

#include <exception>
#include <memory>
#include <utility>

namespace weft::coro {

/// What one step gave: WEFT_CORO_NEXT, WEFT_CORO_RETURN or WEFT_CORO_AWAIT.
struct c_step {
  int result;
  c_value value;
  c_object_reference awaited;
};

/// A step function and its state. The coroutine that runs it and the object of that share it; the state goes with the body.
class c_frame final : public c_thing {
 public:
  c_frame(const weft_coro_frame_ops& ops, void* state) noexcept : ops_(ops), state_(state) {}
  ~c_frame() override { finish(); }

  /// Runs the body on, with what was sent or thrown, and takes that. Throws what it raises, and usage_error if it breaks the rules.
  [[nodiscard]] c_step step(c_value& in, std::exception_ptr& thrown);

  /// The body is over: its state goes. Nothing, the second time.
  void finish() noexcept;

  [[nodiscard]] const char* name() const noexcept { return ops_.name == nullptr ? "coroutine" : ops_.name; }

  /// What it awaits, or null. Any thread: whoever reads it takes it for a handle that may have gone.
  [[nodiscard]] weft_coro_object* awaiting() const noexcept { return awaiting_.load(relaxed); }  // the table says what it is worth
  void set_awaiting(weft_coro_object* awaited) noexcept { awaiting_.store(awaited, relaxed); }   // same

 private:
  [[noreturn]] void reject_step(const std::string& what) const;

  weft_coro_frame_ops ops_;
  void* state_;
  atomic<weft_coro_object*> awaiting_{nullptr};  // written by the body, read by weft_coro_get_await
};

/// A generator-based coroutine as C drives it.
using c_generator_coroutine = generator_coroutine<c_value, c_value, c_value>;

/// A coroutine that runs `frame` and ends it as it ends.
[[nodiscard]] c_coroutine run_frame(std::shared_ptr<c_frame> frame);
/// The same, generator-based.
[[nodiscard]] c_generator_coroutine run_frame_as_generator(std::shared_ptr<c_frame> frame);

}  // namespace weft::coro

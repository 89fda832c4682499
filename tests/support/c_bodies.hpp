// SPDX-License-Identifier: Apache-2.0
//
// Bodies and objects that tests of the C interface share, made of functions of C++, and what a call gives, as text.
#pragma once

#include <weft/weft.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace weft::test {

inline constexpr weft_coro_value none{nullptr, nullptr};

/// A number as plain bits; 0 is None.
inline weft_coro_value bits(std::intptr_t n) { return {reinterpret_cast<void*>(n), nullptr}; }
inline std::intptr_t number_in(weft_coro_value value) { return reinterpret_cast<std::intptr_t>(value.data); }

/// What a step is called with, and where its answer goes.
struct c_call {
  int signal;
  weft_coro_value in;
  weft_coro_exc* exc;
  weft_coro_value* out;
  weft_coro_object** await_on;

  [[nodiscard]] int yields(std::intptr_t n) const { return *out = bits(n), WEFT_CORO_NEXT; }
  [[nodiscard]] int returns(std::intptr_t n) const { return *out = bits(n), WEFT_CORO_RETURN; }
  /// Takes the reference over.
  [[nodiscard]] int awaits(weft_coro_object* object) const { return *await_on = object, WEFT_CORO_AWAIT; }
  /// Whether it was thrown into; then a step that does not handle it passes it on.
  [[nodiscard]] bool is_thrown() const { return signal == WEFT_CORO_THROWN; }
  [[nodiscard]] int passes_on() const { return weft_coro_err_restore(weft_coro_exc_retain(exc)), WEFT_CORO_ERROR; }
};

/// A body's steps, and what counts how often it was destroyed.
struct c_steps {
  std::function<int(const c_call&)> step;
  int* destroyed = nullptr;

  static int call(void* state, int signal, weft_coro_value in, weft_coro_exc* exc, weft_coro_value* out, weft_coro_object** await_on) {
    return static_cast<c_steps*>(state)->step({signal, in, exc, out, await_on});
  }
  static void destroy(void* state) {
    auto* const self = static_cast<c_steps*>(state);
    if (self->destroyed != nullptr) ++*self->destroyed;
    delete self;
  }
};

inline weft_coro_frame* frame_of(std::function<int(const c_call&)> step, int* destroyed = nullptr, const char* name = "body") {
  const weft_coro_frame_ops ops{sizeof ops, name, c_steps::call, c_steps::destroy};
  return weft_coro_frame_new(&ops, new c_steps{std::move(step), destroyed});
}
inline weft_coro_object* coroutine_of(std::function<int(const c_call&)> step, int* destroyed = nullptr) {
  return weft_coro_new(frame_of(std::move(step), destroyed), nullptr, nullptr);
}
inline weft_coro_object* generator_coroutine_of(std::function<int(const c_call&)> step, int* destroyed = nullptr) {
  return weft_coro_generator_coroutine_new(frame_of(std::move(step), destroyed), nullptr, nullptr);
}

/// Yields 1 to n, returns the sum of what it was sent.
inline std::function<int(const c_call&)> counting(int n) {
  return [n, at = 0, sum = std::intptr_t{0}](const c_call& c) mutable {
    if (c.is_thrown()) return c.passes_on();
    sum += number_in(c.in);
    return ++at <= n ? c.yields(at) : c.returns(sum);
  };
}
/// Awaits `object`, a reference of its own, and returns what that gives and 100.
inline std::function<int(const c_call&)> awaiting(weft_coro_object* object) {
  return [object](const c_call& c) mutable {
    if (c.is_thrown()) return c.passes_on();
    return object != nullptr ? c.awaits(std::exchange(object, nullptr)) : c.returns(number_in(c.in) + 100);
  };
}

/// The error in the slot, as text; it is cleared.
inline std::string error_told() {
  static constexpr const char* names[] = {"no error",      "TypeError",   "ValueError", "RuntimeError", "AttributeError", "StopIteration",
                                          "GeneratorExit", "MemoryError", "user",       "SystemError",  "handle"};
  if (weft_coro_err_code() == WEFT_CORO_E_NONE) return names[0];
  std::string told = std::string(names[weft_coro_err_code()]) + ": " + weft_coro_err_message();
  weft_coro_err_clear();
  return told;
}

/// "yield 1", "return 2", or the error.
inline std::string outcome(weft_coro_send_result result, weft_coro_value out) {
  if (result == WEFT_CORO_ERROR) return error_told();
  return (result == WEFT_CORO_NEXT ? "yield " : "return ") + std::to_string(number_in(out));
}
inline std::string sent(weft_coro_object* object, weft_coro_value in = none) {
  weft_coro_value out = bits(99);
  const weft_coro_send_result result = weft_coro_send(object, in, &out);
  return outcome(result, out);
}
inline std::string thrown(weft_coro_object* object, weft_coro_errc code, const char* message) {
  weft_coro_value out = bits(99);
  weft_coro_exc* const exc = weft_coro_exc_new(code, message);
  const weft_coro_send_result result = weft_coro_throw(object, exc, &out);
  weft_coro_exc_release(exc);
  return outcome(result, out);
}
/// "done", or the error.
inline std::string done(int result) { return result == 0 ? "done" : error_told(); }

/// An object of the test's own, of functions that may be left out.
struct c_own {
  std::function<int(weft_coro_value*)> next;
  std::function<int(weft_coro_value, weft_coro_value*)> send;
  std::function<int(weft_coro_exc*, weft_coro_value*)> throw_exc;
  std::function<int()> close;
  std::function<weft_coro_object*()> await;
};
inline weft_coro_object* object_of(c_own functions, const char* type_name = "own") {
  weft_coro_object_ops ops{sizeof ops, type_name, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
  if (functions.next) ops.next = [](void* s, weft_coro_value* out) { return static_cast<c_own*>(s)->next(out); };
  if (functions.send) ops.send = [](void* s, weft_coro_value in, weft_coro_value* out) { return static_cast<c_own*>(s)->send(in, out); };
  if (functions.throw_exc)
    ops.throw_exc = [](void* s, weft_coro_exc* exc, weft_coro_value* out) { return static_cast<c_own*>(s)->throw_exc(exc, out); };
  if (functions.close) ops.close = [](void* s) { return static_cast<c_own*>(s)->close(); };
  if (functions.await) ops.await = [](void* s) { return static_cast<c_own*>(s)->await(); };
  ops.destroy = [](void* s) { delete static_cast<c_own*>(s); };
  return weft_coro_object_new(&ops, new c_own(std::move(functions)));
}
/// Fails as an iterator does at its end.
inline int ends_with(weft_coro_value value) {
  weft_coro_err_restore(weft_coro_exc_stop(value));
  return WEFT_CORO_ERROR;
}

}  // namespace weft::test

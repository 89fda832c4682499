// SPDX-License-Identifier: Apache-2.0
//
// Bodies written in C: each step is a call, what it awaits is awaited here.
#include "c_frame.hpp"

#include <optional>
#include <string>

#include "c_delegate.hpp"
#include "c_errors.hpp"

namespace weft::coro {

namespace {

/// A body's frame in its coroutine: it ends with that.
class running_frame {
 public:
  explicit running_frame(std::shared_ptr<c_frame> frame) noexcept : frame_(std::move(frame)) {}
  running_frame(running_frame&&) noexcept = default;
  running_frame& operator=(running_frame&&) = delete;
  ~running_frame() {
    if (frame_ != nullptr) frame_->finish();
  }
  [[nodiscard]] c_frame* operator->() const noexcept { return frame_.get(); }

 private:
  std::shared_ptr<c_frame> frame_;
};

/// What a body awaits at the moment, for who asks.
class shown_await {
 public:
  shown_await(c_frame* frame, weft_coro_object* awaited) noexcept : frame_(frame) { frame_->set_awaiting(awaited); }
  shown_await(const shown_await&) = delete;
  shown_await& operator=(const shown_await&) = delete;
  ~shown_await() { frame_->set_awaiting(nullptr); }

 private:
  c_frame* frame_;
};

/// The coroutine that a handle stands for, to be awaited in the chain, or nothing.
std::optional<c_coroutine> coroutine_of(weft_coro_object* awaited) {
  const c_pinned object(awaited, "WEFT_CORO_AWAIT");
  if (&object->type() != &weft_coro_coroutine_type) return std::nullopt;
  return static_cast<const c_native&>(*object).shared();
}

// What is given to calls stays in variables here: g++ 12 destroys arguments that were not made, if something else throws.
template <class Object>
Object run(running_frame frame) {
  c_value in;
  std::exception_ptr thrown;
  for (;;) {
    c_step step = frame->step(in, thrown);
    try {
      if (step.result == WEFT_CORO_RETURN) co_return std::move(step.value);
      if (step.result == WEFT_CORO_NEXT) {
        auto&& sent = co_yield std::move(step.value);  // g++ 12 knows no type of a co_yield within an expression of a template
        in = std::forward<decltype(sent)>(sent);
        continue;
      }
      std::optional<c_coroutine> inner = coroutine_of(step.awaited.get());
      if (!inner) become_iterator(step.awaited);
      const shown_await shown(frame.operator->(), step.awaited.get());
      if (inner)
        in = co_await *std::move(inner);
      else
        in = co_await c_delegate(step.awaited.get());
    } catch (...) {
      thrown = std::current_exception();
    }
  }
}

}  // namespace

void c_frame::finish() noexcept {
  void* const state = std::exchange(state_, nullptr);
  if (const auto destroy = std::exchange(ops_.destroy, nullptr)) {
    const own_error_slot theirs;
    destroy(state);
  }
}

void c_frame::reject_step(const std::string& what) const {
  throw usage_error(std::string("the step function of '") + name() + "' " + what);
}

c_step c_frame::step(c_value& in, std::exception_ptr& thrown) {
  const own_error_slot theirs;
  const c_value sent = std::move(in);
  weft_coro_value out{nullptr, nullptr};
  weft_coro_object* await_on = nullptr;
  c_reference<weft_coro_exc> exc;
  if (thrown) exc = c_reference(make_handle<weft_coro_exc>(std::make_unique<c_exception>(std::exchange(thrown, nullptr))));
  const int signal = exc.get() == nullptr ? WEFT_CORO_SENT : WEFT_CORO_THROWN;
  const int result = ops_.step(state_, signal, sent.get(), exc.get(), &out, &await_on);
  c_step given{result, {}, c_object_reference(result == WEFT_CORO_AWAIT ? await_on : nullptr)};
  if (result == WEFT_CORO_NEXT || result == WEFT_CORO_RETURN) given.value = c_value::take(out);

  const c_failure error = exchange_error();
  switch (result) {
    case WEFT_CORO_ERROR:
      if (!error.failure) reject_step("gave WEFT_CORO_ERROR and set no error; call weft_coro_err_set() or weft_coro_err_restore() before");
      std::rethrow_exception(error.failure);
    case WEFT_CORO_AWAIT:
      if (await_on == nullptr && !error.failure) reject_step("gave WEFT_CORO_AWAIT and no object; set *await_on");
      [[fallthrough]];
    case WEFT_CORO_NEXT:
    case WEFT_CORO_RETURN:
      if (error.failure) reject_step("gave a result with an error set, which gives WEFT_CORO_ERROR: " + std::string(error.message));
      return given;
    default:
      reject_step("gave " + std::to_string(result) +
                  ", which is no result of a step; give one of weft_coro_send_result or WEFT_CORO_AWAIT");
  }
}

c_coroutine run_frame(std::shared_ptr<c_frame> frame) { return run<c_coroutine>(running_frame(std::move(frame))); }
c_generator_coroutine run_frame_as_generator(std::shared_ptr<c_frame> frame) {
  return run<c_generator_coroutine>(running_frame(std::move(frame)));
}

}  // namespace weft::coro

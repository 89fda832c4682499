// SPDX-License-Identifier: Apache-2.0
//
// Objects of the program's own: what their functions give, as a coroutine would give it.
#include "c_foreign.hpp"

#include "c_errors.hpp"

namespace weft::coro {

c_foreign::~c_foreign() {
  if (ops_.destroy != nullptr) ops_.destroy(state_);
}

void c_foreign::lacks(const char* operation) const {
  throw attribute_error(std::string("'") + name() + "' object has no attribute '" + operation + "'");
}

bool c_foreign::can(weft_coro_ability ability) const {
  switch (ability) {
    case WEFT_CORO_CAN_AWAIT: return ops_.await != nullptr;
    case WEFT_CORO_CAN_SEND: return ops_.send != nullptr;
    case WEFT_CORO_CAN_NEXT: return ops_.next != nullptr;
    case WEFT_CORO_CAN_THROW: return ops_.throw_exc != nullptr;
    default: return ops_.close != nullptr;
  }
}

c_result c_foreign::outcome(const char* operation, int result, weft_coro_value out) const {
  c_failure error = exchange_error();
  const auto reject = [&](const std::string& what) {
    throw usage_error(std::string("the '") + operation + "' of a '" + name() + "' object gave " + what);
  };
  switch (result) {
    case WEFT_CORO_NEXT:
    case WEFT_CORO_RETURN: {
      c_value value = c_value::take(out);
      if (error.failure) reject("a result with an error set: " + std::string(error.message));
      if (result == WEFT_CORO_NEXT) return c_result(std::in_place_index<0>, std::move(value));
      return c_result(std::in_place_index<1>, std::move(value));
    }
    case WEFT_CORO_ERROR:
      if (!error.failure) reject("WEFT_CORO_ERROR and set no error");
      if (error.code == WEFT_CORO_E_STOP_ITERATION) return c_result(std::in_place_index<1>, std::move(error.payload));
      std::rethrow_exception(error.failure);
    default: reject(std::to_string(result) + ", which is none of weft_coro_send_result");
  }
  __builtin_unreachable();
}

c_result c_foreign::send(c_value in) {
  weft_coro_value out{nullptr, nullptr};
  const own_error_slot theirs;
  if (in.is_none() && ops_.next != nullptr) {
    const int result = ops_.next(state_, &out);
    return outcome("next", result, out);
  }
  if (ops_.send == nullptr) {
    if (ops_.next == nullptr) throw type_error(std::string("'") + name() + "' object is not an iterator");
    lacks("send");
  }
  const int result = ops_.send(state_, in.get(), &out);
  return outcome("send", result, out);
}

c_result c_foreign::raise(std::exception_ptr thrown) {
  if (ops_.throw_exc == nullptr) lacks("throw");
  weft_coro_value out{nullptr, nullptr};
  const own_error_slot theirs;
  const c_reference exc(make_handle<weft_coro_exc>(std::make_unique<c_exception>(std::move(thrown))));
  const int result = ops_.throw_exc(state_, exc.get(), &out);
  return outcome("throw", result, out);
}

void c_foreign::close() {
  if (ops_.close == nullptr) lacks("close");
  const own_error_slot theirs;
  const int result = ops_.close(state_);
  throw_error();
  if (result != 0) throw usage_error(std::string("the 'close' of a '") + name() + "' object failed and set no error");
}

c_object_reference c_foreign::await(weft_coro_object* self) {
  if (ops_.await == nullptr) return c_object::await(self);
  const own_error_slot theirs;
  c_object_reference iterator(ops_.await(state_));
  throw_error();
  return iterator;
}

c_result c_proxy::send(c_value in) { return c_pinned(wrapped_.get(), "generator proxy")->send(std::move(in)); }
c_result c_proxy::raise(std::exception_ptr thrown) { return c_pinned(wrapped_.get(), "generator proxy")->raise(std::move(thrown)); }
void c_proxy::close() { c_pinned(wrapped_.get(), "generator proxy")->close(); }
c_object_reference c_proxy::await(weft_coro_object* self) { return c_object_reference(retain_handle(self, "__await__")); }

namespace {

/// types.coroutine's test for what it wraps: a generator that is no coroutine.
bool is_generator(const c_object& object) {
  return &object.type() == &weft_coro_foreign_type && object.can(WEFT_CORO_CAN_NEXT) && object.can(WEFT_CORO_CAN_SEND) &&
         object.can(WEFT_CORO_CAN_THROW) && object.can(WEFT_CORO_CAN_CLOSE) && !object.can(WEFT_CORO_CAN_AWAIT);
}

/// What `function` gives. Throws what it sets.
c_object_reference called(weft_coro_object* (*function)(void*), void* argument) {
  const own_error_slot theirs;
  c_object_reference made(function(argument));
  throw_error();
  if (made.get() == nullptr) throw usage_error("weft_coro_as_coroutine: the function gave NULL and set no error");
  return made;
}

}  // namespace

}  // namespace weft::coro

using namespace weft;
using namespace weft::coro;

weft_coro_object* weft_coro_object_new(const weft_coro_object_ops* ops, void* state) {
  return guarded<weft_coro_object*>(nullptr, [&] {
    if (ops == nullptr) throw type_error("weft_coro_object_new: ops is NULL");
    if (ops->size != sizeof *ops) throw type_error("weft_coro_object_new: ops->size is not sizeof(weft_coro_object_ops)");
    std::unique_ptr<c_foreign> made(new (std::nothrow) c_foreign(*ops, state));
    if (made == nullptr) {
      const c_foreign gone(*ops, state);  // with its state
      throw std::bad_alloc();
    }
    return make_handle<weft_coro_object>(std::move(made));
  });
}

weft_coro_object* weft_coro_as_coroutine(weft_coro_object* (*function)(void* argument), void* argument) {
  return guarded<weft_coro_object*>(nullptr, [&] {
    if (function == nullptr) throw type_error("types.coroutine() expects a callable");
    c_object_reference made = called(function, argument);
    if (!is_generator(*c_pinned(made.get(), "weft_coro_as_coroutine"))) return made.give();
    return make_handle<weft_coro_object>(std::make_unique<c_proxy>(std::move(made)));
  });
}

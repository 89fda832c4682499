// SPDX-License-Identifier: Apache-2.0
//
// The calls from C that make, keep, drive and look at objects.
#include <optional>
#include <string>

#include "c_errors.hpp"
#include "c_frame.hpp"
#include "c_generator.hpp"
#include "c_object.hpp"

namespace weft::coro {

namespace {

/// Hands a result to C.
weft_coro_send_result give(c_result result, weft_coro_value* out) {
  const bool has_yielded = result.is_yielded();
  *out = (has_yielded ? result.yielded() : result.returned()).give();
  return has_yielded ? WEFT_CORO_NEXT : WEFT_CORO_RETURN;
}

/// send and throw: `out` is written in every case.
template <class Call>
weft_coro_send_result driven(const char* call, weft_coro_object* object, weft_coro_value* out, Call drive) noexcept {
  if (out != nullptr) *out = weft_coro_value{nullptr, nullptr};
  return guarded(WEFT_CORO_ERROR, [&] {
    if (out == nullptr) throw type_error(std::string(call) + ": out is NULL");
    const c_pinned pinned(object, call);
    return give(drive(*pinned), out);
  });
}

/// What `use` gives of a coroutine, or what its views share with it, or of a generator-based one.
template <class Use>
auto looked_at(c_object& object, const char* call, Use use) {
  if (c_calls* const calls = object.calls()) return use(*calls);
  if (c_generator* const generator = object.generator()) return use(*generator);
  throw type_error(std::string(call) + ": a '" + object.type_name() + "' object is no coroutine");
}

coroutine_state state_of(c_object& object, const char* call) {
  return looked_at(object, call, [](auto& it) { return it.state(); });
}

/// A text of a coroutine, kept for its caller.
template <class Text>
const char* kept_text(const weft_coro_object* object, const char* call, Text text) noexcept {
  return guarded<const char*>(nullptr, [&] {
    const c_pinned pinned(object, call);
    return kept_for_c(looked_at(*pinned, call, text));
  });
}

template <class Set>
int set_text(weft_coro_object* object, const char* call, const char* text, const char* must_be, Set set) noexcept {
  return guarded(-1, [&] {
    const c_pinned pinned(object, call);
    return looked_at(*pinned, call, [&](auto& it) {
      if (text == nullptr) throw type_error(must_be);
      set(it, text);
      return 0;
    });
  });
}

/// Takes a body out of its handle.
std::shared_ptr<c_frame> taken(weft_coro_frame* frame, const char* call) {
  return std::shared_ptr<c_frame>(static_cast<c_frame*>(release_handle(frame, call).release()));
}

/// The handle of a frame that owns `state`, or bad_alloc with the state gone.
weft_coro_frame* make_frame(const weft_coro_frame_ops& ops, void* state) {
  std::unique_ptr<c_frame> made(new (std::nothrow) c_frame(ops, state));
  if (made == nullptr) {
    c_frame(ops, state).finish();
    throw std::bad_alloc();
  }
  return make_handle<weft_coro_frame>(std::move(made));
}

}  // namespace

}  // namespace weft::coro

using namespace weft;
using namespace weft::coro;

int weft_coro_abi_version() { return WEFT_CORO_ABI_VERSION; }

weft_coro_value weft_coro_value_retain(weft_coro_value value) { return c_value::share(value).give(); }
void weft_coro_value_release(weft_coro_value value) { static_cast<void>(c_value::take(value)); }

weft_coro_frame* weft_coro_frame_new(const weft_coro_frame_ops* ops, void* state) {
  return guarded<weft_coro_frame*>(nullptr, [&] {
    if (ops == nullptr) throw type_error("weft_coro_frame_new: ops is NULL");
    if (ops->size != sizeof *ops) throw type_error("weft_coro_frame_new: ops->size is not sizeof(weft_coro_frame_ops)");
    if (ops->step == nullptr) {
      c_frame(*ops, state).finish();
      throw type_error("weft_coro_frame_new: ops->step is NULL; a body needs a step function");
    }
    return make_frame(*ops, state);
  });
}

int weft_coro_frame_release(weft_coro_frame* frame) {
  if (frame == nullptr) return 0;
  return guarded(-1, [&] {
    destroy_thing(release_handle(frame, "weft_coro_frame_release").release());
    return 0;
  });
}

weft_coro_object* weft_coro_new(weft_coro_frame* frame, const char* name, const char* qualname) {
  return guarded<weft_coro_object*>(nullptr, [&] {
    const std::shared_ptr<c_frame> body = taken(frame, "weft_coro_new");
    const char* const called = name == nullptr ? body->name() : name;
    return make_native(run_frame(body), body, called, qualname);
  });
}

weft_coro_object* weft_coro_generator_coroutine_new(weft_coro_frame* frame, const char* name, const char* qualname) {
  return guarded<weft_coro_object*>(nullptr, [&] {
    const std::shared_ptr<c_frame> body = taken(frame, "weft_coro_generator_coroutine_new");
    const std::string called = name == nullptr ? body->name() : name;
    c_generator_coroutine made = run_frame_as_generator(body);
    made.set_name(called);
    made.set_qualname(qualname == nullptr ? called : qualname);
    return make_handle<weft_coro_object>(std::make_unique<c_generator>(std::move(made), body));
  });
}

weft_coro_object* weft_coro_retain(weft_coro_object* object) {
  if (object == nullptr) return nullptr;
  return guarded<weft_coro_object*>(nullptr, [&] { return retain_handle(object, "weft_coro_retain"); });
}

int weft_coro_release(weft_coro_object* object) {
  if (object == nullptr) return 0;
  return guarded(-1, [&] {
    destroy_thing(release_handle(object, "weft_coro_release").release());
    return 0;
  });
}

int weft_coro_check_exact(const weft_coro_object* object) {
  const own_error_slot kept;
  return guarded(0, [&] { return weft_coro_typeof(object) == &weft_coro_coroutine_type ? 1 : 0; });
}

const weft_coro_type* weft_coro_typeof(const weft_coro_object* object) {
  return guarded<const weft_coro_type*>(nullptr, [&] { return &c_pinned(object, "weft_coro_typeof")->type(); });
}

const char* weft_coro_type_name(const weft_coro_type* type) {
  for (const weft_coro_type* const known : {&weft_coro_coroutine_type, &weft_coro_generator_coroutine_type, &weft_coro_wrapper_type,
                                            &weft_coro_generator_proxy_type, &weft_coro_foreign_type})
    if (type == known) return type->name;
  return guarded<const char*>(nullptr,
                              [&]() -> const char* { throw type_error("weft_coro_type_name: the pointer is to no type of weft's"); });
}

int weft_coro_can(const weft_coro_object* object, weft_coro_ability ability) {
  return guarded(-1, [&] {
    const c_pinned pinned(object, "weft_coro_can");
    if (static_cast<unsigned>(ability) > WEFT_CORO_CAN_CLOSE) throw value_error("weft_coro_can: the ability is none of weft_coro_ability");
    return pinned->can(ability) ? 1 : 0;
  });
}

weft_coro_send_result weft_coro_send(weft_coro_object* object, weft_coro_value in, weft_coro_value* out) {
  return driven("weft_coro_send", object, out, [&](c_object& o) { return o.send(c_value::share(in)); });
}

weft_coro_send_result weft_coro_throw(weft_coro_object* object, weft_coro_exc* exc, weft_coro_value* out) {
  return driven("weft_coro_throw", object, out, [&](c_object& o) {
    std::exception_ptr thrown = c_pinned(exc, "weft_coro_throw")->failure();
    return o.raise(std::move(thrown));
  });
}

int weft_coro_close(weft_coro_object* object) {
  return guarded(-1, [&] {
    c_pinned(object, "weft_coro_close")->close();
    return 0;
  });
}

weft_coro_object* weft_coro_await(weft_coro_object* object) {
  return guarded<weft_coro_object*>(nullptr, [&] {
    const c_pinned pinned(object, "weft_coro_await");
    if (&pinned->type() == &weft_coro_coroutine_type) return pinned->await(object).give();
    if (!pinned->can(WEFT_CORO_CAN_AWAIT)) throw type_error("object " + pinned->type_name() + " can't be used in 'await' expression");
    c_object_reference iterator(retain_handle(object, "weft_coro_await"));
    become_iterator(iterator);
    return iterator.give();
  });
}

int weft_coro_get_state(const weft_coro_object* object) {
  return guarded(-1, [&] {
    const c_pinned pinned(object, "weft_coro_get_state");
    switch (state_of(*pinned, "weft_coro_get_state")) {
      case coroutine_state::created: return static_cast<int>(WEFT_CORO_CREATED);
      case coroutine_state::running: return static_cast<int>(WEFT_CORO_RUNNING);
      case coroutine_state::suspended: return static_cast<int>(WEFT_CORO_SUSPENDED);
      default: return static_cast<int>(WEFT_CORO_CLOSED);
    }
  });
}

weft_coro_object* weft_coro_get_await(const weft_coro_object* object) {
  return guarded<weft_coro_object*>(nullptr, [&]() -> weft_coro_object* {
    const c_pinned pinned(object, "weft_coro_get_await");
    const bool is_suspended = state_of(*pinned, "weft_coro_get_await") == coroutine_state::suspended;
    weft_coro_object* const awaited = is_suspended && pinned->body() != nullptr ? pinned->body()->awaiting() : nullptr;
    if (awaited != nullptr && things().retain(c_token::of(awaited), c_kind::object) == c_access::granted) return awaited;
    exchange_error();  // there is none, which is no error
    return nullptr;
  });
}

const char* weft_coro_get_name(const weft_coro_object* object) {
  return kept_text(object, "weft_coro_get_name", [](auto& it) { return it.name(); });
}
const char* weft_coro_get_qualname(const weft_coro_object* object) {
  return kept_text(object, "weft_coro_get_qualname", [](auto& it) { return it.qualname(); });
}
const char* weft_coro_repr(const weft_coro_object* object) {
  return kept_text(object, "weft_coro_repr", [](auto& it) { return it.repr(); });
}

int weft_coro_set_name(weft_coro_object* object, const char* name) {
  return set_text(object, "weft_coro_set_name", name, "__name__ must be set to a string object",
                  [](auto& it, const char* text) { it.set_name(text); });
}
int weft_coro_set_qualname(weft_coro_object* object, const char* qualname) {
  return set_text(object, "weft_coro_set_qualname", qualname, "__qualname__ must be set to a string object",
                  [](auto& it, const char* text) { it.set_qualname(text); });
}

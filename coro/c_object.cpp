// SPDX-License-Identifier: Apache-2.0
//
// The table of the process, what is said of handles that it refuses, and coroutines and their views as objects.
#include "c_object.hpp"

#include <new>

#include "c_errors.hpp"
#include "c_frame.hpp"

extern "C" {
const weft_coro_type weft_coro_coroutine_type{"coroutine"};
const weft_coro_type weft_coro_generator_coroutine_type{"generator"};
const weft_coro_type weft_coro_wrapper_type{"coroutine_wrapper"};
const weft_coro_type weft_coro_generator_proxy_type{"_GeneratorWrapper"};
const weft_coro_type weft_coro_foreign_type{"object"};
}

namespace weft::coro {

namespace {

const char* name_of(c_kind kind) noexcept {
  switch (kind) {
    case c_kind::object: return "object";
    case c_kind::exception: return "exception";
    default: return "frame";
  }
}

/// A view of a coroutine: it keeps it, and closes it as it goes only if nobody else keeps it.
class c_view final : public c_object {
 public:
  explicit c_view(coroutine_view<c_value, c_value, c_value> view) noexcept : view_(std::move(view)) {}

  [[nodiscard]] const weft_coro_type& type() const noexcept override { return weft_coro_wrapper_type; }
  [[nodiscard]] bool can(weft_coro_ability ability) const override { return ability != WEFT_CORO_CAN_AWAIT; }
  c_result send(c_value in) override { return view_.send(std::move(in)); }
  c_result raise(std::exception_ptr thrown) override { return view_.throw_(std::move(thrown)); }
  void close() override { view_.close(); }
  [[nodiscard]] c_calls* calls() noexcept override { return &view_; }

 private:
  coroutine_view<c_value, c_value, c_value> view_;
};

}  // namespace

c_table& things() noexcept {
  alignas(c_table) static std::byte place[sizeof(c_table)];  // never destroyed: coroutines may go after all that is static
  static c_table* const table = ::new (static_cast<void*>(place)) c_table;
  return *table;
}

void refuse(const char* call, const void* handle, c_kind wanted, c_access access) {
  const std::string said = std::string(call) + ": the " + name_of(wanted);
  if (handle == nullptr) throw type_error(said + " is NULL");
  switch (access) {
    case c_access::other_kind: throw type_error(said + " is none: the handle is of another kind");
    case c_access::crowded: throw value_error(said + " has more references or calls than can be counted; release some");
    default: throw c_handle_error(said + " was released, or the handle never was one");
  }
}

void destroy_thing(void* thing) noexcept {
  if (thing == nullptr) return;
  const own_error_slot theirs;
  delete static_cast<c_thing*>(thing);
}

c_object_reference c_object::await(weft_coro_object*) {
  throw type_error("object " + type_name() + " can't be used in 'await' expression");
}

c_object_reference c_native::await(weft_coro_object*) {
  return c_object_reference(make_handle<weft_coro_object>(std::make_unique<c_view>(coroutine_.view())));
}

c_coroutine c_native::shared() const {
  return detail::coroutine_access::make_shared<c_coroutine>(detail::coroutine_access::node(coroutine_, "co_await"));
}

weft_coro_object* make_native(c_coroutine coroutine, std::shared_ptr<c_frame> body, const char* name, const char* qualname) {
  auto kept = coroutine.view();
  if (body != nullptr) detail::coroutine_access::node(coroutine, "make_native").has_origin = false;  // C has no place to tell
  try {
    if (name != nullptr) {
      coroutine.set_name(name);
      coroutine.set_qualname(qualname == nullptr ? name : qualname);
    }
    return make_handle<weft_coro_object>(std::make_unique<c_native>(std::move(coroutine), std::move(body)));
  } catch (...) {
    kept.close();  // nobody could have awaited it
    throw;
  }
}

void become_iterator(c_object_reference& awaited) {
  c_object_reference iterator;
  {
    const c_pinned object(awaited.get(), "await");
    if (&object->type() == &weft_coro_wrapper_type) return;
    iterator = object->await(awaited.get());
  }
  if (iterator.get() == nullptr) throw type_error("__await__() returned non-iterator of type 'NoneType'");
  {
    const c_pinned given(iterator.get(), "__await__");
    if (&given->type() == &weft_coro_coroutine_type) throw type_error("__await__() returned a coroutine");
    if (!given->can(WEFT_CORO_CAN_NEXT)) throw type_error("__await__() returned non-iterator of type '" + given->type_name() + "'");
  }
  awaited = std::move(iterator);
}

}  // namespace weft::coro

weft_coro_object* weft::wrap(c_coroutine body) { return coro::make_native(std::move(body), nullptr); }

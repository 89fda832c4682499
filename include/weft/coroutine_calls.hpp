// SPDX-License-Identifier: Apache-2.0
//
// What can be done with a coroutine, whoever holds it: the calls that a coroutine object and its views share.
#pragma once

#include "weft/coroutine_state.hpp"
#include "weft/detail/coro_await.hpp"
#include "weft/detail/coro_node.hpp"
#include "weft/detail/coro_promise.hpp"
#include "weft/errors.hpp"
#include "weft/send_result.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>

namespace weft {

template <class Y, class S, class R>
class coroutine_view;
template <class Y, class S, class R>
class weak_coroutine;
namespace detail {
struct coroutine_access;
}

/// The calls that a coroutine and its views share. Every one of them may come from any thread: of two at once one proceeds, the other
/// throws value_error. The body runs on the thread that calls, until it yields or ends.
template <class Y, class S, class R>
class coroutine_calls {
 public:
  using yield_type = Y;
  using send_type = S;
  using return_type = R;
  using result = send_result<Y, R>;

  /// Starts it, or resumes it with None: a monostate, an empty optional, a null pointer. Throws what the body throws; value_error if it is
  /// executing, runtime_error if it has ended.
  result send() {
    detail::coro_node& n = here("send");
    detail::take_for_none<S>(n);
    return run(n);
  }
  /// Resumes it with `value`, which the innermost co_yield gives. The same; type_error if it was not started and `value` is no None.
  result send(S value) {
    detail::coro_node& n = here("send");
    detail::take(n, !detail::none_of<S>::is(value));
    n.sent = std::addressof(value);
    return run(n);
  }
  /// Throws `thrown` where it is suspended; gives what it yields or returns then. If it was not started it is closed and `thrown` thrown.
  /// type_error if `thrown` is null.
  result throw_(std::exception_ptr thrown) {
    detail::coro_node& n = here("throw_");
    if (!thrown) throw type_error("throw_: the exception_ptr is null; pass one that holds an exception");
    detail::result_place<R> place;
    detail::raise_in(n, std::move(thrown), place.address());
    return outcome(n, place);
  }
  /// The same with an exception of type E made from `arguments`.
  template <class E, class... Arguments>
  result throw_(Arguments&&... arguments) {
    return throw_(std::make_exception_ptr(E(std::forward<Arguments>(arguments)...)));
  }
  /// The same with `thrown` itself.
  template <class E>
    requires(!std::is_same_v<std::remove_cvref_t<E>, std::exception_ptr> && !std::is_null_pointer_v<std::remove_cvref_t<E>>)
  result throw_(E&& thrown) {
    return throw_(std::make_exception_ptr(std::forward<E>(thrown)));
  }
  /// Throws generator_exit into every coroutine of the chain, the innermost first. Nothing if it has ended; a created one just ends.
  /// runtime_error if the body yields, value_error if it is executing, else what the body throws other than generator_exit.
  void close() { detail::close(here("close")); }

  /// The state at this moment. Any thread.
  [[nodiscard]] coroutine_state state() const {
    switch (detail::state_of(here("state"))) {
      case detail::coro_node::created: return coroutine_state::created;
      case detail::coro_node::suspended: return coroutine_state::suspended;
      case detail::coro_node::closed: return coroutine_state::closed;
      default: return coroutine_state::running;
    }
  }
  /// What it awaits, if it is suspended in an await. Only while nobody else drives it.
  [[nodiscard]] std::optional<awaited_object> awaiting() const {
    const detail::coro_node& n = here("awaiting");
    if (state() != coroutine_state::suspended || n.awaiting == nullptr) return std::nullopt;
    return awaited_object(*n.awaiting);
  }
  /// The function's name. Not while another thread sets it.
  [[nodiscard]] std::string name() const { return detail::name_of(here("name")); }
  /// The same with what it stands in.
  [[nodiscard]] std::string qualname() const { return detail::qualname_of(here("qualname")); }
  /// Gives it another name. Not while another thread looks at it.
  void set_name(std::string name) { detail::set_names(here("set_name"), &name, nullptr); }
  /// The same for the one with what it stands in, which messages use.
  void set_qualname(std::string qualname) { detail::set_names(here("set_qualname"), nullptr, &qualname); }
  /// Where it was made, if set_origin_tracking_depth() asked for it: the source_location among its arguments, or else the function itself.
  [[nodiscard]] std::optional<std::source_location> origin() const {
    const detail::coro_node& n = here("origin");
    return n.has_origin ? std::optional(n.where) : std::nullopt;
  }
  /// `<coroutine object QUALNAME at 0x..>`
  [[nodiscard]] std::string repr() const { return detail::repr_of(here("repr")); }

  /// Another reference that is driven like the coroutine itself, as Python's coroutine_wrapper: awaiting it checks for no other awaiter.
  [[nodiscard]] coroutine_view<Y, S, R> view() const;
  /// A reference that does not keep it: empty once the last other one is gone.
  [[nodiscard]] weak_coroutine<Y, S, R> weak() const;

 protected:
  explicit coroutine_calls(detail::coro_node* n) noexcept : node_(n) {}
  ~coroutine_calls() {
    if (node_ != nullptr) detail::drop_strong(node_);
  }

  detail::coro_node& here(const char* call) const {
    detail::expects(node_ != nullptr, call, "the coroutine was moved from, or awaited");
    return *node_;
  }

  detail::coro_node* node_;

 private:
  friend struct detail::coroutine_access;

  static result run(detail::coro_node& n) {
    detail::result_place<R> place;
    n.result = place.address();
    n.yielded = nullptr;
    detail::run(n);
    return outcome(n, place);
  }
  static result outcome(detail::coro_node& n, detail::result_place<R>& place) {
    if constexpr (!std::is_void_v<Y>) {
      if (n.yielded != nullptr) {
        struct leave_after {
          detail::coro_node& n;
          ~leave_after() {
            n.yielded = nullptr;
            detail::leave(n, detail::coro_node::suspended);
          }
        } last{n};
        return result(std::in_place_index<0>, std::move(*static_cast<Y*>(n.yielded)));
      }
    }
    detail::end(n);
    if constexpr (std::is_void_v<R>)
      return result(std::in_place_index<1>);
    else
      return result(std::in_place_index<1>, place.take());
  }
};

}  // namespace weft

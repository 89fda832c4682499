// SPDX-License-Identifier: Apache-2.0
//
// What can be done with a coroutine, whoever holds it: the calls that a coroutine object and its views share.
#pragma once

#include "weft/coroutine_state.hpp"
#include "weft/detail/coro_await.hpp"
#include "weft/detail/coro_node.hpp"
#include "weft/detail/protocol_calls.hpp"
#include "weft/detail/protocol_values.hpp"
#include "weft/errors.hpp"
#include "weft/send_result.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <source_location>
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
class coroutine_calls : public detail::protocol_calls<coroutine_calls<Y, S, R>, detail::coro_node> {
  using calls = detail::protocol_calls<coroutine_calls, detail::coro_node>;

 public:
  using yield_type = Y;
  using send_type = S;
  using return_type = R;
  using result = send_result<Y, R>;

  /// Starts it, or resumes it with None: a monostate, an empty optional, a null pointer. Throws what the body throws; value_error if it is
  /// executing, runtime_error if it has ended, type_error if it waits for a value and S has no None.
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
  /// type_error if `thrown` is null, value_error if it is executing, runtime_error if it has ended.
  result throw_(std::exception_ptr thrown) {
    detail::coro_node& n = here("throw_");
    detail::expects_thrown(thrown);
    detail::result_place<R> place;
    detail::raise_in(n, std::move(thrown), place.address());
    return outcome(n, place);
  }
  using calls::throw_;
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
  /// Where it was made, if set_origin_tracking_depth() asked for it: the source_location among its arguments, or else the function itself.
  [[nodiscard]] std::optional<std::source_location> origin() const {
    const detail::coro_node& n = here("origin");
    return n.has_origin ? std::optional(n.where) : std::nullopt;
  }
  /// Another reference that is driven like the coroutine itself, as Python's coroutine_wrapper: awaiting it checks for no other awaiter.
  [[nodiscard]] coroutine_view<Y, S, R> view() const;
  /// A reference that does not keep it: empty once the last other one is gone.
  [[nodiscard]] weak_coroutine<Y, S, R> weak() const;

 protected:
  explicit coroutine_calls(detail::coro_node* n) noexcept : calls(n) {}
  ~coroutine_calls() {
    if (node_ != nullptr) detail::drop_strong(node_);
  }

  using calls::here;
  using calls::node_;

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
        const detail::leaving_suspended last{n};
        return result(std::in_place_index<0>, detail::move_yielded<Y>(n.yielded));
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

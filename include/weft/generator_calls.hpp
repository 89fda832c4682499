// SPDX-License-Identifier: Apache-2.0
//
// What can be done with a generator: the calls that plain and awaitable generators share.
#pragma once

#include "weft/coroutine_state.hpp"
#include "weft/detail/generator_await.hpp"
#include "weft/detail/generator_node.hpp"
#include "weft/detail/generator_promise.hpp"
#include "weft/detail/protocol_calls.hpp"
#include "weft/detail/protocol_values.hpp"
#include "weft/send_result.hpp"

#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace weft {

/// The calls of generators. A generator has one owner, and none of its calls is for two threads at once; it may be handed from thread to
/// thread. The body runs on the thread that calls, until it yields or ends. A call from within the body throws value_error.
///
/// One that has ended is like an empty range: send returns None again, throw_ throws what it is given (docs.python.org/3.10: generators).
template <class Y, class S, class R>
class generator_calls : public detail::protocol_calls<generator_calls<Y, S, R>, detail::generator_node> {
  using calls = detail::protocol_calls<generator_calls, detail::generator_node>;
  static constexpr bool can_iterate = detail::none_of<S>::exists;

 public:
  using yield_type = Y;
  using send_type = S;
  using return_type = R;
  using result = send_result<Y, R>;

  /// Input iterator over what is yielded; what is returned is dropped.
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using difference_type = std::ptrdiff_t;
    using value_type = std::remove_cvref_t<Y>;
    using reference = Y&;

    /// Takes the first step.
    explicit iterator(detail::generator_node& n) : node_(&n) { ++*this; }
    /// The value yielded; it may be moved from. Until the next step.
    [[nodiscard]] WEFT_INLINE reference operator*() const noexcept { return *static_cast<std::remove_reference_t<Y>*>(node_->yielded); }
    /// The next step. Throws what the body throws.
    WEFT_INLINE iterator& operator++() {
      detail::advance(*node_, false);
      return *this;
    }
    WEFT_INLINE void operator++(int) { ++*this; }
    [[nodiscard]] WEFT_INLINE friend bool operator==(const iterator& i, std::default_sentinel_t) noexcept {
      return i.node_->phase != detail::generator_node::suspended;
    }

   private:
    detail::generator_node* node_;
  };

  /// The next step, and the end: a loop goes on from where the generator is, as Python's. Only if S has a None.
  [[nodiscard]] iterator begin()
    requires can_iterate
  {
    return iterator(here("begin"));
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept
    requires can_iterate
  {
    return {};
  }

  /// Starts it, or resumes it with None. Throws what the body throws; value_error from within it, type_error if it waits for a value and S
  /// has no None. Once it has ended it returns None; stop_iteration if R has none.
  result send() { return step(here("send"), nullptr); }
  /// Resumes it with `value`, which the innermost co_yield gives. The same; type_error if it was not started and `value` is no None.
  result send(S value) { return step(here("send"), std::addressof(value)); }
  /// send(), as Python's next(g).
  result next() { return step(here("next"), nullptr); }
  /// Throws `thrown` where it is suspended; gives what it yields or returns then. If it was not started, or has ended, `thrown` itself is
  /// thrown. type_error if it is null.
  result throw_(std::exception_ptr thrown) {
    detail::generator_node& n = here("throw_");
    detail::expects_thrown(thrown);
    detail::result_place<R> place;
    const detail::generator_step became = detail::raise_in(n, std::move(thrown), place.address());
    return outcome(n, became, place);
  }
  using calls::throw_;
  /// Throws generator_exit into every generator of the chain, the innermost first. Nothing if it has ended; one that was not started just
  /// ends. runtime_error if the body yields, value_error from within it, else what the body throws other than generator_exit.
  void close() { detail::close(here("close")); }

  /// The state, as inspect.getgeneratorstate says it.
  [[nodiscard]] coroutine_state state() const {
    const detail::generator_node& n = here("state");
    switch (n.phase) {
      case detail::generator_node::created: return coroutine_state::created;
      case detail::generator_node::suspended: return coroutine_state::suspended;
      case detail::generator_node::closing:
      case detail::generator_node::closed: return coroutine_state::closed;
      default: return coroutine_state::running;
    }
  }
  /// What it yields from or awaits, if it is suspended there.
  [[nodiscard]] std::optional<awaited_object> awaiting() const {
    const detail::generator_node& n = here("awaiting");
    if (state() != coroutine_state::suspended || n.awaiting == nullptr) return std::nullopt;
    return awaited_object(*n.awaiting);
  }

 protected:
  explicit generator_calls(detail::generator_node* n) noexcept : calls(n) {}
  ~generator_calls() {
    if (node_ != nullptr) detail::drop(node_);
  }

  using calls::here;
  using calls::node_;

 private:
  friend struct detail::generator_access;

  static result step(detail::generator_node& n, void* sent) {
    detail::result_place<R> place;
    const detail::generator_step became = detail::step_with<S>(n, sent, place.address());
    return outcome(n, became, place);
  }
  static result outcome(detail::generator_node& n, detail::generator_step became, detail::result_place<R>& place) {
    if constexpr (!std::is_void_v<Y>) {
      if (became == detail::generator_step::yielded) return result(std::in_place_index<0>, detail::move_yielded<Y>(n.yielded));
    }
    if constexpr (std::is_void_v<R>)
      return result(std::in_place_index<1>);
    else
      return result(std::in_place_index<1>, became == detail::generator_step::exhausted ? detail::none_returned<R>() : place.take());
  }
};

}  // namespace weft

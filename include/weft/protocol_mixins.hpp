// SPDX-License-Identifier: Apache-2.0
//
// Bases for one's own coroutine and generator objects: the mixins of collections.abc.Coroutine and Generator.
#pragma once

#include "weft/detail/protocol_values.hpp"
#include "weft/errors.hpp"
#include "weft/send_result.hpp"

#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace weft {

namespace detail {

template <class Class, class M>
consteval bool belongs_to(M Class::*) {
  return true;
}

/// Whether D has its own send and throw_, not only its base's; overloaded ones are its own.
template <class D, class Base>
concept overrides_send = !requires { belongs_to<Base>(&D::send); };
template <class D, class Base>
concept overrides_throw = !requires { belongs_to<Base>(&D::throw_); };

}  // namespace detail

/// Base of D, which has its own `send(S)` and `throw_(std::exception_ptr)`, both giving send_result<Y, R>, and may call these.
template <class D, class Y, class S, class R>
class protocol_mixin {
 public:
  using yield_type = Y;
  using send_type = S;
  using return_type = R;
  using result = send_result<Y, R>;

  /// Returns: it has nothing to yield. Only if R has a None.
  result send(S) {
    static_assert(std::is_void_v<R> || detail::none_of<R>::exists,
                  "send(S) of the base returns None, and R has none: a class derived from it has to return an R of its own");
    if constexpr (std::is_void_v<R>)
      return result(std::in_place_index<1>);
    else
      return result(std::in_place_index<1>, R());
  }
  /// Throws `thrown`. type_error if it is null.
  result throw_(std::exception_ptr thrown) {
    detail::expects_thrown(thrown);
    std::rethrow_exception(std::move(thrown));
  }
  /// Throws generator_exit into it, and takes it, a stop_iteration or its return as its end. runtime_error if it yields.
  void close() {
    try {
      if (!static_cast<D*>(this)->throw_(std::make_exception_ptr(generator_exit())).is_yielded()) return;
    } catch (const generator_exit&) {
      return;
    } catch (const stop_iteration&) {
      return;
    }
    throw runtime_error(std::string(D::kind) + " ignored GeneratorExit");
  }

 protected:
  protocol_mixin() noexcept {
    static_assert(detail::overrides_send<D, protocol_mixin> && detail::overrides_throw<D, protocol_mixin>,
                  "a class derived from coroutine_mixin or generator_mixin has to have send and throw_ of its own");
  }
  ~protocol_mixin() = default;
};

/// collections.abc.Coroutine: D is awaited by `operator co_await` of its own.
template <class D, class Y, class S = std::monostate, class R = void>
class coroutine_mixin : public protocol_mixin<D, Y, S, R> {
 public:
  /// What errors call it.
  static constexpr const char* kind = "coroutine";
};

/// collections.abc.Generator: a range of what D's send yields; next() is send of a None.
template <class D, class Y, class S = std::monostate, class R = void>
class generator_mixin : public protocol_mixin<D, Y, S, R> {
 public:
  /// What errors call it.
  static constexpr const char* kind = "generator";

  /// Input iterator over what is yielded; what is returned is dropped.
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using difference_type = std::ptrdiff_t;
    using value_type = std::remove_cvref_t<Y>;

    /// Takes the first step of `of`.
    explicit iterator(D& of) : of_(&of), step_(of.next()) {}
    /// The value yielded, until the next step.
    [[nodiscard]] auto& operator*() const { return step_->yielded(); }
    /// The next step.
    iterator& operator++() {
      step_.emplace(of_->next());
      return *this;
    }
    void operator++(int) { ++*this; }
    [[nodiscard]] friend bool operator==(const iterator& i, std::default_sentinel_t) { return i.step_->is_returned(); }

   private:
    D* of_;
    mutable std::optional<send_result<Y, R>> step_;
  };

  /// Sends a None.
  typename protocol_mixin<D, Y, S, R>::result next()
    requires detail::none_of<S>::exists
  {
    return static_cast<D*>(this)->send(S());
  }
  /// The next step of D, and its end.
  [[nodiscard]] iterator begin() { return iterator(static_cast<D&>(*this)); }
  /// As above.
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }
};

}  // namespace weft

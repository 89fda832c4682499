// SPDX-License-Identifier: Apache-2.0
//
// The calls of coroutines and generators that do not depend on what they yield.
#pragma once

#include "weft/detail/expects.hpp"
#include "weft/detail/protocol_node.hpp"

#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace weft::detail {

/// Base of Derived, whose node is a Node.
template <class Derived, class Node>
class protocol_calls {
 public:
  /// throw_(exception_ptr) with an exception of type E made from `arguments`.
  template <class E, class... Arguments>
  auto throw_(Arguments&&... arguments) {
    return static_cast<Derived*>(this)->throw_(std::make_exception_ptr(E(std::forward<Arguments>(arguments)...)));
  }
  /// The same with `thrown` itself.
  template <class E>
    requires(!std::is_same_v<std::remove_cvref_t<E>, std::exception_ptr> && !std::is_null_pointer_v<std::remove_cvref_t<E>>)
  auto throw_(E&& thrown) {
    return static_cast<Derived*>(this)->throw_(std::make_exception_ptr(std::forward<E>(thrown)));
  }

  /// The function's name. Not while another thread sets it.
  [[nodiscard]] std::string name() const { return name_of(here("name")); }
  /// The same with what it stands in.
  [[nodiscard]] std::string qualname() const { return qualname_of(here("qualname")); }
  /// Gives it another name. Not while another thread looks at it.
  void set_name(std::string name) { set_names(here("set_name"), &name, nullptr); }
  /// The same for the one with what it stands in, which messages use.
  void set_qualname(std::string qualname) { set_names(here("set_qualname"), nullptr, &qualname); }
  /// `<coroutine object QUALNAME at 0x..>`, or of a generator.
  [[nodiscard]] std::string repr() const { return repr_of(here("repr"), Node::kind); }

 protected:
  explicit protocol_calls(Node* n) noexcept : node_(n) {}
  ~protocol_calls() = default;

  Node& here(const char* call) const {
    expects(node_ != nullptr, call, Node::moved_from);
    return *node_;
  }

  Node* node_;
};

}  // namespace weft::detail

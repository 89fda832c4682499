// SPDX-License-Identifier: Apache-2.0
//
// What the nodes of coroutines and of generators have in common.
//
// Shape: the node lies in the body's frame, at the start of its promise, and outlives it: the block is given back with the node. In front
//   of the frame it would lie outside of what a compiler takes for an object.
//
//     block:  | resume, destroy | promise: node, 2 lines; what is returned | locals ... |
#pragma once

#include "weft/detail/awaited.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/frame_head.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <utility>

namespace weft::detail {

/// What is rarely set of a coroutine or generator.
struct protocol_names {
  std::string name;
  std::string qualname;
};

/// Whoever may run the body touches it.
struct alignas(16) protocol_node : exchange {
  enum body_of : std::uint32_t { unborn, alive, gone };

  void* result = nullptr;          // where a result goes: an R
  awaited* driven = nullptr;       // while suspended in an await that is not in the chain
  awaited* awaiting = nullptr;     // while suspended in any await
  std::exception_ptr thrown;       // of a root: to be thrown where its leaf is suspended
  std::exception_ptr failure;      // what it ended with
  protocol_names* names = nullptr;
  const char* function = "";       // as the compiler prints it
  std::uint32_t bytes = 0;         // of the block
  body_of frame_is = unborn;

  /// Bytes of a frame before its promise.
  static constexpr std::size_t place = 2 * sizeof(void*);
  [[nodiscard]] frame* body() noexcept { return frame_at(reinterpret_cast<std::byte*>(this) - place); }
};

/// The node in a frame.
template <class Node>
WEFT_INLINE Node* node_of(frame* body) noexcept {
  return std::launder(reinterpret_cast<Node*>(reinterpret_cast<std::byte*>(body) + protocol_node::place));
}

/// Throws what was thrown into the chain of `root`. Only if there is something.
[[noreturn]] WEFT_COLD_THROWS void rethrow_thrown(protocol_node& root);
/// For unhandled_exception, where nothing is known of the body: keeps what it ended with, for whoever learns next, on this thread, that it
/// has ended. A stop_iteration becomes "<kind> raised StopIteration" (PEP 479).
void keep_escaped(const char* kind) noexcept;
/// What keep_escaped() kept, or null.
[[nodiscard]] std::exception_ptr take_escaped() noexcept;
/// The exception that is being handled, as it leaves a body of this kind.
[[nodiscard]] std::exception_ptr escaped_exception(const char* kind) noexcept;

/// The names as they are now: with what it stands in, and without; as Python prints one; and setting those that are given.
[[nodiscard]] std::string qualname_of(const protocol_node& n);
[[nodiscard]] std::string name_of(const protocol_node& n);
[[nodiscard]] std::string repr_of(const protocol_node& n, const char* kind);
void set_names(protocol_node& n, std::string* name, std::string* qualname);

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
//
// How a chain of coroutines, or of generators, is closed: level by level, the innermost first, in a loop: it may be as long as memory
// allows. A Node has these functions, found by its type:
//   give_thrown, stop_driving, run, has_yielded, leave_suspended, leave_closing, leave_closed, pop_leaf, keep, let_go
#pragma once

#include "weft/detail/frame_pool.hpp"
#include "weft/detail/protocol_node.hpp"
#include "weft/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <utility>

namespace weft::detail {

[[nodiscard]] inline bool is_generator_exit(const std::exception_ptr& thrown) noexcept {
  try {
    std::rethrow_exception(thrown);
  } catch (const generator_exit&) {
    return true;
  } catch (...) {
    return false;
  }
}

/// Throws an exception as it leaves a body that was never started.
template <class Node>
[[noreturn]] void leave_unstarted(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const stop_iteration&) {
    std::rethrow_exception(escaped_exception(Node::kind));
  }
}

/// Makes the frame of one that has ended go; gives what it ended with.
template <class Node>
std::exception_ptr free_ended_body(Node& n) noexcept {
  free_body(n);  // before the failure is taken: a promise may have a result to give up
  return std::exchange(n.failure, nullptr);
}

/// The same for a root that is ours, as it ends: it is told to be closed before its parameters go, as in CPython: what they end may look
/// at it.
template <class Node>
std::exception_ptr end_of(Node& n) noexcept {
  n.failure = take_escaped();
  leave_closing(n);
  return free_ended_body(n);
}

/// Ends one that is ours and was never started.
template <class Node>
void end_unstarted(Node& n) noexcept {
  leave_closing(n);
  free_body(n);
  leave_closed(n);
}

/// Closes what `n` drives; `failed` is what that does not let pass.
template <class Node>
void close_outside(Node& n, std::exception_ptr& failed) noexcept {
  awaited* const outside = stop_driving(n);
  if (outside == nullptr) return;
  try {
    outside->close();
  } catch (...) {
    failed = std::current_exception();
  }
}

// Both are the std::bad_alloc instead if memory is out for them: a chain that is being closed is closed to its end.

/// What is thrown into a body that is closed.
[[nodiscard]] inline std::exception_ptr exit_to_throw() noexcept {
  try {
    throw generator_exit();
  } catch (...) {
    return std::current_exception();
  }
}
/// What the closing of a body that yields ends with.
[[nodiscard]] inline std::exception_ptr ignored_exit(const char* kind) noexcept {
  try {
    throw runtime_error(std::string(kind) + " ignored GeneratorExit");
  } catch (...) {
    return std::current_exception();
  }
}

/// Closes one node that is ours and has no inner one, and gives it back: throws `failed` into it, what closing the one that it awaited
/// ended with, or else a generator_exit of its own. Gives what it did not let pass.
template <class Node>
std::exception_ptr close_level(Node& n, std::exception_ptr failed) noexcept {
  close_outside(n, failed);
  give_thrown(n, failed ? std::move(failed) : exit_to_throw());
  n.result = nullptr;
  run(n);
  if (has_yielded(n)) {
    leave_suspended(n);
    return ignored_exit(Node::kind);
  }
  std::exception_ptr failure = end_of(n);
  leave_closed(n);
  return failure && is_generator_exit(failure) ? nullptr : failure;
}

/// Closes what a node that is ours awaits. Gives what did not let it pass.
template <class Node>
std::exception_ptr close_awaited(Node& root) noexcept {
  std::exception_ptr failed;
  while (root.leaf != &root) {
    Node& inner = pop_leaf(root);
    keep(inner);  // its awaiter's reference may go with its awaiter
    failed = close_level(inner, std::move(failed));
    let_go(inner);
  }
  return failed;
}

/// Throws `thrown` where the chain of a node that is ours is suspended, and runs it; a result goes to `result`.
template <class Node>
void raise_taken(Node& n, std::exception_ptr thrown, void* result) {
  if (is_generator_exit(thrown)) {
    std::exception_ptr failed = close_awaited(n);
    close_outside(n, failed);
    if (failed) thrown = std::move(failed);
  }
  give_thrown(n, std::move(thrown));
  n.result = result;
  run(n);
}

/// A block for a frame of `bytes`, with the node in it. Throws std::bad_alloc.
template <class Node>
void* allocate_with_node(std::size_t bytes) {
  void* const block = allocate_frame(bytes);
  auto* const n = ::new (static_cast<std::byte*>(block) + protocol_node::place) Node;
  n->bytes = static_cast<std::uint32_t>(bytes);
  return block;
}

/// Gives back a block whose frame is gone.
template <class Node>
void release_with_node(Node& n) noexcept {
  frame* const block = n.body();
  const std::size_t bytes = n.bytes;
  n.~Node();
  release_frame(block, bytes);
}

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
//
// How a coroutine ends before its time: by an exception thrown into it, by close(), and by its last reference.
// A chain is closed level by level, the innermost first, in a loop: it may be as long as memory allows.
// The edges are those of detail/coro_node.hpp:
//   E3  the last reference
#include "coro_reports.hpp"
#include "weft/detail/coro_node.hpp"
#include "weft/errors.hpp"

namespace weft::detail {

namespace {

[[nodiscard]] bool is_generator_exit(const std::exception_ptr& thrown) noexcept {
  try {
    std::rethrow_exception(thrown);
  } catch (const generator_exit&) {
    return true;
  } catch (...) {
    return false;
  }
}

/// Throws an exception as it leaves a coroutine that was never started.
[[noreturn]] void leave_unstarted(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const stop_iteration&) {
    std::rethrow_exception(escaped_exception("coroutine"));
  }
}

/// Closes what a coroutine drives; `failed` is what that does not let pass.
void close_outside(coro_node& n, std::exception_ptr& failed) noexcept {
  awaited* const outside = std::exchange(n.driven, nullptr);
  if (outside == nullptr) return;
  try {
    outside->close();
  } catch (...) {
    failed = std::current_exception();
  }
}

/// Closes one coroutine that has its word to itself, and gives the word back: throws `failed` into it, what closing the one that it
/// awaited ended with, or else a generator_exit of its own. Gives what it did not let pass.
std::exception_ptr close_level(coro_node& n, std::exception_ptr failed) {
  close_outside(n, failed);
  n.thrown = failed ? std::move(failed) : std::make_exception_ptr(generator_exit());
  n.yielded = n.result = nullptr;
  run(n);
  if (std::exchange(n.yielded, nullptr) != nullptr) {
    leave(n, coro_node::suspended);
    return std::make_exception_ptr(runtime_error("coroutine ignored GeneratorExit"));
  }
  std::exception_ptr failure = std::exchange(n.failure, nullptr);
  free_body(n);
  leave(n, coro_node::closed);
  return failure && is_generator_exit(failure) ? nullptr : failure;
}

/// Closes what a coroutine whose word is ours awaits. Gives what did not let it pass.
std::exception_ptr close_awaited(coro_node& root) {
  std::exception_ptr failed;
  while (root.leaf != &root) {
    coro_node& inner = pop_leaf(root);
    add_strong(inner);  // its awaiter's reference may go with its awaiter
    failed = close_level(inner, std::move(failed));
    drop_strong(&inner);
  }
  return failed;
}

/// The last reference is gone: nobody else can take the word, but to cut off what is still awaited here.
void finalise(coro_node& n) noexcept {
  switch (state_of(n)) {
    case coro_node::created:
      report_never_awaited(n);
      free_body(n);
      break;
    case coro_node::suspended: try { close(n);
      } catch (...) {
        report_unraisable(std::current_exception(), qualname_of(n));
      }
      if (try_take(n) != coro_node::closed) free_body(n);  // it did not let itself be closed
      break;
    case coro_node::running:
      fail("~coroutine", "the coroutine is running: whoever sends to it must keep a reference to it until that call returns");
    default: break;
  }
  delete n.names;
}

}  // namespace

void raise_in(coro_node& n, std::exception_ptr thrown, void* result) {
  switch (try_take(n)) {
    case coro_node::closed: throw runtime_error("cannot reuse already awaited coroutine");
    case coro_node::created:
      free_body(n);
      leave(n, coro_node::closed);
      leave_unstarted(std::move(thrown));
    default: break;
  }
  if (is_generator_exit(thrown)) {
    std::exception_ptr failed = close_awaited(n);
    close_outside(n, failed);
    if (failed) thrown = std::move(failed);
  }
  n.thrown = std::move(thrown);
  n.result = result;
  n.yielded = nullptr;
  run(n);
}

void close(coro_node& n) {
  switch (try_take(n)) {
    case coro_node::closed: return;
    case coro_node::created: free_body(n); return leave(n, coro_node::closed);
    default: break;
  }
  const std::exception_ptr failure = close_level(n, close_awaited(n));
  if (failure) std::rethrow_exception(failure);
}

void drop_strong(coro_node* n) noexcept {
  if (n->strong.fetch_sub(1, acq_rel) != 1) return;  // E3
  finalise(*n);
  drop_weak(n);
}

bool try_add_strong(coro_node& n) noexcept {
  std::uint32_t seen = n.strong.load(relaxed);  // the exchange decides
  while (seen != 0)
    if (n.strong.compare_exchange_weak(seen, seen + 1, relaxed, relaxed)) return true;  // whoever asks has a weak reference
  return false;
}

void drop_weak(coro_node* n) noexcept {
  if (n->weak.fetch_sub(1, acq_rel) != 1) return;  // E3
  frame* const block = n->body();
  const std::size_t bytes = n->bytes;
  n->~coro_node();
  release_frame(block, bytes);
}

void* allocate_coroutine(std::size_t bytes) {
  void* const block = allocate_frame(bytes);
  auto* const n = ::new (static_cast<std::byte*>(block) + coro_node::place) coro_node;
  n->bytes = static_cast<std::uint32_t>(bytes);
  return block;
}

void release_coroutine(void* body) noexcept {
  coro_node* const n = node_of(frame_at(body));
  if (n->frame_is == coro_node::unborn) drop_weak(n);  // else it lives on without its frame
}

void rethrow_thrown(coro_node& by) { std::rethrow_exception(std::exchange(by.root.load(relaxed)->thrown, nullptr)); }  // ours

std::exception_ptr escaped_exception(const char* kind) noexcept {
  try {
    throw;
  } catch (const stop_iteration&) {
    try {
      std::throw_with_nested(runtime_error(std::string(kind) + " raised StopIteration"));
    } catch (...) {
      return std::current_exception();
    }
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace weft::detail

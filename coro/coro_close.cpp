// SPDX-License-Identifier: Apache-2.0
//
// How a coroutine ends before its time: by an exception thrown into it, by close(), and by its last reference.
// The edges are those of detail/coro_node.hpp:
//   E3  the last reference
#include "chain_close.hpp"
#include "coro_reports.hpp"
#include "weft/detail/coro_node.hpp"
#include "weft/detail/frame_pool.hpp"
#include "weft/errors.hpp"

namespace weft::detail {

// What closing a chain needs of a coroutine.
static void give_thrown(coro_node& n, std::exception_ptr thrown) noexcept {
  n.thrown = std::move(thrown);
  n.yielded = nullptr;
}
static awaited* stop_driving(coro_node& n) noexcept { return std::exchange(n.driven, nullptr); }
static bool has_yielded(coro_node& n) noexcept { return std::exchange(n.yielded, nullptr) != nullptr; }
static void leave_suspended(coro_node& n) noexcept { leave(n, coro_node::suspended); }
static void leave_closing(coro_node& n) noexcept { leave(n, coro_node::closing); }
static void leave_closed(coro_node& n) noexcept { leave(n, coro_node::closed); }
static void keep(coro_node& n) noexcept { add_strong(n); }
static void let_go(coro_node& n) noexcept { drop_strong(&n); }

namespace {

/// The last reference is gone: nobody else can take the word, but to cut off what is still awaited here.
void finalise(coro_node& n) noexcept {
  switch (state_of(n)) {
    case coro_node::created:
      report_never_awaited(n);
      free_body(n);
      break;
    case coro_node::suspended: try { close(n);
      } catch (...) {
        report_unraisable(std::current_exception(), coro_node::kind, n);
      }
      if (try_take(n) != coro_node::closed) free_body(n);  // it did not let itself be closed
      break;
    case coro_node::closed:
      if (n.word.load(relaxed) == coro_node::closed) break;  // nobody else has it
      [[fallthrough]];
    default: fail("~coroutine", "the coroutine is running: whoever sends to it must keep a reference to it until that call returns");
  }
  delete n.names;
}

}  // namespace

void end(coro_node& n) {
  const std::exception_ptr failure = end_of(n);
  leave_closed(n);
  if (failure) std::rethrow_exception(failure);
}

std::exception_ptr free_ended(coro_node& n) noexcept { return free_ended_body(n); }

void raise_in(coro_node& n, std::exception_ptr thrown, void* result) {
  switch (try_take(n)) {
    case coro_node::closed: throw runtime_error("cannot reuse already awaited coroutine");
    case coro_node::created: end_unstarted(n); leave_unstarted<coro_node>(std::move(thrown));
    default: break;
  }
  raise_taken(n, std::move(thrown), result);
}

void close(coro_node& n) {
  switch (try_take(n)) {
    case coro_node::closed: return;
    case coro_node::created: return end_unstarted(n);
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
  release_with_node(*n);
}

void* coro_node::allocate(std::size_t bytes) { return allocate_with_node<coro_node>(bytes); }

void coro_node::release(void* body) noexcept {
  coro_node* const n = node_of<coro_node>(frame_at(body));
  if (n->frame_is == coro_node::unborn) drop_weak(n);  // else it lives on without its frame
}

}  // namespace weft::detail

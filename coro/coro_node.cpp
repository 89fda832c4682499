// SPDX-License-Identifier: Apache-2.0
//
// Coroutine nodes: taking and giving back the word of one, and what a chain does when it is linked, cut and run.
// The edges are those of detail/coro_node.hpp:
//   E1  run    leaving and taking a word
//   E2  visit  a linked node's visitors, and its root
#include "weft/detail/coro_node.hpp"

#include "coro_reports.hpp"
#include "weft/errors.hpp"

#include <new>
#include <optional>

namespace weft::detail {

namespace {

constexpr std::int64_t moment = 100'000;  // nanoseconds: visitors only look, and who cuts does not run anything

[[nodiscard]] coro_node::state_of state_in(std::uint32_t word) noexcept {
  return static_cast<coro_node::state_of>(word & coro_node::state_bits);
}

/// The same for who asks: what is cut apart is suspended, and one whose parameters go is closed.
[[nodiscard]] coro_node::state_of state_told(std::uint32_t word) noexcept {
  const coro_node::state_of state = state_in(word);
  return state == coro_node::cutting ? coro_node::suspended : state == coro_node::closing ? coro_node::closed : state;
}
/// What a chain is whose root's word is this: one that awaits until its root has ended goes on alone then.
[[nodiscard]] coro_node::state_of chain_told(std::uint32_t word) noexcept {
  const coro_node::state_of state = state_in(word);
  return state == coro_node::closing ? coro_node::running : state_told(word);
}

/// Moves a linked node's word once no visitor looks at it but `own` ones. By who has its root's word.
void settle(coro_node& n, std::uint32_t own, coro_node::state_of to) noexcept {
  const std::uint32_t left_alone = coro_node::linked + own;
  std::uint32_t seen = left_alone;
  while (!n.word.compare_exchange_strong(seen, to, acq_rel, relaxed)) {  // E1 E2
    futex_wait(n.word, seen, moment);
    if (takes_step()) seen = left_alone;
  }
}

/// The chain from `n` inwards gets a root of its own, whose word is ours; `own`: how many visitors of `n` we are.
void cut(coro_node& root, coro_node& n, std::uint32_t own) noexcept {
  for (coro_node* m = root.leaf; m != &n; m = m->awaiter) {
    settle(*m, 0, coro_node::running);
    m->root.store(&n, relaxed);                 // E2
    m->word.store(coro_node::linked, release);  // E2
  }
  coro_node& by = *n.awaiter;
  by.driven = by.awaiting;
  n.leaf = std::exchange(root.leaf, &by);
  n.awaiter = nullptr;
  settle(n, own, coro_node::running);
  n.root.store(&n, relaxed);  // ours
}

/// Visits a linked node for its root's word. True: it was cut off, and its word is ours. False: it is not linked any more.
bool take_linked(coro_node& n, std::uint32_t seen) {
  if (!n.word.compare_exchange_strong(seen, seen + coro_node::visitor, acquire, relaxed)) return false;  // E2
  coro_node& root = *n.root.load(relaxed);  // E2
  std::uint32_t expected = coro_node::suspended;
  const auto taken = takes_step() ? coro_node::cutting : coro_node::running;
  if (!root.word.compare_exchange_strong(expected, taken, acquire, relaxed)) {  // E1
    n.word.fetch_sub(coro_node::visitor, release);                              // E2
    throw value_error("coroutine already executing");
  }
  cut(root, n, coro_node::visitor);
  leave(root, coro_node::suspended);
  return true;
}

}  // namespace

coro_node::state_of try_take(coro_node& n) {
  for (;;) {
    std::uint32_t seen = n.word.load(acquire);  // E1, for who finds it closed; else the exchanges below decide
    const coro_node::state_of state = state_in(seen);
    switch (state) {
      case coro_node::closing:
      case coro_node::closed: return coro_node::closed;
      case coro_node::running: throw value_error("coroutine already executing");
      case coro_node::created:
      case coro_node::suspended:
        if (n.word.compare_exchange_weak(seen, coro_node::running, acquire, relaxed)) return state;  // E1
        break;
      case coro_node::linked:
        if (take_linked(n, seen)) return coro_node::suspended;
        break;
      case coro_node::cutting: futex_wait(n.word, seen, moment); break;
    }
  }
}

void take_slow(coro_node& n, bool has_value) {
  switch (try_take(n)) {
    case coro_node::closed: throw runtime_error("cannot reuse already awaited coroutine");
    case coro_node::created:
      if (!has_value) return;
      leave(n, coro_node::created);
      throw type_error("can't send non-None value to a just-started coroutine");
    default: return;
  }
}

void take_created(coro_node& n) {
  if (state_of(n) != coro_node::suspended) {  // else what is in a chain would be cut off it
    const coro_node::state_of was = try_take(n);
    if (was == coro_node::created) return;
    if (was == coro_node::closed) throw runtime_error("cannot reuse already awaited coroutine");
    leave(n, coro_node::suspended);  // somebody else has started it meanwhile
  }
  throw type_error("the coroutine waits for a value and its type has no None; send it one");
}

void run_driven(coro_node& root) {
  coro_node& leaf = *root.leaf;
  try {
    const bool yielded = root.thrown ? leaf.driven->raise(root, std::exchange(root.thrown, nullptr)) : leaf.driven->send(root);
    if (yielded) return;
  } catch (...) {
    root.thrown = std::current_exception();
  }
  leaf.driven = nullptr;
  run_here(leaf.body());
}

void link(coro_node& inner, coro_node& by) {
  std::uint32_t expected = coro_node::created;
  if (!inner.word.compare_exchange_strong(expected, coro_node::running, relaxed, relaxed)) {  // nobody has run it: there is nothing to see
    switch (state_of(inner)) {
      case coro_node::closed: throw runtime_error("cannot reuse already awaited coroutine");
      case coro_node::suspended: throw runtime_error("coroutine is being awaited already");
      default: throw value_error("coroutine already executing");
    }
  }
  coro_node& root = *by.root.load(relaxed);  // ours
  inner.awaiter = &by;
  inner.root.store(&root, relaxed);  // E2
  root.leaf = &inner;
  inner.word.store(coro_node::linked, release);  // E2
}

coro_node& pop_leaf(coro_node& root) noexcept {
  coro_node& inner = *root.leaf;
  coro_node& by = *std::exchange(inner.awaiter, nullptr);
  root.leaf = &by;
  by.awaiting = nullptr;
  settle(inner, 0, coro_node::running);
  inner.root.store(&inner, relaxed);  // ours
  inner.leaf = &inner;
  return inner;
}

frame* coro_node::unlink(frame* ended) noexcept {
  coro_node& inner = *node_of<coro_node>(ended);
  inner.failure = take_escaped();
  coro_node& by = *std::exchange(inner.awaiter, nullptr);
  inner.root.load(relaxed)->leaf = &by;  // ours
  settle(inner, 0, coro_node::closed);
  return by.body();
}

coro_node::state_of state_of(coro_node& n) noexcept {
  for (;;) {
    std::uint32_t seen = n.word.load(acquire);  // E1
    if (state_in(seen) != coro_node::linked) return state_told(seen);
    if (!n.word.compare_exchange_weak(seen, seen + coro_node::visitor, acquire, relaxed)) continue;  // E2
    const coro_node::state_of state = chain_told(n.root.load(relaxed)->word.load(acquire));  // E1 E2
    n.word.fetch_sub(coro_node::visitor, release);  // E2
    return state;
  }
}

void free_body(coro_node& n) noexcept {
  if (n.leaf != &n) {  // it ends in the middle of an await: what it awaits goes on alone
    coro_node* inner = n.leaf;
    while (inner->awaiter != &n) inner = inner->awaiter;
    cut(n, *inner, 0);
    leave(*inner, coro_node::suspended);
  }
  n.awaiting = n.driven = nullptr;
  if (std::exchange(n.frame_is, coro_node::gone) == coro_node::alive) std::coroutine_handle<>::from_address(n.body()).destroy();
}

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
//
// Generator nodes: what a step does beside the common case, how a chain is linked, driven, closed and dropped.
#include "weft/detail/generator_node.hpp"

#include "chain_close.hpp"
#include "coro_reports.hpp"
#include "weft/errors.hpp"

#include <coroutine>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace weft::detail {

/// The chain of `root` goes on in `leaf`, and yields what lies in its slot.
static void go_on_at(generator_node& root, generator_node& leaf) noexcept {
  root.leaf = &leaf;
  root.at = leaf.body();
  if (leaf.slot != 0) root.yielded = reinterpret_cast<std::byte*>(&leaf) + leaf.slot;
}

// What closing a chain needs of a generator.
static void run(generator_node& n) { run_chain(n.at); }
static void give_thrown(generator_node& n, std::exception_ptr thrown) noexcept {
  n.leaf->thrown = std::move(thrown);
  n.leaf->sent = &n.leaf->thrown;
}
static awaited* stop_driving(generator_node& n) noexcept {
  go_on_at(*n.root, n);
  return std::exchange(n.driven, nullptr);
}
static bool has_yielded(const generator_node& n) noexcept { return n.phase != generator_node::ended; }
static void leave_suspended(generator_node& n) noexcept { n.phase = generator_node::suspended; }
static void leave_closing(generator_node& n) noexcept { n.phase = generator_node::closing; }
static void leave_closed(generator_node& n) noexcept { n.phase = generator_node::closed; }
static void keep(generator_node&) noexcept {}
static void let_go(generator_node&) noexcept {}

/// The chain from `inner`, which `root` awaits, gets a root of its own.
static void make_root(generator_node& inner, generator_node& root) noexcept {
  for (generator_node* m = root.leaf; m != &inner; m = m->awaiter) m->root = &inner;
  inner.leaf = root.leaf;
  inner.at = root.at;
  inner.yielded = root.yielded;
  inner.phase = root.phase;
  inner.root = &inner;
  generator_node& by = *std::exchange(inner.awaiter, nullptr);
  by.awaiting = nullptr;
  go_on_at(root, by);
}

/// Takes the leaf of a chain that is ours out of it.
static generator_node& pop_leaf(generator_node& root) noexcept {
  generator_node& inner = *root.leaf;
  make_root(inner, root);
  return inner;
}

namespace {

constexpr std::size_t stepper_place = sizeof(generator_node) - sizeof(frame::resume);  // it is the last member

/// The step that a leaf takes which drives something; `f` begins with its stepper.
void step(frame* f) {
  generator_node& leaf = *std::launder(reinterpret_cast<generator_node*>(reinterpret_cast<std::byte*>(f) - stepper_place));
  generator_node& root = *leaf.root;
  try {
    exchange with{std::exchange(leaf.sent, nullptr)};
    const bool goes_on =
        with.sent == &leaf.thrown ? leaf.driven->raise(with, std::exchange(leaf.thrown, nullptr)) : leaf.driven->send(with);
    if (goes_on) {
      root.yielded = with.yielded;
      return;
    }
  } catch (...) {
    give_thrown(root, std::current_exception());
  }
  stop_driving(leaf);
  run(root);
}

/// Takes a generator that is to be run: what it was before. Throws value_error if it runs.
generator_node::phase_of take(generator_node& n) {
  const generator_node::phase_of was = n.phase;
  if (was == generator_node::running || was == generator_node::ended) throw value_error("generator already executing");
  if (was == generator_node::suspended) n.phase = generator_node::running;
  return was == generator_node::closing ? generator_node::closed : was;
}

generator_step outcome(generator_node& n) {
  if (n.phase == generator_node::ended) {
    finish(n);
    return generator_step::returned;
  }
  n.phase = generator_node::suspended;
  return generator_step::yielded;
}

void close_suspended(generator_node& n) noexcept {
  try {
    close(n);
  } catch (...) {
    report_unraisable(std::current_exception(), generator_node::kind, n);
  }
}

}  // namespace

generator_node::generator_node() noexcept : at(body()), stepper(as_resumed(step)) {
  invariant(reinterpret_cast<std::byte*>(&stepper) == reinterpret_cast<std::byte*>(this) + stepper_place, "generator_node",
            "the stepper is the last member");
}

generator_step advance_slow(generator_node& root, bool has_value) {
  switch (take(root)) {
    case generator_node::closed: return generator_step::exhausted;
    case generator_node::created:
      if (has_value) throw type_error("can't send non-None value to a just-started generator");
      root.phase = generator_node::running;
      break;
    default: break;
  }
  run(root);
  return outcome(root);
}

void finish(generator_node& root) {
  const std::exception_ptr failure = end_of(root);
  leave_closed(root);
  if (failure) std::rethrow_exception(failure);
}

std::exception_ptr free_ended(generator_node& n) noexcept { return free_ended_body(n); }

void expects_fresh(generator_node& n) {
  if (n.phase == generator_node::suspended) throw type_error("the generator waits for a value and its type has no None; send it one");
}

generator_step raise_in(generator_node& n, std::exception_ptr thrown, void* result) {
  switch (take(n)) {
    case generator_node::closed: std::rethrow_exception(std::move(thrown));
    case generator_node::created: end_unstarted(n); leave_unstarted<generator_node>(std::move(thrown));
    default: break;
  }
  const forgetting_result last{n};
  raise_taken(n, std::move(thrown), result);
  return outcome(n);
}

void close(generator_node& n) {
  switch (take(n)) {
    case generator_node::closed: return;
    case generator_node::created: return end_unstarted(n);
    default: break;
  }
  const std::exception_ptr failure = close_level(n, close_awaited(n));
  if (failure) std::rethrow_exception(failure);
}

void start_driving(generator_node& by, awaited& what) noexcept {
  by.awaiting = by.driven = &what;
  by.root->at = frame_at(&by.stepper);
}

void link(generator_node& inner, generator_node& by) noexcept {
  generator_node& root = *by.root;
  inner.awaiter = &by;
  inner.root = &root;
  inner.phase = generator_node::running;
  go_on_at(root, inner);
}

frame* generator_node::unlink(frame* ended) noexcept {
  generator_node& inner = *node_of<generator_node>(ended);
  generator_node& by = *std::exchange(inner.awaiter, nullptr);
  generator_node& root = *inner.root;
  inner.failure = take_escaped();
  inner.phase = generator_node::closed;
  go_on_at(root, by);
  return root.at;
}

void free_body(generator_node& n) noexcept {
  if (n.leaf != &n) {  // it goes in the middle of an await: what it awaits is closed by its awaiter
    generator_node* inner = n.leaf;
    while (inner->awaiter != &n) inner = inner->awaiter;
    make_root(*inner, n);
  }
  n.awaiting = n.driven = nullptr;
  if (std::exchange(n.frame_is, generator_node::gone) == generator_node::alive) std::coroutine_handle<>::from_address(n.body()).destroy();
}

void drop(generator_node* n) noexcept {
  if (n->phase == generator_node::running || n->phase == generator_node::ended || n->phase == generator_node::closing)
    fail("~generator", "the generator is running: whoever resumes it must keep it until that call returns");
  if (n->phase == generator_node::suspended) close_suspended(*n);
  free_body(*n);  // unless it has ended: it was not started, or did not let itself be closed
  delete n->names;
  release_with_node(*n);
}

void* generator_node::allocate(std::size_t bytes) { return allocate_with_node<generator_node>(bytes); }

void generator_node::release(void* body) noexcept {
  generator_node* const n = node_of<generator_node>(frame_at(body));
  if (n->frame_is == generator_node::unborn) release_with_node(*n);  // else it lives on without its frame
}

generator_node& bear(generator_node& n, const std::source_location& own, void* slot) noexcept {
  if (slot != nullptr) n.slot = static_cast<std::uint32_t>(static_cast<std::byte*>(slot) - reinterpret_cast<std::byte*>(&n));
  go_on_at(n, n);
  n.function = own.function_name();
  n.frame_is = generator_node::alive;
  return n;
}

}  // namespace weft::detail

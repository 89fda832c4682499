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

// What closing a chain needs of a generator.
static void run(generator_node& n) { run_chain(n.at); }
static void give_thrown(generator_node& n, std::exception_ptr thrown) noexcept {
  n.leaf->thrown = std::move(thrown);
  n.leaf->sent = &n.leaf->thrown;
}
static awaited* stop_driving(generator_node& n) noexcept {
  n.root->at = n.body();
  return std::exchange(n.driven, nullptr);
}
static bool has_yielded(const generator_node& n) noexcept { return n.yielded != nullptr; }
static void leave_suspended(generator_node&) noexcept {}
static void leave_closed(generator_node& n) noexcept { n.phase = generator_node::closed; }
static void keep(generator_node&) noexcept {}
static void let_go(generator_node&) noexcept {}

static std::exception_ptr end_of(generator_node& n) noexcept;

/// The chain from `inner`, which `root` awaits, gets a root of its own.
static void make_root(generator_node& inner, generator_node& root) noexcept {
  for (generator_node* m = root.leaf; m != &inner; m = m->awaiter) m->root = &inner;
  inner.leaf = std::exchange(root.leaf, std::exchange(inner.awaiter, nullptr));
  inner.at = root.at;
  inner.yielded = root.yielded;
  inner.root = &inner;
  root.leaf->awaiting = nullptr;
  root.at = root.leaf->body();
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
    root.yielded = with.yielded;
    if (goes_on) return;
  } catch (...) {
    give_thrown(root, std::current_exception());
  }
  stop_driving(leaf);
  run(root);
}

/// Takes a generator that is to be run: what it was before. Throws value_error if it runs.
generator_node::phase_of take(generator_node& n) {
  const generator_node::phase_of was = n.phase;
  if (was != generator_node::started) return was;
  if (n.yielded == nullptr) throw value_error("generator already executing");
  n.yielded = nullptr;
  return was;
}

generator_step outcome(generator_node& n) { return n.yielded != nullptr ? generator_step::yielded : finish(n); }

/// It is closed before its parameters go, as in CPython: what they end may look at it.
void close_fresh(generator_node& n) noexcept {
  n.phase = generator_node::closed;
  free_body(n);
}

void close_started(generator_node& n) noexcept {
  try {
    close(n);
  } catch (...) {
    report_unraisable(std::current_exception(), generator_node::kind, qualname_of(n));
  }
}

}  // namespace

generator_node::generator_node() noexcept : at(body()), stepper(as_resumed(step)) {
  invariant(reinterpret_cast<std::byte*>(&stepper) == reinterpret_cast<std::byte*>(this) + stepper_place, "generator_node",
            "the stepper is the last member");
}

std::exception_ptr end_of(generator_node& n) noexcept {
  n.failure = take_escaped();
  return free_ended(n);
}

generator_step advance_slow(generator_node& root, bool has_value) {
  switch (take(root)) {
    case generator_node::closed: return generator_step::exhausted;
    case generator_node::created:
      if (has_value) throw type_error("can't send non-None value to a just-started generator");
      root.phase = generator_node::started;
      break;
    case generator_node::started: break;
  }
  run(root);
  return outcome(root);
}

generator_step finish(generator_node& root) {
  root.phase = generator_node::closed;  // before its parameters go, as above
  const std::exception_ptr failure = end_of(root);
  if (failure) std::rethrow_exception(failure);
  return generator_step::returned;
}

std::exception_ptr free_ended(generator_node& n) noexcept {
  free_body(n);  // before the failure is taken: a promise may have a result to give up
  return std::exchange(n.failure, nullptr);
}

void expects_fresh(generator_node& n) {
  if (n.phase == generator_node::started && n.yielded != nullptr)
    throw type_error("the generator waits for a value and its type has no None; send it one");
}

generator_step raise_in(generator_node& n, std::exception_ptr thrown, void* result) {
  switch (take(n)) {
    case generator_node::closed: std::rethrow_exception(std::move(thrown));
    case generator_node::created: close_fresh(n); leave_unstarted<generator_node>(std::move(thrown));
    case generator_node::started: break;
  }
  struct forget_after {
    generator_node& n;
    ~forget_after() { n.result = nullptr; }
  } last{n};
  raise_taken(n, std::move(thrown), result);
  return outcome(n);
}

void close(generator_node& n) {
  switch (take(n)) {
    case generator_node::closed: return;
    case generator_node::created: return close_fresh(n);
    case generator_node::started: break;
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
  inner.phase = generator_node::started;
  root.leaf = &inner;
  root.at = inner.body();
}

frame* generator_node::unlink(frame* ended) noexcept {
  generator_node& inner = *node_of<generator_node>(ended);
  generator_node& by = *std::exchange(inner.awaiter, nullptr);
  generator_node& root = *inner.root;
  inner.failure = take_escaped();
  root.leaf = &by;
  inner.phase = generator_node::closed;
  return root.at = by.body();
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
  if (n->phase == generator_node::started) {
    if (n->yielded == nullptr) fail("~generator", "the generator is running: whoever resumes it must keep it until that call returns");
    close_started(*n);
  }
  free_body(*n);  // unless it has ended: it was not started, or did not let itself be closed
  delete n->names;
  release_with_node(*n);
}

void* generator_node::allocate(std::size_t bytes) { return allocate_with_node<generator_node>(bytes); }

void generator_node::release(void* body) noexcept {
  generator_node* const n = node_of<generator_node>(frame_at(body));
  if (n->frame_is == generator_node::unborn) release_with_node(*n);  // else it lives on without its frame
}

generator_node& bear(generator_node& n, const std::source_location& own) noexcept {
  n.function = own.function_name();
  n.frame_is = generator_node::alive;
  return n;
}

}  // namespace weft::detail

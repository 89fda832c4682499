// SPDX-License-Identifier: Apache-2.0
//
// What every generator is below its types: one owner, no atomics.
//
// Shape: detail/protocol_node.hpp. A generator that yields from a fresh one takes it into its chain, which is run by its root: whoever
//   has the root runs the frame at `at`, which is its leaf's, so that a step takes as long at any depth.
//
//     root <- awaiter - node <- awaiter - leaf          root.leaf = leaf, root.at = leaf's frame; every node's root = root
//
//   Everything else that is awaited is driven through `awaited`, a step each. `at` is the leaf's stepper then, which is resumed like a
//   frame and takes that step, so that the common case need not ask.
//
// Fields  what is sent and thrown is the leaf's, what is yielded, and where a result goes, the root's
// State   of a root: created -> running <-> suspended, running -> ended -> closing -> closed. Who runs it says that it runs, and its body
// only that
//         it has ended: who comes back and finds neither has been yielded to. A body whose values lie in its promise says nothing more:
//         `yielded` points there as long as it is the leaf.
// Rules   one thread at a time: whoever owns the generator; its owner may hand it on. An inner generator belongs to its awaiter.
// Cost    next and yield: two stores beside the value, one test for what is sent or thrown and one for the end; no atomics. A yield from a
//         fresh generator: eight stores.
// Checked tests/unit/generator_test.cpp, tests/protocol/generator_throw_test.cpp, tests/protocol/generator_await_test.cpp
// From    docs.python.org/3.10/reference/expressions.html#generator-iterator-methods, PEP 255, 342, 380, 479
#pragma once

#include "weft/detail/frame_pool.hpp"
#include "weft/detail/protocol_node.hpp"
#include "weft/detail/resume.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <source_location>

namespace weft::detail {

struct generator_node : protocol_node {
  enum phase_of : std::uint32_t { created, suspended, running, ended, closing, closed };
  static constexpr const char* kind = "generator";
  static constexpr bool yields_from_slot = true;
  static constexpr std::size_t place_of_thrown = 5 * sizeof(void*);  // in the node
  static constexpr const char* moved_from = "the generator was moved from";

  generator_node() noexcept;

  frame* at;                            // of a root: what is resumed
  generator_node* root = this;
  generator_node* leaf = this;          // of a root
  generator_node* awaiter = nullptr;    // in the chain
  phase_of phase = created;             // of a root; a linked one runs
  std::uint32_t slot = 0;               // bytes from the node to where all that it yields lies; 0: to where is told at each yield
  void (*stepper)(frame*);              // what `at` points to while the leaf drives; the last member

  /// The body of a root has ended.
  WEFT_INLINE static void end(frame* ended_one) noexcept { node_of<generator_node>(ended_one)->phase = ended; }
  /// Takes an ended one out of its chain. Returns the frame of who awaits it, which is to be run next.
  static frame* unlink(frame* ended) noexcept;
  /// A block for a frame of `bytes`, with a node in it. Throws std::bad_alloc.
  static void* allocate(std::size_t bytes);
  /// The frame at `body` is gone; frees the block as well if the generator was never handed out.
  static void release(void* body) noexcept;
};

static_assert(sizeof(generator_node) == 2 * line_bytes);

WEFT_INLINE generator_node& chain_root(generator_node& n) noexcept { return *n.root; }

/// What became of a step. Exhausted: it had ended before.
enum class generator_step : std::uint8_t { yielded, returned, exhausted };

/// advance() of a generator that is not suspended. Throws value_error if it runs, type_error if it was not started and `has_value`.
generator_step advance_slow(generator_node& root, bool has_value);
/// A step has not yielded: frees the frame, and throws what it ended with, if anything.
void finish(generator_node& root);

/// Runs a generator until its chain yields or it ends. What is sent and where its result goes was set before. Whatever it took, one that
/// has yielded is said to be suspended here: a loop that does nothing else to it then need not look, and says it once a step.
WEFT_INLINE generator_step advance(generator_node& root, bool has_value) {
  if (root.phase == generator_node::suspended) [[likely]] {
    root.phase = generator_node::running;
    run_chain(root.at);
    if (root.phase == generator_node::ended) [[unlikely]] {
      finish(root);
      if (root.phase != generator_node::closed) __builtin_unreachable();
      return generator_step::returned;
    }
  } else if (const generator_step became = advance_slow(root, has_value); became != generator_step::yielded) {
    return became;
  }
  root.phase = generator_node::suspended;
  return generator_step::yielded;
}

/// Forgets where a result goes, as it goes.
struct forgetting_result {
  generator_node& n;
  ~forgetting_result() { n.result = nullptr; }
};

/// Throws type_error unless it was not started: it waits for a value of a type that has no None.
void expects_fresh(generator_node& n);

/// Throws `thrown` where the chain of `n` is suspended, and runs it; a result goes to `result`. Throws what leaves it, and `thrown` itself
/// if it has ended or was not started, which it has then.
generator_step raise_in(generator_node& n, std::exception_ptr thrown, void* result);

/// Throws generator_exit where each generator of its chain is suspended, the innermost first. Throws what that does not let pass.
void close(generator_node& n);

/// The frame of `by` suspends in an await of `what`, which is driven from now on.
void start_driving(generator_node& by, awaited& what) noexcept;

/// `by` has been resumed in an await: throws what was thrown into it.
inline void wake(generator_node& by) {
  by.awaiting = nullptr;
  if (by.thrown) rethrow_thrown(by);
}

/// Puts a generator that was not started into the chain of `by`, which runs.
void link(generator_node& inner, generator_node& by) noexcept;

/// Makes the node's frame go.
void free_body(generator_node& n) noexcept;
/// The same for one that has ended in a chain; gives what it ended with.
[[nodiscard]] std::exception_ptr free_ended(generator_node& n) noexcept;
/// The owner lets go: closes it; errors go to the unraisable hook.
void drop(generator_node* n) noexcept;

/// A generator whose frame is made: from here on it ends only by being run, closed or dropped. Returns it.
/// `slot`: where all that it yields lies, or null.
generator_node& bear(generator_node& n, const std::source_location& own, void* slot) noexcept;

}  // namespace weft::detail

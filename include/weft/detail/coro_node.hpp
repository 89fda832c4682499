// SPDX-License-Identifier: Apache-2.0
//
// What every protocol coroutine is below its types: who may run it, who is run when it is sent to, and who awaits it.
//
// Shape: detail/protocol_node.hpp. The block goes with the last reference.
//
//   A coroutine that awaits a created one takes it into its chain. The chain is driven as one: whoever has the root's word runs the
//   leaf, so that a resumption takes as long at any depth.
//
//     root <- awaiter - node <- awaiter - leaf          root.leaf = leaf; every node's root = root
//
//   Everything else that is awaited is driven through `awaited`, a step each: a view, a generator, a range, and a coroutine that was
//   cut off a chain because somebody drove it directly.
//
// Word    created -> running <-> suspended, running -> closing      of a root; `running` belongs to one thread
//         closing -> closed                                         the same, but to all others it is closed: its parameters go
//         suspended -> cutting -> suspended                         the same, to one that cuts a chain off it; others wait
//         running -> linked -> running | closed                     of what is awaited in a chain: its root's word counts
//         A linked node's word also counts visitors: threads that look at its root. It is unlinked when there are none.
//
// Who touches what
//   word       whoever moves it
//   root       under `running`, its own or its root's; read by visitors, whose count keeps the node in its chain and so the root alive
//   others     whoever has the root's word
//   strong     handles, views and awaiters; the last closes the coroutine. weak: those, as one, and every weak_coroutine; the last
//              frees the block
//
// Edges
//   E1  run       leaving a word (release) -> taking or seeing it (acquire): a runner sees all that the runner before it did, as does
//                 who finds that it has ended
//   E2  visit     linking (release) -> a visitor's count (acquire): it sees the root. Its leaving (release) -> unlinking (acquire):
//                 what it did is done
//   E3  last      dropping a reference (release) -> dropping the last one (acquire)
//
// Progress  bounded, but: who ends an awaited coroutine, or cuts it off, waits for visitors to leave, and who takes its root for the
//           cut: a few instructions.
// Cost      send and yield: one compare-exchange and one store. An await in a chain: two compare-exchanges of the word.
// Checked   tests/unit/coroutine_test.cpp, tests/model/coroutine_model.cpp, tests/model/coroutine_chain_model.cpp
// From      docs.python.org/3.10/reference/datamodel.html#coroutine-objects, PEP 380, PEP 479; CPython 3.10 walks the chain instead
#pragma once

#include "weft/detail/frame_pool.hpp"
#include "weft/detail/protocol_node.hpp"
#include "weft/detail/resume.hpp"
#include "weft/detail/sync.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <source_location>

namespace weft::detail {

struct coro_node : protocol_node {
  enum state_of : std::uint32_t { created, suspended, running, closed, linked, cutting, closing };
  static constexpr std::uint32_t state_bits = 7;
  static constexpr std::uint32_t visitor = 8;
  static constexpr const char* kind = "coroutine";
  static constexpr bool yields_from_slot = false;  // `yielded` tells whether it has yielded
  static constexpr const char* moved_from = "the coroutine was moved from, or awaited";

  atomic<std::uint32_t> word{created};
  bool has_origin = false;         // `where` is told by a report
  atomic<coro_node*> root{this};
  coro_node* leaf = this;          // of a root: whose frame is resumed
  coro_node* awaiter = nullptr;    // in the chain
  std::source_location where;      // where it was made: as a parameter says, or the function itself
  atomic<std::uint32_t> strong{1};
  atomic<std::uint32_t> weak{1};

  /// The body of a root has ended: nothing has been yielded.
  static void end(frame*) noexcept {}
  /// Takes an ended one out of its chain. Returns the frame of who awaits it, which is to be run next.
  static frame* unlink(frame* ended) noexcept;
  /// A block for a frame of `bytes`, with a node in it. Throws std::bad_alloc.
  static void* allocate(std::size_t bytes);
  /// The frame at `body` is gone; frees the block as well if the coroutine was never handed out.
  static void release(void* body) noexcept;
};

static_assert(sizeof(coro_node) == 2 * line_bytes);

/// The root of a chain that is ours to run.
WEFT_INLINE coro_node& chain_root(coro_node& n) noexcept { return *n.root.load(relaxed); }  // ours

/// Takes the word of a coroutine to run it; gives what it was before: suspended, created, or closed, and then nothing was taken. A linked
/// one is cut off its chain first and was suspended. Throws value_error if it runs.
coro_node::state_of try_take(coro_node& n);

/// take() of a coroutine that is not suspended as a root. Throws what CPython does.
WEFT_COLD_THROWS void take_slow(coro_node& n, bool has_value);

/// Takes the word of a coroutine, to send to it. Throws value_error if it runs, runtime_error if it has ended, type_error if it has
/// not been started and `has_value`.
WEFT_INLINE void take(coro_node& n, bool has_value) {
  std::uint32_t expected = coro_node::suspended;
  if (!n.word.compare_exchange_strong(expected, coro_node::running, acquire, relaxed)) [[unlikely]]  // E1
    take_slow(n, has_value);
}

/// Takes the word of a coroutine, to start it. Throws as take() does, and type_error if it was started.
void take_created(coro_node& n);

/// Gives the word back. Nothing of `n` may be touched afterwards.
WEFT_INLINE void leave(coro_node& n, coro_node::state_of as) noexcept { n.word.store(as, release); }  // E1

/// Gives the word back of one that has yielded, as it goes: once what was yielded is taken.
struct leaving_suspended {
  coro_node& n;
  ~leaving_suspended() {
    n.yielded = nullptr;
    leave(n, coro_node::suspended);
  }
};

/// run() through what the leaf awaits.
void run_driven(coro_node& root);

/// Runs a coroutine whose word is ours until its chain yields or it ends.
WEFT_INLINE void run(coro_node& root) {
  coro_node* const leaf = root.leaf;
  if (leaf->driven != nullptr) [[unlikely]]
    return run_driven(root);
  run_here(leaf->body());
}

/// A coroutine whose word is ours has ended: frees its frame, gives the word back and throws what it ended with, if anything.
void end(coro_node& n);

/// Takes the word of `n` and throws `thrown` where its chain is suspended; runs on from there, its result to go to `result`. Throws as
/// take() does, and `thrown` itself, with the coroutine closed, if it had not been started.
void raise_in(coro_node& n, std::exception_ptr thrown, void* result);

/// Takes the word of `n`, throws generator_exit where each coroutine of its chain is suspended, the innermost first, and gives the word
/// back. Throws what the coroutine does not let pass.
void close(coro_node& n);

/// The frame of `by` suspends in an await of `what`, which is driven from now on.
inline void start_driving(coro_node& by, awaited& what) noexcept { by.awaiting = by.driven = &what; }

/// Puts a created coroutine into the chain of `by`, which runs. Throws as take_slow.
void link(coro_node& inner, coro_node& by);

/// Takes the leaf of a chain whose word is ours out of it: it is its own root then, and its word ours as well.
coro_node& pop_leaf(coro_node& root) noexcept;

/// Makes the node's frame go.
void free_body(coro_node& n) noexcept;
/// The same for one that has ended in a chain; gives what it ended with.
[[nodiscard]] std::exception_ptr free_ended(coro_node& n) noexcept;

/// Drops a reference. The last one closes the coroutine, whose errors go to the unraisable hook.
void drop_strong(coro_node* n) noexcept;
void drop_weak(coro_node* n) noexcept;
inline void add_strong(coro_node& n) noexcept { n.strong.fetch_add(1, relaxed); }  // whoever calls has one
/// A reference from a weak one, unless the last is gone.
[[nodiscard]] bool try_add_strong(coro_node& n) noexcept;

/// A coroutine whose frame is made: from here on it ends only by being run or closed. Returns it.
coro_node& bear(coro_node& n, const std::source_location& own) noexcept;

/// The state as seen at some moment. Any thread that has a reference.
[[nodiscard]] coro_node::state_of state_of(coro_node& n) noexcept;

}  // namespace weft::detail

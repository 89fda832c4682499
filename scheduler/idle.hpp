// SPDX-License-Identifier: Apache-2.0
//
// Who searches, who sleeps, and whom to wake.
//
// Shape: one word. Sleepers form a stack of worker indices, linked through `below_`; the worker that holds the driver's
//   role sleeps beside the stack and is woken only when the stack is empty. A waker moves a sleeper from the stack to the
//   searchers in one step, so that wakes are counted: while somebody searches, nobody else needs to be woken.
//
//     bit 63      somebody sleeps, or, if nobody does, the mark: all that the hot path looks at
//     bits 30-62  tag, counts the changes of the stack, so that a slow pop of an old top fails
//     bits 20-29  the worker that sleeps in the driver, index + 1
//     bits 10-19  top of the stack, index + 1
//     bits 0-9    searchers: workers that look for work, and those woken that have not got up yet
//
// The rule: work that is published while somebody sleeps is found by somebody.
//   publish   store the work, then look at this word: if somebody sleeps and nobody searches, wake one
//   sleep     change this word, then look at all work, then sleep                                  (announce)
//   stop searching   change this word; the last searcher then looks at all work, and wakes one if there is any
//
// The mark: work from outside does not wait for a worker that only forks and joins, and so never comes back to its loop.
//   raise     who injects from outside, or was the last searcher and leaves injected work behind, while nobody sleeps and
//             nobody searches: every worker is busy. The next one that forks leaves the hot path and
//   clear     takes the injected frames to its own deque, where the next finished child of its join pops them.
//   A change of the stack or the driver drops the mark: a worker that lies down looks at all work next, and the others start
//   from a word with sleepers, in which there is no mark. Searchers come and go without touching it. A mark that has outlived
//   its work costs one fork a look. Who neither forks nor returns keeps its worker: only others can help then.
//   The mark is about the queue: what a worker took from it together with a task that then only forks lies below the joins of that
//   one in its deque, and waits for a thief or for the end of the task.
//
// Edges
//   E1  Publishing with a locked instruction (deque push, injection) and then loading this word, against changing this
//       word and then loading the places of work: all four seq_cst, so one of the two sees the other.
//   E2  A worker that forks publishes quietly, without a locked instruction, and loads this word relaxed.
//       If it sees a sleeper it changes this word by an empty read-modify-write (seq_cst: of a weaker one compilers make
//       no instruction), which is then ordered against the searchers' changes: either they see the work, or it sees that they are gone.
//       If it sees no sleeper, it may be that one is just announcing itself while the store still waits in the store
//       buffer. That one sleeps for a short time, then makes all threads' stores visible (barrier_all_threads), looks
//       again, and only then sleeps for long. Where the system offers no such barrier it keeps looking at intervals.
//       The compiler must leave the load behind the store (barrier_this_thread): else the barrier of all threads could fall
//       between the two, and neither side would see the other.
//   E3  announce links below_ before its change of the word (release) -> the pop that reads it (acquire).
//   E4  Only one worker at a time is between choose_bed and leave_bed with the driver: its store (release) -> the next one's
//       exchange (acquire). A waker takes it out of the word before it is up; were the role free then, the next worker could
//       be in the driver when the interrupt comes, and the first one would sleep on.
//   E5  Raising the mark, or finding it up, after the injection, against clearing it before the queue is looked at: all seq_cst.
//       Who finds it up comes before the clearing, and so does its injection; who comes after the clearing raises it anew. The
//       load of a worker that forks is relaxed: it only has to see the mark some time.
//   E6  Who looks for a deadlock changes this word by an empty read-modify-write before and after it looks: what sleepers
//       did is seen by the first; and what a worker does that gets up after the second, whose change reads that one, is not.
//
// Progress  lock-free.
// Checked   tests/unit/idle_test.cpp, tests/unit/yield_test.cpp, tests/stress/wake_stress.cpp,
//           tests/model/idle_model.cpp, tests/model/root_model.cpp
// From      the idle word of tokio (2019) and of Go's scheduler; the quiet half and the second look are ours.
#pragma once

#include "weft/detail/sync.hpp"

#include <cstdint>
#include <memory>

namespace weft::sched {

/// The packed word.
struct idle_state {
  static constexpr unsigned field_bits = 10;
  static constexpr std::uint64_t field = (std::uint64_t{1} << field_bits) - 1;
  static constexpr unsigned top_shift = field_bits;
  static constexpr unsigned driver_shift = 2 * field_bits;
  static constexpr std::uint64_t one_tag = std::uint64_t{1} << 3 * field_bits;
  static constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  static constexpr std::uint64_t beds = field << top_shift | field << driver_shift;
  static constexpr std::uint64_t tag_mask = ~sign & ~(one_tag - 1);

  std::uint64_t word = 0;

  [[nodiscard]] unsigned searchers() const noexcept { return static_cast<unsigned>(word & field); }
  [[nodiscard]] unsigned top() const noexcept { return static_cast<unsigned>(word >> top_shift & field); }
  [[nodiscard]] unsigned in_driver() const noexcept { return static_cast<unsigned>(word >> driver_shift & field); }
  [[nodiscard]] bool has_sleepers() const noexcept { return (word & beds) != 0; }
  [[nodiscard]] bool must_wake() const noexcept { return has_sleepers() && searchers() == 0; }
  [[nodiscard]] bool is_marked() const noexcept { return (word & sign) != 0 && !has_sleepers(); }
  /// Everybody is busy and nobody has been told to look around.
  [[nodiscard]] bool must_mark() const noexcept { return (word & (sign | beds)) == 0 && searchers() == 0; }

  /// Where nobody sleeps only.
  [[nodiscard]] idle_state with_mark() const noexcept { return {word | sign}; }
  [[nodiscard]] idle_state without_mark() const noexcept { return {word & ~sign}; }

  [[nodiscard]] idle_state with_searchers(int change) const noexcept { return {word + static_cast<std::uint64_t>(change)}; }
  [[nodiscard]] idle_state with_top(unsigned index_and_one) const noexcept {
    return idle_state{(word & ~tag_mask) | ((word + (detail::takes_step() ? one_tag : 0)) & tag_mask)}.with_field(top_shift, index_and_one);
  }
  [[nodiscard]] idle_state with_driver(unsigned index_and_one) const noexcept { return with_field(driver_shift, index_and_one); }

 private:
  [[nodiscard]] idle_state with_field(unsigned shift, unsigned value) const noexcept {
    const std::uint64_t changed = (word & ~sign & ~(field << shift)) | std::uint64_t{value} << shift;
    return {(changed & beds) != 0 ? changed | sign : changed};
  }
};

/// How a worker has been put to sleep.
enum class bed : std::uint8_t { stack, driver };

/// Whom to wake, and where it sleeps.
struct sleeper {
  static constexpr unsigned nobody = ~0U;
  unsigned index = nobody;
  bed where = bed::stack;
};

/// Where a worker is, as far as the word tells.
enum class whereabouts : std::uint8_t { up, on_stack, in_driver };

/// The policy of one scheduler. Any thread, where nothing else is said.
class idle {
 public:
  explicit idle(unsigned workers);

  /// The word the hot path looks at.
  [[nodiscard]] const detail::atomic<std::uint64_t>& word() const noexcept { return word_; }
  [[nodiscard]] idle_state load() const noexcept { return {word_.load(detail::seq_cst)}; }  // E1 E5

  /// Becomes a searcher, unless half of the workers are. By a worker that is none.
  [[nodiscard]] bool start_search() noexcept;
  /// Stops searching. True: it was the last one, and has to look whether there is more work.
  [[nodiscard]] bool stop_search() noexcept;

  /// Chooses where the calling worker will sleep: in the driver if nobody is there, until leave_bed().
  [[nodiscard]] bed choose_bed() noexcept;
  /// The worker is up again.
  void leave_bed(bed where) noexcept;

  /// Puts worker `index` among the sleepers; a searcher stops being one in the same step. It must look at all work next.
  void announce(unsigned index, bed where, bool was_searching) noexcept;
  /// The worker in the driver gets up by itself. False: a waker was faster, and has made it a searcher.
  [[nodiscard]] bool leave_driver(unsigned index) noexcept;

  /// Takes a sleeper to wake, if somebody sleeps and nobody searches; it counts as a searcher from now on.
  [[nodiscard]] sleeper take_sleeper() noexcept;
  /// The same after a quiet publication (E2).
  [[nodiscard]] sleeper take_sleeper_after_quiet() noexcept;
  /// The same after an injection from outside: if everybody is busy, raises the mark.
  [[nodiscard]] sleeper take_sleeper_or_mark() noexcept;
  /// Clears the mark. True: it was up, and the caller has to take what is injected. By a worker.
  [[nodiscard]] bool clear_mark() noexcept;

  /// Whether all workers sleep.
  [[nodiscard]] bool all_asleep(unsigned workers) const noexcept;
  /// Whether all workers sleep and none has been woken; of who looks for a deadlock (E6).
  [[nodiscard]] bool all_in_bed(unsigned workers) noexcept;
  /// Where worker `index` of `workers` is, or was a moment ago: for reports.
  [[nodiscard]] whereabouts where_is(unsigned index, unsigned workers) const noexcept;

 private:
  bool change(idle_state& expected, idle_state desired) noexcept {
    return word_.compare_exchange_weak(expected.word, desired.word, detail::seq_cst, detail::seq_cst);  // E1 E2 E3 E5
  }

  alignas(64) detail::atomic<std::uint64_t> word_{0};            // E1, E2, E3, E5, E6
  std::unique_ptr<detail::atomic<std::uint32_t>[]> below_;       // the sleeper below each sleeper, index + 1: E3
  detail::atomic<bool> driver_taken_{false};                     // from choose_bed to leave_bed: E4
  detail::atomic<std::uint32_t> asleep_{0};                      // how many, for reports only
  unsigned most_searchers_;
};

}  // namespace weft::sched

// SPDX-License-Identifier: Apache-2.0
//
// Frames for threads that are no workers: a few bins, each with one list of every class, which threads share by number.
//
// Shape: a bin is one word, {first block of a list, how many blocks}. Whoever wants a block takes the whole list out,
//   takes or adds one block, and puts the list back; for that long others find the bin empty and go to the exchange.
//   Threads are dealt to the bins in turn, so that as many as there are bins do not meet at all.
//
// Who touches what
//   bin      by exchange, anyone's whose number it is, and trim
//   blocks   by whoever took the list out
//
// Invariants
//   I1  a list is in one bin, in the exchange, or in one thread's hands: taking out leaves null, and whoever puts a list
//       back gets what another put there meanwhile, and hands that to the exchange.
//   I2  a list in a bin is short of full, so that there is room for the next block.
//
// Edges
//   E1  list   the exchange that puts a list back (release)  ->  the exchange that takes it out (acquire): its blocks.
//              All writes of a bin are exchanges, so nothing comes between the two.
//
// Progress  wait-free but for the exchange of lists and fresh blocks.
// Cost      two locked instructions a block.
// Checked   tests/unit/foreign_bins_test.cpp, tests/stress/frame_pool_stress.cpp, tests/model/frame_exchange_model.cpp
#pragma once

#include <cstddef>

namespace weft::sched {

/// A block for this thread, or null. Any thread.
[[nodiscard]] void* take_foreign(std::size_t size_class) noexcept;
void give_foreign(void* block, std::size_t size_class) noexcept;

/// Hands the lists of that class in all bins to the exchange.
void empty_bins(std::size_t size_class) noexcept;

/// Blocks of that class in all bins; exact when no such thread is at work.
[[nodiscard]] std::size_t binned_blocks(std::size_t size_class) noexcept;

}  // namespace weft::sched

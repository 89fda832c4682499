// SPDX-License-Identifier: Apache-2.0
//
// Who does which block of a scan, and in which way.
//
// Shape: the elements are cut into blocks. A block can be passed, which writes its results, once it is known what all before it come to:
//   its prefix. A prefix is that of the block before, joined with the sum of that block: a chain that one worker at a time walks.
//
//     blocks   0 1 2 3 | 4 5 6 7 8 | 9 10 ..
//              passed    summed      not begun
//                      ^ reached: its prefix is known
//
//   lead   the first block that is not begun, if the chain has come to it: one pass gives its results and its sum. One worker alone does
//          nothing else.
//   pass   a block that was summed before the chain came to it
//   sum    the next block that is not begun, if the chain is elsewhere: so nobody waits for the chain
//   What is computed does not depend on who does it, or when: a prefix is joined from the left, sums are those of blocks from their first
//   element, and a result is the prefix joined with the sum of the block so far.
//
// Who touches what
//   all of it       under the lock, in which no code of the user's runs
//   sum of a block  by who leads or sums it; then by who walks the chain
//   prefix          by who walks the chain; then by who passes the block
// Rules  S1  one worker at a time walks: from a lead, or from the sum of the block that the chain has come to, until the next block has no
//            sum
//        S2  who walks takes another turn afterwards: so what it makes ready to be passed is passed
// Progress  a short lock twice a block
// Checked   tests/unit/scan_order_test.cpp, tests/unit/parallel_scan_test.cpp, tests/stress/parallel_stress.cpp
// From      the idea of Merrill and Garland 2016 that prefixes are passed on from block to block; nobody looks back or waits here.
#pragma once

#include "weft/detail/short_lock.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::detail {

/// What to do next with which block.
enum class scan_step : std::uint8_t { none, lead, pass, sum };
struct scan_turn {
  scan_step step;
  std::size_t block;
};

/// Of one scan. Any worker.
class scan_order {
 public:
  /// Throws std::bad_alloc.
  explicit scan_order(std::size_t blocks) : state_(blocks, block_state::fresh) {}

  /// What is to be done next; `none`: what is left is being done.
  [[nodiscard]] scan_turn next() noexcept;
  /// Whether there is something for another worker: a guess.
  [[nodiscard]] bool has_more() noexcept;

  /// Block `b` was summed. True: the caller walks on from it.
  [[nodiscard]] bool summed(std::size_t b) noexcept;
  /// By who walks: the prefix of block `b` is there, or `b` is the end. True: the block has a sum, and the caller walks on from it. False:
  /// the walk is over.
  [[nodiscard]] bool reached(std::size_t b) noexcept;

 private:
  enum class block_state : std::uint8_t { fresh, led, summed };

  [[nodiscard]] bool can_pass() noexcept;

  short_lock lock_;
  std::vector<block_state> state_;
  std::size_t begun_ = 0;  // blocks before it are led, or summed, or about to be
  std::size_t reached_ = 0;  // blocks up to it have their prefix
  std::size_t passed_ = 0;  // blocks before it are led or passed, or about to be
  bool walks_ = false;
};

}  // namespace weft::detail

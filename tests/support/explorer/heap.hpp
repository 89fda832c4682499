// SPDX-License-Identifier: Apache-2.0
// The blocks that an explored schedule has from the heap: none is used again before the schedule ends, so that whoever touches
// a freed one is caught; what is left at the end has leaked. Each schedule starts at the same address, so that it can be repeated.
#pragma once

#include <cstddef>
#include <cstdint>

#include "untracked.hpp"

namespace weft::explorer {

class heap {
 public:
  struct block {
    void* start;
    std::size_t bytes;
    std::uint32_t made_by;   // return address, from the start of the program
    std::uint32_t freed_by;  // same; 0: it lives
  };

  void* allocate(std::size_t bytes, std::size_t alignment, std::uint32_t code) noexcept;
  /// The block that starts there, or null: it is not of this schedule.
  [[nodiscard]] block* find(const void* start) noexcept;
  [[nodiscard]] std::uint32_t name_of(const block& b) const noexcept { return static_cast<std::uint32_t>(&b - blocks_.data()) + 1; }
  [[nodiscard]] const block& named(std::uint32_t name) const noexcept { return blocks_[name - 1]; }
  /// A block that was never freed, or null.
  [[nodiscard]] const block* leaked() const noexcept;
  /// Starts over.
  void clear() noexcept;

 private:
  static constexpr std::size_t most_bytes = std::size_t{64} << 20;

  untracked<block> blocks_;
  char* memory_ = nullptr;  // mapped once, for good
  std::size_t used_ = 0;
};

}  // namespace weft::explorer

// SPDX-License-Identifier: Apache-2.0
// The round trips of `send` through a chain of awaits: what a resumption costs at a depth.
#pragma once

#include <cstdint>

#include "send.hpp"
#include "workload_facts.hpp"

namespace weft::bench {

class depth {
 public:
  static constexpr workload_facts facts{.name = "depth",
                                        .meaning = "5 million round trips of send through n awaits",
                                        .smallest = 1,
                                        .largest = 10'000,
                                        .default_size = 1000,
                                        .tiny_size = 100,
                                        .takes_threads = false};

  explicit depth(int awaits) : awaits_(static_cast<std::uint64_t>(awaits)) {}

  [[nodiscard]] static int warm_up_size(int awaits) { return awaits; }
  [[nodiscard]] std::uint64_t awaits() const { return awaits_; }
  /// So many that making the chain is a hundredth of the time.
  [[nodiscard]] static std::uint64_t trips() { return 5'000'000; }
  [[nodiscard]] static std::uint64_t tasks() { return trips(); }
  [[nodiscard]] static bool accepts(std::uint64_t answer) { return answer == sent_in_trip(trips()); }

 private:
  std::uint64_t awaits_;
};

}  // namespace weft::bench

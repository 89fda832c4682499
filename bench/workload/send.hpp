// SPDX-License-Identifier: Apache-2.0
// Round trips to a coroutine that yields what it is sent, awaited by another: a send and the yield that answers it, and nothing else.
#pragma once

#include <algorithm>
#include <cstdint>

#include "workload_facts.hpp"

namespace weft::bench {

/// What is sent in turn are the numbers below this, so that CPython has them all ready.
inline constexpr std::uint64_t sent_numbers = 251;

/// What is sent in the n-th round trip, and comes back.
[[nodiscard]] constexpr std::uint64_t sent_in_trip(std::uint64_t n) { return (n - 1) % sent_numbers; }

class send {
 public:
  static constexpr workload_facts facts{.name = "send",
                                        .meaning = "n times coroutine.send and the yield that answers it, one task a round trip",
                                        .smallest = 1,
                                        .largest = 2'000'000'000,
                                        .default_size = 20'000'000,
                                        .tiny_size = 1000,
                                        .takes_threads = false};

  explicit send(int trips) : trips_(static_cast<std::uint64_t>(trips)) {}

  [[nodiscard]] static int warm_up_size(int trips) { return std::min(trips, 1'000'000); }
  [[nodiscard]] std::uint64_t trips() const { return trips_; }
  [[nodiscard]] std::uint64_t tasks() const { return trips_; }
  [[nodiscard]] bool accepts(std::uint64_t answer) const { return answer == sent_in_trip(trips_); }

 private:
  std::uint64_t trips_;
};

}  // namespace weft::bench

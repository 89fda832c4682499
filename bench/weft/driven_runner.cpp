// SPDX-License-Identifier: Apache-2.0
// Sends what comes back and the next number after it, and sums up what is yielded.
#include "driven_runner.hpp"

#include "driven_work.hpp"

namespace weft::bench {
namespace {

std::uint64_t last_echo(std::uint64_t awaits, std::uint64_t trips) {
  echoing echo = echoes_below(awaits);
  static_cast<void>(echo.send());
  std::uint64_t next = 0;
  std::uint64_t last = 0;
  for (std::uint64_t trip = 0; trip < trips; ++trip) {
    last = echo.send(next).yielded();
    next = last + 1 == sent_numbers ? 0 : last + 1;
  }
  return last;
}

}  // namespace

std::uint64_t driven_runner::compute(const send& work) { return last_echo(1, work.trips()); }

std::uint64_t driven_runner::compute(const depth& work) { return last_echo(work.awaits(), depth::trips()); }

std::uint64_t driven_runner::compute(const values& work) {
  std::uint64_t sum = 0;
  for (const std::uint64_t value : counts(work.count())) sum += value;
  return sum;
}

}  // namespace weft::bench

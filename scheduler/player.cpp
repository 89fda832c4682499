// SPDX-License-Identifier: Apache-2.0
//
// Who plays, and by which seed. The rules are those of player.hpp.
#include "player.hpp"

#include "idle.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace weft::sched {

namespace {

// When virtual time begins: so that points of time of some hours ago can be told.
constexpr std::int64_t beginning = std::chrono::nanoseconds(std::chrono::hours(24)).count();

}  // namespace

player::player(unsigned workers, std::uint64_t seed)
    : seed_(seed), state_(seed), held_(workers), time_(beginning), always_signed_(idle_state::sign) {
  outside_.virtual_time = &time_;
  outside_.before = std::exchange(detail::current_cache, &outside_);
  is_on_thread_ = true;
}

// Where a thread has made several, they may go in any order.
void player::leave_thread() noexcept {
  if (!std::exchange(is_on_thread_, false)) return;
  detail::frame_cache** at = &detail::current_cache;
  while (*at != &outside_) at = &static_cast<outside*>(*at)->before;
  *at = outside_.before;
}

// splitmix64: Steele, Lea, Flood 2014.
std::uint64_t player::next_number() noexcept {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::uint64_t seed_in_environment() noexcept {
  constexpr std::uint64_t usual = 1;
  const char* const text = std::getenv("WEFT_SEED");
  if (text == nullptr || *text == '\0') return usual;
  char* end = nullptr;
  errno = 0;
  const std::uint64_t seed = std::strtoull(text, &end, 0);
  if (end != text && *end == '\0' && errno == 0 && *text != '-') return seed;
  std::fputs("weft: WEFT_SEED is ignored: it must be a number from 0 to 18446744073709551615\n", stderr);
  return usual;
}

}  // namespace weft::sched

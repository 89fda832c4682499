// SPDX-License-Identifier: Apache-2.0
//
// The byte budget of all frames. Rules: frame_budget.hpp; every access is relaxed because the words guard only themselves.
#include "frame_budget.hpp"

#include "weft/detail/sync.hpp"

namespace weft::sched {
namespace {

using detail::relaxed;

constinit detail::atomic<std::size_t> charged{0};
constinit detail::atomic<std::size_t> limit{no_limit};

}  // namespace

bool charge(std::size_t bytes) noexcept {
  std::size_t before = charged.load(relaxed);  // guards only itself
  do {
    const std::size_t allowed = limit.load(relaxed);  // guards only itself
    if (before > allowed || bytes > allowed - before) return false;
  } while (!charged.compare_exchange_weak(before, before + bytes, relaxed, relaxed));  // guards only itself
  return true;
}

void discharge(std::size_t bytes) noexcept {
  charged.fetch_sub(bytes, relaxed);  // guards only itself
}

std::size_t charged_bytes() noexcept {
  return charged.load(relaxed);  // guards only itself
}

std::size_t limit_bytes() noexcept {
  return limit.load(relaxed);  // guards only itself
}

void set_limit_bytes(std::size_t bytes) noexcept {
  limit.store(bytes, relaxed);  // guards only itself
}

}  // namespace weft::sched

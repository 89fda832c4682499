// SPDX-License-Identifier: Apache-2.0
//
// The live roots of a scheduler: one list per worker and one for everybody else, each under a short lock.
#pragma once

#include "weft/detail/root.hpp"
#include "weft/detail/short_lock.hpp"
#include "weft/scheduler.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace weft::sched {

using detail::root;

/// How far the intake is closed.
enum class intake : std::uint8_t { open, workers_only, closed };

/// Roots from acceptance to completion.
class registry {
 public:
  explicit registry(unsigned workers) : shards_(std::make_unique<shard[]>(workers + 1)), workers_(workers) {}

  /// Adds a root to the list of worker `index`, or of the outside (outside()). False: the intake is closed for it.
  [[nodiscard]] bool add(root& r, unsigned index) noexcept;
  /// Takes a root out; while the intake is closed, counts it in `ended` and wakes who sleeps there. The registry may be gone
  /// as soon as count() says 0 elsewhere, so this touches nothing after its lock.
  void remove(root& r, detail::atomic<std::uint32_t>& ended) noexcept;

  [[nodiscard]] unsigned outside() const noexcept { return workers_; }

  /// Closes the intake to outsiders, or to everybody. What was accepted before is counted by count().
  void close(intake how) noexcept;
  /// How many roots live: exact at one moment, for all lists are locked together.
  [[nodiscard]] std::size_t count() noexcept;
  /// Live roots, up to `most`: what they are called, and what they wait for.
  [[nodiscard]] std::vector<left_task> describe(std::size_t most);

 private:
  struct alignas(64) shard {
    detail::short_lock lock;
    intake open = intake::open;
    root* first = nullptr;
    std::size_t size = 0;
  };

  std::unique_ptr<shard[]> shards_;
  unsigned workers_;
};

}  // namespace weft::sched

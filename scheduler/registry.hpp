// SPDX-License-Identifier: Apache-2.0
//
// The live roots of a scheduler: one list per worker and one for everybody else, each under a short lock.
#pragma once

#include "weft/detail/root.hpp"
#include "weft/detail/short_lock.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weft::sched {

using detail::root;

/// How far the intake is closed.
enum class intake : std::uint8_t { open, workers_only, closed };

/// A root as it was a moment ago.
struct live_root {
  const root* which;  // an address to compare, no more
  std::string name;
};

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
  /// How many of them have not ended yet: the others will be gone soon.
  [[nodiscard]] std::size_t count_running() noexcept;
  /// Those that have not ended, or all, up to `most`.
  [[nodiscard]] std::vector<live_root> list(std::size_t most, bool with_ended);

 private:
  struct alignas(64) shard {
    detail::short_lock lock;
    intake open = intake::open;
    root* first = nullptr;
    std::size_t size = 0;
  };

  template <class Visit>
  void for_each(Visit visit) {
    for (unsigned i = 0; i <= workers_; ++i) {
      const std::scoped_lock hold(shards_[i].lock);
      for (const root* r = shards_[i].first; r != nullptr; r = r->next) visit(*r);
    }
  }

  std::unique_ptr<shard[]> shards_;
  unsigned workers_;
};

}  // namespace weft::sched

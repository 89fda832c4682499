// SPDX-License-Identifier: Apache-2.0
// What `weft stress` has counted, and which laws it found broken. All atomics are only counted: relaxed.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weft::tool::stress {

/// Kinds of operations, in the order of the table.
enum class kind : std::size_t { trees, failing, handles, yields, wakes, moves, submits, handed_over, bursts, schedulers };
inline constexpr std::size_t kinds = 10;

/// Operations and tasks of one kind.
struct kind_count {
  std::atomic<std::uint64_t> operations{0};
  std::atomic<std::uint64_t> tasks{0};
};

class ledger {
 public:
  void count(kind what, std::uint64_t tasks) noexcept {
    kind_count& at = of(what);
    at.operations.fetch_add(1, std::memory_order_relaxed);
    at.tasks.fetch_add(tasks, std::memory_order_relaxed);
  }
  [[nodiscard]] kind_count& of(kind what) noexcept { return by_kind_[static_cast<std::size_t>(what)]; }

  /// A result that is not what it must be. Any thread.
  void wrong_result(const std::string& text) {
    wrong_.fetch_add(1, std::memory_order_relaxed);
    broken(text);
  }
  /// A law that does not hold; the first few are kept. Any thread.
  void broken(const std::string& text) {
    constexpr std::size_t most = 10;
    const std::scoped_lock hold(lock_);
    if (findings_.size() < most) findings_.push_back(text);
    is_broken_.store(true, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t wrong() const noexcept { return wrong_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool is_broken() const noexcept { return is_broken_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::vector<std::string> findings() {
    const std::scoped_lock hold(lock_);
    return findings_;
  }

  std::atomic<std::uint64_t> failures_planned{0};  // of detached tasks
  std::atomic<std::uint64_t> failures_seen{0};     // by the hook of a scheduler
  std::atomic<std::uint64_t> lost{0};

 private:
  std::array<kind_count, kinds> by_kind_;
  std::atomic<std::uint64_t> wrong_{0};
  std::atomic<bool> is_broken_{false};
  std::mutex lock_;
  std::vector<std::string> findings_;
};

}  // namespace weft::tool::stress

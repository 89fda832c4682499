// SPDX-License-Identifier: Apache-2.0
// One bit for every numbered task of a round: what is lost and what comes twice both show.
//
// All accesses are relaxed: every bit stands for itself, and who counts them has waited for the tasks by other means, or only looks.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::tool::stress {

/// Tasks with consecutive numbers.
struct numbers {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  [[nodiscard]] std::uint64_t end() const noexcept { return first + count; }
  /// All numbers added up, modulo 2^64.
  [[nodiscard]] std::uint64_t sum() const noexcept {
    return count % 2 == 0 ? count / 2 * (2 * first + count - 1) : count * (first + (count - 1) / 2);
  }
  /// All but the first one.
  [[nodiscard]] numbers rest() const noexcept { return {first + 1, count - 1}; }
  /// Piece `i` of `pieces` about equal ones.
  [[nodiscard]] numbers piece(std::uint64_t i, std::uint64_t pieces) const noexcept {
    const std::uint64_t from = count * i / pieces;
    return {first + from, count * (i + 1) / pieces - from};
  }
};

/// Marks from any thread; opened for a round once everything before has ended.
class marks {
 public:
  explicit marks(std::size_t most) : words_((most + 63) / 64) {}

  /// Expects these tasks, and none else.
  void open(numbers expected) noexcept {
    for (auto& word : words_) word.store(0, std::memory_order_relaxed);
    first_.store(expected.first, std::memory_order_relaxed);
    size_.store(expected.count, std::memory_order_relaxed);
  }

  /// A task runs. One that ran before, and one that nobody expects in this round, counts as doubled.
  void mark(std::uint64_t number) noexcept {
    const std::uint64_t i = number - first_.load(std::memory_order_relaxed);
    const std::uint64_t bit = std::uint64_t{1} << i % 64;
    const bool is_new = i < size_.load(std::memory_order_relaxed) && (words_[i / 64].fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
    if (!is_new) [[unlikely]]
      doubled_.fetch_add(1, std::memory_order_relaxed);
  }

  /// How many of this round's tasks ran.
  [[nodiscard]] std::uint64_t count() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& word : words_) sum += static_cast<std::uint64_t>(std::popcount(word.load(std::memory_order_relaxed)));
    return sum;
  }
  /// Changes whenever a task runs.
  [[nodiscard]] std::uint64_t progress() const noexcept { return first_.load(std::memory_order_relaxed) + count(); }
  [[nodiscard]] numbers expected() const noexcept {
    return {first_.load(std::memory_order_relaxed), size_.load(std::memory_order_relaxed)};
  }
  /// Since the start.
  [[nodiscard]] std::uint64_t doubled() const noexcept { return doubled_.load(std::memory_order_relaxed); }
  /// Numbers of this round that did not run, `most` at most.
  [[nodiscard]] std::vector<std::uint64_t> missing(std::size_t most) const {
    std::vector<std::uint64_t> found;
    const numbers all = expected();
    for (std::uint64_t i = 0; i < all.count && found.size() < most; ++i)
      if ((words_[i / 64].load(std::memory_order_relaxed) >> i % 64 & 1) == 0) found.push_back(all.first + i);
    return found;
  }

 private:
  std::vector<std::atomic<std::uint64_t>> words_;
  std::atomic<std::uint64_t> first_{0};  // written between rounds
  std::atomic<std::uint64_t> size_{0};   // written between rounds
  std::atomic<std::uint64_t> doubled_{0};
};

}  // namespace weft::tool::stress

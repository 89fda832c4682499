// SPDX-License-Identifier: Apache-2.0
// One bit for everything that has to happen exactly once: what is lost and what comes twice both show.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::test {

/// Marks from any thread; questions once all have ended.
class bitmap {
 public:
  explicit bitmap(std::size_t size) : size_(size), words_((size + 63) / 64) {}

  /// Marks `i`. What was marked before, and what lies outside, counts as twice.
  void mark(std::size_t i) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << i % 64;
    if (i >= size_ || (words_[i / 64].fetch_or(bit, std::memory_order_relaxed) & bit) != 0) twice_.fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] bool has(std::size_t i) const noexcept { return (words_[i / 64].load(std::memory_order_relaxed) >> i % 64 & 1) != 0; }
  /// How many were marked.
  [[nodiscard]] std::size_t count() const noexcept {
    std::size_t sum = 0;
    for (const auto& word : words_) sum += static_cast<std::size_t>(std::popcount(word.load(std::memory_order_relaxed)));
    return sum;
  }
  /// How many were not.
  [[nodiscard]] std::size_t lost() const noexcept { return size_ - count(); }
  /// How often a mark was already there.
  [[nodiscard]] std::size_t twice() const noexcept { return twice_.load(std::memory_order_relaxed); }

 private:
  std::size_t size_;
  std::vector<std::atomic<std::uint64_t>> words_;
  std::atomic<std::size_t> twice_{0};
};

}  // namespace weft::test

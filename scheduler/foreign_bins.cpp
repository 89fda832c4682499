// SPDX-License-Identifier: Apache-2.0
//
// The bins of threads that are no workers. Rules, invariants and edges: foreign_bins.hpp.
//
// Edges
//   E1  list   the exchange that puts a list back (release)  ->  the exchange that takes it out (acquire)
#include "foreign_bins.hpp"

#include <new>

#include "frame_carver.hpp"
#include "frame_exchange.hpp"

namespace weft::sched {
namespace {

using detail::acq_rel;
using detail::acquire;
using detail::relaxed;

/// What a bin holds: a list and its length, for statistics must not look into blocks that are not theirs.
struct bin_content {
  free_block* list = nullptr;
  std::size_t blocks = 0;

  static constexpr unsigned address_bits = 48;

  static bin_content unpack(std::uint64_t word) noexcept {
    return {reinterpret_cast<free_block*>(word & ((std::uint64_t{1} << address_bits) - 1)), static_cast<std::size_t>(word >> address_bits)};
  }
  std::uint64_t packed() const noexcept { return std::uint64_t{blocks} << address_bits | reinterpret_cast<std::uint64_t>(list); }
};

class alignas(detail::line_bytes) bin_row {
 public:
  [[nodiscard]] free_block* take(std::size_t size_class) noexcept {
    return bin_content::unpack(bins_[size_class].exchange(0, acquire)).list;  // E1
  }

  void put(free_block* list, std::size_t size_class) noexcept {
    const bin_content content{list, length_of(list, size_class)};
    const std::uint64_t before = bins_[size_class].exchange(content.packed(), acq_rel);  // E1
    if (before != 0) exchange_of(size_class).give_list(bin_content::unpack(before).list, size_class);
  }

  [[nodiscard]] std::size_t blocks(std::size_t size_class) const noexcept {
    return bin_content::unpack(bins_[size_class].load(relaxed)).blocks;  // a statistic; the list is not looked into
  }

 private:
  atomic<std::uint64_t> bins_[class_count]{};  // a bin_content: by exchange, anyone's; E1
};

constexpr unsigned rows = 16;
constinit bin_row bins[rows];
constinit atomic<unsigned> threads_seen{0};
thread_local constinit unsigned row_of_thread = rows;  // none yet

bin_row& own_row() noexcept {
  if (row_of_thread == rows) row_of_thread = threads_seen.fetch_add(1, relaxed) % rows;  // only deals numbers
  return bins[row_of_thread];
}

}  // namespace

void* take_foreign(std::size_t size_class) noexcept {
  bin_row& row = own_row();
  free_block* list = row.take(size_class);
  if (list == nullptr) list = exchange_of(size_class).take_partial(size_class);
  if (list == nullptr) list = exchange_of(size_class).take_list(size_class);
  if (list == nullptr) list = carver_of(size_class).carve(size_class);
  if (list == nullptr) return nullptr;
  if (list->next->next != nullptr) row.put(list->next, size_class);
  return list;
}

void give_foreign(void* block, std::size_t size_class) noexcept {
  bin_row& row = own_row();
  free_block* below = row.take(size_class);
  if (below == nullptr) below = exchange_of(size_class).take_partial(size_class);
  if (below == nullptr) below = empty_list(size_class);
  auto* list = ::new (block) free_block{below, below->depth + 1};
  if (list->depth == detail::list_limit) {
    exchange_of(size_class).give_list(list, size_class);
  } else {
    row.put(list, size_class);
  }
}

void empty_bins(std::size_t size_class) noexcept {
  for (bin_row& row : bins) {
    if (free_block* list = row.take(size_class)) exchange_of(size_class).give_list(list, size_class);
  }
}

std::size_t binned_blocks(std::size_t size_class) noexcept {
  std::size_t sum = 0;
  for (const bin_row& row : bins) sum += row.blocks(size_class);
  return sum;
}

}  // namespace weft::sched

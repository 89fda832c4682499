// SPDX-License-Identifier: Apache-2.0
// Finding wholly free slabs: takes all free lists of a class, counts blocks by slab, gives the lists back without those
// of slabs that are complete.
#include "frame_trim.hpp"

#include "big_frames.hpp"
#include "foreign_bins.hpp"
#include "frame_budget.hpp"
#include "frame_exchange.hpp"
#include "pages.hpp"

namespace weft::sched {
namespace {

/// The work of one trim on one class.
class class_trim {
 public:
  class_trim(std::size_t size_class, const growth_hold& hold) noexcept : size_class_(size_class), hold_(hold) {}

  std::size_t run() noexcept {
    empty_bins(size_class_);
    const std::array<block_name, 2> chains = exchange_of(size_class_).take_all();
    for (const block_name chain : chains) count_blocks(chain);
    retire_complete_slabs();
    for (const block_name chain : chains) give_back(chain);
    if (list_->next != nullptr) exchange_of(size_class_).give_list(list_, size_class_);
    return empty_retired_slabs();
  }

 private:
  slab_notes& notes_of(region& in) const noexcept { return in.notes[size_class_]; }

  void count_blocks(block_name chain) noexcept {
    for (; chain != 0; chain = list_stack::list_below(chain, size_class_)) {
      const free_block* block = named_block(chain, size_class_);
      exchange_of(size_class_).count_taken(length_of(block, size_class_));
      for (; block->next != nullptr; block = block->next) {
        slab_notes& notes = notes_of(region_of(block));
        if (notes.free_blocks++ == 0) {
          notes.next_slab = seen_;
          seen_ = region_of(block).number;
        }
      }
    }
  }

  void retire_complete_slabs() noexcept {
    for (std::uint32_t number = seen_; number != 0; number = notes_of(region_numbered(number)).next_slab) {
      slab_notes& notes = notes_of(region_numbered(number));
      notes.is_retired = carver_of(size_class_).try_retire(number, notes.free_blocks, size_class_, hold_);
    }
  }

  void give_back(block_name chain) noexcept {
    while (chain != 0) {
      free_block* block = named_block(chain, size_class_);
      chain = list_stack::list_below(chain, size_class_);  // before a block of it can be given back
      while (block->next != nullptr) {
        free_block* below = block->next;
        if (!notes_of(region_of(block)).is_retired) keep(block);
        block = below;
      }
    }
  }

  void keep(free_block* block) noexcept {
    *block = {list_, list_->depth + 1};
    list_ = block;
    if (block->depth < detail::list_limit) return;
    exchange_of(size_class_).give_list(list_, size_class_);
    list_ = empty_list(size_class_);
  }

  std::size_t empty_retired_slabs() noexcept {
    std::size_t bytes = 0;
    while (seen_ != 0) {
      const std::uint32_t number = seen_;
      region& in = region_numbered(number);
      slab_notes& notes = in.notes[size_class_];
      seen_ = notes.next_slab;
      notes.free_blocks = 0;
      if (!notes.is_retired) continue;
      notes.is_retired = false;
      if (discard_pages(slab_start(in, size_class_), slab_bytes)) bytes += slab_bytes;
      carver_of(size_class_).keep_emptied(number, size_class_, hold_);
    }
    return bytes;
  }

  std::size_t size_class_;
  const growth_hold& hold_;
  free_block* list_ = empty_list(size_class_);  // blocks to give back, fewer than a full list
  std::uint32_t seen_ = 0;                      // regions whose slab has free blocks, chained by next_slab
};

}  // namespace

std::size_t trim(const growth_hold& hold) noexcept {
  std::size_t bytes = drop_kept_big_frames();
  for (std::size_t k = 1; k < class_count; ++k) bytes += class_trim(k, hold).run();
  return bytes;
}

bool charge_or_trim(std::size_t bytes, const growth_hold& hold) noexcept {
  if (charge(bytes)) return true;
  trim(hold);
  return charge(bytes);
}

}  // namespace weft::sched

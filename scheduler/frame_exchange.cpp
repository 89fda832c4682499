// SPDX-License-Identifier: Apache-2.0
//
// The stacks of free lists that threads exchange. Rules, invariants and edges: frame_exchange.hpp.
//
// Edges
//   E1  list   push's CAS (release)  ->  the load and CAS of pop and take_all (acquire)
#include "frame_exchange.hpp"

#include <algorithm>

namespace weft::sched {
namespace {

using detail::acquire;
using detail::relaxed;
using detail::release;

constinit class_exchange exchanges[class_count];

}  // namespace

constinit const std::array<free_block, class_count> empty_blocks = [] {
  std::array<free_block, class_count> sentinels{};
  for (std::size_t k = 1; k < class_count; ++k) sentinels[k] = {nullptr, empty_depth(k)};
  return sentinels;
}();

class_exchange& exchange_of(std::size_t size_class) noexcept { return exchanges[size_class]; }

void list_stack::push(free_block* list, std::size_t size_class) noexcept {
  const block_name name = name_of(list, size_class);
  atomic<block_name>& link = link_of(name, size_class);
  std::uint64_t seen = head_.load(relaxed);  // only compared; what it names is not read
  stack_head head;
  do {
    head = stack_head::unpack(seen);
    link.store(head.first, relaxed);                                                                     // by E1
  } while (!head_.compare_exchange_weak(seen, head.pushed(name).packed(), release, relaxed));  // E1
}

free_block* list_stack::pop(std::size_t size_class) noexcept {
  std::uint64_t seen = head_.load(acquire);  // E1
  for (;;) {
    const stack_head head = stack_head::unpack(seen);
    if (head.first == 0) return nullptr;
    const block_name below = link_of(head.first, size_class).load(relaxed);  // may be stale: I3
    if (head_.compare_exchange_weak(seen, head.popped(below).packed(), acquire, acquire)) {  // E1
      return named_block(head.first, size_class);
    }
  }
}

block_name list_stack::take_all() noexcept {
  std::uint64_t seen = head_.load(relaxed);  // only compared
  while (!head_.compare_exchange_weak(seen, stack_head::unpack(seen).popped(0).packed(), acquire, relaxed)) {  // E1
  }
  return stack_head::unpack(seen).first;
}

block_name list_stack::list_below(block_name list, std::size_t size_class) noexcept {
  return link_of(list, size_class).load(relaxed);  // arrived with E1
}

free_block* class_exchange::take_list(std::size_t size_class) noexcept {
  free_block* list = full_.pop(size_class);
  if (list == nullptr) return take_partial(size_class);
  count_taken(list_blocks(size_class));
  return list;
}

free_block* class_exchange::take_partial(std::size_t size_class) noexcept {
  free_block* list = partial_.pop(size_class);
  if (list != nullptr) count_taken(length_of(list, size_class));
  return list;
}

void class_exchange::give_list(free_block* list, std::size_t size_class) noexcept {
  const auto blocks = static_cast<std::int64_t>(length_of(list, size_class));  // once pushed, the list is not ours to read
  (list->depth == detail::list_limit ? full_ : partial_).push(list, size_class);
  pooled_.fetch_add(blocks, relaxed);  // a gauge
}

std::array<block_name, 2> class_exchange::take_all() noexcept { return {full_.take_all(), partial_.take_all()}; }

void class_exchange::count_taken(std::size_t blocks) noexcept {
  pooled_.fetch_sub(static_cast<std::int64_t>(blocks), relaxed);  // a gauge
}

std::size_t class_exchange::pooled() const noexcept {
  return static_cast<std::size_t>(std::max<std::int64_t>(pooled_.load(relaxed), 0));  // a taker may be counted before its giver
}

}  // namespace weft::sched

// SPDX-License-Identifier: Apache-2.0
//
// The table of C's handles: c_table.hpp has its rules and edges.
#include "c_table.hpp"

#include <bit>
#include <new>
#include <utility>

namespace weft::coro {

namespace {

/// Where a slot is: segment s starts at index first * (2^s - 1).
struct place {
  std::size_t segment;
  std::uint32_t at;

  static constexpr place of(std::uint32_t index, std::uint32_t first) noexcept {
    const std::uint32_t shifted = index + first;
    const auto segment = static_cast<std::size_t>(std::bit_width(shifted) - std::bit_width(first));
    return {segment, shifted - (first << segment)};
  }
};

constexpr std::uint64_t one_push = std::uint64_t{1} << 32;

}  // namespace

c_table::~c_table() {
  for (atomic<slot*>& segment : segments_) delete[] segment.load(relaxed);  // nobody else is here any more
}

c_table::slot* c_table::find(std::uint32_t index) noexcept {
  if (index >= most_slots) return nullptr;
  const place where = place::of(index, first_length);
  slot* const segment = segments_[where.segment].load(acquire);  // E4
  return segment == nullptr ? nullptr : &segment[where.at];
}

bool c_table::provide(std::uint32_t index) noexcept {
  if (find(index) != nullptr) return true;
  const std::size_t segment = place::of(index, first_length).segment;
  slot* const made = new (std::nothrow) slot[std::size_t{first_length} << segment];
  if (made == nullptr) return false;
  slot* there = nullptr;
  if (!segments_[segment].compare_exchange_strong(there, made, release, relaxed)) delete[] made;  // E4
  return true;
}

std::uint32_t c_table::carve() noexcept {
  std::uint32_t index = carved_.load(relaxed);  // the exchange decides
  while (index < most_slots && provide(index))
    if (carved_.compare_exchange_weak(index, index + 1, relaxed, relaxed)) return index + 1;  // it only counts
  return 0;
}

std::uint32_t c_table::pop_free() noexcept {
  std::uint64_t seen = free_.load(acquire);  // E3
  while (static_cast<std::uint32_t>(seen) != 0) {
    const std::uint32_t first = static_cast<std::uint32_t>(seen);
    const std::uint64_t below = find(first - 1)->next.load(relaxed);  // E3; if it is stale, so is `seen`
    const std::uint64_t left = seen - first + below;
    if (free_.compare_exchange_weak(seen, left, acquire, acquire)) return first;  // E3
  }
  return 0;
}

void c_table::push_free(std::uint32_t index, slot& s) noexcept {
  std::uint64_t seen = free_.load(relaxed);  // the exchange decides
  for (;;) {
    const std::uint32_t first = static_cast<std::uint32_t>(seen);
    s.next.store(first, relaxed);                                                            // E3
    const std::uint64_t with_it = seen - first + (index + 1) + (detail::takes_step() ? one_push : 0);  // I2
    if (free_.compare_exchange_weak(seen, with_it, release, relaxed)) return;                // E3
  }
}

void* c_table::vacate(std::uint32_t index, slot& s, std::uint32_t generation) noexcept {
  void* const thing = std::exchange(s.thing, nullptr);
  if (generation != last_generation_) {
    s.word.store(c_slot_word{.generation = generation + 1}.packed(), relaxed);  // E3 brings it to who makes the next token
    push_free(index, s);
  }
  return thing;
}

c_token c_table::make(c_kind kind, void* thing) noexcept {
  std::uint32_t name = pop_free();
  if (name == 0) name = carve();
  if (name == 0) return {};
  slot& s = *find(name - 1);
  s.thing = thing;
  const std::uint32_t generation = c_slot_word::unpack(s.word.load(relaxed)).generation;  // ours
  s.word.store(c_slot_word{generation, kind, 1, 0}.packed(), release);                    // E1
  return {name - 1, generation};
}

/// What a slot's word allows to who has a token of a kind.
static c_access access_of(const c_slot_word& word, c_token token, c_kind kind) noexcept {
  if (word.generation != token.generation || word.references == 0) return c_access::stale;
  return word.kind == kind ? c_access::granted : c_access::other_kind;
}

c_found c_table::pin(c_token token, c_kind kind) noexcept {
  slot* const s = find(token.index);
  if (s == nullptr) return {c_access::stale};
  std::uint64_t seen = s->word.load(relaxed);  // the exchange decides
  for (;;) {
    c_slot_word word = c_slot_word::unpack(seen);
    if (const c_access access = access_of(word, token, kind); access != c_access::granted) return {access};
    if (word.pins == c_slot_word::most_pins) return {c_access::crowded};
    ++word.pins;
    if (s->word.compare_exchange_weak(seen, word.packed(), acquire, relaxed)) return {c_access::granted, s->thing};  // E1
  }
}

void* c_table::unpin(c_token token) noexcept {
  slot& s = *find(token.index);
  std::uint64_t seen = s.word.load(relaxed);  // the exchange decides
  for (;;) {
    c_slot_word word = c_slot_word::unpack(seen);
    --word.pins;
    if (s.word.compare_exchange_weak(seen, word.packed(), acq_rel, relaxed))  // E2
      return word.is_free() ? vacate(token.index, s, token.generation) : nullptr;
  }
}

c_access c_table::retain(c_token token, c_kind kind) noexcept {
  slot* const s = find(token.index);
  if (s == nullptr) return c_access::stale;
  std::uint64_t seen = s->word.load(relaxed);  // the exchange decides
  for (;;) {
    c_slot_word word = c_slot_word::unpack(seen);
    if (const c_access access = access_of(word, token, kind); access != c_access::granted) return access;
    if (word.references == c_slot_word::most_references) return c_access::crowded;
    ++word.references;
    if (s->word.compare_exchange_weak(seen, word.packed(), relaxed, relaxed)) return c_access::granted;  // whoever asks has one
  }
}

c_found c_table::release_reference(c_token token, c_kind kind) noexcept {
  slot* const s = find(token.index);
  if (s == nullptr) return {c_access::stale};
  std::uint64_t seen = s->word.load(relaxed);  // the exchange decides
  for (;;) {
    c_slot_word word = c_slot_word::unpack(seen);
    if (const c_access access = access_of(word, token, kind); access != c_access::granted) return {access};
    --word.references;
    if (s->word.compare_exchange_weak(seen, word.packed(), acq_rel, relaxed))  // E2
      return {c_access::granted, word.is_free() ? vacate(token.index, *s, token.generation) : nullptr};
  }
}

}  // namespace weft::coro

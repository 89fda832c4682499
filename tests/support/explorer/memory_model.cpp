// SPDX-License-Identifier: Apache-2.0
// Operations on locations: what they may meet, what they pass on.
#include "memory_model.hpp"

#include <cstring>

namespace weft::explorer {

namespace {

bool acquires(memory_order o) noexcept { return o == memory_order::acquire || o == memory_order::acq_rel || o == memory_order::seq_cst; }
bool releases(memory_order o) noexcept { return o == memory_order::release || o == memory_order::acq_rel || o == memory_order::seq_cst; }
std::uint8_t mask_of(std::uintptr_t address, unsigned bytes) noexcept {
  return static_cast<std::uint8_t>(((1U << bytes) - 1) << (address & 7));
}

}  // namespace

void memory_model::begin(unsigned guesses) noexcept {
  shadow_.clear();
  used_ = 0;
  for (thread_view& v : threads_) v = {};
  for (unsigned t = 0; t < most_threads; ++t) threads_[t].now.seen.at[t] = 1;
  std::memset(stale_in_a_row_, 0, sizeof stale_in_a_row_);
  fenced_ = {};
  s_rank_ = 0;
  conflict_ = {};
  guessing_ = guesses;
  refuted_ = false;
  guesses_.clear();
}

void memory_model::start_thread(unsigned parent, unsigned child) noexcept {
  threads_[child].now.join(threads_[parent].now);
  threads_[child].now.seen.at[parent] = threads_[parent].now.seen.at[parent]++;
}

void memory_model::join_thread(unsigned waiting, unsigned ended) noexcept { threads_[waiting].now.join(threads_[ended].now); }

location& memory_model::at(unsigned t, const operation& op, touch how) {
  const auto address = reinterpret_cast<std::uintptr_t>(op.place);
  granule& g = shadow_.at(address);
  const access made{threads_[t].now.seen.at[t], 0, static_cast<std::uint8_t>(t), mask_of(address, op.bytes), how};
  if (conflict_.kind == conflict::none) conflict_ = shadow::note(g, made, threads_[t].now.seen);
  std::uint16_t& index = g.location[address & 7];
  if (index == 0) {
    if (used_ == locations_.size()) locations_.emplace_back();
    index = static_cast<std::uint16_t>(++used_);
    std::uint64_t value = 0;
    std::memcpy(&value, op.place, op.bytes);
    locations_[index - 1].begin(op.place, op.bytes, value);
  }
  if (guessing_ != 0) check_guesses(t, locations_[index - 1]);
  return locations_[index - 1];
}

reach memory_model::reach_of(unsigned t, memory_order order) const noexcept {
  const view& now = threads_[t].now;
  reach r{now.seen, now.fence_rank};
  r.ordered.join(now.fenced);
  if (order != memory_order::seq_cst) return r;
  r.ordered.join(fenced_);
  r.s_rank = s_rank_;
  return r;
}

unsigned memory_model::choose(unsigned t, location& l, memory_order order, bool updates, const std::uint64_t* expected) {
  constexpr unsigned most_stale_in_a_row = 6;  // stores become visible at last
  const unsigned newest = l.size() - 1;
  if (newest == 0 || stale_in_a_row_[t] >= most_stale_in_a_row) {
    stale_in_a_row_[t] = 0;
    return newest;
  }
  const unsigned floor = l.floor(reach_of(t, order));
  const unsigned behind = choices_.store(newest - floor + 1);
  const unsigned i = newest - behind;
  const bool must_be_open = updates && (expected == nullptr || l[i].value == *expected);
  if (behind == 0 || (must_be_open && !l.is_open_behind(i))) {
    stale_in_a_row_[t] = 0;
    return newest;
  }
  ++stale_in_a_row_[t];
  return i;
}

std::uint64_t memory_model::read(unsigned t, location& l, unsigned i, memory_order order) {
  store& s = l[i];
  view& now = threads_[t].now;
  if (s.read_at[t] == 0) s.read_at[t] = now.seen.at[t];
  if (order == memory_order::seq_cst) {
    ++s_rank_;
    if (s.s_rank == 0) s.s_rank = s_rank_;
  }
  if (s.carries) {
    if (acquires(order)) now.join(s.released);
    threads_[t].pending.join(s.released);
  }
  last_ = {s.value, l.size() - 1 - i, s.thread, false};
  return s.value;
}

void memory_model::put(unsigned t, location& l, unsigned i, std::uint64_t value, const operation& op, bool is_update) {
  thread_view& mine = threads_[t];
  view carried = mine.released;
  bool carries = carried.seen.at[t] != 0;
  if (releases(op.order)) {
    carried = mine.now;
    carries = true;
  }
  if (is_update && l[i - 1].carries) {
    carried.join(l[i - 1].released);
    carries = true;
  }
  store& made = l.insert(i);
  made = {};
  made.value = value;
  made.thread = static_cast<std::uint8_t>(t);
  made.step = mine.now.seen.at[t];
  made.is_update = is_update;
  made.carries = carries;
  if (carries) made.released = carried;
  made.where = *op.where;
  if (op.order == memory_order::seq_cst) made.s_rank = is_update ? s_rank_ : ++s_rank_;
  if (guessing_ != 0) {
    constexpr std::uint64_t largest_number = 1U << 20;
    if (value <= largest_number || (value >= addresses_from_ && value < addresses_to_)) seen_values_[l.place()].insert(value);
    justify(t, l, i, made);
  }
  ++mine.now.seen.at[t];
  const std::uint64_t newest = l[l.size() - 1].value;
  std::memcpy(const_cast<void*>(op.place), &newest, op.bytes);
}

std::uint64_t memory_model::load(unsigned t, const operation& op) {
  location& l = at(t, op, touch::atomic_read);
  std::uint64_t value = 0;
  if (!((guessing_ >> t & 1U) != 0 && try_guess(t, l, op.order, value)))
    value = read(t, l, choose(t, l, op.order, false, nullptr), op.order);
  ++threads_[t].now.seen.at[t];
  return value;
}

std::uint64_t memory_model::oldest(unsigned t, const operation& op) {
  location& l = at(t, op, touch::atomic_read);
  const std::uint64_t value = read(t, l, l.floor(reach_of(t, op.order)), op.order);
  ++threads_[t].now.seen.at[t];
  return value;
}

void memory_model::write(unsigned t, const operation& op, std::uint64_t value) {
  location& l = at(t, op, touch::atomic_write);
  unsigned i = l.size();
  const unsigned floor = l.floor(reach_of(t, op.order));
  if (floor + 1 < i) {
    i -= choices_.store(i - floor);
    if (!l.is_open_behind(i - 1)) i = l.size();
  }
  const unsigned behind = l.size() - i;
  put(t, l, i, value, op, false);
  last_ = {value, behind, t, false};
}

bool memory_model::compare_exchange(unsigned t, const operation& op, std::uint64_t& expected, std::uint64_t desired) {
  location& l = at(t, op, touch::atomic_write);
  // The floor must hold for either outcome: the stronger of the two orders decides.
  const memory_order floor_order = op.failure == memory_order::seq_cst ? op.failure : op.order;
  const unsigned i = choose(t, l, floor_order, true, &expected);
  const bool done = l[i].value == expected;
  const std::uint64_t before = read(t, l, i, done ? op.order : op.failure);
  if (done) {
    put(t, l, i + 1, desired, op, true);
  } else {
    expected = before;
    ++threads_[t].now.seen.at[t];
  }
  return done;
}

void memory_model::fence(unsigned t, memory_order order) noexcept {
  thread_view& mine = threads_[t];
  if (acquires(order)) {
    mine.now.join(mine.pending);
    for (const guess& g : guesses_) refuted_ |= g.thread == t;
  }
  if (order == memory_order::seq_cst) {
    mine.now.fenced.join(fenced_);
    mine.now.fence_rank = ++s_rank_;
    fenced_.join(mine.now.seen);
  }
  if (releases(order)) mine.released = mine.now;
  ++mine.now.seen.at[t];
}

std::uint64_t memory_model::look(unsigned t, const operation& op, const view& lock) {
  location& l = at(t, op, touch::atomic_read);
  reach r = reach_of(t, memory_order::relaxed);
  r.ordered.join(lock.seen);
  const unsigned newest = l.size() - 1;
  return l[newest - choices_.store(newest - l.floor(r) + 1)].value;
}

void memory_model::pass_on(unsigned t, view& lock) noexcept {
  lock.join(threads_[t].now);
  ++threads_[t].now.seen.at[t];
}

// --- memory that is not atomic ---

conflict memory_model::touch_plain(unsigned t, std::uintptr_t address, unsigned bytes, touch how, std::uint32_t code) noexcept {
  granule& g = shadow_.at(address);
  const access made{threads_[t].now.seen.at[t], code, static_cast<std::uint8_t>(t), mask_of(address, bytes), how};
  const conflict found = shadow::note(g, made, threads_[t].now.seen);
  if (how == touch::write)  // whatever atomic was there has ended
    for (unsigned i = 0; i < 8; ++i)
      if ((made.mask >> i & 1) != 0) g.location[i] = 0;
  return found;
}

conflict memory_model::free_range(unsigned t, std::uintptr_t address, std::size_t bytes, std::uint32_t block, std::uint32_t code) noexcept {
  conflict first;
  for (std::uintptr_t a = address; a < address + bytes; a += 8) {
    const conflict found = touch_plain(t, a, 8, touch::write, code);
    if (first.kind == conflict::none) first = found;
    shadow_.at(a).freed_block = block;
  }
  return first;
}

void memory_model::forget_range(std::uintptr_t address, std::size_t bytes) noexcept {
  for (std::uintptr_t a = address & ~std::uintptr_t{7}; a < address + bytes; a += 8) {
    granule& g = shadow_.at(a);
    g.used = 0;
    for (std::uint16_t& l : g.location) l = 0;
  }
}

// --- loads of stores yet to come ---

bool memory_model::try_guess(unsigned t, location& l, memory_order order, std::uint64_t& value) {
  if (guesses_.size() >= 2) return false;
  constexpr unsigned guess_one_in = 8;
  const value_set& known = seen_values_[l.place()];
  if (known.empty() || !choices_.oddity(guess_one_in)) return false;
  auto chosen = known.begin();
  for (unsigned skip = choices_.value(static_cast<unsigned>(known.size())); skip > 0; --skip) ++chosen;
  value = *chosen;
  if (order == memory_order::seq_cst) ++s_rank_;
  guesses_.push_back({l.place(), value, threads_[t].now.seen.at[t], t, l.floor(reach_of(t, order)),
                      order == memory_order::seq_cst ? s_rank_ : 0, acquires(order)});
  last_ = {value, 0, 0, true};
  return true;
}

void memory_model::check_guesses(unsigned t, const location& l) noexcept {
  for (const guess& g : guesses_)
    if (g.place == l.place() && threads_[t].now.seen.covers(g.thread, g.step)) refuted_ = true;
}

void memory_model::justify(unsigned t, location& l, unsigned i, const store& made) noexcept {
  for (std::size_t k = 0; k < guesses_.size();) {
    guess& g = guesses_[k];
    if (g.place == l.place() && i <= g.floor) ++g.floor;  // the store came in below
    const bool fits = g.place == l.place() && g.value == made.value && g.thread != t && i > g.floor;
    if (!fits || (g.acquires && made.carries) || threads_[t].now.seen.covers(g.thread, g.step)) {
      ++k;
      continue;
    }
    l[i].read_at[g.thread] = g.step;
    if (g.s_rank != 0) l[i].s_rank = g.s_rank;
    guesses_[k] = guesses_.back();
    guesses_.pop_back();
  }
}

}  // namespace weft::explorer

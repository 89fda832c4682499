// SPDX-License-Identifier: Apache-2.0
//
// The lists of live roots.
#include "registry.hpp"

namespace weft::sched {

bool registry::add(root& r, unsigned index) noexcept {
  shard& s = shards_[index];
  const std::scoped_lock hold(s.lock);
  if (s.open == intake::closed || (s.open == intake::workers_only && index == outside())) return false;
  r.shard = index;
  r.previous = nullptr;
  r.next = s.first;
  if (s.first != nullptr) s.first->previous = &r;
  s.first = &r;
  ++s.size;
  return true;
}

void registry::remove(root& r, detail::atomic<std::uint32_t>& ended) noexcept {
  shard& s = shards_[r.shard];
  const std::scoped_lock hold(s.lock);
  (r.previous != nullptr ? r.previous->next : s.first) = r.next;
  if (r.next != nullptr) r.next->previous = r.previous;
  --s.size;
  if (s.open == intake::open) return;
  ended.fetch_add(1, detail::relaxed);  // the lock orders it
  detail::futex_wake(&ended);
}

void registry::close(intake how) noexcept {
  for (unsigned i = 0; i <= workers_; ++i) {
    const std::scoped_lock hold(shards_[i].lock);
    shards_[i].open = how;
  }
}

std::size_t registry::count() noexcept {
  std::size_t sum = 0;
  for (unsigned i = 0; i <= workers_; ++i) shards_[i].lock.lock();
  for (unsigned i = 0; i <= workers_; ++i) sum += shards_[i].size;
  for (unsigned i = 0; i <= workers_; ++i) shards_[i].lock.unlock();
  return sum;
}

std::size_t registry::count_running() noexcept {
  std::size_t sum = 0;
  for_each([&](const root& r) { sum += r.ended.load(detail::relaxed) ? 0 : 1; });  // a fact about the root alone
  return sum;
}

std::vector<live_root> registry::list(std::size_t most, bool with_ended) {
  std::vector<live_root> found;
  found.reserve(most);
  for_each([&](const root& r) {
    if (found.size() < most && (with_ended || !r.ended.load(detail::relaxed))) found.push_back({&r, r.name});  // as above
  });
  return found;
}

}  // namespace weft::sched

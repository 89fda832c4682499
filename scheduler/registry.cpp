// SPDX-License-Identifier: Apache-2.0
//
// The lists of live roots.
#include "registry.hpp"

#include <source_location>
#include <string>
#include <string_view>

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

namespace {

// The oldest wait at a level, copied from under its lock.
struct seen_wait {
  const char* what = nullptr;  // null: there is none
  char name[root::name_bytes] = {};
  std::source_location where;
  bool is_only = true;

  explicit seen_wait(detail::context& level) noexcept {
    const std::scoped_lock hold(level.lock);
    const detail::waiter* const w = level.oldest;
    if (w == nullptr) return;
    what = w->what;
    std::string_view(w->name).copy(name, sizeof name - 1);
    where = w->where;
    is_only = w->newer == nullptr;
  }

  [[nodiscard]] std::string text() const {
    std::string text = what;
    if (*name != '\0') text.append(" (").append(name).append(")");
    if (!is_only) text += ", and others";
    return text;
  }
  [[nodiscard]] std::string place() const {
    return where.line() == 0 ? std::string() : std::string(where.file_name()) + ":" + std::to_string(where.line());
  }
};

left_task described(root& r) {
  const seen_wait seen(r.level);
  if (seen.what == nullptr) return {r.name, "", ""};
  return {r.name, seen.text(), seen.place()};
}

}  // namespace

std::vector<left_task> registry::describe(std::size_t most) {
  std::vector<left_task> found;
  found.reserve(most);
  for (unsigned i = 0; i <= workers_; ++i) {
    const std::scoped_lock hold(shards_[i].lock);
    for (root* r = shards_[i].first; r != nullptr && found.size() < most; r = r->next) found.push_back(described(*r));
  }
  return found;
}

}  // namespace weft::sched

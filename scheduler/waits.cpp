// SPDX-License-Identifier: Apache-2.0
//
// The lists of waits.
#include "waits.hpp"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <utility>

#include "arena.hpp"
#include "weft/detail/context.hpp"

namespace weft::sched {

void wait_list::add(detail::waiter& w) noexcept {
  const std::scoped_lock hold(lock_);
  w.older = newest_;
  w.newer = nullptr;
  (newest_ != nullptr ? newest_->newer : oldest_) = &w;
  newest_ = &w;
  ++size_;
}

void wait_list::remove(detail::waiter& w) noexcept {
  const std::scoped_lock hold(lock_);
  (w.older != nullptr ? w.older->newer : oldest_) = w.newer;
  (w.newer != nullptr ? w.newer->older : newest_) = w.older;
  --size_;
}

void wait_list::copy_to(std::vector<seen_wait>& seen) {
  const auto size = [this] {
    const std::scoped_lock hold(lock_);
    return size_;
  };
  seen.reserve(seen.size() + size());  // not under the lock; what comes meanwhile may be left out
  const std::scoped_lock hold(lock_);
  for (const detail::waiter* w = oldest_; w != nullptr && seen.size() < seen.capacity(); w = w->newer) {
    seen_wait& one = seen.emplace_back(seen_wait{w->top, w->top->home, w->what, w->where, {}});
    std::string_view(w->name).copy(one.name, sizeof one.name - 1);
  }
}

}  // namespace weft::sched

namespace weft::detail {

void begin_wait(waiter& w, frame* who) noexcept {
  worker& here = current_worker();
  w.who = who;
  w.home = here.home;
  if (here.home == nullptr || who->head.level == nullptr) return;  // no scheduler could tell of it
  w.top = who->head.level->top;
  w.listed = &static_cast<worker_place&>(here).waits;
  w.listed->add(w);
}

void unlist(waiter& w) noexcept { std::exchange(w.listed, nullptr)->remove(w); }

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
//
// The lists of waits.
#include "waits.hpp"

#include <array>
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
  if (w.is_external) ++external_;
}

void wait_list::remove(detail::waiter& w) noexcept {
  const std::scoped_lock hold(lock_);
  (w.older != nullptr ? w.older->newer : oldest_) = w.newer;
  (w.newer != nullptr ? w.newer->older : newest_) = w.older;
  if (w.is_external) --external_;
}

bool wait_list::has_external() noexcept {
  const std::scoped_lock hold(lock_);
  return external_ != 0;
}

void wait_list::copy_to(std::vector<seen_wait>& seen, const detail::arena* home, whose which) {
  const auto for_each = [&](auto visit) {
    const std::scoped_lock hold(lock_);
    for (const detail::waiter* w = oldest_; w != nullptr; w = w->newer)
      if ((w->top->home == home) == (which == whose::its_own)) visit(*w);
  };
  std::size_t wanted = seen.size();
  for_each([&](const detail::waiter&) { ++wanted; });
  if (wanted == seen.size()) return;
  seen.reserve(wanted);  // not under the lock; what comes meanwhile may be left out
  for_each([&](const detail::waiter& w) {
    if (seen.size() == wanted) return;
    seen_wait& one = seen.emplace_back(seen_wait{w.top, &w, w.is_external, w.what, w.where, {}});
    std::string_view(w.name).copy(one.name, sizeof one.name - 1);
  });
}

// Those that have been cancelled are in the list until their frames go on: it is gone through anew for each batch.
bool wait_list::cancel_those_of(const detail::arena* home, cancelled_waits which) noexcept {
  struct asleep {
    detail::frame* who;
    detail::arena* home;
  };
  std::array<asleep, detail::sized(1024, 2)> batch;
  std::size_t taken = 0;
  bool may_go_on = false;
  do {
    {
      const std::scoped_lock hold(lock_);
      taken = 0;
      for (detail::waiter* w = oldest_; w != nullptr && taken < batch.size(); w = w->newer) {
        if (!w->can_cancel || w->top == nullptr || w->top->home != home) continue;
        may_go_on = true;
        if (w->is_shielded && which != cancelled_waits::all) continue;
        if (end_as(*w, detail::waiter::cancelled) == detail::wait_end::asleep) batch[taken++] = {w->who, w->home};
      }
    }
    for (std::size_t i = 0; i < taken; ++i) detail::make_ready(batch[i].who, batch[i].home);
  } while (taken == batch.size());
  return may_go_on;
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
  if (w.top != nullptr) here.home->observers().suspended(*w.top, w.what);
}

void unlist(waiter& w) noexcept {
  std::exchange(w.listed, nullptr)->remove(w);
  worker& here = current_worker();
  if (here.home != nullptr) here.home->went_on(here, w);  // else its frame is destroyed
}

}  // namespace weft::detail

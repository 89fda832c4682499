// SPDX-License-Identifier: Apache-2.0
//
// The list of those that wait at a level.
#include "weft/detail/context.hpp"

#include <mutex>
#include <utility>

#include "weft/detail/worker.hpp"

namespace weft::detail {

void begin_wait(waiter& w, frame* who) noexcept {
  w.who = who;
  w.home = current_worker().home;
  context* const level = who->head.level;
  if (level == nullptr) return;
  w.level = level;
  const std::scoped_lock hold(level->lock);
  w.older = level->newest;
  (w.older != nullptr ? w.older->newer : level->oldest) = &w;
  level->newest = &w;
}

void unlist(waiter& w) noexcept {
  context* const level = std::exchange(w.level, nullptr);
  const std::scoped_lock hold(level->lock);
  (w.older != nullptr ? w.older->newer : level->oldest) = w.newer;
  (w.newer != nullptr ? w.newer->older : level->newest) = w.older;
}

}  // namespace weft::detail

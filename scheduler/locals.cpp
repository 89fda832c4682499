// SPDX-License-Identifier: Apache-2.0
//
// What plain functions can know of the task that runs them: its locals and its name. The edge is that of detail/local_value.hpp:
//   E1  the last holder destroys
#include "weft/detail/local_value.hpp"

#include "weft/detail/context.hpp"
#include "weft/detail/root.hpp"
#include "weft/detail/worker.hpp"
#include "weft/task_local.hpp"

#include <utility>

namespace weft::detail {

void release_locals(local_value* list) noexcept {
  while (list != nullptr && list->holders.fetch_sub(1, acq_rel) == 1) {  // E1
    local_value* const outer = list->outer;
    list->discard(*list);
    list = outer;
  }
}

const local_value* find_local(const void* key) noexcept {
  const context* const level = current_worker().level;
  const local_value* found = level != nullptr ? level->locals : nullptr;
  while (found != nullptr && found->key != key) found = found->outer;
  return found;
}

void enter_level(context& level) noexcept {
  worker& here = current_worker();
  if (here.home != nullptr) here.level = &level;
}

void leave_level(const context& level) noexcept {
  worker& here = current_worker();
  if (here.level == &level) here.level = level.outer;
}

}  // namespace weft::detail

namespace weft {

std::string_view current_task_name() noexcept {
  const detail::context* const level = detail::current_worker().level;
  return level != nullptr && level->top != nullptr ? level->top->name : std::string_view();
}

}  // namespace weft

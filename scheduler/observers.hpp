// SPDX-License-Identifier: Apache-2.0
//
// Who is told of tasks as they are spawned, picked up, suspended and finished. Where nobody listens, a test of one word is all it costs.
#pragma once

#include "hooks.hpp"
#include "weft/detail/root.hpp"
#include "weft/task_hooks.hpp"

#include <string_view>
#include <utility>

namespace weft::sched {

class observers {
 public:
  /// `scheduler`: its name, which lives as long as it.
  observers(task_hooks hooks, const char* scheduler) : hooks_(std::move(hooks)), scheduler_(scheduler) {}

  [[nodiscard]] bool hear_of_pick_ups() const noexcept { return static_cast<bool>(hooks_.on_pick_up); }
  void spawned(const detail::root& r) const noexcept {
    if (hooks_.on_spawn) [[unlikely]]
      tell("on_spawn", hooks_.on_spawn, r);
  }
  void picked_up(const detail::root& r) const noexcept {
    if (hooks_.on_pick_up) [[unlikely]]
      tell("on_pick_up", hooks_.on_pick_up, r);
  }
  void suspended(const detail::root& r, const char* what) const noexcept {
    if (hooks_.on_suspend) [[unlikely]]
      tell("on_suspend", hooks_.on_suspend, r, std::string_view(what));
  }
  void finished(const detail::root& r) const noexcept {
    if (hooks_.on_finish) [[unlikely]]
      tell("on_finish", hooks_.on_finish, r);
  }

 private:
  template <class Hook, class... More>
  void tell(const char* name, const Hook& hook, const detail::root& r, More... more) const noexcept {
    try {
      hook(std::string_view(r.name), more...);
    } catch (...) {
      end_for_hook_of_task(name, scheduler_, r.name);
    }
  }

  const task_hooks hooks_;
  const char* const scheduler_;
};

}  // namespace weft::sched

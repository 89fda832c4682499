// SPDX-License-Identifier: Apache-2.0
//
// Making a scheduler and starting its threads.
#include "arena.hpp"

#include "hooks.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/root.hpp"
#include "weft/errors.hpp"
#include "weft/frames.hpp"
#include "weft/topology.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <utility>

namespace weft::detail {

namespace {

constexpr std::size_t deque_capacity = sized(256, 2);

atomic<std::uint64_t> made{0};  // schedulers, ever: a number for each

// The options with a number of workers that can be. Looked up once: the machine's answer may change.
scheduler_options checked(scheduler_options options) {
  if (!options.workers) options.workers = std::min(default_workers(), max_workers);
  expects(*options.workers >= 1, "scheduler", "workers must be at least 1; leave it out to use every core of the quota");
  expects(*options.workers <= max_workers, "scheduler", "workers must be at most weft::max_workers (1000)");
  return options;
}

unsigned workers_of(const scheduler_options& options) { return static_cast<unsigned>(*options.workers); }

}  // namespace

arena::arena(scheduler_options options, bool hosted)
    : options_(checked(std::move(options))),
      hosted_(hosted),
      number_(made.fetch_add(1, relaxed)),  // one word
      process_(sched::process_generation()),
      idle_(workers_of(options_)),
      roots_(workers_of(options_)),
      driver_(std::make_unique<sched::futex_driver>(timers_)),
      hook_(options_.on_unhandled, options_.name.c_str()),
      blocking_(this, options_.blocking, options_.name),
      observers_(options_.hooks, options_.name.c_str()),
      watchdog_(options_.watchdog, options_.name.c_str()),
      sees_pick_ups_(watchdog_.is_on() || observers_.hear_of_pick_ups()) {
  const unsigned count = workers_of(options_);
  workers_.reserve(count);
  threads_.reserve(count);
  for (unsigned i = 0; i < count; ++i) {
    auto w = std::make_unique<worker_place>(deque_capacity);
    w->index = i;
    w->home = this;
    w->idle = &idle_.word();
    w->victim_seed = i * 0x9e3779b97f4a7c15U + 1;
    workers_.push_back(std::move(w));
  }
  id_ = sched::places::take(this);
}

arena::~arena() {
  sched::places::give_back(id_);
  constexpr std::int64_t moment = 100'000;  // nanoseconds: whoever is left is only about to wake somebody
  while (const std::uint32_t visitors = visitors_.load(acquire)) futex_wait(visitors_, visitors, moment);  // E1 of ready.cpp
}

void arena::start() {
  const unsigned first = hosted_ ? 1 : 0;
  try {
    if (watchdog_.is_on()) start_watchdog();
    for (unsigned i = first; i < worker_count(); ++i) {
      const std::string what = "weft: scheduler: could not start worker " + std::to_string(i + 1) + " of " + std::to_string(worker_count());
      threads_.emplace_back(
          [](void* place) -> void* {
            auto& self = *static_cast<worker_place*>(place);
            self.home->run_thread(self);
            return nullptr;
          },
          workers_[i].get(), what);
    }
  } catch (...) {
    roots_.close(sched::intake::closed);
    exiting_.store(true, relaxed);  // nothing came before it that they must see; they are joined
    wake_everybody();
    for (sched::thread& t : threads_) t.join();
    watchdog_.stop();
    throw;
  }
  if (options_.frame_limit) set_frame_limit(*options_.frame_limit);  // last: a scheduler that could not start changes nothing
}

void arena::start_watchdog() {
  std::vector<sched::stint*> stints;
  for (const auto& w : workers_) stints.push_back(&w->stint);
  watchdog_.start(std::move(stints));
}

void arena::call_hook(const std::function<void(int)>& hook, const char* name, const worker_place& self) noexcept {
  if (!hook) return;
  try {
    hook(static_cast<int>(self.index));
  } catch (...) {
    char where[32];
    std::snprintf(where, sizeof where, "on worker %u", self.index);
    sched::end_for_hook(name, options_.name.c_str(), where);
  }
}

void arena::enter(worker_place& self) noexcept {
  frame_cache_open(self);
  self.before = std::exchange(current_cache, &self);
  call_hook(options_.on_worker_start, "on_worker_start", self);
}

void arena::leave(worker_place& self) noexcept {
  call_hook(options_.on_worker_stop, "on_worker_stop", self);
  current_cache = self.before;
  frame_cache_close(self);
  left_.fetch_add(1, relaxed);  // a wake-up hint: the join orders the rest
  futex_wake(&left_);
}

void arena::run_thread(worker_place& self) noexcept {
  sched::name_this_thread(options_.name, self.index);
  enter(self);
  work(self);
  leave(self);
}

void arena::work_as_host() {
  worker_place& self = *workers_.front();
  enter(self);
  work(self);
  leave(self);
}

void arena::require_same_process(const char* call) const {
  expects(process_ == sched::process_generation(), call,
          "this process is a fork of the one that made the scheduler; make a new scheduler here");
}

void arena::retire(arena* a) noexcept {
  a->hook_.close();
  if (a->report_.abandoned == 0 && a->stuck_ == 0) delete a;
}

scheduler_metrics arena::metrics() {
  scheduler_metrics all;
  all.workers.reserve(workers_.size());
  for (const auto& w : workers_) all.workers.push_back(read_counters(*w));
  all.blocking = blocking_.metrics();
  all.roots_live = roots_.count();
  all.roots_unhandled = hook_.told();
  return all;
}

}  // namespace weft::detail

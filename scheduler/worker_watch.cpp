// SPDX-License-Identifier: Apache-2.0
//
// What workers are at, and who tells of it.
#include "worker_watch.hpp"

#include "hooks.hpp"
#include "weft/detail/expects.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <utility>

namespace weft::sched {

namespace {

using std::chrono::nanoseconds;
constexpr nanoseconds least_pause = std::chrono::microseconds(100);  // between two looks

}  // namespace

void stint::begin(const detail::root* of) noexcept {
  const time_point start = detail::now();
  const std::scoped_lock hold(lock_);
  if (of != nullptr)
    std::memcpy(task_, of->name, sizeof task_);
  else
    task_[0] = '\0';
  since_ = start;
  where_ = {};
  is_running_ = true;
  is_told_ = false;
}

void stint::note(const std::source_location& where) noexcept {
  const std::scoped_lock hold(lock_);
  where_ = where;
}

void stint::end() noexcept {
  const std::scoped_lock hold(lock_);
  is_running_ = false;
}

std::optional<stint::held> stint::overlong(nanoseconds threshold) noexcept {
  const std::scoped_lock hold(lock_);
  if (!is_running_ || is_told_) return std::nullopt;
  const nanoseconds lasted = detail::now() - since_;
  if (lasted <= threshold) return std::nullopt;
  is_told_ = true;
  held seen{{}, lasted, where_};
  std::memcpy(seen.task, task_, sizeof task_);
  return seen;
}

worker_watch::worker_watch(watchdog_options options, const char* scheduler) : options_(std::move(options)), scheduler_(scheduler) {
  detail::expects(options_.threshold >= nanoseconds::zero(), "scheduler", "watchdog.threshold must not be negative; 0 is no watchdog");
}

void worker_watch::start(std::vector<stint*> workers) {
  workers_ = std::move(workers);
  const auto body = [](void* self) -> void* {
    static_cast<worker_watch*>(self)->look();
    return nullptr;
  };
  thread_.emplace(body, this, "weft: scheduler: could not start the watchdog");
}

void worker_watch::stop() noexcept {
  if (!thread_) return;
  leaving_.store(true, detail::relaxed);  // the wake orders it
  bed_.wake();
  thread_->join();
  thread_.reset();
}

void worker_watch::look() noexcept {
  name_this_thread("weft-watchdog", 0);
  const nanoseconds pause = std::max(options_.threshold / 4, least_pause);
  while (!leaving_.load(detail::relaxed)) {  // a wake that was not seen yet ends the next sleep
    bed_.sleep(pause.count());
    int worker = 0;
    for (stint* const one : workers_) {
      if (const std::optional<stint::held> held = one->overlong(options_.threshold)) tell(*held, worker);
      ++worker;
    }
  }
}

void worker_watch::tell(const stint::held& what, int worker) noexcept {
  if (!options_.on_held) {
    char since[300] = "";
    if (what.where.line() != 0) std::snprintf(since, sizeof since, ", since a wait in %s:%u", what.where.file_name(), what.where.line());
    std::fprintf(stderr, "weft: scheduler %s: task %s has held worker %d for %lld ms%s; give away what blocks to weft::run_blocking\n",
                 scheduler_, shown_name(what.task), worker,
                 static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(what.lasted).count()), since);
    return;
  }
  try {
    options_.on_held({what.task, worker, what.lasted, what.where});
  } catch (...) {
    end_for_hook_of_task("watchdog.on_held", scheduler_, what.task);
  }
}

}  // namespace weft::sched

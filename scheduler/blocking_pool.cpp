// SPDX-License-Identifier: Apache-2.0
//
// Jobs: how they are queued, started, taken back and called. The rules, B1 to B5, are those of blocking_pool.hpp.
#include "blocking_pool.hpp"

#include "arena.hpp"
#include "weft/detail/cancel_node.hpp"
#include "weft/detail/context.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/root.hpp"
#include "weft/errors.hpp"

#include <system_error>

namespace weft::sched {

using detail::end_as;
using detail::submission;
using detail::wait_end;
using detail::waiter;

// --- under the lock ---

bool blocking_pool::has_room() const noexcept {
  const std::size_t served = free_ + (static_cast<std::size_t>(options_.max_threads) - threads_);
  return queued_ < served || queued_ - served < options_.queue;
}

bool blocking_pool::accept(blocking_job& job) noexcept {
  if (!settle_wait(job.wait)) return false;  // cancelled meanwhile
  queue_.append(job);                        // B2
  ++queued_;
  return true;
}

// The oldest that was not cancelled. Those that were are theirs to take out.
blocking_job* blocking_pool::take_oldest(detail::list_link& queue) noexcept {
  while (!queue.is_alone()) {
    auto& oldest = static_cast<blocking_job&>(*queue.next);
    oldest.take_out();
    --queued_;
    if (end_as(oldest.wait, waiter::signalled) == wait_end::asleep) return &oldest;  // B1
  }
  return nullptr;
}

blocking_pool::thread_record* blocking_pool::take_idle() noexcept {
  thread_record* const newest = idle_;
  if (newest != nullptr) take_from_stack(*newest);
  return newest;
}

void blocking_pool::take_from_stack(thread_record& idle) noexcept {
  thread_record** at = &idle_;
  while (*at != &idle) at = &(*at)->below;
  *at = idle.below;
  idle.is_idle = false;
}

// All that is queued waits for a thread that could not be started; what comes meanwhile does not.
void blocking_pool::tell_all(int error, lock_hold& hold) noexcept {
  detail::list_link told;
  queue_.append(told);
  queue_.take_out();  // the ring is told's now
  while (blocking_job* const job = take_oldest(told)) {
    job->taken = submission::without_thread;
    job->error = error;
    detail::frame* const who = job->wait.who;
    detail::arena* const home = job->wait.home;
    hold.unlock();
    detail::make_ready(who, home);
    hold.lock();
  }
}

// --- by workers ---

bool blocking_pool::submit(blocking_job& job, detail::when_full how) noexcept {
  lock_hold hold(lock_);
  const bool is_refused = how == detail::when_full::refuses && !has_room();
  if (is_closed_ || is_refused) {
    job.taken = is_closed_ ? submission::too_late : submission::refused;
    refused_ += is_closed_ ? 0 : 1;
    return false;
  }
  if (!accept(job)) return false;
  if (thread_record* const idle = take_idle()) {
    hold.unlock();
    idle->bed.wake();  // it stays until then: B5
  } else if (queued_ > free_ && threads_ < static_cast<std::size_t>(options_.max_threads)) {
    provide_thread(hold);
  }
  return true;
}

void blocking_pool::take_back(blocking_job& job) noexcept {
  const std::scoped_lock hold(lock_);
  if (job.is_alone()) return;
  job.take_out();
  --queued_;
}

bool blocking_pool::is_busy() noexcept {
  const std::scoped_lock hold(lock_);
  return queued_ != 0 || free_ < threads_;
}

blocking_metrics blocking_pool::metrics() noexcept {
  const std::scoped_lock hold(lock_);
  return {.threads_live = threads_, .calls_queued = queued_, .calls_begun = begun_, .calls_refused = refused_};
}

// --- by threads of the pool ---

// The frame may be gone once it is ready.
void blocking_pool::call(thread_record& self, blocking_job& job) noexcept {
  detail::frame* const who = job.wait.who;
  detail::arena* const home = job.wait.home;
  self.as_worker.level = who->head.level;
  job.run(job);
  self.as_worker.level = nullptr;
  detail::make_ready(who, home);
}

}  // namespace weft::sched

namespace weft::detail {

bool submit_job(blocking_job& job, frame* waiting, when_full how, const char* call) {
  arena* const home = home_of_worker(call);
  job.pool = &home->blocking();
  job.wait.is_external = true;
  return begin_cancellable_wait(job.wait, waiting) && job.pool->submit(job, how);
}

void retire_job(blocking_job& job) noexcept {
  if (job.pool == nullptr) return;
  if (job.wait.state.load(relaxed) != waiter::signalled) {  // a started job is in no list, and its frame was made ready after that
    static_cast<void>(end_as(job.wait, waiter::cancelled));   // of a frame that is destroyed
    job.pool->take_back(job);
  }
  leave_wait(job.wait);
  end_wait(job.wait);
  job.pool = nullptr;
}

void expect_called(const blocking_job& job, const char* call) {
  using namespace std::string_literals;
  switch (job.taken) {
    case submission::too_late: throw scheduler_stopped("weft: "s + call + ": the scheduler has stopped; the function was not called");
    case submission::without_thread:
      throw std::system_error(job.error, std::generic_category(), "weft: "s + call + ": there is no thread, and none could be started");
    default: break;
  }
  if (job.wait.state.load(relaxed) != waiter::signalled) throw cancellation_of(job.wait, call);  // made ready, or never asleep
}

}  // namespace weft::detail

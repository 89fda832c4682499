// SPDX-License-Identifier: Apache-2.0
//
// Threads that may block: when one is started, how long it stays, and who joins it. The rules, B1 to B5, are those of blocking_pool.hpp.
#include "arena.hpp"
#include "blocking_pool.hpp"
#include "weft/detail/expects.hpp"

#include <cerrno>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

namespace weft::sched {

namespace {

using detail::expects;
using std::chrono::nanoseconds;

blocking_options checked(const blocking_options& options) {
  expects(options.max_threads >= 1, "scheduler", "blocking.max_threads must be at least 1");
  expects(options.max_threads <= max_blocking_threads, "scheduler",
          "blocking.max_threads must be at most weft::max_blocking_threads (10000)");
  expects(options.min_threads >= 0, "scheduler", "blocking.min_threads must not be negative");
  expects(options.min_threads <= options.max_threads, "scheduler", "blocking.min_threads must be at most blocking.max_threads");
  expects(options.keep_alive >= nanoseconds::zero(), "scheduler", "blocking.keep_alive must not be negative");
  return options;
}

}  // namespace

blocking_pool::blocking_pool(detail::arena* of, const blocking_options& options, const std::string& name)
    : of_(of), options_(checked(options)), thread_prefix_(name + "-block") {}

void blocking_pool::provide_thread(lock_hold& hold) noexcept {
  ++threads_;  // others count on it from now on
  ++free_;
  const int error = start_thread(hold);
  if (error == 0) return;
  --threads_;
  --free_;
  if (threads_ == 0) tell_all(error, hold);  // B4; else one of them looks, or fails to start, too
}

int blocking_pool::start_thread(lock_hold& hold) noexcept {
  join_those_that_left(hold);
  const unsigned number = made_++;
  hold.unlock();
  std::unique_ptr<thread_record> made(new (std::nothrow) thread_record(*this));
  int error = made == nullptr ? ENOMEM : 0;
  if (made != nullptr) {
    made->number = number;
    made->as_worker.lent_by = of_;
    made->as_worker.virtual_time = of_->virtual_time();
    hold.lock();
    running_.append(*made);  // before its thread can leave
    hold.unlock();
    const auto body = [](void* record) -> void* {
      auto& self = *static_cast<thread_record*>(record);
      self.pool.work(self);
      return nullptr;
    };
    try {
      thread started(body, made.get(), std::string());
      hold.lock();
      thread_record& record = *made.release();
      record.handle.emplace(std::move(started));
      if (record.has_left) left_.append(record);
      return 0;
    } catch (const std::system_error& e) {
      error = e.code().value();
    } catch (const std::bad_alloc&) {
      error = ENOMEM;
    }
  }
  hold.lock();
  if (made != nullptr) made->take_out();
  return error;
}

void blocking_pool::work(thread_record& self) noexcept {
  name_this_thread(thread_prefix_, self.number);
  detail::current_cache = &self.as_worker;
  lock_hold hold(lock_);
  do {
    while (blocking_job* const job = is_closed_ ? nullptr : take_oldest(queue_)) {
      --free_;
      ++begun_;
      hold.unlock();
      call(self, *job);
      hold.lock();
      ++free_;
    }
  } while (rest(self, hold));
  leave(self);
}

// Sleeps until there may be something to do. False: it is to leave, and nothing is queued that counts on it. It joins others before it
// looks for the last time, for the lock is given back meanwhile.
bool blocking_pool::rest(thread_record& self, lock_hold& hold) noexcept {
  join_those_that_left(hold);
  if (!is_closed_ && !queue_.is_alone()) return true;
  const auto start = detail::now();
  self.below = std::exchange(idle_, &self);
  self.is_idle = true;
  while (!is_closed_ && self.is_idle) {
    const bool stays = threads_ <= static_cast<std::size_t>(options_.min_threads);
    const nanoseconds left = options_.keep_alive - (detail::now() - start);
    if (!stays && left <= nanoseconds::zero()) break;
    hold.unlock();
    const bool woken = self.bed.sleep(stays ? -1 : left.count());
    hold.lock();
    if (woken || self.is_idle) continue;
    hold.unlock();
    while (!self.bed.sleep(-1)) {  // B5
    }
    hold.lock();
  }
  if (!self.is_idle) return !is_closed_;
  take_from_stack(self);
  return false;
}

void blocking_pool::leave(thread_record& self) noexcept {
  detail::current_cache = detail::foreign_cache;
  self.take_out();
  self.has_left = true;
  if (self.handle.has_value()) left_.append(self);
  --threads_;
  --free_;
  if (!is_closed_) return;
  changed_.fetch_add(1, detail::relaxed);  // the lock orders what is counted
  detail::futex_wake(&changed_);
}

void blocking_pool::join_those_that_left(lock_hold& hold) noexcept {
  while (!left_.is_alone()) {
    const std::unique_ptr<thread_record> gone(static_cast<thread_record*>(left_.next));
    gone->take_out();
    hold.unlock();
    gone->handle->join();
    hold.lock();
  }
}

std::size_t blocking_pool::close(std::optional<std::chrono::steady_clock::time_point> limit) noexcept {
  lock_hold hold(lock_);
  is_closed_ = true;
  while (thread_record* const idle = take_idle()) idle->bed.wake();  // under the lock: they need it to leave
  while (threads_ != 0) {
    const std::uint32_t seen = changed_.load(detail::relaxed);  // the lock orders what is counted
    const nanoseconds rest = limit ? *limit - detail::now() : nanoseconds(-1);
    if (limit && rest <= nanoseconds::zero()) break;
    hold.unlock();
    detail::futex_wait(changed_, seen, rest.count());
    hold.lock();
  }
  join_those_that_left(hold);
  for (detail::list_link* r = running_.next; r != &running_; r = r->next) static_cast<thread_record*>(r)->handle->detach();
  return threads_;
}

}  // namespace weft::sched

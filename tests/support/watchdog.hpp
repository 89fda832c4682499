// SPDX-License-Identifier: Apache-2.0
// Ends a test that hangs, and says what the schedulers were doing: a bare timeout would not.
//
// Progress is a beat(), or a change in what the watched schedulers ran or allocated. WEFT_PATIENCE sets the seconds
// without any after which the process prints its workers and threads and aborts.
#pragma once

#include <weft/detail/sync.hpp>
#include <weft/scheduler.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weft::test {

#if defined(__SANITIZE_THREAD__)
inline constexpr bool under_tsan = true;
#elif defined(__has_feature)
inline constexpr bool under_tsan = __has_feature(thread_sanitizer);
#else
inline constexpr bool under_tsan = false;
#endif

class watchdog {
 public:
  explicit watchdog(const char* what) : what_(what), thread_([this] { guard(); }) {}
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  ~watchdog() {
    {
      const std::scoped_lock hold(lock_);
      over_ = true;
    }
    over_changed_.notify_all();
    thread_.join();
  }

  /// The test has come further. Any thread.
  void beat() noexcept { beats_.fetch_add(1, std::memory_order_relaxed); }

  /// Includes a scheduler for as long as the object lives, which must not be longer than the scheduler.
  class watched {
   public:
    watched(watchdog& dog, scheduler& pool) : dog_(dog), pool_(&pool) {
      const std::scoped_lock hold(dog_.lock_);
      dog_.pools_.push_back(pool_);
    }
    watched(const watched&) = delete;
    watched& operator=(const watched&) = delete;
    ~watched() {
      const std::scoped_lock hold(dog_.lock_);
      dog_.pools_.erase(std::find(dog_.pools_.begin(), dog_.pools_.end(), pool_));
    }

   private:
    watchdog& dog_;
    scheduler* pool_;
  };

 private:
  static std::chrono::seconds patience() {
    const char* given = std::getenv("WEFT_PATIENCE");
    if (given != nullptr) return std::chrono::seconds(std::max(1L, std::strtol(given, nullptr, 10)));
    return std::chrono::seconds(under_tsan ? 120 : detail::under_asan ? 90 : 30);
  }

  // With lock_ held.
  [[nodiscard]] std::uint64_t progress() const {
    std::uint64_t sum = beats_.load(std::memory_order_relaxed);
    for (scheduler* pool : pools_) {
      const worker_metrics m = pool->metrics().total();
      sum += m.tasks_run + m.frames_allocated;
    }
    return sum;
  }

  void guard() {
    std::unique_lock hold(lock_);
    std::uint64_t seen = progress();
    auto since = std::chrono::steady_clock::now();
    while (!over_changed_.wait_for(hold, std::chrono::milliseconds(500), [this] { return over_; })) {
      const std::uint64_t now = progress();
      if (now != seen) {
        seen = now;
        since = std::chrono::steady_clock::now();
      } else if (std::chrono::steady_clock::now() - since > patience()) {
        report();
        std::abort();
      }
    }
  }

  void report() const {
    std::fprintf(stderr, "watchdog: %s: nothing has happened for %lld s\n", what_, static_cast<long long>(patience().count()));
    for (scheduler* pool : pools_) detail::scheduler_access::print_state(*pool);
    std::error_code ignored;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
      std::string name, state, where;
      std::getline(std::ifstream(thread.path() / "comm"), name);
      std::ifstream status(thread.path() / "status");
      for (std::string line; std::getline(status, line);)
        if (line.starts_with("State:")) state = line;
      std::getline(std::ifstream(thread.path() / "syscall"), where);
      std::fprintf(stderr, "    thread %s: %s, system call %s\n", name.c_str(), state.c_str(), where.c_str());
    }
    std::fflush(stderr);
  }

  const char* what_;
  std::atomic<std::uint64_t> beats_{0};
  std::mutex lock_;
  std::condition_variable over_changed_;
  bool over_ = false;
  std::vector<scheduler*> pools_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace weft::test

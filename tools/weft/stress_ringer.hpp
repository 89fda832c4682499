// SPDX-License-Identifier: Apache-2.0
// An awaitable that is not weft's: a thread of the program's own wakes who waits, in batches, or the waiting is over at once.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

#include "stress_delays.hpp"

namespace weft::tool::stress {

/// What the ringer does wrong on purpose.
enum class ringer_defect { none, forgets_now_and_then, writes_past_its_buffer };

class ringer {
 public:
  /// How a wait ends.
  enum class way { by_thread, inside_suspend, without_suspending, without_waiting };

  /// `co_await` gives the number back.
  class wait {
   public:
    wait(ringer& by, way how, std::uint64_t number) noexcept : by_(by), how_(how), number_(number) {}
    [[nodiscard]] bool await_ready() const noexcept { return how_ == way::without_waiting; }
    bool await_suspend(std::coroutine_handle<> waiting) const {
      if (how_ == way::without_suspending) return false;
      // Both may end this object before they return.
      how_ == way::inside_suspend ? waiting.resume() : by_.leave(waiting);
      return true;
    }
    std::uint64_t await_resume() const noexcept {
      if (how_ == way::by_thread) by_.went_on_.fetch_add(1, std::memory_order_relaxed);  // only counted
      return number_;
    }

   private:
    ringer& by_;
    way how_;
    std::uint64_t number_;
  };

  ringer(const delays& pauses, ringer_defect planted);
  ringer(const ringer&) = delete;
  ringer& operator=(const ringer&) = delete;
  /// Rings for all who still wait.
  ~ringer();

  /// What has become of the handles that tasks left here.
  struct figures {
    std::uint64_t left = 0;
    std::uint64_t rung = 0;
    std::uint64_t went_on = 0;
  };
  [[nodiscard]] figures counted() const noexcept;
  /// Whether nobody wrote past the end of the buffer. Any thread.
  [[nodiscard]] bool buffer_is_whole();

 private:
  static constexpr std::size_t capacity = 16;

  void leave(std::coroutine_handle<> waiting);
  void ring_for(void* waiting);
  void work();

  const delays& pauses_;
  const ringer_defect planted_;
  std::mutex lock_;
  std::condition_variable has_changed_;
  std::array<void*, capacity + 1> buffer_{};  // with lock_ held; the last place is a guard, which holds our address
  std::size_t used_ = 0;                      // with lock_ held
  bool over_ = false;                         // with lock_ held
  std::atomic<std::uint64_t> left_{0};        // these are only counted: relaxed
  std::atomic<std::uint64_t> turns_{0};
  std::atomic<std::uint64_t> rung_{0};
  std::atomic<std::uint64_t> went_on_{0};
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace weft::tool::stress

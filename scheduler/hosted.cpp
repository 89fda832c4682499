// SPDX-License-Identifier: Apache-2.0
//
// run(): a scheduler in which the calling thread is worker 0. A thread of its own waits for the task and stops the scheduler,
// for the calling one is busy working.
//
// Edges
//   E1  `told` is set (release) after `host` and `awaited` -> the stopper's load (acquire).
#include "arena.hpp"
#include "weft/detail/root.hpp"
#include "weft/sync_wait.hpp"

#include <memory>
#include <utility>

namespace weft::detail {

struct hosted_scheduler::stopper {
  arena* host;
  root* awaited = nullptr;
  atomic<std::uint32_t> told{0};  // futex word: E1
  sched::thread thread;

  explicit stopper(arena* a) : host(a), thread(&run, this, "weft: run: could not start the thread that ends the scheduler") {}

  static void* run(void* argument) {
    auto& self = *static_cast<stopper*>(argument);
    while (self.told.load(acquire) == 0) futex_wait(self.told, 0);  // E1
    if (self.awaited != nullptr) wait_for(*self.awaited, -1);
    if (self.host != nullptr) self.host->stop({});
    return nullptr;
  }
  /// Ends the thread without a stop.
  void cancel() noexcept {
    host = nullptr;
    tell(nullptr);
    thread.join();
  }
  void tell(root* r) noexcept {
    awaited = r;
    told.store(1, release);  // E1
    futex_wake(&told);
  }
};

hosted_scheduler::hosted_scheduler(scheduler_options options) {
  auto made = std::make_unique<arena>(std::move(options), true);
  auto ending = std::make_unique<stopper>(made.get());
  try {
    made->start();
  } catch (...) {
    ending->cancel();
    throw;
  }
  arena_ = made.release();
  stopper_ = ending.release();
}

hosted_scheduler::~hosted_scheduler() {
  if (stopper_ != nullptr) work(nullptr);  // nothing was started: only the way out
  arena::retire(arena_);
}

void hosted_scheduler::work(root* awaited) noexcept {
  stopper_->tell(awaited);
  arena_->work_as_host();
  stopper_->thread.join();
  delete std::exchange(stopper_, nullptr);
}

}  // namespace weft::detail

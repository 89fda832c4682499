// SPDX-License-Identifier: Apache-2.0
// Operations of a thread that is no worker: submitting, handing over coroutines of another kind, bursts, and further schedulers.
#include <algorithm>
#include <coroutine>
#include <deque>
#include <exception>
#include <future>
#include <thread>
#include <utility>

#include "stress_world.hpp"

namespace weft::tool::stress {
namespace {

/// A coroutine that is not weft's: it starts at once and frees itself.
struct errand {
  struct promise_type {
    errand get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

/// Goes on at a scheduler, by scheduler::resume.
struct goes_to {
  scheduler& pool;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const { pool.resume(self); }
  void await_resume() const noexcept {}
};

errand go(world& w, std::uint64_t number) {
  const ends_open_work at_end(w);
  w.pauses.at(point::before_submit, number);
  try {
    co_await goes_to{w.pool};
  } catch (const scheduler_stopped&) {
    co_return;  // the stall watch has given up
  }
  w.enter(number);
  w.expect_here(number, place::main);
  if (mixed(number) % 4 == 0) {
    co_await goes_to{w.other};
    w.expect_here(number, place::other);
  }
}

task<std::uint64_t> sum_at(world& w, scheduler& elsewhere, operation op) {
  const std::uint64_t sum = co_await on(elsewhere, tree(w, op.tasks, op.draw));
  w.expect_here(op.tasks.first, place::main);
  co_return sum;
}

/// Futures that are looked at some time after they were made.
class open_futures {
 public:
  explicit open_futures(world& w) : w_(w) {}

  void add(const operation& of, std::future<std::uint64_t> result) {
    open_.emplace_back(of, std::move(result));
    if (open_.size() > 8) settle();
  }
  void settle_all() {
    while (!open_.empty()) settle();
  }

 private:
  void settle() {
    auto [of, result] = std::move(open_.front());
    open_.pop_front();
    w_.expect_equal(of, "the sum", result.get(), of.tasks.sum());
  }

  world& w_;
  std::deque<std::pair<operation, std::future<std::uint64_t>>> open_;
};

}  // namespace

void run_submits(world& w, const operation& op) {
  open_futures futures(w);
  random_numbers random(op.draw);
  for (std::uint64_t at = op.tasks.first; at < op.tasks.end();) {
    const operation part{op.what, {at, std::min(op.tasks.end() - at, 1 + random.below(6))}, random.next()};
    at = part.tasks.end();
    w.pauses.at(point::before_submit, at);
    switch (random.below(8)) {
      case 0: w.expect_equal(part, "the sum", sync_wait(w.pool, tree(w, part.tasks, part.draw)), part.tasks.sum()); break;
      case 1:
      case 2: {
        w.open.add();
        auto dropped = spawn(w.pool, tree_apart(w, part), {.name = "dropped"});
        static_cast<void>(dropped.is_done());
        break;
      }
      case 3:
      case 4: futures.add(part, spawn_future(w.pool, tree(w, part.tasks, part.draw), {.name = "future"})); break;
      default: w.open.add(); spawn_detached(w.pool, tree_apart(w, part), {.name = "submitted"});
    }
  }
  futures.settle_all();
}

void run_handed_over(world& w, const operation& op) {
  for (std::uint64_t i = op.tasks.first; i < op.tasks.end(); ++i) {
    w.open.add();
    go(w, i);
  }
}

void run_bursts(world& w, const operation& op) {
  random_numbers random(op.draw);
  for (std::uint64_t at = op.tasks.first; at < op.tasks.end();) {
    const operation part{op.what, {at, std::min(op.tasks.end() - at, 4 + random.below(60))}, random.next()};
    at = part.tasks.end();
    // Somebody has fallen asleep since the last burst, if nobody else keeps them up.
    const std::uint64_t parks = w.pool.metrics().total().parks;
    w.expect_equal(part, "the sum", sync_wait(w.pool, tree(w, part.tasks, part.draw)), part.tasks.sum());
    for (int i = 0; i < 50 && w.pool.metrics().total().parks == parks; ++i) std::this_thread::yield();
  }
}

void run_schedulers(world& w, const operation& op) {
  const int workers = static_cast<int>(1 + op.draw % 3);
  if (op.draw / 3 % 4 == 0) {
    const std::uint64_t sum = run(tree(w, op.tasks, op.draw), {.workers = workers, .name = "run"});
    return w.expect_equal(op, "the sum", sum, op.tasks.sum());
  }
  const operation waited{op.what, op.tasks.piece(0, 2), mixed(op.draw)};
  scheduler fresh({.workers = workers, .name = "fresh"});
  const roll_call::member watched(w.schedulers, "fresh", fresh);
  for (std::uint64_t i = 0; i < 4; ++i) {
    w.open.add();
    spawn_detached(fresh, tree_apart(w, {op.what, op.tasks.piece(1, 2).piece(i, 4), mixed(op.draw + i)}), {.name = "of a fresh scheduler"});
  }
  // From here, or from a task of the main scheduler.
  const std::uint64_t sum =
      op.draw / 12 % 2 == 0 ? sync_wait(fresh, tree(w, waited.tasks, waited.draw)) : sync_wait(w.pool, sum_at(w, fresh, waited));
  w.expect_equal(waited, "the sum", sum, waited.tasks.sum());
  w.pauses.at(point::before_stop, op.tasks.first);  // the others may still run
}

}  // namespace weft::tool::stress

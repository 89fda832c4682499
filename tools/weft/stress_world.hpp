// SPDX-License-Identifier: Apache-2.0
// What all tasks and threads of one run of `weft stress` share.
#pragma once

#include <weft/weft.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "stress_delays.hpp"
#include "stress_ledger.hpp"
#include "stress_marks.hpp"
#include "stress_options.hpp"
#include "stress_ringer.hpp"

namespace weft::tool::stress {

/// What the user chose.
struct settings {
  std::uint64_t tasks = 0;
  /// 0: until the tasks have run.
  double seconds = 0;
  int workers = 1;
  std::uint64_t seed = 0;
  plant planted = plant::none;
  double patience = 0;
};

/// One step of a lane: some numbered tasks, and the seed of how they are arranged.
struct operation {
  kind what = kind::trees;
  numbers tasks;
  std::uint64_t draw = 0;
};

/// Where the workers of a scheduler know themselves to be.
enum class place : int { elsewhere, main, other };

/// Of this thread. Not inlined: a compiler may keep the address of a thread's variable from before a suspension.
[[nodiscard]] place here() noexcept;

/// Tasks whose end nobody awaits.
class open_work {
 public:
  void add() noexcept { open_.fetch_add(1, std::memory_order_relaxed); }
  /// What the task wrote is seen by whoever finds none open.
  void end() noexcept {
    if (open_.fetch_sub(1, std::memory_order_acq_rel) == 1) open_.notify_all();
  }
  [[nodiscard]] int count() const noexcept { return open_.load(std::memory_order_relaxed); }
  /// Blocks until at most `most` are open, or, once more than that, until none is.
  void wait_for_room(int most) const noexcept {
    int seen = open_.load(std::memory_order_acquire);
    while (seen > most) {
      open_.wait(seen, std::memory_order_acquire);
      seen = open_.load(std::memory_order_acquire);
    }
  }

 private:
  std::atomic<int> open_{0};
};

/// The schedulers that exist now, for whoever looks from outside.
class roll_call {
 public:
  /// Includes a scheduler for as long as the object lives, which must not be longer than the scheduler.
  class member {
   public:
    member(roll_call& all, std::string name, scheduler& pool);
    member(const member&) = delete;
    member& operator=(const member&) = delete;
    ~member();

   private:
    roll_call& all_;
    scheduler* pool_;
  };

  template <class F>
  void each(F f) {
    const std::scoped_lock hold(lock_);
    for (auto& [name, pool] : members_) f(name, *pool);
  }

 private:
  std::mutex lock_;
  std::vector<std::pair<std::string, scheduler*>> members_;
};

/// What a lane is at. Written by the lane, read by the stall watch.
struct lane_sight {
  std::atomic<const char*> call{"has not started"};
  std::atomic<kind> what{kind::trees};
  std::atomic<std::uint64_t> first{0};
  std::atomic<std::uint64_t> count{0};
};

inline constexpr std::size_t lanes = 3;

struct world {
  explicit world(const settings& chosen, std::size_t round_tasks);

  /// What every numbered task does first.
  void enter(std::uint64_t number) noexcept {
    pauses.at(point::start, number);
    done.mark(number);
    if (number == doubled_number) [[unlikely]]
      done.mark(number);
  }
  /// A law about one operation.
  void expect_equal(const operation& in, const char* what, std::uint64_t found, std::uint64_t right);
  void expect_here(std::uint64_t number, place right);
  /// The hook of all schedulers: a detached task has failed.
  void take_unhandled(const std::exception_ptr& failure);

  const settings chosen;
  const delays pauses;
  marks done;
  ledger counts;
  open_work open;
  roll_call schedulers;
  std::array<lane_sight, lanes> sights;
  std::atomic<const char*> phase{"starting"};
  std::atomic<std::uint64_t> round{0};
  std::atomic<std::uint64_t> beats{0};  // progress that no task makes
  std::atomic<bool> over{false};        // the stall watch has given up: lanes start nothing more
  std::uint64_t doubled_number = ~std::uint64_t{0};  // --plant=double-run
  scheduler pool;
  scheduler other;
  ringer bell;
  roll_call::member pool_member;
  roll_call::member other_member;
};

/// Thrown on purpose.
struct planned_failure {
  std::uint64_t number;
};

/// Ends a piece of open work, however the task ends.
struct ends_open_work {
  world& w;
  explicit ends_open_work(world& of) noexcept : w(of) {}
  ends_open_work(const ends_open_work&) = delete;
  ends_open_work& operator=(const ends_open_work&) = delete;
  ~ends_open_work() { w.open.end(); }
};

/// The sum of the numbers, by a tree of joins of all forms.
[[nodiscard]] task<std::uint64_t> tree(world& w, numbers tasks, std::uint64_t draw);
/// A tree that nobody awaits: checks itself and ends a piece of open work.
[[nodiscard]] task<> tree_apart(world& w, operation op);

/// Operations made of tasks alone; each checks itself.
[[nodiscard]] task<> run_trees(world& w, operation op);
[[nodiscard]] task<> run_failing(world& w, operation op);
[[nodiscard]] task<> run_handles(world& w, operation op);
[[nodiscard]] task<> run_yields(world& w, operation op);
[[nodiscard]] task<> run_wakes(world& w, operation op);
[[nodiscard]] task<> run_moves(world& w, operation op);

/// Operations of a thread that is no worker.
void run_submits(world& w, const operation& op);
void run_handed_over(world& w, const operation& op);
void run_bursts(world& w, const operation& op);
void run_schedulers(world& w, const operation& op);

/// One lane: draws operations and starts them until its numbers are used up.
enum class mix { all, quiet };
void run_lane(world& w, std::size_t lane, numbers tasks, mix choice);

/// The name and the meaning of a kind.
struct kind_facts {
  const char* name;
  const char* meaning;
};
[[nodiscard]] const kind_facts& facts_of(kind what) noexcept;

/// For the sanitizers: what they must find.
[[nodiscard]] task<> race_on_purpose();
[[nodiscard]] task<> use_after_free_on_purpose();

}  // namespace weft::tool::stress

// SPDX-License-Identifier: Apache-2.0
//
// One scheduler from the inside: its workers, where work comes from, who sleeps, which roots live.
//
// Order of life: constructed (nothing runs) -> start (threads) -> stop (5 steps, stop.cpp) -> destroyed, or left alive for
// good if roots were abandoned, since foreign code may still make them ready.
#pragma once

#include "blocking_pool.hpp"
#include "driver.hpp"
#include "failure_hook.hpp"
#include "guests.hpp"
#include "idle.hpp"
#include "injection.hpp"
#include "observers.hpp"
#include "places.hpp"
#include "player.hpp"
#include "registry.hpp"
#include "threads.hpp"
#include "timers.hpp"
#include "waits.hpp"
#include "weft/detail/context.hpp"
#include "weft/detail/short_lock.hpp"
#include "weft/detail/worker.hpp"
#include "weft/scheduler.hpp"
#include "worker_watch.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace weft::detail {

/// A worker with what only the compiled half needs.
struct worker_place : worker {
  using worker::worker;
  frame_cache* before = foreign_cache;  // what its thread was when it became it
  sched::parker parker;
  sched::wait_list waits;
  bool owes_look = false;  // before it runs a task it looks at all there is (timers.hpp): its own
  sched::stint stint;  // written only where there is a watchdog
};

/// The counters of a worker, as figures.
[[nodiscard]] worker_metrics read_counters(const worker_place& w) noexcept;

class arena {
 public:
  /// Throws usage_error, std::bad_alloc. `hosted`: worker 0 is the calling thread's.
  arena(scheduler_options options, bool hosted);
  arena(const arena&) = delete;
  arena& operator=(const arena&) = delete;
  ~arena();

  /// Starts the threads; all or none. Throws std::system_error.
  void start();
  /// Worker 0 of a hosted scheduler, until stop lets it go.
  void work_as_host();
  /// The five steps. Throws usage_error on its own workers and in a forked child; of a played one, on any thread but its own.
  stop_report stop(const stop_options& options);
  /// Its user has let go of it: nobody is told of failures any more. Gone afterwards, unless something was abandoned: foreign
  /// code may still make that ready. After stop().
  static void retire(arena* a) noexcept;

  // --- making work ready (ready.cpp) ---

  /// Puts a frame on the injection queue and wakes somebody. False: closed. Any thread.
  [[nodiscard]] bool inject(frame* f) noexcept;
  /// Wakes a sleeper, if work may lie where nobody looks. After a publication with a locked instruction. Any thread.
  void notify() noexcept { wake(idle_.take_sleeper()); }
  void notify_after_quiet() noexcept { wake(idle_.take_sleeper_after_quiet()); }
  /// What a worker does that forked and found the sign of the idle word set: wakes a sleeper, or takes what is injected.
  void look_around(worker& self) noexcept;

  [[nodiscard]] bool owns(const worker& w) const noexcept { return w.home == this; }
  [[nodiscard]] sched::registry& roots() noexcept { return roots_; }
  [[nodiscard]] unsigned worker_count() const noexcept { return static_cast<unsigned>(workers_.size()); }
  [[nodiscard]] std::uint16_t id() const noexcept { return id_; }
  /// No other scheduler of this process has or had it.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] sched::failure_hook& hook() noexcept { return hook_; }
  [[nodiscard]] sched::blocking_pool& blocking() noexcept { return blocking_; }
  [[nodiscard]] scheduler_metrics metrics();
  /// Says on stderr who sleeps, searches and waits, where work lies, and what tasks wait for (state_dump.cpp). Any thread.
  void print_state() noexcept;
  /// Roots that have not ended, or all, up to `most`: what they are called and wait for (left_tasks.cpp). Any thread.
  [[nodiscard]] std::vector<left_task> describe_tasks(std::size_t most, bool with_ended);
  /// The same of up to `most` guests.
  [[nodiscard]] std::vector<left_task> describe_guests(std::size_t most);
  /// Who is told of its tasks.
  [[nodiscard]] const sched::observers& observers() const noexcept { return observers_; }
  /// A worker of this scheduler is about to run a frame from a list: what plain functions know, and who wants to hear of it.
  void take_up(worker& self, const frame* f) noexcept;
  /// What it runs has gone on after a wait.
  void went_on(worker& self, const waiter& w) noexcept;
  /// A root is over: its last touch of this scheduler. Any thread.
  void root_ended(root& r) noexcept { roots_.remove(r, ended_); }

  /// Throws usage_error if this process is a fork of the one that made the scheduler.
  void require_same_process(const char* call) const;
  [[nodiscard]] bool is_of_this_process() const noexcept { return process_ == sched::process_generation(); }
  /// Which waits that tasks of this scheduler begin are cancelled. After such a wait has been listed (waits.hpp). Any thread.
  [[nodiscard]] sched::cancelled_waits cancels_waits() const noexcept { return cancels_waits_.load(relaxed); }  // the list's lock orders it

  // --- in the place of start(), where one thread plays all workers (playing.cpp): player.hpp ---

  /// Makes the calling thread the one that plays, by this seed. Throws std::bad_alloc, and std::system_error for the watchdog's thread.
  void start_played(std::uint64_t seed);
  /// Who plays; null where workers have threads.
  [[nodiscard]] sched::player* player() noexcept { return player_.get(); }
  /// Whether it is played, this thread does it, and is no worker just now.
  [[nodiscard]] bool is_played_here() const noexcept { return player_ != nullptr && player_->is_here() && !on_worker(); }
  /// Throws usage_error on other threads, and in a forked child.
  void require_thread(const char* call) const;
  /// The same, and on workers.
  void require_player(const char* call) const;
  /// Plays until `awaited`, or null, has ended, or it is `limit`, or nothing is left to happen. Waits for what comes from outside for
  /// `patience` nanoseconds each time (negative: for ever); after that time passes all the same.
  sched::play_end play(std::int64_t limit, std::int64_t patience, const root* awaited) noexcept;
  /// Plays until `r` has ended; false: `nanoseconds` have passed (negative: for ever). If nothing is left to happen, stops and throws
  /// deadlock_error, which names `call`. Throws std::bad_alloc.
  bool play_until_done(root& r, std::int64_t nanoseconds, const char* call);
  /// The time that passes for its workers; null: that of the steady clock.
  [[nodiscard]] const atomic<std::int64_t>* virtual_time() const noexcept { return player_ != nullptr ? &player_->clock() : nullptr; }

  // --- timers (watch.cpp): timers.hpp ---

  /// Inserts a timer that is in none, and tells the watcher, if there is one. True: there is none, and the caller sees to it: by
  /// look_for_watcher(), or on a worker of this scheduler by owes_look. Any thread; the timer may be over when this returns.
  [[nodiscard]] bool arm(timer_node& t) noexcept;
  /// Takes a timer out. False: it has been taken. Any thread.
  bool disarm(timer_node& t) noexcept { return timers_.remove(t); }
  /// Wakes somebody to watch the timers, if nobody does and somebody sleeps. Any thread.
  void look_for_watcher() noexcept;

  /// Whether what our tasks wait for may come from outside, but for waits that say so themselves. Any thread.
  [[nodiscard]] bool may_be_ended_from_outside() noexcept;

  // --- chains of tasks away from their home: guests.hpp ---

  /// Before a guest is injected here. False: refused. Any thread.
  [[nodiscard]] bool admit_guest() noexcept { return guests_.enter(); }
  /// Guests are gone. On a worker of this scheduler, or by who has just admitted one.
  void guests_left(unsigned n) noexcept;
  void one_more_away() noexcept { away_.fetch_add(1, relaxed); }  // only asked by stop(), which looks again and again
  void fewer_away(unsigned n) noexcept { away_.fetch_sub(n, relaxed); }  // as above

 private:
  // worker_loop.cpp
  void work(worker_place& self) noexcept;
  frame* pick(worker_place& self) noexcept;
  frame* take_injected(worker& self) noexcept;
  frame* take_oldest(worker_place& self) noexcept;
  frame* search(worker_place& self) noexcept;
  frame* steal_round(worker_place& self, bool& lost) noexcept;
  void found_while_searching() noexcept;
  void tell_pick_up(worker_place& self) noexcept;
  void run_picked(worker_place& self, frame* f) noexcept;
  void put_down(worker_place& self) noexcept;
  // parking.cpp
  bool park(worker_place& self, bool searching) noexcept;
  bool sleep_in(worker_place& self, sched::bed where) noexcept;
  bool sleep(worker_place& self, sched::bed where, std::int64_t nanoseconds) noexcept;
  bool get_up(worker_place& self) noexcept;
  [[nodiscard]] bool has_work() noexcept;
  void wake(sched::sleeper who) noexcept;
  void wake_everybody() noexcept;
  // playing.cpp
  void end_played() noexcept;
  [[nodiscard]] bool play_step() noexcept;
  [[nodiscard]] frame* choose(worker_place& self) noexcept;
  void raid(worker& forking) noexcept;
  [[nodiscard]] bool waits_for_outside() noexcept;
  [[nodiscard]] bool sleep_for_outside(std::int64_t patience) noexcept;
  [[nodiscard]] std::optional<sched::play_end> pass_time(std::int64_t limit) noexcept;
  // watch.cpp
  [[nodiscard]] bool lacks_watcher() const noexcept;
  void look_before_task(worker_place& self) noexcept;
  [[nodiscard]] bool rise_for_due(worker_place& self) noexcept;
  void fire_between(worker_place& self) noexcept;
  // deadlock.cpp
  void look_for_deadlock() noexcept;
  void tell_deadlock(const deadlock_report& report) noexcept;
  [[nodiscard]] std::optional<std::uint64_t> sleeps_if_all_sleep() noexcept;
  [[nodiscard]] std::optional<std::vector<left_task>> tasks_in_deadlock(std::uint64_t& fingerprint);
  // left_tasks.cpp
  [[nodiscard]] std::vector<sched::seen_wait> waits_of_tasks() const;
  [[nodiscard]] std::vector<left_task> describe(const std::vector<sched::seen_wait>& waits, std::size_t most, bool with_ended);
  // stop.cpp
  [[nodiscard]] std::chrono::steady_clock::time_point time_of_workers() const noexcept;
  void wait_for_ends(std::uint32_t seen) noexcept;
  void drain(const stop_options& options) noexcept;
  [[nodiscard]] bool cancel_waits(sched::cancelled_waits which) noexcept;
  [[nodiscard]] std::size_t cancel_rest(sched::cancelled_waits which, std::chrono::nanoseconds time) noexcept;
  [[nodiscard]] bool is_working() noexcept;
  [[nodiscard]] bool hosts_work() noexcept { return guests_.count() != 0 && is_working(); }
  [[nodiscard]] bool may_run_elsewhere() const noexcept;
  void abandon_rest(std::chrono::nanoseconds grace) noexcept;
  void report_left(std::size_t guests, std::size_t roots, bool with_ended) noexcept;
  [[nodiscard]] bool last_roots_leave(std::chrono::nanoseconds grace) noexcept;
  stop_report copy_report() noexcept;
  void join_all(std::chrono::nanoseconds grace) noexcept;
  void join_workers(std::chrono::steady_clock::time_point limit) noexcept;
  void start_watchdog();
  void run_thread(worker_place& self) noexcept;
  void call_hook(const std::function<void(int)>& hook, const char* name, const worker_place& self) noexcept;
  void enter(worker_place& self) noexcept;
  void leave(worker_place& self) noexcept;

  scheduler_options options_;
  bool hosted_;
  std::uint64_t number_;
  std::uint16_t id_ = 0;
  std::uint32_t process_;
  std::vector<std::unique_ptr<worker_place>> workers_;
  std::vector<sched::thread> threads_;
  atomic<std::uint32_t> left_{0};  // futex word of stop(): workers that have left
  std::size_t stuck_ = 0;  // workers whose task, and blocking calls that did not return in time
  sched::injection injected_;
  sched::idle idle_;
  sched::registry roots_;
  sched::guests guests_;
  sched::timers timers_;
  atomic<std::uint32_t> away_{0};  // chains of this home that are guests elsewhere
  std::unique_ptr<sched::driver> driver_;
  std::unique_ptr<sched::player> player_;  // where one thread plays all workers
  sched::outside_driver* outside_ = nullptr;  // the driver then
  atomic<std::uint32_t> ended_{0};  // futex word of stop(): roots and guests that ended meanwhile (E2 of stop.cpp)
  atomic<std::uint32_t> visitors_{0};  // other threads inside inject() (E1 of ready.cpp)
  atomic<sched::cancelled_waits> cancels_waits_{};  // steps 3 and 4: of our tasks, as they begin, too (waits.hpp)
  atomic<bool> exiting_{false};  // step 5: workers leave (E1 of stop.cpp)
  sched::failure_hook hook_;
  sched::blocking_pool blocking_;
  sched::observers observers_;
  sched::worker_watch watchdog_;
  bool sees_pick_ups_;  // for one of the two
  atomic<std::uint64_t> told_waits_{0};  // what on_deadlock was told last
  short_lock stopping_;  // one stop at a time; later callers read the report
  bool stopped_ = false;
  stop_report report_;
};

/// One line on stderr: what the task is called, and what it waits for (left_tasks.cpp).
void print_task(const char* indent, const left_task& task) noexcept;

/// Chains of one home have ended here. On the worker that ran the last of them, before what is above it is told.
void end_visits(arena* home, unsigned chains) noexcept;

/// Accounts for the siblings that a child of a join answers for, before it goes elsewhere. Answers how many there were.
unsigned settle_credit(frame_head& child) noexcept;

}  // namespace weft::detail

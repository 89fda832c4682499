// SPDX-License-Identifier: Apache-2.0
//
// Reading and adding up counters.
#include "weft/metrics.hpp"

#include "arena.hpp"

namespace weft {

worker_metrics& worker_metrics::operator+=(const worker_metrics& other) noexcept {
  tasks_run += other.tasks_run;
  tasks_spawned += other.tasks_spawned;
  tasks_stolen += other.tasks_stolen;
  steals_lost += other.steals_lost;
  parks += other.parks;
  wakes_sent += other.wakes_sent;
  injected += other.injected;
  budgets_spent += other.budgets_spent;
  frames_allocated += other.frames_allocated;
  frames_released += other.frames_released;
  frames_remote += other.frames_remote;
  return *this;
}

worker_metrics scheduler_metrics::total() const noexcept {
  worker_metrics sum;
  for (const worker_metrics& w : workers) sum += w;
  return sum;
}

namespace detail {

worker_metrics read_counters(const worker_place& w) noexcept {
  worker_metrics m;  // figures of a running worker: each is some recent value
  m.tasks_run = w.counters.tasks_run.load(relaxed);          // a figure
  m.tasks_spawned = w.counters.tasks_spawned.load(relaxed);  // a figure
  m.tasks_stolen = w.counters.tasks_stolen.load(relaxed);    // a figure
  m.steals_lost = w.counters.steals_lost.load(relaxed);      // a figure
  m.parks = w.counters.parks.load(relaxed);                  // a figure
  m.wakes_sent = w.counters.wakes_sent.load(relaxed);        // a figure
  m.injected = w.counters.injected.load(relaxed);            // a figure
  m.budgets_spent = w.counters.budgets_spent.load(relaxed);  // a figure
  m.frames_allocated = w.allocated.load(relaxed);            // a figure
  m.frames_released = w.released.load(relaxed);             // a figure
  // The net flow: nothing on the way of a frame says who allocated it.
  m.frames_remote = m.frames_released > m.frames_allocated ? m.frames_released - m.frames_allocated : 0;
  return m;
}

}  // namespace detail

}  // namespace weft

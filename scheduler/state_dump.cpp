// SPDX-License-Identifier: Apache-2.0
//
// What a scheduler looks like from the inside, for whoever has to find out why nothing happens. Every figure is some recent one.
#include "arena.hpp"

#include <cstdio>
#include <new>

namespace weft::detail {

namespace {

const char* text_of(sched::whereabouts where) noexcept {
  switch (where) {
    case sched::whereabouts::in_driver: return "sleeps in the driver";
    case sched::whereabouts::on_stack: return "sleeps";
    default: return "is up";
  }
}

}  // namespace

void arena::print_state() noexcept {
  std::FILE* const to = stderr;
  const sched::idle_state seen = idle_.load();
  std::fprintf(to, "  scheduler %s: %zu live roots, %zu guests, %u away, injection queue %s; %u search%s%s\n", options_.name.c_str(),
               roots_.count(), guests_.count(), away_.load(relaxed), injected_.is_empty() ? "empty" : "not empty",  // a figure
               seen.searchers(), seen.is_marked() ? ", marked" : "", exiting_.load(relaxed) ? ", leaving" : "");     // a figure
  for (const auto& w : workers_) {
    const worker_metrics m = read_counters(*w);
    std::fprintf(to,
                 "    worker %u %s, %llu ready; run %llu spawned %llu stolen %llu lost %llu parks %llu wakes %llu injected %llu "
                 "frames +%llu -%llu\n",
                 w->index, text_of(idle_.where_is(w->index, worker_count())),
                 static_cast<unsigned long long>(w->ready.as_thief().size_hint()), static_cast<unsigned long long>(m.tasks_run),
                 static_cast<unsigned long long>(m.tasks_spawned), static_cast<unsigned long long>(m.tasks_stolen),
                 static_cast<unsigned long long>(m.steals_lost), static_cast<unsigned long long>(m.parks),
                 static_cast<unsigned long long>(m.wakes_sent), static_cast<unsigned long long>(m.injected),
                 static_cast<unsigned long long>(m.frames_allocated), static_cast<unsigned long long>(m.frames_released));
  }
  constexpr std::size_t most_tasks = 20;
  try {
    for (const left_task& task : describe_tasks(most_tasks, true)) print_task("    task ", task);
  } catch (const std::bad_alloc&) {
    std::fprintf(to, "    (no memory for the names of its tasks)\n");
  }
}

void scheduler_access::print_state(scheduler& s) noexcept { s.arena_->print_state(); }

}  // namespace weft::detail

# SPDX-License-Identifier: Apache-2.0
"""The mutants of timers, of who watches them, and of deadlines: rows of mutant_table.py."""

timers = "scheduler/timers.cpp"
header = "scheduler/timers.hpp"
watch = "scheduler/watch.cpp"
sleep = "scheduler/sleep.cpp"
deadline = "scheduler/deadline.cpp"
parking = "scheduler/parking.cpp"
worker_loop = "scheduler/worker_loop.cpp"

armed = "expected, deadline_timer::armed, relaxed, relaxed)"
blocked = "timer_model:*blocked*"

rows = [
    (timers, "E1", "earliest_.store(deadline, detail::seq_cst);", "release", ["timer_model:*an_earlier*:*blocked*"]),
    (timers, "step", "earliest_.store(deadline, detail::seq_cst);", "skip", ["timer_model:*in_time*"]),
    (header, "E1", "return earliest_.load(detail::seq_cst);", "acquire", ["timer_model:*an_earlier*:*blocked*"]),
    (timers, "step", "earliest_.store(wheel_.next_deadline()", "skip", ["timer_model:*got_up*"]),
    (watch, "2 step", "if (takes_step()) driver_->interrupt();", "skip", ["timer_model:*an_earlier*"]),
    (watch, "1 3 step", "if (takes_step() && has_work()) notify_after_quiet();", "skip", [blocked]),
    (deadline, "E1", "state.store(fired, release);", "relaxed", ["timer_model:*a_deadline*"]),
    (deadline, "step", "state.store(fired, release);", "skip", ["timer_model:*a_deadline*"]),
    (deadline, "step", "futex_wake(&state);", "silent", ["timer_model:*a_deadline*"]),
    (deadline, "E1", "std::uint32_t seen = t.state.load(acquire);", "relaxed", ["timer_model:*a_deadline*"]),
    (deadline, "D1 step", armed, "split", ["timer_model:*two_waits_arm*"]),
]

# (file, edge, text, how, tests, instead)
changes = [
    (parking, "4", " || lacks_watcher()) return true;", "timers_are_no_work", [blocked], ") return true;"),
    (parking, "3", "  self.owes_look = true;\n", "got_up_and_left", ["timer_model:*got_up*"], ""),
    (sleep, "1", "    if (is_unwatched) static_cast<worker_place&>(here).owes_look = true;", "inserted_and_left", [blocked],
            "    static_cast<void>(is_unwatched);"),
    (sleep, "step", "t.wait.home->disarm(t);", "left_in_the_wheel", ["timer_model:*cancellation*"], "static_cast<void>(0);"),
    (deadline, "1", "if (t->home->arm(*t)) t->home->look_for_watcher();", "deadline_without_watcher", ["timer_model:*another_scheduler*"],
               "static_cast<void>(t->home->arm(*t));"),
    (deadline, "D3", "if (t.home->disarm(t)) return;", "gone_before_it_is_fired", ["timer_model:*a_deadline*"],
               "static_cast<void>(t.home->disarm(t)); return;"),
    (timers, "step", "if (end_as(static_cast<detail::sleep_timer&>(*t).wait, detail::waiter::expired) == detail::wait_end::asleep)",
             "slept_and_cancelled", ["timer_model:*cancellation*"],
             "if (end_as(static_cast<detail::sleep_timer&>(*t).wait, detail::waiter::expired) != detail::wait_end::awake)"),
]

# SPDX-License-Identifier: Apache-2.0
"""The mutants of the look for a deadlock: rows of mutant_table.py."""

deadlock = "scheduler/deadlock.cpp"
idle = "scheduler/idle.cpp"
looks = "word_.fetch_add(0, detail::acq_rel)"
goes_on = "deadlock_model:*goes_on*"

rows = [
    (idle, "E6", looks, "release", ["idle_model:*all_sleep*"]),
    (deadlock, "D5", "told_waits_.exchange(fingerprint, relaxed)", "split", ["deadlock_model:*told_once*"]),
]

# (file, edge, text, how, tests, instead)
changes = [
    (deadlock, "D2", " || sleeps_if_all_sleep() != before) return;", "looked_once", ["deadlock_model"], ") return;"),
    (deadlock, "D2", "  return sum;\n", "sleeps_not_counted", [goes_on, "deadlock_model"], "  return sum & 0;\n"),
    (deadlock, "D3", "    if (wait.is_external) return std::nullopt;", "outside_forgotten",
     ["deadlock_model:*outside*", "deadlock_model:*blocking*"], "   "),
    (deadlock, "D3", " || away_.load(relaxed) != 0", "away_forgotten", ["deadlock_model:*away*"], ""),
    (deadlock, "D3", "timers_.earliest() != no_deadline || ", "timers_forgotten", ["deadlock_model:*sleeps*"], ""),
    (deadlock, "D4", "tasks.empty() || !all_wait", "without_a_wait", ["deadlock_model"], "tasks.empty() || (false && !all_wait)"),
    (deadlock, "D4", "roots_.count(), true", "ended_ones_forgotten", ["deadlock_model:*away*"], "roots_.count_running(), false"),
    (deadlock, "D5", "told_waits_.exchange(fingerprint, relaxed) == fingerprint", "told_by_both", ["deadlock_model:*told_once*"],
     "told_waits_.exchange(fingerprint, relaxed) == 0 && fingerprint == 0"),
]

argued = [
    (idle, "E6", looks, "acquire", "what a worker does after the second look could only be seen before it if the explorer guessed loads"),
]

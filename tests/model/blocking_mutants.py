# SPDX-License-Identifier: Apache-2.0
"""The mutants of blocking calls, of the threads that make them, and of task locals: rows of mutant_table.py."""

pool = "scheduler/blocking_pool.cpp"
locals = "scheduler/locals.cpp"
threads = "scheduler/blocking_threads.cpp"

rows = [
    (locals, "E1", "list->holders.fetch_sub(1, acq_rel) == 1", "acquire", ["local_value_model"]),
    (locals, "E1", "list->holders.fetch_sub(1, acq_rel) == 1", "release", ["local_value_model"]),
    (locals, "step", "list->holders.fetch_sub(1, acq_rel) == 1", "split", ["local_value_model"]),
    (threads, "step", "detail::futex_wake(&changed_);", "silent", ["blocking_model"]),
]

# (file, edge, text, how, tests, instead)
changes = [
    (pool, "B1", "if (end_as(oldest.wait, waiter::signalled) == wait_end::asleep) return", "called_though_cancelled",
           ["blocking_model:*cancellation*"], "static_cast<void>(end_as(oldest.wait, waiter::signalled)); return"),
    (pool, "B2", "if (!settle_wait(job.wait)) return false;", "queued_before_it_settles",
           ["blocking_model:*cancellation*"], ""),
    (pool, "step", "    job.pool->take_back(job);", "left_in_the_queue", ["blocking_model:*destroyed*"], "    ;"),
    (pool, "step", "    idle->bed.wake();  // it stays", "taken_and_not_woken", ["blocking_model:*time*"],
           "    static_cast<void>(idle);  // it stays"),
    (threads, "B5", "    while (!self.bed.sleep(-1)) {  // B5", "gone_before_its_wake", ["blocking_model:*time*"], "    while (false) {"),
    (threads, "B4", "  if (!is_closed_ && !queue_.is_alone()) return true;\n", "not_looked_at_again", ["blocking_model:*joins*"], ""),
    (threads, "step", "if (record.has_left) left_.append(record);", "never_joined", ["blocking_model:*leaves*"], ""),
]

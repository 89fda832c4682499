# SPDX-License-Identifier: Apache-2.0
"""The mutants of waits that several can end and of the trees in which they are cancelled: rows of mutant_table.py."""

waiter = "include/weft/detail/waiter.hpp"
header = "include/weft/detail/cancel_node.hpp"
cancel = "scheduler/cancel_node.cpp"
root = "scheduler/root.cpp"
ended = "w.state.compare_exchange_weak(seen, as, acq_rel, relaxed)"
settled = "waiter::waiting, release, acquire)"

rows = [
    (waiter, "E1", ended, "acquire", ["cancel_model:*settles*"]),
    (waiter, "E2", ended, "release", ["cancel_model:*settles*"]),
    (waiter, "step", ended, "split", ["cancel_model:*once*"]),
    (waiter, "E2", settled, "relaxed", ["cancel_model:*settles*"]),
    (waiter, "E1", settled, "failure", ["cancel_model:*settles*"]),
    (waiter, "step", settled, "split", ["cancel_model:*once*"]),
    (cancel, "E1", "n.cause.store(&cause, release);", "relaxed", ["cancel_model:*a_cause*"]),
    (header, "E1", "return n.cause.load(acquire);", "relaxed", ["cancel_model:*a_cause*"]),
    (cancel, "step", "n.cause.store(&cause, release);", "skip", ["cancel_model"]),
    (root, "E4", "w.state.store(waiter::passed, release);", "relaxed", ["cancel_model:*join*"]),
    (root, "E4", "w.state.load(acquire) != waiter::passed", "relaxed", ["cancel_model:*join*"]),
    (root, "step", "w.state.store(waiter::passed, release);", "skip", ["cancel_model:*join*"]),
    (root, "E1", "r.joiner.compare_exchange_strong(seen, nullptr, acquire, acquire)", "failure", ["cancel_model:*join*"]),
    (root, "step", "r.joiner.compare_exchange_strong(seen, nullptr, acquire, acquire)", "split", ["cancel_model:*join*"]),
]

# (file, edge, text, how, tests, instead)
changes = [
    (root, "E4", "while (w.is_linked && ", "gone_before_it_passed", ["cancel_model:*join*"], "while (false && "),
    (cancel, "N3", "const bool is_cancelled = n.cause.load(relaxed) != nullptr;", "begun_in_a_cancelled_one", ["cancel_model:*begins*"],
           "const bool is_cancelled = false;"),
    (cancel, "N3", "n.cause.store(cause, relaxed);  // to", "opened_in_a_cancelled_one", ["cancel_model:*begins*"], ";  // to"),
    (cancel, "N4", "if (end_as(w, waiter::cancelled) == wait_end::asleep) {", "made_ready_twice", ["cancel_model:*set_event*"],
           "static_cast<void>(end_as(w, waiter::cancelled)); {"),
    (cancel, "step", "      w.take_out();\n", "left_in_the_tree", ["cancel_model"], ""),
    (cancel, "N3", "    if (n.cause.load(relaxed) == nullptr) {  // written", "asked_in_a_cancelled_one", ["cancel_model:*token*"],
           "    if (true) {  // written"),
    (cancel, "N8", "w.top->home->cancels_waits() > most_protected", "begun_after_the_stop", ["stop_model:*however_late*"],
     "most_protected > sched::cancelled_waits::all"),
    (cancel, "N8", "w.is_shielded ? sched::cancelled_waits::unshielded :", "shielded_for_good", ["stop_model:*in_a_shield*"],
     "w.is_shielded ? sched::cancelled_waits::all :"),
    (cancel, "N7", "told.request_stop();", "stop_not_told", ["cancel_model:*token*"], ""),
]

# (file, edge, text, how, why)
won = "who wins has nothing to see; but weaker than its failure it must not be, for compilers and ThreadSanitizer take the weaker for both"
argued = [
    (root, "E1", "r.joiner.compare_exchange_strong(seen, nullptr, acquire, acquire)", "relaxed", won),
    (root, "E1", "r.joiner.compare_exchange_strong(none, &w, acq_rel, acquire)", "release", won),
]

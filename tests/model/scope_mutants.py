# SPDX-License-Identifier: Apache-2.0
"""The mutants of scopes, of the results of their children and of races: rows of mutant_table.py."""

scope = "scheduler/scope.cpp"
results = "scheduler/child_results.cpp"
races = "include/weft/when_any.hpp"
leaves = "compare_exchange_weak(seen, left, acq_rel, relaxed)"
joins = "compare_exchange_weak(seen, seen | joins, acq_rel, acquire)"
enters = "compare_exchange_weak(seen, seen + child, relaxed, relaxed)"
ends = "word_.fetch_sub(body, acq_rel) != body"
ends_alone = "word_.compare_exchange_strong(alone, 0, acquire, relaxed)"

rows = [
    (scope, "E1", leaves, "acquire", ["scope_model:*last_child*", "scope_model"]),
    (scope, "E1", leaves, "release", ["scope_model:*last_child*", "scope_model"]),
    (scope, "step", leaves, "split", ["scope_model:*last_child*", "scope_model"]),
    (scope, "step", enters, "split", ["scope_model:*spawn_from_outside*", "scope_model"]),
    (scope, "step", enters, "skip", ["scope_model:*spawn_from_outside*"]),
    (scope, "E1", joins, "acquire", ["scope_model:*join*"]),
    (scope, "E1", joins, "failure", ["scope_model:*join*"]),
    (scope, "step", joins, "split", ["scope_model:*join*"]),
    (scope, "E1", "seen = word_.load(acquire);", "relaxed", ["scope_model:*join*"]),
    (scope, "E1", ends, "acquire", ["scope_model:*last_child*", "scope_model"]),
    (scope, "E1", ends, "release", ["scope_model:*last_child*", "scope_model"]),
    (scope, "step", ends, "split", ["scope_model:*last_child*", "scope_model"]),
    (scope, "E1", ends_alone, "relaxed", ["scope_model:*let_through*", "scope_model"]),
    (scope, "step", ends_alone, "split", ["scope_model:*spawn_from_outside*", "scope_model"]),
    (scope, "E2", "handles_.fetch_sub(1, acq_rel) != 1", "acquire", ["scope_model:*handle*"]),
    (scope, "E2", "handles_.fetch_sub(1, acq_rel) != 1", "release", ["scope_model:*handle*"]),
    (scope, "step", "handles_.fetch_sub(1, acq_rel) != 1", "split", ["scope_model:*handle*"]),
    (races, "step", "crossed_.exchange(true, relaxed)", "split", ["when_any_model:*at_once*"]),
]

# (file, edge, text, how, tests, instead)
changes = [
    (scope, "S1", "  if (!wakes) return;\n", "looked_at_after_leaving", ["scope_model:*last_child*", "scope_model"],
     "  if (!wakes && sleeper_.load(relaxed) != nullptr && word_.load(relaxed) == left) return;\n  if (!wakes) return;\n"),
    (scope, "S2", """
  complete(c);  // S2: it may be gone
  s.end_turn();
  s.leave();
""", "left_before_its_end", ["scope_model"], """
  s.end_turn();
  s.leave();
  complete(c);
"""),
    (scope, "S3", "level_->cancel(cancel_reason::sibling_failed, text);", "failed_without_a_word",
     ["scope_model:*results_against_a_failure*"], ";"),
    (scope, "S4", "  next_ = c->behind;  // S4\n", "turn_given_twice", ["scope_model:*one_at_a_time*"],
     "  next_ = c->behind;\n  --running_;\n"),
    (scope, "step", "    if (left == (body | joins)) left = body;\n", "join_not_taken", ["scope_model:*join*"], ""),
    (results, "R3", "  make_ready(who, home);\n", "given_without_waking", ["scope_model:*results*"],
     "  static_cast<void>(who);\n  static_cast<void>(home);\n"),
]

# (file, edge, text, how, why)
argued = [
    (scope, "E1", joins, "release", "who goes to sleep has nothing to see; but weaker than its failure it must not be, as for a joiner"),
]

# (place, why)
argued_steps = [
    ("child_results.cpp give, no end told while more are to come", "in a scope that goes on only a spawn that its scheduler refused "
     "after it had accepted it gives nothing; in one that is cancelled who waits is told that anyway"),
]

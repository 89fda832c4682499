# SPDX-License-Identifier: Apache-2.0
"""The mutants of the table of C's handles: (edge, text, how, tests) of coro/c_table.cpp, rows of mutant_table.py."""

pinned = "word.packed(), acquire, relaxed)) return {c_access::granted, s->thing};"
unpinned = "s.word.compare_exchange_weak(seen, word.packed(), acq_rel"
released = "s->word.compare_exchange_weak(seen, word.packed(), acq_rel"
retained = "word.packed(), relaxed, relaxed)) return c_access::granted;"
popped = "free_.compare_exchange_weak(seen, left, acquire, acquire)"
pushed = "free_.compare_exchange_weak(seen, with_it, release, relaxed)"
provided = "segments_[segment].compare_exchange_strong(there, made, release, relaxed)"

rows = [
    ("E1", "s.word.store(c_slot_word{generation, kind, 1, 0}.packed(), release);", "relaxed", ["c_table_model:*arrives*"]),
    ("E1", pinned, "relaxed", ["c_table_model:*arrives*"]),
    ("step", pinned, "split", ["c_table_model:*meanwhile*"]),
    ("step", pinned, "skip", ["c_table_model:*meanwhile*"]),
    ("E2", unpinned, "acquire", ["c_table_model:*meanwhile*"]),
    ("E2", unpinned, "release", ["c_table_model"]),
    ("step", unpinned, "split", ["c_table_model:*meanwhile*"]),
    ("E2", released, "acquire", ["c_table_model"]),
    ("E2", released, "release", ["c_table_model:*last_of_two*"]),
    ("step", released, "split", ["c_table_model:*last_of_two*"]),
    ("step", retained, "split", ["c_table_model:*come_and_go*"]),
    ("step", retained, "skip", ["c_table_model:*come_and_go*"]),
    ("E3", "std::uint64_t seen = free_.load(acquire);", "relaxed", ["c_table_model:*slots*"]),
    ("E3", popped, "failure", ["c_table_model:*slot*"]),
    ("step", popped, "split", ["c_table_model:*slot*"]),
    ("E3", pushed, "relaxed", ["c_table_model:*slots*"]),
    ("step", pushed, "split", ["c_table_model:*slot*"]),
    ("step", "s.next.store(first, relaxed);", "late", ["c_table_model:*slot*"]),
    ("I2 step", "detail::takes_step() ? one_push", "skip", ["c_table_model:*given_back"]),
    ("E4", "segments_[where.segment].load(acquire);", "relaxed", ["c_table_model:*segment*"]),
    ("E4", provided, "relaxed", ["c_table_model:*segment*"]),
    ("step", provided, "split", ["c_table_model:*segment*"]),
    ("step", "carved_.compare_exchange_weak(index, index + 1, relaxed, relaxed)", "split", ["c_table_model:*segment*"]),
]

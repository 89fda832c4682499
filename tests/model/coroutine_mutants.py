# SPDX-License-Identifier: Apache-2.0
"""The mutants of coroutines, their chains and their references: rows of mutant_table.py."""

node_header = "include/weft/detail/coro_node.hpp"
node = "coro/coro_node.cpp"
close = "coro/coro_close.cpp"
coroutine_header = "include/weft/coroutine.hpp"
visitor_leaves = "n.word.fetch_sub(coro_node::visitor, release);"

rows = [
    # coroutines: who runs one
    (node_header, "E1", "n.word.compare_exchange_strong(expected, coro_node::running", "relaxed", ["coroutine_model:*senders*"]),
    (node_header, "step", "n.word.compare_exchange_strong(expected, coro_node::running", "split", ["coroutine_model:*senders*"]),
    (node_header, "step", "n.word.compare_exchange_strong(expected, coro_node::running", "skip", ["coroutine_model:*senders*"]),
    (node_header, "E1", "n.word.store(as, release);", "relaxed", ["coroutine_model:*senders*"]),
    (node_header, "step", "n.word.store(as, release);", "skip", ["coroutine_model:*start*"]),
    (node_header, "step", "n.word.store(as, release);", "late", ["coroutine_model"]),
    (node, "E1", "seen = n.word.load(acquire);  // E1, for who", "relaxed", ["coroutine_model:*finds_it_closed*"]),
    (node, "E1", "n.word.compare_exchange_weak(seen, coro_node::running", "relaxed", ["coroutine_model:*close*"]),
    (node, "step", "n.word.compare_exchange_weak(seen, coro_node::running", "split", ["coroutine_model:*close*"]),
    (node, "step", "n.word.compare_exchange_weak(seen, coro_node::running", "split", ["coroutine_model:*start*"]),
    (node, "step", "n.word.compare_exchange_weak(seen, coro_node::running", "skip", ["coroutine_model:*close*"]),
    (node, "E1", "seen = n.word.load(acquire);  // E1", "relaxed", ["coroutine_model:*its_state*"], "state_of(coro_node& n)"),
    # their chains
    (node, "step", "inner.word.compare_exchange_strong(expected, coro_node::running", "split", ["coroutine_chain_model:*await_it*"]),
    (node, "step", "inner.word.compare_exchange_strong(expected, coro_node::running", "skip", ["coroutine_chain_model:*await_it*"]),
    (node, "E2", "inner.word.store(coro_node::linked, release);", "relaxed", ["coroutine_chain_model:*goes_again*"]),
    (node, "step", "inner.word.store(coro_node::linked, release);", "skip", ["coroutine_chain_model:*await_it*"]),
    (node, "step", "inner.word.store(coro_node::linked, release);", "late", ["coroutine_chain_model:*in_turn*"]),
    (node, "step", "inner.root.store(&root, relaxed);", "skip", ["coroutine_chain_model:*await_it*"]),
    (node, "step", "inner.root.store(&root, relaxed);", "late", ["coroutine_chain_model:*await_it*"]),
    (node, "E1", "!n.word.compare_exchange_strong(seen, to, acq_rel", "acquire", ["coroutine_chain_model:*ends_while*"]),
    (node, "E2", "!n.word.compare_exchange_strong(seen, to, acq_rel", "release", ["coroutine_chain_model:*ends_while*"]),
    (node, "step", "!n.word.compare_exchange_strong(seen, to, acq_rel", "split", ["coroutine_chain_model:*await_it*"]),
    (node, "step", "!n.word.compare_exchange_strong(seen, to, acq_rel", "skip", ["coroutine_chain_model:*await_it*"]),
    (node, "E2 step", "if (takes_step()) seen = left_alone;", "skip", ["coroutine_chain_model:*ends_while*"]),
    (node, "step", "m->root.store(&n, relaxed);", "skip", ["coroutine_chain_model:*cut_off*"]),
    (node, "step", "m->root.store(&n, relaxed);", "late", ["coroutine_chain_model:*cut_off*"]),
    (node, "E2", "m->word.store(coro_node::linked, release);", "relaxed", ["coroutine_chain_model:*cut_off*"]),
    (node, "step", "m->word.store(coro_node::linked, release);", "skip", ["coroutine_chain_model:*at_once*"]),
    (node, "step", "m->word.store(coro_node::linked, release);", "late", ["coroutine_chain_model:*in_turn*"]),
    (node, "step", "n.root.store(&n, relaxed);  // ours", "skip", ["coroutine_chain_model:*to_the_inner*"]),
    (node, "step", "inner.root.store(&inner, relaxed);  // ours", "skip", ["coroutine_chain_model:*leaf_is_sent*"]),
    (node, "E2", "coro_node::visitor, acquire, relaxed)) return false;", "relaxed", ["coroutine_chain_model:*leaf_is_sent*"]),
    (node, "step", "coro_node::visitor, acquire, relaxed)) return false;", "split", ["coroutine_chain_model:*somebody_looks*"]),
    (node, "step", "coro_node::visitor, acquire, relaxed)) return false;", "skip", ["coroutine_chain_model:*to_the_inner*"]),
    (node, "E1", "!root.word.compare_exchange_strong(expected, taken", "relaxed", ["coroutine_chain_model:*to_the_inner*"]),
    (node, "step", "!root.word.compare_exchange_strong(expected, taken", "split", ["coroutine_chain_model:*to_the_inner*"]),
    (node, "step", "!root.word.compare_exchange_strong(expected, taken", "skip", ["coroutine_chain_model:*to_the_inner*"]),
    (node, "step", "taken = takes_step() ? coro_node::cutting", "skip", ["coroutine_chain_model:*dropped*"]),
    (node, "E2", visitor_leaves, "relaxed", ["coroutine_chain_model:*directly*"], "bool take_linked("),
    (node, "step", visitor_leaves, "skip", ["coroutine_chain_model:*to_the_inner*"], "bool take_linked("),
    (node, "step", visitor_leaves, "split", ["coroutine_chain_model:*somebody_looks*"], "bool take_linked("),
    (node, "E2", "coro_node::visitor, acquire, relaxed)) continue;", "relaxed", ["coroutine_chain_model:*by_the_leaf*"]),
    (node, "step", "coro_node::visitor, acquire, relaxed)) continue;", "split", ["coroutine_chain_model:*await_it*"]),
    (node, "step", "coro_node::visitor, acquire, relaxed)) continue;", "skip", ["coroutine_chain_model:*await_it*"]),
    (node, "E1 E2", "n.root.load(relaxed)->word.load(acquire)", "relaxed", ["coroutine_chain_model:*suspended_in_a_chain*"]),
    (node, "E2", visitor_leaves, "relaxed", ["coroutine_chain_model:*ends_while*"], "->word.load(acquire)"),
    (node, "step", visitor_leaves, "skip", ["coroutine_chain_model:*await_it*"], "->word.load(acquire)"),
    (node, "step", visitor_leaves, "split", ["coroutine_chain_model:*somebody_looks*"], "->word.load(acquire)"),
    # their references
    (close, "E3", "n->strong.fetch_sub(1, acq_rel)", "acquire", ["coroutine_model:*drops*"]),
    (close, "E3", "n->strong.fetch_sub(1, acq_rel)", "release", ["coroutine_model:*drops*"]),
    (close, "step", "n->strong.fetch_sub(1, acq_rel)", "split", ["coroutine_model:*drops*"]),
    (close, "E3", "n->weak.fetch_sub(1, acq_rel)", "acquire", ["coroutine_model:*weak*"]),
    (close, "E3", "n->weak.fetch_sub(1, acq_rel)", "release", ["coroutine_model:*weak*"]),
    (close, "step", "n->weak.fetch_sub(1, acq_rel)", "split", ["coroutine_model:*weak*"]),
    (close, "step", "n.strong.compare_exchange_weak(seen, seen + 1", "split", ["coroutine_model:*weak*"]),
    (close, "step", "n.strong.compare_exchange_weak(seen, seen + 1", "skip", ["coroutine_model:*weak*"]),
    (node_header, "step", "n.strong.fetch_add(1, relaxed);", "split", ["coroutine_model:*references*"]),
    (coroutine_header, "step", "node_->weak.fetch_add(1, detail::relaxed);", "split", ["coroutine_model:*weak*"]),
]

changes = []

# SPDX-License-Identifier: Apache-2.0
"""The mutants: every numbered edge, and steps of protocols, each with the tests that must miss it."""
import collections

import blocking_mutants
import c_table_mutants
import cancel_mutants
import coroutine_mutants
import deadlock_mutants
import scope_mutants
import timer_mutants

tables = (blocking_mutants, cancel_mutants, coroutine_mutants, deadlock_mutants, scope_mutants, timer_mutants)

mutant = collections.namedtuple("mutant", "file edge text how tests after", defaults=(None,))
change = collections.namedtuple("change", "file edge text how tests instead")
no_mutant = collections.namedtuple("no_mutant", "file edge text how why after", defaults=(None,))

deque = "include/weft/detail/deque.hpp"
injection = "scheduler/injection.hpp"
idle_header = "scheduler/idle.hpp"
idle = "scheduler/idle.cpp"
parker = "scheduler/parker.hpp"
short_lock = "include/weft/detail/short_lock.hpp"
exchange = "scheduler/frame_exchange.cpp"
exchange_header = "scheduler/frame_exchange.hpp"
carver = "scheduler/frame_carver.cpp"
big_frames = "scheduler/big_frames.cpp"
frame_map = "scheduler/frame_map.cpp"
bins = "scheduler/foreign_bins.cpp"
root = "scheduler/root.cpp"
root_header = "include/weft/detail/root.hpp"
join = "scheduler/join.cpp"
stop = "scheduler/stop.cpp"
arena = "scheduler/arena.cpp"
ready = "scheduler/ready.cpp"
parking = "scheduler/parking.cpp"
worker_loop = "scheduler/worker_loop.cpp"
hosted = "scheduler/hosted.cpp"
guests = "scheduler/guests.hpp"
moving = "scheduler/moving.cpp"
arena_header = "scheduler/arena.hpp"
registry = "scheduler/registry.cpp"
frame_head = "include/weft/detail/frame_head.hpp"
places = "scheduler/places.cpp"
hook_header = "scheduler/failure_hook.hpp"
hook = "scheduler/failure_hook.cpp"
c_table = "coro/c_table.cpp"
c_generator = "coro/c_generator.hpp"

mutants = [
    # the deque
    mutant(deque, "E1 E5", "d_.bottom_.exchange(b + 1, seq_cst);", "relaxed", ["deque_model"]),
    mutant(deque, "E5", "d_.bottom_.exchange(b + 1, seq_cst);", "acq_rel", ["deque_model:*a_push_sees*"]),
    mutant(deque, "E1", "d_.bottom_.store(b, release)", "relaxed", ["deque_model"]),
    mutant(deque, "E3", "d_.bottom_.exchange(b, seq_cst)", "acq_rel", ["deque_model"]),
    mutant(deque, "E3", "t = d_.top_.load(seq_cst);  // B E3", "acquire", ["deque_model"]),
    mutant(deque, "E3", "return static_cast<std::int64_t>(d_.top_.load(seq_cst) - b) >= 0;", "acquire", ["deque_model:*two_steps"]),
    mutant(deque, "E3", "t = d_.top_.load(seq_cst);           // C E3", "relaxed", ["deque_model:*ahead*"]),
    mutant(deque, "E1", "b = d_.bottom_.load(seq_cst);  // D", "relaxed", ["deque_model"]),
    mutant(deque, "E3", "b = d_.bottom_.load(seq_cst);  // D", "acquire", ["deque_model"]),
    mutant(deque, "E4", "d_.ring_.load(acquire)", "relaxed", ["deque_model"]),
    mutant(deque, "E4", "ring_.store(r, release);", "relaxed", ["deque_model"]),
    mutant(deque, "E2", "{steal_outcome::lost, nullptr};  // E2", "relaxed", ["deque_model:*ahead*"]),
    mutant(deque, "step", "{steal_outcome::lost, nullptr};  // E2", "split", ["deque_model"]),
    mutant(deque, "E3", "item = nullptr;  // E3", "relaxed", ["deque_model:*read_ahead*"]),
    mutant(deque, "step", "item = nullptr;  // E3", "skip", ["deque_model"]),
    mutant(deque, "E1", "bottom_.store(b + 1, release);  // E1", "relaxed", ["deque_model:*ahead*"]),
    mutant(deque, "E2", "t = top_.load(acquire);     // E2", "relaxed", ["deque_model:*filled*:*ahead*"]),
    mutant(deque, "E5", "d_.bottom_.load(seq_cst) - t) <= 0;  // E1 E5", "acquire", ["deque_model:*a_push_sees*"]),
    mutant(deque, "step", "d_.bottom_.exchange(b + 1, seq_cst);", "skip", ["deque_model"]),
    mutant(deque, "step", "d_.bottom_.store(b, release)", "skip", ["deque_model"]),
    mutant(deque, "step", "d_.slots_[position & d_.mask_].store(item, relaxed)", "late", ["deque_model"]),
    mutant(deque, "step", "d_.bottom_.exchange(b, seq_cst)", "late", ["deque_model"]),
    mutant(deque, "step", "{steal_outcome::lost, nullptr};  // E2", "skip", ["deque_model"]),
    mutant(deque, "step", "bottom_.store(b + 1, release);  // E1", "skip", ["deque_model"]),
    mutant(deque, "step", "grown->at(p).store(current->at(p)", "skip", ["deque_model"]),
    mutant(deque, "step", "grown->at(p).store(current->at(p)", "late", ["deque_model"]),
    mutant(deque, "step", "ring_.store(r, release);", "skip", ["deque_model"]),
    # the injection queue
    mutant(injection, "E1", "!head_.compare_exchange_weak(head,", "relaxed", ["injection_model"]),
    mutant(injection, "E2", "!head_.compare_exchange_weak(head,", "acq_rel", ["injection_model:*a_push_sees*"]),
    mutant(injection, "step", "!head_.compare_exchange_weak(head,", "split", ["injection_model"]),
    mutant(injection, "E1", "head_.fetch_and(closed, detail::acquire)", "relaxed", ["injection_model"]),
    mutant(injection, "step", "head_.fetch_and(closed, detail::acquire)", "split", ["injection_model"]),
    mutant(injection, "E1", "head_.exchange(closed, detail::acquire)", "relaxed", ["injection_model"]),
    mutant(injection, "step", "head_.exchange(closed, detail::acquire)", "split", ["injection_model"]),
    mutant(injection, "E2", "(head_.load(detail::seq_cst) & ~closed) == 0", "acquire", ["injection_model:*a_push_sees*"]),
    mutant(injection, "step", "!head_.compare_exchange_weak(head,", "skip", ["injection_model"]),
    mutant(injection, "step", "f->head.link.store(head, detail::relaxed)", "late", ["injection_model"]),
    mutant(injection, "step", "head_.fetch_and(closed, detail::acquire)", "skip", ["injection_model"]),
    mutant(injection, "step", "head_.exchange(closed, detail::acquire)", "skip", ["injection_model"]),
    # who sleeps
    mutant(idle_header, "E1", "word_.compare_exchange_weak(", "acq_rel", ["idle_model"]),
    mutant(idle_header, "E3", "word_.compare_exchange_weak(", "relaxed", ["idle_model"]),
    mutant(idle_header, "E3", "word_.compare_exchange_weak(", "failure", ["idle_model"]),
    mutant(idle_header, "step", "word_.compare_exchange_weak(", "skip", ["idle_model"]),
    mutant(idle_header, "step", "word_.compare_exchange_weak(", "split", ["idle_model"]),
    mutant(idle_header, "E1", "return {word_.load(detail::seq_cst)};", "acquire", ["idle_model"]),
    mutant(idle, "E1 E2", "word_.fetch_sub(1, detail::seq_cst)", "relaxed", ["idle_model"]),
    mutant(idle, "step", "word_.fetch_sub(1, detail::seq_cst)", "skip", ["idle_model"]),
    mutant(idle, "E2", "word_.fetch_add(0, detail::seq_cst);", "skip", ["idle_model"]),
    mutant(idle, "E2", "word_.fetch_add(0, detail::seq_cst);", "relaxed", ["idle_model"]),
    mutant(None, "E2", "barrier_all_threads()", "barrier:skip", ["idle_model:*quiet*", "root_model:*blocked"]),
    mutant(idle, "E4", "driver_taken_.exchange(true, detail::acquire)", "relaxed", ["idle_model:*driver"]),
    mutant(idle, "step", "driver_taken_.exchange(true, detail::acquire)", "split", ["idle_model:*driver"]),
    mutant(idle, "E4", "driver_taken_.store(false, detail::release)", "relaxed", ["idle_model:*driver"]),
    mutant(idle_header, "E5", "word_.compare_exchange_weak(", "acq_rel", ["idle_model:*mark*"]),
    mutant(idle_header, "E5", "return {word_.load(detail::seq_cst)};", "acquire", ["idle_model:*mark*"]),
    mutant(idle, "E5", "word_.fetch_sub(1, detail::seq_cst)", "acq_rel", ["idle_model:*mark*"]),
    mutant(injection, "E5 of idle.hpp", "!head_.compare_exchange_weak(head,", "acq_rel", ["idle_model:*mark*"]),
    mutant(injection, "E5 of idle.hpp", "(head_.load(detail::seq_cst) & ~closed) == 0", "acquire", ["idle_model:*mark*"]),
    mutant(idle, "E5 step", "if (!seen.must_mark() || !detail::takes_step()", "skip", ["root_model:*the_only_worker_forks"]),
    mutant(ready, "E5 step", "if (takes_step()) self.home->look_around(self);", "skip", ["root_model:*the_only_worker_forks"]),
    mutant(worker_loop, "E5 step", "if (!idle_.stop_search() || !takes_step()) return;", "skip", ["root_model:*goes_on_to_fork"]),
    mutant(parking, "step", "notify();  // perhaps this worker", "skip", ["root_model:*time_to_pass"]),
    mutant(parking, "E2 step", "notify();  // E2 of idle.hpp", "skip", ["root_model:*blocked:*three*"]),
    mutant(parking, "E2 step", "most = settled || !takes_step()", "skip", ["root_model:*no_barrier*"]),
    mutant(idle_header, "step", "detail::takes_step() ? one_tag : 0", "skip", ["idle_model"]),
    mutant(worker_loop, "step", "if (!idle_.stop_search() || !takes_step()) return;", "skip", ["root_model:*three*"]),
    mutant(ready, "step", "if (takes_step()) self.home->look_around(self);", "skip", ["root_model:*blocked:*three*"]),
    mutant(ready, "step", "takes_step()) driver_->interrupt();", "skip", ["root_model"]),
    mutant(idle, "E3 step", "below_[index].store(seen.top()", "skip", ["idle_model"]),
    mutant(idle, "E3 step", "below_[index].store(seen.top()", "late", ["idle_model"]),
    mutant(ready, "step", "if (takes_step()) home->notify();", "skip", ["root_model:*woken_task*"]),
    mutant(ready, "step", "if (taken && takes_step()) wake(", "skip", ["root_model:*time_to_pass*"]),
    mutant(worker_loop, "step", "if (taken > 1 && takes_step()) notify_after_quiet();", "skip", ["root_model:*from_outside*is_blocked"]),
    # how a thread sleeps
    mutant(parker, "E1", "token_.exchange(awake, detail::acquire)", "relaxed", ["parker_model"]),
    mutant(parker, "step", "token_.exchange(awake, detail::acquire)", "split", ["parker_model"]),
    mutant(parker, "E1", "token_.exchange(notified, detail::release)", "relaxed", ["parker_model"]),
    mutant(parker, "step", "token_.exchange(notified, detail::release)", "split", ["parker_model"]),
    mutant(parker, "step", "token_.compare_exchange_strong(seen, asleep", "split", ["parker_model"]),
    mutant(parker, "step", "token_.exchange(notified, detail::release)", "skip", ["parker_model"]),
    mutant(parker, "step", "token_.exchange(notified, detail::release)", "silent", ["parker_model"]),
    mutant(short_lock, "E1", "state_.compare_exchange_strong(state, 1,", "relaxed", ["parker_model:short_lock*"]),
    mutant(short_lock, "step", "state_.compare_exchange_strong(state, 1,", "split", ["parker_model:short_lock*"]),
    mutant(short_lock, "E1", "state_.exchange(2, acquire)", "relaxed", ["parker_model:short_lock*"]),
    mutant(short_lock, "E1", "state_.exchange(0, release)", "relaxed", ["parker_model:short_lock*"]),
    mutant(short_lock, "step", "state_.exchange(0, release)", "split", ["parker_model:short_lock*"]),
    mutant(short_lock, "step", "state_.exchange(0, release)", "silent", ["parker_model:short_lock*"]),
    # the frame pool
    mutant(exchange, "E1", "head.pushed(name).packed(), release", "relaxed", ["frame_exchange_model"]),
    mutant(exchange, "step", "head.pushed(name).packed(), release", "split", ["frame_exchange_model"]),
    mutant(exchange, "E1", "std::uint64_t seen = head_.load(acquire);", "relaxed", ["frame_exchange_model"]),
    mutant(exchange, "E1", "head.popped(below).packed(), acquire, acquire", "failure", ["frame_exchange_model"]),
    mutant(exchange, "step", "head.popped(below).packed(), acquire, acquire", "split", ["frame_exchange_model"]),
    mutant(exchange, "E1", "popped(0).packed(), acquire, relaxed", "relaxed", ["frame_exchange_model"]),
    mutant(exchange, "step", "popped(0).packed(), acquire, relaxed", "split", ["frame_exchange_model"]),
    mutant(exchange_header, "I3", "tag + (detail::takes_step() ? 1U : 0U)", "skip", ["frame_exchange_model"]),
    mutant(exchange, "step", "link.store(head.first, relaxed);", "late", ["frame_exchange_model"]),
    mutant(bins, "E1", "bins_[size_class].exchange(0, acquire)", "relaxed", ["frame_exchange_model"]),
    mutant(bins, "step", "bins_[size_class].exchange(0, acquire)", "split", ["frame_exchange_model"]),
    mutant(bins, "E1", "bins_[size_class].exchange(content.packed(), acq_rel)", "acquire", ["frame_exchange_model"]),
    mutant(bins, "E1", "bins_[size_class].exchange(content.packed(), acq_rel)", "release", ["frame_exchange_model"]),
    mutant(bins, "step", "bins_[size_class].exchange(content.packed(), acq_rel)", "split", ["frame_exchange_model"]),
    mutant(carver, "E1", "cursor{at.number, end}.packed(), acquire", "relaxed", ["frame_pool_model:*opened_again*"]),
    mutant(carver, "E1", "position_.store(cursor{number, 0}.packed(), release)", "relaxed", ["frame_pool_model:*opened_again*"]),
    mutant(carver, "step", "cursor{at.number, end}.packed(), acquire", "split", ["frame_pool_model:*cut*"]),
    mutant(carver, "step", "position_.compare_exchange_strong(seen, cursor{}.packed()", "split", ["frame_pool_model:*retired*"]),
    mutant(big_frames, "E1", "slot.compare_exchange_strong(empty, mapping, release", "relaxed", ["frame_pool_model:*large*"]),
    mutant(big_frames, "step", "slot.compare_exchange_strong(empty, mapping, release", "split", ["frame_pool_model:*large*"]),
    mutant(big_frames, "E1", "slot.exchange(nullptr, acquire);  // E1", "relaxed", ["frame_pool_model:*large*"], "big_mapping* claim"),
    mutant(big_frames, "step", "slot.exchange(nullptr, acquire);  // E1", "split", ["frame_pool_model:*large*"], "big_mapping* claim"),
    mutant(big_frames, "E1", "slot.exchange(nullptr, acquire);  // E1", "relaxed", ["frame_pool_model:*dropped*"], "drop_kept_big_frames"),
    mutant(big_frames, "step", "slot.exchange(nullptr, acquire);  // E1", "split", ["frame_pool_model:*dropped*"], "drop_kept_big_frames"),
    # roots
    mutant(root, "step", "r.ended.store(true, relaxed);", "skip", ["stop_model:*ended_elsewhere*"]),
    mutant(root, "E1", "r.joiner.exchange(root::finished_mark, acq_rel)", "acquire", ["root_model"]),
    mutant(root, "E1", "r.joiner.exchange(root::finished_mark, acq_rel)", "release", ["root_model"]),
    mutant(root, "step", "r.joiner.exchange(root::finished_mark, acq_rel)", "split", ["root_model"]),
    mutant(root, "E1", "r.joiner.compare_exchange_strong(none, &w, acq_rel, acquire)", "acquire", ["root_model:*against_await"]),
    mutant(root, "E1", "r.joiner.compare_exchange_strong(none, &w, acq_rel, acquire)", "failure", ["root_model:*against_await"]),
    mutant(root_header, "E1", "joiner.load(acquire) == finished_mark", "relaxed", ["root_model"]),
    mutant(root, "E2", "r.done.exchange(root::finished, release)", "relaxed", ["root_model"]),
    mutant(root, "step", "r.done.exchange(root::finished, release)", "split", ["root_model"]),
    mutant(root, "E2", "r.done.load(acquire) != root::finished", "relaxed", ["root_model"]),
    mutant(root, "step", "r.done.compare_exchange_strong(seen, root::awaited", "split", ["root_model"]),
    mutant(root, "E3", "r->references.fetch_sub(1, acq_rel)", "acquire", ["root_model"], "void drop_after_end(root* r"),
    mutant(root, "E3", "r->references.fetch_sub(1, acq_rel)", "release", ["root_model"], "void drop_after_end(root* r"),
    mutant(root, "step", "r->references.fetch_sub(1, acq_rel)", "split", ["root_model"], "void drop_after_end(root* r"),
    mutant(root, "E3", "r->references.fetch_sub(1, acq_rel)", "acquire", ["root_model"], "void drop(root* r)"),
    mutant(root, "E3", "r->references.fetch_sub(1, acq_rel)", "release", ["root_model"], "void drop(root* r)"),
    mutant(root, "step", "r->references.fetch_sub(1, acq_rel)", "split", ["root_model"], "void drop(root* r)"),
    mutant(root, "E3", "r->references.fetch_sub(1, acq_rel)", "acquire", ["future_model"], "void drop_after_end(root* r"),
    mutant(root, "E3", "r->references.fetch_sub(1, acq_rel)", "release", ["future_model"], "void drop_after_end(root* r"),
    mutant(root, "E3", "r->references.fetch_sub(1, acq_rel)", "acquire", ["future_model"], "void drop(root* r)"),
    mutant(root, "E3", "r->references.fetch_sub(1, acq_rel)", "release", ["future_model"], "void drop(root* r)"),
    mutant(root, "step", "r->references.fetch_sub(1, acq_rel)", "split", ["future_model"], "void drop(root* r)"),
    mutant(root, "step", "r.joiner.compare_exchange_strong(none, &w, acq_rel, acquire)", "skip", ["root_model:*against_await"]),
    mutant(root, "step", "r.joiner.compare_exchange_strong(none, &w, acq_rel, acquire)", "split", ["root_model:*against_await"]),
    mutant(root, "step", "r.done.exchange(root::finished, release)", "silent", ["root_model"]),
    # guests
    mutant(guests, "E1", "word_.fetch_sub(n, detail::release)", "relaxed", ["guests_model"]),
    mutant(guests, "E1", "word_.load(detail::acquire) & ~closed", "relaxed", ["guests_model"]),
    mutant(guests, "step", "word_.fetch_sub(n, detail::release)", "split", ["guests_model"]),
    mutant(guests, "step", "!word_.compare_exchange_weak(seen, seen + 1,", "split", ["guests_model"]),
    mutant(guests, "step", "!word_.compare_exchange_weak(seen, seen + 1,", "skip", ["guests_model"]),
    mutant(guests, "step", "word_.fetch_or(closed, detail::relaxed)", "split", ["guests_model"]),
    mutant(guests, "step", "word_.fetch_or(closed, detail::relaxed)", "skip", ["guests_model"]),
    mutant(guests, "step", "!word_.compare_exchange_weak(seen, seen + 1,", "split", ["guests_model:*.a_*"]),
    mutant(guests, "step", "word_.fetch_or(closed, detail::relaxed)", "split", ["guests_model:*.a_*"]),
    mutant(stop, "E2", "ended_.fetch_add(1, release);", "relaxed", ["guests_model:*woken*"]),
    mutant(stop, "E2", "ended_.load(acquire);", "relaxed", ["guests_model:*woken*"]),
    mutant(stop, "step", "ended_.fetch_add(1, release);", "skip", ["guests_model:*woken*"]),
    mutant(stop, "step", "futex_wake(&ended_);", "silent", ["guests_model:*woken*"]),
    # chains that go between schedulers
    mutant(moving, "step", "!target->admit_guest()) return false;", "skip", ["moving_model"]),
    mutant(moving, "step", "if (here == home && takes_step()) home->one_more_away();", "skip", ["moving_model:*works_elsewhere"]),
    mutant(moving, "step", "home->fewer_away(1);  // before it can end there", "skip", ["moving_model:*came_back"]),
    mutant(arena_header, "step", "away_.fetch_sub(n, relaxed);", "late", ["moving_model:*comes_home"]),
    mutant(arena_header, "step", "away_.fetch_sub(n, relaxed);", "late", ["moving_model:*ends_away*"]),
    mutant(arena_header, "step", "away_.fetch_sub(n, relaxed);", "late", ["moving_model:*sent_over*"]),
    mutant(arena_header, "step", "away_.fetch_sub(n, relaxed);", "late", ["moving_model:*answers*"]),
    mutant(moving, "step", "    if (here == home && takes_step()) home->fewer_away(1);", "skip", ["moving_model:*last_moment"]),
    mutant(moving, "step", "if (here != home && takes_step()) here->guests_left(1);", "skip", ["moving_model:*comes_home"]),
    mutant(moving, "step", "if (here != home && takes_step()) here->guests_left(1);", "skip", ["moving_model:*third*"]),
    mutant(moving, "step", "settle_credit(top) : 0) end_visits(home, ended);", "skip", ["moving_model:*answers*"]),
    mutant(moving, "step", "settle_credit(top) : 0) end_visits(home, ended);", "skip", ["moving_model:*siblings*"]),
    mutant(moving, "step", "if (takes_step()) leave_home(top, home);", "skip", ["moving_model:*answers*"]),
    mutant(moving, "step", "if (takes_step()) home->fewer_away(chains);", "skip", ["moving_model:*ended_elsewhere"]),
    mutant(moving, "step", "if (takes_step()) here->guests_left(chains);", "skip", ["moving_model:*ends_away*"]),
    mutant(moving, "step", "if (takes_step()) here->guests_left(chains);", "skip", ["moving_model:*sent_over*"]),
    mutant(moving, "step", "if (takes_step()) here->guests_left(chains);", "skip", ["moving_model:*answers*"]),
    mutant(moving, "step", "if (takes_step()) here->guests_left(chains);", "skip", ["moving_model:*siblings*"]),
    # the places of schedulers
    mutant(places, "E1", "who.compare_exchange_strong(none, who, release", "relaxed", ["places_model"]),
    mutant(places, "step", "who.compare_exchange_strong(none, who, release", "split", ["places_model"]),
    mutant(places, "E1", "who_ = table[place].who.load(seq_cst);", "relaxed", ["places_model:*whole*"]),
    mutant(places, "E2", "who_ = table[place].who.load(seq_cst);", "acquire", ["places_model"]),
    mutant(places, "E2", "table[place].pins.fetch_add(1, seq_cst);", "acq_rel", ["places_model"]),
    mutant(places, "step", "table[place].pins.fetch_add(1, seq_cst);", "skip", ["places_model"]),
    mutant(places, "step", "table[place].pins.fetch_add(1, seq_cst);", "split", ["places_model"]),
    mutant(places, "E2", "entry.who.store(nullptr, seq_cst);", "release", ["places_model"]),
    mutant(places, "step", "entry.who.store(nullptr, seq_cst);", "skip", ["places_model"]),
    mutant(places, "step", "table[place].pins.fetch_add(1, seq_cst);", "late", ["places_model"]),
    mutant(places, "E2", "held = entry.pins.load(seq_cst)", "acquire", ["places_model"]),
    mutant(places, "E3", "held = entry.pins.load(seq_cst)", "relaxed", ["places_model"]),
    mutant(places, "E3", "if (who_ != nullptr) table[place_].pins.fetch_sub(1, release);", "relaxed", ["places_model"]),
    mutant(places, "step", "if (who_ != nullptr) table[place_].pins.fetch_sub(1, release);", "split", ["places_model"]),
    mutant(places, "step", "if (who_ == nullptr) table[place].pins.fetch_sub(1, ", "split", ["places_model"]),
    # the hook for failures
    mutant(hook_header, "E1", "word_.fetch_sub(1, detail::release)", "relaxed", ["failure_hook_model"]),
    mutant(hook_header, "step", "word_.fetch_sub(1, detail::release)", "split", ["failure_hook_model"]),
    mutant(hook_header, "step", "word_.fetch_sub(1, detail::release)", "silent", ["failure_hook_model"]),
    mutant(hook_header, "step", "!word_.compare_exchange_weak(seen, seen + 1,", "split", ["failure_hook_model"]),
    mutant(hook_header, "step", "!word_.compare_exchange_weak(seen, seen + 1,", "skip", ["failure_hook_model"]),
    mutant(hook, "E1", "word_.fetch_or(closed, detail::acquire)", "relaxed", ["failure_hook_model"]),
    mutant(hook, "step", "word_.fetch_or(closed, detail::acquire)", "split", ["failure_hook_model"]),
    mutant(hook, "E1", "seen = word_.load(detail::acquire);", "relaxed", ["failure_hook_model"]),
    mutant(hook_header, "step", "!word_.compare_exchange_weak(seen, seen + 1,", "skip", ["root_model:*handle_is_dropped*"]),
    # joins
    mutant(join, "E1", "link.fetch_sub(credit, acq_rel)", "acquire", ["join_model"]),
    mutant(join, "E1", "link.fetch_sub(credit, acq_rel)", "release", ["join_model"]),
    mutant(join, "step", "link.fetch_sub(credit, acq_rel)", "split", ["join_model"]),
    mutant(join, "E1", "link.compare_exchange_weak(seen.word, next.word", "acquire", ["join_model:*failures*"]),
    mutant(join, "E1", "link.compare_exchange_weak(seen.word, next.word", "release", ["join_model:*failures*"]),
    mutant(join, "step", "link.compare_exchange_weak(seen.word, next.word", "split", ["join_model:*failures*"]),
    mutant(join, "step", "failed->head.link.store(", "skip", ["join_model:*failures*"]),
    mutant(join, "step", "failed->head.link.store(", "late", ["join_model:*failures*"]),
    mutant(frame_head, "step", "return f->head.link.store(0, relaxed);", "skip", ["moving_model:*two_joins*"]),
    mutant(frame_head, "step", "f->head.link.store(join_state{0}.with_failure(first)", "skip", ["moving_model:*failures*"]),
    # the end
    mutant(stop, "E1", "exiting_.store(true, release);         // E1", "relaxed", ["stop_model"]),
    mutant(worker_loop, "E1 of stop.cpp", "while (!exiting_.load(acquire))", "relaxed", ["stop_model:*hook*"]),
    mutant(stop, "step", "exiting_.store(true, release);         // E1", "skip", ["stop_model"]),
    mutant(ready, "E1", "visitors_.fetch_sub(1, release);", "relaxed", ["stop_model"]),
    mutant(arena, "E1", "visitors = visitors_.load(acquire)", "relaxed", ["stop_model"]),
    mutant(ready, "step", "visitors_.fetch_add(1, relaxed);", "skip", ["stop_model"]),
    mutant(ready, "step", "visitors_.fetch_add(1, relaxed);", "split", ["stop_model:*late"]),
    mutant(ready, "step", "visitors_.fetch_add(1, relaxed);", "late", ["stop_model:*late"]),
    mutant(registry, "step", "ended.fetch_add(1, detail::relaxed);", "skip", ["stop_model:*woken*"]),
    mutant(registry, "step", "ended.fetch_add(1, detail::relaxed);", "late", ["moving_model:*ends_away*"]),
    mutant(registry, "step", "detail::futex_wake(&ended);", "silent", ["stop_model:*woken*"]),
    mutant(arena, "step", "left_.fetch_add(1, relaxed);", "split", ["stop_model:*drains"]),
    mutant(arena, "step", "futex_wake(&left_);", "silent", ["stop_model"]),
    mutant(stop, "step", "exiting_.store(true, release);         // E1", "late", ["stop_model"]),
    mutant(parking, "step", "if (takes_step()) driver_->interrupt();", "skip", ["stop_model"]),
    mutant(hosted, "step", "futex_wake(&told);", "silent", ["stop_model:*calling*"]),
    mutant(hosted, "E1", "self.told.load(acquire) == 0", "relaxed", ["stop_model:*calling*"]),
    mutant(hosted, "E1", "told.store(1, release);", "relaxed", ["stop_model:*calling*"]),
    # the handles of C
    *[mutant(c_table, *row) for row in c_table_mutants.rows],
    *[mutant(*row) for table in tables for row in table.rows],
    mutant(c_generator, "E1", "by_.state_.compare_exchange_weak(seen, coroutine_state::running", "relaxed", ["c_generator_model"]),
    mutant(c_generator, "step", "by_.state_.compare_exchange_weak(seen, coroutine_state::running", "split", ["c_generator_model"]),
    mutant(c_generator, "E1", "by_.state_.store(by_.generator_.state(), release);", "relaxed", ["c_generator_model"]),
]

# Steps that stand in no one place: the tests run with another text there. CMakeLists.txt names each again, as <how>.
changes = [
    *[change(*row) for table in tables for row in table.changes],
    change(registry, "step", """
  for (unsigned i = 0; i <= workers_; ++i) shards_[i].lock.lock();
  for (unsigned i = 0; i <= workers_; ++i) sum += shards_[i].size;
  for (unsigned i = 0; i <= workers_; ++i) shards_[i].lock.unlock();
""", "counted_list_by_list", ["stop_model:*a_task_spawns*"], """
  for_each([&](const root&) { ++sum; });
"""),
    change(stop, "E1 of guests.hpp", "guests_.count() == 0 && roots_.count() == 0", "roots_before_guests",
           ["guests_model:*starts_a_root*"], "roots_.count() == 0 && guests_.count() == 0"),
]

# Orders without a mutant one step weaker, and why they stay.
not_explored = "only checked builds use it; these schedules watch each frame themselves"
argued = [
    no_mutant(deque, "E3", "t = d_.top_.load(seq_cst);           // C E3", "acquire",
              "C++20 puts the CAS that C reads from before D only if C has a place in the order of A to D; the explorer's is that of time"),
    no_mutant(idle, "E2", "word_.fetch_add(0, detail::seq_cst);", "acq_rel",
              "compilers make nothing of an addition of 0 that is weaker: clang 19 has no instruction for it on x86, where E2 needs one"),
    no_mutant(exchange, "E1", "head.popped(below).packed(), acquire, acquire", "relaxed",
              "it reads the word that the load or the lost exchange before it has read with acquire; weaker than its failure it must not "
              "be, for compilers and ThreadSanitizer take the weaker for both"),
    no_mutant(c_table, "E3", "free_.compare_exchange_weak(seen, left, acquire, acquire)", "relaxed",
              "it reads the word that the load or the lost exchange before it has read with acquire; weaker than its failure it must not "
              "be, as above"),
    *[no_mutant(*row) for row in [*cancel_mutants.argued, *deadlock_mutants.argued, *scope_mutants.argued]],
    no_mutant(frame_map, "E1", "kind_byte* leaf = slot->load(acquire);  // E1", "relaxed", not_explored),
    no_mutant(frame_map, "E1", "slot->compare_exchange_strong(leaf, fresh, release, acquire)", "relaxed", not_explored),
    no_mutant(frame_map, "E1", "slot->compare_exchange_strong(leaf, fresh, release, acquire)", "failure", not_explored),
    no_mutant(frame_map, "E1", "leaf_for(start)->load(acquire)", "relaxed", not_explored),
    no_mutant(frame_map, "E1", "slot == nullptr ? nullptr : slot->load(acquire);", "relaxed", not_explored),
]

# Steps without a mutant, and why.
argued_steps = [
    *scope_mutants.argued_steps,
    ("idle.cpp take_sleeper_or_mark, looking again when somebody has lain down", "who lies down looks at all work afterwards, and the "
     "frame is there; it only spares that worker the way"),
    ("moving.cpp, undoing the count of a guest that was admitted and is refused, and of a chain that its home refuses", "a queue that "
     "refuses has been closed by the end of a stop, and nobody asks for these counts afterwards"),
    ("moving.cpp, one more away before the chain is injected; away before guests when a visit ends", "in any order: stop() looks again, "
     "and both schedulers live, the one by the worker that is at it, the other by what waits there"),
    ("places.cpp E2 in whole schedulers", "places_model.cpp has it; in a scheduler's end the locks and counts between hide the window"),
    ("coro_node.cpp take_linked, the cut before the root's word is left; coro_close.cpp finalise, the word taken before the frame goes",
     "no one place can be left out; changed by hand, a_send_to_the_outer_against_one_to_the_inner fails, and "
     "an_outer_that_will_not_end_is_dropped_while_what_it_awaits_is_sent_to"),
]

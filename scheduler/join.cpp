// SPDX-License-Identifier: Apache-2.0
//
// The long way for a finished child, and frames of ours that stand between a child and its awaiting frame.
//   E1  of detail/join.hpp: results and failures, from each child that accounts apart to the one that reaches zero.
#include "weft/detail/join.hpp"

#include "arena.hpp"
#include "weft/on.hpp"
#include "weft/when_all_range.hpp"

namespace weft::detail {

namespace {

// What a worker goes on in if there is nothing: back to its loop.
frame* nothing_to_run() noexcept { return frame_at(std::noop_coroutine().address()); }

// Goes on in `parent`, whose children are all accounted for, at the home of its join.
frame* go_home(frame* parent, arena* home) noexcept {
  if (home == nullptr || home->owns(current_worker())) return parent;
  pack_failures(parent);
  make_ready(parent, home);
  return nothing_to_run();
}

// The frame to run next that is not part of the finished join. Every 61st goes back, so that the loop looks elsewhere.
frame* next_pick(frame* popped) noexcept {
  worker& self = current_worker();
  if (popped == nullptr) return nothing_to_run();
  if ((self.picks + 1) % fair_pick != 0) {
    ++self.picks;
    self.home->take_up(self, popped);
    return popped;
  }
  fork(self, popped);
  return nothing_to_run();
}

// Subtracts `credit` from the parent's count, and lists `failed` there if it is not null. True: that was the last.
bool account(frame* parent, unsigned credit, frame* failed) noexcept {
  atomic<std::uint64_t>& link = parent->head.link;
  if (failed == nullptr) return join_state{link.fetch_sub(credit, acq_rel)}.remaining() == credit;  // E1
  join_state seen{link.load(relaxed)};  // the CAS decides
  join_state next;
  do {
    failed->head.link.store(reinterpret_cast<std::uint64_t>(seen.first_failure()), relaxed);  // published by the CAS, E1
    next = {seen.with_failure(failed).word - credit};
  } while (!link.compare_exchange_weak(seen.word, next.word, acq_rel, relaxed));  // E1
  return next.remaining() == 0;
}

}  // namespace

frame* finish_apart(frame* finished, frame* popped) noexcept {
  const bool failed = is_failed(finished->head);
  frame* const parent = parent_of(finished->head);
  const unsigned credit = finished->head.join.credit();
  arena* const home = sched::places::at(finished->head.join.tag & tag::home_ids);  // null: it never left
  const bool sibling = popped != nullptr && popped->head.parent == parent;
  if (sibling) {
    popped->head.join.answer_for(credit);
    if (failed)
      account(parent, 0, finished);
    else
      destroy_frame(finished);
    return popped;
  }
  if (!failed) destroy_frame(finished);  // its parameters go before the parent may go on
  if (home != nullptr) end_visits(home, credit);
  if (!account(parent, credit, failed ? finished : nullptr)) return next_pick(popped);
  if (popped != nullptr) fork(current_worker(), popped);
  return go_home(parent, home);
}

unsigned settle_credit(frame_head& child) noexcept {
  const unsigned ended = child.join.credit() - 1;
  if (ended == 0) return 0;
  account(child.parent, ended, nullptr);  // never the last: the child itself is not
  child.join.others = static_cast<std::uint16_t>(child.join.others + ended);
  return ended;
}

void destroy_frame(frame* f) noexcept { std::coroutine_handle<>::from_address(f).destroy(); }

void mark_failed(frame_head& head) noexcept {
  head.parent = reinterpret_cast<frame*>(reinterpret_cast<std::uintptr_t>(head.parent) | 1);
  head.join.take_long_way();
  static_assert(sizeof(std::exception_ptr) == sizeof head.failure);
  ::new (static_cast<void*>(&head.failure)) std::exception_ptr(std::current_exception());
}

std::exception_ptr take_failure(frame* failed) noexcept {
  auto* const held = std::launder(reinterpret_cast<std::exception_ptr*>(&failed->head.failure));
  std::exception_ptr taken = std::move(*held);
  held->~exception_ptr();
  destroy_frame(failed);
  return taken;
}

join_chunk::join_chunk() noexcept {
  resume = as_resumed([](frame* self) {
    auto* const chunk = static_cast<join_chunk*>(self);
    frame* const parent = chunk->head.parent;
    arena* const home = chunk->home;
    const bool last = chunk->head.join.total == 1 || account(parent, 1, nullptr);
    if (last) run_next(go_home(parent, home));
  });
  destroy = [](frame*) { fail("coroutine_handle::destroy", "a join is not a coroutine"); };
}

void join_chunk::open(frame* parent, std::size_t chunks, arena* parent_home) noexcept {
  home = parent_home;
  head.parent = parent;
  head.level = parent->head.level;
  head.join.total = static_cast<std::uint16_t>(chunks);
}

hop::hop() noexcept {
  resume = as_resumed([](frame* self) {
    auto* const me = static_cast<hop*>(self);
    end_visits(me->home, 1);
    make_ready(me->awaiting, me->home);
  });
  destroy = [](frame*) { fail("coroutine_handle::destroy", "weft::on is not a coroutine"); };
}

}  // namespace weft::detail

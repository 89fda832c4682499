// SPDX-License-Identifier: Apache-2.0
//
// Chains of tasks that go from one scheduler to another, and what each of the two has to know of it: guests.hpp.
#include "arena.hpp"
#include "weft/detail/expects.hpp"
#include "weft/detail/root.hpp"
#include "weft/on.hpp"

namespace weft::detail {

namespace {

// The frame at the top of the chain that ends in `f`: a child of a join, or the task of a root or of an on.
frame_head& top_of_chain(frame* f) noexcept {
  while (f->head.join.tag == tag::chained) f = f->head.parent;
  return f->head;
}

// Where what is above a chain goes on. A child of a join that carries no number has never left.
arena* home_of(const frame_head& top, arena* here) noexcept {
  if ((top.join.tag & tag::joined) == 0) return static_cast<homed_frame*>(top.parent)->home;
  const auto id = static_cast<std::uint16_t>(top.join.tag & tag::home_ids);
  return id == 0 ? here : sched::places::at(id);
}

// A child of a join that leaves will have to find home again.
void leave_home(frame_head& top, arena* home) noexcept {
  if ((top.join.tag & tag::joined) == 0 || (top.join.tag & tag::home_ids) != 0) return;
  top.join.tag = static_cast<std::uint16_t>(top.join.tag | home->id());
  top.join.take_long_way();
}

// Time is another thing there.
void refuse_virtual(arena* here, arena* target, const char* call) {
  expects(here->player() == nullptr && target->player() == nullptr, call,
          "a task stays at its virtual scheduler, and none comes to it; spawn one there, and co_await its handle");
}

// Sends a chain with this home to another scheduler than it is at. False: refused, and all is as it was.
bool send(frame* f, arena* here, arena* home, arena* target) noexcept {
  if (target != home && takes_step() && !target->admit_guest()) return false;
  if (here == home && takes_step()) home->one_more_away();
  if (target == home && takes_step()) home->fewer_away(1);  // before it can end there
  if (!target->inject(f)) {
    if (target == home) home->one_more_away();
    if (here == home && takes_step()) home->fewer_away(1);
    if (target != home) target->guests_left(1);
    return false;
  }
  if (here != home && takes_step()) here->guests_left(1);  // a worker of `here` runs this: it lives
  return true;
}

}  // namespace

void move_awaiter::move(frame* moving, arena* target, const char* call) {
  arena* const here = current_worker().home;
  if (target == nullptr) target = here;
  target->require_same_process(call);
  if (target == here) {
    if (!here->inject(moving)) refuse(call);
    return;
  }
  refuse_virtual(here, target, call);
  frame_head& top = top_of_chain(moving);
  arena* const home = home_of(top, here);
  if (const unsigned ended = takes_step() ? settle_credit(top) : 0) end_visits(home, ended);
  if (takes_step()) leave_home(top, home);
  if (!send(moving, here, home, target)) refuse(call);
}

void send_over(frame* child, arena* target, const char* call) {
  target->require_same_process(call);
  arena* const here = current_worker().home;
  if (target != here) refuse_virtual(here, target, call);
  if (target == here ? !here->inject(child) : !send(child, here, here, target)) refuse(call);
}

void end_visits(arena* home, unsigned chains) noexcept {
  arena* const here = current_worker().home;
  if (here == home) return;
  if (takes_step()) home->fewer_away(chains);   // what is above the chains has not been told yet: home lives
  if (takes_step()) here->guests_left(chains);  // a worker of `here` runs this: it lives
}

}  // namespace weft::detail

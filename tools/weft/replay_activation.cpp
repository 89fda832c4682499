// SPDX-License-Identifier: Apache-2.0
// Runs statements: blocks, exceptions and returns as Python's reference says.
#include "replay_activation.hpp"

#include <utility>

#include "replay_machine.hpp"
#include "replay_stack.hpp"

namespace weft::tool::replay {

activation::activation(machine& m, int number, int function, std::shared_ptr<living> target)
    : machine_(m), number_(number), function_(function), is_generator_(m.is_generator(function)), target_(std::move(target)), blocks_(1) {
  blocks_.front().code = &m.code_of(function);
}

request activation::advance() {
  request asked;
  while (!blocks_.empty()) {
    open_block& inner = blocks_.back();
    if (inner.next == inner.code->size())
      finish_block();
    else if (executes((*inner.code)[inner.next++], asked))
      return asked;
  }
  if (end_ == ending::raise) return {request::kind::fail, {}, nullptr, std::move(failure_)};
  return {request::kind::give_back, result_, nullptr, {}};
}

bool activation::executes(const statement& one, request& asked) {
  using verb = statement::verb;
  using kind = request::kind;
  const auto asks = [&](kind wants) {
    asked = {wants, {}, &one, {}};
    return true;
  };
  switch (one.does) {
    case verb::yield:
      asked = {kind::yield, evaluate(one), &one, {}};
      machine_.log({"y", number_, written(asked.carried), one.region});
      return true;
    case verb::await: return asks(kind::await);
    case verb::await_target: return asks(kind::target);
    case verb::iter: machine_.log({"i", number_, one.items.size()}); return asks(kind::iter);
    case verb::shared:
    case verb::view: {
      const bool is_shared = one.does == verb::shared;
      if (!machine_.has_coroutine(one.number)) {
        machine_.log({"empty", number_});
        return false;
      }
      machine_.log({"s", number_, one.number, is_shared ? "shared" : "view"});
      return asks(is_shared ? kind::shared : kind::view);
    }
    case verb::raise: {
      const error_ref raised = make_error(one.raised, one.number);
      set_context(raised, running::handled());
      raise(raised);
      return false;
    }
    case verb::reraise:
      machine_.log({"rr", number_});
      raise(running::handled() ? running::handled() : make_error(error_kind::re, "No active exception to reraise"));
      return false;
    case verb::give_back:
      if (one.is_told) machine_.log({"t", number_, one.region});
      give_back(evaluate(one));
      return false;
    case verb::guard: blocks_.push_back({open_block::kind::guard, &one.code, &one, 0, handled_, ending::none, {}, {}}); return false;
    case verb::reenter: machine_.reenter(number_, one.how); return false;
    default: machine_.log({"l", number_, one.number}); return false;
  }
}

void activation::receive(const request& asked, const value& got) {
  variable_ = got;
  if (asked.wants != request::kind::target) machine_.log({"r", number_, written(got)});
}

void activation::receive(const std::exception_ptr& thrown, bool was_thrown_in) {
  const caught_error arrived = caught(thrown);
  if (arrived.is_new && !arrived.what->context) set_context(arrived.what, running::handled());
  if (was_thrown_in && handled_) set_context(arrived.what, handled_);
  raise(arrived.what);
}

activation::open_block activation::leave() {
  open_block left = std::move(blocks_.back());
  blocks_.pop_back();
  const error_ref over = std::exchange(handled_, left.before);  // first: what goes with it may look at this
  return left;
}

void activation::raise(error_ref what) {
  if (what->traceback.empty() || what->traceback.back().get() != this) what->traceback.push_back(shared_from_this());
  while (!blocks_.empty()) {
    const open_block left = leave();
    if (left.is == open_block::kind::guard)
      for (const except_clause& clause : left.of->clauses)
        if (catches(clause.caught, what->kind)) return enter_clause(*left.of, clause, what);
    if ((left.is == open_block::kind::guard || left.is == open_block::kind::clause) && left.of->last)
      return enter_last(*left.of, ending::raise, std::move(what), {});
  }
  end_ = ending::raise;
  failure_ = std::move(what);
}

void activation::give_back(const value& given) {
  while (!blocks_.empty()) {
    const open_block left = leave();
    if ((left.is == open_block::kind::guard || left.is == open_block::kind::clause) && left.of->last)
      return enter_last(*left.of, ending::give_back, {}, given);
  }
  end_ = ending::give_back;
  result_ = given;
}

void activation::enter_clause(const statement& of, const except_clause& clause, const error_ref& what) {
  blocks_.push_back({open_block::kind::clause, &clause.code, &of, 0, std::exchange(handled_, what), ending::none, {}, {}});
  json event = described(what);
  event.insert(event.begin(), {"x", number_});
  machine_.log(std::move(event));
}

void activation::enter_last(const statement& of, ending then, error_ref raised, const value& given) {
  const error_ref before = handled_;
  if (raised) handled_ = raised;
  blocks_.push_back({open_block::kind::last, &*of.last, &of, 0, before, then, std::move(raised), given});
  machine_.log({"f", number_});
}

void activation::finish_block() {
  const open_block left = leave();
  if ((left.is == open_block::kind::guard || left.is == open_block::kind::clause) && left.of->last)
    enter_last(*left.of, ending::none, {}, {});
  else if (left.then == ending::raise)
    raise(left.raised);
  else if (left.then == ending::give_back)
    give_back(left.given);
}

void activation::begin_await(std::weak_ptr<activation> inner, std::shared_ptr<const void> kept) {
  awaited_ = std::move(inner);
  // Beside the coroutine itself only tracebacks refer to this. Contexts depend on when things end, so there it is exact.
  if (machine_.has_contexts() || weak_from_this().use_count() > 1) kept_ = std::move(kept);
  delegates_ = true;
}

void activation::break_cycles() noexcept {
  // One after the other: each may end coroutines, and they look at this.
  const std::shared_ptr<const void> kept = std::move(kept_);
  const std::shared_ptr<living> target = std::move(target_);
  const error_ref handled = std::move(handled_);
  const std::vector<open_block> blocks = std::move(blocks_);
}

}  // namespace weft::tool::replay

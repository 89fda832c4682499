// SPDX-License-Identifier: Apache-2.0
// The operations, and the hooks of the library that tell of coroutines as they go.
#include "replay_machine.hpp"

#include <weft/coroutine_hooks.hpp>

#include "replay_stack.hpp"

namespace weft::tool::replay {
namespace {

const char* name_of(coroutine_state state) {
  switch (state) {
    case coroutine_state::created: return "CREATED";
    case coroutine_state::running: return "RUNNING";
    case coroutine_state::suspended: return "SUSPENDED";
    default: return "CLOSED";
  }
}

/// The names of what is awaited.
json chain_of(const program_coroutine& one) {
  json names = json::array();
  for (auto awaited = one.awaiting(); awaited; awaited = awaited->awaiting()) switch (awaited->kind()) {
      case awaited_object::kind_of::view: names.push_back("view"); break;
      case awaited_object::kind_of::range: names.push_back("iter"); break;
      default: names.push_back(awaited->name());
    }
  return names;
}

json with_type(const char* what, const error_ref& failure) {
  json event = described(failure);
  event.insert(event.begin(), what);
  return event;
}

/// The place that the operation under way on this thread drives.
thread_local const void* driven = nullptr;

json ended(const program_coroutine::result& step) {
  return json::array({step.is_yielded() ? "yield" : "return", written(step.is_yielded() ? step.yielded() : step.returned())});
}

template <class Object>
json call_on(Object& object, call how, const value& sent, const error_ref& thrown) {
  try {
    switch (how) {
      case call::send: return ended(object.send(sent));
      case call::throw_: return ended(object.throw_(thrown_as(thrown)));
      default: object.close(); return json::array({"closed", nullptr});
    }
  } catch (...) {
    const caught_error failed = caught(std::current_exception());
    if (failed.is_new && !failed.what->context) set_context(failed.what, running::handled());
    return with_type("exc", failed.what);
  }
}

}  // namespace

machine::machine(const program& p, viewpoint from) : program_(p), from_(from) {
  set_never_awaited_hook(
      [this](const std::string& qualname, const auto&) { log({"warn", "coroutine '" + qualname + "' was never awaited"}); });
  set_unraisable_hook([this](const std::exception_ptr& failure, const std::string&) { report_unraisable(failure); });
}

machine::~machine() {
  fall_silent();
  for (place& one : slots_) one = {};
  // A frame in a traceback of an exception that is handled in it is a cycle. What is dropped here may make more of them.
  for (std::size_t i = 0; i < activations_.size(); ++i)
    if (const std::shared_ptr<activation> left = activations_[i].lock()) left->break_cycles();
  set_never_awaited_hook({});
  set_unraisable_hook({});
}

void machine::operate(std::size_t number) {
  const operation& op = program_.operations[number];
  json before = state_of(op.slot);
  json result = result_of(op);
  log({"op", number, op.name, std::move(before), std::move(result), state_of(op.slot)});
}

void machine::finish() {
  for (std::size_t slot = 0; slot < slot_count; ++slot) {
    log({"end", slot, state_of(slot)});
    slots_[slot] = {};
  }
}

json machine::state_of(std::size_t slot) const {
  const std::shared_ptr<living>& one = slots_[slot].coroutine;
  return one ? json::array({name_of(one->object.state()), chain_of(one->object)}) : json();
}

json machine::result_of(const operation& op) {
  using verb = operation::verb;
  place& at = slots_[op.slot];
  switch (op.does) {
    case verb::make: put(op.slot, {make_coroutine(op.number), {}}); break;
    case verb::drop: put(op.slot, {}); break;
    case verb::await:
    case verb::view: {
      const std::shared_ptr<living> target = coroutine_in(op.number);
      if (!target || op.number == static_cast<int>(op.slot)) return json::array({"skip"});
      if (op.does == verb::await)
        put(op.slot, {make_coroutine(waiter, target), {}});
      else
        put(op.slot, {{}, std::make_shared<held_view>(held_view{target->object.view(), target->frame})});
      break;
    }
    default: {
      if (!at.coroutine && !at.view) return json::array({"skip"});
      const call how = op.does == verb::send ? call::send : op.does == verb::throw_ ? call::throw_ : call::close;
      drove_ = how;
      const void* const before = std::exchange(driven, &at);
      json result = drive(at, how, op.sent, how == call::throw_ ? make_error(op.thrown, op.number) : error_ref());
      driven = before;
      return result;
    }
  }
  return json::array({"ok"});
}

json machine::drive(const place& at, call how, const value& sent, const error_ref& thrown) {
  const std::weak_ptr<activation>& frame = at.coroutine ? at.coroutine->frame : at.view->frame;
  const bool is_exit = thrown && catches(error_kind::ge, thrown->kind);
  const running::driving under(frame.lock().get(), is_exit ? call::close : how);
  return at.coroutine ? call_on(at.coroutine->object, how, sent, thrown) : call_on(at.view->view, how, sent, thrown);
}

void machine::reenter(int number, call how) {
  json result = json::array({"skip"});
  if (how == call::send || drove_ == call::send) {
    const auto* const at = static_cast<const place*>(driven);
    result = at == nullptr ? json::array({"none"}) : drive(*at, how, {}, how == call::throw_ ? make_error(error_kind::ea, 0) : error_ref());
    if (result.front() == "exc") result.back() = nullptr;
  }
  log({"re", number, replay::name_of(how), std::move(result)});
}

void machine::put(std::size_t slot, place with) {
  slots_[slot] = {};  // what was there ends before its successor is to be seen
  slots_[slot] = std::move(with);
}

void machine::log(json event) {
  if (is_silent_) return;
  const std::lock_guard lock(mutex_);
  trace_.push_back(std::move(event));
}

void machine::report_unraisable(const std::exception_ptr& failure) {
  const caught_error failed = caught(failure);
  if (failed.is_new && !failed.what->context) set_context(failed.what, running::handled());
  log(with_type("unraisable", failed.what));
}

bool machine::is_generator(int function) const noexcept { return function != waiter && program_.functions[function].is_generator; }

const block& machine::code_of(int function) const noexcept {
  return function == waiter ? waiter_code() : program_.functions[function].code;
}

std::shared_ptr<living> machine::coroutine_in(int slot) const noexcept { return slots_[slot].coroutine; }

std::shared_ptr<activation> machine::make_activation(int function, std::shared_ptr<living> target) {
  const std::lock_guard lock(mutex_);
  const int number = static_cast<int>(activations_.size());
  auto made = std::make_shared<activation>(*this, number, function, std::move(target));
  activations_.push_back(made);
  if (!is_silent_) trace_.push_back({"c", number, function == waiter ? json("waiter") : json(function)});
  return made;
}

std::shared_ptr<living> machine::make_coroutine(int function, std::shared_ptr<living> target) {
  std::shared_ptr<activation> frame = make_activation(function, std::move(target));
  const std::weak_ptr<activation> seen = frame;
  auto made = std::make_shared<living>(living{run_coroutine(*this, std::move(frame)), seen});
  made->object.set_name(function_name(function));
  made->object.set_qualname(function_name(function));
  return made;
}

std::shared_ptr<flagged_generator> machine::make_generator(int function) {
  std::shared_ptr<activation> frame = make_activation(function, {});
  const std::weak_ptr<activation> seen = frame;
  auto made = std::make_shared<flagged_generator>(flagged_generator{run_generator(*this, std::move(frame)), seen});
  made->object.set_name(function_name(function));
  made->object.set_qualname(function_name(function));
  return made;
}

}  // namespace weft::tool::replay

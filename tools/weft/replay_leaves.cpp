// SPDX-License-Identifier: Apache-2.0
// The steps of what is awaited besides coroutines.
#include "replay_leaves.hpp"

#include <weft/errors.hpp>

#include "replay_machine.hpp"
#include "replay_stack.hpp"

namespace weft::tool::replay {
namespace {

/// What was sent.
value sent_in(const detail::exchange& with) { return with.sent == nullptr ? value() : *static_cast<const value*>(with.sent); }

}  // namespace

bool leaf::awaiter::await_suspend(std::coroutine_handle<>) const {
  if (!of.start(detail::chain_root(by))) return false;
  detail::start_driving(by, of);
  return true;
}

value leaf::awaiter::await_resume() const {
  detail::wake(by);
  return of.result_;
}

bool leaf::yield(detail::exchange& with, const value& v) noexcept {
  yielded_ = v;
  with.yielded = &yielded_;
  return true;
}

bool leaf::end(const value& v) noexcept {
  result_ = v;
  return false;
}

bool yield_leaf::start(detail::exchange& with) {
  running::suspend(activation_);
  return yield(with, value_);
}

bool yield_leaf::send(detail::exchange& with) { return end(sent_in(with)); }

bool yield_leaf::raise(detail::exchange&, std::exception_ptr thrown) {
  std::rethrow_exception(thrown_as(as_it_leaves_a_generator(caught(thrown).what)));
}

bool iterator_leaf::start(detail::exchange& with) {
  if (items_.empty()) return end({});
  running::suspend(activation_);
  return yield(with, items_[next_++]);
}

bool iterator_leaf::send(detail::exchange& with) {
  if (sent_in(with)) throw attribute_error("'list_iterator' object has no attribute 'send'");
  if (next_ == items_.size()) return end({});
  running::pass_by();
  return yield(with, items_[next_++]);
}

bool iterator_leaf::raise(detail::exchange&, std::exception_ptr thrown) { std::rethrow_exception(std::move(thrown)); }

flagged_generator::flagged_generator(machine& m, program_coroutine body, std::string name, std::weak_ptr<activation> of) noexcept
    : machine_(m), body_(std::move(body)), name_(std::move(name)), frame_(std::move(of)) {}

flagged_generator::~flagged_generator() {
  std::exception_ptr failure;
  try {
    close();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) return;
  machine_.report_unraisable(failure);
  // It goes without another chance.
  detail::coro_node& n = detail::coroutine_access::node(body_, "~flagged_generator");
  if (body_.state() != coroutine_state::suspended) return;
  static_cast<void>(detail::try_take(n));
  detail::free_body(n);
  detail::leave(n, detail::coro_node::closed);
}

void flagged_generator::close() {
  bool has_yielded = false;
  try {
    body_.close();
  } catch (const runtime_error&) {
    has_yielded = body_.state() == coroutine_state::suspended;
    if (!has_yielded) throw;
  }
  if (has_yielded) throw runtime_error("generator ignored GeneratorExit");
}

bool generator_leaf::start(detail::exchange& with) { return pass_on(with, awaited_->body().send()); }

bool generator_leaf::send(detail::exchange& with) { return pass_on(with, awaited_->body().send(sent_in(with))); }

bool generator_leaf::raise(detail::exchange& with, std::exception_ptr thrown) {
  return pass_on(with, awaited_->body().throw_(std::move(thrown)));
}

bool generator_leaf::pass_on(detail::exchange& with, program_coroutine::result step) {
  return step.is_yielded() ? yield(with, step.yielded()) : end(step.returned());
}

}  // namespace weft::tool::replay

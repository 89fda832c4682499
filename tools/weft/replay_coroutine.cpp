// SPDX-License-Identifier: Apache-2.0
// Awaits what an activation asks for: the one coroutine of the library that stands for every function.
#include "replay_coroutine.hpp"

#include <weft/errors.hpp>

#include <exception>

#include "replay_machine.hpp"
#include "replay_stack.hpp"

namespace weft::tool::replay {
namespace {

/// The generator that is awaited.
std::shared_ptr<flagged_generator> generator_for(machine& m, activation& self, const request& asked) {
  auto one = m.make_generator(asked.of->number);
  self.begin_await(one->frame, one);
  return one;
}

/// The coroutine that is awaited.
std::shared_ptr<living> coroutine_for(machine& m, activation& self, const request& asked) {
  std::shared_ptr<living> one = self.target();
  if (asked.wants == request::kind::await) one = m.make_coroutine(asked.of->number);
  if (asked.wants == request::kind::shared || asked.wants == request::kind::view) one = m.coroutine_in(asked.of->number);
  self.begin_await(one->frame, std::make_shared<program_view>(one->object.view()));
  return one;
}

/// Whether it runs, and passes a throw or close on to what it awaits, or has just done so.
bool is_passing_on(const living& one) {
  const std::shared_ptr<activation> frame = one.frame.lock();
  return one.object.state() == coroutine_state::running && frame && (frame->is_unwinding || !running::contains(*frame));
}

/// The end of an await, in the order of CPython: the body runs again, what was awaited goes, the body sees what came of it.
void finish(activation& self, const request& asked, const value& got, const std::exception_ptr& failure) {
  if (running::is_passed_outwards()) self.drop_kept();
  const bool was_thrown_in = running::resume(self);
  self.end_await();
  self.is_unwinding = was_thrown_in;
  self.drop_kept();
  self.is_unwinding = false;
  if (failure)
    self.receive(failure, was_thrown_in);
  else
    self.receive(asked, got);
}

/// Awaits for a coroutine or a generator, an Object, what its activation asks for.
template <class Object>
Object run_as(machine& m, std::shared_ptr<activation> self) {
  using kind = request::kind;
  running::enter(*self);
  for (;;) {
    request asked = self->advance();
    if (asked.wants == kind::give_back || asked.wants == kind::fail) running::end(*self);
    if (asked.wants == kind::give_back) co_return asked.carried;
    if (asked.wants == kind::fail) std::rethrow_exception(thrown_as(asked.failure));
    value got;
    std::exception_ptr failure;
    bool is_refused_as_awaited = false;
    try {
      if (asked.wants == kind::yield && self->is_generator()) {
        running::suspend(*self);
        auto&& sent = co_yield asked.carried;  // g++ 12 knows no type of a co_yield within an expression of a template
        got = std::forward<decltype(sent)>(sent);
      } else if (asked.wants == kind::yield) {
        auto once = yields_once(*self, asked.carried);
        self->begin_await({}, {});
        got = co_await once;
      } else if (asked.wants == kind::iter) {
        self->begin_await({}, {});
        co_await await_range(items_of(*self, asked.of->items), "list_iterator");
      } else if (asked.wants == kind::await && m.is_generator(asked.of->number)) {
        const std::shared_ptr<flagged_generator> one = generator_for(m, *self, asked);
        got = co_await one->object;
      } else {
        const std::shared_ptr<living> one = coroutine_for(m, *self, asked);
        if (asked.wants == kind::await) {
          got = co_await std::move(one->object);
        } else if (asked.wants == kind::view) {
          running::sends_to(one->frame.lock().get());
          got = co_await one->object.view();
        } else {
          if (self->is_generator())
            running::sends_to(one->frame.lock().get());
          else
            is_refused_as_awaited = is_passing_on(*one);
          got = co_await one->object;
        }
      }
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure && is_refused_as_awaited && m.tells_of_passing_on())
      failure = std::make_exception_ptr(runtime_error("coroutine is being awaited already"));
    finish(*self, asked, got, failure);
  }
}

}  // namespace

program_coroutine run_coroutine(machine& m, std::shared_ptr<activation> self) { return run_as<program_coroutine>(m, std::move(self)); }
program_generator run_generator(machine& m, std::shared_ptr<activation> self) { return run_as<program_generator>(m, std::move(self)); }

}  // namespace weft::tool::replay

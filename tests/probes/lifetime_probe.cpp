// SPDX-License-Identifier: Apache-2.0
// Parameters, locals and temporaries of coroutines are made and destroyed once, wherever a coroutine suspends or throws.
#include <weft/weft.hpp>

#include "probe.hpp"

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace weft::probe {

namespace {

task<int> by_value(balance, std::unique_ptr<int> owned, std::string text) {
  co_await yield();
  co_return *owned + static_cast<int>(text.size());
}

task<bool> by_value_lies_in_frame(balance parameter, const void** address) {
  *address = &parameter;
  const auto* before = &parameter;
  co_await yield();
  co_return before == &parameter;
}

task<int> never_started(balance) { co_return 1; }

task<int> awaits(balance) {
  const balance local;
  auto child = by_value(balance(), std::make_unique<int>(40), "ab");
  const int value = co_await std::move(child);
  co_return value;
}

task<int> joins(balance) {
  auto both = when_all(awaits(balance()), awaits(balance()));
  co_await both;
  co_return both.get<0>() + both.get<1>();
}

/// Throws from one of its members.
struct thrower {
  enum class where { ready, suspend, resume };
  where from;
  balance part;

  [[nodiscard]] bool await_ready() const {
    if (from == where::ready) throw std::runtime_error("await_ready");
    return false;
  }
  bool await_suspend(std::coroutine_handle<>) const {
    if (from == where::suspend) throw std::runtime_error("await_suspend");
    return false;
  }
  void await_resume() const { throw std::runtime_error("await_resume"); }
};

task<int> throws_at(thrower::where from, balance) {
  const balance local;
  const thrower awaited{from, {}};
  co_await awaited;
  co_return 1;
}

task<int> throws_in_body(balance) {
  const balance local;
  co_await yield();
  throw std::runtime_error("body");
}

task<int> catches(task<int> inner, balance) {
  int caught = 0;
  try {
    const balance local;
    static_cast<void>(co_await std::move(inner));
  } catch (const std::runtime_error&) {
    caught = 1;
  }
  co_await yield();
  co_return caught;
}

task<int> fails_among_others(balance) {
  auto all = when_all(awaits(balance()), throws_in_body(balance()), awaits(balance()));
  co_await all;
  co_return 0;
}

bool throws(scheduler& pool, task<int> t) {
  try {
    static_cast<void>(sync_wait(pool, std::move(t)));
  } catch (const std::runtime_error&) {
    return true;
  }
  return false;
}

void check_balance() {
  check(balance::live == 0, "after it everything is destroyed once");
  balance::live = 0;
}

}  // namespace

void probe_lifetimes() {
  scheduler pool{{.workers = 1}};
  check(sync_wait(pool, by_value(balance(), std::make_unique<int>(40), "ab")) == 42, "parameters by value arrive");
  check(balance::live == 0, "parameters by value are destroyed once");
  const void* address = nullptr;
  check(sync_wait(pool, by_value_lies_in_frame(balance(), &address)), "a parameter stays where it is over a suspension");
  check(address != nullptr && balance::live == 0, "a parameter whose address is taken is destroyed once");
  {
    const auto dropped = never_started(balance());
  }
  check(balance::live == 0, "the parameters of a task that was never started are destroyed once");
  check(sync_wait(pool, joins(balance())) == 84, "nested awaits and joins with parameters by value give the right number");
  check(balance::live == 0, "parameters, locals and temporaries of nested awaits are destroyed once");
}

void probe_exceptions() {
  scheduler pool{{.workers = 1}};
  using where = thrower::where;
  check(throws(pool, throws_at(where::ready, balance())), "an exception from await_ready reaches the awaiter");
  check_balance();
  check(throws(pool, throws_at(where::suspend, balance())), "an exception from await_suspend reaches the awaiter");
  check_balance();
  check(throws(pool, throws_at(where::resume, balance())), "an exception from await_resume reaches the awaiter");
  check_balance();
  check(throws(pool, throws_in_body(balance())), "an exception from a body reaches the awaiter");
  check_balance();
  check(sync_wait(pool, catches(throws_in_body(balance()), balance())) == 1, "an exception is caught around a co_await");
  check_balance();
  check(throws(pool, fails_among_others(balance())), "the failure of one child of a join reaches the awaiter");
  check_balance();
}

}  // namespace weft::probe

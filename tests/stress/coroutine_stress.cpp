// SPDX-License-Identifier: Apache-2.0
// Eight threads send to, throw into, close, await and look at the same coroutines: each resumption is seen by one caller, who is refused
// is refused in Python's words, and nothing is lost, whoever closes what while somebody else awaits it.
#include <weft/coroutine_hooks.hpp>
#include <weft/frames.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "protocol_bodies.hpp"
#include "scale.hpp"
#include "seed.hpp"
#include "watchdog.hpp"

namespace weft {
namespace {

using test::maybe;
using test::numbers;
using view = coroutine_view<int, maybe, int>;

constexpr std::size_t threads = 8;
constexpr std::uint64_t calls_a_round = 64;

/// What the innermost body counts, in plain variables: whoever resumes it has it alone.
struct ledger {
  std::uint64_t resumed = 0;  // and yields again
  std::uint64_t exits = 0;
};

numbers yields_for_ever(ledger& of) {
  for (int n = 0;; ++n) {
    ++of.resumed;
    try {
      co_yield n;
    } catch (const test::failure&) {
    } catch (const generator_exit&) {
      ++of.exits;
      throw;
    }
  }
}

numbers awaits_owned(numbers inner) { co_return co_await std::move(inner); }
numbers awaits_view(view inner) { co_return co_await inner; }

/// One round: a chain of three, of which two can be got at from outside.
struct round_of {
  explicit round_of(ledger& of) : inner(yields_for_ever(of)), leaf(inner.view()), root(awaits_owned(awaits_owned(std::move(inner)))) {}

  numbers inner;
  view leaf;
  numbers root;
};

/// What one thread has seen.
struct seen {
  std::uint64_t yields = 0;
  std::uint64_t refusals = 0;
  std::set<std::string> words;

  template <class Call>
  void note(Call call) {
    const std::string outcome = test::outcome_of(call);
    if (outcome.rfind("yield", 0) == 0) {
      ++yields;
    } else if (outcome != "done") {
      ++refusals;
      words.insert(outcome);
    }
  }
};

void call_at_random(round_of& on, test::random_source& random, seen& saw) {
  view at = random.one_in(3) ? on.root.view() : on.leaf;
  switch (random.below(16)) {
    case 0:
      if (at.state() == coroutine_state::created && !random.one_in(20)) return;  // it would end it
      return saw.note([&] { return at.throw_(test::failure{"thrown"}); });
    case 1: return static_cast<void>(at.state());
    case 2: {
      if (!random.one_in(20)) return;
      auto second = awaits_view(at);  // drives it, and closes it as it goes
      return saw.note([&] { return second.send(); });
    }
    case 3:
      if (!random.one_in(20)) return;
      return saw.note([&] { at.close(); });
    case 4: {
      if (!random.one_in(20)) return;
      auto third = [](numbers& inner) -> numbers { co_return co_await inner; }(on.root);
      return saw.note([&] { return third.send(); });
    }
    case 5: return static_cast<void>(at.weak().lock());
    default: return saw.note([&] { return at.send(maybe()); });
  }
}

testing::AssertionResult is_legal(const std::string& words) {
  static const std::set<std::string> all{test::cannot_reuse, test::already_executing, test::being_awaited, "thrown", "GeneratorExit"};
  return all.contains(words) ? testing::AssertionSuccess() : testing::AssertionFailure() << words;
}

TEST(coroutine_stress, many_threads_at_the_same_coroutines) {
  test::watchdog dog("coroutine_stress");
  const std::uint64_t rounds = test::scaled(10'000'000, 10'000) / (threads * calls_a_round);
  set_never_awaited_hook([](const std::string&, const auto&) {});
  // An awaiter that goes closes what it awaits, which somebody else may be executing.
  set_unraisable_hook([](const std::exception_ptr& failure, const std::string&) { EXPECT_TRUE(is_legal(test::told(failure))); });

  ledger book;
  std::optional<round_of> current(std::in_place, book);
  std::array<seen, threads> saw;
  std::uint64_t left = rounds;
  std::uint64_t most_exits = 0;
  std::barrier turn(threads, [&]() noexcept {
    dog.beat();
    current.reset();
    most_exits = std::max(most_exits, std::exchange(book.exits, 0));
    if (--left > 0) current.emplace(book);
  });
  std::vector<std::jthread> team;
  for (std::size_t t = 0; t < threads; ++t)
    team.emplace_back([&, t] {
      test::random_source random(t);
      while (current.has_value()) {
        for (std::uint64_t i = 0; i < calls_a_round; ++i) call_at_random(*current, random, saw[t]);
        turn.arrive_and_wait();
      }
    });
  team.clear();

  std::uint64_t yields = 0;
  std::uint64_t refusals = 0;
  for (const seen& one : saw) {
    yields += one.yields;
    refusals += one.refusals;
    for (const std::string& words : one.words) EXPECT_TRUE(is_legal(words));
  }
  set_never_awaited_hook({});
  set_unraisable_hook({});
  EXPECT_EQ(yields, book.resumed) << "each resumption was somebody's";
  EXPECT_LE(most_exits, 1U) << "a body was closed twice";
  EXPECT_GT(yields, rounds);
  std::printf("%llu yields, %llu refusals in %llu rounds\n", static_cast<unsigned long long>(yields),
              static_cast<unsigned long long>(refusals), static_cast<unsigned long long>(rounds));
}

}  // namespace
}  // namespace weft

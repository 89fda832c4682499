// SPDX-License-Identifier: Apache-2.0
// Rows S09, S11, M01 to M06: one coroutine, many threads.
#include <weft/coroutine.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include "protocol_bodies.hpp"
#include "scale.hpp"

namespace {

using namespace weft::test;
using weft::coroutine_state;

/// What a coroutine is stopped in: its body waits here while another thread tries to get at it.
struct stop_inside {
  std::atomic<bool> is_inside{false};
  std::atomic<bool> may_go{false};

  void wait_here() {
    is_inside = true;
    is_inside.notify_all();
    may_go.wait(false);
  }
  void wait_until_inside() { is_inside.wait(false); }
  void let_go() {
    may_go = true;
    may_go.notify_all();
  }
};

numbers stops(stop_inside& stop) {
  stop.wait_here();
  co_yield 1;
  co_return 2;
}

/// What another thread sees of a coroutine that executes.
template <class Look>
void look_while_it_runs(Look look) {
  stop_inside stop;
  auto c = stops(stop);
  std::thread runs([&] { EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 1"); });
  stop.wait_until_inside();
  look(c);
  stop.let_go();
  runs.join();
  EXPECT_EQ(c.state(), coroutine_state::suspended);
  EXPECT_EQ(outcome_of([&] { return c.send(); }), "return 2");
}

TEST(threads, M01_M02_M03_a_call_during_a_send_is_refused_and_the_send_unharmed) {
  look_while_it_runs([](numbers& c) {
    EXPECT_EQ(outcome_of([&] { return c.send(); }), already_executing);
    EXPECT_EQ(outcome_of([&] { return c.throw_(failure{"f"}); }), already_executing);
    EXPECT_EQ(outcome_of([&] { c.close(); }), already_executing);
  });
}

TEST(threads, M04_awaiting_what_another_thread_runs_is_refused_in_the_awaiter) {
  look_while_it_runs([](numbers& c) {
    auto outer = awaits(c);
    EXPECT_EQ(outcome_of([&] { return outer.send(); }), already_executing);
  });
}

TEST(threads, M06_the_state_may_be_read_meanwhile) {
  look_while_it_runs([](numbers& c) { EXPECT_EQ(c.state(), coroutine_state::running); });
}

TEST(threads, S11_a_coroutine_may_be_made_resumed_and_ended_on_three_threads) {
  auto c = counts(1);
  std::thread([&] { EXPECT_EQ(outcome_of([&] { return c.send(); }), "yield 0"); }).join();
  std::thread([&] { EXPECT_EQ(outcome_of([&] { return c.send(3); }), "return 3"); }).join();
}

/// Every thread sends 1 until the coroutine has ended; refused sends are tried again.
TEST(threads, of_many_senders_exactly_one_proceeds_at_a_time) {
  const int rounds = static_cast<int>(scaled(20'000));
  constexpr int senders = 4;
  auto c = counts(rounds);
  static_cast<void>(c.send());
  std::atomic<int> accepted{0};
  std::atomic<int> results{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < senders; ++t)
    threads.emplace_back([&] {
      for (;;) {
        const std::string got = outcome_of([&] { return c.send(1); });
        if (got == already_executing) continue;
        if (got == cannot_reuse) return;
        ++accepted;
        if (got == "return " + std::to_string(rounds)) ++results;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(accepted, rounds);
  EXPECT_EQ(results, 1);
}

TEST(threads, M05_of_many_that_await_a_created_one_exactly_one_wins) {
  constexpr int awaiters = 4;
  for (std::uint64_t round = 0; round < scaled(300); ++round) {
    auto inner = counts(1);
    std::barrier start(awaiters);
    std::array<std::string, awaiters> seen;
    std::vector<numbers> outers;
    for (int i = 0; i < awaiters; ++i) outers.push_back(awaits(inner));
    std::vector<std::thread> threads;
    for (int i = 0; i < awaiters; ++i)
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        seen[static_cast<std::size_t>(i)] = outcome_of([&] { return outers[static_cast<std::size_t>(i)].send(); });
      });
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(std::count(seen.begin(), seen.end(), "yield 0"), 1);
    for (const std::string& one : seen) EXPECT_TRUE(one == "yield 0" || one == already_executing || one == being_awaited) << one;
  }
}

/// One thread drives the outer coroutine, one the inner one that it awaits, one looks: every call is legal or refused.
TEST(threads, driving_both_ends_of_a_chain_at_once_loses_nothing) {
  for (std::uint64_t round = 0; round < scaled(2'000); ++round) {
    auto inner = counts(4);
    auto outer = awaits(inner);
    static_cast<void>(outer.send());
    std::barrier start(3);
    std::atomic<int> values{1};
    const auto drive = [&](numbers& c) {
      start.arrive_and_wait();
      for (int i = 0; i < 6; ++i) values += outcome_of([&] { return c.send(); }).starts_with("yield") ? 1 : 0;
    };
    std::thread one([&] { drive(outer); });
    std::thread other([&] { drive(inner); });
    std::thread looks([&] {
      start.arrive_and_wait();
      for (int i = 0; i < 6; ++i) EXPECT_NE(inner.state(), coroutine_state::created);
    });
    one.join();
    other.join();
    looks.join();
    EXPECT_LE(values, 4);
    inner.close();
    outer.close();
  }
}

}  // namespace

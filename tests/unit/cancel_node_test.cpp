// SPDX-License-Identifier: Apache-2.0
// Trees of what is cancelled together: who is woken, who is not, and what comes too late.
#include <weft/detail/cancel_node.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "cancellable_event.hpp"

namespace weft {
namespace {

using detail::cancel_node;
using detail::cancel_node_now;
using detail::cause_of;
using detail::close_node;
using detail::open_node;
using test::cancellable_event;

/// A node that is closed as it goes.
struct opened : cancel_node {
  explicit opened(cancel_node* outer = nullptr) noexcept { open_node(*this, outer); }
  ~opened() { close_node(*this); }
};

task<bool> waits(cancellable_event& e, cancel_node& in) { co_return co_await e.wait(in); }

std::string text_of(const cancel_node& n) { return cause_of(n) == nullptr ? "none" : cause_of(n)->text; }

/// Waits until so many wait, on a thread that is no worker.
void await_count(cancellable_event& e, std::size_t count) {
  while (e.count() < count) std::this_thread::yield();
}

TEST(cancel_node, a_cause_reaches_all_below_and_nothing_else) {
  opened top;
  opened left(&top), right(&top), below(&left), deeper(&below);
  EXPECT_TRUE(cancel_node_now(left, cancel_reason::deadline, "late"));
  for (const cancel_node* n : {static_cast<cancel_node*>(&left), static_cast<cancel_node*>(&below), static_cast<cancel_node*>(&deeper)}) {
    EXPECT_EQ(text_of(*n), "late");
    EXPECT_EQ(cause_of(*n)->why, cancel_reason::deadline);
  }
  EXPECT_EQ(text_of(top) + text_of(right), "nonenone");
}

TEST(cancel_node, the_first_cause_counts) {
  opened top, inner(&top);
  EXPECT_TRUE(cancel_node_now(inner, cancel_reason::requested, "first"));
  EXPECT_FALSE(cancel_node_now(inner, cancel_reason::requested, "second"));
  EXPECT_TRUE(cancel_node_now(top, cancel_reason::stopping, "third"));
  EXPECT_EQ(text_of(inner) + ", " + text_of(top), "first, third");
}

TEST(cancel_node, what_is_opened_in_a_cancelled_one_is_cancelled) {
  opened top;
  cancel_node_now(top, cancel_reason::lost_race, "over");
  opened inner(&top), deeper(&inner);
  EXPECT_EQ(text_of(deeper), "over");
  EXPECT_FALSE(cancel_node_now(inner, cancel_reason::requested, "again"));
}

TEST(cancel_node, a_long_text_is_cut_off) {
  opened top;
  cancel_node_now(top, cancel_reason::requested, std::string(100, 'x'));
  EXPECT_EQ(text_of(top), std::string(detail::cancel_cause::text_bytes - 1, 'x'));
}

TEST(cancel_node, waits_below_end_and_others_go_on) {
  scheduler pool{{.workers = 2}};
  cancellable_event e;
  opened top, left(&top), right(&top), below(&left);
  auto in_top = spawn_future(pool, waits(e, top)), in_left = spawn_future(pool, waits(e, left));
  auto in_right = spawn_future(pool, waits(e, right)), in_below = spawn_future(pool, waits(e, below));
  await_count(e, 4);
  cancel_node_now(left, cancel_reason::requested, "");
  EXPECT_FALSE(in_left.get());
  EXPECT_FALSE(in_below.get());
  await_count(e, 2);
  e.set();
  EXPECT_TRUE(in_top.get());
  EXPECT_TRUE(in_right.get());
}

TEST(cancel_node, a_wait_that_begins_too_late_does_not_suspend) {
  scheduler pool{{.workers = 1}};
  cancellable_event e;
  opened top;
  cancel_node_now(top, cancel_reason::requested, "");
  EXPECT_FALSE(sync_wait(pool, waits(e, top)));
  EXPECT_EQ(e.count(), 0U);
}

TEST(cancel_node, what_is_there_already_beats_nothing) {
  scheduler pool{{.workers = 1}};
  cancellable_event e;
  opened top;
  e.set();
  EXPECT_TRUE(sync_wait(pool, waits(e, top)));
  cancel_node_now(top, cancel_reason::requested, "");
  EXPECT_FALSE(sync_wait(pool, waits(e, top))) << "here nothing is taken of a cancelled wait";
}

TEST(cancel_node, by_a_task_that_runs_in_it) {
  scheduler pool{{.workers = 1}};
  cancellable_event e;
  opened top;
  const auto cancels = [&]() -> task<bool> {
    auto other = spawn(waits(e, top));
    co_await yield();
    cancel_node_now(top, cancel_reason::requested, "by myself");
    const bool other_was_set = co_await std::move(other);
    co_return other_was_set || co_await e.wait(top);
  };
  EXPECT_FALSE(sync_wait(pool, cancels()));
}

TEST(cancel_node, many_waits_and_many_nodes_at_once) {
  constexpr std::size_t nodes = 300, each = 30;
  scheduler pool{{.workers = 2}};
  cancellable_event e;
  opened top;
  std::deque<opened> inner;
  std::vector<std::future<bool>> all;
  for (std::size_t n = 0; n < nodes; ++n) {
    cancel_node& outer = n % 10 == 0 ? static_cast<cancel_node&>(top) : inner.back();
    inner.emplace_back(&outer);
    for (std::size_t i = 0; i < each; ++i) all.push_back(spawn_future(pool, waits(e, inner.back())));
  }
  await_count(e, nodes * each);
  cancel_node_now(top, cancel_reason::requested, "all");
  for (auto& one : all) EXPECT_FALSE(one.get());
  while (!inner.empty()) inner.pop_back();
}

}  // namespace
}  // namespace weft

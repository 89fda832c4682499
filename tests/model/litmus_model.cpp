// SPDX-License-Identifier: Apache-2.0
// The explorer itself, on litmus tests: every outcome that C++20 allows is found, and none that it forbids.
//
// An outcome is written as what the loads gave, in the order of r, and then the final x and y where a test asks for them.
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "explorer/explore.hpp"
#include "weft/detail/sync.hpp"

namespace weft::explorer {
namespace {

using std::memory_order;
using integer = detail::model::atomic<int>;
using outcomes = std::set<std::string>;

constexpr memory_order rlx = memory_order::relaxed, acq = memory_order::acquire, rel = memory_order::release, sc = memory_order::seq_cst,
                       both = memory_order::acq_rel;

struct litmus {
  integer x{0}, y{0};
  int r[4] = {};
};
using thread_body = void (*)(litmus&);

struct shape {
  unsigned results = 2;
  unsigned guesses = 0;
  bool finals = false;
};

outcomes found(const std::vector<thread_body>& threads, const shape& how = {}) {
  const auto body = [&] {
    litmus l;
    {
      std::vector<std::unique_ptr<thread>> running;
      for (const thread_body t : threads) running.push_back(std::make_unique<thread>([&l, t] { t(l); }));
    }
    char text[8] = {};
    unsigned n = 0;
    for (; n < how.results; ++n) text[n] = static_cast<char>('0' + l.r[n]);
    if (how.finals) {
      text[n++] = static_cast<char>('0' + l.x.load(rlx));
      text[n++] = static_cast<char>('0' + l.y.load(rlx));
    }
    record(text);
  };
  const outcome o = try_explore(body, {.share = 2, .guesses = how.guesses});
  EXPECT_EQ(o.failure, "");
  outcomes all;
  for (const auto& [text, times] : o.seen) all.insert(text);
  return all;
}

const outcomes any_two{"00", "01", "10", "11"};
const outcomes not_both_old{"01", "10", "11"};

// --- SB: each stores, then loads what the other stores ---

template <memory_order Store, memory_order Load>
outcomes store_buffering() {
  return found(
      {[](litmus& l) { l.x.store(1, Store), l.r[0] = l.y.load(Load); }, [](litmus& l) { l.y.store(1, Store), l.r[1] = l.x.load(Load); }});
}
TEST(litmus, store_buffering) {
  EXPECT_EQ((store_buffering<rlx, rlx>()), any_two);
  EXPECT_EQ((store_buffering<rel, acq>()), any_two);
  EXPECT_EQ((store_buffering<sc, acq>()), any_two);
  EXPECT_EQ((store_buffering<rel, sc>()), any_two);
  EXPECT_EQ((store_buffering<sc, sc>()), not_both_old);
}
template <memory_order Fence>
outcomes store_buffering_with_fences() {
  return found({[](litmus& l) { l.x.store(1, rlx), fence(Fence), l.r[0] = l.y.load(rlx); },
                [](litmus& l) { l.y.store(1, rlx), fence(Fence), l.r[1] = l.x.load(rlx); }});
}
TEST(litmus, store_buffering_with_fences) {
  EXPECT_EQ(store_buffering_with_fences<both>(), any_two);
  EXPECT_EQ(store_buffering_with_fences<sc>(), not_both_old);
}
TEST(litmus, store_buffering_with_a_fence_against_seq_cst_accesses) {
  EXPECT_EQ(found({[](litmus& l) { l.x.store(1, rlx), fence(sc), l.r[0] = l.y.load(rlx); },
                   [](litmus& l) { l.y.store(1, sc), l.r[1] = l.x.load(sc); }}),
            not_both_old);
  EXPECT_EQ(found({[](litmus& l) { l.x.store(1, rlx), fence(sc), l.r[0] = l.y.load(rlx); },
                   [](litmus& l) { l.y.store(1, rel), l.r[1] = l.x.load(sc); }}),
            any_two);
}
TEST(litmus, store_buffering_with_updates) {
  EXPECT_EQ(found({[](litmus& l) { l.x.store(1, rlx), l.r[0] = l.y.fetch_add(0, rlx); },
                   [](litmus& l) { l.y.store(1, rlx), l.r[1] = l.x.fetch_add(0, rlx); }}),
            any_two);
  EXPECT_EQ(
      found({[](litmus& l) { l.x.exchange(1, sc), l.r[0] = l.y.load(sc); }, [](litmus& l) { l.y.exchange(1, sc), l.r[1] = l.x.load(sc); }}),
      not_both_old);
}
// The asymmetric barrier of scheduler/idle.hpp: a plain store and load on one side, the barrier between them on the other.
TEST(litmus, store_buffering_with_a_barrier_of_all_threads) {
  EXPECT_EQ(found({[](litmus& l) { l.x.store(1, rlx), l.r[0] = l.y.load(rlx); },
                   [](litmus& l) { l.y.store(1, rlx), detail::barrier_all_threads(), l.r[1] = l.x.load(rlx); }}),
            not_both_old);
}

// --- MP: one stores x then y, the other loads y then x ---

template <memory_order Store, memory_order Load>
outcomes message_passing() {
  return found(
      {[](litmus& l) { l.x.store(1, rlx), l.y.store(1, Store); }, [](litmus& l) { l.r[0] = l.y.load(Load), l.r[1] = l.x.load(rlx); }});
}
TEST(litmus, message_passing) {
  const outcomes in_order{"00", "01", "11"};
  EXPECT_EQ((message_passing<rlx, rlx>()), any_two);
  EXPECT_EQ((message_passing<rel, rlx>()), any_two);
  EXPECT_EQ((message_passing<rlx, acq>()), any_two);
  EXPECT_EQ((message_passing<rlx, sc>()), any_two);
  EXPECT_EQ((message_passing<sc, rlx>()), any_two);
  EXPECT_EQ((message_passing<rel, acq>()), in_order);
  EXPECT_EQ((message_passing<sc, sc>()), in_order);
}
template <memory_order First, memory_order Second>
outcomes message_passing_with_fences() {
  return found({[](litmus& l) { l.x.store(1, rlx), fence(First), l.y.store(1, rlx); },
                [](litmus& l) { l.r[0] = l.y.load(rlx), fence(Second), l.r[1] = l.x.load(rlx); }});
}
TEST(litmus, message_passing_with_fences) {
  EXPECT_EQ((message_passing_with_fences<rel, acq>()), (outcomes{"00", "01", "11"}));
  EXPECT_EQ((message_passing_with_fences<acq, acq>()), any_two);
  EXPECT_EQ((message_passing_with_fences<rel, rel>()), any_two);
}

// --- LB: each loads, then stores what the other loads ---

template <memory_order Load, memory_order Store>
outcomes load_buffering() {
  return found(
      {[](litmus& l) { l.r[0] = l.x.load(Load), l.y.store(1, Store); }, [](litmus& l) { l.r[1] = l.y.load(Load), l.x.store(1, Store); }},
      {.guesses = ~0U});
}
TEST(litmus, load_buffering) {
  const outcomes one_is_first{"00", "01", "10"};
  EXPECT_EQ((load_buffering<rlx, rlx>()), any_two);
  EXPECT_EQ((load_buffering<acq, rlx>()), any_two);
  EXPECT_EQ((load_buffering<rlx, rel>()), any_two);
  EXPECT_EQ((load_buffering<acq, rel>()), one_is_first);
  EXPECT_EQ((load_buffering<sc, sc>()), one_is_first);
}
TEST(litmus, no_value_comes_out_of_thin_air) {
  EXPECT_EQ(found({[](litmus& l) { l.r[0] = l.x.load(rlx), l.y.store(l.r[0], rlx); },
                   [](litmus& l) { l.r[1] = l.y.load(rlx), l.x.store(l.r[1], rlx); }},
                  {.guesses = ~0U}),
            (outcomes{"00"}));
}

// --- IRIW: two store, two look at both in opposite orders ---

template <memory_order Store, memory_order Load>
bool readers_can_disagree() {
  const outcomes all = found({[](litmus& l) { l.x.store(1, Store); }, [](litmus& l) { l.y.store(1, Store); },
                              [](litmus& l) { l.r[0] = l.x.load(Load), l.r[1] = l.y.load(Load); },
                              [](litmus& l) { l.r[2] = l.y.load(Load), l.r[3] = l.x.load(Load); }},
                             {.results = 4});
  EXPECT_GE(all.size(), 15U);
  return all.contains("1010");
}
TEST(litmus, independent_reads_of_independent_writes) {
  EXPECT_TRUE((readers_can_disagree<rlx, rlx>()));
  EXPECT_TRUE((readers_can_disagree<rel, acq>()));
  EXPECT_TRUE((readers_can_disagree<sc, acq>()));
  EXPECT_FALSE((readers_can_disagree<rel, sc>()));  // the loads alone have one order
  EXPECT_FALSE((readers_can_disagree<sc, sc>()));
}

// --- 2+2W: each stores to both, in opposite orders; the final values ---

template <memory_order Store>
outcomes two_and_two_writes() {
  return found({[](litmus& l) { l.x.store(1, Store), l.y.store(2, Store); }, [](litmus& l) { l.y.store(1, Store), l.x.store(2, Store); }},
               {.results = 0, .finals = true});
}
TEST(litmus, two_and_two_writes) {
  EXPECT_EQ(two_and_two_writes<rlx>(), (outcomes{"11", "12", "21", "22"}));
  EXPECT_EQ(two_and_two_writes<rel>(), (outcomes{"11", "12", "21", "22"}));
  EXPECT_EQ(two_and_two_writes<sc>(), (outcomes{"12", "21", "22"}));
}

// --- coherence of one location ---

TEST(litmus, two_loads_of_one_thread_do_not_go_back) {
  EXPECT_EQ(
      found({[](litmus& l) { l.x.store(1, rlx), l.x.store(2, rlx); }, [](litmus& l) { l.r[0] = l.x.load(rlx), l.r[1] = l.x.load(rlx); }}),
      (outcomes{"00", "01", "02", "11", "12", "22"}));
}
TEST(litmus, two_writers_have_one_order) {
  const outcomes all = found({[](litmus& l) { l.x.store(1, rlx); }, [](litmus& l) { l.x.store(2, rlx); },
                              [](litmus& l) { l.r[0] = l.x.load(rlx), l.r[1] = l.x.load(rlx); },
                              [](litmus& l) { l.r[2] = l.x.load(rlx), l.r[3] = l.x.load(rlx); }},
                             {.results = 4});
  EXPECT_TRUE(all.contains("1212"));
  EXPECT_TRUE(all.contains("2121"));
  EXPECT_FALSE(all.contains("1221"));
  EXPECT_FALSE(all.contains("2112"));
}
TEST(litmus, a_thread_sees_its_own_store) {
  EXPECT_EQ(found({[](litmus& l) { l.x.store(1, rlx), l.r[0] = l.x.load(rlx); }, [](litmus& l) { l.x.store(2, rlx); }}, {.results = 1}),
            (outcomes{"1", "2"}));
}
TEST(litmus, updates_are_never_lost) {
  EXPECT_EQ(
      found({[](litmus& l) { l.x.fetch_add(1, rlx); }, [](litmus& l) { l.x.fetch_add(1, rlx); }, [](litmus& l) { l.x.fetch_add(1, rlx); }},
            {.results = 0, .finals = true}),
      (outcomes{"30"}));
}

// --- release sequences: x is the message, y the word that passes it on ---

TEST(litmus, an_update_continues_a_release_sequence) {
  const outcomes all = found({[](litmus& l) { l.x.store(1, rlx), l.y.store(1, rel); }, [](litmus& l) { l.y.fetch_add(1, rlx); },
                              [](litmus& l) { l.r[0] = l.y.load(acq), l.r[1] = l.x.load(rlx); }});
  EXPECT_TRUE(all.contains("21"));
  EXPECT_FALSE(all.contains("20"));
}
TEST(litmus, a_store_of_the_same_thread_does_not_continue_it) {
  const outcomes all = found({[](litmus& l) { l.x.store(1, rlx), l.y.store(1, rel), l.y.store(2, rlx); },
                              [](litmus& l) { l.r[0] = l.y.load(acq), l.r[1] = l.x.load(rlx); }});
  EXPECT_FALSE(all.contains("10"));
  EXPECT_TRUE(all.contains("20"));
}
TEST(litmus, a_store_of_another_thread_ends_it) {
  const outcomes all = found({[](litmus& l) { l.x.store(1, rlx), l.y.store(1, rel); },
                              [](litmus& l) {
                                if (l.y.load(rlx) == 1) l.y.store(2, rlx);
                              },
                              [](litmus& l) { l.r[0] = l.y.load(acq), l.r[1] = l.x.load(rlx); }});
  EXPECT_FALSE(all.contains("10"));
  EXPECT_TRUE(all.contains("20"));
}

}  // namespace
}  // namespace weft::explorer

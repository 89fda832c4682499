// SPDX-License-Identifier: Apache-2.0
// Every workload by every implementation at its smallest, the answers checked; and the checks themselves against wrong answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "bench/catalogue.hpp"
#include "bench/python/python_process.hpp"
#include "bench/serial/serial_loops.hpp"
#include "bench/serial/serial_runner.hpp"
#include "bench/weft/driven_runner.hpp"
#include "bench/weft/service_runner.hpp"

namespace weft::bench {
namespace {

class every_workload : public testing::TestWithParam<std::tuple<workload_facts, implementation_facts, int>> {};

/// Each workload with each implementation that computes it, on so many threads as both have a use for.
std::vector<std::tuple<workload_facts, implementation_facts, int>> everything_that_can_be_measured() {
  std::vector<std::tuple<workload_facts, implementation_facts, int>> all;
  for (const workload_facts& workload : workloads()) {
    for (const implementation_facts& implementation : implementations()) {
      if (find_measurement(workload.name, implementation.name) == nullptr) continue;
      for (const int threads : {1, 2, 4}) {
        if (threads == 1 || (workload.takes_threads && implementation.takes_threads)) all.emplace_back(workload, implementation, threads);
      }
    }
  }
  return all;
}

TEST_P(every_workload, is_computed_correctly) {
  const auto& [workload, implementation, threads] = GetParam();

  const outcome result = find_measurement(workload.name, implementation.name)(workload.tiny_size, threads);

  EXPECT_TRUE(result.correct);
  EXPECT_GT(result.seconds, 0);
  EXPECT_GE(result.tasks, 1u);
}

INSTANTIATE_TEST_SUITE_P(bench, every_workload, testing::ValuesIn(everything_that_can_be_measured()), [](const auto& of) {
  return std::string(std::get<0>(of.param).name) + "_" + std::string(std::get<1>(of.param).name) + "_" +
         std::to_string(std::get<2>(of.param));
});

TEST(weft, counts_its_steals_and_others_say_that_they_do_not) {
  EXPECT_TRUE(find_measurement("fib", "weft")(10, 1).steals.has_value());
  EXPECT_FALSE(find_measurement("fib", "tbb")(10, 1).steals.has_value());
  EXPECT_FALSE(find_measurement("fib", "serial")(10, 1).steals.has_value());
}

TEST(weft, steals_nothing_with_one_worker) { EXPECT_EQ(find_measurement("skynet", "weft")(3, 1).steals, std::optional<std::uint64_t>(0)); }

timed_answer operator+(timed_answer answer, std::uint64_t more) { return {answer.value + more, answer.seconds}; }

/// An implementation that is off by one from a certain call on: the warm-up is the first, the timed run the second.
template <int FirstWrong, class Right = serial_runner>
class wrong_runner : public Right {
 public:
  using Right::Right;

  template <class Workload>
  auto compute(Workload& work) {
    if constexpr (requires { work.numbers().back() = 0; }) {
      const auto result = Right::compute(work);
      if (++calls_ >= FirstWrong) --work.numbers().back();
      return result;
    } else {
      return Right::compute(work) + (++calls_ >= FirstWrong ? 1U : 0U);
    }
  }
  std::span<const int> compute(matmul& work) {
    const auto result = Right::compute(work);
    if (++calls_ >= FirstWrong) --work.whole().c[result.size() - 1];
    return result;
  }

 private:
  int calls_ = 0;
};

template <class Workload, class Right = serial_runner>
void expect_a_wrong_answer_to_be_noticed() {
  EXPECT_FALSE((measure<wrong_runner<1, Right>, Workload>(Workload::facts.tiny_size, 1).correct));
  EXPECT_FALSE((measure<wrong_runner<2, Right>, Workload>(Workload::facts.tiny_size, 1).correct));
  EXPECT_TRUE((measure<wrong_runner<3, Right>, Workload>(Workload::facts.tiny_size, 1).correct));
}

TEST(a_wrong_answer, is_noticed_in_fib) { expect_a_wrong_answer_to_be_noticed<fib>(); }
TEST(a_wrong_answer, is_noticed_in_skynet) { expect_a_wrong_answer_to_be_noticed<skynet>(); }
TEST(a_wrong_answer, is_noticed_in_nqueens) { expect_a_wrong_answer_to_be_noticed<nqueens>(); }
TEST(a_wrong_answer, is_noticed_in_matmul) { expect_a_wrong_answer_to_be_noticed<matmul>(); }
TEST(a_wrong_answer, is_noticed_in_for) { expect_a_wrong_answer_to_be_noticed<for_loop, serial_loops>(); }
TEST(a_wrong_answer, is_noticed_in_for_heavy) { expect_a_wrong_answer_to_be_noticed<heavy_loop, serial_loops>(); }
TEST(a_wrong_answer, is_noticed_in_for_skewed) { expect_a_wrong_answer_to_be_noticed<skewed_loop, serial_loops>(); }
TEST(a_wrong_answer, is_noticed_in_reduce) { expect_a_wrong_answer_to_be_noticed<reduce, serial_loops>(); }
TEST(a_wrong_answer, is_noticed_in_reduce_heavy) { expect_a_wrong_answer_to_be_noticed<heavy_reduce, serial_loops>(); }
TEST(a_wrong_answer, is_noticed_in_scan) { expect_a_wrong_answer_to_be_noticed<scan, serial_loops>(); }
TEST(a_wrong_answer, is_noticed_in_sort) { expect_a_wrong_answer_to_be_noticed<sort, serial_loops>(); }
TEST(a_wrong_answer, is_noticed_in_send) { expect_a_wrong_answer_to_be_noticed<send, driven_runner>(); }
TEST(a_wrong_answer, is_noticed_in_depth) { expect_a_wrong_answer_to_be_noticed<depth, driven_runner>(); }
TEST(a_wrong_answer, is_noticed_in_generator) { expect_a_wrong_answer_to_be_noticed<values, driven_runner>(); }
TEST(a_wrong_answer, is_noticed_in_timer) { expect_a_wrong_answer_to_be_noticed<live_timers, service_runner>(); }
TEST(a_wrong_answer, is_noticed_in_lateness) { expect_a_wrong_answer_to_be_noticed<lateness, service_runner>(); }
TEST(a_wrong_answer, is_noticed_in_timeout) { expect_a_wrong_answer_to_be_noticed<ready_deadlines, service_runner>(); }
TEST(a_wrong_answer, is_noticed_in_scope) { expect_a_wrong_answer_to_be_noticed<small_children, service_runner>(); }
TEST(a_wrong_answer, is_noticed_in_cancel) { expect_a_wrong_answer_to_be_noticed<cancelled_tree, service_runner>(); }

TEST(lateness, knows_which_sleep_is_asked_for) {
  EXPECT_EQ(lateness(100).rank(), lateness::sleeps() - 1);
  EXPECT_EQ(lateness(99).rank(), 494u);
  EXPECT_EQ(lateness(50).rank(), 249u);
  EXPECT_EQ(lateness(1).rank(), 4u);
}

TEST(cancelled_tree, knows_its_leaves) {
  EXPECT_EQ(cancelled_tree(0).tasks(), 1u);
  EXPECT_EQ(cancelled_tree(5).tasks(), 100'000u);
}

TEST(fib, knows_its_answers_and_its_calls) {
  EXPECT_TRUE(fib(0).accepts(0));
  EXPECT_TRUE(fib(1).accepts(1));
  EXPECT_TRUE(fib(39).accepts(63245986));
  EXPECT_FALSE(fib(39).accepts(63245987));
  EXPECT_EQ(fib(0).tasks(), 1u);
  EXPECT_EQ(fib(2).tasks(), 3u);
  EXPECT_EQ(fib(39).tasks(), 204668309u);
  EXPECT_EQ(fib::warm_up_size(39), 30);
  EXPECT_EQ(fib::warm_up_size(12), 12);
}

TEST(skynet, knows_its_answers_and_its_nodes) {
  EXPECT_TRUE(skynet(0).accepts(0));
  EXPECT_TRUE(skynet(8).accepts(4999999950000000));
  EXPECT_EQ(skynet(0).tasks(), 1u);
  EXPECT_EQ(skynet(8).tasks(), 100000000u + 11111111u);
}

struct search {
  std::uint64_t nodes = 0;
  std::uint64_t solutions = 0;
};

/// Counts with bit masks, so that the table is not checked by the code that uses it.
void count_placements(search& found, unsigned all, unsigned columns, unsigned falling, unsigned rising) {
  ++found.nodes;
  if (columns == all) ++found.solutions;
  for (unsigned open = all & ~(columns | falling | rising); open != 0; open &= open - 1) {
    const unsigned queen = open & (~open + 1);
    count_placements(found, all, columns | queen, (falling | queen) << 1, (rising | queen) >> 1);
  }
}

TEST(nqueens, has_a_table_that_a_different_search_confirms) {
  for (int size = 1; size <= 11; ++size) {
    search found;
    count_placements(found, (1u << size) - 1, 0, 0, 0);

    EXPECT_TRUE(nqueens(size).accepts(found.solutions)) << size;
    EXPECT_EQ(nqueens(size).tasks(), found.nodes) << size;
  }
  EXPECT_TRUE(nqueens(14).accepts(365596));
}

TEST(nqueens, is_computed_at_every_small_size) {
  for (int size = 1; size <= 8; ++size) {
    for (const implementation_facts& one : implementations()) {
      const measurement measure_it = find_measurement("nqueens", one.name);
      if (measure_it != nullptr) EXPECT_TRUE(measure_it(size, 2).correct) << size << " by " << one.name;
    }
  }
}

TEST(matmul, knows_its_answer_and_its_products) {
  EXPECT_EQ(matmul(32).tasks(), 1u);
  EXPECT_EQ(matmul(64).tasks(), 9u);
  EXPECT_EQ(matmul(2048).tasks(), (8u * 262144u - 1) / 7);
  matmul untouched(64);
  EXPECT_FALSE(untouched.accepts(untouched.result()));
  EXPECT_FALSE(untouched.accepts({}));
}

TEST(loops, repeat_what_is_short_and_know_their_elements) {
  EXPECT_EQ(for_loop(10'000).rounds(), 10'000U);
  EXPECT_EQ(for_loop(10'000).tasks(), 100'000'000U);
  EXPECT_EQ(heavy_loop(2'000'000).tasks(), 2'000'000U);
  EXPECT_EQ(sort(10'000).rounds(), 100U);
  for_loop untouched(1000);
  EXPECT_FALSE(untouched.accepts(untouched.numbers()));
}

TEST(send, knows_the_last_number_of_its_round) {
  EXPECT_TRUE(send(1).accepts(0));
  EXPECT_TRUE(send(251).accepts(250));
  EXPECT_TRUE(send(252).accepts(0));
  EXPECT_FALSE(send(252).accepts(1));
  EXPECT_EQ(send(252).tasks(), 252u);
}

TEST(generator, knows_its_sum) {
  EXPECT_TRUE(values(0).accepts(0));
  EXPECT_TRUE(values(2'000'000'000).accepts(1'999'999'999'000'000'000));
}

TEST(python, tells_its_own_peak_and_names_what_it_does_not_know) {
  const outcome result = find_measurement("send", "python")(1000, 1);
  EXPECT_GT(result.peak_rss_kib.value_or(0), 1000);

  try {
    static_cast<void>(compute_in_python("fib", 1, 1));
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "python3 ended with exit status 1");
  }
}

TEST(workloads, start_from_sizes_that_they_allow) {
  for (const workload_facts& one : workloads()) {
    EXPECT_TRUE(one.allows(one.default_size)) << one.name;
    EXPECT_TRUE(one.suite_size == 0 || one.allows(one.suite_size)) << one.name;
    EXPECT_TRUE(one.allows(one.tiny_size)) << one.name;
    EXPECT_FALSE(one.allows(one.smallest - 1)) << one.name;
    EXPECT_FALSE(one.allows(one.largest + 1)) << one.name;
  }
  EXPECT_FALSE(matmul::facts.allows(1000));
}

TEST(catalogue, answers_null_for_what_it_does_not_know) {
  EXPECT_EQ(find_measurement("fib", "nobody"), nullptr);
  EXPECT_EQ(find_measurement("nothing", "weft"), nullptr);
  EXPECT_EQ(find_measurement("send", "tbb"), nullptr);
  EXPECT_EQ(find_workload(""), nullptr);
  EXPECT_EQ(find_implementation("WEFT"), nullptr);
}

}  // namespace
}  // namespace weft::bench

// SPDX-License-Identifier: Apache-2.0
// The README's examples, as they stand there, and what they answer.
// [example]
#include <weft/weft.hpp>

weft::task<long> words_in(const std::string& text) {
  long words = 0;
  for (std::size_t at = 0; (at = text.find_first_not_of(' ', at)) != text.npos; at = text.find(' ', at)) ++words;
  co_return words;
}

weft::task<long> words_in_all(const std::vector<std::string>& pages) {
  // One task a page, on every core. This one resumes after the last of them, so they may borrow what is here.
  auto counts = co_await weft::fork_join(pages.size(), [&](std::size_t i) { return words_in(pages[i]); });
  long sum = 0;
  for (long count : counts) sum += count;
  co_return sum;
}

long count_words(const std::vector<std::string>& pages) {
  weft::scheduler pool;  // as many workers as the process has cores
  return weft::sync_wait(pool, words_in_all(pages));
}
// [/example]

// [coroutine]
using question = weft::coroutine<int, std::optional<int>, std::string>;

question asks() {
  std::optional<int> answer = co_yield 6;  // goes to whoever drives the outermost coroutine
  co_return "got " + std::to_string(answer.value_or(0));
}

question outer() { co_return co_await asks(); }

std::string drive_by_hand() {
  auto c = outer();
  int six = c.send().yielded();       // runs to the first co_yield
  return c.send(7 * six).returned();  // "got 42"
}
// [/coroutine]

// [generator]
struct tree {
  int value;
  std::unique_ptr<tree> left, right;
};

weft::generator<int> in_order(const tree* t) {
  if (t == nullptr) co_return;
  co_yield weft::yield_from(in_order(t->left.get()));  // at any depth a step takes as long
  co_yield t->value;
  co_yield weft::yield_from(in_order(t->right.get()));
}
// [/generator]

// [parallel]
weft::task<double> mean_square(std::vector<double>& samples) {
  co_await weft::parallel_for_each(samples, [](double& x) { x = x * x; });
  const double sum = co_await weft::parallel_reduce(samples, 0.0);  // to the last bit the same on any number of workers
  co_return sum / static_cast<double>(samples.size());
}
// [/parallel]

#include <gtest/gtest.h>

namespace {

TEST(readme_example, counts_the_words_of_all_pages) {
  EXPECT_EQ(count_words({"one", "", "two words", "  three little words "}), 6);
  EXPECT_EQ(count_words({}), 0);
  EXPECT_EQ(count_words(std::vector<std::string>(1000, "a page of five words")), 5000);
}

TEST(readme_example, goes_through_a_tree_in_order) {
  tree root{4, std::make_unique<tree>(2), std::make_unique<tree>(6)};
  root.left->right = std::make_unique<tree>(3);
  std::vector<int> seen;
  for (const int value : in_order(&root)) seen.push_back(value);
  EXPECT_EQ(seen, (std::vector{2, 3, 4, 6}));
}

TEST(readme_example, takes_a_mean_on_all_workers) {
  std::vector<double> samples(1000, 3.0);
  weft::scheduler pool{{.workers = 2}};
  EXPECT_EQ(weft::sync_wait(pool, mean_square(samples)), 9.0);
}

TEST(readme_example, drives_a_coroutine_by_hand) { EXPECT_EQ(drive_by_hand(), "got 42"); }

}  // namespace

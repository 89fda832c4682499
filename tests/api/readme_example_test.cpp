// SPDX-License-Identifier: Apache-2.0
// The README's example, as it stands there, and what it answers.
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

#include <gtest/gtest.h>

namespace {

TEST(readme_example, counts_the_words_of_all_pages) {
  EXPECT_EQ(count_words({"one", "", "two words", "  three little words "}), 6);
  EXPECT_EQ(count_words({}), 0);
  EXPECT_EQ(count_words(std::vector<std::string>(1000, "a page of five words")), 5000);
}

}  // namespace

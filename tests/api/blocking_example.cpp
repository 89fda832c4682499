// SPDX-License-Identifier: Apache-2.0
// Calls that block, and futures of other libraries: they hold a thread, but no worker.
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <future>
#include <optional>
#include <string>
#include <utility>

namespace {

/// Of a pipe, until there is something.
char read_one(int file) {
  char c = 0;
  return ::read(file, &c, 1) == 1 ? c : '?';
}

weft::task<char> read_later(int file) {
  co_return co_await weft::run_blocking([file] { return read_one(file); });
}

weft::task<char> read_if_there_is_a_thread(int file) {
  const std::optional<char> c = co_await weft::try_run_blocking([file] { return read_one(file); });
  co_return c.value_or('-');  // too many calls wait already: refused, and not made
}

weft::task<int> take(std::future<int> theirs) { co_return co_await weft::from_future(std::move(theirs)); }

weft::task<> write_one(int file, char c) {
  EXPECT_EQ(::write(file, &c, 1), 1);
  co_return;
}

struct blocking_example : testing::Test {
  weft::scheduler pool{{.workers = 1, .blocking = {.max_threads = 1, .queue = 0}}};
  std::array<int, 2> ends{};
  blocking_example() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~blocking_example() override {
    ::close(ends[0]);
    ::close(ends[1]);
  }
};

TEST_F(blocking_example, others_run_while_a_call_blocks) {
  std::future<char> got = weft::spawn_future(pool, read_later(ends[0]));
  weft::sync_wait(pool, write_one(ends[1], 'x'));  // there is one worker only, and it is free
  EXPECT_EQ(got.get(), 'x');
}

TEST_F(blocking_example, what_would_have_to_wait_can_be_refused) {
  std::promise<int> theirs;
  std::future<int> taken = weft::spawn_future(pool, take(theirs.get_future()));  // waits by the only thread there may be
  while (weft::sync_wait(pool, read_if_there_is_a_thread(ends[0])) != '-') weft::sync_wait(pool, write_one(ends[1], 'x'));
  theirs.set_value(7);
  EXPECT_EQ(taken.get(), 7);
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// Task locals: the number of a request in every line that is logged for it, without its being passed.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <string>

namespace {

inline weft::task_local<int> request_id;  // 0 where nobody has set it

std::mutex lock;
std::multiset<std::string> lines;

/// A plain function, far below.
void log(const std::string& text) {
  const std::scoped_lock hold(lock);
  lines.insert(std::to_string(request_id.get()) + " " + text);
}

weft::task<> write_to_disk() {
  co_await weft::run_blocking([] { log("written"); });  // on a thread of its own
}

weft::task<> handle() {
  log("begun");
  auto writes = weft::spawn(write_to_disk());  // a task of its own
  co_await std::move(writes);
}

weft::task<> serve() {
  co_await weft::when_all(weft::with_local(request_id, 7, handle()), weft::with_local(request_id, 8, handle()));
  log("done");
}

TEST(task_local_example, what_is_awaited_spawned_or_called_has_the_value) {
  weft::scheduler pool{{.workers = 2}};
  weft::sync_wait(pool, serve());
  EXPECT_EQ(lines, (std::multiset<std::string>{"7 begun", "7 written", "8 begun", "8 written", "0 done"}));
}

}  // namespace

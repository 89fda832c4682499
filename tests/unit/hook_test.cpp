// SPDX-License-Identifier: Apache-2.0
// Hooks of a scheduler that throw: the process ends, and says which hook it was, where, and what to do.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "small_tasks.hpp"

namespace weft {
namespace {

using test::number;

const std::string rule = "; a hook must not throw: catch in it\n";

void throws_on_worker_1(int worker) {
  if (worker == 1) throw std::runtime_error("no place for it");
}
scheduler_options throwing_where_tasks_fail() {
  const auto throws = [](const std::exception_ptr&, std::string_view) { throw std::logic_error("again"); };
  return {.workers = 1, .name = "bees", .on_unhandled = throws};
}
task<> fails() {
  throw std::runtime_error("first");
  co_return;
}

class hook_death : public testing::Test {
 protected:
  hook_death() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(hook_death, a_start_hook_that_throws_is_named) {
  const auto misuse = [] { const scheduler pool{{.workers = 2, .name = "pool", .on_worker_start = throws_on_worker_1}}; };
  EXPECT_DEATH(misuse(), "^weft: on_worker_start: it threw on worker 1 of scheduler pool: no place for it" + rule);
}

TEST_F(hook_death, a_stop_hook_that_throws_is_named) {
  const auto misuse = [] { const scheduler pool{{.workers = 2, .on_worker_stop = throws_on_worker_1}}; };
  EXPECT_DEATH(misuse(), "^weft: on_worker_stop: it threw on worker 1 of scheduler weft: no place for it" + rule);
}

TEST_F(hook_death, a_hook_on_the_thread_of_run_is_named_whatever_it_throws) {
  const auto throws_a_number = [](int) { throw 7; };
  EXPECT_DEATH(run(number(1), {.workers = 1, .name = "host", .on_worker_start = throws_a_number}),
               "^weft: on_worker_start: it threw on worker 0 of scheduler host: an exception that is no std::exception" + rule);
  EXPECT_DEATH(run(number(1), {.workers = 1, .name = "host", .on_worker_stop = throws_a_number}),
               "^weft: on_worker_stop: it threw on worker 0 of scheduler host: an exception that is no std::exception" + rule);
}

TEST_F(hook_death, a_hook_for_failures_that_throws_is_named_with_the_task) {
  const auto misuse = [](std::string_view name) {
    scheduler pool(throwing_where_tasks_fail());
    spawn_detached(pool, fails(), {.name = name});
  };
  EXPECT_DEATH(misuse("drone"), "^weft: on_unhandled: it threw for task drone of scheduler bees: again" + rule);
  EXPECT_DEATH(misuse(""), "^weft: on_unhandled: it threw for task .no name. of scheduler bees: again" + rule);
  const std::string longest(39, 'n');
  EXPECT_DEATH(misuse(longest + "cut off"), "^weft: on_unhandled: it threw for task " + longest + " of scheduler bees: again" + rule);
}

TEST_F(hook_death, a_thread_that_drops_a_failed_handle_is_told_of_its_hook) {
  const auto misuse = [] {
    scheduler pool(throwing_where_tasks_fail());
    const auto handle = spawn(pool, fails(), {.name = "dropped"});
    while (!handle.is_done()) std::this_thread::yield();
  };
  EXPECT_DEATH(misuse(), "^weft: on_unhandled: it threw for task dropped of scheduler bees: again" + rule);
}

// Nothing else may end it: what hooks throw comes by std::terminate, where the exception can still be looked at.
TEST_F(hook_death, the_end_is_that_of_terminate) {
  const auto misuse = [] {
    std::set_terminate([] {
      try {
        throw;
      } catch (const std::exception& e) {
        std::_Exit(std::string_view(e.what()) == "again" ? 7 : 1);
      }
    });
    scheduler pool(throwing_where_tasks_fail());
    spawn_detached(pool, fails());
  };
  EXPECT_EXIT(misuse(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace weft

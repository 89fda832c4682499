// SPDX-License-Identifier: Apache-2.0
// The end of a scope under every schedule: against spawns from elsewhere, the last child, the first failure, turns, joins and results.
#include <weft/scope.hpp>
#include <weft/scope_of.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "explored_pool.hpp"

namespace weft {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;
using test::workers;

/// Where a body shows its scope to another thread.
struct shown_scope {
  std::optional<scope> it;
  detail::atomic<std::uint32_t> is_there{0};

  void show(const scope& s) {
    it.emplace(s);
    is_there.store(1, detail::release);
    detail::futex_wake(&is_there);
  }
  scope& wait() {
    while (is_there.load(detail::acquire) == 0) detail::futex_wait(is_there, 0);
    return *it;
  }
};

task<> writes(int& where) {
  where = 42;
  co_return;
}
task<> writes_later(int& where) {
  co_await yield();
  where = 42;
}
task<> fails(const char* text) {
  co_await yield();
  throw std::runtime_error(text);
}

TEST(scope_model, its_end_against_a_spawn_from_outside) {
  explore([] {
    shown_scope shown;
    int written = 0;  // plain: the end of the scope orders it
    scheduler pool(workers(1));
    const thread outside([&] {
      scope& s = shown.wait();
      task<> t = writes(written);
      try {
        s.spawn(std::move(t));
        explorer::record("spawned");
      } catch (const usage_error&) {
        require(!t.is_empty(), "what is refused is kept");  // NOLINT: that it is still there is the question
        explorer::record("refused");
      }
    });
    const auto runs = [&]() -> task<int> {
      co_await with_scope([&](scope& s) -> task<> {
        shown.show(s);
        co_return;
      });
      co_return written;
    };
    const int seen = sync_wait(pool, runs());
    require(seen == 0 || seen == 42, "a child has ended whole, or never came in");
  });
}

TEST(scope_model, the_last_child_against_the_end_of_the_body) {
  explore([] {
    int a = 0, b = 0;
    scheduler pool(workers(2));
    const auto runs = [&]() -> task<> {
      co_await with_scope([&](scope& s) -> task<> {
        s.spawn(writes(a));
        s.spawn(writes_later(b));
        co_return;
      });
      require(a == 42 && b == 42, "all that children did is seen");
    };
    sync_wait(pool, runs());
  });
}

// The last child's way out, and the body's, in a scope in which nothing else orders the two.
TEST(scope_model, a_child_that_is_let_through_against_a_body_that_ends_after_it) {
  explore([] {
    int lent = 0;
    scheduler pool(workers(2));
    const auto runs = [&]() -> task<> {
      co_await with_scope([&](scope& s) -> task<> {
        s.spawn(writes(lent));
        co_await yield();
        co_await yield();
      });
      require(lent == 42, "what the child did is seen");
      lent = 0;
    };
    sync_wait(pool, runs());
  });
}

TEST(scope_model, a_join_against_children_and_a_spawn_from_outside) {
  explore(
      [] {
        shown_scope shown;
        int a = 0, b = 0;
        scheduler pool(workers(2));
        const thread outside([&] {
          try {
            shown.wait().spawn(writes(b));
          } catch (const usage_error&) {
          }
        });
        const auto runs = [&]() -> task<> {
          co_await with_scope([&](scope& s) -> task<> {
            shown.show(s);
            s.spawn(writes(a));
            co_await s.join();
            require(a == 42, "the child has ended");
            a = 0;
            s.spawn(writes_later(a));
            co_await s.join();
            require(a == 42, "the next one, too");
          });
          require(b == 0 || b == 42, "a child has ended whole, or never came in");
        };
        sync_wait(pool, runs());
      },
      {.share = 0.5});
}

/// What with_scope throws, as text.
template <class Body>
task<std::string> outcome_of(Body body) {
  try {
    co_await with_scope(std::move(body));
  } catch (const exception_group& group) {
    co_return std::string("group of ") + std::to_string(group.failures().size());
  } catch (const std::exception& e) {
    co_return e.what();
  }
  co_return "nothing";
}

TEST(scope_model, the_first_failure_against_completion_and_a_second_one) {
  explore([] {
    int a = 0;
    scheduler pool(workers(2));
    const auto body = [&](scope& s) -> task<> {
      s.spawn(fails("x"));
      s.spawn(writes_later(a));
      s.spawn(fails("y"));
      co_return;
    };
    const auto runs = [&]() -> task<> {
      const std::string got = co_await outcome_of(body);
      require(got == "group of 2", "both failures arrive");
      require(a == 42, "the child has ended");
    };
    sync_wait(pool, runs());
  });
}

// The body waits for one child, and another one fails.
TEST(scope_model, a_failure_against_a_body_that_waits_for_a_child) {
  explore([] {
    int a = 0;
    scheduler pool(workers(2));
    const auto body = [&](scope& s) -> task<> {
      auto handle = s.spawn(writes_later(a));
      s.spawn(fails("x"));
      co_await std::move(handle);
    };
    const auto runs = [&]() -> task<> {
      const std::string got = co_await outcome_of(body);
      require(got == "x" && a == 42, "the failure arrives, and all have ended");
    };
    sync_wait(pool, runs());
  });
}

TEST(scope_model, one_at_a_time) {
  explore(
      [] {
        shown_scope shown;
        int inside = 0, ran = 0;  // plain: turns order them
        scheduler pool(workers(2));
        const auto counts = [](int& in, int& all) -> task<> {
          require(++in == 1, "one at a time");
          co_await yield();
          --in;
          ++all;
        };
        const thread outside([&] { static_cast<void>(shown.wait().try_spawn(counts(inside, ran))); });
        const auto runs = [&]() -> task<> {
          co_await with_scope(
              [&](scope& s) -> task<> {
                s.spawn(counts(inside, ran));
                shown.show(s);
                s.spawn(counts(inside, ran));
                co_return;
              },
              {.max_concurrency = 1});
          require(ran == 2 || ran == 3, "each had its turn");
        };
        sync_wait(pool, runs());
      },
      {.share = 0.5});
}

TEST(scope_model, turns_against_a_failure) {
  explore([] {
    int ran = 0;
    scheduler pool(workers(2));
    const auto counts = [](int& all) -> task<> {
      ++all;
      co_return;
    };
    const auto runs = [&]() -> task<> {
      std::string got = "nothing";
      try {
        co_await with_scope(
            [&](scope& s) -> task<> {
              s.spawn(fails("x"));
              s.spawn(counts(ran));
              co_return;
            },
            {.max_concurrency = 1});
      } catch (const std::runtime_error& e) {
        got = e.what();
      }
      require(got == "x", "who waits for a turn ends, too");
      explorer::record(ran == 0 ? "cancelled" : "started");
    };
    sync_wait(pool, runs());
  });
}

task<int> gives(int value) {
  co_await yield();
  co_return value;
}

TEST(scope_model, results_against_who_waits_for_them) {
  explore([] {
    scheduler pool(workers(2));
    const auto runs = [&]() -> task<> {
      int sum = 0;
      co_await with_scope<int>([&](scope_of<int>& s) -> task<> {
        s.spawn(gives(1));
        s.spawn(gives(2));
        while (std::optional<int> r = co_await s.next()) sum += *r;
      });
      require(sum == 3, "each result is taken once");
    };
    sync_wait(pool, runs());
  });
}

task<int> fails_to_give() {
  throw std::runtime_error("x");
  co_return 0;
}

TEST(scope_model, results_against_a_failure) {
  explore([] {
    scheduler pool(workers(2));
    const auto runs = [&]() -> task<> {
      std::string got = "nothing";
      bool was_whole = false;
      try {
        co_await with_scope<int>([&](scope_of<int>& s) -> task<> {
          s.spawn(gives(1));
          s.spawn(fails_to_give());
          while (std::optional<int> r = co_await s.next()) require(*r == 1, "a result is whole");
          was_whole = true;
        });
      } catch (const std::runtime_error& e) {
        got = e.what();
      }
      require(got == "x" && !was_whole, "the body is told that not all came");
    };
    sync_wait(pool, runs());
  });
}

TEST(scope_model, the_last_handle_against_the_end) {
  explore([] {
    shown_scope shown;
    scheduler pool(workers(1));
    const thread outside([&] {
      scope copy = shown.wait();
      copy.cancel();
    });
    const auto runs = [&]() -> task<> {
      co_await with_scope([&](scope& s) -> task<> {
        shown.show(s);
        co_return;
      });
    };
    sync_wait(pool, runs());
  });
}

// Nothing but the count of its handles orders who frees it.
TEST(scope_model, two_handles_after_the_end) {
  explore([] {
    std::optional<scope> one, other;
    scheduler pool(workers(1));
    const auto runs = [&]() -> task<> {
      co_await with_scope([&](scope& s) -> task<> {
        one.emplace(s);
        other.emplace(s);
        co_return;
      });
    };
    sync_wait(pool, runs());
    const thread drops([&] { one.reset(); });
    const thread tries([&] {
      require(!other->try_spawn(gives(1)), "it has ended");
      other.reset();
    });
  });
}

}  // namespace
}  // namespace weft

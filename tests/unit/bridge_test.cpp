// SPDX-License-Identifier: Apache-2.0
// Awaiting what is not weft's: every result of await_suspend, every way to be resumed, every member that may throw.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "balanced.hpp"
#include "place.hpp"
#include "small_tasks.hpp"

namespace weft {
namespace {

using test::mishap;

using handle = std::coroutine_handle<>;
using test::here;

class bridge_test : public test::balanced {
 protected:
  template <class T>
  T wait(task<T>&& t) {
    return sync_wait(pool_, std::move(t));
  }

 private:
  test::place pool_{1};

  void TearDown() override {
    pool_.stop();
    test::balanced::TearDown();
  }
};

// --- what await_suspend returns ---

struct ready_at_once {
  [[nodiscard]] bool await_ready() const noexcept { return true; }
  void await_suspend(handle) const { ADD_FAILURE() << "it was ready"; }
  [[nodiscard]] int await_resume() const noexcept { return 1; }
};
struct resumed_inline {  // void
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(handle h) const { h.resume(); }
  [[nodiscard]] int await_resume() const noexcept { return 2; }
};
struct says_true {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(handle h) const {
    h.resume();
    return true;
  }
  [[nodiscard]] int await_resume() const noexcept { return 3; }
};
struct says_false {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(handle) const { return false; }
  [[nodiscard]] int await_resume() const noexcept { return 4; }
};
struct gives_the_handle_back {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  handle await_suspend(handle h) const { return h; }
  [[nodiscard]] int await_resume() const noexcept { return 5; }
};
struct gives_a_noop {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  handle await_suspend(handle h) const {
    h.resume();
    return std::noop_coroutine();
  }
  [[nodiscard]] int await_resume() const noexcept { return 6; }
};

task<std::string> awaits_each() {
  std::string all;
  all += std::to_string(co_await ready_at_once());
  all += std::to_string(co_await resumed_inline());
  all += std::to_string(co_await says_true());
  all += std::to_string(co_await says_false());
  all += std::to_string(co_await gives_the_handle_back());
  all += std::to_string(co_await gives_a_noop());
  co_return all;
}

TEST_F(bridge_test, every_result_of_await_suspend_is_honoured) { EXPECT_EQ(wait(awaits_each()), "123456"); }

// A coroutine of somebody else's, to which await_suspend transfers.
struct outsider {
  struct promise_type {
    outsider get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> started;
};
outsider resumes(handle h, int& where) {
  where = here();
  h.resume();
  co_return;
}
struct transfers_to_an_outsider {
  int& where;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  handle await_suspend(handle h) const { return resumes(h, where).started; }
  [[nodiscard]] int await_resume() const noexcept { return 7; }
};
task<int> awaits_a_transfer(int& where) {
  const int n = co_await transfers_to_an_outsider{where};
  co_return n;
}

TEST_F(bridge_test, another_coroutines_handle_is_resumed_on_the_worker) {
  int where = 0;
  EXPECT_EQ(wait(awaits_a_transfer(where)), 7);
  EXPECT_EQ(where, 1);
}

// --- who resumes ---

struct notes_around_resume {
  std::string& notes;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(handle h) const {
    std::string& kept = notes;  // this awaiter may be gone once the task runs
    h.resume();
    kept += "resumed ";
  }
  void await_resume() const noexcept {}
};
task<> goes_on(std::string& notes) {
  co_await notes_around_resume{notes};
  notes += "goes on";
}

TEST_F(bridge_test, no_task_runs_inside_the_foreign_resume) {
  std::string notes;
  wait(goes_on(notes));
  EXPECT_EQ(notes, "resumed goes on");
}

class resumed_by_a_thread {
 public:
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(handle h) {
    std::thread([h] { h.resume(); }).detach();
  }
  [[nodiscard]] int await_resume() const noexcept { return here(); }
};
task<int> awaits_threads() {
  int home = 1;
  for (int i = 0; i < 50; ++i) {
    const int woke_at = co_await resumed_by_a_thread();
    home = home == 1 && woke_at == 1 && here() == 1 ? 1 : 0;
  }
  co_return home;
}

TEST_F(bridge_test, a_task_resumed_by_another_thread_goes_on_at_home) { EXPECT_EQ(wait(awaits_threads()), 1); }

// --- what is awaited ---

struct through_member {
  [[nodiscard]] says_false operator co_await() const noexcept { return {}; }
};
struct through_function {};
[[maybe_unused]] resumed_inline operator co_await(through_function) noexcept { return {}; }

struct immovable {
  immovable() = default;
  immovable(const immovable&) = delete;
  immovable& operator=(const immovable&) = delete;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(handle) {
    ++awaited;
    return false;
  }
  int& await_resume() noexcept { return awaited; }
  int awaited = 0;
};
struct gives_a_box {
  [[nodiscard]] bool await_ready() const noexcept { return true; }
  void await_suspend(handle) const noexcept {}
  [[nodiscard]] std::unique_ptr<int> await_resume() const { return std::make_unique<int>(8); }
};

static_assert(std::is_same_v<await_result<through_member>, int>);
static_assert(std::is_same_v<await_result<immovable&>, int&>);
static_assert(awaitable<std::suspend_never> && !awaitable<int>);

task<> awaits_every_form() {
  const int member = co_await through_member();
  EXPECT_EQ(member, 4);
  const int function = co_await through_function();
  EXPECT_EQ(function, 2);
  immovable local;
  co_await local;
  int& same = co_await local;
  EXPECT_EQ(&same, &local.awaited) << "an lvalue is awaited where it is";
  EXPECT_EQ(local.awaited, 2);
  const std::unique_ptr<int> box = co_await gives_a_box();
  EXPECT_EQ(*box, 8);
  co_await std::suspend_never();
}

TEST_F(bridge_test, operators_lvalues_and_results_of_every_kind_work) { wait(awaits_every_form()); }

// --- who throws ---

enum class member { conversion, ready, suspend, resume };
struct throwing {
  member who;
  struct awaiter {
    member who;
    [[nodiscard]] bool await_ready() const {
      if (who == member::ready) throw mishap("await_ready");
      return false;
    }
    bool await_suspend(handle) const {
      if (who == member::suspend) throw mishap("await_suspend");
      return false;
    }
    void await_resume() const {
      if (who == member::resume) throw mishap("await_resume");
    }
  };
  awaiter operator co_await() const {
    if (who == member::conversion) throw mishap("operator co_await");
    return {who};
  }
};
task<std::string> catches(member who) {
  try {
    co_await throwing{who};
  } catch (const mishap& e) {
    co_return e.what();
  }
  co_return "nothing was thrown";
}

TEST_F(bridge_test, an_exception_of_any_member_reaches_the_task) {
  EXPECT_EQ(wait(catches(member::conversion)), "operator co_await");
  EXPECT_EQ(wait(catches(member::ready)), "await_ready");
  EXPECT_EQ(wait(catches(member::suspend)), "await_suspend");
  EXPECT_EQ(wait(catches(member::resume)), "await_resume");
}

// --- misuse ---

struct destroys_the_handle {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(handle h) const { h.destroy(); }
  void await_resume() const noexcept {}
};
task<> awaits_a_destroyer() { co_await destroys_the_handle(); }

TEST(bridge_death, destroying_the_handle_of_a_waiting_task_ends_the_process) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto misuse = [] {
    scheduler pool{{.workers = 1}};
    sync_wait(pool, awaits_a_destroyer());
  };
  EXPECT_DEATH(misuse(), "weft: coroutine_handle::destroy: a foreign awaitable destroyed the handle of a waiting weft task");
}

}  // namespace
}  // namespace weft

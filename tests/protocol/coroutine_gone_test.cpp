// SPDX-License-Identifier: Apache-2.0
// Rows C11, K01 to K07, K09, K10, K12, K13, O01 to O05, W01, W02: names, what is told as a coroutine goes, and weak references.
#include <weft/coroutine.hpp>
#include <weft/coroutine_hooks.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "protocol_bodies.hpp"

namespace {

using namespace weft::test;
using weft::coroutine_state;

/// Notes what the hooks are told, for as long as it lives.
class told_hooks {
 public:
  told_hooks()
      : never_awaited_(weft::set_never_awaited_hook([this](const std::string& qualname, const std::optional<std::source_location>& origin) {
          notes.push_back("never awaited: " + qualname + (origin ? " from " + std::string(origin->file_name()) : ""));
        })),
        unraisable_(weft::set_unraisable_hook([this](std::exception_ptr failure, const std::string& qualname) {
          notes.push_back("unraisable in " + qualname + ": " + told(failure));
        })) {}
  ~told_hooks() {
    weft::set_never_awaited_hook(std::move(never_awaited_));
    weft::set_unraisable_hook(std::move(unraisable_));
  }
  told_hooks(const told_hooks&) = delete;
  told_hooks& operator=(const told_hooks&) = delete;

  journal notes;

 private:
  weft::never_awaited_hook never_awaited_;
  weft::unraisable_hook unraisable_;
};

numbers named(numbers c, const std::string& qualname) {
  c.set_qualname(qualname);
  return c;
}

TEST(going, K01_W01_a_created_one_was_never_awaited_and_is_called_as_it_is_called_now) {
  const told_hooks hooks;
  {
    auto c = named(named(counts(1), "f"), "renamed");
  }
  EXPECT_EQ(hooks.notes, (journal{"never awaited: renamed"}));
}

TEST(going, K02_a_suspended_one_is_closed_without_a_word) {
  const told_hooks hooks;
  bool was_closed = false;
  const auto notes = [&was_closed]() -> numbers {
    try {
      co_yield 1;
    } catch (const weft::generator_exit&) {
      was_closed = true;
      throw;
    }
    co_return 0;
  };
  {
    auto c = notes();
    static_cast<void>(c.send());
  }
  EXPECT_TRUE(was_closed);
  EXPECT_TRUE(hooks.notes.empty());
}

numbers stubborn(std::shared_ptr<int> held) {
  for (;;) {
    try {
      co_yield *held;
    } catch (const weft::generator_exit&) {
    }
  }
}

TEST(going, K03_one_that_ignores_it_is_told_to_the_unraisable_hook_and_goes_all_the_same) {
  const told_hooks hooks;
  auto held = std::make_shared<int>(1);
  {
    auto c = named(stubborn(held), "stubborn");
    static_cast<void>(c.send());
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(hooks.notes, (journal{"unraisable in stubborn: " + ignored_exit}));
}

TEST(going, K03_one_that_ignores_it_within_a_chain_goes_with_all_that_it_awaits) {
  const told_hooks hooks;
  auto held = std::make_shared<int>(1);
  const auto awaits_again = [&held]() -> numbers {
    for (;;) {
      try {
        co_await named(stubborn(held), "inner");
      } catch (...) {
      }
    }
  };
  {
    auto c = named(awaits_again(), "outer");
    static_cast<void>(c.send());
  }
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(hooks.notes, (journal{"unraisable in inner: " + ignored_exit, "unraisable in outer: " + ignored_exit,
                                  "unraisable in inner: " + ignored_exit}));
}

TEST(going, K04_one_that_raises_is_told_to_the_unraisable_hook) {
  const told_hooks hooks;
  const auto fails = []() -> numbers {
    try {
      co_yield 1;
    } catch (const weft::generator_exit&) {
      throw failure{"k"};
    }
    co_return 0;
  };
  {
    auto c = named(fails(), "fails");
    static_cast<void>(c.send());
  }
  EXPECT_EQ(hooks.notes, (journal{"unraisable in fails: k"}));
}

TEST(going, K05_what_has_ended_goes_without_a_word) {
  const told_hooks hooks;
  {
    auto ended = counts(0);
    static_cast<void>(ended.send());
    auto closed = counts(1);
    closed.close();
    auto thrown = counts(1);
    EXPECT_EQ(outcome_of([&] { return thrown.throw_(failure{"f"}); }), "f");
  }
  EXPECT_TRUE(hooks.notes.empty());
}

TEST(going, K06_a_first_send_that_was_refused_is_no_start) {
  const told_hooks hooks;
  {
    auto c = named(counts(1), "f");
    EXPECT_EQ(outcome_of([&] { return c.send(1); }), just_started);
  }
  EXPECT_EQ(hooks.notes, (journal{"never awaited: f"}));
}

TEST(going, K07_W02_a_hook_that_throws_is_told_to_the_unraisable_hook_and_the_line_is_printed) {
  const told_hooks hooks;
  const auto before =
      weft::set_never_awaited_hook([](const std::string&, const std::optional<std::source_location>&) { throw failure{"hook"}; });
  testing::internal::CaptureStderr();
  {
    auto c = named(counts(1), "f");
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "RuntimeWarning: coroutine 'f' was never awaited\n");
  EXPECT_EQ(hooks.notes, (journal{"unraisable in f: hook"}));
  weft::set_never_awaited_hook(before);
}

TEST(going, K01_without_a_hook_a_line_as_pythons_is_printed) {
  testing::internal::CaptureStderr();
  {
    auto c = named(counts(1), "Q.f");
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "RuntimeWarning: coroutine 'Q.f' was never awaited\n");
}

TEST(going, K09_the_outer_of_a_chain_closes_the_inner_first) {
  journal seen;
  const auto notes = [&seen](std::string name, numbers* inner) -> numbers {
    try {
      if (inner != nullptr)
        co_await *inner;
      else
        co_yield 1;
    } catch (const weft::generator_exit&) {
      seen.push_back(name);
      throw;
    }
    co_return 0;
  };
  auto inner = notes("inner", nullptr);
  {
    auto outer = notes("outer", &inner);
    static_cast<void>(outer.send());
  }
  EXPECT_EQ(seen, (journal{"inner", "outer"}));
  EXPECT_EQ(inner.state(), coroutine_state::closed);
}

TEST(going, C11_K10_a_weak_reference_is_empty_once_the_last_other_one_is_gone_and_while_it_goes) {
  std::optional<weft::weak_coroutine<int, maybe, int>> weak;
  bool was_there = true;
  const auto looks = [&]() -> numbers {
    try {
      co_yield 1;
    } catch (const weft::generator_exit&) {
      was_there = weak->lock().has_value();
      throw;
    }
    co_return 0;
  };
  auto c = std::make_optional(looks());
  weak = c->weak();
  static_cast<void>(c->send());
  ASSERT_TRUE(weak->lock());
  EXPECT_EQ(weak->lock()->state(), coroutine_state::suspended);
  c.reset();
  EXPECT_FALSE(was_there);
  EXPECT_FALSE(weak->lock());
}

TEST(going, K13_a_coroutine_whose_owner_goes_while_it_runs_lives_on_by_the_callers_reference) {
  std::optional<numbers> owner;
  const auto drops = [&owner]() -> numbers {
    owner.reset();
    co_yield 1;
    co_return 2;
  };
  owner.emplace(drops());
  auto caller = owner->view();
  EXPECT_EQ(outcome_of([&] { return caller.send(); }), "yield 1");
  EXPECT_EQ(outcome_of([&] { return caller.send(); }), "return 2");
}

TEST(going, K12_coroutines_that_are_still_there_at_the_end_of_the_process_go_as_others_do) {
  const auto exits = [] {
    static const numbers created = named(counts(1), "created");
    static numbers suspended = counts(1);
    static_cast<void>(suspended.send());
    std::exit(0);
  };
  EXPECT_EXIT(exits(), testing::ExitedWithCode(0), "^RuntimeWarning: coroutine 'created' was never awaited\n$");
}

TEST(going, while_it_runs_without_a_reference_ends_the_process_and_says_what_to_do) {
  const auto destroys = [] {
    std::optional<numbers> only;
    const auto drops = [&only]() -> numbers {
      only.reset();
      co_return 1;
    };
    only.emplace(drops());
    static_cast<void>(only->send());
  };
  EXPECT_DEATH(destroys(),
               "weft: ~coroutine: the coroutine is running: whoever sends to it must keep a reference to it until that call returns");
}

TEST(going, from_within_its_own_parameter_ends_the_process_and_says_what_to_do) {
  struct lets_go {
    std::optional<numbers>* at;
    ~lets_go() { at->reset(); }
  };
  const auto destroys = [](bool is_started) {
    std::optional<numbers> only;
    const auto holds = [](std::unique_ptr<lets_go>) -> numbers {
      co_yield 1;
      co_return 1;
    };
    only.emplace(holds(std::make_unique<lets_go>(&only)));
    if (is_started) static_cast<void>(only->send());
    only->close();
  };
  for (const bool is_started : {false, true}) EXPECT_DEATH(destroys(is_started), "weft: ~coroutine: the coroutine is running: whoever");
}

TEST(going, sent_to_from_within_its_own_finaliser_says_that_it_is_executing) {
  numbers* self = nullptr;
  std::string seen;
  const auto sends = [&]() -> numbers {
    try {
      co_yield 1;
    } catch (const weft::generator_exit&) {
      seen = outcome_of([&] { return self->send(); });
      throw;
    }
    co_return 0;
  };
  {
    auto c = sends();
    self = &c;
    static_cast<void>(c.send());
  }
  EXPECT_EQ(seen, already_executing);
}

numbers from_here(std::source_location) { co_return 0; }

TEST(origin, O01_is_not_tracked_at_first) {
  auto c = counts(1);
  EXPECT_FALSE(c.origin());
  c.close();
}

TEST(origin, O02_O05_is_where_a_parameter_says_or_the_function_itself_and_the_warning_tells_it) {
  EXPECT_EQ(weft::set_origin_tracking_depth(1), 0);
  testing::internal::CaptureStderr();
  const std::source_location here = std::source_location::current();
  {
    auto c = named(from_here(here), "f");
    ASSERT_TRUE(c.origin());
    EXPECT_EQ(c.origin()->line(), here.line());
    EXPECT_STREQ(c.origin()->file_name(), here.file_name());
  }
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_EQ(printed.find("RuntimeWarning: coroutine 'f' was never awaited\nCoroutine created at (most recent call last)\n  File \""), 0U)
      << printed;
  auto c = counts(1);
  ASSERT_TRUE(c.origin());
  EXPECT_NE(std::string(c.origin()->file_name()).find("protocol_bodies.hpp"), std::string::npos);
  c.close();
  EXPECT_EQ(weft::set_origin_tracking_depth(0), 1);
}

TEST(origin, O03_refuses_a_negative_depth_and_keeps_the_setting) {
  EXPECT_EQ(outcome_of([] { static_cast<void>(weft::set_origin_tracking_depth(-1)); }), "ValueError: depth must be >= 0");
  EXPECT_EQ(weft::set_origin_tracking_depth(0), 0);
}

TEST(origin, O02_O03_of_any_depth_is_one_place) {
  EXPECT_EQ(weft::set_origin_tracking_depth(1'000'000), 0);
  auto c = counts(1);
  EXPECT_TRUE(c.origin());
  EXPECT_EQ(weft::set_origin_tracking_depth(0), 1'000'000);
  c.close();
}

TEST(origin, O04_is_tracked_on_all_threads_once_one_asks_for_it) {
  std::thread([] { EXPECT_EQ(weft::set_origin_tracking_depth(1), 0); }).join();
  auto c = counts(1);
  EXPECT_TRUE(c.origin());
  EXPECT_EQ(weft::set_origin_tracking_depth(0), 1);
  c.close();
}

}  // namespace

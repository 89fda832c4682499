// SPDX-License-Identifier: Apache-2.0
// Bodies written in C++ as objects for C, and coroutines that several threads of C hold.
#include <weft/c_wrap.hpp>
#include <weft/coroutine_hooks.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "c_bodies.hpp"

namespace {

using namespace weft::test;
using weft::c_coroutine;
using weft::c_value;

c_value number(std::intptr_t n) { return c_value(reinterpret_cast<void*>(n)); }

/// Yields 1, and what it is sent, and returns 3.
c_coroutine echoes() {
  c_value got = co_yield number(1);
  co_yield std::move(got);
  co_return number(3);
}
c_coroutine raises(std::exception_ptr failure) {
  co_yield number(1);
  std::rethrow_exception(failure);
}
c_coroutine catches_user_error() {
  try {
    co_yield number(1);
  } catch (const weft::c_error& e) {
    co_return e.payload();
  }
  co_return c_value();
}

TEST(c_wrap, a_body_in_cpp_is_a_coroutine_as_any_other) {
  weft_coro_object* const c = weft::wrap(echoes());
  EXPECT_EQ(weft_coro_check_exact(c), 1);
  EXPECT_NE(std::string(weft_coro_get_qualname(c)).find("echoes"), std::string::npos);
  EXPECT_EQ(weft_coro_get_state(c), WEFT_CORO_CREATED);
  EXPECT_EQ(sent(c), "yield 1");
  EXPECT_EQ(sent(c, bits(2)), "yield 2");
  EXPECT_EQ(weft_coro_get_await(c), nullptr);
  EXPECT_EQ(sent(c), "return 3");
  EXPECT_EQ(weft_coro_release(c), 0);
}

TEST(c_wrap, a_body_in_c_awaits_it) {
  weft_coro_object* const outer = coroutine_of(awaiting(weft::wrap(echoes())));
  EXPECT_EQ(sent(outer), "yield 1");
  EXPECT_EQ(sent(outer, bits(7)), "yield 7");
  EXPECT_EQ(sent(outer), "return 103");
  weft_coro_release(outer);
}

TEST(c_wrap, each_exception_of_cpp_has_a_code) {
  const auto told = [](auto failure) {
    weft_coro_object* const c = weft::wrap(raises(std::make_exception_ptr(std::move(failure))));
    sent(c);
    const std::string said = sent(c);
    weft_coro_release(c);
    return said;
  };
  EXPECT_EQ(told(weft::type_error("t")), "TypeError: t");
  EXPECT_EQ(told(weft::stop_iteration()), "RuntimeError: coroutine raised StopIteration");
  EXPECT_EQ(told(weft::usage_error("u")), "SystemError: u");
  EXPECT_EQ(told(weft::generator_exit()), "GeneratorExit: GeneratorExit");
  EXPECT_EQ(told(std::bad_alloc()), "MemoryError: out of memory");
  EXPECT_EQ(told(std::out_of_range("o")), "user: o");
  EXPECT_EQ(told(5), "user: an exception that is no std::exception");
}

TEST(c_wrap, each_code_is_an_exception_that_keeps_it) {
  for (int code = WEFT_CORO_E_TYPE; code <= WEFT_CORO_E_HANDLE; ++code) {
    weft_coro_exc* const exc = weft_coro_exc_new(static_cast<weft_coro_errc>(code), "m");
    EXPECT_EQ(weft_coro_exc_code(exc), code);
    weft_coro_exc_release(exc);
  }
}

TEST(c_wrap, what_c_throws_arrives_with_its_payload) {
  weft_coro_object* const c = weft::wrap(catches_user_error());
  EXPECT_EQ(sent(c), "yield 1");
  weft_coro_exc* const exc = weft_coro_exc_user(bits(8));
  weft_coro_value out = none;
  EXPECT_EQ(weft_coro_throw(c, exc, &out), WEFT_CORO_RETURN);
  EXPECT_EQ(number_in(out), 8);
  weft_coro_exc_release(exc);
  weft_coro_release(c);
}

TEST(c_wrap, one_that_was_moved_from_is_refused) {
  c_coroutine body = echoes();
  c_coroutine taken = std::move(body);
  EXPECT_THROW(static_cast<void>(weft::wrap(std::move(body))), weft::usage_error);  // NOLINT
  taken.close();
}

TEST(c_wrap, origin_is_told_of_a_body_in_cpp) {
  std::string told;
  weft_coro_set_unawaited_hook(
      [](const char* qualname, const char* origin, void* user) {
        *static_cast<std::string*>(user) = std::string(qualname) + " " + (origin == nullptr ? "nowhere" : origin);
      },
      &told);
  weft_coro_set_origin_tracking_depth(1);
  weft_coro_release(weft::wrap(echoes()));
  EXPECT_NE(told.find("c_wrap_test.cpp:"), std::string::npos) << told;
  weft_coro_release(coroutine_of(counting(1)));
  EXPECT_EQ(told, "body nowhere");
  weft_coro_set_origin_tracking_depth(0);
  weft_coro_set_unawaited_hook(nullptr, nullptr);
}

TEST(c_wrap, the_last_reference_may_go_on_any_thread_while_others_send) {
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> destroyed{0};
    struct state {
      std::atomic<int>& destroyed;
    };
    weft_coro_frame_ops ops{sizeof ops, "shared", nullptr, [](void* s) {
                              ++static_cast<state*>(s)->destroyed;
                              delete static_cast<state*>(s);
                            }};
    ops.step = [](void*, int signal, weft_coro_value, weft_coro_exc* exc, weft_coro_value*, weft_coro_object**) -> int {
      if (signal == WEFT_CORO_SENT) return WEFT_CORO_NEXT;
      weft_coro_err_restore(weft_coro_exc_retain(exc));
      return WEFT_CORO_ERROR;
    };
    weft_coro_object* const c = weft_coro_new(weft_coro_frame_new(&ops, new state{destroyed}), nullptr, nullptr);
    ASSERT_EQ(sent(c), "yield 0");
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 3; ++i)
        threads.emplace_back([c] {
          std::string said;
          while (!said.starts_with("handle")) {
            said = sent(c);
            std::this_thread::yield();  // whoever releases it needs a core, too
            ASSERT_TRUE(said == "yield 0" || said.starts_with("ValueError") || said.starts_with("handle")) << said;
          }
        });
      threads.emplace_back([c] { EXPECT_EQ(weft_coro_release(c), 0); });
    }
    EXPECT_EQ(destroyed, 1);
  }
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// The C interface without memory: each request in turn fails. The call says so, what it was given goes once, and nothing is left over.
// Row Y06 of the protocol.
#include <weft/c_wrap.hpp>
#include <weft/frames.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "balanced.hpp"
#include "c_bodies.hpp"
#include "failing_memory.hpp"
#include "fault_point.hpp"

namespace {

using namespace weft::test;

class c_api_fault : public balanced {
 public:
  static void SetUpTestSuite() {
    ASSERT_TRUE(weft::choose_frame_source(weft::frame_source::heap)) << "each frame is a request";
    weft_coro_set_unawaited_hook([](const char*, const char*, void*) { FAIL() << "nobody could have awaited it"; }, nullptr);
    weft_coro_release(closed(coroutine_of(counting(1))));  // what is made once is made now
  }
  static weft_coro_object* closed(weft_coro_object* c) {
    weft_coro_close(c);
    return c;
  }
};

/// Lets request 0, 1, 2... of `call` fail, until none of them is left to fail; again and again, until that was often enough. `call` gives
/// whether it succeeded, and `afterwards` looks at what is left.
void fail_each(fault_point& fault, after_failure then, const std::function<bool()>& call, const std::function<void()>& afterwards) {
  for (long round = 0; round < 1000 && !fault.is_covered(); ++round) {
    for (long met = 0;; ++met) {
      ASSERT_LT(met, 100) << "it does not come to an end";
      bool has_succeeded = false;
      long failed = 0;
      {
        failing_memory memory(met, then);
        has_succeeded = call();
        failed = failing_memory::stop();
      }
      if (failed != 0) {
        ASSERT_FALSE(has_succeeded);
        ASSERT_EQ(error_told(), "MemoryError: out of memory");
        fault.hit();
      }
      afterwards();
      if (failed == 0) break;
    }
  }
}

TEST_F(c_api_fault, Y06_new_takes_the_frame_also_if_memory_is_out) {
  for (const after_failure then : {after_failure::works_again, after_failure::fails_on}) {
    fault_point fault("weft_coro_new without memory");
    int destroyed = 0;
    weft_coro_object* c = nullptr;
    weft_coro_frame* frame = nullptr;
    const auto make_frame = [&] {
      destroyed = 0;
      frame = frame_of(counting(1), &destroyed);
    };
    make_frame();
    fail_each(
        fault, then, [&] { return (c = weft_coro_new(frame, "a name too long for a string to keep in itself", nullptr)) != nullptr; },
        [&] {
          if (c != nullptr) {
            EXPECT_EQ(destroyed, 0);
            EXPECT_EQ(weft_coro_close(c), 0);
            EXPECT_EQ(weft_coro_release(c), 0);
          }
          EXPECT_EQ(destroyed, 1);
          EXPECT_EQ(weft_coro_frame_release(frame), -1) << "it was taken";
          weft_coro_err_clear();
          make_frame();
        });
    weft_coro_frame_release(frame);
  }
}

TEST_F(c_api_fault, a_frame_and_an_object_take_their_state_also_if_memory_is_out) {
  static int destroyed;
  int state = 0;
  const auto destroy = [](void*) { ++destroyed; };
  const weft_coro_frame_ops frame_ops{sizeof frame_ops, nullptr, c_steps::call, destroy};
  const weft_coro_object_ops object_ops{sizeof object_ops, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, destroy};
  fault_point no_frame("weft_coro_frame_new without memory");
  weft_coro_frame* frame = nullptr;
  destroyed = 0;
  fail_each(
      no_frame, after_failure::works_again, [&] { return (frame = weft_coro_frame_new(&frame_ops, &state)) != nullptr; },
      [&] {
        weft_coro_frame_release(frame);
        EXPECT_EQ(std::exchange(destroyed, 0), 1);
      });
  fault_point no_object("weft_coro_object_new without memory");
  weft_coro_object* object = nullptr;
  fail_each(
      no_object, after_failure::works_again, [&] { return (object = weft_coro_object_new(&object_ops, &state)) != nullptr; },
      [&] {
        weft_coro_release(object);
        EXPECT_EQ(std::exchange(destroyed, 0), 1);
      });
}

TEST_F(c_api_fault, an_exception_is_not_made_and_one_that_cannot_be_fetched_is_replaced) {
  fault_point not_made("weft_coro_exc_new without memory");
  weft_coro_exc* exc = nullptr;
  const auto release = [&] { weft_coro_exc_release(std::exchange(exc, nullptr)); };
  fail_each(
      not_made, after_failure::works_again,
      [&] { return (exc = weft_coro_exc_new(WEFT_CORO_E_VALUE, "a text too long for a string to keep in itself")) != nullptr; }, release);
  fault_point not_fetched("weft_coro_err_fetch without memory");
  fail_each(
      not_fetched, after_failure::works_again,
      [&] {
        weft_coro_err_set(WEFT_CORO_E_GENERATOR_EXIT, nullptr);
        return (exc = weft_coro_err_fetch()) != nullptr;
      },
      release);
}

TEST_F(c_api_fault, a_coroutine_s_life_ends_once_wherever_memory_is_out) {
  fault_point fault("a request in a coroutine's life");
  int destroyed = 0;
  weft_coro_object* c = nullptr;
  weft_coro_exc* const exc = weft_coro_exc_new(WEFT_CORO_E_VALUE, "v");
  const auto make = [&] { c = coroutine_of(counting(3), &destroyed); };
  make();
  fail_each(
      fault, after_failure::works_again,
      [&] {
        weft_coro_value out = none;
        weft_coro_object* const view = weft_coro_await(c);
        const bool has_ended = view != nullptr && weft_coro_send(view, none, &out) == WEFT_CORO_NEXT && weft_coro_repr(c) != nullptr &&
                               weft_coro_throw(c, exc, &out) == WEFT_CORO_ERROR && weft_coro_err_code() == WEFT_CORO_E_VALUE;
        weft_coro_release(view);
        return has_ended;
      },
      [&] {
        weft_coro_err_clear();
        weft_coro_release(closed(c));
        EXPECT_EQ(std::exchange(destroyed, 0), 1);
        make();
      });
  weft_coro_release(closed(c));
  weft_coro_exc_release(exc);
}

}  // namespace

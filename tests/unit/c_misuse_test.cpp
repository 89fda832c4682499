// SPDX-License-Identifier: Apache-2.0
// The C interface used wrongly: each mistake is an error of its call that says what is wrong, and nothing else happens.
#include <weft/weft.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>
#include <utility>

#include "c_bodies.hpp"

namespace {

using namespace weft::test;

/// Every call with an object, by name, with what it gives on failure.
std::string told_of_each(weft_coro_object* object, const std::string& complaint) {
  weft_coro_value out = bits(99);
  std::string wrong;
  const auto expect = [&](const std::string& call, bool has_failed) {
    const std::string told = error_told();
    if (!has_failed || told != complaint.substr(0, complaint.find('@')) + call + complaint.substr(complaint.find('@') + 1))
      wrong += call + ": " + told + "\n";
  };
  expect("weft_coro_send", weft_coro_send(object, none, &out) == WEFT_CORO_ERROR && out.data == nullptr);
  weft_coro_exc* const exc = weft_coro_exc_new(WEFT_CORO_E_VALUE, "v");
  expect("weft_coro_throw", weft_coro_throw(object, exc, &out) == WEFT_CORO_ERROR);
  weft_coro_exc_release(exc);
  expect("weft_coro_close", weft_coro_close(object) == -1);
  expect("weft_coro_await", weft_coro_await(object) == nullptr);
  expect("weft_coro_typeof", weft_coro_typeof(object) == nullptr);
  expect("weft_coro_can", weft_coro_can(object, WEFT_CORO_CAN_SEND) == -1);
  expect("weft_coro_get_state", weft_coro_get_state(object) == -1);
  expect("weft_coro_get_await", weft_coro_get_await(object) == nullptr);
  expect("weft_coro_get_name", weft_coro_get_name(object) == nullptr);
  expect("weft_coro_get_qualname", weft_coro_get_qualname(object) == nullptr);
  expect("weft_coro_repr", weft_coro_repr(object) == nullptr);
  expect("weft_coro_set_name", weft_coro_set_name(object, "n") == -1);
  expect("weft_coro_set_qualname", weft_coro_set_qualname(object, "q") == -1);
  if (object == nullptr) return wrong;
  expect("weft_coro_retain", weft_coro_retain(object) == nullptr);
  expect("weft_coro_release", weft_coro_release(object) == -1);
  return wrong;
}

TEST(c_misuse, no_object_is_a_type_error_of_each_call) {
  EXPECT_EQ(told_of_each(nullptr, "TypeError: @: the object is NULL"), "");
  EXPECT_EQ(weft_coro_retain(nullptr), nullptr);
  EXPECT_EQ(done(weft_coro_release(nullptr)), "done");
  EXPECT_EQ(error_told(), "no error");
}

TEST(c_misuse, an_object_that_was_released_is_refused_by_each_call) {
  weft_coro_object* const c = coroutine_of(counting(1));
  weft_coro_close(c);
  EXPECT_EQ(weft_coro_release(c), 0);
  const std::string complaint = "handle: @: the object was released, or the handle never was one";
  EXPECT_EQ(told_of_each(c, complaint), "");
  weft_coro_object* const next = coroutine_of(counting(1));
  EXPECT_EQ(told_of_each(c, complaint), "") << "also when its slot is in use again";
  weft_coro_close(next);
  EXPECT_EQ(sent(next), "RuntimeError: cannot reuse already awaited coroutine");
  weft_coro_release(next);
}

TEST(c_misuse, a_handle_that_was_made_up_is_refused_by_each_call) {
  const int local = 0;
  weft_coro_object* const c = coroutine_of(counting(1));
  for (const std::uintptr_t forged : {std::uintptr_t{1}, reinterpret_cast<std::uintptr_t>(&local), ~std::uintptr_t{0},
                                      reinterpret_cast<std::uintptr_t>(c) + (std::uintptr_t{1} << 32)})
    EXPECT_EQ(told_of_each(reinterpret_cast<weft_coro_object*>(forged), "handle: @: the object was released, or the handle never was one"),
              "");
  weft_coro_close(c);
  weft_coro_release(c);
}

TEST(c_misuse, a_handle_of_another_kind_is_a_type_error_of_each_call) {
  weft_coro_exc* const exc = weft_coro_exc_new(WEFT_CORO_E_VALUE, "v");
  EXPECT_EQ(told_of_each(reinterpret_cast<weft_coro_object*>(exc), "TypeError: @: the object is none: the handle is of another kind"), "");
  weft_coro_object* const c = coroutine_of(counting(1));
  EXPECT_EQ(weft_coro_exc_code(reinterpret_cast<weft_coro_exc*>(c)), WEFT_CORO_E_NONE);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_exc_code: the exception is none: the handle is of another kind");
  EXPECT_EQ(weft_coro_new(reinterpret_cast<weft_coro_frame*>(c), nullptr, nullptr), nullptr);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_new: the frame is none: the handle is of another kind");
  EXPECT_STREQ(weft_coro_exc_message(exc), "v") << "nothing happened to it";
  weft_coro_exc_release(exc);
  weft_coro_close(c);
  weft_coro_release(c);
}

TEST(c_misuse, what_a_thread_was_told_goes_with_it) {  // LeakSanitizer looks
  weft_coro_object* const c = coroutine_of(counting(1));
  std::thread([c] {
    EXPECT_NE(weft_coro_set_qualname(c, "a name that takes memory to keep, more than a small text does"), -1);
    EXPECT_NE(weft_coro_repr(c), nullptr);
    EXPECT_EQ(weft_coro_set_name(c, nullptr), -1);
  }).join();
  weft_coro_close(c);
  weft_coro_release(c);
}

TEST(c_misuse, an_object_that_is_no_coroutine_has_no_state_and_no_name) {
  weft_coro_object* const own = object_of({}, "list");
  EXPECT_EQ(weft_coro_get_state(own), -1);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_get_state: a 'list' object is no coroutine");
  EXPECT_EQ(weft_coro_repr(own), nullptr);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_repr: a 'list' object is no coroutine");
  EXPECT_EQ(thrown(own, WEFT_CORO_E_VALUE, "v"), "AttributeError: 'list' object has no attribute 'throw'");
  EXPECT_EQ(done(weft_coro_close(own)), "AttributeError: 'list' object has no attribute 'close'");
  weft_coro_release(own);
}

TEST(c_misuse, null_arguments_are_type_errors) {
  weft_coro_object* const c = coroutine_of(counting(2));
  weft_coro_value out = none;
  EXPECT_EQ(sent(c), "yield 1");
  EXPECT_EQ(weft_coro_send(c, none, nullptr), WEFT_CORO_ERROR);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_send: out is NULL");
  EXPECT_EQ(weft_coro_throw(c, nullptr, &out), WEFT_CORO_ERROR);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_throw: the exception is NULL");
  EXPECT_EQ(weft_coro_get_state(c), WEFT_CORO_SUSPENDED);
  EXPECT_EQ(sent(c), "yield 2") << "it went on as if nothing had been";
  EXPECT_EQ(weft_coro_frame_new(nullptr, nullptr), nullptr);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_frame_new: ops is NULL");
  EXPECT_EQ(weft_coro_object_new(nullptr, nullptr), nullptr);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_object_new: ops is NULL");
  const weft_coro_frame_ops small{8, nullptr, nullptr, nullptr};
  EXPECT_EQ(weft_coro_frame_new(&small, nullptr), nullptr);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_frame_new: ops->size is not sizeof(weft_coro_frame_ops)");
  EXPECT_EQ(weft_coro_type_name(nullptr), nullptr);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_type_name: the pointer is to no type of weft's");
  EXPECT_EQ(weft_coro_can(c, static_cast<weft_coro_ability>(5)), -1);
  EXPECT_EQ(error_told(), "ValueError: weft_coro_can: the ability is none of weft_coro_ability");
  EXPECT_EQ(weft_coro_release(c), 0);
}

TEST(c_misuse, a_generator_based_coroutine_needs_a_frame_and_is_refused_once_it_was_released) {
  EXPECT_EQ(weft_coro_generator_coroutine_new(nullptr, "n", "q"), nullptr);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_generator_coroutine_new: the frame is NULL");
  weft_coro_object* const g = generator_coroutine_of(counting(1));
  EXPECT_EQ(weft_coro_release(g), 0);
  EXPECT_EQ(told_of_each(g, "handle: @: the object was released, or the handle never was one"), "");
}

TEST(c_misuse, an_exception_that_was_released_is_refused) {
  weft_coro_exc* const exc = weft_coro_exc_new(WEFT_CORO_E_VALUE, "v");
  weft_coro_value out = none;
  EXPECT_EQ(weft_coro_exc_value(exc, nullptr), -1);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_exc_value: out is NULL");
  EXPECT_EQ(done(weft_coro_exc_release(exc)), "done");
  EXPECT_EQ(done(weft_coro_exc_release(exc)), "handle: weft_coro_exc_release: the exception was released, or the handle never was one");
  EXPECT_EQ(weft_coro_exc_message(exc), nullptr);
  EXPECT_EQ(error_told(), "handle: weft_coro_exc_message: the exception was released, or the handle never was one");
  EXPECT_EQ(weft_coro_exc_value(exc, &out), -1);
  EXPECT_EQ(error_told(), "handle: weft_coro_exc_value: the exception was released, or the handle never was one");
  EXPECT_EQ(weft_coro_exc_is(exc, exc), -1);
  EXPECT_EQ(error_told(), "handle: weft_coro_exc_is: the exception was released, or the handle never was one");
  EXPECT_EQ(weft_coro_exc_retain(exc), nullptr);
  EXPECT_EQ(error_told(), "handle: weft_coro_exc_retain: the exception was released, or the handle never was one");
  weft_coro_err_restore(exc);
  EXPECT_EQ(error_told(), "handle: weft_coro_err_restore: the exception was released, or the handle never was one");
  EXPECT_EQ(weft_coro_exc_retain(nullptr), nullptr);
  EXPECT_EQ(done(weft_coro_exc_release(nullptr)), "done");
}

TEST(c_misuse, the_error_slot_takes_errors_only) {
  const std::string names_none = " names no error; give one of weft_coro_errc other than WEFT_CORO_E_NONE";
  weft_coro_err_set(WEFT_CORO_E_NONE, "x");
  EXPECT_EQ(error_told(), "SystemError: weft_coro_err_set: code 0" + names_none);
  weft_coro_err_set(static_cast<weft_coro_errc>(12), "x");
  EXPECT_EQ(error_told(), "SystemError: weft_coro_err_set: code 12" + names_none);
  EXPECT_EQ(weft_coro_exc_new(WEFT_CORO_E_NONE, "x"), nullptr);
  EXPECT_EQ(error_told(), "SystemError: weft_coro_exc_new: code 0" + names_none);
  weft_coro_err_set(WEFT_CORO_E_VALUE, nullptr);
  EXPECT_EQ(error_told(), "ValueError: ");
  EXPECT_EQ(weft_coro_err_fetch(), nullptr);
  EXPECT_EQ(weft_coro_err_message(), nullptr);
}

TEST(c_misuse, a_step_that_gives_no_result_ends_its_coroutine) {
  const auto told = [](std::function<int(const c_call&)> step) {
    int destroyed = 0;
    weft_coro_object* const c = coroutine_of(std::move(step), &destroyed);
    const std::string said = sent(c);
    EXPECT_EQ(weft_coro_get_state(c), WEFT_CORO_CLOSED);
    EXPECT_EQ(destroyed, 1);
    weft_coro_release(c);
    return said;
  };
  const std::string of_body = "SystemError: the step function of 'body' gave ";
  EXPECT_EQ(told([](const c_call&) { return 17; }),
            of_body + "17, which is no result of a step; give one of weft_coro_send_result or WEFT_CORO_AWAIT");
  EXPECT_EQ(told([](const c_call& c) { return *c.out = bits(1), -2; }),
            of_body + "-2, which is no result of a step; give one of weft_coro_send_result or WEFT_CORO_AWAIT");
  EXPECT_EQ(told([](const c_call&) { return WEFT_CORO_ERROR + 0; }),
            of_body + "WEFT_CORO_ERROR and set no error; call weft_coro_err_set() or weft_coro_err_restore() before");
  EXPECT_EQ(told([](const c_call& c) { return c.awaits(nullptr); }), of_body + "WEFT_CORO_AWAIT and no object; set *await_on");
  EXPECT_EQ(told([](const c_call& c) { return weft_coro_err_set(WEFT_CORO_E_USER, "but"), c.yields(1); }),
            of_body + "a result with an error set, which gives WEFT_CORO_ERROR: but");
}

TEST(c_misuse, an_object_s_function_that_gives_no_result_is_an_error_of_the_call) {
  c_own own;
  own.next = [](weft_coro_value*) { return 5; };
  own.send = [](weft_coro_value, weft_coro_value*) { return WEFT_CORO_ERROR + 0; };
  own.close = [] { return -1; };
  weft_coro_object* const object = object_of(own);
  EXPECT_EQ(sent(object), "SystemError: the 'next' of a 'own' object gave 5, which is none of weft_coro_send_result");
  EXPECT_EQ(sent(object, bits(1)), "SystemError: the 'send' of a 'own' object gave WEFT_CORO_ERROR and set no error");
  EXPECT_EQ(done(weft_coro_close(object)), "SystemError: the 'close' of a 'own' object failed and set no error");
  weft_coro_release(object);
  EXPECT_EQ(weft_coro_as_coroutine([](void*) { return static_cast<weft_coro_object*>(nullptr); }, nullptr), nullptr);
  EXPECT_EQ(error_told(), "SystemError: weft_coro_as_coroutine: the function gave NULL and set no error");
}

TEST(c_misuse, a_body_may_await_a_handle_that_was_released_and_gets_the_error_there) {
  weft_coro_object* const gone = object_of({});
  weft_coro_release(gone);
  bool was_told = false;
  weft_coro_object* const c = coroutine_of([&](const c_call& call) {
    if (!call.is_thrown()) return call.awaits(gone);
    was_told = weft_coro_exc_code(call.exc) == WEFT_CORO_E_HANDLE;
    return call.returns(1);
  });
  EXPECT_EQ(sent(c), "return 1");
  EXPECT_TRUE(was_told);
  weft_coro_release(c);
}

TEST(c_misuse, a_body_may_release_its_own_coroutine_which_goes_after_the_call) {
  int destroyed = 0;
  weft_coro_object* self = nullptr;
  self = coroutine_of(
      [&](const c_call& call) {
        if (call.is_thrown()) return call.passes_on();
        EXPECT_EQ(weft_coro_release(self), 0);
        EXPECT_EQ(weft_coro_release(self), -1) << "once too often";
        weft_coro_err_clear();
        EXPECT_EQ(destroyed, 0);
        return call.yields(1);
      },
      &destroyed);
  EXPECT_EQ(sent(self), "yield 1");
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(weft_coro_get_state(self), -1);
  EXPECT_EQ(error_told(), "handle: weft_coro_get_state: the object was released, or the handle never was one");
}

TEST(c_misuse, a_step_s_errors_are_its_own) {
  weft_coro_object* const c = coroutine_of([](const c_call& call) {
    EXPECT_EQ(weft_coro_err_code(), WEFT_CORO_E_NONE) << "the slot is empty when a step is called";
    weft_coro_err_set(WEFT_CORO_E_USER, "the step's");
    weft_coro_err_clear();
    return call.returns(1);
  });
  weft_coro_err_set(WEFT_CORO_E_VALUE, "the caller's");
  weft_coro_value out = none;
  EXPECT_EQ(weft_coro_send(c, none, &out), WEFT_CORO_RETURN);
  EXPECT_EQ(error_told(), "ValueError: the caller's");
  weft_coro_release(c);
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// Rows Y01 to Y14 (Y06: tests/faults/c_api_fault.cpp): CPython's C interface of coroutines, as weft/weft.h has it. And of other areas what
// has a meaning of its own in C: A16, C10, D05 to D07, G01, G05 to G09, G15, I03, L15, O03, R07 to R09.
#include <weft/weft.h>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>

#include "c_bodies.hpp"

namespace {

using namespace weft::test;

/// A reference, given up at its end.
class held {
 public:
  held(weft_coro_object* object) : object_(object) { EXPECT_NE(object, nullptr) << error_told(); }
  held(const held&) = delete;
  held& operator=(const held&) = delete;
  ~held() { EXPECT_EQ(weft_coro_release(object_), 0) << error_told(); }
  operator weft_coro_object*() const { return object_; }

 private:
  weft_coro_object* object_;
};

/// A value that counts its references.
struct counted_value {
  int references = 1;
  static void retain(void* value) { ++static_cast<counted_value*>(value)->references; }
  static void release(void* value) { --static_cast<counted_value*>(value)->references; }
  static constexpr weft_coro_value_ops ops{retain, release};
  weft_coro_value get() { return {this, &ops}; }
};

c_own generator_of(int n) {
  return {
      .next = [n](weft_coro_value* out) mutable { return n == 0 ? ends_with(bits(9)) : (*out = bits(n--), WEFT_CORO_NEXT); },
      .send = [](weft_coro_value in, weft_coro_value* out) { return *out = in, WEFT_CORO_NEXT; },
      .throw_exc = [](weft_coro_exc* exc, weft_coro_value*) { return weft_coro_err_restore(weft_coro_exc_retain(exc)), WEFT_CORO_ERROR; },
      .close = [] { return 0; },
      .await = {}};
}
weft_coro_object* makes_generator(void*) { return object_of(generator_of(2), "gen"); }

TEST(c_rows, Y01_there_is_one_type_of_coroutines) {
  const held one = coroutine_of(counting(1));
  const held other = coroutine_of(counting(2));
  EXPECT_EQ(weft_coro_typeof(one), &weft_coro_coroutine_type);
  EXPECT_EQ(weft_coro_typeof(other), &weft_coro_coroutine_type);
  EXPECT_STREQ(weft_coro_type_name(&weft_coro_coroutine_type), "coroutine");
  weft_coro_close(one);
  weft_coro_close(other);
}

TEST(c_rows, Y02_check_exact_is_1_for_coroutines_only_and_never_fails) {
  const held c = coroutine_of(counting(1));
  const held view = weft_coro_await(c);
  const held proxy = weft_coro_as_coroutine(makes_generator, nullptr);
  const held generator = makes_generator(nullptr);
  const held flagged = generator_coroutine_of(counting(1));
  weft_coro_err_set(WEFT_CORO_E_USER, "it was there before");
  EXPECT_EQ(weft_coro_check_exact(c), 1);
  EXPECT_EQ(weft_coro_check_exact(view), 0);
  EXPECT_EQ(weft_coro_check_exact(proxy), 0);
  EXPECT_EQ(weft_coro_check_exact(generator), 0);
  EXPECT_EQ(weft_coro_check_exact(flagged), 0);
  EXPECT_EQ(weft_coro_check_exact(nullptr), 0);
  EXPECT_EQ(weft_coro_check_exact(reinterpret_cast<weft_coro_object*>(0x1234)), 0);
  EXPECT_EQ(error_told(), "user: it was there before");
  weft_coro_close(c);
}

TEST(c_rows, Y03_new_takes_the_frame_copies_the_names_and_gives_one_reference) {
  int destroyed = 0;
  std::string name = "n";
  std::string qualname = "q.n";
  weft_coro_frame* const frame = frame_of(counting(1), &destroyed);
  weft_coro_object* const c = weft_coro_new(frame, name.c_str(), qualname.c_str());
  name = qualname = "gone";
  EXPECT_EQ(done(weft_coro_frame_release(frame)), "handle: weft_coro_frame_release: the frame was released, or the handle never was one");
  EXPECT_STREQ(weft_coro_get_name(c), "n");
  EXPECT_STREQ(weft_coro_get_qualname(c), "q.n");
  EXPECT_EQ(destroyed, 0);
  EXPECT_EQ(weft_coro_close(c), 0);
  EXPECT_EQ(destroyed, 1) << "closing lets the frame go, before the object does";
  EXPECT_EQ(weft_coro_release(c), 0);
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(done(weft_coro_release(c)), "handle: weft_coro_release: the object was released, or the handle never was one");
}

TEST(c_rows, Y03_so_does_finishing) {
  int destroyed = 0;
  const held c = coroutine_of(counting(0), &destroyed);
  EXPECT_EQ(sent(c), "return 0");
  EXPECT_EQ(destroyed, 1);
}

TEST(c_rows, Y04_names_that_are_not_given_are_the_body_s) {
  const auto names = [](const char* of_body, const char* name, const char* qualname) {
    const held c = weft_coro_new(frame_of(counting(1), nullptr, of_body), name, qualname);
    const std::string said = weft_coro_get_name(c);
    weft_coro_close(c);
    return said + " " + weft_coro_get_qualname(c);
  };
  EXPECT_EQ(names("f", nullptr, nullptr), "f f");
  EXPECT_EQ(names("f", "nm", nullptr), "nm nm");
  EXPECT_EQ(names("f", nullptr, "qn"), "f qn");
  EXPECT_EQ(names(nullptr, nullptr, nullptr), "coroutine coroutine");
}

TEST(c_rows, Y05_any_step_function_is_a_body_and_none_is_a_type_error) {
  const held c = coroutine_of([](const c_call& call) { return call.returns(3); });
  EXPECT_EQ(weft_coro_check_exact(c), 1);
  EXPECT_EQ(sent(c), "return 3");
  int destroyed = 0;
  const weft_coro_frame_ops ops{sizeof ops, "f", nullptr, [](void* state) { ++*static_cast<int*>(state); }};
  EXPECT_EQ(weft_coro_frame_new(&ops, &destroyed), nullptr);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_frame_new: ops->step is NULL; a body needs a step function");
  EXPECT_EQ(destroyed, 1) << "the state is taken also if it fails";
}

TEST(c_rows, Y07_no_frame_is_a_type_error) {
  EXPECT_EQ(weft_coro_new(nullptr, "n", "q"), nullptr);
  EXPECT_EQ(error_told(), "TypeError: weft_coro_new: the frame is NULL");
}

TEST(c_rows, Y08_send_gives_1_for_a_yield_and_borrows_what_it_is_given) {
  counted_value value;
  const held c = coroutine_of([](const c_call& call) {
    if (call.is_thrown()) return call.passes_on();
    *call.out = weft_coro_value_retain(call.in);
    return WEFT_CORO_NEXT + 0;
  });
  EXPECT_EQ(sent(c), "yield 0");
  weft_coro_value out = none;
  EXPECT_EQ(weft_coro_send(c, value.get(), &out), 1);
  EXPECT_EQ(out.data, &value);
  EXPECT_EQ(value.references, 2) << "ours, and the one in out";
  weft_coro_value_release(out);
  EXPECT_EQ(weft_coro_close(c), 0);
  EXPECT_EQ(value.references, 1);
}

TEST(c_rows, Y09_a_return_gives_0_and_the_value_and_sets_no_error) {
  const held c = coroutine_of([](const c_call& call) { return call.returns(5); });
  weft_coro_value out = none;
  EXPECT_EQ(weft_coro_send(c, none, &out), 0);
  EXPECT_EQ(number_in(out), 5);
  EXPECT_EQ(error_told(), "no error");
}

TEST(c_rows, Y10_an_error_gives_minus_1_and_none_whatever_was_there) {
  const held c = coroutine_of([](const c_call&) { return weft_coro_err_set(WEFT_CORO_E_ATTRIBUTE, "of the body"), WEFT_CORO_ERROR + 0; });
  weft_coro_value out = bits(99);
  EXPECT_EQ(weft_coro_send(c, bits(1), &out), -1);
  EXPECT_EQ(out.data, nullptr);
  EXPECT_EQ(error_told(), "TypeError: can't send non-None value to a just-started coroutine");
  EXPECT_EQ(sent(c), "AttributeError: of the body");
  EXPECT_EQ(sent(c), "RuntimeError: cannot reuse already awaited coroutine");

  weft_coro_object* self = nullptr;
  const held executing = self = coroutine_of([&](const c_call& call) {
    EXPECT_EQ(sent(self), "ValueError: coroutine already executing");
    return call.returns(1);
  });
  EXPECT_EQ(sent(executing), "return 1");
}

TEST(c_rows, Y11_an_iterator_is_asked_for_its_next_for_none_and_sent_to_for_others) {
  const held generator = object_of(generator_of(1));
  EXPECT_EQ(sent(generator), "yield 1");
  EXPECT_EQ(sent(generator, bits(4)), "yield 4");
  EXPECT_EQ(sent(generator), "return 9") << "StopIteration is a return of its value";
  const held ends =
      object_of({.next = [](weft_coro_value*) { return ends_with(none); }, .send = {}, .throw_exc = {}, .close = {}, .await = {}});
  EXPECT_EQ(sent(ends), "return 0");
  EXPECT_EQ(sent(ends, bits(1)), "AttributeError: 'own' object has no attribute 'send'");
  const held nothing = object_of({});
  EXPECT_EQ(sent(nothing), "TypeError: 'own' object is not an iterator");
}

TEST(c_rows, Y12_a_coroutine_has_await_and_send_and_no_next_a_generator_has_no_await) {
  const auto abilities = [](weft_coro_object* o) {
    return std::to_string(weft_coro_can(o, WEFT_CORO_CAN_AWAIT)) + std::to_string(weft_coro_can(o, WEFT_CORO_CAN_SEND)) +
           std::to_string(weft_coro_can(o, WEFT_CORO_CAN_NEXT));
  };
  const held c = coroutine_of(counting(1));
  EXPECT_EQ(abilities(c), "110");
  EXPECT_EQ(abilities(held(makes_generator(nullptr))), "011");
  EXPECT_EQ(abilities(held(weft_coro_await(c))), "011");
  EXPECT_EQ(abilities(held(weft_coro_as_coroutine(makes_generator, nullptr))), "111");
  EXPECT_EQ(abilities(held(generator_coroutine_of(counting(1)))), "111");
  weft_coro_close(c);
}

template <class T>
concept complete = requires { sizeof(T); };

TEST(c_rows, Y13_what_handles_stand_for_is_nobody_s_business) {
  EXPECT_FALSE(complete<weft_coro_object>);
  EXPECT_FALSE(complete<weft_coro_exc>);
  EXPECT_FALSE(complete<weft_coro_frame>);
  EXPECT_FALSE(complete<weft_coro_type>);
}

weft_coro_object* awaitable(std::function<weft_coro_object*()> await) {
  return object_of({.next = {}, .send = {}, .throw_exc = {}, .close = {}, .await = std::move(await)}, "A");
}

TEST(c_rows, Y14_an_object_with_await_is_awaitable_if_that_gives_an_iterator) {
  const auto result = [](std::function<weft_coro_object*()> await) {
    const held c = coroutine_of(awaiting(awaitable(std::move(await))));
    std::string said = sent(c);
    while (said.starts_with("yield")) said += ", " + sent(c);
    return said.substr(0, said.find(", yield"));
  };
  const held c = coroutine_of(awaiting(awaitable([] { return makes_generator(nullptr); })));
  EXPECT_EQ(sent(c), "yield 2");
  EXPECT_EQ(sent(c), "yield 1");
  EXPECT_EQ(sent(c), "return 109");
  EXPECT_EQ(result([] { return object_of({}, "int"); }), "TypeError: __await__() returned non-iterator of type 'int'");
  EXPECT_EQ(result([] { return static_cast<weft_coro_object*>(nullptr); }),
            "TypeError: __await__() returned non-iterator of type 'NoneType'");
  EXPECT_EQ(result([]() -> weft_coro_object* {
              auto* const inner = coroutine_of(counting(1));
              weft_coro_close(inner);
              return inner;
            }),
            "TypeError: __await__() returned a coroutine");
  const held no_awaitable = coroutine_of(awaiting(object_of({}, "int")));
  EXPECT_EQ(sent(no_awaitable), "TypeError: object int can't be used in 'await' expression");
}

// --- rows of other areas ---

TEST(c_rows, C10_a_name_is_a_string) {
  const held c = coroutine_of(counting(1));
  EXPECT_EQ(done(weft_coro_set_name(c, nullptr)), "TypeError: __name__ must be set to a string object");
  EXPECT_EQ(done(weft_coro_set_qualname(c, nullptr)), "TypeError: __qualname__ must be set to a string object");
  weft_coro_close(c);
}

TEST(c_rows, D05_D06_L15_what_has_no_throw_and_no_close_is_left_and_its_awaiter_gets_the_exception) {
  const auto endless = [] {
    return awaitable([] {
      return object_of({.next = [](weft_coro_value* out) { return *out = bits(1), WEFT_CORO_NEXT; },
                        .send = {},
                        .throw_exc = {},
                        .close = {},
                        .await = {}},
                       "list_iterator");
    });
  };
  const held c = coroutine_of(awaiting(endless()));
  EXPECT_EQ(sent(c), "yield 1");
  EXPECT_EQ(thrown(c, WEFT_CORO_E_VALUE, "at await"), "ValueError: at await");
  const held closed = coroutine_of(awaiting(endless()));
  EXPECT_EQ(sent(closed), "yield 1");
  EXPECT_EQ(done(weft_coro_close(closed)), "done");
  const held d06 = coroutine_of(awaiting(endless()));
  EXPECT_EQ(sent(d06), "yield 1");
  EXPECT_EQ(sent(d06, bits(2)), "AttributeError: 'list_iterator' object has no attribute 'send'");
}

TEST(c_rows, D07_an_iterator_may_end_an_await_from_its_throw) {
  c_own own = generator_of(1);
  own.throw_exc = [](weft_coro_exc*, weft_coro_value*) { return ends_with(bits(7)); };
  const held c = coroutine_of(awaiting(awaitable([&] { return object_of(own); })));
  EXPECT_EQ(sent(c), "yield 1");
  EXPECT_EQ(thrown(c, WEFT_CORO_E_VALUE, "in"), "return 107");
}

TEST(c_rows, G01_G05_G07_G08_G09_as_coroutine_wraps_a_generator_and_nothing_else) {
  EXPECT_EQ(weft_coro_as_coroutine(nullptr, nullptr), nullptr);
  EXPECT_EQ(error_told(), "TypeError: types.coroutine() expects a callable");
  const held c = coroutine_of(counting(1));
  const auto gives = [](void* object) { return weft_coro_retain(static_cast<weft_coro_object*>(object)); };
  EXPECT_EQ(held(weft_coro_as_coroutine(gives, c)), c);
  const held plain = object_of({});
  EXPECT_EQ(held(weft_coro_as_coroutine(gives, plain)), plain);
  const held proxy = weft_coro_as_coroutine(makes_generator, nullptr);
  EXPECT_EQ(weft_coro_typeof(proxy), &weft_coro_generator_proxy_type);
  EXPECT_EQ(held(weft_coro_as_coroutine(gives, proxy)), proxy);
  EXPECT_EQ(held(weft_coro_await(proxy)), proxy);
  const held outer = coroutine_of(awaiting(weft_coro_retain(proxy)));
  EXPECT_EQ(sent(outer), "yield 2");
  EXPECT_EQ(sent(outer, bits(6)), "yield 6");
  EXPECT_EQ(thrown(outer, WEFT_CORO_E_VALUE, "v"), "ValueError: v");
  weft_coro_close(c);
}

TEST(c_rows, R07_R08_G06_a_generator_based_one_ends_as_a_generator_and_passes_as_it_is) {
  const held g = generator_coroutine_of(counting(1));
  const auto gives = [](void* object) { return weft_coro_retain(static_cast<weft_coro_object*>(object)); };
  EXPECT_EQ(held(weft_coro_as_coroutine(gives, g)), g);
  EXPECT_EQ(held(weft_coro_await(g)), g);
  EXPECT_EQ(weft_coro_typeof(g), &weft_coro_generator_coroutine_type);
  EXPECT_EQ(std::string(weft_coro_repr(g)).substr(0, 25), "<generator object body at");
  EXPECT_EQ(sent(g), "yield 1");
  EXPECT_EQ(weft_coro_get_state(g), WEFT_CORO_SUSPENDED);
  EXPECT_EQ(sent(g, bits(4)), "return 4");
  EXPECT_EQ(weft_coro_get_state(g), WEFT_CORO_CLOSED);
  EXPECT_EQ(sent(g), "return 0");
  EXPECT_EQ(thrown(g, WEFT_CORO_E_VALUE, "v"), "ValueError: v");
  EXPECT_EQ(done(weft_coro_close(g)), "done");
}

TEST(c_rows, R09_A16_neither_it_nor_what_it_awaits_is_checked_for_another_awaiter) {
  const held inner = coroutine_of(counting(2));
  const held g = generator_coroutine_of(awaiting(weft_coro_retain(inner)));
  EXPECT_EQ(sent(inner), "yield 1");
  EXPECT_EQ(sent(g), "yield 2");
  const held outer = coroutine_of(awaiting(weft_coro_retain(g)));
  EXPECT_EQ(sent(outer), "return 200");
}

TEST(c_rows, G15_errors_of_a_generator_based_one_say_generator) {
  weft_coro_object* self = nullptr;
  const held g = self = generator_coroutine_of([&, is_first = true, ignored = 0](const c_call& call) mutable {
    if (std::exchange(is_first, false)) {
      EXPECT_EQ(sent(self), "ValueError: generator already executing");
      EXPECT_EQ(done(weft_coro_close(self)), "ValueError: generator already executing");
      EXPECT_EQ(weft_coro_get_state(self), WEFT_CORO_RUNNING);
    }
    return call.is_thrown() && ignored++ != 0 ? call.passes_on() : call.yields(1);
  });
  EXPECT_EQ(sent(g, bits(1)), "TypeError: can't send non-None value to a just-started generator");
  EXPECT_EQ(sent(g), "yield 1");
  EXPECT_EQ(done(weft_coro_close(g)), "RuntimeError: generator ignored GeneratorExit");
  EXPECT_EQ(thrown(g, WEFT_CORO_E_VALUE, "v"), "ValueError: v");
}

TEST(c_rows, I03_what_it_awaits_is_shown_while_it_is_suspended_there) {
  const held inner = coroutine_of(counting(1));
  const held outer = coroutine_of(awaiting(weft_coro_retain(inner)));
  const auto shown = [&] { return weft_coro_get_await(outer); };
  EXPECT_EQ(shown(), nullptr);
  EXPECT_EQ(sent(outer), "yield 1");
  weft_coro_err_set(WEFT_CORO_E_VALUE, "mine");
  EXPECT_EQ(held(shown()), inner);
  EXPECT_EQ(error_told(), "ValueError: mine") << "a call that succeeds leaves the slot as it is";
  EXPECT_EQ(sent(outer), "return 100");
  EXPECT_EQ(shown(), nullptr);
  EXPECT_EQ(error_told(), "no error");
}

TEST(c_rows, O03_a_negative_depth_is_a_value_error) {
  EXPECT_EQ(weft_coro_set_origin_tracking_depth(-1), -1);
  EXPECT_EQ(error_told(), "ValueError: depth must be >= 0");
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
//
// Bodies that tests of coroutines share, and what a call throws, as text.
#pragma once

#include <weft/coroutine.hpp>

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace weft::test {

/// What is sent: a number, or None.
using maybe = std::optional<int>;
using numbers = coroutine<int, maybe, int>;
using journal = std::vector<std::string>;

/// An exception of the user's, told apart by its name.
struct failure {
  std::string name;
};

/// Yields 0 to n - 1 and returns the sum of what was sent.
inline numbers counts(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += (co_yield i).value_or(0);
  co_return sum;
}

/// Awaits `what` and returns its value and 100.
inline numbers awaits(numbers& what) { co_return co_await what + 100; }

/// What an exception is, as one word, and its text.
inline std::string told(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const type_error& e) {
    return std::string("TypeError: ") + e.what();
  } catch (const value_error& e) {
    return std::string("ValueError: ") + e.what();
  } catch (const runtime_error& e) {
    return std::string("RuntimeError: ") + e.what();
  } catch (const attribute_error& e) {
    return std::string("AttributeError: ") + e.what();
  } catch (const stop_iteration& e) {
    return std::string("StopIteration: ") + e.what();
  } catch (const failure& f) {
    return f.name;
  } catch (const generator_exit&) {
    return "GeneratorExit";
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "something else";
  }
}

/// What a call gives or throws: "yield 1", "return 2", "returned", "done" of a call that gives nothing, or what told() says.
template <class Call>
std::string outcome_of(Call call) {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
      call();
      return "done";
    } else {
      auto result = call();
      if (result.is_yielded()) return "yield " + std::to_string(result.yielded());
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(result.returned())>, int>)
        return "return " + std::to_string(result.returned());
      else
        return "returned";
    }
  } catch (...) {
    return told(std::current_exception());
  }
}

inline const std::string cannot_reuse = "RuntimeError: cannot reuse already awaited coroutine";
inline const std::string already_executing = "ValueError: coroutine already executing";
inline const std::string being_awaited = "RuntimeError: coroutine is being awaited already";
inline const std::string ignored_exit = "RuntimeError: coroutine ignored GeneratorExit";
inline const std::string just_started = "TypeError: can't send non-None value to a just-started coroutine";
inline const std::string raised_stop = "RuntimeError: coroutine raised StopIteration";

}  // namespace weft::test

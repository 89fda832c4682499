// SPDX-License-Identifier: Apache-2.0
// What model tests of coroutines share: bodies that several threads drive, and calls that count what was taken.
#pragma once

#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "explored_pool.hpp"
#include "weft/coroutine.hpp"
#include "weft/coroutine_hooks.hpp"

namespace weft::test {

using sent = std::optional<int>;
using numbers = coroutine<int, sent, int>;
using numbers_view = coroutine_view<int, sent, int>;

/// What a body did. Plain: only who runs the body touches it, and who is behind that.
struct account {
  int received = 0;
  int ended = 0;
};

/// Adds up what it is sent, yields the sum, and goes on until it is closed or has received `most`.
inline numbers collects(account& a, int most = 1000) {
  struct at_end {
    account& of;
    ~at_end() { ++of.ended; }
  } last{a};
  while (a.received < most) a.received += (co_yield a.received).value_or(0);
  co_return a.received;
}

inline numbers awaits(numbers inner) { co_return co_await std::move(inner); }

/// Starts one, which yields.
inline numbers started(numbers c) {
  explorer::require(c.send().is_yielded(), "it starts");
  return c;
}

/// Two calls at once: the only thing that one of them may be told. `call` gives whether it was taken.
template <class Call>
bool is_taken(Call call) {
  try {
    call();
    return true;
  } catch (const value_error& e) {
    explorer::require(std::string_view(e.what()) == "coroutine already executing", "who is refused is told why");
    return false;
  }
}

/// What of `value` arrived.
template <class Coroutine>
int send(Coroutine& c, int value) {
  return is_taken([&] { static_cast<void>(c.send(value)); }) ? value : 0;
}

/// The same for one that may have ended.
template <class Coroutine>
int send_if_alive(Coroutine& c, int value) {
  try {
    return send(c, value);
  } catch (const runtime_error& e) {
    explorer::require(std::string_view(e.what()) == "cannot reuse already awaited coroutine", "it has ended");
    return 0;
  }
}

/// Whoever drops a coroutine that does not let itself be closed, or that was never started, is not told.
inline const bool is_silent = [] {
  set_unraisable_hook([](const std::exception_ptr&, const std::string&) {});
  set_never_awaited_hook([](const std::string&, const std::optional<std::source_location>&) {});
  return true;
}();

}  // namespace weft::test

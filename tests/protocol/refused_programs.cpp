// SPDX-License-Identifier: Apache-2.0
// Programs that must not compile, one a REFUSED, and what the compiler has to say: refused_programs_test.py reads the `says` lines. With
// REFUSED=0 the file compiles.
#include <weft/as_coroutine.hpp>
#include <weft/await_range.hpp>
#include <weft/protocol_mixins.hpp>
#include <weft/weft.hpp>

#include <optional>
#include <string>
#include <utility>

using sent = std::optional<int>;
using coroutine = weft::coroutine<int, sent, int>;
using generator = weft::generator<int, sent, int>;

inline coroutine yields() {
  co_yield 1;
  co_return 2;
}
inline generator generates() {
  co_yield 1;
  co_return 2;
}

#if REFUSED == 1
// A02 says: yield anything else to its driver: drive(coroutine, handler)
coroutine refused() { co_return co_await 5; }
#elif REFUSED == 2
// A03 says: operator co_await must give what a coroutine can drive
struct object {
  std::string operator co_await() const { return ""; }
};
coroutine refused() {
  co_await object();
  co_return 1;
}
#elif REFUSED == 3
// A04 says: operator co_await returned a coroutine
struct object {
  coroutine operator co_await() const { return yields(); }
};
coroutine refused() { co_return co_await object(); }
#elif REFUSED == 4
// A14 says: a plain generator can't be used in 'await' expression
coroutine refused() { co_return co_await generates(); }
#elif REFUSED == 5
// A15 says: a generator yields, and awaits nothing
generator refused() { co_return co_await yields(); }
#elif REFUSED == 6
// G01 says: types.coroutine() expects a callable
auto refused() { return weft::as_coroutine(std::string("no function")); }
#elif REFUSED == 7
// B05 says: has to have send and throw_ of its own
struct incomplete : weft::coroutine_mixin<incomplete, int, sent, sent> {
  result send(sent) { return {std::in_place_index<0>, 1}; }
};
incomplete refused;
#elif REFUSED == 8
// D06 says: must yield the same Y and be sent the same S
weft::generator<std::string> refused() { co_yield weft::yield_from(generates()); }
#elif REFUSED == 9
// 7.9 says: a task can await a coroutine that yields nothing
weft::task<int> refused() {
  auto result = co_await yields();
  co_return result.returned();
}
#elif REFUSED == 10
// C04 says: private
coroutine refused(nullptr);
#elif REFUSED == 11
// C05 says: final
struct refused : coroutine {};
#elif REFUSED == 12
// C06 says: deleted
coroutine refused(coroutine& other) { return other; }
#elif REFUSED == 13
// C08 says: begin
int refused() {
  for (const int i : yields()) return i;
  return 0;
}
#elif REFUSED == 14
// E03 says: handler
coroutine refused() {
  try {
    throw 1;
  } catch (int) {
    co_yield 1;
  }
  co_return 2;
}
#endif

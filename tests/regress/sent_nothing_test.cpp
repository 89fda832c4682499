// SPDX-License-Identifier: Apache-2.0
// send() without a value, to a coroutine that waits for one of a type without a None: if it was awaited in a chain, or another thread
// drove it just before, it was resumed all the same, and read what was sent through a null pointer.
#include <weft/coroutine.hpp>
#include <weft/errors.hpp>

#include <gtest/gtest.h>

#include <utility>

namespace {

using numbers = weft::coroutine<int, int, int>;

numbers echoes() {
  for (int last = 0;;) last = co_yield last;
}
numbers awaits(numbers inner) { co_return co_await std::move(inner); }

TEST(sent_nothing, is_refused_by_an_awaited_coroutine_and_does_it_no_harm) {
  numbers inner = echoes();
  auto view = inner.view();
  numbers outer = awaits(std::move(inner));
  EXPECT_EQ(outer.send().yielded(), 0);

  EXPECT_THROW(static_cast<void>(view.send()), weft::type_error);

  EXPECT_EQ(view.state(), weft::coroutine_state::suspended);
  EXPECT_EQ(outer.send(1).yielded(), 1);
  EXPECT_EQ(view.send(2).yielded(), 2);
  EXPECT_THROW(static_cast<void>(outer.send()), weft::type_error);
  EXPECT_EQ(outer.send(3).yielded(), 3);
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// libFuzzer's way in: an input is a sequence of operations on a pool of coroutines, views and generators, and of what their bodies do.
// After every call its outcome and the state are compared with what the protocol promises; in the end every frame has been given back.
#include <weft/frames.hpp>

#include "fuzzed_world.hpp"

namespace weft::test {
namespace {

template <class T>
void expect_state_of_life(const place<T>& at) {
  if (!at.held || !at.lives) return;
  const coroutine_state due = at.lives->is_gone      ? coroutine_state::closed
                              : at.lives->is_entered ? coroutine_state::suspended
                                                     : coroutine_state::created;
  if (at.held->state() != due) defect("between two calls, a state is not that of the frame");
}

void expect_states_of_lives(world& w) {
  for (const auto& at : w.coroutines) expect_state_of_life(at);
  for (const auto& at : w.views) expect_state_of_life(at);
  for (const auto& at : w.generators) expect_state_of_life(at);
  for (const auto& at : w.awaitables) expect_state_of_life(at);
}

}  // namespace
}  // namespace weft::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weft;
  set_never_awaited_hook([](const std::string&, const auto&) {});
  set_unraisable_hook([](const std::exception_ptr&, const std::string&) {});
  const std::size_t before = live_frames();
  {
    test::world w(data, size);
    while (!w.bytes.is_empty()) {
      w.operate();
      test::expect_states_of_lives(w);
    }
    w.let_all_go();
  }
  if (live_frames() != before) test::defect("frames are left over");
  return 0;
}

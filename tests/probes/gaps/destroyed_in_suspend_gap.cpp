// SPDX-License-Identifier: Apache-2.0
// await_suspend may destroy the coroutine and go on with locals of its own (llvm 56301, 65054; GCC PR121961).
// Instead: publish as the last statement, or in a function that is not inlined, as include/weft/detail/bridge.hpp does.
#include "kept_frames.hpp"

namespace {

struct ends_it {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) const noexcept {
    int local = 1;
    gaps::show(&local);
    awaiting.destroy();
    local += 2;
    gaps::show(&local);
  }
  void await_resume() const noexcept {}
};

gaps::kept ended_while_it_suspends() { co_await ends_it{}; }

}  // namespace

int main() {
  gaps::resume_elsewhere(ended_while_it_suspends().handle);
  return gaps::frame_is_untouched() ? EXIT_SUCCESS : EXIT_FAILURE;
}

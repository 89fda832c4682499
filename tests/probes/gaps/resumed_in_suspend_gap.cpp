// SPDX-License-Identifier: Apache-2.0
// await_suspend may have the coroutine resumed to its end and go on with locals of its own (llvm 56301).
// Instead: publish as the last statement, or in a function that is not inlined, as include/weft/detail/bridge.hpp does.
#include "kept_frames.hpp"

namespace {

struct resumes_it {
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting) const noexcept {
    int local = 1;
    gaps::show(&local);
    awaiting.resume();
    local += 2;
    gaps::show(&local);
    return true;
  }
  void await_resume() const noexcept {}
};

gaps::kept resumed_while_it_suspends() { co_await resumes_it{}; }

}  // namespace

int main() {
  gaps::resume_elsewhere(resumed_while_it_suspends().handle);
  return gaps::frame_is_untouched() ? EXIT_SUCCESS : EXIT_FAILURE;
}

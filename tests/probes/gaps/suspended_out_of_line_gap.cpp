// SPDX-License-Identifier: Apache-2.0
// The same with an await_suspend that is not inlined: right with every compiler.
// Instead: nothing; this form is what the library uses and tells users to write.
#include "kept_frames.hpp"

namespace {

struct ends_it {
  bool await_ready() const noexcept { return false; }
  [[gnu::noinline]] void await_suspend(std::coroutine_handle<> awaiting) const noexcept {
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

// SPDX-License-Identifier: Apache-2.0
// Runs all probes of one compiler at one level of optimisation.
#include "probe.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>

namespace weft::probe {

namespace {

int checks = 0;
int failures = 0;

}  // namespace

void check(bool holds, const char* what) {
  ++checks;
  if (!holds) ++failures;
  std::printf("%s: %s\n", holds ? "holds" : "FAILS", what);
  std::fflush(stdout);
}

void report(const char* what, std::size_t figure) {
  std::printf("figure: %s: %zu\n", what, figure);
  std::fflush(stdout);
}

bool survives(bool (*shape)(), unsigned seconds) {
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    ::alarm(seconds);  // a shape that hangs has failed
    ::_exit(shape() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void check_shape(bool (*shape)(), bool known_good, const char* what, const char* form_that_works) {
  const bool good = survives(shape, known_good ? 60 : 20);
  if (good || known_good) return check(good, what);
  std::printf("known to fail with this compiler: %s; write: %s\n", what, form_that_works);
}

}  // namespace weft::probe

int main() {
  using namespace weft::probe;
  probe_shapes();  // first: it forks, and there must be no threads then
  probe_frames();
  probe_lifetimes();
  probe_exceptions();
  probe_stack();
  probe_threads();
  std::printf("%d checks, %d failed\n", checks, failures);
  constexpr int fewest = 30;  // a probe that was left out is a failure too
  return failures == 0 && checks >= fewest ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
// fork, exec, a pipe, and a deadline.
#include "child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <sstream>

namespace weft::bench {
namespace {

using clock = std::chrono::steady_clock;

constexpr int tick_milliseconds = 200;
constexpr std::size_t most_output = 1 << 20;

/// Does only what is allowed between fork and exec. The parent's end of a failed exec is the exit status that shells use.
[[noreturn]] void become(char* const* argv, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::dup2(output, STDOUT_FILENO) >= 0) ::execv(argv[0], argv);
  ::_exit(127);
}

/// Reads until the other end is closed; false when the deadline came first.
bool collect(int pipe, clock::time_point deadline, const std::function<void()>& tick, std::string& output) {
  char buffer[4096];
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now()).count();
    if (left <= 0) return false;
    pollfd ready{pipe, POLLIN, 0};
    const int events = ::poll(&ready, 1, static_cast<int>(std::min<long long>(left, tick_milliseconds)));
    if (events <= 0) {
      tick();
      continue;
    }
    const ssize_t count = ::read(pipe, buffer, sizeof buffer);
    if (count == 0) return true;
    if (count < 0 && errno != EINTR) return true;
    if (count > 0 && output.size() < most_output) output.append(buffer, static_cast<std::size_t>(count));
  }
}

/// A child that has closed its output is about to end; one that does not is treated like one that never wrote.
bool wait_for_end(pid_t child, clock::time_point deadline, int& status) {
  for (;;) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return true;
    if (ended < 0 && errno != EINTR) return false;
    if (clock::now() >= deadline) return false;
    ::poll(nullptr, 0, 1);
  }
}

child_end describe(int status, std::string output) {
  if (WIFSIGNALED(status)) return {child_end::kind::signalled, WTERMSIG(status), std::move(output)};
  return {child_end::kind::exited, WEXITSTATUS(status), std::move(output)};
}

}  // namespace

std::string find_program(std::string_view name) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string program = (folder.empty() ? "." : folder) + "/" + std::string(name);
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

child_end run_child(const std::vector<std::string>& arguments, std::chrono::milliseconds limit, const std::function<void()>& tick) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return {child_end::kind::not_started, errno, {}};
  const pid_t child = ::fork();
  if (child == 0) become(argv.data(), pipe[1]);
  const int fork_error = errno;
  ::close(pipe[1]);
  if (child < 0) {
    ::close(pipe[0]);
    return {child_end::kind::not_started, fork_error, {}};
  }

  const clock::time_point deadline = clock::now() + limit;
  std::string output;
  int status = 0;
  const bool ended = collect(pipe[0], deadline, tick, output) && wait_for_end(child, deadline, status);
  ::close(pipe[0]);
  if (ended) return describe(status, std::move(output));
  ::kill(child, SIGKILL);
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {child_end::kind::timed_out, 0, std::move(output)};
}

std::string in_words(const child_end& end) {
  switch (end.how) {
    case child_end::kind::exited: return "ended with exit status " + std::to_string(end.code);
    case child_end::kind::signalled: return std::string("crashed: ") + ::strsignal(end.code);
    case child_end::kind::timed_out: return "took too long and was stopped";
    case child_end::kind::not_started: return std::string("did not start: ") + ::strerror(end.code);
  }
  return {};
}

}  // namespace weft::bench

// SPDX-License-Identifier: Apache-2.0
// A program forks at any moment: while schedulers are made and stopped, workers lie down, the frame pool grows, the machine is looked
// at, for the first time or not. Whatever its other threads held, the child can make a scheduler of its own and work with it.
// What happens once in a process needs many processes: each is a child of this one, which uses nothing of the library itself. The
// linker sends the library's calls of the system here: they take their time, so that forks fall into them.
#include <weft/frames.hpp>
#include <weft/topology.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "fault_point.hpp"
#include "seed.hpp"
#include "small_tasks.hpp"
#include "wrapped_syscall.hpp"

namespace {

constinit std::atomic<bool> is_slow{false};

/// In the middle of a call of the system: up to a millisecond.
void linger() noexcept {
  static constinit std::atomic<unsigned> calls{0};
  if (is_slow) ::usleep((calls.fetch_add(1) * 619 + 311) % 1000);
}

}  // namespace

long weft::test::answer_to(const system_call& call) noexcept {
  if (call.number == SYS_membarrier) linger();
  return call.pass_on();
}

extern "C" {
long __real_sysconf(int name);    // NOLINT: the linker's names
long __wrap_sysconf(int name) {  // NOLINT
  linger();
  return __real_sysconf(name);
}
void* __real_mmap(void* at, std::size_t bytes, int access, int flags, int file, off_t offset);    // NOLINT
void* __wrap_mmap(void* at, std::size_t bytes, int access, int flags, int file, off_t offset) {  // NOLINT
  linger();
  return __real_mmap(at, bytes, access, flags, file, offset);
}
int __real_madvise(void* at, std::size_t bytes, int advice);    // NOLINT
int __wrap_madvise(void* at, std::size_t bytes, int advice) {  // NOLINT
  linger();
  return __real_madvise(at, bytes, advice);
}
int __real_munmap(void* at, std::size_t bytes);    // NOLINT
int __wrap_munmap(void* at, std::size_t bytes) {  // NOLINT
  linger();
  return __real_munmap(at, bytes);
}
int __real_pthread_create(pthread_t* made, const pthread_attr_t* how, void* (*body)(void*), void* argument);    // NOLINT
int __wrap_pthread_create(pthread_t* made, const pthread_attr_t* how, void* (*body)(void*), void* argument) {  // NOLINT
  linger();
  return __real_pthread_create(made, how, body, argument);
}
int __real_pthread_join(pthread_t thread, void** result);    // NOLINT
int __wrap_pthread_join(pthread_t thread, void** result) {  // NOLINT
  linger();
  return __real_pthread_join(thread, result);
}
int __real_pthread_atfork(void (*prepare)(), void (*parent)(), void (*child)());    // NOLINT
int __wrap_pthread_atfork(void (*prepare)(), void (*parent)(), void (*child)()) {  // NOLINT
  const int answer = __real_pthread_atfork(prepare, parent, child);
  linger();
  return answer;
}
}

namespace weft {
namespace {

using test::number;
using test::sum_of;

task<> fails() {
  co_await yield();
  throw std::runtime_error("planted");
}
template <std::size_t Bytes>
task<int> large(std::size_t at) {
  std::array<char, Bytes> local{};
  local[at] = 5;
  co_await yield();
  co_return local[at] + local[at + 1];
}

bool fails_as_planted(scheduler& pool) {
  try {
    sync_wait(pool, fails());
  } catch (const std::runtime_error& e) {
    return std::string_view(e.what()) == "planted";
  }
  return false;
}

enum answer : int { good = 7, not_thrown = 1, wrong_sum, wrong_frame, wrong_machine, left_over };

/// What every child does: all that its parent was at, from the start.
int work_in_child() {
  scheduler own{{.workers = 2, .on_unhandled = [](const std::exception_ptr&, std::string_view) {}}};
  if (!fails_as_planted(own)) return not_thrown;
  if (sync_wait(own, sum_of(20)) != 190) return wrong_sum;
  if (sync_wait(own, large<3'000>(9)) != 5 || sync_wait(own, large<300'000>(9)) != 5) return wrong_frame;
  static_cast<void>(spawn(own, fails()));
  trim_frames();
  ::usleep(2'000);  // the workers lie down
  return own.stop().abandoned == 0 ? good : left_over;
}
int describe_in_child() {
  if (default_workers() < 1 || describe_machine().default_workers < 1) return wrong_machine;
  return work_in_child();
}

/// The status of a child: what it answered, or 100 and the signal that ended it.
int status_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

struct moment {
  const char* name;
  void (*work)();                // of the threads of a program that forks, again and again
  int (*in_child)() = work_in_child;
};

/// Forks while two threads work. Answers as the first child that did not answer well, or well.
int fork_while(const moment& at, std::uint64_t stream, int forks) {
  test::random_source random(stream);
  std::atomic<bool> over{false};
  is_slow = true;
  std::array<std::thread, 2> others;
  for (std::thread& one : others)
    one = std::thread([&] {
      while (!over) at.work();
    });
  int seen = good;
  for (int i = 0; i < forks && seen == good; ++i) {
    ::usleep(static_cast<useconds_t>(random.below(3'000)));
    const pid_t child = ::fork();
    if (child == 0) {
      is_slow = false;
      ::alarm(20);  // ends a child that waits for a thread it does not have
      ::_exit(at.in_child());
    }
    seen = status_of(child);
  }
  over = true;
  for (std::thread& one : others) one.join();
  return seen;
}

/// Programs that fork `forks` times each.
void fork_at(const moment& at, int forks) {
  test::seed();  // said once
  test::fault_point point(std::string("fork while ") + at.name);
  for (std::uint64_t stream = 0; !point.is_covered(); ++stream) {
    const pid_t program = ::fork();  // of a process with one thread
    if (program == 0) ::_exit(fork_while(at, stream, forks));
    ASSERT_EQ(status_of(program), good) << "114 is a hang";
    point.hit(static_cast<std::uint64_t>(forks));
  }
}

TEST(fork_moment_fault, schedulers_are_made_and_stopped) {
  fork_at({"schedulers are made and stopped",
           [] {
             scheduler pool{{.workers = 2, .on_unhandled = [](const std::exception_ptr&, std::string_view) {}}};
             static_cast<void>(spawn(pool, fails()));
             sync_wait(pool, sum_of(20));
           }},
          4);
}

TEST(fork_moment_fault, workers_lie_down) {
  fork_at({"workers lie down",
           [] {
             scheduler pool{{.workers = 2}};
             ::usleep(3'000);
           }},
          2);
}

TEST(fork_moment_fault, large_frames_come_and_go) {
  fork_at({"large frames come and go",
           [] {
             run(large<300'000>(9), {.workers = 1});
             trim_frames();
           }},
          1);
}

TEST(fork_moment_fault, frames_grow_and_are_trimmed) {
  fork_at({"frames grow and are trimmed",
           [] {
             run(large<3'000>(9), {.workers = 1});
             run(sum_of(2'000), {.workers = 1});
             trim_frames();
           }},
          1);
}

TEST(fork_moment_fault, the_machine_is_described) {
  fork_at({"the machine is described",
           [] {
             static_cast<void>(default_workers());
             static_cast<void>(describe_machine());
           },
           describe_in_child},
          2);
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// The machine as explored code finds it: futex, barrier, clock and threads by the engine; and what tests call.
#include <pthread.h>

#include <cstdio>
#include <cstdlib>

#include "engine.hpp"
#include "scheduler/threads.hpp"

#if defined(__clang__)
const char weft_library_keeps_registers = 1;
#endif

namespace weft::detail {

using explorer::engine;
using explorer::exploring;

void futex_wait(atomic<std::uint32_t>& word, std::uint32_t expected, std::int64_t nanoseconds) noexcept {
  static constexpr std::source_location nowhere{};
  if (!exploring) return;  // nobody else is there who could change it
  engine::get().wait({&word, sizeof word, std::memory_order_relaxed, std::memory_order_relaxed, &nowhere}, expected, nanoseconds);
}

void futex_wake(atomic<std::uint32_t>* word, int count, const std::source_location& where) noexcept {
  if (exploring) engine::get().wake(word, count, where);
}

bool barrier_all_threads() noexcept { return !exploring || engine::get().barrier(); }

bool takes_step(const std::source_location& where) noexcept { return engine::get().mutated(where) != explorer::mutation::kind_of::skip; }

std::chrono::steady_clock::time_point now() noexcept {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(engine::get().clock()));
}

}  // namespace weft::detail

namespace weft::sched {

thread::thread(void* (*body)(void*), void* argument, const std::string&) : handle_(explorer::engine::get().start_thread(body, argument)) {}
void thread::join() noexcept { explorer::engine::get().join_thread(static_cast<unsigned>(handle_)); }
void thread::detach() noexcept {}
void name_this_thread(std::string_view, unsigned) noexcept {}
std::uint32_t process_generation() noexcept { return 0; }

}  // namespace weft::sched

namespace weft::explorer {

outcome try_explore(const std::function<void()>& body, const settings& how) { return engine::get().run(body, how); }

namespace {

// For people, and for tools/full_report.py: what the walk did is not counted as random.
void print_explored(const outcome& o, double share) {
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("explored: %llu random schedules of at most %u steps, share %g", number(o.schedules - o.walked), o.most_steps, share);
  if (o.dropped != 0) std::printf(", %llu guessed in vain", number(o.dropped));
  if (o.walked != 0) std::printf("; %llu of the bounded walk%s", number(o.walked), o.walked_all ? ", which are all" : "");
  std::puts("");
}

}  // namespace

void explore(const std::function<void()>& body, const settings& how) {
  const outcome o = try_explore(body, how);
  print_explored(o, how.share);
  if (o.failure.empty()) return;
  if (o.replay.empty())
    std::puts(o.failure.c_str());
  else
    std::printf("failed after %llu schedules, repeat with WEFT_REPLAY=%s\n%s\n", static_cast<unsigned long long>(o.schedules),
                o.replay.c_str(), o.failure.c_str());
  std::fflush(nullptr);
  std::_Exit(1);
}

void require(bool holds, const char* rule) {
  if (!holds) engine::get().fail(std::string("does not hold: ") + rule);
}

void record(const char* text) {
  exploring = false;
  engine::get().record(text);
  exploring = true;
}

thread::thread(std::function<void()> body)
    : body_(std::move(body)),
      number_(engine::get().start_thread(
          [](void* self) -> void* {
            static_cast<thread*>(self)->body_();
            return nullptr;
          },
          this)) {}

void thread::join() {
  if (joined_) return;
  joined_ = true;
  engine::get().join_thread(number_);
}

void fence(std::memory_order order) {
  engine& e = engine::get();
  e.pause();
  exploring = false;
  e.memory.fence(e.current(), order);
  exploring = true;
}

void pause() { engine::get().pause(true); }

}  // namespace weft::explorer

// SPDX-License-Identifier: Apache-2.0
// One schedule after the other, and what is wrong with one.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine.hpp"
#include "seed.hpp"

namespace weft::explorer {

namespace {

std::uint64_t schedules_wanted() {
  constexpr std::uint64_t short_dose = 2000;
  const char* const given = std::getenv("WEFT_SCHEDULES");
  return given != nullptr ? std::max<std::uint64_t>(1, std::strtoull(given, nullptr, 0)) : short_dose;
}

void crashed(int signal) {
  exploring = false;
  std::fprintf(stderr, "explorer: signal %d in schedule %s\n", signal, engine::get().chooser().replay().c_str());
  std::_Exit(1);
}

// A crash of explored code, on whatever stack.
void watch_for_crashes() {
  static char stack[64 * 1024];
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  ::sigaltstack(&alternative, nullptr);
  struct sigaction action{};
  action.sa_handler = &crashed;
  action.sa_flags = SA_ONSTACK;
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGILL}) ::sigaction(signal, &action, nullptr);
}

}  // namespace

void engine::one_schedule(const std::function<void()>& body) {
  memory.begin(how_.guesses);
  words_.clear();
  events_.clear();
  failure_.clear();
  recorded_.clear();
  count_ = current_ = sleepers_ = 0;
  steps_ = 0;
  clock_ = 0;
  for (participant& p : threads_) p.is = state::none;
  add_thread(
      [](void* argument) -> void* {
        (*static_cast<const std::function<void()>*>(argument))();
        return nullptr;
      },
      const_cast<std::function<void()>*>(&body));
  memory.guess_addresses(threads_[0].runs_on.stack_start(), threads_[0].runs_on.stack_end());
  enter(0);
  fiber::change(main_, threads_[0].runs_on);
  judge_end();
  heap_.clear();
  result_.most_steps = std::max(result_.most_steps, steps_);
}

void engine::judge_end() {
  memory.end();
  if (memory.is_in_doubt()) {
    failure_.clear();
    ++result_.dropped;
    return;
  }
  if (!recorded_.empty()) ++result_.seen[recorded_];
  if (!failure_.empty() || how_.keeps_memory || !watching_) return;
  if (const heap::block* const left = heap_.leaked())
    failure_ = "leak: " + std::to_string(left->bytes) + " bytes, allocated at " + describe_code(left->made_by);
  else if (memory.plain().is_nearly_full())
    failure_ = "the body touches more memory than the explorer can watch";
}

bool engine::next_schedule(std::uint64_t i, std::uint64_t random, bool& walking) {
  if (i < random) {
    constexpr strategy mix[] = {strategy::uniform, strategy::sticky, strategy::priorities, strategy::sticky};
    choices_.begin(mix[i % 4], test::random_source(i).next(), result_.most_steps);
    return true;
  }
  if (i - random >= how_.exhaustive) return false;
  if (walking && !choices_.advance()) {
    result_.walked_all = true;
    return false;
  }
  walking = true;
  choices_.begin(strategy::exhaustive, 0, 0);
  return true;
}

outcome engine::run(const std::function<void()>& body, const settings& how) {
  how_ = how;
  result_ = {};
  memory.forget_values();
  watch_for_crashes();
  const std::terminate_handler before = std::set_terminate([] { get().fail("std::terminate was called"); });
  if (!how.warms_up || warm_up(body)) {
    watching_ = true;
    const char* const replay = std::getenv("WEFT_REPLAY");
    if (replay != nullptr && *replay != '\0')
      run_named(body, replay);
    else
      run_all(body);
  }
  std::set_terminate(before);
  return result_;
}

// Traced at once, for it cannot be repeated here: what is made once for good has then been made. False: it failed.
bool engine::warm_up(const std::function<void()>& body) {
  watching_ = false;
  tracing_ = true;
  choices_.begin(strategy::sticky, 0, 0);
  one_schedule(body);
  tracing_ = false;
  if (failure_.empty()) return true;
  result_.schedules = 1;
  result_.replay = choices_.replay();  // each process begins with it
  result_.failure = failure_ + "\n" + trace();
  return false;
}

void engine::run_named(const std::function<void()>& body, const char* replay) {
  if (!choices_.begin(replay)) std::fprintf(stderr, "explorer: WEFT_REPLAY=%s names no schedule\n", replay), std::_Exit(2);
  result_ = {};
  tracing_ = true;
  one_schedule(body);
  tracing_ = false;
  std::fputs(trace().c_str(), stdout);
  result_.schedules = 1;
  result_.failure = failure_;
}

void engine::run_all(const std::function<void()>& body) {
  const auto random = static_cast<std::uint64_t>(static_cast<double>(schedules_wanted()) * how_.share) + 1;
  bool walking = false;
  for (std::uint64_t i = 0; result_.failure.empty() && next_schedule(i, random, walking); ++i) {
    ++result_.schedules;
    if (walking) ++result_.walked;
    one_schedule(body);
    if (!failure_.empty()) trace_again(body);
  }
  if (result_.failure.empty() && how_.exhaustive != 0 && !how_.cut_short && !result_.walked_all)
    result_.failure = "the walk does not end within " + std::to_string(how_.exhaustive) + " schedules";
}

// Once more, with a trace: the same choices give the same schedule.
void engine::trace_again(const std::function<void()>& body) {
  const std::string first = failure_;
  result_.replay = choices_.replay();
  tracing_ = true;
  choices_.begin(result_.replay);
  one_schedule(body);
  result_.failure = first;
  if (failure_ != first) result_.failure += "\n  (the repeated schedule ended otherwise: " + (failure_.empty() ? "well" : failure_) + ")";
  result_.failure += "\n" + trace();
  tracing_ = false;
}

// --- what explored code does wrong ---

void engine::fail(const std::string& what) {
  exploring = false;
  failure_ = what;
  const bool blocked = what.starts_with("deadlock");
  if (blocked || what.starts_with("no end")) failure_ += who_waits();
  leave_schedule();
}

void engine::done(const event& e) {
  threads_[e.thread].last = e;
  if (tracing_) events_.push_back(e);
  if (memory.last_conflict().kind != conflict::none) {
    const conflict found = memory.last_conflict();
    memory.clear_conflict();
    if (memory.is_in_doubt()) leave_schedule();
    fail(std::string(found.kind == conflict::race ? "data race: " : "use after free: ") + describe(e) +
         (found.kind == conflict::race ? "\n  against thread " + std::to_string(found.other.thread) + ", " + describe_code(found.other.code)
                                       : ""));
  }
  if (memory.is_refuted()) leave_schedule();
}

void engine::touch_plain(std::uintptr_t address, std::size_t bytes, touch how, const void* code) {
  const std::uint32_t place = code_of(code);
  while (bytes > 0) {
    const auto here = static_cast<unsigned>(std::min<std::size_t>(bytes, 8 - (address & 7)));
    const conflict found = memory.touch_plain(current_, address, here, how, place);
    if (found.kind != conflict::none) check(found, address, here, how, place);
    address += here;
    bytes -= here;
  }
}

void engine::check(const conflict& found, std::uintptr_t address, std::size_t bytes, touch how, std::uint32_t code) {
  if (found.kind == conflict::none) return;
  exploring = false;
  if (memory.is_in_doubt()) leave_schedule();
  char text[200];
  const bool race = found.kind == conflict::race;
  std::snprintf(text, sizeof text, "%s: thread %u %s %zu bytes at %p, ", race ? "data race" : "use after free", current_,
                how == touch::read ? "reads" : "writes", bytes, reinterpret_cast<void*>(address));
  std::string what = text + describe_code(code);
  if (race) {
    const bool read = found.other.how == touch::read || found.other.how == touch::atomic_read;
    const bool atomic = found.other.how >= touch::atomic_read;
    what += "\n  against thread " + std::to_string(found.other.thread) + ", which " + (read ? "read" : "wrote") +
            (atomic ? " as an atomic" : ", " + describe_code(found.other.code));
  } else {
    const heap::block& b = heap_.named(memory.plain().at(address).freed_block);
    what += "\n  freed at " + describe_code(b.freed_by) + "\n  allocated at " + describe_code(b.made_by);
  }
  fail(what);
}

void* engine::allocate(std::size_t bytes, std::size_t alignment, const void* code) {
  if (!watching_) {  // may be kept for good, and may have been used before in this schedule
    void* const made = std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment);
    memory.forget_range(reinterpret_cast<std::uintptr_t>(made), bytes);
    return made;
  }
  return heap_.allocate(bytes, alignment, code_of(code));
}

bool engine::release(void* start, const void* code) {
  heap::block* const b = heap_.find(start);
  if (b == nullptr) return false;
  const std::uint32_t place = code_of(code);
  if (b->freed_by != 0) fail("double free, at " + describe_code(place) + "\n  first at " + describe_code(b->freed_by));
  b->freed_by = place;
  const auto address = reinterpret_cast<std::uintptr_t>(start);
  check(memory.free_range(current_, address, b->bytes, heap_.name_of(*b), place), address, b->bytes, touch::write, place);
  return true;
}

}  // namespace weft::explorer

// SPDX-License-Identifier: Apache-2.0
// Makes what a run shares, and judges single results.
#include "stress_world.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>

namespace weft::tool::stress {
namespace {

thread_local place place_of_this_thread = place::elsewhere;

[[gnu::noinline]] void know_place(place mine) noexcept { place_of_this_thread = mine; }

scheduler_options options_for(world& w, int workers, const char* name, place where) {
  scheduler_options options;
  options.workers = workers;
  options.name = name;
  options.on_worker_start = [where](int) { know_place(where); };
  options.on_unhandled = [&w](const std::exception_ptr& failure, std::string_view) { w.take_unhandled(failure); };
  return options;
}

ringer_defect defect_of(plant planted) {
  if (planted == plant::lost_wakeup) return ringer_defect::forgets_now_and_then;
  return planted == plant::overflow ? ringer_defect::writes_past_its_buffer : ringer_defect::none;
}

/// How many tasks even the shortest of such runs has, up to a hundred.
std::uint64_t among_the_first(const settings& chosen) noexcept {
  constexpr std::uint64_t a_few = 100;
  return chosen.tasks == 0 ? a_few : std::min(chosen.tasks, a_few);
}

}  // namespace

place here() noexcept { return place_of_this_thread; }

roll_call::member::member(roll_call& all, std::string name, scheduler& pool) : all_(all), pool_(&pool) {
  const std::scoped_lock hold(all_.lock_);
  all_.members_.emplace_back(std::move(name), pool_);
}

roll_call::member::~member() {
  const std::scoped_lock hold(all_.lock_);
  std::erase_if(all_.members_, [this](const auto& one) { return one.second == pool_; });
}

world::world(const settings& chosen_by_user, std::size_t round_tasks)
    : chosen(chosen_by_user),
      pauses(chosen.seed),
      done(round_tasks),
      pool(options_for(*this, chosen.workers, "stress", place::main)),
      other(options_for(*this, 1 + chosen.workers / 2, "other", place::other)),
      bell(pauses, defect_of(chosen.planted)),
      pool_member(schedulers, "stress", pool),
      other_member(schedulers, "other", other) {
  if (chosen.planted == plant::double_run) doubled_number = chosen.seed % among_the_first(chosen);
}

void world::expect_equal(const operation& in, const char* what, std::uint64_t found, std::uint64_t right) {
  if (found == right) return;
  counts.wrong_result(absl::StrCat("wrong result: ", facts_of(in.what).name, ", tasks ", in.tasks.first, " to ", in.tasks.end() - 1, ": ",
                                   what, " is ", found, " instead of ", right));
}

void world::expect_here(std::uint64_t number, place right) {
  if (here() == right) return;
  counts.wrong_result(absl::StrCat("wrong result: task ", number, " woke at scheduler ", static_cast<int>(here()), " instead of ",
                                   static_cast<int>(right)));
}

void world::take_unhandled(const std::exception_ptr& failure) {
  counts.failures_seen.fetch_add(1, std::memory_order_relaxed);
  try {
    std::rethrow_exception(failure);
  } catch (const planned_failure&) {
    return;
  } catch (const std::exception& error) {
    counts.wrong_result(absl::StrCat("wrong result: a detached task failed: ", error.what()));
  } catch (...) {
    counts.wrong_result("wrong result: a detached task failed with something unknown");
  }
}

}  // namespace weft::tool::stress

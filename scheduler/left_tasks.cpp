// SPDX-License-Identifier: Apache-2.0
//
// What is told of tasks that have not ended: names from the lists of roots, waits from the lists of all workers, for a task may wait at
// any scheduler. Each list is copied at a moment of its own, so a report of what still moves is only about right.
#include "arena.hpp"
#include "hooks.hpp"

#include <cstdio>
#include <string>
#include <unordered_map>

namespace weft::detail {

namespace {

std::string text_of(const sched::seen_wait& wait, bool is_only) {
  std::string text = wait.what;
  if (*wait.name != '\0') text.append(" (").append(wait.name).append(")");
  if (!is_only) text += ", and others";
  return text;
}

std::string place_of(const sched::seen_wait& wait) {
  return wait.where.line() == 0 ? std::string() : std::string(wait.where.file_name()) + ":" + std::to_string(wait.where.line());
}

/// What is told of the waits of one root.
struct waits_of {
  sched::seen_wait first;
  bool is_only = true;
};

}  // namespace

std::vector<sched::seen_wait> arena::waits_of_tasks() const {
  std::vector<sched::seen_wait> waits;
  for (std::uint16_t place = sched::places::last(); place != 0; --place) {
    const sched::pinned_place at(place);
    if (at.who() == nullptr || !at.who()->is_of_this_process()) continue;
    for (const auto& w : at.who()->workers_) w->waits.copy_to(waits, this, sched::whose::its_own);
  }
  return waits;
}

std::vector<left_task> arena::describe_tasks(std::size_t most, bool with_ended) { return describe(waits_of_tasks(), most, with_ended); }

std::vector<left_task> arena::describe(const std::vector<sched::seen_wait>& waits, std::size_t most, bool with_ended) {
  std::unordered_map<const root*, waits_of> waiting;
  for (const sched::seen_wait& wait : waits) {
    const auto [found, is_new] = waiting.try_emplace(wait.top, waits_of{wait});
    if (!is_new) found->second.is_only = false;
  }
  std::vector<left_task> tasks;
  for (sched::live_root& r : roots_.list(most, with_ended)) {
    left_task& task = tasks.emplace_back(left_task{std::move(r.name), "", ""});
    const auto found = waiting.find(r.which);
    if (found == waiting.end()) continue;
    task.what = text_of(found->second.first, found->second.is_only);
    task.where = place_of(found->second.first);
  }
  return tasks;
}

std::vector<left_task> arena::describe_guests(std::size_t most) {
  std::vector<left_task> guests;
  guests.reserve(most);
  const auto add = [&](std::string what, std::string where) {
    guests.push_back({"(a task of another scheduler)", std::move(what), std::move(where)});
  };
  std::vector<sched::seen_wait> waits;
  for (const auto& w : workers_) w->waits.copy_to(waits, this, sched::whose::of_others);
  for (const sched::seen_wait& wait : waits)
    if (guests.size() < most) add(text_of(wait, true), place_of(wait));
  while (guests.size() < most) add("", "");
  return guests;
}

void print_task(const char* indent, const left_task& task) noexcept {
  std::fprintf(stderr, "%s%s%s%s%s%s\n", indent, sched::shown_name(task.name.c_str()), task.what.empty() ? "" : ": waits for ",
               task.what.c_str(), task.where.empty() ? "" : ", ", task.where.c_str());
}

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
// Random choices (uniform, sticky, PCT) and the depth-first walk over all of them within bounds.
#include "choices.hpp"

#include <cstdlib>

namespace weft::explorer {

std::uint64_t choices::next() noexcept {
  random_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = random_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

void choices::begin(strategy how, std::uint64_t seed, std::uint32_t expected_steps) {
  how_ = how;
  seed_ = random_ = seed;
  expected_steps_ = expected_steps;
  step_ = in_a_row_ = 0;
  depth_ = 0;
  preemptions_ = oddities_ = 0;
  lowest_ = 1U << 20;
  constexpr unsigned rates[] = {0, 2, 4, 12};  // schedules differ in how far threads lag behind
  stale_one_in_ = rates[next() % 4];
  switch_one_in_ = 2U << next() % 5;
  for (std::uint32_t& at : change_at_) at = static_cast<std::uint32_t>(next() % (expected_steps + 1));
}

bool choices::begin(const std::string& name) {
  if (name.size() < 3 || name[1] != ':') return false;
  const char* rest = name.c_str() + 2;
  char* end = nullptr;
  if (name[0] == 'x') {
    begin(strategy::exhaustive, 0, 0);
    path_.clear();
    for (; *rest != '\0'; rest = *end == '.' ? end + 1 : end) {
      path_.push_back({static_cast<std::uint16_t>(std::strtoul(rest, &end, 10)), 0});
      if (end == rest) return false;
    }
    return true;
  }
  const std::uint64_t seed = std::strtoull(rest, &end, 16);
  if (*end != ':') return false;
  const auto steps = static_cast<std::uint32_t>(std::strtoul(end + 1, nullptr, 10));
  if (name[0] != 'u' && name[0] != 's' && name[0] != 'p') return false;
  begin(name[0] == 'u' ? strategy::uniform : name[0] == 's' ? strategy::sticky : strategy::priorities, seed, steps);
  return true;
}

std::string choices::replay() const {
  if (how_ == strategy::exhaustive) {
    std::string name = "x:";
    for (std::size_t i = 0; i < depth_ && i < path_.size(); ++i) name += (i == 0 ? "" : ".") + std::to_string(path_[i].taken);
    return name;
  }
  char text[64];
  std::snprintf(text, sizeof text, "%c:%llx:%u", "usp"[static_cast<unsigned>(how_)], static_cast<unsigned long long>(seed_),
                expected_steps_);
  return text;
}

bool choices::advance() {
  path_.resize(depth_);
  while (!path_.empty() && path_.back().taken + 1 >= path_.back().count) path_.pop_back();
  if (path_.empty()) return false;
  ++path_.back().taken;
  return true;
}

unsigned choices::branch_of(unsigned count) {
  if (count == 1) return 0;
  if (depth_ == path_.size()) path_.push_back({0, static_cast<std::uint16_t>(count)});
  branch& b = path_[depth_++];
  b.count = static_cast<std::uint16_t>(count);
  return b.taken < count ? b.taken : 0;
}

void choices::thread_starts(unsigned thread) { priority_[thread] = (2U << 20) + static_cast<std::uint32_t>(next() % (1U << 20)); }

unsigned choices::by_priority(const unsigned* threads, unsigned count, unsigned current) {
  constexpr std::uint32_t patience = 400;  // steps of one thread in a row: it waits for another one
  bool demote = in_a_row_ > patience;
  for (const std::uint32_t at : change_at_) demote |= at == step_;
  if (demote && current < count) priority_[threads[current]] = --lowest_;
  unsigned best = 0;
  for (unsigned i = 1; i < count; ++i)
    if (priority_[threads[i]] > priority_[threads[best]]) best = i;
  in_a_row_ = best == current && !demote ? in_a_row_ + 1 : 0;
  return best;
}

unsigned choices::thread(const unsigned* threads, unsigned count, unsigned current) {
  ++step_;
  if (how_ == strategy::priorities) return by_priority(threads, count, current);
  if (count == 1) return 0;
  if (how_ == strategy::uniform) return static_cast<unsigned>(next() % count);
  if (how_ == strategy::sticky) return current < count && next() % switch_one_in_ != 0 ? current : static_cast<unsigned>(next() % count);
  if (current == count) return branch_of(count);
  if (preemptions_ == most_preemptions) return current;
  const unsigned chosen = branch_of(count);  // the running thread first, so that the first schedule has no preemption
  if (chosen != 0) ++preemptions_;
  return chosen == 0 ? current : chosen <= current ? chosen - 1 : chosen;
}

unsigned choices::other_thread(const unsigned* threads, unsigned count, unsigned current) {
  if (count == 1) return 0;
  if (how_ == strategy::priorities) priority_[threads[current]] = --lowest_;
  if (how_ != strategy::exhaustive) return thread(threads, count, current);
  const unsigned chosen = branch_of(count - 1);
  return chosen < current ? chosen : chosen + 1;
}

bool choices::oddity(unsigned one_in) {
  if (how_ != strategy::exhaustive) return next() % one_in == 0;
  if (oddities_ == most_oddities) return false;
  const bool odd = branch_of(2) == 1;
  oddities_ += odd;
  return odd;
}

unsigned choices::store(unsigned count) {
  if (count == 1) return 0;
  if (how_ != strategy::exhaustive) return stale_one_in_ == 0 || next() % stale_one_in_ != 0 ? 0 : static_cast<unsigned>(next() % count);
  if (oddities_ == most_oddities) return 0;
  const unsigned chosen = branch_of(count);
  oddities_ += chosen != 0;
  return chosen;
}

}  // namespace weft::explorer

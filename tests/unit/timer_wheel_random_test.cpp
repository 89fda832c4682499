// SPDX-License-Identifier: Apache-2.0
// The timer wheel against a sorted map, over random calls: deadlines in clusters, far, past and equal; a clock that goes, jumps and goes
// back; and a sleeper that heeds what the wheel says. Then a million timers at once.
#include "scheduler/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "scale.hpp"
#include "seed.hpp"

namespace weft::sched {
namespace {

constexpr std::int64_t tick = timer_wheel::tick;
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

/// The wheel, the map, and the sleeper.
class pair_of_wheels {
 public:
  explicit pair_of_wheels(std::uint64_t stream) : random_(stream), timers_(2000) { choose_epoch(); }

  void step() {
    const std::uint64_t choice = random_.below(100);
    timer& t = timers_[random_.below(timers_.size())].in;
    if (choice < 50) {
      t.is_in_wheel() ? remove(t) : insert(t);
    } else if (choice < 58) {
      if (!in_order_.empty()) remove(*in_order_.begin()->second);
    } else if (choice < 90) {
      advance();
      take();
    } else {
      while (take() && !random_.one_in(50)) {
      }
    }
    check();
  }

  void drain() {
    now_ = most;
    while (take()) {
    }
    check();
    ASSERT_TRUE(in_order_.empty());
  }

 private:
  using by_deadline = std::multimap<std::int64_t, timer*>;
  struct known_timer {
    timer in;
    by_deadline::iterator at;
    bool was_late = false;
  };

  // Any length below 2^63, all magnitudes alike.
  std::int64_t any_length() { return static_cast<std::int64_t>(random_.next() >> 1 >> random_.below(63)); }

  static std::int64_t add(std::int64_t time, std::int64_t length) { return time > most - length ? most : time + length; }

  void choose_epoch() { now_ = random_.one_in(4) ? 0 : static_cast<std::int64_t>(random_.next() >> 1 >> random_.below(20)); }

  std::int64_t any_deadline() {
    switch (random_.below(10)) {
      case 0: return add(now_, any_length());                                                           // far
      case 1: return now_ - static_cast<std::int64_t>(random_.below(3 * tick));                         // past
      case 2: return in_order_.empty() ? now_ : std::next(in_order_.begin(), random_.one_in(2))->first;  // equal, or after the last
      case 3: return random_.one_in(2) ? least : most;
      case 4: return add(now_ | ((std::int64_t{1} << 6 * random_.below(10)) - 1), static_cast<std::int64_t>(random_.below(3)));  // borders
      case 5: return add(now_, static_cast<std::int64_t>(random_.below(100)));
      case 6: return add(now_ & ~(tick - 1), static_cast<std::int64_t>(random_.below(2 * tick)));
      default: return add(now_, static_cast<std::int64_t>(random_.below(200 * tick)));
    }
  }

  void advance() {
    switch (random_.below(40)) {
      case 0: now_ = add(now_, any_length() >> 8); break;
      case 1: now_ -= static_cast<std::int64_t>(random_.below(5 * tick)); break;
      case 2: now_ = static_cast<std::int64_t>(random_.below(tick)) - tick / 2; break;
      case 3: now_ = random_.one_in(100) ? most : now_; break;
      case 4: choose_epoch(); break;
      case 5:
      case 6:
        if (const auto next = wheel_->next_deadline()) now_ = *next;
        break;
      case 7:
        if (!in_order_.empty()) now_ = std::max(in_order_.begin()->first, least + 1) - 1;
        break;
      default: now_ = add(now_, static_cast<std::int64_t>(random_.below(random_.one_in(2) ? tick : 100))); break;
    }
    if (now_ > most / 2) begin_anew();
  }

  /// At the end of time nothing more happens.
  void begin_anew() {
    drain();
    wheel_ = std::make_unique<timer_wheel>();
    latest_ = least;
    sleeps_until_.reset();
    choose_epoch();
  }

  known_timer& known(timer& t) { return timers_[static_cast<std::size_t>(reinterpret_cast<known_timer*>(&t) - timers_.data())]; }

  void insert(timer& t) {
    t.deadline = any_deadline();
    known(t).was_late = t.deadline < latest_;
    const std::optional<std::int64_t> before = wheel_->next_deadline();
    const bool wakes = wheel_->insert(t);
    ASSERT_EQ(wakes, !before || t.deadline < *before);
    ASSERT_TRUE(!wakes || in_order_.empty() || t.deadline < in_order_.begin()->first);
    known(t).at = in_order_.emplace(t.deadline, &t);
    if (wakes) sleeps_until_ = wheel_->next_deadline();
  }

  void remove(timer& t) {
    ASSERT_TRUE(wheel_->remove(t));
    ASSERT_FALSE(wheel_->remove(t));
    in_order_.erase(known(t).at);
  }

  bool take() {
    timer* const t = wheel_->take_due(now_);
    latest_ = std::max(latest_, now_);
    if (t == nullptr) {
      EXPECT_TRUE(in_order_.empty() || in_order_.begin()->first > now_);
      check_bound_after_null();
      sleeps_until_ = wheel_->next_deadline();
      return false;
    }
    EXPECT_LE(t->deadline, now_);
    EXPECT_FALSE(t->is_in_wheel());
    check_order(*t);
    in_order_.erase(known(*t).at);
    return true;
  }

  void check_order(timer& t) {
    const auto first = in_order_.begin();
    if (!known(t).was_late) {
      EXPECT_EQ(t.deadline >> 18, first->first >> 18);
    }
    const auto equal = in_order_.lower_bound(t.deadline);
    EXPECT_EQ(equal->second, &t) << "of equal deadlines the first that came is the first to go";
  }

  void check_bound_after_null() {
    const std::optional<std::int64_t> next = wheel_->next_deadline();
    if (!next || in_order_.empty()) return;
    const std::int64_t exact = in_order_.begin()->first;
    EXPECT_GT(*next, now_);
    if (now_ == latest_ && (exact ^ now_) >> 24 == 0) {
      EXPECT_LT(exact - *next, tick);
    }
  }

  void check() {
    ASSERT_EQ(wheel_->size(), in_order_.size());
    const std::optional<std::int64_t> next = wheel_->next_deadline();
    ASSERT_EQ(next.has_value(), !in_order_.empty());
    if (!next) return;
    ASSERT_LE(*next, in_order_.begin()->first);
    ASSERT_TRUE(sleeps_until_ && *sleeps_until_ <= in_order_.begin()->first) << "somebody oversleeps";
  }

  test::random_source random_;
  std::vector<known_timer> timers_;
  std::unique_ptr<timer_wheel> wheel_ = std::make_unique<timer_wheel>();
  by_deadline in_order_;
  std::int64_t now_ = 0;
  std::int64_t latest_ = least;  // of the times the wheel has seen
  std::optional<std::int64_t> sleeps_until_;  // what the wheel said last, or when it said that the sleeper must be woken
};

TEST(timer_wheel_random, a_million_random_calls_do_what_a_sorted_map_does) {
  const std::uint64_t calls = test::scaled(1'000'000, 1000);
  pair_of_wheels both(1);
  for (std::uint64_t i = 0; i < calls && !testing::Test::HasFailure(); ++i) both.step();
  both.drain();
}

TEST(timer_wheel_random, of_a_million_timers_each_comes_once_in_order_of_ticks) {
  const std::uint64_t count = test::scaled(1'000'000, 1000);
  test::random_source random(2);
  std::vector<timer> timers(count);
  timer_wheel wheel;
  const std::int64_t start = std::int64_t{1} << 50;
  ASSERT_EQ(wheel.take_due(start), nullptr);
  for (timer& t : timers) {
    t.deadline = start + static_cast<std::int64_t>(random.next() >> 1 >> (3 + random.below(40)));
    static_cast<void>(wheel.insert(t));
  }
  ASSERT_EQ(wheel.size(), count);
  for (std::uint64_t i = 0; i < count; i += 3) ASSERT_TRUE(wheel.remove(timers[i]));

  std::uint64_t taken = 0;
  for (std::int64_t last = 0; timer* t = wheel.take_due(most); ++taken, last = t->deadline) ASSERT_GE(t->deadline >> 18, last >> 18);

  EXPECT_EQ(taken, count - (count + 2) / 3);
  EXPECT_EQ(wheel.size(), 0U);
}

}  // namespace
}  // namespace weft::sched

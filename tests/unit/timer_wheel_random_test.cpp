// SPDX-License-Identifier: Apache-2.0
// The timer wheel against a sorted map, over random calls: deadlines in clusters, far, past and equal; a clock that goes, jumps and goes
// back; and a sleeper that heeds what the wheel says.
#include "scheduler/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <utility>
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
  explicit pair_of_wheels(std::uint64_t stream) : random_(stream), timers_(2000) { now_ = any_epoch(); }

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

  /// Below 2^63, all magnitudes alike.
  std::int64_t any_length() { return static_cast<std::int64_t>(random_.next() >> 1 >> random_.below(63)); }

  static std::int64_t add(std::int64_t time, std::int64_t length) { return time > most - length ? most : time + length; }
  std::int64_t up_to(std::int64_t bound) { return static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(bound))); }

  /// Where a wheel's time begins: mostly anywhere, or at 0, or close to the end of time.
  std::int64_t any_epoch() {
    switch (random_.below(10)) {
      case 0: return most - up_to(1000 * tick);
      case 1: return 0;
      default: return any_length() / 2;
    }
  }

  std::int64_t next_live() const {
    const auto next = in_order_.lower_bound(now_);
    return next == in_order_.end() ? now_ : next->first;
  }

  std::int64_t any_deadline() {
    switch (random_.below(10)) {
      case 0: return add(now_, any_length());  // far
      case 1: return now_ - up_to(3 * tick);  // past
      case 2: return next_live();
      case 3: return random_.one_in(2) ? least : most;
      case 4: return add(now_ | ((std::int64_t{1} << 6 * random_.below(10)) - 1), up_to(3));  // borders
      case 5: return add(now_, up_to(100));
      case 6: return add(now_ & ~(tick - 1), up_to(2 * tick));
      default: return add(now_, up_to(200 * tick));
    }
  }

  void advance() {
    switch (random_.below(50)) {
      case 0: now_ = random_.one_in(100) ? add(now_, any_length() >> 8) : now_; break;
      case 1: now_ -= std::min(now_, up_to(5 * tick)); break;
      case 2: look_at(random_.one_in(2) ? up_to(tick) - tick / 2 : least); break;
      case 3: now_ = random_.one_in(now_ == most ? 5 : 200) ? begin_anew() : now_; break;
      case 4:
      case 5: now_ = std::max(now_, wheel_->next_deadline().value_or(now_)); break;
      case 6: now_ = next_live() - 1; break;
      default: now_ = add(now_, up_to(random_.one_in(2) ? tick : 100)); break;
    }
  }

  /// With a clock that is elsewhere just this once.
  void look_at(std::int64_t time) {
    const std::int64_t now = std::exchange(now_, time);
    take();
    now_ = now;
  }

  std::int64_t begin_anew() {
    drain();
    wheel_ = std::make_unique<timer_wheel>();
    latest_ = 0;
    sleeps_until_.reset();
    return any_epoch();
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
    EXPECT_TRUE(known(t).was_late || t.deadline / tick == in_order_.begin()->first / tick);
    EXPECT_EQ(in_order_.lower_bound(t.deadline)->second, &t) << "of equal deadlines the first that came is the first to go";
  }

  void check_bound_after_null() {
    const std::optional<std::int64_t> next = wheel_->next_deadline();
    if (!next || in_order_.empty()) return;
    const std::int64_t exact = in_order_.begin()->first;
    EXPECT_GT(*next, now_);
    EXPECT_TRUE(now_ < latest_ || exact / (64 * tick) != now_ / (64 * tick) || exact - *next < tick);
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
  std::int64_t latest_ = 0;  // of the times the wheel has seen
  std::optional<std::int64_t> sleeps_until_;  // what the wheel said last, or when it said that the sleeper must be woken
};

TEST(timer_wheel_random, a_million_random_calls_do_what_a_sorted_map_does) {
  const std::uint64_t calls = test::scaled(1'000'000, 1000);
  pair_of_wheels both(1);
  for (std::uint64_t i = 0; i < calls && !testing::Test::HasFailure(); ++i) both.step();
  both.drain();
}

}  // namespace
}  // namespace weft::sched

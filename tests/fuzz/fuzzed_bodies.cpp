// SPDX-License-Identifier: Apache-2.0
// The bodies: one for every kind, which does what the next bytes say until one says to return; where there are none left it returns.
#include <ranges>

#include "fuzzed_world.hpp"

namespace weft::test {
namespace {

constexpr int deepest = 12;

enum class act : std::uint8_t {
  returns,
  yields,
  throws_failure,
  throws_stop,
  throws_exit,
  operates,
  takes_range,
  takes_fresh_generator,
  takes_kept_generator,
  takes_fresh_coroutine,
  takes_kept_coroutine,
  takes_moved_coroutine,
  takes_view,
  takes_fresh_awaitable,
  takes_kept_awaitable,
  count
};

/// What a body does with an exception that reaches it.
enum class mood : std::uint8_t { lets_pass, swallows, returns, replaces, count };

template <class Choice>
Choice next(world& w) {
  return static_cast<Choice>(w.bytes.next() % static_cast<std::uint8_t>(Choice::count));
}

/// What needs no suspension. Whatever is awaited next is sent None first.
void act_at_once(world& w, act what) {
  if (what != act::yields) w.last_sent = maybe();
  switch (what) {
    case act::throws_failure: throw failure{"failure"};
    case act::throws_stop: throw stop_iteration("stop");
    case act::throws_exit: throw generator_exit();
    case act::operates:
      if (w.depth >= deepest) return;
      ++w.depth;
      w.operate();
      --w.depth;
      return;
    default: return;
  }
}

/// In the handler of an exception: the last value from now on, -1 for the end, or it is thrown again, or another instead.
int taken(mood then, int last) {
  if (then == mood::lets_pass) throw;
  if (then == mood::replaces) throw failure{"instead"};
  return then == mood::returns ? -1 : last;
}

template <class T>
T fresh(world& w) {
  return make<T>(w, std::make_shared<life>());
}

/// Two numbers, which are noted as they are yielded.
auto two_numbers(world& w) {
  return std::views::iota(7, 9) | std::views::transform([&w](int n) { return w.yields(n); });
}

template <class T>
constexpr bool yields_from = !std::is_same_v<T, numbers>;

template <class T>
T body(world& w, life_of_frame mine) {
  mine.enter();
  for (int last = 0;;) {
    const act what = next<act>(w);
    const mood then = next<mood>(w);
    if (what == act::returns || w.bytes.is_empty()) co_return w.returns(last);
    try {
      if (what == act::yields) {
        auto&& sent = co_yield w.yields(last);  // g++ 12 knows no type of a co_yield within an expression of a template
        if (sent != w.last_sent) defect("what was sent is not what arrived");
        last = sent.value_or(1);
      }
      act_at_once(w, what);
      if constexpr (yields_from<T>) {
        if (what == act::takes_range) co_yield yield_from(two_numbers(w));
        if (what == act::takes_fresh_generator) {
          auto&& got = co_yield yield_from(fresh<counting>(w));
          last = got;
        }
        if (what == act::takes_kept_generator) {
          place<counting>& kept = w.choose<counting>();
          const use_of<counting> used(kept);
          if (!kept.held) continue;
          auto&& got = co_yield yield_from(*kept.held);
          last = got;
        }
      }
      if constexpr (!std::is_same_v<T, counting>) {
        if (what == act::takes_range && !yields_from<T>) co_await await_range(two_numbers(w));
        if (what == act::takes_fresh_coroutine) last = co_await fresh<numbers>(w);
        if (what == act::takes_kept_coroutine)
          if (numbers* const kept = w.kept<numbers>()) last = co_await *kept;
        if (what == act::takes_moved_coroutine)
          if (numbers* const kept = w.given_away<numbers>()) last = co_await std::move(*kept);
        if (what == act::takes_view)
          if (numbers_view* const kept = w.kept<numbers_view>()) last = co_await numbers_view(*kept);
        if (what == act::takes_fresh_awaitable) last = co_await fresh<awaitable_counting>(w);
        if (what == act::takes_kept_awaitable) {
          place<awaitable_counting>& kept = w.choose<awaitable_counting>();
          const use_of<awaitable_counting> used(kept);
          if (kept.held) last = co_await *kept.held;
        }
      }
    } catch (...) {
      last = taken(then, last);
    }
    if (last == -1) co_return w.returns(last);
  }
}

}  // namespace

template <class T>
T make(world& w, std::shared_ptr<life> lives) {
  return body<T>(w, life_of_frame(std::move(lives)));
}
template numbers make(world&, std::shared_ptr<life>);
template counting make(world&, std::shared_ptr<life>);
template awaitable_counting make(world&, std::shared_ptr<life>);

}  // namespace weft::test

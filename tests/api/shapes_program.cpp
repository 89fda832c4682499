// SPDX-License-Identifier: Apache-2.0
// The shapes that programs are written in, each with the result it must have. A program that includes one header of weft's and no
// other, so that it also shows what this one header brings. Its exit status is the number of shapes that gave something else.
#include <weft/weft.hpp>

namespace {

weft::task<std::uint64_t> fib(int n) {
  if (n < 2) co_return n;
  auto [x, y] = co_await weft::when_all(fib(n - 1), fib(n - 2));
  co_return x + y;
}

weft::task<std::uint64_t> fib_in_place(int n) {
  if (n < 2) co_return n;
  auto j = weft::when_all(fib_in_place(n - 1), fib_in_place(n - 2));
  co_await j;
  co_return j.get<0>() + j.get<1>();
}

bool a_join_is_bound_or_read_in_place() {
  weft::scheduler pool{{.workers = 4}};
  std::uint64_t r = weft::sync_wait(pool, fib(20));
  return r == 6765 && weft::sync_wait(pool, fib_in_place(20)) == 6765;
}

bool a_scheduler_without_options_uses_every_core_of_the_quota() {
  weft::scheduler pool;
  weft::scheduler same{{}};
  return pool.workers() == weft::default_workers() && same.workers() == weft::default_workers();
}

weft::task<int> async_main() {
  const std::uint64_t value = co_await fib(10);
  co_return static_cast<int>(value) - 55;
}

bool run_is_a_main_function() { return weft::run(async_main()) == 0; }

weft::task<int> f() { co_return 1; }
weft::task<int> g() { co_return 2; }

weft::task<int> spawns() {
  auto h = weft::spawn(f(), {.name = "f"});
  auto dropped = weft::spawn(g());
  static_cast<void>(dropped.is_done());
  int one = co_await std::move(h);
  co_return one;
}

bool tasks_are_spawned_inside_and_from_anywhere() {
  weft::scheduler pool{{.workers = 2}};
  const int inside = weft::sync_wait(pool, spawns());
  auto h = weft::spawn(pool, f());
  weft::spawn_detached(pool, g());
  std::future<int> u = weft::spawn_future(pool, g());
  const int outside = u.get();
  pool.stop();
  return inside == 1 && outside == 2 && h.is_done();
}

weft::task<int> moves(weft::scheduler& pool, weft::scheduler& other) {
  co_await pool.schedule();
  co_await weft::yield();
  co_await weft::resume_on(other);
  int v = co_await weft::on(other, g());
  co_return v;
}

bool tasks_move_between_schedulers() {
  weft::scheduler pool{{.workers = 1}};
  weft::scheduler other{{.workers = 1}};
  return weft::sync_wait(pool, moves(pool, other)) == 2;
}

weft::task<> nothing() { co_return; }

weft::task<int> joins_a_vector() {
  std::vector<weft::task<int>> vector_of_tasks;
  for (int i = 0; i < 3; ++i) vector_of_tasks.push_back(g());
  std::vector<int> results = co_await weft::when_all(std::move(vector_of_tasks));
  auto [two, none] = co_await weft::when_all(g(), nothing());
  static_assert(std::is_same_v<decltype(none), std::monostate>);
  co_await weft::when_all(nothing(), nothing());
  auto [good, bad] = co_await weft::when_all_ready(g(), nothing());
  co_return results[0] + results[1] + results[2] + two + good.value() + (bad.has_value() ? 0 : 100);
}

bool a_count_known_at_run_time_gives_a_vector() {
  weft::scheduler pool{{.workers = 2}};
  return weft::sync_wait(pool, joins_a_vector()) == 10;
}

weft::task<long> sky(long base, long step, int depth) {
  if (depth == 0) co_return base;
  long sum = 0;
  auto r10 = co_await weft::fork_join<10>(10, [&](std::size_t i) { return sky(base + static_cast<long>(i) * step, step / 10, depth - 1); });
  for (long v : r10) sum += v;
  co_return sum;
}

bool children_are_made_where_the_awaiter_suspends() {
  weft::scheduler pool{{.workers = 2}};
  return weft::sync_wait(pool, sky(0, 100, 3)) == 499'500;
}

using board = std::array<signed char, 14>;

board with(const board& buf, int row, int column) {
  board next = buf;
  next[static_cast<std::size_t>(row)] = static_cast<signed char>(column);
  return next;
}
bool is_safe(const board& buf, int row, int column) {
  for (int above = 0; above < row; ++above) {
    const int other = buf[static_cast<std::size_t>(above)];
    if (other == column || other - column == row - above || column - other == row - above) return false;
  }
  return true;
}

weft::task<int> queens(int n, int row, board buf) {
  if (row == n) co_return 1;
  std::array<int, 14> col{};
  std::size_t safe = 0;
  for (int c = 0; c < n; ++c)
    if (is_safe(buf, row, c)) col[safe++] = c;
  int sum = 0;
  for (int v : co_await weft::fork_join<14>(safe, [&](std::size_t i) { return queens(n, row + 1, with(buf, row, col[i])); })) sum += v;
  co_return sum;
}

bool the_bound_is_known_at_compile_time_and_the_count_is_not() {
  weft::scheduler pool{{.workers = 2}};
  return weft::sync_wait(pool, queens(8, 0, {})) == 92;
}

weft::task<std::size_t> without_a_bound(std::size_t n) {
  auto all = co_await weft::fork_join(n, [](std::size_t) { return f(); });
  static_assert(std::is_same_v<decltype(all), std::vector<int>>);
  co_return all.size();
}

bool without_a_bound_a_fork_join_gives_a_vector() {
  weft::scheduler pool{{.workers = 2}};
  return weft::sync_wait(pool, without_a_bound(100)) == 100;
}

struct mishap {};

weft::task<int> fails() {
  throw mishap();
  co_return 0;
}

bool a_failure_is_caught_as_what_was_thrown_and_as_wefts_own() {
  weft::scheduler pool{{.workers = 1}};
  pool.stop();
  try {
    weft::sync_wait(pool, f());
    return false;
  } catch (const weft::error&) {
  }
  try {
    return weft::run(fails()) != 0;
  } catch (const mishap&) {
    return true;
  }
}

bool the_memory_of_frames_is_described() {
  const weft::frame_statistics now = weft::describe_frames();
  return !now.limit_bytes && weft::live_frames() == 0 && weft::trim_frames() <= now.mapped_bytes;
}

}  // namespace

int main() {
  int wrong = 0;
  for (bool (*const shape)() : {
           a_join_is_bound_or_read_in_place,
           a_scheduler_without_options_uses_every_core_of_the_quota,
           run_is_a_main_function,
           tasks_are_spawned_inside_and_from_anywhere,
           tasks_move_between_schedulers,
           a_count_known_at_run_time_gives_a_vector,
           children_are_made_where_the_awaiter_suspends,
           the_bound_is_known_at_compile_time_and_the_count_is_not,
           without_a_bound_a_fork_join_gives_a_vector,
           a_failure_is_caught_as_what_was_thrown_and_as_wefts_own,
           the_memory_of_frames_is_described,
       })
    if (!shape()) ++wrong;
  return wrong;
}

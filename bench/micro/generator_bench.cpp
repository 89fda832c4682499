// SPDX-License-Identifier: Apache-2.0
// What a value of a generator costs its loop, beside the least that C++20 allows: a generator of thirty lines without send, throw, close,
// recursion and errors of use.
#include <weft/generator.hpp>

#include <benchmark/benchmark.h>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace weft {
namespace {

class plain_generator {
 public:
  struct promise_type {
    const std::int64_t* value = nullptr;
    std::exception_ptr failure;

    plain_generator get_return_object() { return plain_generator(std::coroutine_handle<promise_type>::from_promise(*this)); }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_always final_suspend() const noexcept { return {}; }
    std::suspend_always yield_value(const std::int64_t& yielded) noexcept {
      value = std::addressof(yielded);
      return {};
    }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { failure = std::current_exception(); }
  };
  class iterator {
   public:
    explicit iterator(std::coroutine_handle<promise_type> handle) : handle_(handle) { ++*this; }
    const std::int64_t& operator*() const noexcept { return *handle_.promise().value; }
    iterator& operator++() {
      handle_.resume();
      if (handle_.done() && handle_.promise().failure) std::rethrow_exception(handle_.promise().failure);
      return *this;
    }
    friend bool operator==(const iterator& i, std::default_sentinel_t) noexcept { return i.handle_.done(); }

   private:
    std::coroutine_handle<promise_type> handle_;
  };

  plain_generator(plain_generator&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  plain_generator& operator=(plain_generator&&) = delete;
  ~plain_generator() {
    if (handle_) handle_.destroy();
  }
  iterator begin() { return iterator(handle_); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  explicit plain_generator(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// Not inlined: a generator comes from elsewhere, as a rule, and its frame is not on the caller's stack.
[[gnu::noinline]] plain_generator plain_counts(std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) co_yield i;
}
[[gnu::noinline]] generator<std::int64_t> counts(std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) co_yield i;
}
generator<std::int64_t> nested(std::int64_t depth, std::int64_t n) {
  if (depth == 0) {
    co_yield yield_from(counts(n));
  } else {
    co_yield yield_from(nested(depth - 1, n));
  }
}
generator<std::int64_t, std::optional<std::int64_t>> echoes() {
  std::int64_t last = 0;
  for (;;) last = (co_yield last).value_or(0);
}

constexpr std::int64_t values = 10'000;

template <class Make>
void sum_all(benchmark::State& state, Make make) {
  for (auto _ : state) {
    std::int64_t sum = 0;
    for (const std::int64_t i : make()) sum += i;
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * values);
}

/// Time for 10,000 values.
void hand_written(benchmark::State& state) {
  sum_all(state, [] { return plain_counts(values); });
}
BENCHMARK(hand_written);
void weft_generator(benchmark::State& state) {
  sum_all(state, [] { return counts(values); });
}
BENCHMARK(weft_generator);

/// The same from the bottom of a recursion, by its depth.
void recursive(benchmark::State& state) {
  sum_all(state, [&] { return nested(state.range(0), values); });
}
BENCHMARK(recursive)->Arg(1)->Arg(100);

/// A send and the yield that answers it.
void send_and_yield(benchmark::State& state) {
  auto g = echoes();
  static_cast<void>(g.next());
  std::int64_t value = 1;
  for (auto _ : state) value = g.send(value).yielded();
  benchmark::DoNotOptimize(value);
}
BENCHMARK(send_and_yield);

}  // namespace
}  // namespace weft

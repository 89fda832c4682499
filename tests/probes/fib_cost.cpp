// SPDX-License-Identifier: Apache-2.0
// fib(n) on one worker, for fib_cost_test.py to count the instructions of a call.
#include <weft/weft.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace {

weft::task<std::uint64_t> fib(unsigned n) {
  if (n < 2) co_return n;
  auto both = weft::when_all(fib(n - 1), fib(n - 2));
  co_await both;
  co_return both.get<0>() + both.get<1>();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  weft::scheduler pool{{.workers = 1}};
  const auto n = static_cast<unsigned>(std::strtoul(arguments[1], nullptr, 10));
  std::printf("%llu\n", static_cast<unsigned long long>(weft::sync_wait(pool, fib(n))));
}

// SPDX-License-Identifier: Apache-2.0
// The first program of somebody who read the README: recursive fib on four workers, with no header but one; and one for C.
#include <weft/weft.h>
#include <weft/weft.hpp>

weft::task<std::uint64_t> fib(int n) {
  if (n < 2) co_return n;
  auto [x, y] = co_await weft::when_all(fib(n - 1), fib(n - 2));
  co_return x + y;
}

int main() {
  weft::scheduler pool{{.workers = 4}};
  return weft::sync_wait(pool, fib(20)) == 6765 && weft_coro_abi_version() == WEFT_CORO_ABI_VERSION ? 0 : 1;
}

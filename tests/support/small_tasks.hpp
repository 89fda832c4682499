// SPDX-License-Identifier: Apache-2.0
// The smallest tasks there are, one for each kind of result and end, and where the tests of joins run them.
#pragma once

#include <weft/weft.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

#include "counted.hpp"
#include "gate.hpp"

namespace weft::test {

/// What the tests' own tasks throw.
struct mishap : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline task<int> number(int n) { co_return n; }
/// 0 + 1 + .. + n - 1, each by a child.
inline task<int> sum_of(int n) {
  int sum = 0;
  auto join = fork_join(static_cast<std::size_t>(n), [](std::size_t i) { return number(static_cast<int>(i)); });
  for (const int one : co_await join) sum += one;
  co_return sum;
}
/// Ends once the gate is open.
inline task<int> number_behind(gate& gate, int n) {
  co_await gate;
  co_return n;
}
inline task<counted> object(long n) { co_return counted(n); }
inline task<std::unique_ptr<int>> boxed(int n) { co_return std::make_unique<int>(n); }
inline task<int&> same(int& which) { co_return which; }
inline task<> increments(int& counter) {
  ++counter;
  co_return;
}

/// The texts of the mishaps in a group, in order, a blank after each.
inline std::string texts_of(const exception_group& group) {
  std::string texts;
  for (const std::exception_ptr& failure : group.failures()) {
    try {
      std::rethrow_exception(failure);
    } catch (const mishap& e) {
      texts += std::string(e.what()) + ' ';
    }
  }
  return texts;
}

/// Waits for the task that `make` makes, on one worker and on three: without and with thieves.
template <class Make>
void run_everywhere(Make make) {
  for (const int workers : {1, 3}) {
    scheduler pool{{.workers = workers}};
    sync_wait(pool, make());
  }
}

}  // namespace weft::test

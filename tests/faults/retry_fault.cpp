// SPDX-License-Identifier: Apache-2.0
// A join over a number of tasks known only at run time that found no memory before its first child ran can be awaited again, and
// then gives everything once; one whose children have run says that it was awaited before.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "balanced.hpp"
#include "failing_memory.hpp"
#include "fault_point.hpp"

namespace weft {
namespace {

using test::after_failure;
using test::counted;
using test::failing_memory;
using test::fault_point;

/// Makes slots so large that a join of some hundred children takes several pieces of memory.
struct heavy {
  counted part;
  char load[4096] = {};
  explicit heavy(long value) : part(value) {}
};

constexpr long many = 300;
long bodies = 0;  // one worker

task<heavy> weighs(long n) {
  ++bodies;
  co_return heavy(n);
}
std::vector<task<heavy>> heavies() {
  std::vector<task<heavy>> all;
  for (long i = 0; i < many; ++i) all.push_back(weighs(i));
  return all;
}

struct outcome {
  bool failed = false;  // at the first await
  bool ran = false;     // children, then
  bool refused = false;  // at the second
  std::vector<long> values;
};

long value_of(heavy& one) { return one.part.value; }
long value_of(result<heavy>& one) { return std::move(one).value().part.value; }

/// Awaits once with the n-th request failing, and if that threw once more with all the memory there is.
template <class Join>
task<outcome> await_twice(Join join, long n, after_failure then) {
  outcome seen;
  auto made = join();
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      const failing_memory memory(attempt == 0 ? n : -1, then);
      auto values = co_await made;
      failing_memory::stop();
      for (auto& one : values) seen.values.push_back(value_of(one));
      break;
    } catch (const std::bad_alloc&) {
      seen.failed = true;
      seen.ran = bodies != 0;
    } catch (const usage_error& e) {
      EXPECT_NE(std::string(e.what()).find("it was awaited before"), std::string::npos) << e.what();
      seen.refused = true;
    }
  }
  co_return seen;
}

template <class Join>
void sweep(const std::string& name, Join join) {
  fault_point point("memory for an awaited-again " + name);
  scheduler pool{{.workers = 1}};
  while (!point.is_covered()) {
    const after_failure then = point.hits() % 2 == 0 ? after_failure::works_again : after_failure::fails_on;
    for (long n = 0;; ++n) {
      bodies = 0;
      const outcome seen = sync_wait(pool, await_twice(join, n, then));
      ASSERT_EQ(seen.refused, seen.ran) << name << ", request " << n;
      if (!seen.refused) {
        ASSERT_EQ(seen.values.size(), static_cast<std::size_t>(many)) << name << ", request " << n;
        for (long i = 0; i < many; ++i) ASSERT_EQ(seen.values[static_cast<std::size_t>(i)], i);
      }
      ASSERT_EQ(counted::live(), 0);
      if (!seen.failed) break;
      point.hit();
      ASSERT_LT(n, 2000);
    }
  }
}

class retry_fault : public test::balanced {};

TEST_F(retry_fault, a_vector) {
  sweep("when_all", [] { return when_all(heavies()); });
}
TEST_F(retry_fault, a_vector_ready) {
  sweep("when_all_ready", [] { return when_all_ready(heavies()); });
}
TEST_F(retry_fault, a_fork_join) {
  sweep("fork_join", [] { return fork_join(many, [](std::size_t i) { return weighs(static_cast<long>(i)); }); });
}

}  // namespace
}  // namespace weft

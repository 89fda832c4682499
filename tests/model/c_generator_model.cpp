// SPDX-License-Identifier: Apache-2.0
// A generator-based coroutine that several threads have a handle of, under every schedule: of two calls at once one drives it, and who
// comes later sees what the body did before.
#include <gtest/gtest.h>

#include <string_view>

#include "coro/c_generator.hpp"
#include "explored_coroutines.hpp"
#include "weft/errors.hpp"

namespace weft::coro {
namespace {

using explorer::explore;
using explorer::require;
using explorer::thread;
using test::account;

c_generator_coroutine counts(account& a) {
  for (;;) {
    ++a.received;  // plain: the explorer sees two at once
    co_yield c_value();
  }
}

bool send_to(c_generator& g) {
  try {
    require(g.send(c_value()).is_yielded(), "it yields");
    return true;
  } catch (const value_error& e) {
    require(std::string_view(e.what()) == "generator already executing", "who is refused is told why");
    return false;
  }
}

TEST(c_generator_model, of_two_senders_one_proceeds_or_both_in_turn) {
  explore(
      [] {
        account a;
        c_generator g(counts(a), nullptr);
        bool other_did = false;
        bool did = false;
        {
          const thread other([&] { other_did = send_to(g); });
          did = send_to(g);
        }
        require(did || other_did, "one proceeds");
        require(a.received == static_cast<int>(did) + static_cast<int>(other_did), "each call that was taken ran the body once");
        require(g.state() == coroutine_state::suspended, "it is given back");
      },
      {.exhaustive = 400'000});
}

}  // namespace
}  // namespace weft::coro

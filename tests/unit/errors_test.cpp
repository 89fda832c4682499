// SPDX-License-Identifier: Apache-2.0
// The errors themselves: their kinship, their texts, copies, and groups.
#include <weft/errors.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <type_traits>

#include "weft/detail/expects.hpp"

namespace weft {
namespace {

static_assert(std::is_base_of_v<std::exception, error>);
static_assert(std::is_base_of_v<error, usage_error> && std::is_base_of_v<error, scheduler_stopped>);
static_assert(std::is_base_of_v<error, operation_cancelled> && std::is_base_of_v<error, timeout_error>);
static_assert(std::is_base_of_v<error, exception_group>);
static_assert(std::is_nothrow_copy_constructible_v<error> && std::is_nothrow_copy_constructible_v<exception_group>);

TEST(errors, say_what_they_were_given) { EXPECT_STREQ(timeout_error("too late").what(), "too late"); }

TEST(errors, a_copy_keeps_the_text_alive) {
  std::exception_ptr kept;
  {
    const usage_error original(std::string(200, 'x'));
    kept = std::make_exception_ptr(usage_error(original));
  }
  try {
    std::rethrow_exception(kept);
  } catch (const error& e) {
    EXPECT_EQ(std::string(e.what()), std::string(200, 'x'));
  }
}

TEST(errors, a_group_keeps_its_failures_in_order_and_counts_them) {
  const exception_group group({std::make_exception_ptr(std::runtime_error("a")), std::make_exception_ptr(usage_error("b"))});

  EXPECT_STREQ(group.what(), "2 tasks failed; see failures()");
  ASSERT_EQ(group.failures().size(), 2U);
  EXPECT_THROW(std::rethrow_exception(group.failures()[0]), std::runtime_error);
  EXPECT_THROW(std::rethrow_exception(group.failures()[1]), usage_error);
}

TEST(errors, a_copied_group_shares_its_failures) {
  const exception_group group({std::make_exception_ptr(1), std::make_exception_ptr(2)});
  const exception_group copy = group;  // NOLINT: that copying works is what is tested

  EXPECT_EQ(&copy.failures(), &group.failures());
}

TEST(expects, throws_usage_error_with_call_and_rule) {
  EXPECT_NO_THROW(detail::expects(true, "call", "rule"));
  try {
    detail::expects(false, "frobnicate", "do it twice");
    FAIL() << "nothing was thrown";
  } catch (const usage_error& e) {
    EXPECT_STREQ(e.what(), "weft: frobnicate: do it twice");
  }
}

TEST(expects_death, a_mistake_that_cannot_be_thrown_ends_the_process_with_its_text) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(detail::fail("frobnicate", "do it twice"), "weft: frobnicate: do it twice");
}

TEST(expects_death, a_broken_invariant_ends_checked_builds_only) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  if constexpr (detail::debug_checks)
    EXPECT_DEATH(detail::invariant(false, "ring", "it is round"), "weft: ring: it is round");
  else
    EXPECT_NO_FATAL_FAILURE(detail::invariant(false, "ring", "it is round"));
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// A value or an exception, for values, references and nothing.
#include <weft/result.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

namespace weft {
namespace {

const std::exception_ptr broken = std::make_exception_ptr(std::runtime_error("broken"));

TEST(result, holds_a_value) {
  result<int> r(std::in_place, 7);

  EXPECT_TRUE(r.has_value());
  EXPECT_TRUE(static_cast<bool>(r));
  EXPECT_EQ(r.failure(), nullptr);
  EXPECT_EQ(r.value(), 7);
  r.value() = 8;
  EXPECT_EQ(std::move(r).value(), 8);
}

TEST(result, holds_a_failure_and_throws_it_each_time) {
  result<int> r(broken);

  EXPECT_FALSE(r.has_value());
  EXPECT_FALSE(static_cast<bool>(r));
  EXPECT_EQ(r.failure(), broken);
  EXPECT_THROW(static_cast<void>(r.value()), std::runtime_error);
  EXPECT_THROW(static_cast<void>(std::move(r).value()), std::runtime_error);
}

TEST(result, moves_a_move_only_value_out) {
  result<std::unique_ptr<int>> r(std::in_place, std::make_unique<int>(3));
  result<std::unique_ptr<int>> moved = std::move(r);

  EXPECT_EQ(*std::move(moved).value(), 3);
}

TEST(result, refers_to_a_referenced_object) {
  int object = 1;
  result<int&> r(std::in_place, &object);

  r.value() = 2;

  EXPECT_EQ(object, 2);
  EXPECT_EQ(&std::move(r).value(), &object);
  EXPECT_THROW(static_cast<void>(result<int&>(broken).value()), std::runtime_error);
}

TEST(result, of_nothing_is_a_success_or_a_failure) {
  result<void> good(std::in_place);
  result<void> bad(broken);

  EXPECT_TRUE(good.has_value());
  EXPECT_NO_THROW(good.value());
  EXPECT_FALSE(bad.has_value());
  EXPECT_THROW(bad.value(), std::runtime_error);
  EXPECT_THROW(std::move(bad).value(), std::runtime_error);
}

TEST(result, can_hold_an_exception_pointer_as_its_value) {
  result<std::exception_ptr> value(std::in_place, broken);
  result<std::exception_ptr> failure(broken);

  EXPECT_EQ(value.value(), broken);
  EXPECT_FALSE(failure.has_value());
}

}  // namespace
}  // namespace weft

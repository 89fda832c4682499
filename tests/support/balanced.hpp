// SPDX-License-Identifier: Apache-2.0
// A fixture that fails a test after which a frame or a counted object is left over.
#pragma once

#include <weft/frames.hpp>

#include <gtest/gtest.h>

#include <cstddef>

#include "counted.hpp"

namespace weft::test {

/// Its tests destroy every scheduler they make: live_frames() is exact then.
class balanced : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(live_frames(), frames_before_);
    EXPECT_EQ(counted::live(), objects_before_);
  }

 private:
  std::size_t frames_before_ = live_frames();
  long objects_before_ = counted::live();
};

}  // namespace weft::test

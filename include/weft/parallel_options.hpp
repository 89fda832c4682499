// SPDX-License-Identifier: Apache-2.0
//
// How finely a parallel algorithm is cut.
#pragma once

#include <cstddef>
#include <optional>

namespace weft {

/// The last argument of every parallel algorithm, which may be left out.
struct parallel_options {
  /// How many elements are done by one worker in one go, between two looks at whether another worker has nothing to do, and at whether
  /// the call is cancelled. Absent: few at first, more as long as nobody wants some; of a reduction or a scan a part of the elements that
  /// depends on their number alone. Give one where elements take very unequal or long times. At least 1.
  std::optional<std::size_t> grain = {};
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// What wrong use is told.
#pragma once

#include <weft/errors.hpp>

#include <string>

namespace weft::test {

/// The text of the usage_error that `call` throws.
template <class Call>
std::string rejection_of(Call call) {
  try {
    call();
  } catch (const usage_error& e) {
    return e.what();
  }
  return "it was allowed";
}

}  // namespace weft::test

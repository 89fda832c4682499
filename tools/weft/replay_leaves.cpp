// SPDX-License-Identifier: Apache-2.0
// The generator behind "Y".
#include "replay_leaves.hpp"

namespace weft::tool::replay {

program_generator yields_once(activation& by, value v) {
  running::suspend(by);
  co_return co_yield v;
}

}  // namespace weft::tool::replay

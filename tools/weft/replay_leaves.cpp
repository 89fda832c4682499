// SPDX-License-Identifier: Apache-2.0
// The generator behind "Y".
#include "replay_leaves.hpp"

namespace weft::tool::replay {

static program_generator yielding_once(activation& by, value v) {
  running::suspend(by);
  co_return co_yield v;
}

program_generator yields_once(activation& by, value v) {
  program_generator made = yielding_once(by, v);
  made.set_name("Y");
  return made;
}

}  // namespace weft::tool::replay

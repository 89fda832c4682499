// SPDX-License-Identifier: Apache-2.0
//
// What is told of a task that has not ended.
#pragma once

#include <string>

namespace weft {

/// A task that a report tells of.
struct left_task {
  std::string name;   // as in spawn_options; a guest is called "(a task of another scheduler)"
  std::string what;   // what it or a child of it waits for, one wait of several; empty: it runs, or is ready
  std::string where;  // file:line of that wait, in the task that awaits; empty: not known
};

}  // namespace weft

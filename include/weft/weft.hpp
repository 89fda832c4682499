// SPDX-License-Identifier: Apache-2.0
//
// All of weft's C++ interface: every header of this folder, and none of detail/ but through them.
#pragma once

#include "weft/awaitable.hpp"
#include "weft/coroutine.hpp"
#include "weft/coroutine_calls.hpp"
#include "weft/coroutine_hooks.hpp"
#include "weft/coroutine_state.hpp"
#include "weft/drive.hpp"
#include "weft/errors.hpp"
#include "weft/fork_join.hpp"
#include "weft/frames.hpp"
#include "weft/metrics.hpp"
#include "weft/on.hpp"
#include "weft/result.hpp"
#include "weft/scheduler.hpp"
#include "weft/send_result.hpp"
#include "weft/spawn.hpp"
#include "weft/sync_wait.hpp"
#include "weft/task.hpp"
#include "weft/topology.hpp"
#include "weft/version.hpp"
#include "weft/when_all.hpp"
#include "weft/when_all_range.hpp"

// SPDX-License-Identifier: Apache-2.0
//
// Parallel algorithms: loops, reductions, running sums, sorts and calls by all workers of a scheduler, awaited by a task.
//
// What they share: a part of the work is handed on only when another worker has nothing to do, and if it is worth it; whether it was does
// not show in a result. Bodies may be plain functions, or return tasks where that is said.
#pragma once

#include "weft/parallel_for.hpp"
#include "weft/parallel_invoke.hpp"
#include "weft/parallel_options.hpp"
#include "weft/parallel_reduce.hpp"
#include "weft/parallel_scan.hpp"
#include "weft/parallel_sort.hpp"

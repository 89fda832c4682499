// SPDX-License-Identifier: Apache-2.0
//
// What each thread knows of itself.
#include "weft/detail/worker.hpp"

#include "weft/detail/resume.hpp"

namespace weft::detail {

namespace {

constinit worker foreign_worker;  // every thread that is no worker

}  // namespace

constinit frame_cache* const foreign_cache = &foreign_worker;
thread_local constinit frame_cache* current_cache = &foreign_worker;
thread_local constinit trampoline this_trampoline;

}  // namespace weft::detail

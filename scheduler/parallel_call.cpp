// SPDX-License-Identifier: Apache-2.0
//
// Failures of the parts of a parallel algorithm.
#include "weft/detail/parallel_call.hpp"

#include "weft/detail/failures.hpp"
#include "weft/errors.hpp"

#include <algorithm>
#include <mutex>
#include <new>
#include <string>
#include <utility>

namespace weft::detail {

void parallel_call::fail(std::size_t position) noexcept {
  ended_.store(true, relaxed);  // ordered by the join of the parts
  const std::scoped_lock hold(lock_);
  try {
    failures_.push_back({position, std::current_exception()});
  } catch (...) {
    lacked_memory_ = true;
  }
}

void parallel_call::throw_failures() {
  if (lacked_memory_) throw std::bad_alloc();
  if (failures_.empty()) {
    const cancel_cause* const cause = cause_of(*cancel_);
    throw operation_cancelled(std::string("weft: ") + name_ + " was cancelled: " + cause->text, cause->why);
  }
  std::sort(failures_.begin(), failures_.end(), [](const failure& a, const failure& b) { return a.position < b.position; });
  failure_sum all;
  for (failure& f : failures_) all.add(std::move(f.thrown));
  failures_.clear();
  all.throw_all();
}

}  // namespace weft::detail

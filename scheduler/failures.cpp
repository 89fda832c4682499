// SPDX-License-Identifier: Apache-2.0
//
// Failed children, from the list in their parent's link to what is thrown.
#include "weft/detail/failures.hpp"

#include "weft/errors.hpp"
#include "weft/task.hpp"

#include <algorithm>

namespace weft::detail {

void failure_list::take_from(frame* parent) {
  const auto first_new = static_cast<std::ptrdiff_t>(failed_.size());
  std::size_t count = 0;
  const join_state state{parent->head.link.load(relaxed)};  // all children have accounted: ordered by E1 of join.hpp
  for (frame* f = state.first_failure(); f != nullptr; ++count)
    f = reinterpret_cast<frame*>(f->head.link.load(relaxed));  // as above
  failed_.reserve(failed_.size() + count);
  frame* f = state.first_failure();
  parent->head.link.store(0, relaxed);  // nobody else looks any more
  while (f != nullptr) {
    frame* const next = reinterpret_cast<frame*>(f->head.link.load(relaxed));  // as above
    const std::size_t place = std::size_t{f->head.join.slot} * 8;
    failed_.push_back({parent, {place, take_failure(f)}});
    f = next;
  }
  std::sort(failed_.begin() + first_new, failed_.end(),
            [](const entry& a, const entry& b) { return a.child.place < b.child.place; });
}

std::exception_ptr failure_list::of(const frame* parent, const void* place) const noexcept {
  const auto distance = static_cast<std::size_t>(static_cast<const char*>(place) - reinterpret_cast<const char*>(parent));
  for (const entry& e : failed_)
    if (e.parent == parent && e.child.place == distance) return e.child.what;
  return nullptr;
}

void failure_list::throw_all() const {
  if (failed_.size() == 1) std::rethrow_exception(failed_.front().child.what);
  std::vector<std::exception_ptr> all;
  std::vector<std::exception_ptr> cancelled;
  for (const entry& e : failed_) {
    try {
      std::rethrow_exception(e.child.what);
    } catch (const operation_cancelled&) {
      cancelled.push_back(e.child.what);
    } catch (...) {
      all.push_back(e.child.what);
    }
  }
  if (all.empty()) std::rethrow_exception(cancelled.front());  // cancellation is reported only if nothing else failed
  if (all.size() == 1) std::rethrow_exception(all.front());
  throw exception_group(std::move(all));
}

void throw_failures(frame* parent) { failure_list(parent).throw_all(); }

}  // namespace weft::detail

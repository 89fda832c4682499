// SPDX-License-Identifier: Apache-2.0
//
// Failed children, from the list in their parent's link to what is thrown.
#include "weft/detail/failures.hpp"

#include "weft/errors.hpp"
#include "weft/task.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace weft::detail {

namespace {

void link(frame* failed, frame* next) noexcept {
  failed->head.link.store(reinterpret_cast<std::uint64_t>(next), relaxed);  // ours: all children have accounted
}

// Two lists that are in order made one.
frame* merge(frame* a, frame* b) noexcept {
  frame* first = nullptr;
  frame* last = nullptr;
  while (a != nullptr || b != nullptr) {
    const bool from_a = b == nullptr || (a != nullptr && a->head.join.slot < b->head.join.slot);
    frame*& source = from_a ? a : b;
    frame* const taken = std::exchange(source, failure_after(source));
    if (last == nullptr)
      first = taken;
    else
      link(last, taken);
    last = taken;
  }
  return first;
}

// The first `count` frames of `rest` in the order of their slots; they are taken off it.
frame* sort_slots(frame*& rest, std::size_t count) noexcept {
  if (count == 1) {
    frame* const only = std::exchange(rest, failure_after(rest));
    link(only, nullptr);
    return only;
  }
  frame* const left = sort_slots(rest, count / 2);
  frame* const right = sort_slots(rest, count - count / 2);
  return merge(left, right);
}

}  // namespace

failure_list::~failure_list() {
  while (first_ != nullptr) static_cast<void>(take_failure(std::exchange(first_, failure_after(first_))));
}

void failure_list::take_from(frame* parent) noexcept {
  frame* found = join_state{parent->head.link.load(relaxed)}.first_failure();  // all children have accounted: E1 of join.hpp
  parent->head.link.store(0, relaxed);  // nobody else looks any more
  std::size_t count = 0;
  for (frame* f = found; f != nullptr; f = failure_after(f)) ++count;
  if (count == 0) return;
  frame* const sorted = sort_slots(found, count);
  if (last_ == nullptr)
    first_ = sorted;
  else
    link(last_, sorted);
  for (last_ = sorted; failure_after(last_) != nullptr;) last_ = failure_after(last_);
}

void failure_list::throw_all() const {
  if (first_ == last_) std::rethrow_exception(failure_of(first_));  // needs no memory
  failure_sum all;
  for (const frame* f = first_; f != nullptr; f = failure_after(f)) all.add(failure_of(f));
  all.throw_all();
}

namespace {

// Whether it holds an E, and nothing derived from it; false as well where that cannot be told without throwing it.
template <class E, class Pointer>
bool holds_just(const Pointer& failure) noexcept {
  if constexpr (requires { failure.__cxa_exception_type(); })
    return *failure.__cxa_exception_type() == typeid(E);
  else
    return false;
}

}  // namespace

bool is_cancellation(const std::exception_ptr& failure) {
  return holds_just<operation_cancelled>(failure) || exception_as<operation_cancelled>(failure) != nullptr;
}

void failure_sum::add(std::exception_ptr failure, std::string_view name) {
  if (is_cancellation(failure)) {
    if (cancelled_ == nullptr) cancelled_ = std::move(failure);
    return;
  }
  if (!name.empty()) {
    names_.resize(failures_.size());
    names_.emplace_back(name);
  }
  failures_.push_back(std::move(failure));
}

void failure_sum::throw_all() {
  if (failures_.empty()) std::rethrow_exception(std::move(cancelled_));
  if (failures_.size() == 1) std::rethrow_exception(std::move(failures_.front()));
  throw exception_group(std::move(failures_), std::move(names_));
}

void throw_both(const std::exception_ptr& first, const std::exception_ptr& second) {
  if (first == nullptr || is_cancellation(first)) std::rethrow_exception(second);
  if (is_cancellation(second)) std::rethrow_exception(first);
  throw exception_group({first, second});
}

void throw_failures(frame* parent) { failure_list(parent).throw_all(); }

}  // namespace weft::detail

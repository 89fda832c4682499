// SPDX-License-Identifier: Apache-2.0
// Keeps the stack of what runs as a list of activations, from the innermost outwards.
#include "replay_stack.hpp"

#include <utility>

namespace weft::tool::replay::running {
namespace {

thread_local activation* top = nullptr;
/// Where the send under way came in, until it is known who is resumed by it.
thread_local activation* sent_to = nullptr;
thread_local call under_way = call::send;

/// Who drives what is resumed now: whoever runs, or, if that awaits it, who drives that.
activation* driver() noexcept { return top != nullptr && top->delegates() ? top->outside : top; }

void push(activation& a, activation* outside) noexcept {
  a.previous = top;
  a.outside = outside;
  top = &a;
}

}  // namespace

error_ref handled() {
  for (const activation* a = top; a != nullptr; a = a->previous)
    if (a->handled()) return a->handled();
  return {};
}

bool contains(const activation& searched) noexcept {
  for (const activation* a = top; a != nullptr; a = a->previous)
    if (a == &searched) return true;
  return false;
}

void enter(activation& self) noexcept {
  sent_to = nullptr;
  push(self, driver());
}

void suspend(activation& self) noexcept { top = self.outside; }

void pass_by() noexcept {
  sent_to = nullptr;
  top = driver();
}

bool resume(activation& self) noexcept {
  activation* next = std::exchange(sent_to, nullptr);
  if (top == &self) return false;
  if (next == nullptr) {
    push(self, driver());
    return true;
  }
  activation* const outside = driver();
  while (next != &self) {
    push(*next, outside);
    const std::shared_ptr<activation> inner = next->awaited();
    next = inner && !inner->has_ended && next->delegates() ? inner.get() : &self;
  }
  push(self, outside);
  return false;
}

void end(activation& self) noexcept {
  self.has_ended = true;
  top = self.previous;
}

bool is_passed_outwards() noexcept { return under_way == call::throw_; }

driving::driving(activation* root, call how) noexcept
    : top_(top), sent_to_(std::exchange(sent_to, how == call::send ? root : nullptr)), how_(std::exchange(under_way, how)) {}

driving::~driving() {
  top = top_;
  sent_to = sent_to_;
  under_way = how_;
}

void sends_to(activation* root) noexcept { sent_to = root; }

}  // namespace weft::tool::replay::running

// SPDX-License-Identifier: Apache-2.0
// What runs on this thread, as CPython sees it: whose exceptions are being handled, and become the context of others.
//
// The library resumes the innermost coroutine of a chain directly. CPython goes through all of them when it sends, and lets those
// outside out when it throws; the difference is seen in contexts, and in how a running coroutine refuses to be awaited (A21).
#pragma once

#include "replay_activation.hpp"

namespace weft::tool::replay {

/// Of the thread. No function of it is inlined: a coroutine must not keep a thread's variable over a suspension.
namespace running {

/// The exception that is being handled; null for none.
[[nodiscard]] error_ref handled();
/// Whether `a` runs, and is not passed over.
[[nodiscard]] bool contains(const activation& a) noexcept;

/// A coroutine begins, by whoever runs.
void enter(activation& self) noexcept;
/// It is about to yield: all the chain stops.
void suspend(activation& self) noexcept;
/// What has no activation yielded to whoever sent: nobody of the chain ran.
void pass_by() noexcept;
/// It has got what it awaited. Returns whether that came by a throw or close from outside, or an end brought about by one.
bool resume(activation& self) noexcept;
/// It ends.
void end(activation& self) noexcept;

/// Whether a throw is under way that goes to the innermost coroutine and is passed outwards. CPython then drops what was awaited before
/// the awaiting coroutine runs, otherwise after that.
[[nodiscard]] bool is_passed_outwards() noexcept;

/// For the length of a call from outside to `root`. A throw of GeneratorExit is a close.
class driving {
 public:
  driving(activation* root, call how) noexcept;
  driving(const driving&) = delete;
  driving& operator=(const driving&) = delete;
  ~driving();

 private:
  activation* const top_;
  activation* const sent_to_;
  const call how_;
};
/// The awaiting activation sends to `root`, a view of which it awaits.
void sends_to(activation* root) noexcept;

}  // namespace running

}  // namespace weft::tool::replay

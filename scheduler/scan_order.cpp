// SPDX-License-Identifier: Apache-2.0
//
// The order of the blocks of a scan.
#include "weft/detail/scan_order.hpp"

#include <mutex>

namespace weft::detail {

// Whether block passed_ waits to be passed. Those that were led need not be.
bool scan_order::can_pass() noexcept {
  while (passed_ < begun_ && state_[passed_] == block_state::led) ++passed_;
  return passed_ < begun_ && passed_ <= reached_ && state_[passed_] == block_state::summed;
}

scan_turn scan_order::next() noexcept {
  const std::scoped_lock hold(lock_);
  if (!walks_ && begun_ == reached_ && begun_ < state_.size()) {
    walks_ = true;
    state_[begun_] = block_state::led;
    return {scan_step::lead, begun_++};
  }
  if (can_pass()) return {scan_step::pass, passed_++};
  if (begun_ < state_.size()) return {scan_step::sum, begun_++};
  return {scan_step::none, 0};
}

bool scan_order::has_more() noexcept {
  const std::scoped_lock hold(lock_);
  return begun_ < state_.size() || can_pass();
}

bool scan_order::summed(std::size_t b) noexcept {
  const std::scoped_lock hold(lock_);
  state_[b] = block_state::summed;
  if (walks_ || reached_ != b) return false;
  walks_ = true;
  return true;
}

bool scan_order::reached(std::size_t b) noexcept {
  const std::scoped_lock hold(lock_);
  reached_ = b;
  walks_ = b != state_.size() && state_[b] == block_state::summed;
  return walks_;
}

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
//
// What a timer is to the wheel that holds it: a node in the frame of who waits.
#pragma once

#include <cstdint>

namespace weft::detail {

/// What is done when a timer is due: a wait ends, or what a deadline is for is cancelled.
enum class timer_purpose : std::uint8_t { ends_wait, cancels };

/// Stays where it is, and keeps its deadline, while it is in a wheel (scheduler/timer_wheel.hpp).
struct timer_node {
  static constexpr std::uint16_t nowhere = 0xffff;

  timer_node() = default;
  explicit timer_node(std::int64_t when, timer_purpose for_what = timer_purpose::ends_wait) noexcept : deadline(when), purpose(for_what) {}
  timer_node(const timer_node&) = delete;
  timer_node& operator=(const timer_node&) = delete;
  ~timer_node() = default;

  [[nodiscard]] bool is_in_wheel() const noexcept { return place != nowhere; }

  std::int64_t deadline = 0;       // nanoseconds of the steady clock; any value
  timer_node* previous = nullptr;  // the wheel's, as next and place
  timer_node* next = nullptr;      // once it is taken: of whoever took it
  std::uint16_t place = nowhere;
  timer_purpose purpose = timer_purpose::ends_wait;
};

}  // namespace weft::detail

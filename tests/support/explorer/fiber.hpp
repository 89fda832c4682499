// SPDX-License-Identifier: Apache-2.0
// A stack to run on and a place to go on at: the threads of an exploration are fibers of one thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::explorer {

class fiber {
 public:
  fiber() noexcept = default;
  fiber(const fiber&) = delete;
  fiber& operator=(const fiber&) = delete;

  /// The next switch to it calls `entry`, which must not return, on a stack of its own. Whatever ran there is forgotten.
  void prepare(void (*entry)());
  [[nodiscard]] std::uintptr_t stack_start() const noexcept { return reinterpret_cast<std::uintptr_t>(stack_); }
  [[nodiscard]] std::uintptr_t stack_end() const noexcept { return stack_start() + stack_bytes; }
  /// Leaves `from` and goes on in `to`.
  static void change(fiber& from, fiber& to) noexcept;

 private:
  static constexpr std::size_t stack_bytes = 512 * 1024;
  char* stack_ = nullptr;  // mapped once, for good
  void* at_ = nullptr;
};

}  // namespace weft::explorer

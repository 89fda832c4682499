// SPDX-License-Identifier: Apache-2.0
// What the compiler probes share: checks that are counted and printed, in programs that are built by every compiler at every
// level of optimisation and therefore need nothing but the library.
#pragma once

#include <cstddef>

namespace weft::probe {

/// Counts and prints a check.
void check(bool holds, const char* what);

/// Prints a figure of this compiler.
void report(const char* what, std::size_t figure);

/// Runs `shape` in a process of its own, for it may crash or hang: whether it answered true.
bool survives(bool (*shape)(), unsigned seconds = 60);

/// A shape that users write: checked where the compiler is known to be right, else printed with the form that works.
void check_shape(bool (*shape)(), bool known_good, const char* what, const char* form_that_works);

/// One thread at a time runs, so that a plain object can count: constructions less destructions.
struct balance {
  static inline int live = 0;
  balance() noexcept { ++live; }
  balance(const balance&) noexcept { ++live; }
  balance(balance&&) noexcept { ++live; }
  balance& operator=(const balance&) noexcept = default;
  ~balance() { --live; }
};

void probe_frames();
void probe_lifetimes();
void probe_exceptions();
void probe_shapes();
void probe_stack();
void probe_threads();

#if defined(__clang__)
inline constexpr bool is_clang = true;
#else
inline constexpr bool is_clang = false;
#endif

}  // namespace weft::probe

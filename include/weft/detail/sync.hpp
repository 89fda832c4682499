// SPDX-License-Identifier: Apache-2.0
//
// The one seam to the machine: atomics, memory orders, futex, clock, and the compiler's attributes. The model flavour replaces
// what is behind it and nothing else; there the explorer of schedules (tests/support/explorer) replaces the threads, too.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <source_location>

#if !defined(__cpp_exceptions)
#error "weft needs exceptions: build without -fno-exceptions"
#endif

#if defined(WEFT_MODEL)
#include "model_atomic.hpp"  // tests/support
#endif

#define WEFT_INLINE [[gnu::always_inline]] inline
// What reads a variable of the thread: inlined into a coroutine, an older clang keeps the variable's address over a suspension
// (llvm 47179, tests/probes/gaps/thread_local_gap.cpp).
#if defined(__clang__) && __clang_major__ < 19
#define WEFT_READS_THREAD [[gnu::noinline]] inline
#else
#define WEFT_READS_THREAD WEFT_INLINE
#endif
// What is rarely called: kept apart, and with clang at no cost in registers to its callers. What throws must not be WEFT_COLD:
// an exception that leaves such a function does not bring its caller's registers back. That is WEFT_COLD_THROWS.
// With a shared library (WEFT_SHARED, see CMakeLists.txt) they keep no more than others: the first call of a function there goes
// through the dynamic linker, which keeps only what a plain call expects. Nor with an older clang: clang 16 keeps even the register
// that the result is in, so that results are lost (tests/probes/gaps/kept_result_gap.cpp).
#define WEFT_COLD_THROWS [[gnu::noinline, gnu::cold]]
#if defined(__clang__) && __clang_major__ >= 19 && !defined(WEFT_SHARED)
#define WEFT_COLD_KEEPS_REGISTERS 1
#define WEFT_COLD [[gnu::noinline, gnu::cold, clang::preserve_most]]
// A cold function compiled by g++, or in a shared library, does not keep the registers that such callers count on: no such
// program links.
extern "C" const char weft_library_keeps_registers;
[[gnu::used]] static const char* const weft_needs_registers_kept = &weft_library_keeps_registers;
#else
#define WEFT_COLD_KEEPS_REGISTERS 0
#define WEFT_COLD [[gnu::noinline, gnu::cold]]
#endif
#if defined(__clang__)
#define WEFT_TRIVIAL_ABI [[clang::trivial_abi]]
#else
#define WEFT_TRIVIAL_ABI
#endif
#define WEFT_TLS_MODEL __attribute__((tls_model("initial-exec")))

namespace weft::detail {

#if defined(WEFT_MODEL)
template <class T>
using atomic = model::atomic<T>;
#else
template <class T>
using atomic = std::atomic<T>;
#endif

/// Part of the names of cold inline functions, whose calling conventions differ: a linker must not merge them.
#if WEFT_COLD_KEEPS_REGISTERS
struct keeping_convention {};
using this_convention = keeping_convention;
#else
struct platform_convention {};
using this_convention = platform_convention;
#endif

inline constexpr std::memory_order relaxed = std::memory_order_relaxed;
inline constexpr std::memory_order acquire = std::memory_order_acquire;
inline constexpr std::memory_order release = std::memory_order_release;
inline constexpr std::memory_order acq_rel = std::memory_order_acq_rel;
inline constexpr std::memory_order seq_cst = std::memory_order_seq_cst;

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool under_asan = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool under_asan = true;
#else
inline constexpr bool under_asan = false;
#endif
#else
inline constexpr bool under_asan = false;
#endif

#if defined(WEFT_DEBUG)
inline constexpr bool debug_checks = true;
#else
inline constexpr bool debug_checks = false;
#endif

/// Whether every frame that is allocated or released is shown to the pool's checks and to the sanitizer.
inline constexpr bool checked_frames = debug_checks || under_asan;

/// A size or a count: the explorer takes a small one, so that its schedules come to where it ends.
/// And takes_step(): whether a step of a protocol is taken, which the explorer leaves out to see that a test misses it.
#if defined(WEFT_EXPLORE)
constexpr std::size_t sized(std::size_t, std::size_t explored) noexcept { return explored; }
[[nodiscard]] bool takes_step(const std::source_location& where = std::source_location::current()) noexcept;
#else
constexpr std::size_t sized(std::size_t usual, std::size_t) noexcept { return usual; }
[[nodiscard]] constexpr bool takes_step() noexcept { return true; }
#endif

/// Sleeps while `word` holds `expected`, at most `nanoseconds` (negative: for ever). May return early. Any thread.
void futex_wait(atomic<std::uint32_t>& word, std::uint32_t expected, std::int64_t nanoseconds = -1) noexcept;

/// Wakes up to `count` threads that sleep on `word`, which need not exist any more when this returns. Any thread.
#if defined(WEFT_EXPLORE)
void futex_wake(atomic<std::uint32_t>* word, int count = 1, const std::source_location& where = std::source_location::current()) noexcept;
#else
void futex_wake(atomic<std::uint32_t>* word, int count = 1) noexcept;
#endif

/// Makes every store that any running thread of this process has issued visible, and this thread see them: the heavy half
/// of an asymmetric barrier (membarrier(2), private expedited). False: this machine does not offer it.
bool barrier_all_threads() noexcept;

/// The light half of that barrier: no instruction, but the compiler moves no access from one side to the other. Between a store
/// and a load whose partners have barrier_all_threads() between theirs.
WEFT_INLINE void barrier_this_thread() noexcept { std::atomic_signal_fence(std::memory_order_seq_cst); }

/// What the steady clock says. Any thread.
std::chrono::steady_clock::time_point now() noexcept;

}  // namespace weft::detail

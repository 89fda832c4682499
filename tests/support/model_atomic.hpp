// SPDX-License-Identifier: Apache-2.0
// The atomics of the model flavour: std::atomic's, each access preceded by a delay chosen at random.
//
// Operations that follow one another closely on one machine are torn apart, so that other threads come in between; a weak
// compare-exchange fails now and then without a reason. The choices follow WEFT_SEED, a stream for each thread.
// Where schedules are explored, the explorer's atomics take their place.
#pragma once

#if defined(WEFT_EXPLORE)
#include "explorer/explored_atomic.hpp"
#else

#include <sched.h>
#include <atomic>
#include <cstdint>
#include <utility>

#include "seed.hpp"

namespace weft::detail::model {

/// Delays this thread, or not.
inline void disturb() noexcept;
/// Whether a weak compare-exchange is to fail for nothing.
inline bool fails_spuriously() noexcept;

/// Holds nothing but the value, at its start: the futex looks at it.
template <class T>
class atomic {
 public:
  constexpr atomic() noexcept = default;
  constexpr atomic(T value) noexcept : value_(value) {}  // NOLINT: as std::atomic
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

  T load(std::memory_order order = std::memory_order_seq_cst) const noexcept {
    disturb();
    return value_.load(order);
  }
  void store(T value, std::memory_order order = std::memory_order_seq_cst) noexcept {
    disturb();
    value_.store(value, order);
    disturb();
  }
  T exchange(T value, std::memory_order order = std::memory_order_seq_cst) noexcept {
    disturb();
    const T before = value_.exchange(value, order);
    disturb();
    return before;
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order order, std::memory_order failure) noexcept {
    disturb();
    const bool done = value_.compare_exchange_strong(expected, desired, order, failure);
    disturb();
    return done;
  }
  bool compare_exchange_strong(T& expected, T desired) noexcept {
    return compare_exchange_strong(expected, desired, std::memory_order_seq_cst, std::memory_order_seq_cst);
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order order, std::memory_order failure) noexcept {
    if (!fails_spuriously()) return compare_exchange_strong(expected, desired, order, failure);
    expected = load(failure);
    return false;
  }
  operator T() const noexcept { return load(); }  // NOLINT: as std::atomic
  template <class U>
  T fetch_add(U change, std::memory_order order = std::memory_order_seq_cst) noexcept {
    return changed([&] { return value_.fetch_add(change, order); });
  }
  template <class U>
  T fetch_sub(U change, std::memory_order order = std::memory_order_seq_cst) noexcept {
    return changed([&] { return value_.fetch_sub(change, order); });
  }
  T fetch_and(T mask, std::memory_order order = std::memory_order_seq_cst) noexcept {
    return changed([&] { return value_.fetch_and(mask, order); });
  }
  T fetch_or(T mask, std::memory_order order = std::memory_order_seq_cst) noexcept {
    return changed([&] { return value_.fetch_or(mask, order); });
  }

 private:
  template <class F>
  static T changed(F change) noexcept {
    disturb();
    const T before = change();
    disturb();
    return before;
  }

  std::atomic<T> value_{};
};

/// The choices of one thread.
class disturbance {
 public:
  static disturbance& of_this_thread() noexcept {
    static std::atomic<std::uint64_t> threads{0};
    thread_local disturbance mine(threads.fetch_add(1, std::memory_order_relaxed));
    return mine;
  }

  // Mostly nothing, so that the schedules of the undelayed rest vary; a spin is about as long as a cache miss or a few.
  void delay() noexcept {
    const std::uint64_t choice = random_.next();
    if (choice % 64 != 0) return;
    if (choice / 64 % 16 == 0) {
      ::sched_yield();
      return;
    }
    for (std::uint64_t i = choice / 1024 % 256; i != 0; --i) asm volatile("" ::: "memory");
  }
  bool fails() noexcept { return random_.one_in(13); }

 private:
  explicit disturbance(std::uint64_t thread) noexcept : random_(thread) {}
  test::random_source random_;
};

inline void disturb() noexcept { disturbance::of_this_thread().delay(); }
inline bool fails_spuriously() noexcept { return disturbance::of_this_thread().fails(); }

}  // namespace weft::detail::model

#endif

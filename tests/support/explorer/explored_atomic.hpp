// SPDX-License-Identifier: Apache-2.0
// The atomics of explored code: every operation goes to the engine, and knows where it stands in the source.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <source_location>

namespace weft::explorer {

/// The operations by the engine, on any atomic of at most 8 bytes. Outside of an exploration they are plain.
struct explored_place {
  void* place;
  unsigned bytes;
  const std::source_location& where;

  std::uint64_t load(std::memory_order order) const noexcept;
  void store(std::uint64_t value, std::memory_order order) const noexcept;
  std::uint64_t exchange(std::uint64_t value, std::memory_order order) const noexcept;
  std::uint64_t add(std::uint64_t change, std::memory_order order) const noexcept;
  std::uint64_t mask_and(std::uint64_t mask, std::memory_order order) const noexcept;
  std::uint64_t mask_or(std::uint64_t mask, std::memory_order order) const noexcept;
  bool compare_exchange(std::uint64_t& expected, std::uint64_t desired, std::memory_order order, std::memory_order failure,
                        bool weak) const noexcept;
};

}  // namespace weft::explorer

namespace weft::detail::model {

/// Holds nothing but the value. Making one is a plain write: whoever uses it has to be behind that.
template <class T>
class atomic {
  static_assert(sizeof(T) <= 8);
  using source = std::source_location;
  using order_of = std::memory_order;
  static constexpr order_of strongest = std::memory_order_seq_cst;

 public:
  constexpr atomic() noexcept = default;
  constexpr atomic(T value) noexcept : value_(value) {}  // NOLINT: as std::atomic
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

  T load(order_of order = strongest, const source& where = source::current()) const noexcept { return as_value(at(where).load(order)); }
  void store(T value, order_of order = strongest, const source& where = source::current()) noexcept {
    at(where).store(as_word(value), order);
  }
  T exchange(T value, order_of order = strongest, const source& where = source::current()) noexcept {
    return as_value(at(where).exchange(as_word(value), order));
  }
  bool compare_exchange_strong(T& expected, T desired, order_of order, order_of failure, const source& where = source::current()) noexcept {
    return exchanged(expected, desired, order, failure, false, where);
  }
  bool compare_exchange_strong(T& expected, T desired, const source& where = source::current()) noexcept {
    return exchanged(expected, desired, strongest, strongest, false, where);
  }
  bool compare_exchange_weak(T& expected, T desired, order_of order, order_of failure, const source& where = source::current()) noexcept {
    return exchanged(expected, desired, order, failure, true, where);
  }
  operator T() const noexcept { return load(); }  // NOLINT: as std::atomic
  T fetch_add(std::type_identity_t<T> change, order_of order = strongest, const source& where = source::current()) noexcept {
    return as_value(at(where).add(as_word(change), order));
  }
  T fetch_sub(std::type_identity_t<T> change, order_of order = strongest, const source& where = source::current()) noexcept {
    return as_value(at(where).add(0 - as_word(change), order));
  }
  T fetch_and(T mask, order_of order = strongest, const source& where = source::current()) noexcept {
    return as_value(at(where).mask_and(as_word(mask), order));
  }
  T fetch_or(T mask, order_of order = strongest, const source& where = source::current()) noexcept {
    return as_value(at(where).mask_or(as_word(mask), order));
  }

 private:
  explorer::explored_place at(const source& where) const noexcept { return {const_cast<T*>(&value_), sizeof(T), where}; }
  static std::uint64_t as_word(T value) noexcept {
    std::uint64_t word = 0;
    __builtin_memcpy(&word, &value, sizeof value);
    return word;
  }
  static T as_value(std::uint64_t word) noexcept {
    T value;
    __builtin_memcpy(&value, &word, sizeof value);
    return value;
  }
  bool exchanged(T& expected, T desired, order_of order, order_of failure, bool weak, const source& where) noexcept {
    std::uint64_t word = as_word(expected);
    const bool done = at(where).compare_exchange(word, as_word(desired), order, failure, weak);
    if (!done) expected = as_value(word);
    return done;
  }

  T value_{};
};

}  // namespace weft::detail::model

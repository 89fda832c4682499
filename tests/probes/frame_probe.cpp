// SPDX-License-Identifier: Apache-2.0
// Where a promise lies in its frame, and how large fib's frame is.
#include <weft/weft.hpp>

#include "probe.hpp"

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace weft::probe {

/// Parameters that choose a promise which tells where it lies.
struct plain_number {
  int n;
};
struct aligned_number {
  alignas(16) long double n;
};
struct owned_number {
  balance counted;
  int n;
};

namespace {

std::size_t frame_bytes = 0;
std::ptrdiff_t promise_offset = 0;

/// task's promise, observed.
template <class T, bool FreesItself>
struct observed : detail::promise_of<T> {
  static constexpr bool frees_itself = FreesItself;

  static void* operator new(std::size_t bytes) {
    frame_bytes = bytes;
    return detail::promise_start::operator new(bytes);
  }
  static void operator delete(void* block, std::size_t bytes) noexcept { detail::promise_start::operator delete(block, bytes); }
  task<T> get_return_object() noexcept {
    const auto handle = std::coroutine_handle<observed>::from_promise(*this);
    promise_offset = reinterpret_cast<char*>(static_cast<detail::frame_head*>(this)) - static_cast<char*>(handle.address());
    return detail::promise_of<T>::get_return_object();
  }
};

}  // namespace
}  // namespace weft::probe

template <>
struct std::coroutine_traits<weft::task<std::uint64_t>, weft::probe::plain_number> {
  using promise_type = weft::probe::observed<std::uint64_t, true>;
};
template <>
struct std::coroutine_traits<weft::task<long double>, weft::probe::aligned_number> {
  using promise_type = weft::probe::observed<long double, true>;
};
template <>
struct std::coroutine_traits<weft::task<void>, weft::probe::owned_number> {
  using promise_type = weft::probe::observed<void, false>;
};

namespace weft::probe {
namespace {

task<std::uint64_t> fib(plain_number p) {
  if (p.n < 2) co_return static_cast<std::uint64_t>(p.n);
  auto both = when_all(fib({p.n - 1}), fib({p.n - 2}));
  co_await both;
  co_return both.get<0>() + both.get<1>();
}

task<long double> aligned(aligned_number p) {
  co_await yield();
  co_return p.n + 1;
}

task<> owned(owned_number p) {
  co_await yield();
  check(p.n == 7, "a parameter that needs a destructor is in the frame after a suspension");
}

}  // namespace

void probe_frames() {
  scheduler pool{{.workers = 1}};
  check(sync_wait(pool, fib({15})) == 610, "fib of the observed promise gives the right number");
  check(promise_offset == 16, "fib's promise lies 16 bytes into the frame");
  check(frame_bytes >= 48 && frame_bytes <= 512, "fib's frame has a sensible size");
  report("bytes of fib's frame", frame_bytes);

  check(sync_wait(pool, aligned({2})) == 3, "an over-aligned parameter arrives");
  check(promise_offset == 16, "the promise beside a local aligned to 16 lies 16 bytes into the frame");
  sync_wait(pool, owned({{}, 7}));
  check(promise_offset == 16, "the promise beside a parameter with a destructor lies 16 bytes into the frame");
  check(balance::live == 0, "the parameter was destroyed once");
}

}  // namespace weft::probe

// SPDX-License-Identifier: Apache-2.0
//
// What handles of C stand for, and how C++ keeps them: a reference for long, a pin for a call.
#pragma once

#include "c_table.hpp"
#include "weft/errors.hpp"
#include "weft/weft.h"

#include <exception>
#include <memory>
#include <utility>

namespace weft::coro {

class c_object;
class c_frame;

/// What is in the table.
class c_thing {
 public:
  virtual ~c_thing() = default;

 protected:
  c_thing() noexcept = default;
  c_thing(const c_thing&) = delete;
  c_thing& operator=(const c_thing&) = delete;
};

/// An exception with a handle.
class c_exception final : public c_thing {
 public:
  explicit c_exception(std::exception_ptr failure) noexcept : failure_(std::move(failure)) {}
  [[nodiscard]] const std::exception_ptr& failure() const noexcept { return failure_; }

 private:
  std::exception_ptr failure_;
};

/// The class and the kind of what a handle stands for.
template <class Opaque>
struct c_meaning;
template <>
struct c_meaning<weft_coro_object> {
  using thing = c_object;
  static constexpr c_kind kind = c_kind::object;
};
template <>
struct c_meaning<weft_coro_exc> {
  using thing = c_exception;
  static constexpr c_kind kind = c_kind::exception;
};
template <>
struct c_meaning<weft_coro_frame> {
  using thing = c_frame;
  static constexpr c_kind kind = c_kind::frame;
};

/// The table of the process.
[[nodiscard]] c_table& things() noexcept;

/// Throws what `call` says of a handle that is null or was not received.
[[noreturn]] void refuse(const char* call, const void* handle, c_kind wanted, c_access access);

/// Destroys what nobody keeps any more. The error slot stays as it is.
void destroy_thing(void* thing) noexcept;

/// A handle for `thing`. Throws std::bad_alloc, and destroys it then.
template <class Opaque>
[[nodiscard]] Opaque* make_handle(std::unique_ptr<typename c_meaning<Opaque>::thing> thing) {
  const c_token token = things().make(c_meaning<Opaque>::kind, static_cast<c_thing*>(thing.get()));
  if (token.is_null()) throw std::bad_alloc();
  static_cast<void>(thing.release());
  return static_cast<Opaque*>(token.handle());
}

/// One reference more, for `call`; gives the handle.
template <class Opaque>
Opaque* retain_handle(Opaque* handle, const char* call) {
  const c_access access = handle == nullptr ? c_access::stale : things().retain(c_token::of(handle), c_meaning<Opaque>::kind);
  if (access != c_access::granted) refuse(call, handle, c_meaning<Opaque>::kind, access);
  return handle;
}

/// One reference less: gives what nobody keeps any more, or null.
template <class Opaque>
[[nodiscard]] std::unique_ptr<c_thing> release_handle(const Opaque* handle, const char* call) {
  const c_found found =
      handle == nullptr ? c_found{c_access::stale} : things().release_reference(c_token::of(handle), c_meaning<Opaque>::kind);
  if (found.access != c_access::granted) refuse(call, handle, c_meaning<Opaque>::kind, found.access);
  return std::unique_ptr<c_thing>(static_cast<c_thing*>(found.thing));
}

/// A reference that C++ holds.
template <class Opaque>
class c_reference {
 public:
  c_reference() noexcept = default;
  /// Takes it over.
  explicit c_reference(Opaque* taken) noexcept : handle_(taken) {}
  c_reference(c_reference&& other) noexcept : handle_(other.give()) {}
  c_reference& operator=(c_reference&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~c_reference() {
    if (handle_ == nullptr) return;
    destroy_thing(things().release_reference(c_token::of(handle_), c_meaning<Opaque>::kind).thing);  // a stale one has gone already
  }
  [[nodiscard]] Opaque* get() const noexcept { return handle_; }
  [[nodiscard]] Opaque* give() noexcept { return std::exchange(handle_, nullptr); }

 private:
  Opaque* handle_ = nullptr;
};

/// What a handle stands for, kept for the length of a call. Throws what refuse() does.
template <class Opaque>
class c_pinned {
  using thing = typename c_meaning<Opaque>::thing;

 public:
  c_pinned(const Opaque* handle, const char* call) : token_(c_token::of(handle)) {
    const c_found found = handle == nullptr ? c_found{c_access::stale} : things().pin(token_, c_meaning<Opaque>::kind);
    if (found.access != c_access::granted) refuse(call, handle, c_meaning<Opaque>::kind, found.access);
    thing_ = static_cast<thing*>(static_cast<c_thing*>(found.thing));
  }
  c_pinned(const c_pinned&) = delete;
  c_pinned& operator=(const c_pinned&) = delete;
  ~c_pinned() { destroy_thing(things().unpin(token_)); }

  [[nodiscard]] thing& operator*() const noexcept { return *thing_; }
  [[nodiscard]] thing* operator->() const noexcept { return thing_; }

 private:
  c_token token_;
  thing* thing_ = nullptr;
};

}  // namespace weft::coro

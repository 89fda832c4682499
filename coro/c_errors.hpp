// SPDX-License-Identifier: Apache-2.0
//
// Exceptions as C sees them: a slot a thread, which code an exception has, and what may leave a call from C.
#pragma once

#include "weft/c_value.hpp"
#include "weft/errors.hpp"
#include "weft/weft.h"

#include <exception>
#include <string>
#include <utility>

namespace weft::coro {

/// A handle that stands for nothing.
class c_handle_error : public usage_error {
 public:
  using usage_error::usage_error;
};

/// An exception with what C asks of it. The text is the exception's own.
struct c_failure {
  std::exception_ptr failure;
  weft_coro_errc code = WEFT_CORO_E_NONE;
  const char* message = nullptr;
  c_value payload;
};

[[nodiscard]] c_failure described(std::exception_ptr failure) noexcept;

/// The exception that a code and a text make. Throws usage_error, which says that `call` was given it, if the code names none.
[[nodiscard]] std::exception_ptr exception_of(const char* call, weft_coro_errc code, const char* message);

/// Puts another into this thread's slot, and gives the one that was there.
c_failure exchange_error(c_failure with = {}) noexcept;
/// The same with an exception, null for none.
inline void set_error(std::exception_ptr failure) noexcept { exchange_error(described(std::move(failure))); }
/// Throws the error that is in the slot, if there is one, and takes it out.
inline void throw_error() {
  if (const c_failure error = exchange_error(); error.failure) std::rethrow_exception(error.failure);
}

/// While it lives the slot is another one, empty at first: for functions of the program's that are called in the middle of something.
class own_error_slot {
 public:
  own_error_slot() noexcept : outer_(exchange_error()) {}
  own_error_slot(const own_error_slot&) = delete;
  own_error_slot& operator=(const own_error_slot&) = delete;
  ~own_error_slot() { exchange_error(std::move(outer_)); }

 private:
  c_failure outer_;
};

/// Keeps a text for C until the next one of this thread.
[[nodiscard]] const char* kept_for_c(std::string text) noexcept;

/// A call from C: what it throws goes into the slot, and the call gives `failed`.
template <class Result, class Call>
Result guarded(Result failed, Call call) noexcept {
  try {
    return call();
  } catch (...) {
    set_error(std::current_exception());
    return failed;
  }
}

}  // namespace weft::coro

// SPDX-License-Identifier: Apache-2.0
//
// What is awaited and driven step by step, below its types, and what passes between a chain and whoever drives it.
#pragma once

#include <exception>
#include <string>

namespace weft::detail {

/// What passes through a chain of coroutines or generators; in its root. Whoever may run the chain touches it.
struct exchange {
  void* sent = nullptr;     // an S, or null for none
  void* yielded = nullptr;  // a Y, or null
};

enum class awaited_kind { coroutine, view, generator, range };

/// What a suspended coroutine or generator awaits and drives step by step. Lives in the awaiting frame.
class awaited {
 public:
  /// Gives it what was sent. True: it yielded, to `with`. False: it ended, its result is here. Else it throws.
  virtual bool send(exchange& with) = 0;
  /// Throws into it; what has no such operation throws `thrown` itself.
  virtual bool raise(exchange& with, std::exception_ptr thrown) = 0;
  /// Closes it, if it can be closed.
  virtual void close() = 0;
  /// For reports: what it is, its name, and what it awaits in turn, if that is known.
  [[nodiscard]] virtual awaited_kind kind() const noexcept = 0;
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual const awaited* awaiting() const noexcept { return nullptr; }

 protected:
  ~awaited() = default;
};

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
//
// The hooks of the process, for functions of C.
#include <optional>
#include <source_location>
#include <string>

#include "c_errors.hpp"
#include "c_things.hpp"
#include "weft/coroutine_hooks.hpp"

using namespace weft;
using namespace weft::coro;

int weft_coro_set_unawaited_hook(weft_coro_unawaited_hook hook, void* user) {
  return guarded(-1, [&] {
    if (hook == nullptr) return set_never_awaited_hook({}), 0;
    set_never_awaited_hook([hook, user](const std::string& qualname, const std::optional<std::source_location>& origin) {
      const own_error_slot theirs;
      const std::string where = origin ? std::string(origin->file_name()) + ":" + std::to_string(origin->line()) : "";
      hook(qualname.c_str(), origin ? where.c_str() : nullptr, user);
      throw_error();
    });
    return 0;
  });
}

int weft_coro_set_unraisable_hook(weft_coro_unraisable_hook hook, void* user) {
  return guarded(-1, [&] {
    if (hook == nullptr) return set_unraisable_hook({}), 0;
    set_unraisable_hook([hook, user](std::exception_ptr failure, const std::string& qualname) {
      const own_error_slot theirs;
      const c_reference exc(make_handle<weft_coro_exc>(std::make_unique<c_exception>(std::move(failure))));
      hook(exc.get(), qualname.c_str(), user);
    });
    return 0;
  });
}

int weft_coro_set_origin_tracking_depth(int depth) {
  return guarded(-1, [&] { return set_origin_tracking_depth(depth); });
}

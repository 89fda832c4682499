// SPDX-License-Identifier: Apache-2.0
//
// The hooks of coroutines and generators, their names, and what escapes from them.
#include "coro_reports.hpp"

#include "weft/coroutine_hooks.hpp"
#include "weft/detail/sync.hpp"
#include "weft/errors.hpp"

#include <cstddef>
#include <cstdio>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

namespace weft {

namespace {

/// A hook of the process, which a caller keeps for the length of its call.
template <class Hook>
class hook_slot {
 public:
  Hook set(Hook hook) {
    auto given = hook ? std::make_shared<const Hook>(std::move(hook)) : nullptr;
    const std::lock_guard lock(mutex_);
    hook_.swap(given);
    return given ? *given : Hook();
  }
  std::shared_ptr<const Hook> get() const {
    const std::lock_guard lock(mutex_);
    return hook_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Hook> hook_;
};

hook_slot<never_awaited_hook>& never_awaited() {
  static auto* const slot = new hook_slot<never_awaited_hook>;  // coroutines may go after all that is static
  return *slot;
}
hook_slot<unraisable_hook>& unraisable() {
  static auto* const slot = new hook_slot<unraisable_hook>;
  return *slot;
}

constinit detail::atomic<int> origin_depth{0};

/// What escaped from the body that has just ended on this thread. Its own storage: a thread variable with a destructor would be asked
/// for whether it is there.
struct escaped_slot {
  alignas(std::exception_ptr) std::byte held[sizeof(std::exception_ptr)];
  bool is_set;
};
thread_local constinit escaped_slot escaped{};

/// Where the bracket that ends at `last` of `text` begins; brackets within it are skipped.
std::size_t opening_of(std::string_view text, std::size_t last) {
  std::size_t depth = 0;
  for (std::size_t i = last + 1; i-- > 0;) {
    if (text[i] == ')' || text[i] == '>') ++depth;
    if ((text[i] == '(' || text[i] == '<') && --depth == 0) return i;
  }
  return 0;
}

/// Where the template arguments begin that compilers print behind a function: " [T = ", " [with T = "; else the text's end.
std::size_t arguments_of(std::string_view pretty) {
  constexpr std::string_view with = "with ";
  for (std::size_t at = pretty.find(" ["); at != std::string_view::npos; at = pretty.find(" [", at + 1)) {
    std::string_view rest = pretty.substr(at + 2);
    if (rest.starts_with(with)) rest.remove_prefix(with.size());
    const std::size_t name = rest.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:");
    if (name != std::string_view::npos && name > 0 && rest.substr(name).starts_with(" = ")) return at;
  }
  return pretty.size();
}

/// Where the symbol of an operator begins that ends at `end`, such as ">="; else `end`.
std::size_t symbol_of(std::string_view pretty, std::size_t end) {
  constexpr std::string_view name = "operator";
  const std::size_t at = pretty.rfind(name, end);
  if (at == std::string_view::npos) return end;
  const std::string_view symbol = pretty.substr(at + name.size(), end - at - name.size());
  return symbol.find_first_not_of("<>=!+-*/%^&|~,()[]") == std::string_view::npos ? at : end;
}

/// "qualified::name" of what a compiler prints for a function: without result, parameters and what it says of templates.
std::string_view bare_name(std::string_view pretty) {
  pretty = pretty.substr(0, arguments_of(pretty));
  const std::size_t last = pretty.rfind(')');
  if (last == std::string_view::npos) return pretty;
  const std::size_t end = opening_of(pretty, last);
  std::size_t begin = symbol_of(pretty, end);
  while (begin > 0 && pretty[begin - 1] != ' ') {
    const char before = pretty[begin - 1];
    begin = before == ')' || before == '>' ? opening_of(pretty, begin - 1) : begin - 1;
  }
  return pretty.substr(begin, end - begin);
}

void print_never_awaited(const std::string& qualname, const std::optional<std::source_location>& origin) noexcept {
  std::fprintf(stderr, "RuntimeWarning: coroutine '%s' was never awaited\n", qualname.c_str());
  if (!origin) return;
  const std::string_view function = bare_name(origin->function_name());
  std::fprintf(stderr, "Coroutine created at (most recent call last)\n  File \"%s\", line %u, in %.*s\n", origin->file_name(),
               origin->line(), static_cast<int>(function.size()), function.data());
}

void print_unraisable(const std::exception_ptr& failure, const char* kind, const std::string& qualname) noexcept {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "Exception ignored in: %s '%s': %s\n", kind, qualname.c_str(), e.what());
  } catch (...) {
    std::fprintf(stderr, "Exception ignored in: %s '%s': no std::exception\n", kind, qualname.c_str());
  }
}

}  // namespace

never_awaited_hook set_never_awaited_hook(never_awaited_hook hook) { return never_awaited().set(std::move(hook)); }
unraisable_hook set_unraisable_hook(unraisable_hook hook) { return unraisable().set(std::move(hook)); }

int set_origin_tracking_depth(int depth) {
  if (depth < 0) throw value_error("depth must be >= 0");
  return origin_depth.exchange(depth, detail::relaxed);  // a setting
}

namespace detail {

coro_node& bear(coro_node& n, const std::source_location& own) noexcept {
  n.function = own.function_name();
  n.has_origin = origin_depth.load(detail::relaxed) > 0;  // a setting
  if (*n.where.function_name() == '\0') n.where = own;
  n.frame_is = coro_node::alive;
  return n;
}

std::string qualname_of(const protocol_node& n) { return n.names != nullptr ? n.names->qualname : std::string(bare_name(n.function)); }

std::string name_of(const protocol_node& n) {
  if (n.names != nullptr) return n.names->name;
  const std::string_view whole = bare_name(n.function);
  const std::size_t colon = whole.rfind(':');
  return std::string(colon == std::string_view::npos ? whole : whole.substr(colon + 1));
}

std::string repr_of(const protocol_node& n, const char* kind) {
  char address[32];
  std::snprintf(address, sizeof address, "%p", static_cast<const void*>(&n));
  std::string repr("<");
  return repr.append(kind).append(" object ").append(qualname_of(n)).append(" at ").append(address).append(">");
}

void set_names(protocol_node& n, std::string* name, std::string* qualname) {
  if (n.names == nullptr) n.names = new protocol_names{name_of(n), qualname_of(n)};
  if (name != nullptr) n.names->name = std::move(*name);
  if (qualname != nullptr) n.names->qualname = std::move(*qualname);
}

void rethrow_thrown(protocol_node& root) {
  if (root.sent == &root.thrown) root.sent = nullptr;
  std::rethrow_exception(std::exchange(root.thrown, nullptr));
}

std::exception_ptr escaped_exception(const char* kind) noexcept {
  try {
    throw;
  } catch (const stop_iteration&) {
    try {
      std::throw_with_nested(runtime_error(std::string(kind) + " raised StopIteration"));
    } catch (...) {
      return std::current_exception();
    }
  } catch (...) {
    return std::current_exception();
  }
}

void keep_escaped(const char* kind) noexcept {
  ::new (escaped.held) std::exception_ptr(escaped_exception(kind));
  escaped.is_set = true;
}

std::exception_ptr take_escaped() noexcept {
  if (!std::exchange(escaped.is_set, false)) [[likely]]
    return nullptr;
  auto& held = *std::launder(reinterpret_cast<std::exception_ptr*>(escaped.held));
  std::exception_ptr taken = std::move(held);
  std::destroy_at(&held);
  return taken;
}

/// The qualified name, or "?" if memory is out for it.
static std::string qualname_told(const protocol_node& n) noexcept {
  try {
    return qualname_of(n);
  } catch (...) {
    return "?";
  }
}

static void report(const std::exception_ptr& failure, const char* kind, const std::string& qualname) noexcept {
  const auto hook = unraisable().get();
  if (!hook) return print_unraisable(failure, kind, qualname);
  try {
    (*hook)(failure, qualname);
  } catch (...) {
    std::fprintf(stderr, "weft: the unraisable hook threw as it was told of %s '%s'\n", kind, qualname.c_str());
    print_unraisable(failure, kind, qualname);
  }
}

void report_unraisable(std::exception_ptr failure, const char* kind, const protocol_node& n) noexcept {
  report(failure, kind, qualname_told(n));
}

void report_never_awaited(const coro_node& n) noexcept {
  const std::string qualname = qualname_told(n);
  const auto origin = n.has_origin ? std::optional(n.where) : std::nullopt;
  const auto hook = never_awaited().get();
  if (!hook) return print_never_awaited(qualname, origin);
  try {
    (*hook)(qualname, origin);
  } catch (...) {
    report(std::current_exception(), coro_node::kind, qualname);
    print_never_awaited(qualname, origin);
  }
}

}  // namespace detail

}  // namespace weft

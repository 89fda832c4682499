// SPDX-License-Identifier: Apache-2.0
// Names, families and contexts of exceptions, and their way into C++ and back.
#include "replay_errors.hpp"

#include <weft/errors.hpp>

#include <array>
#include <type_traits>
#include <utility>

namespace weft::tool::replay {
namespace {

constexpr std::array<std::pair<std::string_view, error_kind>, 11> names{{{"EA", error_kind::ea},
                                                                         {"EB", error_kind::eb},
                                                                         {"RE", error_kind::re},
                                                                         {"SI", error_kind::si},
                                                                         {"GE", error_kind::ge},
                                                                         {"GX", error_kind::gx},
                                                                         {"VE", error_kind::ve},
                                                                         {"TE", error_kind::te},
                                                                         {"AE", error_kind::ae},
                                                                         {"ANY", error_kind::any},
                                                                         {"EX", error_kind::ex}}};
constexpr int context_levels = 3;  // below the exception itself

std::string_view name_of(error_kind kind) {
  for (const auto& [name, one] : names)
    if (one == kind) return name;
  return "";
}

json described(const error_ref& of, int levels) {
  if (!of) return {};
  json argument;
  if (const auto* number = std::get_if<std::int64_t>(&of->argument)) argument = *number;
  if (const auto* text = std::get_if<std::string>(&of->argument)) argument = *text;
  return json::array({name_of(of->kind), argument, levels > 0 ? described(of->context, levels - 1) : json()});
}

/// What is beside the library's own type in a C++ exception.
struct carrier {
  error_ref what;
};

template <class Library>
struct carrying : Library, carrier {
  explicit carrying(error_ref e) : Library(made()), carrier{std::move(e)} {}

 private:
  static Library made() {
    if constexpr (std::is_constructible_v<Library, const char*>)
      return Library("an exception of a replayed program");
    else
      return {};
  }
};

template <class Library>
error_ref new_record(error_kind kind, const Library& of) {
  error_ref made = make_error(kind, of.what());
  try {
    std::rethrow_if_nested(of);
  } catch (...) {
    made->context = caught(std::current_exception()).what;  // PEP 479: what was raised
  }
  return made;
}

}  // namespace

error_ref make_error(error_kind kind, std::int64_t argument) {
  return std::make_shared<error_record>(error_record{kind, argument, {}, {}});
}
error_ref make_error(error_kind kind, std::string text) {
  return std::make_shared<error_record>(error_record{kind, std::move(text), {}, {}});
}

std::optional<error_kind> find_error(std::string_view name) {
  for (const auto& [one, kind] : names)
    if (one == name) return kind;
  return std::nullopt;
}

bool catches(error_kind caught, error_kind raised) noexcept {
  switch (caught) {
    case error_kind::any: return true;
    case error_kind::ex: return raised != error_kind::ge && raised != error_kind::gx;
    case error_kind::ea: return raised == error_kind::ea || raised == error_kind::eb;
    case error_kind::ge: return raised == error_kind::ge || raised == error_kind::gx;
    default: return caught == raised;
  }
}

void set_context(const error_ref& of, const error_ref& context) {
  if (!context || context == of) return;
  for (error_record* one = context.get(); one->context; one = one->context.get()) {
    if (one->context != of) continue;
    one->context = nullptr;
    break;
  }
  of->context = context;
}

json described(const error_ref& of) { return described(of, context_levels); }

std::exception_ptr thrown_as(error_ref what) {
  switch (what->kind) {
    case error_kind::re: return std::make_exception_ptr(carrying<runtime_error>(std::move(what)));
    case error_kind::si: return std::make_exception_ptr(carrying<stop_iteration>(std::move(what)));
    case error_kind::ge:
    case error_kind::gx: return std::make_exception_ptr(carrying<generator_exit>(std::move(what)));
    case error_kind::ve: return std::make_exception_ptr(carrying<value_error>(std::move(what)));
    case error_kind::te: return std::make_exception_ptr(carrying<type_error>(std::move(what)));
    case error_kind::ae: return std::make_exception_ptr(carrying<attribute_error>(std::move(what)));
    default: return std::make_exception_ptr(carrying<weft::error>(std::move(what)));
  }
}

caught_error caught(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const carrier& e) {
    return {e.what, false};
  } catch (const runtime_error& e) {
    return {new_record(error_kind::re, e), true};
  } catch (const value_error& e) {
    return {new_record(error_kind::ve, e), true};
  } catch (const type_error& e) {
    return {new_record(error_kind::te, e), true};
  } catch (const attribute_error& e) {
    return {new_record(error_kind::ae, e), true};
  } catch (const generator_exit&) {
    return {std::make_shared<error_record>(error_record{error_kind::ge, {}, {}, {}}), true};
  }
}

}  // namespace weft::tool::replay

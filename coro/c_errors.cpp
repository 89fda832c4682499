// SPDX-License-Identifier: Apache-2.0
//
// The errors of the C interface: codes, the slot of each thread, and exceptions with handles.
#include "c_errors.hpp"

#include <memory>
#include <new>

#include "c_things.hpp"

namespace weft::coro {

namespace {

/// What a thread keeps for C. It is never destroyed: coroutines may go as a thread or the program ends, after all that is destroyed then.
union c_thread {
  struct {
    c_failure error;
    std::string text;
  } kept;
  c_thread() noexcept : kept() {}
  ~c_thread() {}
};

c_thread& of_this_thread() noexcept {
  thread_local c_thread own;
  struct emptied_at_end {
    ~emptied_at_end() {
      std::destroy_at(&own.kept);  // a text assigned to would keep its memory
      std::construct_at(&own.kept);
    }
  };
  thread_local const emptied_at_end last;
  return own;
}

/// The slot of this thread.
c_failure& slot() noexcept { return of_this_thread().kept.error; }

/// What C asks of the exception that is being handled.
void describe_handled(c_failure& d) noexcept {
  const auto say = [&d](weft_coro_errc code, const char* message) {
    d.code = code;
    d.message = message;
  };
  try {
    throw;
  } catch (const c_stop_iteration& e) {
    say(WEFT_CORO_E_STOP_ITERATION, e.what());
    d.payload = e.value();
  } catch (const stop_iteration& e) {
    say(WEFT_CORO_E_STOP_ITERATION, e.what());
  } catch (const c_error& e) {
    say(WEFT_CORO_E_USER, e.what());
    d.payload = e.payload();
  } catch (const c_handle_error& e) {
    say(WEFT_CORO_E_HANDLE, e.what());
  } catch (const usage_error& e) {
    say(WEFT_CORO_E_SYSTEM, e.what());
  } catch (const type_error& e) {
    say(WEFT_CORO_E_TYPE, e.what());
  } catch (const value_error& e) {
    say(WEFT_CORO_E_VALUE, e.what());
  } catch (const runtime_error& e) {
    say(WEFT_CORO_E_RUNTIME, e.what());
  } catch (const attribute_error& e) {
    say(WEFT_CORO_E_ATTRIBUTE, e.what());
  } catch (const generator_exit&) {
    say(WEFT_CORO_E_GENERATOR_EXIT, "GeneratorExit");
  } catch (const std::bad_alloc&) {
    say(WEFT_CORO_E_NOMEM, "out of memory");
  } catch (const std::exception& e) {
    say(WEFT_CORO_E_USER, e.what());
  } catch (...) {
    say(WEFT_CORO_E_USER, "an exception that is no std::exception");
  }
}

}  // namespace

c_failure described(std::exception_ptr failure) noexcept {
  c_failure d;
  if (!failure) return d;
  d.failure = failure;
  try {
    std::rethrow_exception(std::move(failure));
  } catch (...) {
    describe_handled(d);
  }
  return d;
}

std::exception_ptr exception_of(const char* call, weft_coro_errc code, const char* message) {
  const std::string text = message == nullptr ? "" : message;
  switch (code) {
    case WEFT_CORO_E_TYPE: return std::make_exception_ptr(type_error(text));
    case WEFT_CORO_E_VALUE: return std::make_exception_ptr(value_error(text));
    case WEFT_CORO_E_RUNTIME: return std::make_exception_ptr(runtime_error(text));
    case WEFT_CORO_E_ATTRIBUTE: return std::make_exception_ptr(attribute_error(text));
    case WEFT_CORO_E_STOP_ITERATION: return std::make_exception_ptr(stop_iteration(text));
    case WEFT_CORO_E_GENERATOR_EXIT: return std::make_exception_ptr(generator_exit());
    case WEFT_CORO_E_NOMEM: return std::make_exception_ptr(std::bad_alloc());
    case WEFT_CORO_E_USER: return std::make_exception_ptr(c_error(c_value(), text));
    case WEFT_CORO_E_SYSTEM: return std::make_exception_ptr(usage_error(text));
    case WEFT_CORO_E_HANDLE: return std::make_exception_ptr(c_handle_error(text));
    default: break;
  }
  throw usage_error(std::string(call) + ": code " + std::to_string(static_cast<int>(code)) +
                    " names no error; give one of weft_coro_errc other than WEFT_CORO_E_NONE");
}

c_failure exchange_error(c_failure with) noexcept { return std::exchange(slot(), std::move(with)); }

const char* kept_for_c(std::string text) noexcept {
  std::string& kept = of_this_thread().kept.text;
  kept = std::move(text);
  return kept.c_str();
}

}  // namespace weft::coro

using namespace weft;
using namespace weft::coro;

weft_coro_errc weft_coro_err_code() { return slot().code; }
const char* weft_coro_err_message() { return slot().message; }

weft_coro_exc* weft_coro_err_fetch() {
  if (slot().code == WEFT_CORO_E_NONE) return nullptr;
  return guarded<weft_coro_exc*>(nullptr, [] {
    auto* const made = make_handle<weft_coro_exc>(std::make_unique<c_exception>(slot().failure));
    exchange_error();
    return made;
  });
}

void weft_coro_err_set(weft_coro_errc code, const char* message) {
  guarded(0, [&] {
    set_error(exception_of("weft_coro_err_set", code, message));
    return 0;
  });
}

void weft_coro_err_restore(weft_coro_exc* exc) {
  guarded(0, [&] {
    if (exc == nullptr) return exchange_error(), 0;
    std::exception_ptr failure = c_pinned(exc, "weft_coro_err_restore")->failure();
    static_cast<void>(release_handle(exc, "weft_coro_err_restore"));
    set_error(std::move(failure));
    return 0;
  });
}

void weft_coro_err_clear() { exchange_error(); }

weft_coro_exc* weft_coro_exc_new(weft_coro_errc code, const char* message) {
  return guarded<weft_coro_exc*>(
      nullptr, [&] { return make_handle<weft_coro_exc>(std::make_unique<c_exception>(exception_of("weft_coro_exc_new", code, message))); });
}

weft_coro_exc* weft_coro_exc_user(weft_coro_value payload) {
  return guarded<weft_coro_exc*>(nullptr, [&] {
    return make_handle<weft_coro_exc>(std::make_unique<c_exception>(std::make_exception_ptr(c_error(c_value::share(payload)))));
  });
}

weft_coro_exc* weft_coro_exc_stop(weft_coro_value value) {
  return guarded<weft_coro_exc*>(nullptr, [&] {
    return make_handle<weft_coro_exc>(std::make_unique<c_exception>(std::make_exception_ptr(c_stop_iteration(c_value::share(value)))));
  });
}

weft_coro_exc* weft_coro_exc_retain(weft_coro_exc* exc) {
  if (exc == nullptr) return nullptr;
  return guarded<weft_coro_exc*>(nullptr, [&] { return retain_handle(exc, "weft_coro_exc_retain"); });
}

int weft_coro_exc_release(weft_coro_exc* exc) {
  if (exc == nullptr) return 0;
  return guarded(-1, [&] {
    destroy_thing(release_handle(exc, "weft_coro_exc_release").release());
    return 0;
  });
}

weft_coro_errc weft_coro_exc_code(const weft_coro_exc* exc) {
  return guarded(WEFT_CORO_E_NONE, [&] { return described(c_pinned(exc, "weft_coro_exc_code")->failure()).code; });
}

const char* weft_coro_exc_message(const weft_coro_exc* exc) {
  return guarded<const char*>(nullptr, [&] { return described(c_pinned(exc, "weft_coro_exc_message")->failure()).message; });
}

int weft_coro_exc_value(const weft_coro_exc* exc, weft_coro_value* out) {
  if (out != nullptr) *out = weft_coro_value{nullptr, nullptr};
  return guarded(-1, [&] {
    if (out == nullptr) throw type_error("weft_coro_exc_value: out is NULL");
    *out = described(c_pinned(exc, "weft_coro_exc_value")->failure()).payload.give();
    return 0;
  });
}

int weft_coro_exc_is(const weft_coro_exc* one, const weft_coro_exc* other) {
  return guarded(-1, [&] {
    const c_pinned first(one, "weft_coro_exc_is");
    const c_pinned second(other, "weft_coro_exc_is");
    return first->failure() == second->failure() ? 1 : 0;
  });
}

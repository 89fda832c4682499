// SPDX-License-Identifier: Apache-2.0
//
// A generator-based coroutine as an object for C.
//
// Shape: a generator has one owner and no atomics, and a handle has any number of users. So the object says who owns it at the moment: a
//   call that drives it takes it, from whatever state it is in, and gives it back with the state that it is in then. A call that finds it
//   taken is an error, also one from within the body.
//
//     created, suspended, closed  -- take() -->  running  -- the end of the call -->  suspended, closed, or created if nothing was done
//
// Rules      generator_  touched by who has it, and its names as weft.h says; `state_` by anyone, from running only by who made it so
// Edges      E1  the end of a call (release)  ->  take() (acquire): what the generator was left as.
//            The last reference needs no more: c_table.hpp has the edge from all calls to who destroys the object.
// Progress   nobody waits: of two calls at once, one is refused.
// Cost       a compare-exchange and a store a call.
// Checked    tests/protocol/c_api_test.cpp, tests/api/c_api_program.c, tests/model/c_generator_model.cpp
#pragma once

#include "c_frame.hpp"
#include "c_object.hpp"
#include "weft/generator_coroutine.hpp"

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace weft::coro {

/// A generator that can be awaited, with a body in C.
class c_generator final : public c_object {
 public:
  c_generator(c_generator_coroutine generator, std::shared_ptr<c_frame> body) noexcept
      : generator_(std::move(generator)), body_(std::move(body)) {}

  [[nodiscard]] const weft_coro_type& type() const noexcept override { return weft_coro_generator_coroutine_type; }
  [[nodiscard]] bool can(weft_coro_ability) const override { return true; }
  c_result send(c_value in) override {
    const taken mine(*this);
    return generator_.send(std::move(in));
  }
  c_result raise(std::exception_ptr thrown) override {
    const taken mine(*this);
    return generator_.throw_(std::move(thrown));
  }
  void close() override {
    const taken mine(*this);
    generator_.close();
  }
  /// Itself.
  c_object_reference await(weft_coro_object* self) override { return c_object_reference(retain_handle(self, "__await__")); }
  [[nodiscard]] c_generator* generator() noexcept override { return this; }
  [[nodiscard]] const c_frame* body() const noexcept override { return body_.get(); }

  /// The state at this moment. Any thread.
  [[nodiscard]] coroutine_state state() const noexcept { return state_.load(relaxed); }  // nothing is read because of it
  [[nodiscard]] std::string name() const { return generator_.name(); }
  [[nodiscard]] std::string qualname() const { return generator_.qualname(); }
  [[nodiscard]] std::string repr() const { return generator_.repr(); }
  void set_name(std::string name) { generator_.set_name(std::move(name)); }
  void set_qualname(std::string qualname) { generator_.set_qualname(std::move(qualname)); }

 private:
  /// A call that has the generator. Throws value_error if another one has.
  class taken {
   public:
    explicit taken(c_generator& by) : by_(by) {
      coroutine_state seen = by_.state_.load(relaxed);  // the exchange decides
      while (seen != coroutine_state::running)
        if (by_.state_.compare_exchange_weak(seen, coroutine_state::running, acquire, relaxed)) return;  // E1
      throw value_error("generator already executing");
    }
    taken(const taken&) = delete;
    taken& operator=(const taken&) = delete;
    ~taken() { by_.state_.store(by_.generator_.state(), release); }  // E1

   private:
    c_generator& by_;
  };

  c_generator_coroutine generator_;
  std::shared_ptr<c_frame> body_;
  atomic<coroutine_state> state_{coroutine_state::created};  // E1
};

}  // namespace weft::coro

// SPDX-License-Identifier: Apache-2.0
// What the coroutines of a program await besides coroutines and their views: "Y", a list's iterator, and generators.
#pragma once

#include <weft/coroutine.hpp>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "replay_activation.hpp"

namespace weft::tool::replay {

using program_coroutine = coroutine<value, value, value>;

/// Something that is driven step by step, and how it is awaited: once.
class leaf : public detail::awaited {
 public:
  explicit leaf(activation& by) noexcept : activation_(by) {}
  leaf(const leaf&) = delete;
  leaf& operator=(const leaf&) = delete;
  virtual ~leaf() = default;

  struct awaiter {
    leaf& of;
    detail::coro_node& by;

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    [[nodiscard]] bool await_suspend(std::coroutine_handle<>) const;
    value await_resume() const;
  };
  template <class Y, class S>
  awaiter protocol_await(detail::coro_node& by) noexcept {
    return {*this, by};
  }

 protected:
  /// Sends for the first time. As send.
  [[nodiscard]] virtual bool start(detail::exchange& with) = 0;
  /// It yields `v`.
  bool yield(detail::exchange& with, const value& v) noexcept;
  /// It ends with `v`.
  bool end(const value& v) noexcept;

  activation& activation_;

 private:
  value yielded_;
  value result_;
};

/// What a coroutine awaits to yield: a generator that yields once, and gives what is sent to it.
class yield_leaf final : public leaf {
 public:
  yield_leaf(activation& by, const value& v) noexcept : leaf(by), value_(v) {}

  bool send(detail::exchange& with) override;
  bool raise(detail::exchange& with, std::exception_ptr thrown) override;
  void close() override {}
  [[nodiscard]] detail::awaited_kind kind() const noexcept override { return detail::awaited_kind::generator; }
  [[nodiscard]] std::string name() const override { return "Y"; }

 private:
  bool start(detail::exchange& with) override;

  const value value_;
};

/// The iterator of a list: it has neither send, throw nor close.
class iterator_leaf final : public leaf {
 public:
  iterator_leaf(activation& by, const std::vector<std::int64_t>& items) noexcept : leaf(by), items_(items) {}

  bool send(detail::exchange& with) override;
  bool raise(detail::exchange& with, std::exception_ptr thrown) override;
  void close() override {}
  [[nodiscard]] detail::awaited_kind kind() const noexcept override { return detail::awaited_kind::range; }
  [[nodiscard]] std::string name() const override { return "iter"; }

 private:
  bool start(detail::exchange& with) override;

  const std::vector<std::int64_t>& items_;
  std::size_t next_ = 0;
};

/// A generator of types.coroutine: runs like a coroutine, and is closed, ends and is dropped as a generator.
class flagged_generator {
 public:
  flagged_generator(machine& m, program_coroutine body, std::string name, std::weak_ptr<activation> of) noexcept;
  flagged_generator(const flagged_generator&) = delete;
  flagged_generator& operator=(const flagged_generator&) = delete;
  ~flagged_generator();

  /// Closes it. Throws runtime_error if it yields.
  void close();
  [[nodiscard]] program_coroutine& body() noexcept { return body_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::weak_ptr<activation>& frame() const noexcept { return frame_; }

 private:
  machine& machine_;
  program_coroutine body_;
  const std::string name_;
  const std::weak_ptr<activation> frame_;
};

/// The await of one.
class generator_leaf final : public leaf {
 public:
  generator_leaf(activation& by, std::shared_ptr<flagged_generator> awaited) noexcept : leaf(by), awaited_(std::move(awaited)) {}

  bool send(detail::exchange& with) override;
  bool raise(detail::exchange& with, std::exception_ptr thrown) override;
  void close() override { awaited_->close(); }
  [[nodiscard]] detail::awaited_kind kind() const noexcept override { return detail::awaited_kind::generator; }
  [[nodiscard]] std::string name() const override { return awaited_->name(); }

 private:
  bool start(detail::exchange& with) override;
  bool pass_on(detail::exchange& with, program_coroutine::result step);

  const std::shared_ptr<flagged_generator> awaited_;
};

}  // namespace weft::tool::replay

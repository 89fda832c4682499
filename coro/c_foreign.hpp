// SPDX-License-Identifier: Apache-2.0
//
// Objects of the program's own, and proxies that make generators among them awaitable.
#pragma once

#include "c_object.hpp"

#include <exception>
#include <string>

namespace weft::coro {

/// An object of the program's own.
class c_foreign final : public c_object {
 public:
  c_foreign(const weft_coro_object_ops& ops, void* state) noexcept : ops_(ops), state_(state) {}
  ~c_foreign() override;

  [[nodiscard]] const weft_coro_type& type() const noexcept override { return weft_coro_foreign_type; }
  [[nodiscard]] std::string type_name() const override { return name(); }
  [[nodiscard]] bool can(weft_coro_ability ability) const override;
  c_result send(c_value in) override;
  c_result raise(std::exception_ptr thrown) override;
  void close() override;
  c_object_reference await(weft_coro_object* self) override;

 private:
  [[nodiscard]] const char* name() const noexcept { return ops_.type_name == nullptr ? weft_coro_foreign_type.name : ops_.type_name; }
  [[noreturn]] void lacks(const char* operation) const;
  [[nodiscard]] c_result outcome(const char* operation, int result, weft_coro_value out) const;

  weft_coro_object_ops ops_;
  void* state_;
};

/// A generator that can be awaited: types._GeneratorWrapper.
class c_proxy final : public c_object {
 public:
  explicit c_proxy(c_object_reference wrapped) noexcept : wrapped_(std::move(wrapped)) {}

  [[nodiscard]] const weft_coro_type& type() const noexcept override { return weft_coro_generator_proxy_type; }
  [[nodiscard]] bool can(weft_coro_ability) const override { return true; }
  c_result send(c_value in) override;
  c_result raise(std::exception_ptr thrown) override;
  void close() override;
  /// Itself.
  c_object_reference await(weft_coro_object* self) override;

 private:
  c_object_reference wrapped_;
};

}  // namespace weft::coro

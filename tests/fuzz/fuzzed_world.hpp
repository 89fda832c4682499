// SPDX-License-Identifier: Apache-2.0
// What one input of the fuzzer works on: its bytes, a small pool of everything that is driven, and what is known of each beside it.
#pragma once

#include <weft/weft.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "protocol_bodies.hpp"

namespace weft::test {

using counting = generator<int, maybe, int>;
using awaitable_counting = generator_coroutine<int, maybe, int>;
using numbers_view = coroutine_view<int, maybe, int>;
using numbers_weak = weak_coroutine<int, maybe, int>;

/// The bytes of an input, one after the other; zeros after the last.
class input {
 public:
  input(const std::uint8_t* first, std::size_t size) noexcept : at_(first), end_(first + size) {}
  [[nodiscard]] bool is_empty() const noexcept { return at_ == end_; }
  std::uint8_t next() noexcept { return at_ == end_ ? std::uint8_t{0} : *at_++; }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

/// What is known of a coroutine or generator beside it.
struct life {
  bool is_entered = false;
  bool is_gone = false;  // its frame
  int drivers = 0;       // calls to it that are under way, from outside its chain
};

/// Marks a life as gone with the frame whose parameter it is.
class life_of_frame {
 public:
  explicit life_of_frame(std::shared_ptr<life> mine) noexcept : mine_(std::move(mine)) {}
  life_of_frame(life_of_frame&&) noexcept = default;
  life_of_frame& operator=(life_of_frame&&) = delete;
  ~life_of_frame() {
    if (mine_) mine_->is_gone = true;
  }
  void enter() noexcept { mine_->is_entered = true; }

 private:
  std::shared_ptr<life> mine_;
};

/// A place of the pool. What is held may be moved from: it has no life then.
template <class T>
struct place {
  std::optional<T> held;
  std::shared_ptr<life> lives;
  int uses = 0;  // by who needs the object to stay where it is
};

/// Counts a use of a place for a scope.
template <class T>
class use_of {
 public:
  explicit use_of(place<T>& used) noexcept : used_(used) { ++used_.uses; }
  use_of(const use_of&) = delete;
  use_of& operator=(const use_of&) = delete;
  ~use_of() { --used_.uses; }

 private:
  place<T>& used_;
};

/// Ends the process: the library is wrong, or the fuzzer.
[[noreturn]] inline void defect(const std::string& what) {
  std::fprintf(stderr, "the protocol is broken: %s\n", what.c_str());
  std::abort();
}

struct world {
  world(const std::uint8_t* first, std::size_t size) noexcept : bytes(first, size) {}
  world(const world&) = delete;
  world& operator=(const world&) = delete;
  ~world() = default;

  /// Empties the pool, what is in use last.
  void let_all_go();
  /// One operation on the pool, as the next bytes say.
  void operate();
  /// The place that the next byte says.
  template <class T>
  place<T>& choose() {
    auto& all = places<T>();
    return all[bytes.next() % all.size()];
  }
  /// What lies in the place that the next byte says, or null.
  template <class T>
  T* kept() {
    place<T>& at = choose<T>();
    return at.held ? &*at.held : nullptr;
  }
  /// The same of what is about to be moved from.
  template <class T>
  T* given_away() {
    place<T>& at = choose<T>();
    at.lives = nullptr;
    return at.held ? &*at.held : nullptr;
  }
  template <class T>
  std::array<place<T>, 3>& places() {
    if constexpr (std::is_same_v<T, numbers>)
      return coroutines;
    else if constexpr (std::is_same_v<T, counting>)
      return generators;
    else if constexpr (std::is_same_v<T, awaitable_counting>)
      return awaitables;
    else
      return views;
  }

  /// Notes a value that is about to be yielded or returned, and gives it.
  int yields(int value) noexcept { return last_yielded = value; }
  int returns(int value) noexcept { return last_returned = value; }

  input bytes;
  maybe last_sent;         // by a call, or by who begins to await
  int last_yielded = 0;    // by any body: what a call that ends with a yield must give
  int last_returned = 0;   // the same of a return
  int depth = 0;  // of bodies that are made and calls that are made by bodies
  std::array<std::optional<numbers_weak>, 3> weaks;
  std::array<place<numbers_view>, 3> views;
  std::array<place<numbers>, 3> coroutines;
  std::array<place<counting>, 3> generators;
  std::array<place<awaitable_counting>, 3> awaitables;
};

/// A fresh T whose body does as the bytes say from then on.
template <class T>
[[nodiscard]] T make(world& w, std::shared_ptr<life> lives);

}  // namespace weft::test

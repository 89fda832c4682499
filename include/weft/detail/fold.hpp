// SPDX-License-Identifier: Apache-2.0
//
// A reduction over a tree that the number of elements determines, and nothing else.
//
// Shape: the elements are cut into leaves of equal size. The tree over `n` leaves has the largest power of two below `n` of them on its
//   left. A part does the leaves of one node in order, and keeps what is done as the values of whole nodes, the largest first, as the bits
//   of a binary counter: a new leaf is joined with those of its size to its left. So no tree is ever built.
//
//     leaves done 0 1 2 3 4 5 6   values kept [0-3] [4-5] [6]
//
//   Where another worker wants a share, it gets the right half of the node, and a part of its own with values of its own; the part goes on
//   in the left half. What both give is joined as if one had done both: where a node is split does not show in the result.
// Checked: tests/unit/parallel_reduce_test.cpp, tests/stress/parallel_stress.cpp
#pragma once

#include "weft/awaitable.hpp"
#include "weft/detail/join.hpp"
#include "weft/detail/leaves.hpp"
#include "weft/detail/parallel_call.hpp"
#include "weft/detail/sharing_probe.hpp"
#include "weft/task.hpp"
#include "weft/when_all.hpp"

#include <bit>
#include <cstddef>
#include <functional>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace weft::detail {

/// The values of whole nodes, of which each is as large as all to its right together, or larger.
template <class T>
class node_values {
 public:
  node_values() noexcept = default;
  node_values(const node_values&) = delete;
  node_values& operator=(const node_values&) = delete;
  ~node_values() {
    while (kept_ != 0) drop();
  }

  [[nodiscard]] unsigned kept() const noexcept { return kept_; }
  void push(T&& value) {
    ::new (&values_[kept_].value) T(std::move(value));
    ++kept_;
  }
  /// The last value, taken away.
  [[nodiscard]] T pop() {
    struct guard {
      node_values& self;
      ~guard() { self.drop(); }
    } drop_after{*this};
    return std::move(values_[kept_ - 1].value);
  }
  /// Joins the last two.
  template <class Op>
  void join(const Op& op) {
    T joined = op(std::move(values_[kept_ - 2].value), std::move(values_[kept_ - 1].value));
    drop();
    values_[kept_ - 1].value = std::move(joined);
  }

 private:
  void drop() noexcept { values_[--kept_].value.~T(); }

  slot<T> values_[leaves::most_bits + 1];
  unsigned kept_ = 0;
};

/// Sums of numbers begin with 0, so that their loop begins with the first element, which is likely to begin a cache line.
template <class T, class Op>
inline constexpr bool begins_with_zero = std::is_arithmetic_v<T> && (std::is_same_v<Op, std::plus<>> || std::is_same_v<Op, std::plus<T>>);

/// The value of elements [first, end), of which there is one at least.
template <class T, class Op, class Map>
[[gnu::noinline]] T fold_leaf(const Op& op, const Map& map, std::size_t first, std::size_t end) {
  const kept_function<Op> joins = op;
  const kept_function<Map> gives = map;
  if constexpr (begins_with_zero<T, Op>) {
    T sum = 0;
    for (std::size_t i = first; i != end; ++i) sum = joins(sum, static_cast<T>(gives(i)));
    return sum;
  } else {
    T sum(gives(first));
    for (std::size_t i = first + 1; i != end; ++i) sum = joins(std::move(sum), gives(i));
    return sum;
  }
}

/// A reduction: element i gives `map(i)`, which is awaited if that is awaitable; `op` joins two values. Borrowed by its parts.
template <class T, class Op, class Map>
struct shared_fold {
  static constexpr bool awaits = awaitable<std::invoke_result_t<const Map&, std::size_t>>;

  parallel_call call;
  const leaves cut;
  const Op op;
  const Map map;

  /// Does a leaf of a node whose values are those above the lowest `below`.
  void add_leaf(node_values<T>& values, unsigned below, std::size_t leaf) noexcept {
    try {
      add(values, below, leaf, fold_leaf<T>(op, map, cut.begin(leaf), cut.end(leaf)));
    } catch (...) {
      call.fail(leaf);
    }
  }
  void add(node_values<T>& values, unsigned below, std::size_t leaf, T&& value) {
    values.push(std::move(value));
    for (std::size_t done = leaf + 1; done % 2 == 0 && values.kept() > below + 1; done /= 2) values.join(op);
  }
  /// All of a node is done, up to leaf `last`: makes one value of those above the lowest `below`.
  void close(node_values<T>& values, unsigned below, std::size_t last) noexcept {
    try {
      while (values.kept() > below + 1) values.join(op);
    } catch (...) {
      call.fail(last);
    }
  }
};

/// A leaf of a fold whose elements are awaited.
template <class T, class Op, class Map>
task<> awaited_leaf(shared_fold<T, Op, Map>* fold, node_values<T>* values, unsigned below, std::size_t leaf) {
  try {
    std::optional<T> sum;
    for (std::size_t i = fold->cut.begin(leaf); i != fold->cut.end(leaf); ++i) {
      T given(co_await fold->map(i));
      if (sum)
        sum = fold->op(std::move(*sum), std::move(given));
      else
        sum.emplace(std::move(given));
    }
    fold->add(*values, below, leaf, std::move(*sum));
  } catch (...) {
    fold->call.fail(leaf);
  }
}

/// A node: leaves [first, end) of the tree, those before `next` done, below `depth` others that were split.
struct node {
  std::size_t first;
  std::size_t next;
  std::size_t end;
  unsigned depth = 0;

  /// Goes down to the node of two leaves or more in which `next` is on the left, if there is one. Gives how many nodes were left behind on
  /// the left, done.
  unsigned descend() noexcept {
    unsigned behind = 0;
    for (; can_split() && next >= right(); ++behind) first = right();
    return behind;
  }
  [[nodiscard]] bool can_split() const noexcept { return end - first > 1; }
  [[nodiscard]] node left_half() const noexcept { return {first, next, right(), depth + 1}; }
  [[nodiscard]] node right_half() const noexcept { return {right(), right(), end, depth + 1}; }

 private:
  [[nodiscard]] std::size_t right() const noexcept { return first + std::bit_floor(end - first - 1); }
};

/// The rest of the leaves of a node. The values of those done before are the last in `values`, above the lowest `below`. At the end there
/// is one value there instead, that of the node, unless the call must end.
template <class T, class Op, class Map>
task<> fold_part(shared_fold<T, Op, Map>* fold, node_values<T>* values, unsigned below, node at) {
  unsigned before = below;  // how many values are of leaves before at.first
  while (at.next != at.end && !fold->call.must_end()) {
    before += at.descend();
    if (at.can_split() && is_hungry()) {
      try {
        node_values<T> others;
        auto kept = fold_part(fold, values, before, at.left_half());
        auto offered = fold_part(fold, &others, 0, at.right_half());
        if (keeps_right_half(at.depth)) kept.swap(offered);
        auto halves = when_all(std::move(kept), std::move(offered));
        co_await halves;
        if (!fold->call.must_end()) values->push(others.pop());
      } catch (...) {
        fold->call.fail(at.next);  // there is no memory for them, or a value threw as it was moved
      }
      break;
    }
    if constexpr (shared_fold<T, Op, Map>::awaits)
      co_await awaited_leaf(fold, values, below, at.next);
    else
      fold->add_leaf(*values, below, at.next);
    ++at.next;
  }
  if (!fold->call.must_end()) fold->close(*values, below, at.end - 1);
}

/// The first leaves, as many as it takes to see that the others are worth offering. Gives the number of those done.
template <class T, class Op, class Map>
std::size_t begin_alone(shared_fold<T, Op, Map>& fold, node_values<T>& values, std::size_t number) noexcept {
  sharing_probe probe;
  std::size_t done = 0;
  while (done != number && !fold.call.must_end()) {
    for (std::size_t some = probe.next(number - done); some != 0; --some) fold.add_leaf(values, 0, done++);
    if (done != number && probe.is_worth_it(done, number - done)) break;
  }
  return done;
}

/// The whole of a reduction, joined to the right of `init`.
template <class T, class Op, class Map>
task<T> run_fold(T init, Op op, Map map, leaves cut) {
  if (cut.count == 0) co_return init;
  shared_fold<T, Op, Map> fold{parallel_call("parallel_reduce"), cut, std::move(op), std::move(map)};
  node_values<T> values;
  co_await fold.call;
  const std::size_t number = cut.number();
  std::size_t done = 0;
  if constexpr (!shared_fold<T, Op, Map>::awaits)
    if (!cut.is_given) done = begin_alone(fold, values, number);
  co_await fold_part(&fold, &values, 0, {0, done, number});
  fold.call.throw_if_failed();
  co_return fold.op(std::move(init), values.pop());
}

}  // namespace weft::detail

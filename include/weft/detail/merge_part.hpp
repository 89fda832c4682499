// SPDX-License-Identifier: Apache-2.0
//
// Merge sort whose halves are sorted in parallel, and whose merges are cut in two again and again.
//
// Shape: each merge moves its elements from the range to a buffer of the same size, or back, in turns, so that the last one ends in the
//   range. The elements are cut into leaves, each of which one worker sorts, in the same way, down to runs that are sorted by insertion.
//   Elements with constructors have their places in the buffer constructed leaf by leaf, which is noted, so that they are destroyed.
// Checked tests/unit/parallel_sort_test.cpp, tests/stress/parallel_stress.cpp
#pragma once

#include "weft/detail/leaves.hpp"
#include "weft/detail/parallel_call.hpp"
#include "weft/detail/partition.hpp"
#include "weft/task.hpp"
#include "weft/when_all.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::detail {

/// Memory for as many elements as are sorted, of which those of leaves that were noted are constructed.
template <class T>
class sort_buffer {
 public:
  /// Throws std::bad_alloc.
  explicit sort_buffer(leaves cut) : cut_(cut), built_(cut.number()), places_(std::allocator<T>().allocate(cut.count)) {}
  sort_buffer(const sort_buffer&) = delete;
  sort_buffer& operator=(const sort_buffer&) = delete;
  ~sort_buffer() {
    if constexpr (!std::is_trivially_destructible_v<T>)
      for (std::size_t leaf = 0; leaf < built_.size(); ++leaf)
        if (built_[leaf] != 0) std::destroy(places_ + cut_.begin(leaf), places_ + cut_.end(leaf));
    std::allocator<T>().deallocate(places_, cut_.count);
  }

  [[nodiscard]] T* begin() const noexcept { return places_; }
  /// Moves the elements of a leaf, the first of which is at `from`, into their places here.
  template <class It>
  void build(std::size_t leaf, It from) {
    std::uninitialized_move_n(from, cut_.end(leaf) - cut_.begin(leaf), places_ + cut_.begin(leaf));
    built_[leaf] = 1;
  }

 private:
  const leaves cut_;
  std::vector<unsigned char> built_;  // of each leaf, by who sorts it
  T* const places_;
};

/// Where sorted elements are left.
enum class sort_place : bool { range, buffer };
constexpr sort_place other(sort_place p) noexcept { return p == sort_place::range ? sort_place::buffer : sort_place::range; }

/// Merges [a, a_end) and [b, b_end) to where `to` points; of equal elements those of the first come first. Of small elements without a
/// branch on the outcome of a comparison, which no processor can predict.
template <class From, class To, class Compare>
void merge_runs(From a, From a_end, From b, From b_end, To to, const Compare& before) {
  if constexpr (is_cut_in_blocks<std::iter_value_t<From>>) {
    while (a != a_end && b != b_end) {
      const bool takes_b = before(*b, *a);
      *to = takes_b ? *b : *a;
      ++to;
      b += takes_b ? 1 : 0;
      a += takes_b ? 0 : 1;
    }
    std::copy(b, b_end, std::copy(a, a_end, to));
  } else {
    std::merge(std::move_iterator(a), std::move_iterator(a_end), std::move_iterator(b), std::move_iterator(b_end), to,
               [&before](const auto& x, const auto& y) { return before(x, y); });
  }
}

/// Sorts [first, last), in time that grows as its square. An element is out of the range only while nothing is compared.
template <class It, class Compare>
void insert_each(It first, It last, const Compare& before) {
  if (first == last) return;
  for (It next = first + 1; next != last; ++next) {
    const It place = std::upper_bound(first, next, *next, std::cref(before));
    auto moved = std::move(*next);
    std::move_backward(place, next, next + 1);
    *place = std::move(moved);
  }
}

/// A stable sort. Borrowed by its parts.
template <class It, class Compare>
struct shared_merge_sort {
  using value = std::iter_value_t<It>;
  static constexpr std::size_t run = 24;  // elements that are sorted by insertion

  parallel_call call;
  const It begin;
  const Compare before;
  const leaves cut;
  sort_buffer<value> buffer;

  /// Sorts a leaf on this worker.
  [[gnu::noinline]] void sort_leaf(std::size_t leaf, sort_place to) noexcept {
    try {
      const std::size_t first = cut.begin(leaf), end = cut.end(leaf);
      if constexpr (!std::is_trivially_copyable_v<value>) {
        buffer.build(leaf, advanced(begin, first));
        std::move(buffer.begin() + first, buffer.begin() + end, advanced(begin, first));
      }
      sort_run(first, end, to);
    } catch (...) {
      call.fail(cut.begin(leaf));
    }
  }

  /// Merges two runs on this worker.
  template <class From, class To>
  [[gnu::noinline]] void merge_here(From a, From a_end, From b, From b_end, To to, std::size_t position) noexcept {
    try {
      merge_runs(a, a_end, b, b_end, to, before);
    } catch (...) {
      call.fail(position);
    }
  }

  /// Calls `merge(a, b, last, to)` for two runs that lie side by side, where the result does not.
  template <class Merge>
  auto from_other_place(std::size_t a, std::size_t b, std::size_t last, sort_place to, Merge merge) {
    value* const places = buffer.begin();
    if (to == sort_place::buffer) return merge(advanced(begin, a), advanced(begin, b), advanced(begin, last), places + a);
    return merge(places + a, places + b, places + last, advanced(begin, a));
  }

 private:
  void sort_run(std::size_t first, std::size_t end, sort_place to) {
    if (end - first <= run) {
      insert_each(advanced(begin, first), advanced(begin, end), before);
      if (to == sort_place::buffer) std::move(advanced(begin, first), advanced(begin, end), buffer.begin() + first);
      return;
    }
    const std::size_t middle = first + (end - first) / 2;
    sort_run(first, middle, other(to));
    sort_run(middle, end, other(to));
    from_other_place(first, middle, end, to, [this](auto a, auto b, auto last, auto out) { merge_runs(a, b, b, last, out, before); });
  }
};

/// Two runs to be merged, the first of which is to the left of the other.
template <class From>
struct two_runs {
  From a, a_end, b, b_end;

  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>((a_end - a) + (b_end - b)); }
  /// The part of both that comes first: about half of it. The rest stays.
  template <class Compare>
  two_runs take_first_half(const Compare& before) {
    From a_cut, b_cut;
    if (a_end - a >= b_end - b) {
      a_cut = a + (a_end - a) / 2;
      b_cut = std::lower_bound(b, b_end, *a_cut, std::cref(before));
    } else {
      b_cut = b + (b_end - b) / 2;
      a_cut = std::upper_bound(a, a_end, *b_cut, std::cref(before));
    }
    const two_runs first{a, a_cut, b, b_cut};
    a = a_cut;
    b = b_cut;
    return first;
  }
};

/// Merges two runs to where `to` points.
template <class It, class Compare, class From, class To>
task<> merge_part(shared_merge_sort<It, Compare>* sort, two_runs<From> runs, To to, std::size_t position) {
  if (sort->call.must_end()) co_return;
  if (runs.size() <= sort->cut.size * 2) {
    sort->merge_here(runs.a, runs.a_end, runs.b, runs.b_end, to, position);
    co_return;
  }
  try {
    const two_runs<From> first = runs.take_first_half(sort->before);
    const std::size_t done = first.size();
    auto both = when_all(merge_part(sort, first, to, position), merge_part(sort, runs, advanced(to, done), position + done));
    co_await both;
  } catch (...) {
    sort->call.fail(position);  // a comparison threw, or there is no memory for the parts
  }
}

/// Sorts leaves [first, end), of which there is one at least.
template <class It, class Compare>
task<> merge_sort_part(shared_merge_sort<It, Compare>* sort, std::size_t first, std::size_t end, sort_place to) {
  if (sort->call.must_end()) co_return;
  if (end - first == 1) {
    sort->sort_leaf(first, to);
    co_return;
  }
  const std::size_t middle = first + (end - first) / 2;
  const std::size_t position = sort->cut.begin(first);
  try {
    auto halves = when_all(merge_sort_part(sort, first, middle, other(to)), merge_sort_part(sort, middle, end, other(to)));
    co_await halves;
    co_await sort->from_other_place(
        position, sort->cut.begin(middle), sort->cut.end(end - 1), to,
        [&](auto a, auto b, auto last, auto out) { return merge_part(sort, two_runs<decltype(a)>{a, b, b, last}, out, position); });
  } catch (...) {
    sort->call.fail(position);  // there is no memory for the parts
  }
}

/// The whole of a stable sort.
template <class Range, class Compare>
task<> run_stable_sort(Range range, Compare before, leaves cut) {
  const auto first = std::ranges::begin(range);
  using iterator = std::remove_const_t<decltype(first)>;
  if (cut.count == 0) co_return;
  shared_merge_sort<iterator, Compare> sort{parallel_call("parallel_stable_sort"), first, std::move(before), cut,
                                            sort_buffer<std::iter_value_t<iterator>>(cut)};
  co_await sort.call;
  co_await merge_sort_part(&sort, 0, cut.number(), sort_place::range);
  sort.call.throw_if_failed();
}

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
//
// The blocks of a scan, done as scan_order.hpp says.
#pragma once

#include "weft/detail/fold.hpp"
#include "weft/detail/leaves.hpp"
#include "weft/detail/parallel_call.hpp"
#include "weft/detail/scan_order.hpp"
#include "weft/detail/sharing_probe.hpp"
#include "weft/task.hpp"
#include "weft/when_all.hpp"

#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace weft::detail {

/// Whether a result counts its own element.
enum class scan_form : bool { inclusive, exclusive };

/// Writes the results of elements [first, end), of which there is one at least, behind `prefix`. Gives their sum. Each element is read
/// before the result in its place is written.
template <scan_form Form, class T, class In, class Out, class Op>
[[gnu::noinline]] T pass_block(const In& in, const Out& out, const Op& op, const std::optional<T>& prefix, std::size_t first,
                               std::size_t end) {
  const kept_function<Op> joins = op;
  T sum(*advanced(in, first));
  if (!prefix) {  // inclusive, and the first block
    *advanced(out, first) = sum;
    for (std::size_t i = first + 1; i != end; ++i) {
      sum = joins(std::move(sum), *advanced(in, i));
      *advanced(out, i) = sum;
    }
    return sum;
  }
  const T before = *prefix;
  if constexpr (Form == scan_form::inclusive) {
    *advanced(out, first) = joins(before, sum);
    for (std::size_t i = first + 1; i != end; ++i) {
      sum = joins(std::move(sum), *advanced(in, i));
      *advanced(out, i) = joins(before, sum);
    }
  } else {
    *advanced(out, first) = before;
    for (std::size_t i = first + 1; i != end; ++i) {
      T given(*advanced(in, i));
      *advanced(out, i) = joins(before, sum);
      sum = joins(std::move(sum), std::move(given));
    }
  }
  return sum;
}

/// A scan. Borrowed by its parts.
template <scan_form Form, class T, class In, class Out, class Op>
class shared_scan {
 public:
  /// Throws std::bad_alloc.
  shared_scan(const char* name, In in, Out out, std::optional<T> init, Op op, leaves cut)
      : call(name),
        in_(std::move(in)),
        out_(std::move(out)),
        op_(std::move(op)),
        cut_(cut),
        order_(cut.number()),
        sums_(cut.number()),
        prefixes_(cut.number()) {
    prefixes_.front() = std::move(init);
  }

  parallel_call call;

  [[nodiscard]] bool has_more() noexcept { return order_.has_more(); }

  /// Does one block. False: there is none.
  bool do_step() noexcept {
    const auto [step, block] = order_.next();
    try {
      switch (step) {
        case scan_step::none: return false;
        case scan_step::lead:
          sums_[block] = pass(block);
          walk(block);
          break;
        case scan_step::pass: static_cast<void>(pass(block)); break;
        case scan_step::sum:
          sums_[block] = fold_leaf<T>(op_, [this](std::size_t i) { return T(*advanced(in_, i)); }, cut_.begin(block), cut_.end(block));
          if (order_.summed(block)) walk(block);
      }
    } catch (...) {
      call.fail(block);
    }
    return true;
  }

 private:
  T pass(std::size_t b) { return pass_block<Form, T>(in_, out_, op_, prefixes_[b], cut_.begin(b), cut_.end(b)); }

  void walk(std::size_t b) {
    do {
      if (b + 1 != prefixes_.size()) prefixes_[b + 1] = prefixes_[b] ? op_(*prefixes_[b], *sums_[b]) : *sums_[b];
    } while (order_.reached(++b));
  }

  const In in_;
  const Out out_;
  const Op op_;
  const leaves cut_;
  scan_order order_;
  std::vector<std::optional<T>> sums_;      // of each block
  std::vector<std::optional<T>> prefixes_;  // of all before it
};

/// Blocks, as long as there are some.
template <class Scan>
task<> scan_part(Scan* scan) {
  while (!scan->call.must_end()) {
    if (is_hungry() && scan->has_more()) {
      try {
        auto both = when_all(scan_part(scan), scan_part(scan));
        co_await both;
      } catch (...) {
        scan->call.fail(0);  // there is no memory for them
      }
      break;
    }
    if (!scan->do_step()) break;
  }
}

/// The first blocks, as many as it takes to see that the others are worth offering. Gives the number of those done.
template <class Scan>
std::size_t scan_alone(Scan& scan, std::size_t number) noexcept {
  sharing_probe probe;
  std::size_t done = 0;
  while (done != number && !scan.call.must_end()) {
    for (std::size_t some = probe.next(number - done); some != 0; --some, ++done) scan.do_step();
    if (done != number && probe.is_worth_it(done, number - done)) break;
  }
  return done;
}

/// The whole of a scan; gives the end of the results.
template <scan_form Form, class T, class In, class Out, class Op>
task<Out> run_scan(const char* name, In in, Out out, std::optional<T> init, Op op, leaves cut) {
  const Out end = advanced(out, cut.count);
  if (cut.count == 0) co_return end;
  shared_scan<Form, T, In, Out, Op> scan(name, std::move(in), std::move(out), std::move(init), std::move(op), cut);
  co_await scan.call;
  if (cut.is_given || scan_alone(scan, cut.number()) != cut.number()) co_await scan_part(&scan);
  scan.call.throw_if_failed();
  co_return end;
}

}  // namespace weft::detail

// SPDX-License-Identifier: Apache-2.0
// Makes the thread that holds it own a frame cache, as a worker does, for as long as it lives.
#pragma once

#include <cstddef>
#include <utility>

#include "weft/detail/frame_pool.hpp"

namespace weft::test {

class open_cache {
 public:
  open_cache() noexcept : before_(std::exchange(detail::current_cache, &cache_)) { detail::frame_cache_open(cache_); }
  ~open_cache() {
    detail::frame_cache_close(cache_);
    detail::current_cache = before_;
  }
  open_cache(const open_cache&) = delete;
  open_cache& operator=(const open_cache&) = delete;

  /// Brings live_frames() and released() up to date.
  void publish() noexcept { detail::frame_cache_publish(cache_); }

  [[nodiscard]] std::size_t kept() noexcept {
    publish();
    return cache_.kept;
  }
  [[nodiscard]] std::uint64_t allocated() const noexcept { return cache_.allocated.load(detail::relaxed); }
  [[nodiscard]] std::uint64_t released() noexcept {
    publish();
    return cache_.released.load(detail::relaxed);
  }

 private:
  detail::frame_cache cache_;
  detail::frame_cache* before_;
};

}  // namespace weft::test

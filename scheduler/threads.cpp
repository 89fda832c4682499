// SPDX-License-Identifier: Apache-2.0
//
// Starting and naming threads, and noticing a fork.
#include "threads.hpp"

#include "weft/detail/sync.hpp"

#include <system_error>

namespace weft::sched {

thread::thread(void* (*body)(void*), void* argument, const std::string& what) {
  if (const int failed = pthread_create(&handle_, nullptr, body, argument); failed != 0)
    throw std::system_error(failed, std::generic_category(), what);
}

void name_this_thread(const std::string& name) noexcept {
  char cut[16] = {};
  name.copy(cut, sizeof cut - 1);
  pthread_setname_np(pthread_self(), cut);
}

namespace {

detail::atomic<std::uint32_t> generation{0};

bool watch_forks() noexcept {
  pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, detail::relaxed); });  // the child has one thread
  return true;
}

}  // namespace

std::uint32_t process_generation() noexcept {
  static const bool watching = watch_forks();
  static_cast<void>(watching);
  return generation.load(detail::relaxed);  // changes only in a fresh child
}

}  // namespace weft::sched

// SPDX-License-Identifier: Apache-2.0
//
// Starting and naming threads, and noticing a fork.
#include "threads.hpp"

#include "weft/detail/sync.hpp"

#include <charconv>
#include <iterator>
#include <system_error>

namespace weft::sched {

thread::thread(void* (*body)(void*), void* argument, const std::string& what) {
  if (const int failed = pthread_create(&handle_, nullptr, body, argument); failed != 0)
    throw std::system_error(failed, std::generic_category(), what);
}

void thread::join() noexcept { pthread_join(handle_, nullptr); }

void thread::detach() noexcept { pthread_detach(handle_); }

void name_this_thread(std::string_view prefix, unsigned index) noexcept {
  char number[12] = {'-'};
  const char* const end = std::to_chars(number + 1, std::end(number), index).ptr;
  const std::string_view tail(number, static_cast<std::size_t>(end - number));
  char name[16] = {};
  const std::size_t kept = prefix.copy(name, sizeof name - 1 - tail.size());
  tail.copy(name + kept, tail.size());
  pthread_setname_np(pthread_self(), name);
}

namespace {

constinit detail::atomic<std::uint32_t> generation{0};

// As the program starts: the guard of a local static would stay held in a child that is forked while another thread is at it.
[[maybe_unused]] const int watches_forks = pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, detail::relaxed); });

}  // namespace

std::uint32_t process_generation() noexcept { return generation.load(detail::relaxed); }  // changes only in a fresh child

}  // namespace weft::sched

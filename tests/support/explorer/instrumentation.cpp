// SPDX-License-Identifier: Apache-2.0
//
// What the compiler makes explored code call: -fsanitize=thread marks each access to memory, and here, instead of
// ThreadSanitizer's own library, stands what tells the engine. Also the heap, and exceptions, whose memory has another maker.
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "engine.hpp"

using weft::explorer::engine;
using weft::explorer::exploring;
using weft::explorer::touch;

namespace {

/// The size of all thread-local variables, of libraries, too (errno): they lie below the thread pointer.
std::size_t thread_local_bytes() noexcept {
  std::size_t bytes = 0;
  ::dl_iterate_phdr(
      [](dl_phdr_info* program, std::size_t, void* sum) {
        for (int i = 0; i < program->dlpi_phnum; ++i) {
          const auto& part = program->dlpi_phdr[i];
          constexpr std::size_t line = 64;
          if (part.p_type == PT_TLS) *static_cast<std::size_t*>(sum) += (part.p_memsz + line - 1) / line * line;
        }
        return 0;
      },
      &bytes);
  return bytes;
}

/// Whether it is thread-local: all fibers have the same, and the engine exchanges what is in it.
bool is_of_thread(const void* place) noexcept {
  static const std::size_t most_bytes = thread_local_bytes();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
  return here - reinterpret_cast<std::uintptr_t>(place) <= most_bytes;
}

void touched(const void* place, std::size_t bytes, touch how, const void* code) {
  if (exploring && !is_of_thread(place)) engine::get().touch_plain(reinterpret_cast<std::uintptr_t>(place), bytes, how, code);
}

void* allocated(std::size_t bytes, std::size_t alignment, const void* code) {
  void* made = nullptr;
  if (exploring) {
    exploring = false;
    made = engine::get().allocate(bytes, alignment, code);
    exploring = true;
  } else {
    made = std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment);
  }
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

bool released(void* block, const void* code) {
  if (!exploring || block == nullptr) return false;
  exploring = false;
  const bool ours = engine::get().release(block, code);
  exploring = true;
  return ours;
}

}  // namespace

#define WEFT_CODE __builtin_return_address(0)
#define WEFT_TOUCHED(bytes)                                                                 \
  void __tsan_read##bytes(void* p) { touched(p, bytes, touch::read, WEFT_CODE); }           \
  void __tsan_write##bytes(void* p) { touched(p, bytes, touch::write, WEFT_CODE); }         \
  void __tsan_unaligned_read##bytes(void* p) { touched(p, bytes, touch::read, WEFT_CODE); } \
  void __tsan_unaligned_write##bytes(void* p) { touched(p, bytes, touch::write, WEFT_CODE); }

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
WEFT_TOUCHED(1)
WEFT_TOUCHED(2)
WEFT_TOUCHED(4)
WEFT_TOUCHED(8)
WEFT_TOUCHED(16)
void __tsan_vptr_update(void** p, void*) { touched(p, sizeof *p, touch::write, WEFT_CODE); }
void __tsan_vptr_read(void** p) { touched(p, sizeof *p, touch::read, WEFT_CODE); }
void __tsan_read_range(void* p, std::size_t bytes) { touched(p, bytes, touch::read, WEFT_CODE); }
void __tsan_write_range(void* p, std::size_t bytes) { touched(p, bytes, touch::write, WEFT_CODE); }
void* __tsan_memset(void* to, int value, std::size_t bytes) {
  touched(to, bytes, touch::write, WEFT_CODE);
  return std::memset(to, value, bytes);
}
void* __tsan_memcpy(void* to, const void* from, std::size_t bytes) {
  touched(from, bytes, touch::read, WEFT_CODE);
  touched(to, bytes, touch::write, WEFT_CODE);
  return std::memcpy(to, from, bytes);
}
void* __tsan_memmove(void* to, const void* from, std::size_t bytes) {
  touched(from, bytes, touch::read, WEFT_CODE);
  touched(to, bytes, touch::write, WEFT_CODE);
  return std::memmove(to, from, bytes);
}

// The linker sends the explored code's calls here: --wrap.
void* __real___cxa_allocate_exception(std::size_t bytes) noexcept;
void* __wrap___cxa_allocate_exception(std::size_t bytes) noexcept {
  void* const made = __real___cxa_allocate_exception(bytes);
  if (exploring) engine::get().memory.forget_range(reinterpret_cast<std::uintptr_t>(made), bytes);
  return made;
}
void* __real_aligned_alloc(std::size_t alignment, std::size_t bytes);
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return exploring ? allocated(bytes, alignment, WEFT_CODE) : __real_aligned_alloc(alignment, bytes);
}
void __real_free(void* block);
void __wrap_free(void* block) {
  if (!released(block, WEFT_CODE)) __real_free(block);
}

}  // extern "C"

void* operator new(std::size_t bytes) { return allocated(bytes, alignof(std::max_align_t), WEFT_CODE); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocated(bytes, static_cast<std::size_t>(alignment), WEFT_CODE);
}
void operator delete(void* block) noexcept {
  if (!released(block, WEFT_CODE)) __real_free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  if (!released(block, WEFT_CODE)) __real_free(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  if (!released(block, WEFT_CODE)) __real_free(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  if (!released(block, WEFT_CODE)) __real_free(block);
}

// SPDX-License-Identifier: Apache-2.0
// Switching stacks: by hand on x86-64, with ucontext elsewhere.
#include "fiber.hpp"

#include <sys/mman.h>
#include <ucontext.h>
#include <cstdint>
#include <new>

#if defined(__x86_64__)
extern "C" void weft_change_fiber(void** from, void* to) noexcept;
asm(R"(
.text
.type weft_change_fiber, @function
weft_change_fiber:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size weft_change_fiber, .-weft_change_fiber
)");
#endif

namespace weft::explorer {

void fiber::prepare(void (*entry)()) {
  constexpr std::size_t guard = 4096;
  if (stack_ == nullptr) {
    void* const mapped = ::mmap(nullptr, stack_bytes + guard, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    ::mprotect(mapped, guard, PROT_NONE);
    stack_ = static_cast<char*>(mapped) + guard;
  }
#if defined(__x86_64__)
  auto* const top = reinterpret_cast<std::uintptr_t*>(stack_ + stack_bytes) - 2;
  *top = reinterpret_cast<std::uintptr_t>(entry);
  for (int i = 1; i <= 6; ++i) top[-i] = 0;
  at_ = top - 6;
#else
  if (at_ == nullptr) at_ = new ucontext_t;
  auto* const context = static_cast<ucontext_t*>(at_);
  ::getcontext(context);
  context->uc_stack.ss_sp = stack_;
  context->uc_stack.ss_size = stack_bytes;
  context->uc_link = nullptr;
  ::makecontext(context, entry, 0);
#endif
}

void fiber::change(fiber& from, fiber& to) noexcept {
#if defined(__x86_64__)
  weft_change_fiber(&from.at_, to.at_);
#else
  if (from.at_ == nullptr) from.at_ = new ucontext_t;
  ::swapcontext(static_cast<ucontext_t*>(from.at_), static_cast<ucontext_t*>(to.at_));
#endif
}

}  // namespace weft::explorer

// SPDX-License-Identifier: Apache-2.0
//
// The list of ready frames that one worker owns and idle workers raid.
//
// Shape: a ring of 2^k slots and two ever-growing positions.
//
//      thieves take here -> top ... bottom <- the owner pushes and pops here
//
//   Positions in [top, bottom) are ready. Slot = position & mask. Positions are 64-bit and compared by their difference.
//
// Who touches what
//   top                   written by a winning CAS, anyone's    read by all
//   bottom                written by the owner                  read by all
//   slots                 written by the owner                  read by all
//   ring                  written by the owner (grow)           read by thieves
//   slots_, mask_, limit_ the owner's copies of the ring and of the last position it may fill without looking at top
//
// Invariants
//   I1  top never decreases.
//   I2  top <= bottom, except inside pop(), where bottom may be top - 1.
//   I3  bottom - top <= capacity: a live slot is never overwritten.
//   I4  a position is handed out once: to whoever moves top past it, or to the owner without a CAS while older positions
//       are still in the ring.
//
// Why I4 holds
//   pop()    A: exchange bottom, B: load top        steal()  C: load top, D: load bottom, then CAS top
//   A, B, C and D are seq_cst, so all threads agree on one order of them. A thief that missed A has D before A, hence C
//   before B: the owner then sees at least the top that thief saw, knows it is down to that last position, and has to
//   win the same CAS. The CASes need no place in that order: a B that read an older top than C comes before C in it, whoever
//   wrote what C read.
//
// Edges
//   E1  item   every store of bottom (release)   ->  D (acquire): the thief sees the slot, and all that its maker wrote.
//              Every store, not only push's: a later relaxed store by the owner would not pass on the earlier release.
//   E2  reuse  a winning CAS of top (release)    ->  the load of top in make_room (acquire): a slot is refilled only after
//              its taker read it.
//   E3  race   A to D are seq_cst, as argued above. A winning CAS of the owner (release) -> C: a thief that sees it sees A.
//   E4  ring   the store of ring in grow (release) -> its load in steal (acquire): the copied slots are seen. A thief that
//              still reads an old ring finds the same item there: rings are kept, and old slots are not written again.
//   E5  sleep  push's exchange of bottom, then a load of the idle word; its partner announces a sleeper in that word with a
//              locked instruction, then loads bottom in is_empty. All four seq_cst: one of the two sees the other.
//   Slots are relaxed atomics: a slow thief may read one as it is refilled; its CAS then fails (I1) and the value is dropped.
//
// Progress  push and pop take a bounded number of steps, but for grow; steal tries once.
// Cost      pop pays one locked instruction, A. push pays one, E5; push_quietly none: see scheduler/idle.hpp for who may.
// Full      push doubles the ring; old rings are kept until the deque dies. Without memory for it, push says no.
// Checked   tests/unit/deque_test.cpp, tests/stress/deque_stress.cpp, tests/model/deque_model.cpp
// From      Chase and Lev 2005; Le, Pop, Cohen, Zappa Nardelli 2013, with seq_cst accesses where the latter has fences.
#pragma once

#include "weft/detail/frame_pool.hpp"
#include "weft/detail/sync.hpp"

#include <cstddef>
#include <cstdint>
#include <new>

namespace weft::detail {

/// How one try to steal ended. Only a round of `empty` answers lets a thief conclude that there is nothing.
enum class steal_outcome : std::uint8_t { taken, empty, lost };

/// What steal() gives: the item if it was taken.
template <class T>
struct [[nodiscard]] stolen {
  steal_outcome outcome;
  T* item;
};

/// A Chase-Lev deque of pointers. Construction and destruction: no thief may be near.
template <class T>
class deque {
 public:
  /// Without slots: for a worker that is none. Nothing may be pushed or popped.
  constexpr deque() noexcept : bottom_(0), top_(0) {}
  /// Throws std::bad_alloc. `capacity` is a power of two, at least 2; `first` is the first position.
  explicit deque(std::size_t capacity, std::uint64_t first = 0) : bottom_(first), top_(first) {
    ring* made = ring::make(capacity, nullptr);
    if (made == nullptr) throw std::bad_alloc();
    adopt(made, first);
  }
  deque(const deque&) = delete;
  deque& operator=(const deque&) = delete;
  ~deque() {
    for (ring* r = ring_.load(relaxed); r != nullptr;) {  // nobody else is left
      ring* older = r->older;
      ring::drop(r);
      r = older;
    }
  }

  /// What the owning thread may do.
  class owner {
   public:
    explicit owner(deque& d) noexcept : d_(d) {}

    /// Adds an item that every thread which looks from now on will find (E5). False: no memory to grow; nothing changed.
    [[nodiscard]] WEFT_INLINE bool push(T* item) noexcept {
      const std::uint64_t b = bottom();
      if (!has_room(b)) [[unlikely]]
        return false;
      put(b, item);
      d_.bottom_.exchange(b + 1, seq_cst);  // E1 E5
      return true;
    }

    /// The same without the locked instruction: a thread that looks just now may still miss the item.
    [[nodiscard]] WEFT_INLINE bool push_quietly(T* item) noexcept {
      const std::uint64_t b = bottom();
      if (!has_room(b)) [[unlikely]]
        return false;
      put(b, item);
      advance(b + 1);
      return true;
    }

    /// Several at once: from position b = bottom(), if there is room, put them at b, b + 1, .. and advance. What is put is
    /// nobody's before advance, and any push in between starts over from a new bottom().
    [[nodiscard]] WEFT_INLINE std::uint64_t bottom() const noexcept {
      return d_.bottom_.load(relaxed);  // only we write it
    }
    [[nodiscard]] WEFT_INLINE bool has_room(std::uint64_t b, std::uint64_t count) noexcept {
      return static_cast<std::int64_t>(d_.limit_ - b) >= static_cast<std::int64_t>(count) || d_.template make_room<this_convention>(count);
    }
    [[nodiscard]] WEFT_INLINE bool has_room(std::uint64_t b) noexcept {
      return static_cast<std::int64_t>(b - d_.limit_) < 0 || d_.template make_room<this_convention>(1);
    }
    WEFT_INLINE void put(std::uint64_t position, T* item) noexcept {
      d_.slots_[position & d_.mask_].store(item, relaxed);  // published by bottom, E1
    }
    /// Puts item(0) at position b + count - 1, .. item(count - 1) at b: the first is popped first.
    template <class Item>
    WEFT_INLINE void put_reversed(std::uint64_t b, std::uint64_t count, Item item) noexcept {
      atomic<T*>* const slots = d_.slots_;
      const std::uint64_t mask = d_.mask_;
#if defined(__clang__)
#pragma clang loop unroll(disable)
#endif
      for (std::uint64_t i = 0; i < count; ++i) slots[(b + count - 1 - i) & mask].store(item(i), relaxed);  // published by bottom, E1
    }
    WEFT_INLINE void advance(std::uint64_t b) noexcept { d_.bottom_.store(b, release); }  // E1

    /// The newest item, or null.
    [[nodiscard]] WEFT_INLINE T* pop() noexcept {
      const std::uint64_t b = take_back();
      const std::uint64_t t = d_.top_.load(seq_cst);  // B E3
      if (static_cast<std::int64_t>(t - b) < 0) [[likely]]
        return at(b);
      return d_.pop_last(b, t);
    }

    /// pop() in two steps, for callers that treat an older item waiting below differently from the last one.
    [[nodiscard]] WEFT_INLINE std::uint64_t take_back() noexcept {
      const std::uint64_t b = bottom() - 1;
      d_.bottom_.exchange(b, seq_cst);  // A E1 E3
      return b;
    }
    [[nodiscard]] WEFT_INLINE bool is_last(std::uint64_t b) noexcept {
      return static_cast<std::int64_t>(d_.top_.load(seq_cst) - b) >= 0;  // B E3
    }
    [[nodiscard]] WEFT_INLINE T* at(std::uint64_t b) noexcept {
      return d_.slots_[b & d_.mask_].load(relaxed);  // only we write slots
    }
    /// After is_last(b) has said yes.
    [[nodiscard]] T* pop_last(std::uint64_t b) noexcept {
      return d_.pop_last(b, d_.top_.load(relaxed));  // not older than what is_last saw; the CAS decides
    }

    [[nodiscard]] bool is_empty() const noexcept { return d_.as_thief().is_empty(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return d_.mask_ + 1; }

   private:
    deque& d_;
  };

  /// What any thread may do.
  class thief {
   public:
    explicit thief(deque& d) noexcept : d_(d) {}

    /// Tries once to take the oldest item.
    stolen<T> steal() noexcept {
      std::uint64_t t = d_.top_.load(seq_cst);           // C E3
      const std::uint64_t b = d_.bottom_.load(seq_cst);  // D E1 E3
      if (static_cast<std::int64_t>(b - t) <= 0) return {steal_outcome::empty, nullptr};
      T* item = d_.ring_.load(acquire)->at(t).load(relaxed);  // E4; the CAS below tells whether it was ours to read
      if (!d_.top_.compare_exchange_strong(t, t + 1, release, relaxed)) return {steal_outcome::lost, nullptr};  // E2
      return {steal_outcome::taken, item};
    }

    /// False: there was an item. True is final for items pushed before this call by push() (E5).
    [[nodiscard]] bool is_empty() const noexcept {
      const std::uint64_t t = d_.top_.load(relaxed);  // an old one: an empty deque may look full; bottom makes E5
      return static_cast<std::int64_t>(d_.bottom_.load(seq_cst) - t) <= 0;  // E1 E5
    }
    [[nodiscard]] std::size_t size_hint() const noexcept {
      const auto size = static_cast<std::int64_t>(d_.bottom_.load(relaxed) - d_.top_.load(relaxed));  // a hint
      return size > 0 ? static_cast<std::size_t>(size) : 0;
    }

   private:
    deque& d_;
  };

  [[nodiscard]] WEFT_INLINE owner as_owner() noexcept { return owner(*this); }
  [[nodiscard]] WEFT_INLINE thief as_thief() noexcept { return thief(*this); }

 private:
  struct ring {
    std::size_t capacity;
    ring* older;

    static ring* make(std::size_t capacity, ring* older) noexcept {
      const std::size_t bytes = line_bytes + capacity * sizeof(atomic<T*>);
      void* memory = ::operator new(bytes, std::align_val_t{line_bytes}, std::nothrow);
      if (memory == nullptr) return nullptr;
      ring* made = ::new (memory) ring{capacity, older};
      for (std::size_t i = 0; i < capacity; ++i) ::new (static_cast<void*>(made->slots() + i)) atomic<T*>(nullptr);
      return made;
    }
    static void drop(ring* r) noexcept { ::operator delete(r, std::align_val_t{line_bytes}); }
    atomic<T*>* slots() noexcept { return reinterpret_cast<atomic<T*>*>(reinterpret_cast<char*>(this) + line_bytes); }
    atomic<T*>& at(std::uint64_t position) noexcept { return slots()[position & (capacity - 1)]; }
  };

  void adopt(ring* r, std::uint64_t oldest) noexcept {
    slots_ = r->slots();
    mask_ = r->capacity - 1;
    limit_ = oldest + r->capacity;
    ring_.store(r, release);  // E4
  }

  // The end of pop() when nothing older waits below position b: thieves may want the same item.
  [[gnu::noinline]] T* pop_last(std::uint64_t b, std::uint64_t t) noexcept {
    T* item = nullptr;
    if (b == t) {
      item = slots_[b & mask_].load(relaxed);  // only we write slots
      if (!top_.compare_exchange_strong(t, t + 1, release, relaxed)) item = nullptr;  // E3
    }
    bottom_.store(b + 1, release);  // E1
    return item;
  }

  template <class Convention>
  [[nodiscard]] WEFT_COLD bool make_room(std::uint64_t count) noexcept {
    const std::uint64_t b = bottom_.load(relaxed);  // only we write it
    const std::uint64_t t = top_.load(acquire);     // E2
    limit_ = t + mask_ + 1;
    std::size_t capacity = mask_ + 1;
    while (b + count - t > capacity) capacity *= 2;
    if (capacity == mask_ + 1) return true;
    ring* current = ring_.load(relaxed);  // only we write it
    ring* grown = ring::make(capacity, current);
    if (grown == nullptr) return false;
    for (std::uint64_t p = t; p != b; ++p) grown->at(p).store(current->at(p).load(relaxed), relaxed);  // published by E4
    adopt(grown, t);
    return true;
  }

  alignas(line_bytes) atomic<std::uint64_t> bottom_;  // written by the owner, read by thieves: E1, E3, E5
  atomic<T*>* slots_ = nullptr;
  std::uint64_t mask_ = 0;
  std::uint64_t limit_ = 0;
  alignas(line_bytes) atomic<std::uint64_t> top_;     // moved by any winner's CAS: E2, E3
  atomic<ring*> ring_{nullptr};                       // written by the owner, read by thieves: E4
};

}  // namespace weft::detail

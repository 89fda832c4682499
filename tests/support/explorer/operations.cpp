// SPDX-License-Identifier: Apache-2.0
// Atomic operations of explored code: a step of the schedule, weakened if it is the mutant's.
#include "engine.hpp"

namespace weft::explorer {

namespace {

using kind_of = mutation::kind_of;

/// One operation on its way: a step begins with it, and ends with `finish`.
class running {
 public:
  running(const explored_place& p, memory_order order, memory_order failure = memory_order::relaxed)
      : engine_(engine::get()), op_{p.place, p.bytes, order, failure, &p.where}, kind_(engine_.mutated(p.where)) {
    engine_.pause();
    exploring = false;
    engine_.catch_up(1);
    if (kind_ == kind_of::order) op_.order = engine_.mutant().order();
    if (kind_ == kind_of::failure) op_.failure = memory_order::relaxed;
  }
  running(const running&) = delete;
  running& operator=(const running&) = delete;

  std::uint64_t finish(const char* what, std::uint64_t value, std::uint64_t second = 0) {
    engine_.done(
        {static_cast<std::uint8_t>(engine_.current()), what, value, second, op_.place, engine_.memory.last(), op_.order, *op_.where});
    exploring = true;
    return value;
  }
  /// A read-modify-write, or what the mutant makes of it.
  template <class Update>
  std::uint64_t update(const char* what, Update change) {
    memory_model& m = engine_.memory;
    const unsigned t = engine_.current();
    if (kind_ == kind_of::skip) return finish("does not update", m.load(t, op_));
    if (kind_ == kind_of::late) {
      put_off([change](engine& e, const operation& op) { return e.memory.update(e.current(), op, change); });
      return finish("puts off the update of", m.load(t, op_));
    }
    if (kind_ == kind_of::split) {
      const std::uint64_t before = finish("reads apart", m.load(t, op_));
      engine_.pause();
      exploring = false;
      m.write(t, op_, change(before));
      finish("writes apart", change(before));
      return before;
    }
    const std::uint64_t before = m.update(t, op_, change);
    return finish(what, before, change(before));
  }
  /// `act` does the operation, some operations later.
  template <class Act>
  void put_off(Act act) {
    engine_.put_off([act, op = op_, where = *op_.where](engine& e) mutable {
      op.where = &where;
      const std::uint64_t value = act(e, op);
      e.done({static_cast<std::uint8_t>(e.current()), "has put off, and does it", value, 0, op.place, e.memory.last(), op.order, where});
    });
  }
  [[nodiscard]] kind_of kind() const noexcept { return kind_; }
  [[nodiscard]] engine& of() noexcept { return engine_; }
  [[nodiscard]] operation& op() noexcept { return op_; }
  [[nodiscard]] unsigned thread() const noexcept { return engine_.current(); }
  [[nodiscard]] memory_model& memory() noexcept { return engine_.memory; }

 private:
  engine& engine_;
  operation op_;
  kind_of kind_;
};

std::uint64_t plain(const explored_place& p) noexcept {
  std::uint64_t value = 0;
  __builtin_memcpy(&value, p.place, p.bytes);
  return value;
}
std::uint64_t plain_store(const explored_place& p, std::uint64_t value) noexcept {
  const std::uint64_t before = plain(p);
  __builtin_memcpy(p.place, &value, p.bytes);
  return before;
}
/// Arithmetic in the width of the atomic.
std::uint64_t narrow(const explored_place& p, std::uint64_t value) noexcept {
  return p.bytes == 8 ? value : value & ((std::uint64_t{1} << 8 * p.bytes) - 1);
}

}  // namespace

std::uint64_t explored_place::load(memory_order order) const noexcept {
  if (!exploring) return plain(*this);
  running r(*this, order);
  if (r.kind() == kind_of::old) return r.finish("reads old", r.memory().oldest(r.thread(), r.op()));
  return r.finish("reads", r.memory().load(r.thread(), r.op()));
}

void explored_place::store(std::uint64_t value, memory_order order) const noexcept {
  if (!exploring) return static_cast<void>(plain_store(*this, value));
  running r(*this, order);
  if (r.kind() == kind_of::skip) return static_cast<void>(r.finish("does not store", value));
  if (r.kind() == kind_of::late) {
    r.put_off([value](engine& e, const operation& op) { return e.memory.write(e.current(), op, value), value; });
    return static_cast<void>(r.finish("puts off storing", value));
  }
  r.memory().write(r.thread(), r.op(), value);
  r.finish("stores", value);
}

std::uint64_t explored_place::exchange(std::uint64_t value, memory_order order) const noexcept {
  if (!exploring) return plain_store(*this, value);
  running r(*this, order);
  return r.update("exchanges", [value](std::uint64_t) { return value; });
}

std::uint64_t explored_place::add(std::uint64_t change, memory_order order) const noexcept {
  const auto added = [place = *this, change](std::uint64_t before) { return narrow(place, before + change); };
  if (!exploring) return plain_store(*this, added(plain(*this)));
  running r(*this, order);
  return r.update("adds", added);
}

std::uint64_t explored_place::mask_and(std::uint64_t mask, memory_order order) const noexcept {
  if (!exploring) return plain_store(*this, plain(*this) & mask);
  running r(*this, order);
  return r.update("masks", [mask](std::uint64_t before) { return before & mask; });
}

std::uint64_t explored_place::mask_or(std::uint64_t mask, memory_order order) const noexcept {
  if (!exploring) return plain_store(*this, plain(*this) | mask);
  running r(*this, order);
  return r.update("sets", [mask](std::uint64_t before) { return before | mask; });
}

bool explored_place::compare_exchange(std::uint64_t& expected, std::uint64_t desired, memory_order order, memory_order failure,
                                      bool weak) const noexcept {
  if (!exploring) {
    const std::uint64_t before = plain(*this);
    if (before == expected) return plain_store(*this, desired), true;
    expected = before;
    return false;
  }
  constexpr unsigned spurious_one_in = 13;
  running r(*this, order, failure);
  if (r.kind() == kind_of::skip) return r.finish("claims to have won", desired), true;
  const bool splits = r.kind() == kind_of::split;
  if (splits || (weak && r.of().chooser().oddity(spurious_one_in))) {
    r.op().order = failure;
    const std::uint64_t found = r.finish(splits ? "reads apart" : "fails for nothing, at", r.memory().load(r.thread(), r.op()));
    const bool equal = found == expected;
    if (!splits || !equal) return expected = found, false;
    store(desired, order);
    return true;
  }
  const std::uint64_t wanted = expected;
  const bool done = r.memory().compare_exchange(r.thread(), r.op(), expected, desired);
  if (done)
    r.finish("wins", wanted, desired);
  else
    r.finish("loses, for it finds", expected);
  return done;
}

}  // namespace weft::explorer

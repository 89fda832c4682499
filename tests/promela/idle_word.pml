// SPDX-License-Identifier: Apache-2.0
//
// The idle word and the tokens of three workers, for the models that include this: scheduler/idle.hpp and scheduler/parker.hpp.
//
// A loop around a compare-exchange is one step, the one that succeeds or decides that there is nothing to do; that a stale read of
// below_ cannot succeed is taken from the tag. Whoever includes this has `me`, `searching` and `whom`, and
// with a driver `in_bed`.

#define W 3
#define most_searchers 2  // idle::most_searchers_: half of the workers, rounded up
#define nobody W

// --- scheduler/idle.hpp, idle_state ---
byte searchers;
byte below[W];            // the stack, bottom first
byte depth;               // how many are in it
byte in_driver = nobody;  // who sleeps in the driver
bool marked;              // bit 63 where nobody sleeps
#define has_sleepers (depth > 0 || in_driver != nobody)
#define has_sign (has_sleepers || marked)
#define must_wake (has_sleepers && searchers == 0)
#define must_mark (!has_sign && searchers == 0)

// --- scheduler/parker.hpp, parker::token_; whether notified ---
bool notified[W];
bool driver_taken;        // scheduler/idle.hpp, idle::driver_taken_
bool interrupted;         // scheduler/driver.hpp, futex_driver::parker_

#ifdef ROLE_FREED_BY_WAKER
#define role_freed driver_taken = false
#else
#define role_freed skip
#endif
#ifdef WAKES_IN_ONE_STEP
#define next_step ;
#else
#define next_step }; atomic {
#endif
#ifdef DRIVER
#define wake_driver \
  :: atomic { must_wake && depth == 0 -> whom = in_driver; in_driver = nobody; searchers++; role_freed }; \
    atomic { assert(!notified[whom]); notified[whom] = true; whom = nobody }; \
    interrupted = true  // scheduler/driver.hpp: futex_driver::interrupt
#else
#define wake_driver
#endif

// scheduler/idle.cpp: idle::take_sleeper; scheduler/ready.cpp: arena::wake
#define wake_one \
  :: atomic { must_wake && depth > 0 -> depth--; whom = below[depth]; below[depth] = 0; searchers++ next_step \
    assert(!notified[whom]); notified[whom] = true; whom = nobody } \
  wake_driver

// scheduler/arena.hpp: arena::notify
inline notify() {
  if
  :: !must_wake
  wake_one
  fi
}

// scheduler/idle.cpp: idle::take_sleeper_or_mark; scheduler/ready.cpp: arena::wake
inline notify_or_mark() {
  if
  :: !must_wake && !must_mark
  :: atomic { must_mark -> marked = true }
  wake_one
  fi
}

// scheduler/idle.cpp: idle::announce
inline announce() {
  searchers = searchers - searching;
  searching = false;
  marked = false;
  if
#ifdef DRIVER
  :: in_bed -> assert(in_driver == nobody); in_driver = me
#endif
  :: else -> below[depth] = me; depth++
  fi
}

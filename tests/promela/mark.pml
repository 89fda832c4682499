// SPDX-License-Identifier: Apache-2.0
//
// The mark of scheduler/idle.hpp: work from outside does not wait for a worker that only forks and joins. Three workers, each in a
// task at the start, and threads that inject.
//
// Tasks     A task forks and joins, and ends when it likes, until tasks_end falls at any moment: from then on those that run are
//           endless, and their workers never come back to their loops. -DFORKS=n of the forks leave something for a thief; of the
//           others only the look at the idle word is left, which changes nothing while there is no sign: it is no step then.
// Deques    are one set: what is in it is popped by who runs a task, or stolen. What is taken from the queue leaves the model. That it is
//           found behind a quiet push is shown by park_wake.pml; the stores of the mark are locked instructions all.
// Shown     Every schedule ends, and then nothing is injected, nobody counts as a searcher, and nobody has a wake that he has not used.
// Settings  -DINJECTORS=n, -DFORKS=n, -DFORKER: the task of worker 0 is endless from the start.
// Planted   by further -D, see run_models.py: each must produce an error.

#define WAKES_IN_ONE_STEP  // a wake that is under way is only a sleep that is longer
#include "idle_word.pml"

byte injected;  // scheduler/injection.hpp, injection::head_
byte forked;    // on the deques of the workers
byte forks = FORKS;
bool tasks_end = true;  // tasks may still end

// scheduler/worker_loop.cpp: arena::look_around, arena::take_injected; scheduler/idle.cpp: idle::clear_mark
#ifdef CLEARED_AFTER_THE_LOOK
#define clear_and_take :: marked -> injected = 0; marked = false
#else
#define clear_and_take :: atomic { marked -> marked = false } injected = 0
#endif

// scheduler/parking.cpp: arena::has_work, and arena::notify if there is any; then the deques
inline look_and_notify() {
  if
  :: injected > 0 -> notify()
  :: injected == 0 ->
    if
    :: forked > 0 -> notify()
    :: forked == 0
    fi
  fi
}

// scheduler/worker_loop.cpp: arena::found_while_searching; scheduler/idle.cpp: idle::stop_search
inline stop_search() {
#ifdef LOOK_BEFORE_THE_STOP
  if
  :: injected > 0 -> notify_or_mark()
  :: injected == 0
  fi;
  atomic { searchers--; searching = false }
#else
  if
  :: atomic { searchers > 1 -> searchers--; searching = false }
  :: atomic { searchers == 1 -> searchers--; searching = false }
    if
#ifndef LAST_SEARCHER_RAISES_NO_MARK
    :: injected > 0 -> notify_or_mark()
    :: injected == 0 -> look_and_notify()
#else
    :: true -> look_and_notify()
#endif
    fi
  fi
#endif
}

proctype worker(byte me) {
  bool searching;
  byte whom = nobody;
  goto end_task;

work:  // scheduler/worker_loop.cpp: arena::work, arena::pick
  if
  :: atomic { forked > 0 -> forked-- } goto end_task
  :: atomic { injected == 1 -> injected = 0 } goto end_task
  :: atomic { injected > 1 -> injected = 0 } notify(); goto end_task
  // scheduler/worker_loop.cpp: arena::search; scheduler/idle.cpp: idle::start_search
  :: atomic { injected == 0 && searchers < most_searchers -> searchers++; searching = true }
  :: injected == 0 && searchers == most_searchers -> goto park
  fi;

search:  // scheduler/worker_loop.cpp: arena::steal_round, then arena::take_injected
  if
  :: atomic { forked > 0 -> forked-- } goto found
  :: forked == 0
  fi;
  if
  :: atomic { injected == 1 -> injected = 0 }
  :: atomic { injected > 1 -> injected = 0 } notify()
  :: injected == 0 -> goto park
  fi;
found:
  stop_search();
  goto end_task;

park:  // scheduler/parking.cpp: arena::park
  atomic { announce() };
#ifndef DROPPED_WITHOUT_A_LOOK
  look_and_notify();
#endif
end_asleep:
  atomic { notified[me] -> notified[me] = false; searching = true };  // scheduler/parker.hpp: parker::sleep
  goto search;

end_task:
  do
#ifdef FORKER
  :: tasks_end && me > 0 -> goto work
#else
  :: tasks_end -> goto work
#endif
  :: atomic { forked > 0 -> forked-- }   // popped when a child has ended
  // include/weft/detail/worker.hpp: fork, wake_somebody
  :: atomic { forks > 0 -> forks--; forked++ };
    if
    clear_and_take; notify()
    :: !marked && has_sleepers -> notify()
    :: !has_sign
    fi
#ifndef FORKS_ONLY_WAKE
  clear_and_take; notify()
#endif
  od
}

// scheduler/ready.cpp: arena::inject on a thread that is no worker of the scheduler
proctype injector() {
  byte whom = nobody;
#ifdef MARK_BEFORE_THE_PUSH
  notify_or_mark();
  injected++
#else
  injected++;  // scheduler/injection.hpp: injection::push
#ifdef INJECTOR_RAISES_NO_MARK
  notify()
#else
  notify_or_mark()
#endif
#endif
}

init {
  atomic {
    run worker(0); run worker(1); run worker(2);
    run injector();
#if INJECTORS > 1
    run injector()
#endif
  };
  tasks_end = false;
  timeout ->  // nothing moves any more
    assert(injected == 0 && searchers == 0);
    assert(!notified[0] && !notified[1] && !notified[2])
}

// SPDX-License-Identifier: Apache-2.0
//
// Park and wake with the last searcher: the protocol of scheduler/idle.hpp with three workers, on memory with store buffers.
//
// Tasks     Each submitter injects one root. The first root that runs forks a leaf quietly and then blocks its worker until that has
//           run; another root blocks its worker until the first one has ended. So whatever is in a deque has to be found by somebody
//           else, as if its owner never came back, and nobody can count on what the others will do later.
// Memory    What is written by a locked instruction is there at once, and empties the store buffer of its thread. A quiet push waits
//           in the buffer of its worker until the hardware, a locked instruction or a process-wide barrier moves it.
// One step  is one access to what others see, or none. Falling asleep on the futex is one (stop_submit.pml has it in two). A round of
//           stealing is one step, too, but may find nothing though there is something: other thieves win, and places fill up behind it.
// Shown     When nothing moves any more, every root and leaf has run, every worker sleeps and is in the idle word, and nobody searches.
//           Wakes are counted: nobody is woken who has a wake that he has not used. One worker at a time is in the driver.
// Settings  -DSUBMITTERS=n; -DEARLY=n: sleeps that may end without a reason; -DFROM_SLEEP: all sleep at the start; -DDRIVER: one worker
//           at a time sleeps in the driver, and each of the EARLY may instead be something due; -DBUSY: worker 1 never comes back;
//           -DLOUD: leaves are pushed with a locked instruction, and then nobody needs a second look.
// Planted   by further -D, see run_models.py: each must produce an error.

#include "idle_word.pml"

// --- where work lies ---
byte injected;                       // roots in scheduler/injection.hpp, injection::head_
byte roots[W], leaves[W];            // in the deques, as every thread sees them: include/weft/detail/deque.hpp, deque::bottom_
byte late_roots[W], late_leaves[W];  // pushed quietly, still in the store buffer
#define is_empty(at) (roots[at] + leaves[at] == 0)
#define is_bare(at) (roots[at] + leaves[at] + late_roots[at] + late_leaves[at] == 0)  // as its owner sees it

bool forked, leaf_run;
byte roots_run;
byte early = EARLY;

// What a locked instruction does besides.
inline drain(who) {
  roots[who] = roots[who] + late_roots[who]; late_roots[who] = 0;
  leaves[who] = leaves[who] + late_leaves[who]; late_leaves[who] = 0
}

// The hardware empties store buffers when it likes.
active proctype hardware() {
end_hardware:
  do
  :: atomic { late_roots[0] + late_leaves[0] > 0 -> drain(0) }
  :: atomic { late_roots[1] + late_leaves[1] > 0 -> drain(1) }
  :: atomic { late_roots[2] + late_leaves[2] > 0 -> drain(2) }
  od
}

// scheduler/parking.cpp: arena::has_work and arena::notify if there is any; a step is a place: injection, then the deques. The own
// deque is no step of its own if it is empty: nobody else fills it.
#define next_place (place + 1 + (place + 1 == me && is_bare(me)))
inline look_and_notify() {
  if
  :: injected > 0 -> notify()
  :: atomic { injected == 0 -> place = (me == 0 && is_bare(me) -> 1 : 0) }
    do
    :: atomic { is_empty(place) && next_place < W -> place = next_place }
    :: atomic { is_empty(place) && next_place >= W -> place = 0 } break
    :: atomic { !is_empty(place) -> place = 0 } notify(); break
    od
  fi
}

// scheduler/worker_loop.cpp: arena::found_while_searching; scheduler/idle.cpp: idle::stop_search
inline stop_search() {
  if
  :: atomic { searchers > 1 -> drain(me); searchers--; searching = false }
  :: atomic { searchers == 1 -> drain(me); searchers--; searching = false }
#ifndef LAST_SEARCHER_SILENT
    if
    :: injected > 0 -> notify_or_mark()
    :: injected == 0 -> look_and_notify()
    fi
#endif
  fi
}

// scheduler/worker_loop.cpp: arena::take_injected. The oldest runs; the others go to the own deque, quietly, and are told of.
inline take_injected() { drain(me); late_roots[me] = injected - 1; injected = 0; task_root = true }

// scheduler/arena.hpp: arena::notify_after_quiet; scheduler/idle.cpp: idle::take_sleeper_after_quiet
inline tell_quietly() {
#ifndef PLAIN_LOAD_AFTER_QUIET
  atomic { drain(me) };
#endif
  notify()
}

// Those that a thief can steal from.
#define next_worker (me + 1) % W
#define previous_worker (me + 2) % W

proctype worker(byte me) {
  bool searching, task_root, in_bed, settling;
  byte place, whom = nobody;
#ifdef FROM_SLEEP
  in_bed = (in_driver == me);
  goto end_asleep;
#endif

work:  // scheduler/worker_loop.cpp: arena::work, arena::pick; in any order, as if each pick were the 61st
  if
  :: atomic { roots[me] + late_roots[me] > 0 -> drain(me); roots[me]--; task_root = true } goto run_task
  :: atomic { injected == 1 -> take_injected() } goto run_task
  :: atomic { injected > 1 -> take_injected() } tell_quietly(); goto run_task
  // scheduler/worker_loop.cpp: arena::search; scheduler/idle.cpp: idle::start_search
  :: atomic { is_bare(me) && injected == 0 && searchers < most_searchers -> drain(me); searchers++; searching = true }
  :: atomic { is_bare(me) && injected == 0 && searchers == most_searchers }
  fi;

search:
  if
  :: searching ->
    if
    // scheduler/worker_loop.cpp: arena::steal_round; include/weft/detail/deque.hpp: deque::steal
    :: atomic { roots[next_worker] > 0 -> drain(me); roots[next_worker]--; task_root = true }
    :: atomic { roots[previous_worker] > 0 -> drain(me); roots[previous_worker]--; task_root = true }
    :: atomic { leaves[next_worker] > 0 -> drain(me); leaves[next_worker]-- }
    :: atomic { leaves[previous_worker] > 0 -> drain(me); leaves[previous_worker]-- }
    :: atomic { injected == 1 -> take_injected() }
    :: atomic { injected > 1 -> take_injected() } tell_quietly()
    :: true ->
progress_missed:
      goto park
    fi;
    stop_search();
    goto run_task
  :: else
  fi;

park:  // scheduler/parking.cpp: arena::park
#ifdef DRIVER
  atomic { drain(me); in_bed = !driver_taken; driver_taken = true };  // scheduler/idle.cpp: idle::choose_bed
#endif
#ifdef RESCAN_BEFORE_ANNOUNCE
  look_and_notify();
#endif
#ifdef LOUD
  atomic { drain(me); announce() };
#else
  atomic { drain(me); announce(); settling = true };
#endif
#if !defined(NO_RESCAN) && !defined(RESCAN_BEFORE_ANNOUNCE)
  look_and_notify();
#endif

end_asleep:  // scheduler/parking.cpp: arena::sleep_in, arena::sleep
  if
  // scheduler/parker.hpp: parker::sleep
  :: atomic { !in_bed && notified[me] -> notified[me] = false } goto woken
  :: atomic { !in_bed && !notified[me] && settling -> settling = false }
  :: atomic { !in_bed && !notified[me] && !settling && early > 0 -> early-- }
#ifdef DRIVER
  // scheduler/driver.hpp: futex_driver::wait
  :: atomic { in_bed && interrupted -> interrupted = false; settling = false }
  :: atomic { in_bed && !interrupted && settling -> settling = false }
  :: atomic { in_bed && !interrupted && !settling && early > 0 -> early-- }
#endif
  fi;
#ifdef DRIVER
  if
  :: !in_bed
  :: atomic { in_bed && notified[me] -> notified[me] = false } goto woken  // scheduler/parker.hpp: parker::take_wake
  :: in_bed && !notified[me]
  :: atomic { in_bed && !notified[me] && early > 0 -> early-- } goto due  // scheduler/driver.hpp: driver::poll
  fi;
#endif
#ifndef NO_SECOND_LOOK
#ifndef NO_BARRIER
  atomic { drain(0); drain(1); drain(2) };  // scheduler/futex.cpp: barrier_all_threads
#endif
  look_and_notify();
#endif
  goto end_asleep;

woken:
  atomic {
    settling = false;
    searching = true;  // arena::search goes on: whoever was woken is a searcher
    if :: in_bed -> in_bed = false; driver_taken = false :: else fi  // scheduler/idle.cpp: idle::leave_bed
  };
  goto search;

#ifdef DRIVER
due:  // scheduler/parking.cpp: arena::get_up; scheduler/idle.cpp: idle::leave_driver
  if
  :: atomic { in_driver == me -> drain(me); in_driver = nobody }
  :: in_driver != me;
#ifndef UP_WITHOUT_ITS_WAKE
    atomic { notified[me] -> notified[me] = false };
#endif
#ifndef UP_AS_A_SEARCHER
    stop_search()
#endif
  fi;
  atomic { in_bed = false; driver_taken = false };  // scheduler/idle.cpp: idle::leave_bed
  goto work;
#endif

run_task:  // scheduler/worker_loop.cpp: arena::work
  if
  :: atomic { !task_root -> leaf_run = true }
  :: atomic { task_root && forked -> task_root = false } (roots_run > 0); roots_run++
#ifdef LOUD
  // scheduler/ready.cpp: make_ready; include/weft/detail/deque.hpp: deque::push
  :: atomic { task_root && !forked -> forked = true; task_root = false; late_leaves[me]++ }
#ifndef PUSH_NOT_LOCKED
    atomic { drain(me) };
#endif
    notify();
#else
#ifdef LOAD_BEFORE_THE_STORE
  :: atomic { task_root && !forked && !has_sign -> forked = true; task_root = false }; late_leaves[me]++
#endif
  :: atomic { task_root && !forked -> forked = true; task_root = false; late_leaves[me]++ };  // include/weft/detail/worker.hpp: fork
    if  // include/weft/detail/worker.hpp: wake_somebody, a relaxed load of the idle word
    :: !has_sign
    :: has_sleepers -> tell_quietly()
    // scheduler/worker_loop.cpp: arena::look_around; scheduler/idle.cpp: idle::clear_mark
    :: atomic { marked -> drain(me); marked = false } atomic { late_roots[me] = injected; injected = 0 } tell_quietly()
    fi;
#endif
    leaf_run;  // the root blocks its worker
    roots_run++
  fi;
  goto work
}

// scheduler/ready.cpp: arena::inject on a thread that is no worker
proctype submitter() {
  byte whom = nobody;
  injected++;  // scheduler/injection.hpp: injection::push
  notify_or_mark()
}

init {
  atomic {
#ifdef FROM_SLEEP
#ifdef BUSY
    depth = 1;
#else
    below[1] = 1; depth = 2;
#endif
#ifdef DRIVER
    in_driver = 2; driver_taken = true;
#else
    below[2] = 2; depth = 3;
#endif
#endif
    run worker(0); run worker(2);
#ifndef BUSY
    run worker(1);
#endif
    run submitter();
#if SUBMITTERS > 1
    run submitter()
#endif
  };
  timeout ->  // nothing moves any more
    assert(roots_run == SUBMITTERS && leaf_run);
#ifdef BUSY
    assert(depth + (in_driver != nobody) == W - 1 && searchers == 0)
#else
    assert(depth + (in_driver != nobody) == W && searchers == 0)
#endif
}

// SPDX-License-Identifier: Apache-2.0
//
// Stop against submit: the five steps of scheduler/stop.cpp and the end of the scheduler's memory, with three workers and two
// threads that submit meanwhile.
//
// Tasks     Each submitter starts one root from outside; with -DCHILD the first root may spawn another one, the child, on
//           its worker. Tasks return. At the start all workers sleep.
// Taken for granted   what park_wake.pml shows: work that is published while somebody sleeps wakes somebody. So there is one set of
//           tasks on deques, and every publication wakes one sleeper. Nobody sleeps for a time: a wake that is missed is missed.
// Locks     A list of the registry is read and written under its lock: one step. registry::count holds all of them: one step.
// Memory    The only plain store that another thread waits for is that of exiting_: it stays in a store buffer until the hardware or
//           the next locked instruction of that thread moves it.
// Shown     Everything accepted has run or is in the report, and a patient stop reports nothing; nothing enters a
//           closed queue; nothing that was refused runs; everybody ends, the thread that stops without the help of its timer; nobody
//           touches the scheduler once its memory is gone.
// Not shown, for it does not hold: that the report names nothing else. A root that ends between step 4 and step 5, and one that is
//           handed back because its submitter met the closed queue, are reported, too (-DEXACT_REPORT finds both).
// Settings  -DSUBMITTERS=n, -DW=n: workers, -DCHILD: the first root may spawn; -DIMPATIENT: the time for the drain may be over.
//           -DGUEST: the second submitter sends a task of another scheduler, which may spawn (with -DCHILD) where the first root does not.
// Planted   by further -D, see run_models.py: each must produce an error.

#ifndef W
#define W 3
#endif
#define outside W
#define root_of(i) (1 << i)
#define child 4
#ifdef GUEST
#define spawner root_of(1)
#else
#define spawner root_of(0)
#endif
#define submitters (SUBMITTERS == 1 -> 1 : 3)

mtype:intake = { open, workers_only, closed };
mtype:token = { awake, asleep, notified };

mtype:intake list_open[4];        // scheduler/registry.hpp, registry::shard; the last one is the outside's
byte list_size[4];
#define live (list_size[0] + list_size[1] + list_size[2] + list_size[3])
byte living;                      // the same as a set, for the report
byte child_list;                  // on which list the child is
byte queue;                       // scheduler/injection.hpp, injection::head_: its frames
bool queue_closed;                // and its bit 0
byte ready;                       // on the deques of the workers
mtype:token parker[W];            // scheduler/parker.hpp, parker::token_
byte sleepers;                    // scheduler/idle.hpp: a set is enough here
byte guests;                      // scheduler/guests.hpp, guests::word_: how many
bool guests_closed;               // and its bit 31
bool exiting, late_exiting;       // scheduler/arena.hpp: arena::exiting_, and the same in the store buffer
byte ended, left, visitors;       // scheduler/arena.hpp: arena::ended_, arena::left_, arena::visitors_
bool gone;                        // the scheduler's memory

byte ran, refused, reported, returned;  // sets of tasks; of submitters

active proctype hardware() {
end_hardware:
  do
  :: atomic { late_exiting -> late_exiting = false; exiting = true }
  od
}

// scheduler/parker.hpp: parker::wake
inline wake(who) {
#ifdef WAKE_NOT_KEPT
  if :: parker[who] == asleep -> parker[who] = notified :: else fi
#else
  parker[who] = notified
#endif
}

// scheduler/arena.hpp: arena::notify; scheduler/ready.cpp: arena::wake
inline notify() {
  atomic {
    assert(!gone);
    if
    :: sleepers == 0
    :: sleepers & 1 -> sleepers = sleepers & ~1; wake(0)
    :: (sleepers & 3) == 2 -> sleepers = sleepers & ~2; wake(1)
    :: sleepers == 4 -> sleepers = 0; wake(2)
    fi
  }
}

// scheduler/registry.cpp: registry::remove
inline remove(list, task) {
  assert(!gone && list_size[list] > 0);
  list_size[list]--;
  living = living & ~task;
  if :: list_open[list] == open :: else -> ended++ fi
}

// scheduler/guests.hpp: guests::leave; scheduler/stop.cpp: arena::guests_left
inline leave_guests() {
  assert(!gone);
#ifndef GUEST_NOT_COUNTED
  guests--;
  if :: guests_closed -> ended++ :: else fi;
#endif
  living = living & ~root_of(1)
}

proctype worker(byte me) {
  byte task;
  goto asleep_at_first;

work:  // scheduler/worker_loop.cpp: arena::work, arena::pick
  if
  :: exiting -> goto leave
  :: !exiting
  fi;
  if
  :: atomic { ready & 1 -> ready = ready & ~1; task = 1 }
  :: atomic { ready & 2 -> ready = ready & ~2; task = 2 }
  :: atomic { ready & 4 -> ready = ready & ~4; task = 4 }
  // scheduler/worker_loop.cpp: arena::take_injected. The oldest runs, whichever it is; the other one goes to the deque
  :: atomic { ready == 0 && queue & 1 -> ready = queue & ~1; queue = 0; task = 1 }
  :: atomic { ready == 0 && queue & 2 -> ready = queue & ~2; queue = 0; task = 2 }
  :: ready == 0 && queue == 0 -> goto park
  fi;

  // scheduler/worker_loop.cpp: arena::work, run_here
#ifdef CHILD
  if
  :: true  // it spawns nothing
  // scheduler/root.cpp: enlist, submit; scheduler/registry.cpp: registry::add. Refused: spawn throws inside the task
  :: atomic { task == spawner && list_open[me] != closed -> list_size[me]++; living = living | child; child_list = me };
    ready = ready | child;  // include/weft/detail/worker.hpp: fork
    notify()
  fi;
#endif
  // scheduler/root.cpp: complete; scheduler/arena.hpp: arena::root_ended
  atomic {
    assert(!(ran & task) && !(refused & task));
    ran = ran | task;
    if
#ifdef GUEST
    :: task == root_of(1) -> leave_guests()  // its root is on the list of another scheduler
    :: task == root_of(0) -> remove(outside, task)
#else
    :: task != child -> remove(outside, task)
#endif
    :: task == child -> remove(child_list, task); child_list = 0
    fi;
    task = 0
  };
  goto work;

park:  // scheduler/parking.cpp: arena::park; scheduler/idle.cpp: idle::announce
  sleepers = sleepers | 1 << me;
  if
  :: queue == 0 && ready == 0
  :: queue != 0 || ready != 0 -> notify()
  fi;
  // scheduler/parker.hpp: parker::sleep, parker::take_wake
  atomic { if :: parker[me] == awake -> parker[me] = asleep :: parker[me] == notified fi };
asleep_at_first:
  atomic { parker[me] == notified -> parker[me] = awake };
  goto work;

leave:  // scheduler/arena.cpp: arena::leave
  atomic { assert(!gone); left++ }
}

// What every thread does that starts a task from outside.
proctype submitter(byte me) {
#ifdef GUEST
  // scheduler/moving.cpp: send_over, move_awaiter::move, send: the task belongs to another scheduler, and stands on no list here
  if
#ifdef GUEST_NOT_COUNTED
  :: me == 1 -> goto inject
#else
  // scheduler/guests.hpp: guests::enter
  :: atomic { me == 1 && !guests_closed -> guests++; living = living | root_of(1) } goto inject
  :: me == 1 && guests_closed -> goto handed_back
#endif
  :: me == 0
  fi;
#endif
  // include/weft/detail/root.hpp: launch; scheduler/root.cpp: enlist; scheduler/registry.cpp: registry::add
#ifdef LISTS_STAY_OPEN
  atomic { list_size[outside]++; living = living | root_of(me) };
#else
  if
  :: atomic { list_open[outside] == open -> list_size[outside]++; living = living | root_of(me) }
  :: list_open[outside] != open -> goto handed_back
  fi;
#endif
inject:  // scheduler/ready.cpp: arena::inject
#ifndef VISITOR_NOT_COUNTED
  visitors++;
#endif
#ifdef CLOSE_BIT_OUTSIDE_THE_WORD
  if
  :: !queue_closed -> atomic { assert(!queue_closed); queue = queue | root_of(me) }
  :: queue_closed -> goto closed_meanwhile
  fi;
#else
  if
  :: atomic { !queue_closed -> assert(!gone); queue = queue | root_of(me) }  // scheduler/injection.hpp: injection::push
  :: queue_closed -> goto closed_meanwhile
  fi;
#endif
  notify();
#ifndef VISITOR_NOT_COUNTED
  atomic { assert(!gone); visitors-- };
#endif
  goto back;
closed_meanwhile:
#ifndef VISITOR_NOT_COUNTED
  atomic { assert(!gone); visitors-- };
#endif
#ifdef GUEST
  if
  :: atomic { me == 1 -> leave_guests() } goto handed_back
  :: me == 0
  fi;
#endif
  atomic { remove(outside, root_of(me)) };  // scheduler/root.cpp: withdraw
handed_back:
  atomic { assert(!(ran & root_of(me))); refused = refused | root_of(me) };
back:
  atomic { returned = returned | root_of(me) }
}

// scheduler/registry.cpp: registry::close; a lock at a time
inline close_lists(how) {
#ifdef LISTS_STAY_OPEN
  skip
#else
  do
  :: atomic { at <= W -> list_open[at] = how; at++ }
  :: atomic { at > W -> at = 0 } break
  od
#endif
}

// scheduler/stop.cpp: arena::stop; then scheduler/scheduler.cpp: scheduler::~scheduler, on the user's thread
proctype stopper() {
  byte at, seen, sum;
#ifdef EXITING_BEFORE_DRAIN
  late_exiting = true;
#endif
  close_lists(workers_only);  // 1
  guests_closed = true;       // scheduler/guests.hpp: guests::close
  // 2, scheduler/stop.cpp: arena::drain
  do
  :: seen = ended;
#ifdef COUNT_LIST_BY_LIST
    do
    :: atomic { at <= W -> sum = sum + list_size[at]; at++ }
    :: atomic { at > W -> at = 0 } break
    od;
    if
    :: atomic { sum == 0 -> seen = 0 } break
    :: atomic { sum > 0 -> sum = 0 }
    fi;
#else
    // the guests, then the roots
    if
#ifdef ROOTS_BEFORE_GUESTS
    :: live == 0 -> if :: atomic { guests == 0 -> seen = 0 } break :: guests > 0 fi
    :: live > 0
#else
    :: guests == 0 ->
      if
      :: atomic { live == 0 -> seen = 0 } break  // scheduler/registry.cpp: registry::count
      :: live > 0
      fi
    :: guests > 0
#endif
    fi;
#endif
    if
    :: ended != seen  // the futex; without its time limit
#ifdef IMPATIENT
    :: atomic { true -> seen = 0 } break
#endif
    fi
  od;
  close_lists(closed);                                  // 3
  reported = living;                                    // 4, scheduler/stop.cpp: arena::abandon_rest
#ifndef IMPATIENT
  assert(reported == 0);
#endif
  atomic { queue_closed = true; queue = 0 };            // 5, scheduler/injection.hpp: injection::close
#ifndef EXITING_AFTER_WAKES
  late_exiting = true;                                  // a plain store
#endif
  // scheduler/parking.cpp: arena::wake_everybody; an exchange empties the store buffer
  do
  :: atomic { at < W -> if :: late_exiting -> late_exiting = false; exiting = true :: else fi; wake(at); at++ }
  :: atomic { at == W -> at = 0 } break
  od;
#ifdef EXITING_AFTER_WAKES
  late_exiting = true;
#endif
  left == W;  // scheduler/stop.cpp: arena::join_all
  if
  :: reported == 0 ->  // scheduler/arena.hpp: arena::retire
    // The user's part: calls that were refused have returned; of others it is enough that their tasks have run.
    ((returned | ran) & submitters) == submitters;
    atomic { visitors == 0 -> gone = true }  // scheduler/arena.cpp: arena::~arena
  :: reported != 0
  fi
}

init {
  byte at;
  atomic {
    for (at : 0 .. W) { list_open[at] = open };
    for (at : 0 .. W - 1) { parker[at] = asleep };
    sleepers = (1 << W) - 1;
    run stopper(); run worker(0); run worker(1);
#if W > 2
    run worker(2);
#endif
    run submitter(0);
#if SUBMITTERS > 1
    run submitter(1);
#endif
    at = 0
  };
  timeout ->  // nothing moves any more
    assert(left == W && returned == submitters);
    assert(((ran | refused | reported) & submitters) == submitters && (ran & refused) == 0);
    assert((living & ~reported) == 0);
#ifdef EXACT_REPORT
    assert((reported & (ran | refused)) == 0)
#endif
}

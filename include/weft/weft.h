// SPDX-License-Identifier: Apache-2.0
//
// weft's coroutine objects for C (C11) and C++: made, sent to, thrown into, awaited, closed, counted. Bodies are written in C, as step
// functions, or in C++ (weft/c_wrap.hpp).
//
// Every handle is a token and no address: {index, generation}, checked before each use in every build. One that was released, belongs to
// another kind, or was made up is an error of the call, never an access to memory.
//
// Every call may come from any thread, and reports a failure as -1, NULL or WEFT_CORO_ERROR, with the error in this thread's slot. A call
// that succeeds leaves the slot as it is. What `out` points to is written in every case: None if the call fails.
//
// What holds functions (weft_coro_value_ops, weft_coro_frame_ops, weft_coro_object_ops, with the names in them) is not copied: it has to
// stay as long as anything that was made with it. A handle has at most 262,143 references, and 4,095 calls at once: one more is a
// WEFT_CORO_E_VALUE.
//
// From docs.python.org/3.10/c-api/coro.html and c-api/iter.html (PyIter_Send).
#ifndef WEFT_WEFT_H
#define WEFT_WEFT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEFT_CORO_ABI_VERSION 1

/// The version the library was built with: WEFT_CORO_ABI_VERSION of its header.
int weft_coro_abi_version(void);

typedef struct weft_coro_object weft_coro_object;  // a coroutine of either type, a view, a proxy, or an object of the program's own
typedef struct weft_coro_exc weft_coro_exc;        // an exception; counted
typedef struct weft_coro_frame weft_coro_frame;    // a body that is in no coroutine yet; it has one owner
typedef struct weft_coro_type weft_coro_type;      // what kind of object one is

// The types, each of which there is once.
extern const weft_coro_type weft_coro_coroutine_type;  // coroutines: PyCoro_Type
extern const weft_coro_type weft_coro_generator_coroutine_type;  // generator-based ones: generators as types.coroutine makes them
extern const weft_coro_type weft_coro_wrapper_type;          // what weft_coro_await() gives for one: coroutine_wrapper
extern const weft_coro_type weft_coro_generator_proxy_type;  // what weft_coro_as_coroutine() makes of a generator: types._GeneratorWrapper
extern const weft_coro_type weft_coro_foreign_type;  // what weft_coro_object_new() makes

// --- values ---

/// How a value is kept. Either may be NULL, and is not called then.
typedef struct {
  void (*retain)(void* data);
  void (*release)(void* data);
} weft_coro_value_ops;

/// A value: {NULL, NULL} is None; without `ops` it is plain bits. Bits that are 0 are None, too: what has to be told from it has ops.
typedef struct {
  void* data;
  const weft_coro_value_ops* ops;
} weft_coro_value;

/// Another reference to a value, and one less.
weft_coro_value weft_coro_value_retain(weft_coro_value value);
void weft_coro_value_release(weft_coro_value value);

// --- errors: one slot a thread ---

typedef enum {
  WEFT_CORO_E_NONE,  // there is none
  WEFT_CORO_E_TYPE,  // TypeError: a NULL, a handle of another kind, a value where none can be taken
  WEFT_CORO_E_VALUE,  // ValueError: executing already
  WEFT_CORO_E_RUNTIME,  // RuntimeError: ended, awaited already, ignored GeneratorExit
  WEFT_CORO_E_ATTRIBUTE,  // AttributeError: an object that cannot do what was asked of it
  WEFT_CORO_E_STOP_ITERATION,  // StopIteration
  WEFT_CORO_E_GENERATOR_EXIT,  // GeneratorExit: a coroutine is being closed
  WEFT_CORO_E_NOMEM,  // MemoryError
  WEFT_CORO_E_USER,  // weft_coro_exc_user(), or an exception of C++ that has no other code
  WEFT_CORO_E_SYSTEM,  // SystemError: a function that was given to weft broke its rules
  WEFT_CORO_E_HANDLE  // a handle that was released, or never was one
} weft_coro_errc;

/// The code of the error in the slot.
weft_coro_errc weft_coro_err_code(void);
/// Its text; NULL if there is no error. Valid until the slot changes.
const char* weft_coro_err_message(void);
/// Takes the error out of the slot: a new reference, or NULL if there is none. If memory is out: NULL, with that error in the slot.
weft_coro_exc* weft_coro_err_fetch(void);
/// Puts an error there. A code that names no error puts WEFT_CORO_E_SYSTEM there, which says so.
void weft_coro_err_set(weft_coro_errc code, const char* message);
/// Puts `exc` there and takes over the reference. NULL empties the slot.
void weft_coro_err_restore(weft_coro_exc* exc);
/// Empties it.
void weft_coro_err_clear(void);

/// An exception. `message` is copied; NULL is "". Of a WEFT_CORO_E_GENERATOR_EXIT and a WEFT_CORO_E_NOMEM it is not kept.
weft_coro_exc* weft_coro_exc_new(weft_coro_errc code, const char* message);
/// A WEFT_CORO_E_USER and a WEFT_CORO_E_STOP_ITERATION that carry a value, borrowed.
weft_coro_exc* weft_coro_exc_user(weft_coro_value payload);
weft_coro_exc* weft_coro_exc_stop(weft_coro_value value);
/// Gives `exc` itself, with a reference more; NULL on failure.
weft_coro_exc* weft_coro_exc_retain(weft_coro_exc* exc);
/// 0, or -1. NULL is nothing to do.
int weft_coro_exc_release(weft_coro_exc* exc);
/// WEFT_CORO_E_NONE on failure.
weft_coro_errc weft_coro_exc_code(const weft_coro_exc* exc);
/// Valid as long as you have a reference.
const char* weft_coro_exc_message(const weft_coro_exc* exc);
/// What it carries, or None: a new reference. 0, or -1.
int weft_coro_exc_value(const weft_coro_exc* exc, weft_coro_value* out);
/// Whether two handles stand for one exception, which may have passed through coroutines: 1, 0, or -1.
int weft_coro_exc_is(const weft_coro_exc* one, const weft_coro_exc* other);

// --- bodies ---

/// What a call to a coroutine ended with: PySendResult.
typedef enum { WEFT_CORO_ERROR = -1, WEFT_CORO_RETURN = 0, WEFT_CORO_NEXT = 1 } weft_coro_send_result;
/// What a step function may give besides.
enum { WEFT_CORO_AWAIT = 2 };
/// Why a step function is called.
enum { WEFT_CORO_SENT = 0, WEFT_CORO_THROWN = 1 };

/// A body: `step` runs it from where it is suspended to where it is suspended next. Never two threads at once.
typedef struct {
  size_t size;  // sizeof(weft_coro_frame_ops)
  const char* name;  // of the function, for coroutines that are given none; NULL: "coroutine"
  /// WEFT_CORO_SENT: `in`, borrowed, is what the yield or await gives, None at the start. WEFT_CORO_THROWN: `exc`, borrowed, was raised
  /// there; who does not handle it puts it back: weft_coro_err_restore(weft_coro_exc_retain(exc)).
  /// Gives WEFT_CORO_NEXT or WEFT_CORO_RETURN with `*out` a reference of the callee's, WEFT_CORO_AWAIT with `*await_on` one, or
  /// WEFT_CORO_ERROR with the slot set, which is empty when it is called. Anything else is a WEFT_CORO_E_SYSTEM and ends the coroutine.
  int (*step)(void* state, int signal, weft_coro_value in, weft_coro_exc* exc, weft_coro_value* out, weft_coro_object** await_on);
  void (*destroy)(void* state);  // as the body ends, or is dropped; may be NULL
} weft_coro_frame_ops;

/// A body at its start. Owns `state`, also if it fails; but for `ops` that are NULL or of another size, which it does not look into.
weft_coro_frame* weft_coro_frame_new(const weft_coro_frame_ops* ops, void* state);
/// Drops a body that was put into no coroutine. 0, or -1. NULL is nothing to do.
int weft_coro_frame_release(weft_coro_frame* frame);

// --- objects ---

/// A coroutine. Takes over `frame`, also if it fails; the names are copied. NULL for `name`: the body's; for `qualname`: the name.
weft_coro_object* weft_coro_new(weft_coro_frame* frame, const char* name, const char* qualname);

/// A generator-based coroutine, the same way. It is a generator that can be awaited: it has a `next`, once it has ended it returns None and
/// throws what is thrown into it, nobody checks for another awaiter or is told that it was never started, and errors say "generator".
/// weft_coro_await() gives it itself. Its body may await coroutines and generators; of a coroutine it drives a view.
weft_coro_object* weft_coro_generator_coroutine_new(weft_coro_frame* frame, const char* name, const char* qualname);

/// An object of the program's own. What is NULL it cannot do: an iterator has `next`, a generator also `send`, `throw_exc` and `close`, an
/// awaitable `await`.
typedef struct {
  size_t size;  // sizeof(weft_coro_object_ops)
  const char* type_name;  // for messages; NULL: "object"
  /// As a step function, but without WEFT_CORO_AWAIT; a WEFT_CORO_E_STOP_ITERATION is a return of its value.
  int (*next)(void* state, weft_coro_value* out);
  int (*send)(void* state, weft_coro_value in, weft_coro_value* out);
  int (*throw_exc)(void* state, weft_coro_exc* exc, weft_coro_value* out);
  int (*close)(void* state);  // 0, or -1 with the slot set
  weft_coro_object* (*await)(void* state);  // a new reference to an iterator, or NULL with the slot set
  void (*destroy)(void* state);
} weft_coro_object_ops;

/// Makes one; owns `state` as weft_coro_frame_new() does.
weft_coro_object* weft_coro_object_new(const weft_coro_object_ops* ops, void* state);

/// types.coroutine(function)(argument): what `function` gives, and if that is a generator that cannot be awaited, a proxy that can.
weft_coro_object* weft_coro_as_coroutine(weft_coro_object* (*function)(void* argument), void* argument);

/// Gives `object` itself, with a reference more.
weft_coro_object* weft_coro_retain(weft_coro_object* object);
/// 0, or -1. NULL is nothing to do. With the last reference a coroutine is closed, on this thread or on one that is in a call to it.
int weft_coro_release(weft_coro_object* object);

/// Whether it is a coroutine, and nothing like one: 1, or 0. Never fails.
int weft_coro_check_exact(const weft_coro_object* object);
/// Which of the types above it is; NULL on failure.
const weft_coro_type* weft_coro_typeof(const weft_coro_object* object);
/// "coroutine", "generator", "coroutine_wrapper", .. of one of those types; NULL on failure. It is never freed.
const char* weft_coro_type_name(const weft_coro_type* type);

typedef enum { WEFT_CORO_CAN_AWAIT, WEFT_CORO_CAN_SEND, WEFT_CORO_CAN_NEXT, WEFT_CORO_CAN_THROW, WEFT_CORO_CAN_CLOSE } weft_coro_ability;
/// Whether an object has an operation of its own: 1, 0, or -1. A coroutine is no iterator: it has no `next`.
int weft_coro_can(const weft_coro_object* object, weft_coro_ability ability);

// --- the protocol ---

/// Starts or resumes it with `in`, borrowed; `*out` gets a reference of yours. An iterator is asked for its next for None.
weft_coro_send_result weft_coro_send(weft_coro_object* object, weft_coro_value in, weft_coro_value* out);
/// Raises `exc`, borrowed, where it is suspended.
weft_coro_send_result weft_coro_throw(weft_coro_object* object, weft_coro_exc* exc, weft_coro_value* out);
/// Raises GeneratorExit where it is suspended. 0, or -1.
int weft_coro_close(weft_coro_object* object);
/// `__await__`: an iterator that drives it, a new reference. Of a coroutine a view that shares its state.
weft_coro_object* weft_coro_await(weft_coro_object* object);

// --- looking at a coroutine, a view of one, or a generator-based one ---

typedef enum { WEFT_CORO_CREATED, WEFT_CORO_RUNNING, WEFT_CORO_SUSPENDED, WEFT_CORO_CLOSED } weft_coro_state;
/// The state at this moment; -1 on failure.
int weft_coro_get_state(const weft_coro_object* object);
/// What a suspended coroutine of either type with a body in C awaits: a new reference, or NULL, which is no failure if the slot is empty:
/// it is emptied then.
weft_coro_object* weft_coro_get_await(const weft_coro_object* object);
/// The names of one, and `<coroutine object QUALNAME at 0x..>` or `<generator object ..`: valid until the next of these three calls of this
/// thread. Not while another thread sets them.
const char* weft_coro_get_name(const weft_coro_object* object);
const char* weft_coro_get_qualname(const weft_coro_object* object);
const char* weft_coro_repr(const weft_coro_object* object);
/// 0, or -1.
int weft_coro_set_name(weft_coro_object* object, const char* name);
int weft_coro_set_qualname(weft_coro_object* object, const char* qualname);

// --- hooks of the process; NULL: the usual line on stderr. What they are given is borrowed. They are called on the thread on which the
// --- coroutine goes; an error that they leave in the slot is told of as one that has nowhere to go ---

/// Told of a coroutine that goes and was never started; `origin` is where it was made, for bodies in C++ if that was tracked, or NULL.
typedef void (*weft_coro_unawaited_hook)(const char* qualname, const char* origin, void* user);
/// Told of an exception that has nowhere to go.
typedef void (*weft_coro_unraisable_hook)(weft_coro_exc* exc, const char* qualname, void* user);
/// 0, or -1.
int weft_coro_set_unawaited_hook(weft_coro_unawaited_hook hook, void* user);
int weft_coro_set_unraisable_hook(weft_coro_unraisable_hook hook, void* user);
/// What it was, or -1.
int weft_coro_set_origin_tracking_depth(int depth);

#ifdef __cplusplus
}
#endif

#endif

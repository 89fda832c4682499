// SPDX-License-Identifier: Apache-2.0
// A program in C11 that uses all of weft/weft.h: bodies, values, errors, objects of its own, hooks, threads. Exit 1 if something is amiss.
#include <weft/weft.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

#define CHECK(holds)                                                      \
  do {                                                                    \
    if (!(holds)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds); \
      ++failures;                                                         \
    }                                                                     \
  } while (0)
#define CHECK_TEXT(text, expected) CHECK((text) != NULL && strcmp((text), (expected)) == 0)

static const weft_coro_value none = {NULL, NULL};

// --- a number that is counted ---

typedef struct {
  int references;
  int number;
} counted;

static int live = 0;

static void counted_retain(void* data) { ++((counted*)data)->references; }
static void counted_release(void* data) {
  if (--((counted*)data)->references != 0) return;
  --live;
  free(data);
}
static const weft_coro_value_ops counted_ops = {counted_retain, counted_release};

static weft_coro_value number(int n) {
  counted* const made = malloc(sizeof *made);
  if (made == NULL) abort();
  *made = (counted){1, n};
  ++live;
  return (weft_coro_value){made, &counted_ops};
}
static int number_in(weft_coro_value value) { return value.ops == &counted_ops ? ((counted*)value.data)->number : -1; }
static int take_number(weft_coro_value value) {
  const int n = number_in(value);
  weft_coro_value_release(value);
  return n;
}

// --- a body: yields 0 to most - 1, and returns the sum of what it was sent; or what it awaits yields and returns ---

typedef struct {
  int next, most, sum;
  weft_coro_object* inner;  // a reference, given away with the first step
  int is_stubborn;          // answers GeneratorExit by going on
} counting;

static int destroyed = 0;

static int counting_step(void* state, int signal, weft_coro_value in, weft_coro_exc* exc, weft_coro_value* out,
                         weft_coro_object** await_on) {
  counting* const self = state;
  if (signal == WEFT_CORO_THROWN) {
    const weft_coro_errc code = weft_coro_exc_code(exc);
    if (code == WEFT_CORO_E_VALUE || (code == WEFT_CORO_E_GENERATOR_EXIT && self->is_stubborn)) {
      self->is_stubborn = 0;
      *out = number(-7);
      return WEFT_CORO_NEXT;
    }
    weft_coro_err_restore(weft_coro_exc_retain(exc));
    return WEFT_CORO_ERROR;
  }
  if (in.data != NULL) self->sum += number_in(in);
  if (self->inner != NULL) {
    *await_on = self->inner;
    self->inner = NULL;
    return WEFT_CORO_AWAIT;
  }
  *out = number(self->next < self->most ? self->next : self->sum);
  return self->next++ < self->most ? WEFT_CORO_NEXT : WEFT_CORO_RETURN;
}
static void counting_destroy(void* state) {
  counting* const self = state;
  ++destroyed;
  weft_coro_release(self->inner);
  free(self);
}
static const weft_coro_frame_ops counting_ops = {sizeof(weft_coro_frame_ops), "counting", counting_step, counting_destroy};

static weft_coro_object* counts(int most, weft_coro_object* inner, int is_stubborn) {
  counting* const state = malloc(sizeof *state);
  if (state == NULL) abort();
  *state = (counting){.most = most, .inner = inner, .is_stubborn = is_stubborn};
  return weft_coro_new(weft_coro_frame_new(&counting_ops, state), NULL, NULL);
}
static weft_coro_send_result send_number(weft_coro_object* c, int n, weft_coro_value* out) {
  const weft_coro_value in = number(n);
  const weft_coro_send_result result = weft_coro_send(c, in, out);
  weft_coro_value_release(in);
  return result;
}

static void sends_and_returns(void) {
  weft_coro_object* const c = counts(2, NULL, 0);
  weft_coro_value out;
  CHECK(weft_coro_check_exact(c) == 1);
  CHECK(weft_coro_typeof(c) == &weft_coro_coroutine_type);
  CHECK_TEXT(weft_coro_type_name(weft_coro_typeof(c)), "coroutine");
  CHECK(weft_coro_can(c, WEFT_CORO_CAN_AWAIT) == 1);
  CHECK(weft_coro_get_state(c) == WEFT_CORO_CREATED);
  CHECK(send_number(c, 1, &out) == WEFT_CORO_ERROR);
  CHECK(weft_coro_err_code() == WEFT_CORO_E_TYPE);
  CHECK_TEXT(weft_coro_err_message(), "can't send non-None value to a just-started coroutine");
  weft_coro_err_clear();
  CHECK(weft_coro_send(c, none, &out) == WEFT_CORO_NEXT && take_number(out) == 0);
  CHECK(weft_coro_get_state(c) == WEFT_CORO_SUSPENDED);
  CHECK(send_number(c, 20, &out) == WEFT_CORO_NEXT && take_number(out) == 1);
  CHECK(send_number(c, 22, &out) == WEFT_CORO_RETURN && take_number(out) == 42);
  CHECK(weft_coro_err_code() == WEFT_CORO_E_NONE && weft_coro_err_message() == NULL);
  CHECK(destroyed == 1);  // before the object goes
  CHECK(weft_coro_get_state(c) == WEFT_CORO_CLOSED);
  CHECK(weft_coro_send(c, none, &out) == WEFT_CORO_ERROR && out.data == NULL);
  CHECK_TEXT(weft_coro_err_message(), "cannot reuse already awaited coroutine");
  weft_coro_err_clear();
  CHECK(weft_coro_release(c) == 0);
  CHECK(weft_coro_release(c) == -1 && weft_coro_err_code() == WEFT_CORO_E_HANDLE);
  weft_coro_err_clear();
}

static void has_names(void) {
  weft_coro_object* const c = counts(1, NULL, 0);
  CHECK_TEXT(weft_coro_get_name(c), "counting");
  CHECK(weft_coro_set_name(c, "count") == 0 && weft_coro_set_qualname(c, "program.count") == 0);
  CHECK_TEXT(weft_coro_get_name(c), "count");
  CHECK_TEXT(weft_coro_get_qualname(c), "program.count");
  const char* const text = weft_coro_repr(c);
  CHECK(text != NULL && strncmp(text, "<coroutine object program.count at ", 35) == 0);
  CHECK(weft_coro_close(c) == 0 && weft_coro_close(c) == 0);
  weft_coro_release(c);
}

static void throws_and_closes(void) {
  weft_coro_object* const c = counts(9, NULL, 1);
  weft_coro_value out;
  CHECK(weft_coro_send(c, none, &out) == WEFT_CORO_NEXT && take_number(out) == 0);
  weft_coro_exc* const caught = weft_coro_exc_new(WEFT_CORO_E_VALUE, "caught");
  CHECK_TEXT(weft_coro_exc_message(caught), "caught");
  CHECK(weft_coro_throw(c, caught, &out) == WEFT_CORO_NEXT && take_number(out) == -7);
  CHECK(weft_coro_send(c, none, &out) == WEFT_CORO_NEXT && take_number(out) == 1);
  weft_coro_exc_release(caught);

  weft_coro_object* const stubborn = counts(9, NULL, 1);
  CHECK(weft_coro_send(stubborn, none, &out) == WEFT_CORO_NEXT && take_number(out) == 0);
  CHECK(weft_coro_close(stubborn) == -1 && weft_coro_err_code() == WEFT_CORO_E_RUNTIME);
  CHECK_TEXT(weft_coro_err_message(), "coroutine ignored GeneratorExit");
  CHECK(weft_coro_close(stubborn) == 0);
  weft_coro_release(stubborn);

  const weft_coro_value payload = number(5);
  weft_coro_exc* const mine = weft_coro_exc_user(payload);
  weft_coro_value_release(payload);
  CHECK(weft_coro_throw(c, mine, &out) == WEFT_CORO_ERROR && weft_coro_err_code() == WEFT_CORO_E_USER);
  weft_coro_exc* const left = weft_coro_err_fetch();
  CHECK(weft_coro_err_fetch() == NULL && weft_coro_err_code() == WEFT_CORO_E_NONE);
  CHECK(weft_coro_exc_is(mine, left) == 1);
  CHECK(weft_coro_exc_value(left, &out) == 0 && take_number(out) == 5);
  weft_coro_exc_release(left);
  weft_coro_exc_release(mine);
  CHECK(weft_coro_get_state(c) == WEFT_CORO_CLOSED);
  weft_coro_release(c);
}

static void awaits_coroutines(void) {
  weft_coro_object* const inner = counts(1, NULL, 0);
  weft_coro_object* const outer = counts(0, weft_coro_retain(inner), 0);
  weft_coro_value out;
  CHECK(weft_coro_get_await(outer) == NULL);
  CHECK(weft_coro_send(outer, none, &out) == WEFT_CORO_NEXT && take_number(out) == 0);
  weft_coro_object* const awaited = weft_coro_get_await(outer);
  CHECK(awaited == inner);
  weft_coro_release(awaited);
  CHECK(send_number(outer, 8, &out) == WEFT_CORO_RETURN && take_number(out) == 8);
  weft_coro_release(inner);
  weft_coro_release(outer);

  weft_coro_object* const viewed = counts(1, NULL, 0);
  weft_coro_object* const view = weft_coro_await(viewed);
  CHECK(weft_coro_check_exact(view) == 0 && weft_coro_typeof(view) == &weft_coro_wrapper_type);
  CHECK(weft_coro_send(view, none, &out) == WEFT_CORO_NEXT && take_number(out) == 0);
  weft_coro_release(view);
  CHECK(weft_coro_get_state(viewed) == WEFT_CORO_SUSPENDED);
  weft_coro_release(viewed);
}

// --- an object of this program's: yields `left` down to 1, and is its own iterator and awaitable ---

typedef struct {
  int left;
  weft_coro_object* self;
} downwards;

static int downwards_next(void* state, weft_coro_value* out) {
  downwards* const self = state;
  if (self->left > 0) {
    *out = number(self->left--);
    return WEFT_CORO_NEXT;
  }
  const weft_coro_value last = number(77);
  weft_coro_exc* const stop = weft_coro_exc_stop(last);
  weft_coro_value_release(last);
  weft_coro_err_restore(stop);
  return WEFT_CORO_ERROR;
}
static int downwards_send(void* state, weft_coro_value in, weft_coro_value* out) {
  ((downwards*)state)->left += number_in(in);
  return downwards_next(state, out);
}
static int downwards_throw(void* state, weft_coro_exc* exc, weft_coro_value* out) {
  (void)state;
  (void)exc;
  *out = none;
  return WEFT_CORO_RETURN;
}
static int downwards_close(void* state) {
  ((downwards*)state)->left = 0;
  return 0;
}
static weft_coro_object* downwards_await(void* state) { return weft_coro_retain(((downwards*)state)->self); }
static const weft_coro_object_ops generator_ops = {
    sizeof(weft_coro_object_ops), "downwards", downwards_next, downwards_send, downwards_throw, downwards_close, NULL, free};
static const weft_coro_object_ops awaitable_ops = {
    sizeof(weft_coro_object_ops), "downwards", downwards_next, NULL, NULL, NULL, downwards_await, free};

static weft_coro_object* goes_down(const weft_coro_object_ops* ops, int from) {
  downwards* const state = malloc(sizeof *state);
  if (state == NULL) abort();
  *state = (downwards){from, NULL};
  return state->self = weft_coro_object_new(ops, state);
}
static weft_coro_object* makes_generator(void* argument) { return goes_down(&generator_ops, *(int*)argument); }

static void has_objects_of_its_own(void) {
  weft_coro_value out;
  weft_coro_object* const awaits = counts(0, goes_down(&awaitable_ops, 1), 0);
  CHECK(weft_coro_send(awaits, none, &out) == WEFT_CORO_NEXT && take_number(out) == 1);
  CHECK(weft_coro_send(awaits, none, &out) == WEFT_CORO_RETURN && take_number(out) == 77);
  weft_coro_release(awaits);

  int from = 2;
  weft_coro_object* const proxy = weft_coro_as_coroutine(makes_generator, &from);
  CHECK(weft_coro_typeof(proxy) == &weft_coro_generator_proxy_type);
  CHECK(weft_coro_send(proxy, none, &out) == WEFT_CORO_NEXT && take_number(out) == 2);
  weft_coro_object* const awaits_proxy = counts(0, weft_coro_retain(proxy), 0);
  CHECK(weft_coro_send(awaits_proxy, none, &out) == WEFT_CORO_NEXT && take_number(out) == 1);
  CHECK(send_number(awaits_proxy, 3, &out) == WEFT_CORO_NEXT && take_number(out) == 3);
  CHECK(weft_coro_close(awaits_proxy) == 0);
  CHECK(weft_coro_send(proxy, none, &out) == WEFT_CORO_RETURN && take_number(out) == 77);
  weft_coro_release(awaits_proxy);
  weft_coro_release(proxy);

  weft_coro_object* const plain = goes_down(&generator_ops, 1);
  CHECK(weft_coro_typeof(plain) == &weft_coro_foreign_type && weft_coro_can(plain, WEFT_CORO_CAN_AWAIT) == 0);
  CHECK(weft_coro_await(plain) == NULL);
  CHECK_TEXT(weft_coro_err_message(), "object downwards can't be used in 'await' expression");
  weft_coro_release(plain);
  CHECK(weft_coro_as_coroutine(NULL, NULL) == NULL);
  CHECK_TEXT(weft_coro_err_message(), "types.coroutine() expects a callable");
  weft_coro_err_clear();
}

// --- hooks ---

static char told[200];

static void note_unawaited(const char* qualname, const char* origin, void* user) {
  snprintf(told, sizeof told, "%s %s %s", (const char*)user, qualname, origin == NULL ? "-" : origin);
}
static void note_unraisable(weft_coro_exc* exc, const char* qualname, void* user) {
  snprintf(told, sizeof told, "%s %s: %s", (const char*)user, qualname, weft_coro_exc_message(exc));
}

static void is_told_by_hooks(void) {
  char unawaited[] = "never awaited:";
  char unraisable[] = "unraisable:";
  weft_coro_value out;
  CHECK(weft_coro_set_unawaited_hook(note_unawaited, unawaited) == 0);
  CHECK(weft_coro_set_unraisable_hook(note_unraisable, unraisable) == 0);
  CHECK(weft_coro_set_origin_tracking_depth(1) == 0 && weft_coro_set_origin_tracking_depth(0) == 1);
  CHECK(weft_coro_set_origin_tracking_depth(-1) == -1 && weft_coro_err_code() == WEFT_CORO_E_VALUE);
  CHECK_TEXT(weft_coro_err_message(), "depth must be >= 0");
  weft_coro_release(counts(1, NULL, 0));
  CHECK_TEXT(told, "never awaited: counting -");
  CHECK_TEXT(weft_coro_err_message(), "depth must be >= 0");  // going leaves the slot as it is
  weft_coro_object* const stubborn = counts(1, NULL, 1);
  CHECK(weft_coro_send(stubborn, none, &out) == WEFT_CORO_NEXT && take_number(out) == 0);
  weft_coro_release(stubborn);
  CHECK_TEXT(told, "unraisable: counting: coroutine ignored GeneratorExit");
  CHECK(weft_coro_set_unawaited_hook(NULL, NULL) == 0 && weft_coro_set_unraisable_hook(NULL, NULL) == 0);
  weft_coro_err_clear();
}

static void keeps_errors(void) {
  weft_coro_err_set(WEFT_CORO_E_ATTRIBUTE, "no such thing");
  CHECK(weft_coro_err_code() == WEFT_CORO_E_ATTRIBUTE);
  weft_coro_exc* const fetched = weft_coro_err_fetch();
  weft_coro_err_restore(weft_coro_exc_retain(fetched));
  CHECK_TEXT(weft_coro_err_message(), "no such thing");
  weft_coro_err_restore(NULL);
  CHECK(weft_coro_err_code() == WEFT_CORO_E_NONE);
  weft_coro_exc_release(fetched);
  weft_coro_frame* const unused = weft_coro_frame_new(&counting_ops, calloc(1, sizeof(counting)));
  const int before = destroyed;
  CHECK(weft_coro_frame_release(unused) == 0 && destroyed == before + 1);
}

// --- threads: each sends until it has been taken `each` times ---

enum { threads = 4, each = 1000 };

static int idles(void* state, int signal, weft_coro_value in, weft_coro_exc* exc, weft_coro_value* out, weft_coro_object** await_on) {
  (void)in;
  (void)out;
  (void)await_on;
  if (signal == WEFT_CORO_SENT) return ++*(int*)state, WEFT_CORO_NEXT;
  weft_coro_err_restore(weft_coro_exc_retain(exc));
  return WEFT_CORO_ERROR;
}
static const weft_coro_frame_ops idles_ops = {sizeof(weft_coro_frame_ops), "idles", idles, NULL};

static void* sends_often(void* object) {
  size_t wrong = 0;
  for (int taken = 0; taken < each;) {
    weft_coro_value out;
    if (weft_coro_send(object, none, &out) == WEFT_CORO_NEXT)
      ++taken;
    else if (weft_coro_err_code() != WEFT_CORO_E_VALUE)
      ++wrong;
  }
  return wrong == 0 ? NULL : object;
}

static void is_shared_by_threads(weft_coro_object* (*make)(weft_coro_frame*, const char*, const char*)) {
  int steps = 0;
  weft_coro_object* const c = make(weft_coro_frame_new(&idles_ops, &steps), NULL, NULL);
  pthread_t started[threads];
  for (int i = 0; i < threads; ++i)
    if (pthread_create(&started[i], NULL, sends_often, c) != 0) abort();
  for (int i = 0; i < threads; ++i) {
    void* wrong = NULL;
    pthread_join(started[i], &wrong);
    CHECK(wrong == NULL);
  }
  CHECK(steps == threads * each);
  CHECK(weft_coro_release(c) == 0);
}

// --- the end of the program ---

static weft_coro_object* left_over = NULL;

static void releases_what_is_left(void) {
  const int before = destroyed;
  const char* const text = weft_coro_repr(left_over);
  if (text == NULL || weft_coro_release(left_over) != 0 || destroyed != before + 1 || weft_coro_err_code() != WEFT_CORO_E_NONE) abort();
  if (weft_coro_release(left_over) != -1 || weft_coro_err_code() != WEFT_CORO_E_HANDLE) abort();
  weft_coro_err_clear();
}

static void leaves_a_coroutine_to_the_end(void) {
  weft_coro_value out;
  left_over = counts(1, NULL, 0);
  CHECK(weft_coro_send(left_over, none, &out) == WEFT_CORO_NEXT && take_number(out) == 0);
  CHECK(weft_coro_repr(left_over) != NULL);
  weft_coro_err_set(WEFT_CORO_E_USER, "an error that nobody takes");
  CHECK(atexit(releases_what_is_left) == 0);
}

int main(void) {
  CHECK(weft_coro_abi_version() == WEFT_CORO_ABI_VERSION);
  sends_and_returns();
  has_names();
  throws_and_closes();
  awaits_coroutines();
  has_objects_of_its_own();
  is_told_by_hooks();
  keeps_errors();
  is_shared_by_threads(weft_coro_new);
  is_shared_by_threads(weft_coro_generator_coroutine_new);
  CHECK(live == 0);
  leaves_a_coroutine_to_the_end();
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

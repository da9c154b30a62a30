/* SPDX-License-Identifier: ISC */
/*
 * Arena: memory with one lifetime.
 *
 * A request, a job step or a command allocates from one arena and never frees
 * piece by piece; arena_reset() ends all of it at once. Memory is zeroed.
 * An arena has a budget in bytes: going over it is fatal (the process logs one
 * line and exits, its supervisor starts another), so a single request cannot
 * take the machine. No function here returns NULL.
 *
 * Things that are not memory (a PGresult, a file) are tied to the arena with
 * arena_on_reset(); their callbacks run in reverse order of registration.
 */
#ifndef PRAYA_ARENA_H
#define PRAYA_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define ATTR_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define ATTR_WARN_UNUSED __attribute__((warn_unused_result))

struct arena;

/* A place inside an arena to go back to. */
struct arena_mark {
	void *block;
	size_t used;
	size_t total;
	void *hooks;
};

struct arena *arena_new(size_t budget);
/* Frees the arena and sets *a to NULL. Freeing NULL does nothing. */
void arena_free(struct arena **a);
void arena_reset(struct arena *a);

/* What was allocated after the mark is gone after arena_release(); hooks that
 * were registered after it have run. For loops over many items. */
struct arena_mark arena_mark(struct arena *a);
void arena_release(struct arena *a, struct arena_mark mark);

void *arena_alloc(struct arena *a, size_t n);
void *arena_array(struct arena *a, size_t count, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
void *arena_memdup(struct arena *a, const void *p, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) ATTR_PRINTF(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) ATTR_PRINTF(2, 0);
void arena_on_reset(struct arena *a, void (*fn)(void *), void *arg);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))

/* Bytes that need not be text. The memory belongs to whoever made it. */
struct bytes {
	const unsigned char *p;
	size_t n;
};

#endif

/* SPDX-License-Identifier: ISC */
#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define BLOCK_MIN ((size_t)32 * 1024)
/* So much is kept for the next request. */
#define KEEP_MAX ((size_t)1024 * 1024)
#define POISON 0xd5

struct block {
	struct block *next;
	size_t size;
	size_t used;
	_Alignas(max_align_t) unsigned char data[];
};

struct hook {
	struct hook *next;
	void (*fn)(void *);
	void *arg;
};

struct arena {
	struct block *first;
	struct block *cur;
	struct hook *hooks;
	size_t total;
	size_t budget;
};

static struct block *
block_new(size_t want)
{
	size_t size = want > BLOCK_MIN ? want : BLOCK_MIN;
	struct block *b = malloc(sizeof(*b) + size);

	if (b == NULL)
		log_fatal("out of memory");
	b->next = NULL;
	b->size = size;
	b->used = 0;
	return b;
}

struct arena *
arena_new(size_t budget)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		log_fatal("out of memory");
	a->budget = budget;
	a->first = a->cur = block_new(BLOCK_MIN);
	return a;
}

static void
run_hooks(struct arena *a, struct hook *until)
{
	while (a->hooks != until) {
		struct hook *h = a->hooks;

		a->hooks = h->next;
		h->fn(h->arg);
	}
}

static void
free_after(struct block *b)
{
	struct block *next = b->next;

	b->next = NULL;
	while (next != NULL) {
		b = next->next;
		free(next);
		next = b;
	}
}

void
arena_free(struct arena **ap)
{
	struct arena *a = *ap;

	if (a == NULL)
		return;
	run_hooks(a, NULL);
	free_after(a->first);
	free(a->first);
	free(a);
	*ap = NULL;
}

/* Bytes of all blocks that are in use. */
static size_t
taken(const struct arena *a)
{
	size_t n = 0;

	for (const struct block *b = a->first; b != a->cur->next; b = b->next)
		n += b->used;
	return n;
}

/* What took several blocks finds one that holds it all the next time: a request like
 * the last one asks nothing of the heap. */
void
arena_reset(struct arena *a)
{
	size_t n;

	run_hooks(a, NULL);
	n = taken(a);
	if (a->cur != a->first && n <= KEEP_MAX) {
		free_after(a->first);
		free(a->first);
		a->first = block_new((n + BLOCK_MIN - 1) / BLOCK_MIN * BLOCK_MIN);
	} else {
		free_after(a->first);
		memset(a->first->data, POISON, a->first->used);
		a->first->used = 0;
	}
	a->cur = a->first;
	a->total = 0;
}

struct arena_mark
arena_mark(struct arena *a)
{
	return (struct arena_mark){a->cur, a->cur->used, a->total, a->hooks};
}

void
arena_release(struct arena *a, struct arena_mark mark)
{
	struct block *b = mark.block;

	run_hooks(a, mark.hooks);
	/* Later blocks go back to the system, except one of modest size. */
	if (b->next != NULL && b->next->size > KEEP_MAX) {
		free_after(b);
	} else if (b->next != NULL) {
		free_after(b->next);
		memset(b->next->data, POISON, b->next->used);
		b->next->used = 0;
	}
	memset(b->data + mark.used, POISON, b->used - mark.used);
	b->used = mark.used;
	a->cur = b;
	a->total = mark.total;
}

/* n bytes as they are. */
static void *
take(struct arena *a, size_t n)
{
	const size_t align = _Alignof(max_align_t);
	struct block *b = a->cur;
	void *p;

	if (n > a->budget)
		log_fatal("arena: one allocation of %zu bytes is over the budget", n);
	n = (n + align - 1) & ~(align - 1);
	a->total += n;
	if (a->total > a->budget)
		log_fatal("arena: over its budget of %zu bytes", a->budget);
	if (b->size - b->used < n) {
		if (b->next != NULL && b->next->size < n)
			free_after(b);
		if (b->next == NULL)
			b->next = block_new(n);
		b = a->cur = b->next;
		b->used = 0;
	}
	p = b->data + b->used;
	b->used += n;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return memset(take(a, n), 0, n);
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		log_fatal("arena: array size overflows");
	return arena_alloc(a, count * size);
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, s, n);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

void *
arena_memdup(struct arena *a, const void *src, size_t n)
{
	void *p = arena_alloc(a, n);

	if (n > 0)
		memcpy(p, src, n);
	return p;
}

/* Nearly always there is room in the block, and the text is made only once. */
char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	struct block *b = a->cur;
	size_t room = b->size - b->used;
	va_list copy;
	char *p;
	int n;

	va_copy(copy, ap);
	n = vsnprintf((char *)b->data + b->used, room, fmt, copy);
	va_end(copy);
	if (n < 0)
		log_fatal("arena_printf: bad format");
	if ((size_t)n < room)
		return take(a, (size_t)n + 1);
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void
arena_on_reset(struct arena *a, void (*fn)(void *), void *arg)
{
	struct hook *h = ARENA_NEW(a, struct hook);

	h->fn = fn;
	h->arg = arg;
	h->next = a->hooks;
	a->hooks = h;
}

size_t
arena_used(const struct arena *a)
{
	return a->total;
}

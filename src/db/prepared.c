/* SPDX-License-Identifier: ISC */
#include "prepared.h"

#include <string.h>

#include "log.h"

#define BUCKETS 256

struct prepared_cache {
	struct arena *mem;
	struct prepared *buckets[BUCKETS];
	struct prepared *spare; /* entries to use again */
	size_t composed;        /* those leaving are not counted */
	uint64_t clock;
};

uint64_t
fnv1a(const void *p, size_t n)
{
	const unsigned char *c = p;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ c[i]) * UINT64_C(0x100000001b3);
	return h;
}

struct prepared_cache *
prepared_cache_new(struct arena *mem)
{
	struct prepared_cache *pc = ARENA_NEW(mem, struct prepared_cache);

	pc->mem = mem;
	return pc;
}

static struct prepared **
bucket_of(struct prepared_cache *pc, const char *name)
{
	uint64_t h = fnv1a(name, strlen(name));

	return &pc->buckets[(h ^ (h >> 32)) % BUCKETS];
}

static void
entry_spare(struct prepared_cache *pc, struct prepared *p)
{
	p->next = pc->spare;
	pc->spare = p;
}

void
prepared_clear(struct prepared_cache *pc)
{
	if (pc == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (pc->buckets[i] != NULL) {
			struct prepared *p = pc->buckets[i];

			pc->buckets[i] = p->next;
			entry_spare(pc, p);
		}
	}
	pc->composed = 0;
}

/* Two texts under one name would run the wrong statement without a word. */
static void
check_same_text(struct prepared *p, const struct stmt *s)
{
	if (p->sql == s->sql || p->composed)
		return;
	ASSERT(p->digest == fnv1a(s->sql, strlen(s->sql)));
	p->sql = s->sql;
}

const char *
prepared_name(const struct stmt *s)
{
	return s->prepared != NULL ? s->prepared : s->name;
}

struct prepared *
prepared_find(struct prepared_cache *pc, const struct stmt *s)
{
	const char *name = prepared_name(s);

	for (struct prepared *p = *bucket_of(pc, name); p != NULL; p = p->next) {
		if (p->leaving || strcmp(p->name, name) != 0)
			continue;
		check_same_text(p, s);
		p->used = ++pc->clock;
		return p;
	}
	return NULL;
}

struct prepared *
prepared_add(struct prepared_cache *pc, const struct stmt *s)
{
	const char *name = prepared_name(s);
	struct prepared **bucket = bucket_of(pc, name);
	struct prepared *p = pc->spare;

	ASSERT(strlen(name) <= PREPARED_NAME_MAX);
	if (p != NULL)
		pc->spare = p->next;
	else
		p = ARENA_NEW(pc->mem, struct prepared);
	memset(p, 0, sizeof(*p));
	memcpy(p->name, name, strlen(name));
	p->sql = s->sql;
	p->digest = fnv1a(s->sql, strlen(s->sql));
	p->composed = s->prepared != NULL;
	p->fresh = true;
	p->used = ++pc->clock;
	p->next = *bucket;
	*bucket = p;
	if (p->composed)
		pc->composed++;
	return p;
}

void
prepared_remove(struct prepared_cache *pc, struct prepared *p)
{
	struct prepared **link = bucket_of(pc, p->name);

	while (*link != NULL && *link != p)
		link = &(*link)->next;
	if (*link == NULL)
		return;
	*link = p->next;
	if (p->composed && !p->leaving)
		pc->composed--;
	p->leaving = false;
	entry_spare(pc, p);
}

struct prepared *
prepared_make_room(struct prepared_cache *pc)
{
	struct prepared *oldest = NULL;

	if (pc->composed < PREPARED_COMPOSED_MAX)
		return NULL;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct prepared *p = pc->buckets[i]; p != NULL; p = p->next)
			if (p->composed && !p->leaving &&
				(oldest == NULL || p->used < oldest->used))
				oldest = p;
	ASSERT(oldest != NULL);
	oldest->leaving = true;
	pc->composed--;
	return oldest;
}

void
prepared_keep(struct prepared_cache *pc, struct prepared *p)
{
	if (!p->leaving)
		return;
	p->leaving = false;
	pc->composed++;
}

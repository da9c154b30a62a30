/* SPDX-License-Identifier: ISC */
/* Many words looked for in one pass: by a digest of their first eight bytes. */
#include <string.h>

#include "log.h"
#include "part.h"

#define WINDOW 8

static size_t
chain_of(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return (size_t)((w * 0x9e3779b97f4a7c15u) >> 52);
}

void
needles_clear(struct leak *l)
{
	memset(l->chains, 0, sizeof(l->chains));
}

void
needle_add(struct leak *l, size_t canary, const char *text)
{
	size_t n = strlen(text), at;
	struct needle *new;

	/* What is this short, or is shown in other letters, stands elsewhere too. */
	if (n < WINDOW || strpbrk(text, "&<>'\"") != NULL)
		return;
	at = chain_of(text);
	for (const struct needle *old = l->chains[at]; old != NULL; old = old->next)
		if (old->canary == canary && strcmp(old->text, text) == 0)
			return;
	new = ARENA_NEW(l->work, struct needle);
	new->text = arena_strdup(l->work, text);
	new->n = n;
	new->canary = canary;
	new->next = l->chains[at];
	l->chains[at] = new;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number is not part of a longer one. */
static bool
apart(const char *text, size_t i, size_t len, size_t n)
{
	if (i > 0 && is_digit(text[i]) && is_digit(text[i - 1]))
		return false;
	return i + len == n || !is_digit(text[i + len - 1]) || !is_digit(text[i + len]);
}

void
needles_find(const struct leak *l, const char *text, size_t n, needle_found *found, void *ctx)
{
	for (size_t i = 0; i + WINDOW <= n; i++)
		for (const struct needle *d = l->chains[chain_of(text + i)]; d != NULL; d = d->next)
			if (d->n <= n - i && memcmp(text + i, d->text, d->n) == 0 &&
				apart(text, i, d->n, n))
				found(ctx, d->canary, i);
}

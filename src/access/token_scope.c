/* SPDX-License-Identifier: ISC */
#include "token_scope.h"

#include <string.h>

/* Every right of every kind of record, the special ones, and one's own settings. */
#define SCOPE_MAX ((size_t)ENTITY_MAX * RIGHT_MAX + RIGHT_MAX + 1)

static const struct {
	const char *word;
	enum right rights[4];
	size_t n;
} choices[] = {
	{"read", {RIGHT_VIEW}, 1},
	{"write", {RIGHT_VIEW, RIGHT_CREATE, RIGHT_EDIT, RIGHT_DELETE}, 4},
	{"export", {RIGHT_EXPORT}, 1},
	{"import", {RIGHT_IMPORT}, 1},
};

#define CHOICES (sizeof(choices) / sizeof(choices[0]))

struct scope_list {
	struct arena *a;
	const struct principal *p;
	const char **list;
	size_t n;
};

static void
add(struct scope_list *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->list[i], text) == 0)
			return;
	s->list[s->n++] = text;
}

static bool
has(const struct scope_list *s, enum entity e, enum right r)
{
	return s->p == NULL || principal_may(s->p, e, r);
}

static void
add_choice(struct scope_list *s, size_t choice)
{
	for (int e = 0; e < ENTITY_MAX; e++)
		for (size_t i = 0; i < choices[choice].n; i++)
			if (has(s, (enum entity)e, choices[choice].rights[i]))
				add(s, arena_printf(s->a, "%s.%s", entity_name((enum entity)e),
					       right_name(choices[choice].rights[i])));
	if (strcmp(choices[choice].word, "write") == 0)
		add(s, ".self");
}

/* False: no such word, or more than the user has. */
static bool
add_word(struct scope_list *s, const char *word)
{
	const char *dot = strchr(word, '.');
	enum entity e = ENTITY_NONE;
	enum right r;

	for (size_t i = 0; i < CHOICES; i++)
		if (strcmp(choices[i].word, word) == 0) {
			add_choice(s, i);
			return true;
		}
	if (dot != NULL)
		e = entity_parse(arena_strndup(s->a, word, (size_t)(dot - word)));
	r = right_parse(dot != NULL ? dot + 1 : word);
	if ((dot != NULL) != (e != ENTITY_NONE) || r < RIGHT_VIEW ||
		RIGHT_IS_SPECIAL(r) != (dot == NULL) || !has(s, e, r))
		return false;
	add(s, dot != NULL ? word : arena_printf(s->a, ".%s", word));
	return true;
}

const char **
token_scope(struct arena *a, const char *const *words, size_t n, const struct principal *p,
	size_t *n_r, const char **bad_r)
{
	struct scope_list s = {.a = a, .p = p, .list = ARENA_ARRAY(a, SCOPE_MAX, const char *)};

	*bad_r = NULL;
	for (size_t i = 0; i < n && *bad_r == NULL; i++)
		if (!add_word(&s, words[i]))
			*bad_r = words[i];
	*n_r = s.n;
	return s.list;
}

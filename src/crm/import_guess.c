/* SPDX-License-Identifier: ISC */
/* Which field a column is, by its name as spreadsheets have it. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "import.h"
#include "view.h"

/* The next byte that counts: neither blank nor punctuation of ASCII; 0: the end. */
static int
next(const char **s, const char *end)
{
	while (*s < end && ((unsigned char)**s < 0x80 && isalnum((unsigned char)**s) == 0))
		++*s;
	return *s < end ? tolower((unsigned char)*(*s)++) : 0;
}

/* Are they the same but for capitals, blanks and punctuation? */
static bool
alike(const char *a, const char *a_end, const char *b, const char *b_end)
{
	for (;;) {
		int x = next(&a, a_end), y = next(&b, b_end);

		if (x != y)
			return false;
		if (x == 0)
			return true;
	}
}

/* Is it one of these words, with commas between them? */
static bool
among(const char *words, const char *header)
{
	const char *end = header + strlen(header);

	for (const char *at = words; *at != '\0';) {
		size_t n = strcspn(at, ",");

		if (alike(at, at + n, header, end))
			return true;
		at += n + (at[n] == ',');
	}
	return false;
}

/* How exactly a header has to say a field. */
enum said { AS_NAMED, AS_CALLED };

static bool
says(const struct record_ctx *cx, const struct field *f, const char *header, enum said how)
{
	const char *key;

	if (how == AS_NAMED)
		return strcasecmp(f->name, header) == 0 || strcasecmp(f->label_en, header) == 0 ||
		       strcmp(f->label_zh, header) == 0;
	if (!f->builtin || *header == '\0')
		return false;
	key = arena_printf(cx->a, "import.words.%s.%s", entity_name(f->entity), f->name);
	for (int l = 0; l < LANG_MAX; l++)
		if (among(view_text(cx->a, (enum lang)l, key, NULL), header))
			return true;
	return false;
}

/* The first field that the column's header says and that no other column becomes. */
static const struct field *
guess(const struct record_ctx *cx, enum entity e, const struct import_map *map, size_t column,
	enum said how)
{
	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];

		if (f->entity == e && import_editable(cx, e, f->name) != NULL &&
			!import_taken(map, map->n, f) && says(cx, f, map->headers[column], how))
			return f;
	}
	return NULL;
}

void
import_guess(const struct record_ctx *cx, enum entity e, struct import_map *map)
{
	/* Names and labels first: no word takes a field from a column that says it. */
	for (int how = AS_NAMED; how <= AS_CALLED; how++)
		for (size_t i = 0; i < map->n; i++)
			if (map->fields[i] == NULL)
				map->fields[i] = guess(cx, e, map, i, (enum said)how);
}

/* SPDX-License-Identifier: ISC */
#include "erase_needles.h"

#include <string.h>

#include "utf8.h"

/* Of a number of eight digits or more the last eight: how a country's code is
 * written does not matter then. */
#define DIGITS 8

/* Does the value tell who somebody is? A surname, a job title or a date of
 * birth is shared by many: looking for it would find strangers. */
static bool
is_telling(const struct field *f, const char *text)
{
	size_t n = utf8_length(text);

	if (f->type == FIELD_EMAIL || f->type == FIELD_PHONE || f->type == FIELD_URL ||
		f->type == FIELD_HKID)
		return n >= 6;
	if (f->type != FIELD_TEXT && f->type != FIELD_LONG_TEXT)
		return false;
	if (f->sealed || strcmp(f->category, "government_id") == 0)
		return n >= 5;
	if (strcmp(f->category, "identity") != 0 && strcmp(f->category, "contact") != 0)
		return false;
	/* Two words, or two characters of a script that needs no more. */
	return strlen(text) > n ? n >= 2 : strchr(text, ' ') != NULL || n >= 8;
}

static const char *
place(struct arena *a, int64_t contact_id)
{
	return arena_printf(a, "needles|%lld", (long long)contact_id);
}

struct bytes
needles_seal(const struct erasing *er)
{
	const struct record_ctx *cx = er->cx;
	struct json_object *list = model_own(cx->a, json_object_new_array());
	const char *text;

	json_object_object_foreach(er->values, name, v)
	{
		const struct field *f = catalogue_find(cx->cat, ENTITY_CONTACT, name);

		if (v != NULL && is_telling(f, json_object_get_string(v)))
			json_object_array_add(list, json_object_get(v));
	}
	text = json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN);
	return seal_value(
		cx->a, &cx->tenant->kek, place(cx->a, er->contact_id), text, strlen(text));
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "+85291234567": its last digits; NULL when it is no number. */
static const char *
number_of(struct arena *a, const char *text)
{
	size_t n = strlen(text);

	if (text[0] != '+' || n < 7)
		return NULL;
	for (const char *p = text + 1; *p != '\0'; p++)
		if (!is_digit(*p))
			return NULL;
	return arena_strdup(a, n - 1 > DIGITS ? text + n - DIGITS : text + 1);
}

struct err *
needles_open(struct arena *a, const struct tenant *tn, int64_t contact_id, struct bytes sealed,
	struct needles *needles_r)
{
	struct json_object *list;
	struct bytes plain;
	size_t n;

	if (!unseal_value(a, key_version(&tn->kek, sealed), place(a, contact_id), sealed, &plain))
		return err_internal(a, "needles do not open");
	list = model_own(a, json_tokener_parse((const char *)plain.p));
	n = json_object_array_length(list);
	*needles_r = (struct needles){.texts = ARENA_ARRAY(a, n + 1, const char *),
		.numbers = ARENA_ARRAY(a, n + 1, const char *)};
	for (size_t i = 0; i < n; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(list, i));
		const char *number = number_of(a, text);

		if (number != NULL)
			needles_r->numbers[needles_r->nnumbers++] = number;
		else
			needles_r->texts[needles_r->n++] = arena_strdup(a, text);
	}
	return NULL;
}

static const char **
joined(struct arena *a, const char **list, size_t n, const char **more, size_t nmore)
{
	const char **both = ARENA_ARRAY(a, n + nmore + 1, const char *);

	if (n > 0)
		memcpy(both, list, n * sizeof(*both));
	if (nmore > 0)
		memcpy(both + n, more, nmore * sizeof(*both));
	return both;
}

void
needles_add(struct arena *a, struct needles *all, const struct needles *more)
{
	all->texts = joined(a, all->texts, all->n, more->texts, more->n);
	all->numbers = joined(a, all->numbers, all->nnumbers, more->numbers, more->nnumbers);
	all->n += more->n;
	all->nnumbers += more->nnumbers;
}

/* The text without what groups digits. */
static const char *
ungrouped(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text), *to = out;

	for (const char *p = text; *p != '\0'; p++)
		if (strchr(NEEDLES_GROUPING, *p) == NULL)
			*to++ = *p;
	*to = '\0';
	return out;
}

bool
needles_in(const struct needles *n, struct arena *a, const char *text)
{
	const char *plain;

	for (size_t i = 0; i < n->n; i++)
		if (strcasestr(text, n->texts[i]) != NULL)
			return true;
	if (n->nnumbers == 0)
		return false;
	plain = ungrouped(a, text);
	for (size_t i = 0; i < n->nnumbers; i++)
		if (strstr(plain, n->numbers[i]) != NULL)
			return true;
	return false;
}

/* ---- those of many */

/* A needle begins with two bytes at least: what is shorter tells of nobody. */
#define BEGINNINGS 65536

struct needle {
	const char *text;
	size_t n, person;
	const struct needle *next; /* of the same beginning */
};

struct needle_index {
	struct arena *a;
	const struct needle **texts, **numbers;
};

struct needle_index *
needle_index_new(struct arena *a)
{
	struct needle_index *ix = ARENA_NEW(a, struct needle_index);

	ix->a = a;
	ix->texts = ARENA_ARRAY(a, BEGINNINGS, const struct needle *);
	ix->numbers = ARENA_ARRAY(a, BEGINNINGS, const struct needle *);
	return ix;
}

static size_t
beginning(const char *text)
{
	return (size_t)(unsigned char)text[0] << 8 | (unsigned char)text[1];
}

static void
add_all(struct needle_index *ix, const struct needle **begin, const char **list, size_t n,
	size_t person)
{
	for (size_t i = 0; i < n; i++) {
		struct needle *one = ARENA_NEW(ix->a, struct needle);
		size_t size = strlen(list[i]);

		if (size < 2)
			continue;
		*one = (struct needle){list[i], size, person, begin[beginning(list[i])]};
		begin[beginning(list[i])] = one;
	}
}

void
needle_index_add(struct needle_index *ix, const struct needles *n, size_t person)
{
	add_all(ix, ix->texts, n->texts, n->n, person);
	add_all(ix, ix->numbers, n->numbers, n->nnumbers, person);
}

static void
look(const struct needle **begin, const char *text, void (*hit)(void *ctx, size_t person),
	void *ctx)
{
	for (const char *p = text; p[0] != '\0'; p++)
		for (const struct needle *one = begin[beginning(p)]; one != NULL; one = one->next)
			if (strncmp(p, one->text, one->n) == 0)
				hit(ctx, one->person);
}

void
needle_index_look(const struct needle_index *ix, struct arena *a, const char *text,
	void (*hit)(void *ctx, size_t person), void *ctx)
{
	look(ix->texts, text, hit, ctx);
	look(ix->numbers, ungrouped(a, text), hit, ctx);
}

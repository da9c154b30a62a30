/* SPDX-License-Identifier: ISC */
/*
 * Whoever reads the log reads of people in it: names, and values before and after a change.
 * So a look at the log has events like a look at the records has, by the same fields.
 */
#include <string.h>

#include "audit.h"
#include "event.h"

/* Values of one kind of record, with the same fields. */
struct shown {
	const char *entity;
	const char **fields;
	size_t nfields;
	int64_t *records, *people;
	size_t nrecords, npeople;
};

static size_t
length_of(struct json_object *list)
{
	return list != NULL ? json_object_array_length(list) : 0;
}

static bool
has(const int64_t *ids, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* "hkid~": what stands there is a mask of it. */
static const char *
shown_name(const struct record_ctx *cx, enum entity e, const char *name)
{
	enum field_level level;
	const struct field *f = catalogue_visible(cx->cat, cx->principal, e, name, &level);

	return f != NULL && (f->sealed || level == LEVEL_MASKED) ? arena_printf(cx->a, "%s~", name)
								 : name;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **
fields_of(const struct record_ctx *cx, enum entity e, struct json_object *changes, size_t *n_r)
{
	size_t n = length_of(changes);
	const char **names = ARENA_ARRAY(cx->a, n + 1, const char *);

	for (size_t i = 0; i < n; i++)
		names[i] = shown_name(cx, e,
			json_object_get_string(json_object_object_get(
				json_object_array_get_idx(changes, i), "field")));
	qsort(names, n, sizeof(*names), by_text);
	*n_r = n;
	return names;
}

static struct shown *
group_of(const struct record_ctx *cx, struct shown *groups, size_t *n, size_t room,
	const char *entity, const char **fields, size_t nfields)
{
	struct shown *g = groups;

	for (; g < groups + *n; g++) {
		size_t i = 0;

		if (strcmp(g->entity, entity) != 0 || g->nfields != nfields)
			continue;
		while (i < nfields && strcmp(g->fields[i], fields[i]) == 0)
			i++;
		if (i == nfields)
			return g;
	}
	++*n;
	*g = (struct shown){.entity = entity,
		.fields = fields,
		.nfields = nfields,
		.records = ARENA_ARRAY(cx->a, room + 1, int64_t),
		.people = ARENA_ARRAY(cx->a, room + 1, int64_t)};
	return g;
}

/* A change is one of one record; what names several is no change of values. */
static void
add_first(struct json_object *ids, int64_t *list, size_t *n)
{
	int64_t id;

	if (length_of(ids) == 0)
		return;
	id = json_object_get_int64(json_object_array_get_idx(ids, 0));
	if (!has(list, *n, id))
		list[(*n)++] = id;
}

static void
queue_group(const struct record_ctx *cx, const char *action, const struct shown *g)
{
	struct audit_event ev = {.action = action,
		.entity = g->entity,
		.records = g->records,
		.nrecords = g->nrecords,
		.subjects = g->people,
		.nsubjects = g->npeople,
		.fields = g->fields,
		.nfields = g->nfields};

	audit_queue(cx->tx, cx->a, &ev);
}

void
audit_shown(const struct record_ctx *cx, const char *action, struct json_object *items)
{
	size_t n = length_of(items), ngroups = 0, nnamed = 0;
	struct shown *groups = ARENA_ARRAY(cx->a, n + 1, struct shown);
	int64_t *named = ARENA_ARRAY(cx->a, n + 1, int64_t);

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(items, i);
		struct json_object *changes = json_object_object_get(o, "changes");
		struct json_object *people = json_object_object_get(o, "subject_ids");
		const char *entity = json_object_get_string(json_object_object_get(o, "entity"));
		enum entity e = entity != NULL ? entity_parse(entity) : ENTITY_NONE;

		if (json_object_get_boolean(json_object_object_get(o, "subject_named")))
			add_first(people, named, &nnamed);
		if (e != ENTITY_NONE && length_of(changes) > 0) {
			size_t nfields;
			const char **fields = fields_of(cx, e, changes, &nfields);
			struct shown *g =
				group_of(cx, groups, &ngroups, n, entity, fields, nfields);

			add_first(
				json_object_object_get(o, "record_ids"), g->records, &g->nrecords);
			add_first(people, g->people, &g->npeople);
		}
	}
	for (size_t i = 0; i < ngroups; i++)
		queue_group(cx, action, &groups[i]);
	record_named(cx, action, named, nnamed);
}

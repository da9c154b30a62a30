/* SPDX-License-Identifier: ISC */
/* What of a record's fields the one who asks may read, as SQL. */
#include "event.h"
#include "read.h"

bool
record_reads(const struct record_ctx *cx, enum entity e, const char *field)
{
	enum field_level level;

	return principal_may(cx->principal, e, RIGHT_VIEW) &&
	       catalogue_visible(cx->cat, cx->principal, e, field, &level) != NULL &&
	       level >= LEVEL_READ;
}

bool
record_sees_all(const struct record_ctx *cx, enum entity e)
{
	return cx->principal->scopes[e][RIGHT_VIEW] == SCOPE_ALL &&
	       cx->principal->special[RIGHT_SEE_VIP];
}

bool
record_may_search(const struct record_ctx *cx, enum entity e)
{
	const char *const *w = entity_def(e)->words;

	while (w != NULL && *w != NULL && !record_reads(cx, e, *w))
		w++;
	return w != NULL && *w != NULL;
}

/* "f(', ', r.a, r.b)" of those columns that may be read; n_r: how many, of how many. */
static const char *
columns_sql(const struct record_ctx *cx, enum entity e, const char *const *names, const char *alias,
	const char *call, size_t *n_r, size_t *of_r)
{
	struct sb sb;

	sb_init(&sb, cx->a, 2048);
	sb_puts(&sb, call);
	*n_r = *of_r = 0;
	for (; *names != NULL; names++) {
		++*of_r;
		if (record_reads(cx, e, *names))
			sb_printf(&sb, "%s%s.%s", ++*n_r > 1 ? ", " : "", alias, *names);
	}
	sb_putc(&sb, ')');
	return sb.p;
}

const char *
record_title_sql(const struct record_ctx *cx, enum entity e, const char *alias)
{
	size_t n, of;
	const char *sql = columns_sql(cx, e, entity_def(e)->title, alias, "coalesce(", &n, &of);

	return n > 0 ? sql : "null::text";
}

void
record_named(const struct record_ctx *cx, const char *action, const int64_t *people, size_t n)
{
	const char *const *title = entity_def(ENTITY_CONTACT)->title;
	struct audit_event ev = {.action = action, .entity = "contact"};
	const char **names;
	size_t k = 0;

	for (const char *const *t = title; *t != NULL; t++)
		k++;
	names = ARENA_ARRAY(cx->a, k + 1, const char *);
	k = 0;
	for (const char *const *t = title; *t != NULL; t++)
		if (record_reads(cx, ENTITY_CONTACT, *t))
			names[k++] = *t;
	if (n == 0 || k == 0)
		return;
	ev.records = ev.subjects = arena_memdup(cx->a, people, n * sizeof(*people));
	ev.nrecords = ev.nsubjects = n;
	ev.fields = names;
	ev.nfields = k;
	audit_queue(cx->tx, cx->a, &ev);
}

const char *
words_sql(const struct record_ctx *cx, enum entity e, bool *all_r)
{
	size_t n, of;
	const char *sql = columns_sql(cx, e, entity_def(e)->words, "r", "concat_ws(' ', ", &n, &of);

	*all_r = n == of;
	return sql;
}

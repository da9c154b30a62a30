/* SPDX-License-Identifier: ISC */
#include "case_alias.h"

#include <stdio.h>
#include <string.h>

#include "person_export.h"

STMT(aliases, "alias.list", 1,
	"select a.alias_id, a.number, a.user_id, coalesce(c.name_en, c.name_zh, u.name), "
	"a.consent is not null from "
	"request_alias a left join contact c using (contact_id) left join app_user u on u.user_id "
	"= a.user_id where a.request_id = $1::bigint order by a.alias_id");
STMT(staff, "alias.staff", 0,
	"select u.user_id, p.name, p.builtin from app_user u join profile p using (profile_id) "
	"order by u.user_id");
STMT(marks, "alias.marks", 1,
	"select copy_id, mark_id, alias_id, field, kind, state, start, size from request_mark "
	"where "
	"copy_id = any ($1::bigint[]) order by copy_id, field, start, mark_id");

static const char *
bracket(struct arena *a, enum lang l, const char *text, const char *inside)
{
	return arena_printf(
		a, l == LANG_ZH ? "%s\xef\xbc\x88%s\xef\xbc\x89" : "%s (%s)", text, inside);
}

struct err *
staff_load(struct tx *tx, struct arena *a, enum lang l, struct json_object **staff_r)
{
	struct json_object *o = model_object(a);
	struct rows *r;

	TRY(tx_query(tx, &staff, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *profile = rows_text(r, i, 1);
		const char *key = arena_printf(a, "export.profile.%s", profile);
		const char *word = rows_bool(r, i, 2) ? view_text(a, l, key, NULL) : key;

		if (strcmp(word, key) != 0)
			profile = word;
		model_text(o, arena_printf(a, "%lld", (long long)rows_i64(r, i, 0)),
			bracket(a, l, view_text(a, l, "export.staff", person_letter(a, i)),
				profile));
	}
	*staff_r = o;
	return NULL;
}

struct err *
alias_load(struct tx *tx, struct arena *a, enum lang l, int64_t request,
	struct json_object **aliases_r)
{
	struct json_object *o = model_object(a), *people;
	struct rows *r;

	TRY(staff_load(tx, a, l, &people));
	TRY(tx_query(tx, &aliases, VALS(val_i64(request)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *item =
			model_child(o, arena_printf(a, "%lld", (long long)rows_i64(r, i, 0)));
		const char *label = NULL;

		if (!rows_null(r, i, 2))
			label = json_object_get_string(json_object_object_get(
				people, arena_printf(a, "%lld", (long long)rows_i64(r, i, 2))));
		if (label == NULL)
			label = view_text(
				a, l, "redact.person", person_letter(a, (size_t)rows_i64(r, i, 1)));
		model_text(item, "label", label);
		model_text(item, "who", rows_text(r, i, 3));
		model_bool(item, "consent", rows_bool(r, i, 4));
	}
	*aliases_r = o;
	return NULL;
}

const char *
alias_label(struct json_object *aliases_in, int64_t id)
{
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)id);
	return json_object_get_string(
		json_object_object_get(json_object_object_get(aliases_in, key), "label"));
}

bool
alias_consents(struct json_object *aliases_in, int64_t id)
{
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)id);
	return json_object_get_boolean(
		json_object_object_get(json_object_object_get(aliases_in, key), "consent"));
}

struct err *
marks_load(struct tx *tx, struct arena *a, const int64_t *copies, size_t n,
	struct copy_marks *marks_r, int64_t **copies_r)
{
	struct rows *r;

	TRY(tx_query(tx, &marks, VALS(val_i64s(copies, n)), &r));
	marks_r->n = rows_count(r);
	marks_r->list = ARENA_ARRAY(a, marks_r->n + 1, struct copy_mark);
	*copies_r = ARENA_ARRAY(a, marks_r->n + 1, int64_t);
	for (size_t i = 0; i < marks_r->n; i++) {
		(*copies_r)[i] = rows_i64(r, i, 0);
		marks_r->list[i] = (struct copy_mark){.id = rows_i64(r, i, 1),
			.alias = rows_i64(r, i, 2),
			.field = rows_text(r, i, 3),
			.kind = rows_text(r, i, 4),
			.state = rows_text(r, i, 5),
			.start = (size_t)rows_i64(r, i, 6),
			.n = (size_t)rows_i64(r, i, 7)};
	}
	return NULL;
}

const char *
copy_redacted(struct arena *a, const char *text, const struct copy_mark *list, size_t n,
	struct json_object *aliases_in)
{
	size_t at = 0, len = strlen(text);
	struct sb sb;

	sb_init(&sb, a, len + n * 200 + 16);
	for (size_t i = 0; i < n; i++) {
		const struct copy_mark *m = &list[i];

		if (strcmp(m->state, "accepted") != 0 || alias_consents(aliases_in, m->alias) ||
			m->start < at || m->start + m->n > len)
			continue;
		sb_add(&sb, text + at, m->start - at);
		sb_puts(&sb, alias_label(aliases_in, m->alias));
		at = m->start + m->n;
	}
	sb_add(&sb, text + at, len - at);
	return sb.p;
}

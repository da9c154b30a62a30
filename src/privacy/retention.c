/* SPDX-License-Identifier: ISC */
#include "retention.h"

#include <string.h>

#include "date.h"
#include "law_words.h"
#include "model.h"

/* Fields one by one, records as many as a law keeps until much the same day. */
STMT(said, "retention.of", 1,
	"select c.id, r.what, r.kept_until is not null, count(*), "
	"min(coalesce(r.kept_until, r.due_since))::text, max(r.kept_until)::text, r.law "
	"from unnest($1::bigint[]) c (id) cross join lateral retention_of(c.id) r "
	"group by 1, 2, 3, 7 order by 1, 3 desc, 2, 7");

static const char *
text_at(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static bool
is_field(const char *what)
{
	return strncmp(what, "field:", 6) == 0;
}

static bool
may_know(const struct record_ctx *cx, const char *what)
{
	enum field_level level;

	return !is_field(what) ||
	       catalogue_visible(cx->cat, cx->principal, ENTITY_CONTACT, what + 6, &level) != NULL;
}

struct err *
retention_list(const struct record_ctx *cx, const int64_t *contacts, size_t n, bool all,
	struct json_object *items)
{
	struct rows *r;

	TRY(tx_query(cx->tx, &said, VALS(val_i64s(contacts, n)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		bool kept = rows_bool(r, i, 2);
		struct json_object *o;

		if (!all && !may_know(cx, rows_text(r, i, 1)))
			continue;
		o = model_item(items);
		model_i64(o, "contact_id", rows_i64(r, i, 0));
		model_text(o, "what", rows_text(r, i, 1));
		model_text(o, "state", kept ? "kept" : "due");
		model_i64(o, "count", rows_i64(r, i, 3));
		model_text(o, "next", kept ? rows_text(r, i, 4) : NULL);
		model_text(o, "until", rows_text(r, i, 5));
		model_text(o, "since", kept ? NULL : rows_text(r, i, 4));
		model_text(o, "law", rows_text(r, i, 6));
	}
	return NULL;
}

const char *
retention_title(const struct record_ctx *cx, struct json_object *item)
{
	const char *what = text_at(item, "what");
	const struct field *f =
		is_field(what) ? catalogue_find(cx->cat, ENTITY_CONTACT, what + 6) : NULL;

	if (f != NULL)
		return field_label(f, cx->lang);
	return view_text(cx->a, cx->lang, arena_printf(cx->a, "retention.what.%s", what),
		arena_printf(cx->a, "%lld",
			(long long)json_object_get_int64(json_object_object_get(item, "count"))));
}

const char *
retention_words(const struct record_ctx *cx, struct json_object *item)
{
	const char *until = text_at(item, "until"), *next = text_at(item, "next");
	const char *tag = lang_tag(cx->lang), *day;

	if (until == NULL)
		return view_text(cx->a, cx->lang, "retention.due",
			date_show(cx->a, text_at(item, "since"), tag));
	day = date_show(cx->a, until, tag);
	if (strcmp(next, until) != 0)
		day = arena_printf(cx->a, "%s \xe2\x80\x93 %s", date_show(cx->a, next, tag), day);
	return view_text(cx->a, cx->lang, "retention.kept", day);
}

/* What is said of everybody's data in a case is said to whoever sees to it. */
STMT(widen, "case.widen_kept", 0, "select gate_widen()");

struct err *
retention_of_case(struct request *rq, const struct privacy_case *c, struct json_object *data,
	struct json_object *page)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *items, *o, *list;

	if (strcmp(c->kind, "erasure") != 0 || c->closed_at != 0 || c->ncontacts == 0 ||
		!principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		return NULL;
	items = model_list(data, "retention");
	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	TRY(retention_list(&cx, c->contacts, c->ncontacts, true, items));
	if (page == NULL)
		return NULL;
	model_bool(page, "retention", true);
	list = model_list(page, "conflicts");
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		struct json_object *in = json_object_array_get_idx(items, i);

		o = model_item(list);
		model_text(o, "title", retention_title(&cx, in));
		model_text(o, "text", retention_words(&cx, in));
		model_text(o, "law",
			law_shown(rq->a, request_lang(rq),
				json_object_get_string(json_object_object_get(in, "law"))));
		if (c->ncontacts > 1)
			model_i64(o, "contact",
				json_object_get_int64(json_object_object_get(in, "contact_id")));
	}
	return NULL;
}

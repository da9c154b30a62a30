/* SPDX-License-Identifier: ISC */
#include "hold.h"

#include <string.h>

#include "date.h"
#include "model.h"

/* The day, and what is stored; nulls: a new one. */
STMT(stored, "hold.stored", 1,
	"select hk_today()::text, coalesce(c.hold, false), c.hold_ground is not null, "
	"c.hold_reviewer_id is not null, c.hold_review_on is not null, c.hold_review_on::text "
	"from (select $1::bigint as id) x left join contact c on c.contact_id = x.id");
/* Whoever sees to a request looks again on its last day, when it ends the latest. */
STMT(holds, "hold.list", 1,
	"select c.hold_ground, u.name, c.hold_review_on::text, null::text as reference "
	"from contact c left join app_user u on u.user_id = c.hold_reviewer_id "
	"where c.contact_id = $1::bigint and c.hold and c.erased_at is null "
	"union all (select 'request', u.name, r.due_rolled_on::text, r.reference "
	"from request_subject s join privacy_request r using (request_id) "
	"left join app_user u on u.user_id = r.assignee_id "
	"where s.contact_id = $1::bigint and r.closed_at is null and r.kind in ('access', "
	"'correction') order by r.request_id limit 20)");

#define PARTICULARS 3
static const char *const particulars[PARTICULARS] = {
	"hold_ground", "hold_reviewer_id", "hold_review_on"};

static bool
is_true(const struct value *v)
{
	return !v->null && v->text != NULL && strcmp(v->text, "true") == 0;
}

static bool
touches(const struct changes *c)
{
	for (size_t i = 0; i < PARTICULARS; i++)
		if (changes_find(c, particulars[i]) != NULL)
			return true;
	return changes_find(c, "hold") != NULL;
}

/* What of a hold that stands is missing, or past. */
static void
check_on(const struct record_ctx *cx, const struct rows *r, const struct changes *c, struct err **e)
{
	const struct change *day = changes_find(c, "hold_review_on");

	for (size_t i = 0; i < PARTICULARS; i++) {
		const struct change *ch = changes_find(c, particulars[i]);

		if (ch != NULL ? ch->value.null : !rows_bool(r, 0, 2 + i))
			err_add_field(cx->a, e, particulars[i], "error.hold_needs", NULL);
	}
	if (day != NULL && !day->value.null && strcmp(day->value.text, rows_text(r, 0, 0)) < 0 &&
		(rows_null(r, 0, 5) || strcmp(day->value.text, rows_text(r, 0, 5)) != 0))
		err_add_field(cx->a, e, "hold_review_on", "error.hold_past", NULL);
}

struct err *
hold_check(const struct record_ctx *cx, int64_t id, struct changes *c)
{
	const struct change *hold = changes_find(c, "hold");
	struct err *e = NULL;
	struct rows *r;
	bool was;

	if (!touches(c))
		return NULL;
	TRY(tx_query(cx->tx, &stored, VALS(val_i64(id)), &r));
	was = rows_bool(r, 0, 1);
	if (hold != NULL ? is_true(&hold->value) : was) {
		check_on(cx, r, c, &e);
		return e;
	}
	for (size_t i = 0; i < PARTICULARS; i++) {
		const struct change *ch = changes_find(c, particulars[i]);

		/* A form sends them all again. */
		if (ch != NULL && !ch->value.null && !was)
			err_add_field(cx->a, &e, "hold", "error.hold_off", NULL);
		else if (was && rows_bool(r, 0, 2 + i))
			changes_put(cx, c, ENTITY_CONTACT, particulars[i],
				(struct value){.null = true});
	}
	return e;
}

bool
hold_refused(const struct err *e)
{
	return e != NULL && e->kind == ERR_INVALID && e->fields != NULL &&
	       strncmp(e->fields->key, "error.hold", 10) == 0;
}

static const struct value *
value_of(const struct field *const *fields, const struct value *values, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (fields[i] != NULL && strcmp(fields[i]->name, name) == 0 && !values[i].null)
			return &values[i];
	return NULL;
}

const char *
hold_wrong(const struct field *const *fields, const struct value *values, size_t n,
	const char **field_r)
{
	const struct value *hold = value_of(fields, values, n, "hold");
	bool on = hold != NULL && is_true(hold);

	for (size_t i = 0; i < PARTICULARS; i++) {
		bool there = value_of(fields, values, n, particulars[i]) != NULL;

		if (there == on)
			continue;
		*field_r = on ? particulars[i] : "hold";
		return on ? "error.hold_needs" : "error.hold_off";
	}
	return NULL;
}

void
hold_queue(const struct record_ctx *cx, int64_t contact_id, struct rows **rows_r)
{
	tx_queue(cx->tx, &holds, VALS(val_i64(contact_id)), rows_r);
}

void
hold_model(const struct record_ctx *cx, const struct rows *rows, struct json_object *list)
{
	for (size_t i = 0; i < rows_count(rows); i++) {
		bool own = rows_null(rows, i, 3);
		struct json_object *o;

		if (own && !record_reads(cx, ENTITY_CONTACT, "hold"))
			continue;
		o = model_item(list);
		model_text(o, "ground",
			!own || record_reads(cx, ENTITY_CONTACT, "hold_ground")
				? rows_text(rows, i, 0)
				: NULL);
		model_text(o, "reviewer",
			!own || record_reads(cx, ENTITY_CONTACT, "hold_reviewer_id")
				? rows_text(rows, i, 1)
				: NULL);
		model_text(o, "review_on",
			!own || record_reads(cx, ENTITY_CONTACT, "hold_review_on")
				? rows_text(rows, i, 2)
				: NULL);
		model_text(o, "reference", rows_text(rows, i, 3));
	}
}

static const char *
text_at(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static const char *
ground_words(const struct record_ctx *cx, struct json_object *item)
{
	const char *ground = text_at(item, "ground"), *reference = text_at(item, "reference");
	const struct choice *c;

	if (reference != NULL)
		return view_text(cx->a, cx->lang, "hold.request", reference);
	c = ground == NULL
		    ? NULL
		    : field_choice(catalogue_find(cx->cat, ENTITY_CONTACT, "hold_ground"), ground);
	if (c == NULL)
		return view_text(cx->a, cx->lang, "hold.unsaid", NULL);
	return cx->lang == LANG_ZH ? c->label_zh : c->label_en;
}

const char *
hold_words(const struct record_ctx *cx, struct json_object *item)
{
	const char *who = text_at(item, "reviewer"), *day = text_at(item, "review_on");
	struct sb sb;

	sb_init(&sb, cx->a, 2048);
	sb_printf(&sb, "%s", ground_words(cx, item));
	if (who != NULL)
		sb_printf(&sb, "; %s", view_text(cx->a, cx->lang, "hold.by", who));
	if (day != NULL)
		sb_printf(&sb, "; %s",
			view_text(cx->a, cx->lang, "hold.on",
				date_show(cx->a, day, lang_tag(cx->lang))));
	return sb.p;
}

struct err *
hold_refusal(const struct record_ctx *cx, int64_t contact_id)
{
	struct json_object *list = model_own(cx->a, json_object_new_array());
	struct rows *r;

	hold_queue(cx, contact_id, &r);
	TRY(tx_run(cx->tx));
	hold_model(cx, r, list);
	if (json_object_array_length(list) == 0)
		return err_new(cx->a, ERR_CONFLICT, "error.hold");
	return err_arg(cx->a, ERR_CONFLICT, "error.hold_because",
		hold_words(cx, json_object_array_get_idx(list, 0)));
}

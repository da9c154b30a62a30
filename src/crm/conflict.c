/* SPDX-License-Identifier: ISC */
#include "conflict.h"

#include <string.h>

#include "date.h"
#include "num.h"

/* Saved at once are a change and its event: both have the transaction's time. */
STMT(saved_by, "conflict.saved_by", 3,
	"select u.name from audit_event e left join app_user u on u.user_id = e.actor_id "
	"where e.at = timestamptz 'epoch' + $3::bigint * interval '1 microsecond' and e.entity = "
	"$1 "
	"and e.record_ids = array[$2::bigint] and e.action not in ('view', 'list', 'search') "
	"order by e.event_id desc limit 1");
STMT(user_name, "conflict.user", 1, "select name from app_user where user_id = $1::bigint");
STMT(team_name, "conflict.team", 1, "select name from team where team_id = $1::bigint");
STMT(company_name, "conflict.company", 3,
	"select coalesce(case when $2::boolean then name_en end, case when $3::boolean then "
	"name_zh end) from company where company_id = $1::bigint");

/* The name behind a number that was chosen. */
static struct err *
reference_name(
	const struct record_ctx *cx, const struct field *f, const char *text, const char **name_r)
{
	struct rows *r;
	int64_t id;

	*name_r = text;
	if (!num_parse_i64(text, 1, INT64_MAX, &id))
		return NULL;
	if (f->type == FIELD_USER)
		TRY(tx_query(cx->tx, &user_name, VALS(val_i64(id)), &r));
	else if (f->type == FIELD_TEAM)
		TRY(tx_query(cx->tx, &team_name, VALS(val_i64(id)), &r));
	else if (f->type == FIELD_COMPANY)
		TRY(tx_query(cx->tx, &company_name,
			VALS(val_i64(id), val_bool(record_reads(cx, ENTITY_COMPANY, "name_en")),
				val_bool(record_reads(cx, ENTITY_COMPANY, "name_zh"))),
			&r));
	else
		return NULL;
	if (rows_count(r) == 1 && !rows_null(r, 0, 0))
		*name_r = rows_text(r, 0, 0);
	return NULL;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* *yours_r: what was typed, as a page shows it; NULL: the record has just that. */
static struct err *
typed_value(const struct record_ctx *cx, const struct record *rec, size_t i,
	struct json_object *typed, const char **yours_r)
{
	const struct field *f = rec->layout->fields[i];
	const char *raw = typed != NULL ? json_object_get_string(typed) : "";
	struct err *wrong = NULL;
	struct value v;

	*yours_r = NULL;
	if (!value_parse(cx->a, f, rec->currency, typed, &v, &wrong)) {
		*yours_r = raw;
		return NULL;
	}
	if (!rec->masked[i] &&
		same(v.null ? NULL : v.text, rec->values[i].null ? NULL : rec->values[i].text))
		return NULL;
	if (v.null)
		*yours_r = "";
	else if (f->type >= FIELD_USER && f->type <= FIELD_CONTACT)
		return reference_name(cx, f, v.text, yours_r);
	else
		*yours_r = value_show(cx->a, f, rec->currency, &v, cx->lang);
	return NULL;
}

static struct err *
add_fields(struct request *rq, const struct record_ctx *cx, const struct record *rec,
	struct json_object *list)
{
	for (size_t i = 0; i < rec->layout->n; i++) {
		const struct field *f = rec->layout->fields[i];
		struct json_object *typed, *o;
		const char *yours;

		if (rec->layout->levels[i] != LEVEL_EDIT || !f->writable ||
			!json_object_object_get_ex(rq->body, f->name, &typed))
			continue;
		TRY(typed_value(cx, rec, i, typed, &yours));
		if (yours == NULL)
			continue;
		o = model_item(list);
		model_text(o, "label", field_label(f, cx->lang));
		model_text(o, "theirs", model_text_of(cx, rec, i));
		model_text(o, "yours", yours);
	}
	return NULL;
}

struct err *
conflict_model(struct request *rq, const struct record_ctx *cx, const struct record *rec,
	struct json_object *page)
{
	struct json_object *o = model_child(page, "conflict");
	const char *who = NULL;
	struct rows *r;

	TRY(tx_query(cx->tx, &saved_by,
		VALS(val_text(entity_name(rec->layout->def->entity)), val_i64(rec->id),
			val_i64(rec->updated_at)),
		&r));
	if (rows_count(r) == 1)
		who = rows_text(r, 0, 0);
	model_text(o, "who",
		who != NULL ? who : view_text(cx->a, cx->lang, "form.conflict_nobody", NULL));
	model_text(o, "when", time_show(cx->a, rec->updated_at, lang_tag(cx->lang)));
	return add_fields(rq, cx, rec, model_list(o, "fields"));
}

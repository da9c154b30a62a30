/* SPDX-License-Identifier: ISC */
#include "case_opinion.h"

#include <string.h>

#include "controls.h"
#include "num.h"

STMT(widen, "opinion.widen", 0, "select gate_widen()");
STMT(find_record, "opinion.find", 3,
	"select r.contact_id, r.opinion_note from (select contact_id, contact_id as id, "
	"opinion_note from contact where $1 = 'contact' and contact_id = $2::bigint and erased_at "
	"is null union all select contact_id, activity_id, opinion_note from activity where $1 = "
	"'activity' and activity_id = $2::bigint union all select contact_id, message_id, "
	"opinion_note from message where $1 = 'message' and message_id = $2::bigint) r where "
	"r.contact_id = any ($3::bigint[])");
STMT(list_records, "opinion.list", 1,
	"(select 'contact' as kind, contact_id as id, coalesce(name_en, name_zh) as name from "
	"contact where contact_id = any ($1::bigint[]) order by contact_id limit 20) union all "
	"(select 'activity', v.activity_id, v.subject from unnest($1::bigint[]) p cross join "
	"lateral (select activity_id, subject from activity a where a.contact_id = p and "
	"a.archived_at is null order by a.happened_at desc, a.activity_id desc limit 50) v) union "
	"all (select 'message', v.message_id, v.subject from unnest($1::bigint[]) p cross join "
	"lateral (select message_id, subject from message m where m.contact_id = p and "
	"m.archived_at is null order by m.happened_at desc, m.message_id desc limit 50) v)");

static bool
parse(const char *text, struct opinion *o)
{
	static const enum entity kinds[] = {ENTITY_CONTACT, ENTITY_ACTIVITY, ENTITY_MESSAGE};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *name = entity_name(kinds[i]);
		size_t n = strlen(name);

		if (strncmp(text, name, n) != 0 || text[n] != ':')
			continue;
		o->entity = kinds[i];
		return num_parse_i64(text + n + 1, 1, INT64_MAX, &o->id);
	}
	return false;
}

static struct err *
find(struct request *rq, const struct privacy_case *c, const struct opinion *o, struct rows **r)
{
	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	return tx_query(rq->tx, &find_record,
		VALS(val_text(entity_name(o->entity)), val_i64(o->id),
			val_i64s(c->contacts, c->ncontacts)),
		r);
}

struct err *
opinion_read(struct request *rq, const struct privacy_case *c, struct opinion *o, struct err **e)
{
	const char *text = request_text(rq, "opinion_of");
	struct rows *r;

	if (text == NULL && c->ncontacts == 1)
		*o = (struct opinion){ENTITY_CONTACT, c->contacts[0], c->contacts[0]};
	else if (text == NULL || !parse(text, o))
		err_add_field(rq->a, e, "opinion_of",
			text == NULL ? "error.required" : "error.reference", NULL);
	if (*e != NULL)
		return NULL;
	TRY(find(rq, c, o, &r));
	if (rows_count(r) == 0)
		err_add_field(rq->a, e, "opinion_of", "error.reference", NULL);
	else
		o->contact = rows_i64(r, 0, 0);
	return NULL;
}

struct err *
opinion_note(
	struct request *rq, const struct privacy_case *c, const struct opinion *o, const char *text)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct changes changes = {.n = 0};
	int64_t version;
	struct rows *r;

	TRY(find(rq, c, o, &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_CONFLICT, "error.request_gone");
	if (!rows_null(r, 0, 1))
		text = arena_printf(rq->a, "%s\n\n%s", rows_text(r, 0, 1), text);
	/* Whoever runs requests need not have the right to change the record otherwise. */
	cx.principal = principal_system(rq->a, "web", rq->principal->user_id);
	changes.list = ARENA_ARRAY(rq->a, 1, struct change);
	changes_set_text(&cx, &changes, o->entity, "opinion_note", text);
	return record_update(&cx, o->entity, o->id, 0, &changes, &version);
}

struct err *
opinion_field(struct request *rq, const struct privacy_case *c, struct json_object *list)
{
	struct json_object *f = case_field(rq, list, "choice", "opinion_of", "");
	struct rows *r;

	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	TRY(tx_query(rq->tx, &list_records, VALS(val_i64s(c->contacts, c->ncontacts)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *kind = rows_text(r, i, 0), *name = rows_text(r, i, 2);

		form_option(f, arena_printf(rq->a, "%s:%s", kind, rows_text(r, i, 1)),
			arena_printf(rq->a, "%s %s%s%s",
				say(rq, arena_printf(rq->a, "entity.%s.one", kind)),
				rows_text(r, i, 1), name != NULL ? " \xc2\xb7 " : "",
				name != NULL ? name : ""));
	}
	return NULL;
}

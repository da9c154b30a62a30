/* SPDX-License-Identifier: ISC */
/* What of that which was found belongs to the case: people, and single records. */
#include "case_find.h"

#include <string.h>

#include "num.h"
#include "sqlb.h"

STMT(widen, "find.widen_added", 0, "select gate_widen()");
STMT(add_people, "find.add_people", 2,
	"insert into request_subject (request_id, contact_id) select $1::bigint, c.contact_id from "
	"contact c where c.contact_id = any ($2::bigint[]) and c.erased_at is null and not exists "
	"(select from request_subject s where s.request_id = $1::bigint and s.contact_id = "
	"c.contact_id) order by 2");
STMT(add_users, "find.add_users", 2,
	"insert into request_subject (request_id, user_id) select $1::bigint, u.user_id from "
	"app_user u where u.user_id = any ($2::bigint[]) and not exists (select from "
	"request_subject s where s.request_id = $1::bigint and s.user_id = u.user_id) order by 2");
STMT(remove_people, "find.remove_people", 2,
	"delete from request_subject where request_id = $1::bigint and contact_id = any "
	"($2::bigint[])");
STMT(remove_users, "find.remove_users", 2,
	"delete from request_subject where request_id = $1::bigint and user_id = any "
	"($2::bigint[])");
STMT(remove_records, "find.remove_records", 3,
	"delete from request_record where request_id = $1::bigint and entity = $2 and record_id "
	"= any ($3::bigint[])");
STMT(link_earlier, "find.link_earlier", 1, "select request_link_earlier($1::bigint)");
STMT(moved, "find.moved", 1,
	"update privacy_request set version = version + 1, updated_at = now() where request_id = "
	"$1::bigint");

/* "message:12" of the list, of one kind: numbers. */
struct chosen {
	const char *kind;
	int64_t ids[FIND_CHOSEN_MAX];
	size_t n;
};

static const char *const kinds[] = {
	"contact", "user", "company", "message", "activity", "attachment", "invoice", "text", NULL};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]) - 1)

static struct chosen *
read_chosen(struct request *rq, const char *name, struct err **e)
{
	struct json_object *list = request_value(rq, name);
	size_t n = list != NULL ? json_object_array_length(list) : 0;
	struct chosen *all = ARENA_ARRAY(rq->a, KINDS, struct chosen);

	for (size_t k = 0; k < KINDS; k++)
		all[k].kind = kinds[k];
	for (size_t i = 0; i < n; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(list, i));
		size_t at = strcspn(text, ":");
		struct chosen *to = NULL;
		int64_t id;

		for (size_t k = 0; k < KINDS; k++)
			if (strlen(kinds[k]) == at && strncmp(kinds[k], text, at) == 0)
				to = &all[k];
		if (to == NULL || text[at] == '\0' ||
			!num_parse_i64(text + at + 1, 1, INT64_MAX, &id)) {
			err_add_field(rq->a, e, name, "error.choice", NULL);
			return all;
		}
		to->ids[to->n++] = id;
	}
	return all;
}

/* Records hang on whom they hang on; an invented number adds nothing. */
static void
add_records(struct request *rq, const struct privacy_case *c, const struct chosen *ch,
	struct rows **rows_r)
{
	bool text = strcmp(ch->kind, "text") == 0;
	const struct entity_def *d = entity_def(text ? ENTITY_CONTACT : entity_parse(ch->kind));
	struct sqlb b;

	sqlb_init(&b, rq->a);
	sqlb_add(&b,
		"insert into request_record (request_id, entity, record_id, contact_id, added_by) "
		"select %s, '%s', r.%s, %s, %s from %s r where r.%s = any (%s) on conflict do "
		"nothing",
		sqlb_val(&b, val_i64(c->id), "bigint"), d->table, d->pk,
		d->child || text ? "r.contact_id" : "null::bigint",
		sqlb_val(&b, val_id(rq->principal->user_id), "bigint"), d->table, d->pk,
		sqlb_val(&b, val_i64s(ch->ids, ch->n), "bigint[]"));
	sqlb_queue(&b, rq->tx, "find.add_records", rows_r);
}

static void
queue_add(struct request *rq, const struct privacy_case *c, const struct chosen *ch,
	struct rows **rows_r)
{
	const struct vals v = VALS(val_i64(c->id), val_i64s(ch->ids, ch->n));

	if (strcmp(ch->kind, "contact") == 0)
		tx_queue(rq->tx, &add_people, v, rows_r);
	else if (strcmp(ch->kind, "user") == 0)
		tx_queue(rq->tx, &add_users, v, rows_r);
	else
		add_records(rq, c, ch, rows_r);
}

static void
queue_remove(struct request *rq, const struct privacy_case *c, const struct chosen *ch,
	struct rows **rows_r)
{
	const struct vals v = VALS(val_i64(c->id), val_i64s(ch->ids, ch->n));
	const char *entity = strcmp(ch->kind, "text") == 0 ? "contact" : ch->kind;

	if (strcmp(ch->kind, "contact") == 0)
		tx_queue(rq->tx, &remove_people, v, rows_r);
	else if (strcmp(ch->kind, "user") == 0)
		tx_queue(rq->tx, &remove_users, v, rows_r);
	else
		tx_queue(rq->tx, &remove_records,
			VALS(val_i64(c->id), val_text(entity), val_i64s(ch->ids, ch->n)), rows_r);
}

static struct err *
change(struct request *rq, const struct privacy_case *c, const struct chosen *add,
	const struct chosen *gone, int64_t *added_r, int64_t *removed_r)
{
	struct rows *in[KINDS] = {NULL}, *out[KINDS] = {NULL};

	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	for (size_t k = 0; k < KINDS; k++) {
		if (gone[k].n > 0)
			queue_remove(rq, c, &gone[k], &out[k]);
		if (add[k].n > 0)
			queue_add(rq, c, &add[k], &in[k]);
	}
	tx_queue(rq->tx, &link_earlier, VALS(val_i64(c->id)), NULL);
	TRY(tx_run(rq->tx));
	*added_r = *removed_r = 0;
	for (size_t k = 0; k < KINDS; k++) {
		*added_r += in[k] != NULL ? rows_affected(in[k]) : 0;
		*removed_r += out[k] != NULL ? rows_affected(out[k]) : 0;
	}
	return NULL;
}

struct err *
find_choose(struct request *rq, struct response *rp)
{
	int64_t added, removed;
	struct json_object *data;
	struct chosen *add, *gone;
	struct privacy_case c;
	struct err *e = NULL;

	TRY(case_load(rq, request_id(rq, 0), &c));
	add = read_chosen(rq, "add", &e);
	gone = read_chosen(rq, "remove", &e);
	if (e != NULL)
		return e;
	if (c.closed_at != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.request_closed");
	TRY(change(rq, &c, add, gone, &added, &removed));
	data = model_object(rq->a);
	model_i64(data, "added", added);
	model_i64(data, "removed", removed);
	if (added + removed > 0) {
		case_note(rq, &c, "found", NULL, data);
		tx_queue(rq->tx, &moved, VALS(val_i64(c.id)), NULL);
	}
	TRY(case_load(rq, c.id, &c));
	case_log(rq, "update", &c);
	response_flash(rp, "flash.saved");
	model_i64(response_data(rp), "added", added);
	model_i64(response_data(rp), "removed", removed);
	if (!rq->api)
		response_go(rp, rq, "/privacy/requests/%lld/find%s%s", (long long)c.id,
			request_text(rq, "query") != NULL ? "?query=" : "",
			request_text(rq, "query") != NULL ? request_text(rq, "query") : "");
	return tx_run(rq->tx);
}

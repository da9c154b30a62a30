/* SPDX-License-Identifier: ISC */
/* What a notice puts out of sight, its copy, and putting it back. */
#include "takedown_part.h"

#include <string.h>

#include "controls.h"
#include "event.h"
#include "token.h"

STMT(add_copy_key, "takedown.copy_key", 1,
	"insert into data_key (purpose, wrapped) values ('takedown', $1) returning key_id");
STMT(copy_of, "takedown.copy", 2, "select contact, copy from takedown_copy($1, $2::bigint)");
STMT(hide, "takedown.hide", 7,
	"select takedown_hide($1::bigint, $2, $3::bigint, $4::bigint, $5::bigint, $6, $7)");
STMT(show_again, "takedown.show", 2, "select takedown_show($1::bigint, $2::bigint)");
STMT(find_evidence, "takedown.evidence", 2,
	"select i.entity, i.record_id, i.contact_id, i.key_id, k.wrapped, i.evidence, i.digest "
	"from takedown_item i left join data_key k on k.key_id = i.key_id "
	"where i.takedown_id = $1::bigint and i.item_id = $2::bigint");
STMT(widen, "takedown.widen", 0, "select gate_widen()");
/* Files that were made before and hold it cannot be read any more, one that is being made
 * is made anew without it; answers that would be given again are forgotten. */
STMT(end_copies, "takedown.end_copies", 1,
	"with e as materialized (select export_id, job_id, state from export where contact_id = "
	"$1::bigint or kind = 'workspace' or (entity in ('message', 'activity', 'attachment') and "
	"export_id in (select export_id from export_record where contact_id = $1::bigint))), "
	"d as (update download set expires_at = now() where destroyed_at is null and (contact_id = "
	"$1::bigint or job_id in (select job_id from e) or (kind = 'request_package' and job_id in "
	"(select j.job_id from request_copy q join job j on j.kind = 'case_package' and "
	"j.args->>'request' = q.request_id::text where q.contact_id = $1::bigint))) returning "
	"key_id), "
	"k as (delete from data_key where key_id in (select key_id from d)), "
	"s as (update export set spoiled = true where export_id in "
	"(select export_id from e where state = 'running')), "
	"r as (delete from replay where contact_id = $1::bigint) select count(*) from d");

static struct err *
keep_copy(struct request *rq, const struct takedown *t, const char *entity, int64_t record,
	const struct rows *copy)
{
	struct record_ctx cx = record_ctx_of(rq);
	unsigned char *sum = arena_alloc(rq->a, DIGEST_BYTES);
	const char *text = rows_text(copy, 0, 1);
	int64_t contact = rows_i64(copy, 0, 0);
	struct digest *d = digest_new(rq->a);
	struct seal_key key;
	struct bytes wrapped = data_key_new(&cx, TAKEDOWN_KEY, &key);
	struct rows *r;

	digest_add(d, text, strlen(text));
	digest_end(d, sum);
	TRY(tx_query(rq->tx, &add_copy_key, VALS(val_bytes(wrapped)), &r));
	key.id = rows_i64(r, 0, 0);
	TRY(tx_query(rq->tx, &hide,
		VALS(val_i64(t->id), val_text(entity), val_i64(record), val_id(contact),
			val_i64(key.id),
			val_bytes(seal_value(rq->a, &key, takedown_place(rq, "evidence", key.id),
				text, strlen(text))),
			val_bytes((struct bytes){sum, DIGEST_BYTES})),
		&r));
	audit_queue_one(rq->tx, rq->a, "update", "takedown", t->id, contact, "taken_down");
	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	tx_queue(rq->tx, &end_copies, VALS(val_i64(contact)), NULL);
	return tx_run(rq->tx);
}

static struct err *
hide_one(struct request *rq, struct response *rp)
{
	int64_t record = request_i64(rq, "record_id", 0);
	const char *entity;
	struct err *e = NULL;
	struct rows *copy;
	struct takedown t;

	TRY(takedown_load(rq, request_id(rq, 0), &t));
	if (t.done_at != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.takedown_done");
	entity = form_word(rq, "entity", takedown_entities, &e);
	if (record == 0)
		err_add_field(rq->a, &e, "record_id", "error.required", NULL);
	if (e == NULL) {
		TRY(tx_query(rq->tx, &copy_of, VALS(val_text(entity), val_i64(record)), &copy));
		if (rows_count(copy) == 0 || rows_null(copy, 0, 1))
			err_add_field(rq->a, &e, "record_id", "error.reference", NULL);
	}
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return takedown_show(rq, rp, &t);
	}
	TRY(keep_copy(rq, &t, entity, record, copy));
	response_flash(rp, "flash.taken_down");
	rp->status = 201;
	TRY(takedown_load(rq, t.id, &t));
	if (rq->api)
		return takedown_show(rq, rp, &t);
	response_go(rp, rq, "/privacy/takedowns/%lld", (long long)t.id);
	return NULL;
}

static struct err *
show_one(struct request *rq, struct response *rp)
{
	struct takedown t;
	struct rows *r;

	TRY(takedown_load(rq, request_id(rq, 0), &t));
	TRY(tx_query(rq->tx, &show_again, VALS(val_i64(t.id), val_i64(request_id(rq, 1))), &r));
	if (!rows_bool(r, 0, 0))
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	audit_queue_one(rq->tx, rq->a, "update", "takedown", t.id, 0, "put_back");
	response_flash(rp, "flash.saved");
	if (rq->api)
		return takedown_show(rq, rp, &t);
	response_go(rp, rq, "/privacy/takedowns/%lld", (long long)t.id);
	return NULL;
}

/* The copy, for whoever has to show it to the Commissioner. */
static struct err *
evidence(struct request *rq, struct response *rp)
{
	struct json_object *data = response_data(rp), *page;
	struct bytes wrapped, plain;
	struct seal_key key;
	struct takedown t;
	struct rows *r;

	TRY(takedown_load(rq, request_id(rq, 0), &t));
	TRY(tx_query(rq->tx, &find_evidence, VALS(val_i64(t.id), val_i64(request_id(rq, 1))), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	wrapped = rows_bytes(rq->a, r, 0, 4);
	if (wrapped.p == NULL)
		return err_new(rq->a, ERR_GONE, "error.evidence_gone");
	if (!key_unwrap(rq->a, &rq->tenant->kek, TAKEDOWN_KEY, wrapped, rows_i64(r, 0, 3), &key) ||
		!unseal_value(rq->a, &key, takedown_place(rq, "evidence", key.id),
			rows_bytes(rq->a, r, 0, 5), &plain))
		return err_internal(rq->a, "a copy kept as evidence cannot be read");
	audit_queue_one(rq->tx, rq->a, "reveal", "takedown", t.id, rows_i64(r, 0, 2), "evidence");
	model_text(data, "entity", rows_text(r, 0, 0));
	model_i64(data, "record_id", rows_i64(r, 0, 1));
	model_text(data, "copy", (const char *)plain.p);
	model_text(data, "digest", hex_encode(rq->a, rows_bytes(rq->a, r, 0, 6).p, DIGEST_BYTES));
	if (rq->api)
		return NULL;
	page = response_page(rp);
	takedown_crumbs(rq, page, true);
	model_text(page, "title", say(rq, "takedown.evidence"));
	return NULL;
}

static const struct param item_params[] = {
	{"entity", P_TEXT, IN_BODY, 0, 20, false},
	{"record_id", P_I64, IN_BODY, 1, 0, false},
	PARAM_END,
};

const struct route takedown_item_routes[] = {
	ROUTE(WRITE, POST, "/privacy/takedowns/{id}/items", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", hide_one, item_params, NULL, "privacy/takedown", "takedown.hide"),
	ROUTE(READ, GET, "/privacy/takedowns/{id}/items/{id}", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"reveal", evidence, NULL, NULL, "privacy/evidence", "takedown.evidence"),
	ROUTE(WRITE, POST, "/privacy/takedowns/{id}/items/{id}/show", ON_BOTH, "",
		RIGHT_RUN_REQUESTS, "update", show_one, NULL, NULL, "", "takedown.show"),
	ROUTE_END,
};

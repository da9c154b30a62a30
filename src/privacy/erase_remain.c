/* SPDX-License-Identifier: ISC */
#include "erase_remain.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "erase.h"
#include "erase_part.h"
#include "event.h"
#include "model.h"

STMT(decisions, "erase_remain.list", 1,
	"select r.entity, r.record_id, r.decision, r.reason, (extract(epoch from r.decided_at) * "
	"1000000)::bigint, u.name from erasure_remain r left join app_user u on u.user_id = "
	"r.decided_by where r.erasure_id = $1::bigint");
STMT(decide, "erase_remain.decide", 5,
	"insert into erasure_remain (erasure_id, entity, record_id, decision, reason) values "
	"($1::bigint, $2, $3::bigint, $4, $5) on conflict (erasure_id, entity, record_id) do "
	"update set decision = excluded.decision, reason = excluded.reason");
/* The text goes with its key: the job finds nothing to send. */
STMT(end_mail, "erase_remain.mail", 1,
	"with o as (update outbox set state = 'failed', error = 'erased', sealed = null, ended_at "
	"= now() where outbox_id = $1::bigint and state = 'waiting' returning key_id) "
	"delete from data_key where key_id in (select key_id from o)");
STMT(end_upload, "erase_remain.upload", 2, "select erasure_file_end($1::bigint, $2::bigint)");
STMT(end_package, "erase_remain.package", 2, "select erasure_package_end($1::bigint, $2::bigint)");

static const char *const choices[] = {"cleared", "kept", NULL};
static const char *const reasons[] = {
	"another_person", "own_record", "law", "claim", "out_of_reach", NULL};

static const char *
text_at(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static int64_t
number_at(struct json_object *o, const char *name)
{
	return json_object_get_int64(json_object_object_get(o, name));
}

/* NULL: it is not in the list. */
static struct json_object *
item_of(struct json_object *remains, const char *entity, int64_t id)
{
	size_t n = remains != NULL ? json_object_array_length(remains) : 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(remains, i);

		if (number_at(o, "id") == id && strcmp(text_at(o, "entity"), entity) == 0)
			return o;
	}
	return NULL;
}

struct err *
erase_remain_decided(const struct record_ctx *cx, int64_t erasure_id, struct json_object *remains)
{
	struct rows *r;

	if (remains == NULL || json_object_array_length(remains) == 0)
		return NULL;
	TRY(tx_query(cx->tx, &decisions, VALS(val_i64(erasure_id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = item_of(remains, rows_text(r, i, 0), rows_i64(r, i, 1));

		if (o == NULL)
			continue;
		model_text(o, "decision", rows_text(r, i, 2));
		model_text(o, "reason", rows_text(r, i, 3));
		model_text(o, "decided_at", time_rfc3339(cx->a, rows_i64(r, i, 4)));
		model_text(o, "decided_by", rows_text(r, i, 5));
	}
	return NULL;
}

/* ---- words */

static const char *
label_of(const struct record_ctx *cx, const char *entity, int64_t id)
{
	static const char *const others[] = {
		"export", "package", "upload", "letter", "outbox", NULL};
	enum entity e = entity_parse(entity);
	const char *key = e != ENTITY_NONE ? arena_printf(cx->a, "entity.%s.one", entity_name(e))
					   : arena_printf(cx->a, "audit.entity_word.%s", entity);

	for (const char *const *k = others; *k != NULL; k++)
		if (strcmp(entity, *k) == 0)
			key = arena_printf(cx->a, "receipt.remain.%s", entity);
	return arena_printf(cx->a, "%s %lld", view_text(cx->a, cx->lang, key, NULL), (long long)id);
}

static const char *
url_of(const struct record_ctx *cx, struct json_object *in, const char *entity, int64_t id)
{
	enum entity e = entity_parse(entity);
	int64_t request = number_at(in, "request");

	if (e != ENTITY_NONE)
		return arena_printf(cx->a, "%s/%lld", entity_def(e)->path, (long long)id);
	if (request != 0)
		return arena_printf(cx->a, "/privacy/requests/%lld", (long long)request);
	if (strcmp(entity, "export") == 0)
		return arena_printf(cx->a, "/exports/%lld", (long long)id);
	if (strcmp(entity, "outbox") == 0)
		return NULL;
	return arena_printf(cx->a, "/privacy/%ss/%lld", entity, (long long)id);
}

void
erase_remain_words(const struct record_ctx *cx, struct json_object *in, struct json_object *o)
{
	const char *entity = text_at(in, "entity"), *decision = text_at(in, "decision"),
		   *reason = text_at(in, "reason"), *at = text_at(in, "decided_at");
	int64_t id = number_at(in, "id");

	model_text(o, "entity", entity);
	model_i64(o, "id", id);
	model_text(o, "label", label_of(cx, entity, id));
	model_text(o, "url", url_of(cx, in, entity, id));
	model_text(o, "decision", decision);
	if (decision == NULL)
		return;
	model_text(o, "word",
		view_text(cx->a, cx->lang, arena_printf(cx->a, "receipt.decided.%s", decision),
			NULL));
	if (reason != NULL)
		model_text(o, "why",
			view_text(cx->a, cx->lang, arena_printf(cx->a, "receipt.why.%s", reason),
				NULL));
	model_text(o, "by", text_at(in, "decided_by"));
	model_text(o, "day", date_show(cx->a, arena_strndup(cx->a, at, 10), lang_tag(cx->lang)));
}

void
erase_remain_form(struct request *rq, struct json_object *page)
{
	struct json_object *list = model_list(page, "why");

	for (const char *const *r = reasons; *r != NULL; r++) {
		struct json_object *o = model_item(list);

		model_text(o, "value", *r);
		model_text(o, "label", say_word(rq, "receipt.why", *r));
	}
}

/* ---- deciding */

struct decision {
	const char *entity, *decision, *reason;
	int64_t id;
};

static struct err *
read_decision(struct request *rq, struct decision *d)
{
	struct err *e = NULL;

	d->entity = request_text(rq, "entity");
	d->id = request_i64(rq, "record_id", 0);
	d->decision = form_word(rq, "decision", choices, &e);
	if (d->entity == NULL)
		err_add_field(rq->a, &e, "entity", "error.required", NULL);
	if (d->id == 0)
		err_add_field(rq->a, &e, "record_id", "error.required", NULL);
	d->reason = d->decision != NULL && strcmp(d->decision, "kept") == 0
			    ? form_word(rq, "reason", reasons, &e)
			    : NULL;
	/* It is in the log book's case, and goes with it. */
	if (d->entity != NULL && d->decision != NULL && strcmp(d->entity, "letter") == 0 &&
		strcmp(d->decision, "cleared") == 0)
		err_add_field(rq->a, &e, "decision", "error.remain_letter", NULL);
	return e;
}

static struct err *
store(struct request *rq, const struct record_ctx *cx, int64_t contact, const struct decision *d)
{
	struct json_object *o = model_object(rq->a);
	bool cleared = strcmp(d->decision, "cleared") == 0;
	struct err *e = NULL;

	TRY(erase_receipt(cx, contact, o));
	if (item_of(json_object_object_get(o, "remains"), d->entity, d->id) == NULL) {
		err_add_field(rq->a, &e, "record_id", "error.reference", NULL);
		return e;
	}
	tx_queue(rq->tx, &decide,
		VALS(val_i64(number_at(o, "id")), val_text(d->entity), val_i64(d->id),
			val_text(d->decision), val_text(d->reason)),
		NULL);
	if (cleared && strcmp(d->entity, "outbox") == 0)
		tx_queue(rq->tx, &end_mail, VALS(val_i64(d->id)), NULL);
	if (cleared && strcmp(d->entity, "upload") == 0)
		tx_queue(rq->tx, &end_upload, VALS(val_i64(number_at(o, "id")), val_i64(d->id)),
			NULL);
	if (cleared && strcmp(d->entity, "package") == 0)
		tx_queue(rq->tx, &end_package, VALS(val_i64(number_at(o, "id")), val_i64(d->id)),
			NULL);
	audit_queue_one(rq->tx, rq->a, "update", "contact", contact, contact,
		cleared ? "remain_cleared" : "remain_kept");
	return tx_run(rq->tx);
}

static struct err *
decide_one(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t contact = request_id(rq, 0);
	struct decision d;
	struct err *e = read_decision(rq, &d);

	if (e == NULL)
		e = store(rq, &cx, contact, &d);
	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (e != NULL) {
		TRY(response_again(rp, rq, e));
		return erase_receipt_show(rq, rp);
	}
	response_flash(rp, "flash.saved");
	if (rq->api)
		return erase_receipt(&cx, contact, response_data(rp));
	response_go(rp, rq, "/contacts/%lld/erase#remains", (long long)contact);
	return NULL;
}

static const struct param params[] = {
	{"entity", P_TEXT, IN_BODY, 0, 20, false},
	{"record_id", P_I64, IN_BODY, 1, INT64_MAX, false},
	{"decision", P_TEXT, IN_BODY, 0, 20, false},
	{"reason", P_TEXT, IN_BODY, 0, 20, false},
	PARAM_END,
};

const struct route erase_remain_routes[] = {
	ROUTE(WRITE, POST, "/contacts/{id}/erase/remains", ON_BOTH, "contact", RIGHT_ERASE,
		"update", decide_one, params, NULL, "privacy/receipt", "erase.remain"),
	ROUTE_END,
};

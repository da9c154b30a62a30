/* SPDX-License-Identifier: ISC */
#include "erase.h"

#include "date.h"
#include "erase_needles.h"
#include "event.h"
#include "hold.h"
#include "job.h"
#include "ledger.h"
#include "log.h"
#include "suppress.h"

/* A request that is open holds the person's data, but for one that is about erasing it. */
STMT(open_requests, "erase.requests", 1,
	"select r.request_id from request_subject s join privacy_request r using (request_id) "
	"where s.contact_id = $1::bigint and r.closed_at is null and r.state <> 'assessing' limit "
	"1");
STMT(lock_person, "erase.lock", 1,
	"select c.version, c.hold, c.erased_at is not null, c.key_id, k.wrapped "
	"from contact c left join data_key k using (key_id) "
	"where c.contact_id = $1::bigint for update of c");
/* From here on nothing of the person is left out because its eraser may not see it. */
STMT(widen, "erase.widen", 0, "select gate_widen()");
STMT(kept_fields, "erase.kept_fields", 1,
	"select field, until::text, law from kept_field where contact_id = $1::bigint "
	"and until >= hk_today() order by until, field");
/* What a rule keeps is marked so from here on, like what somebody marked. */
STMT(mark_kept, "erase.mark", 1, "select retention_mark($1::bigint)");
STMT(insert_erasure, "erase.receipt", 8,
	"insert into erasure (contact_id, reason, erased_by, receipt, needles, next_until, "
	"kept_until, ledger_id) values ($1::bigint, $2, $3::bigint, $4::jsonb, $5, $6::date, "
	"$7::date, $8::bigint) returning erasure_id");

/* Counts and names of fields: nothing here is about the person. */
static struct json_object *
make_receipt(const struct erasing *er, const char **next_r, const char **until_r)
{
	struct json_object *o = model_object(er->cx->a), *cleared = model_child(o, "cleared");
	const struct erase_counts *n = &er->counts;

	json_object_object_add(cleared, "fields", json_object_get(er->cleared));
	model_i64(cleared, "messages", rows_affected(n->messages));
	model_i64(cleared, "activities", rows_affected(n->activities));
	model_i64(cleared, "attachments", rows_affected(n->files));
	model_i64(cleared, "exports", rows_affected(n->downloads) + rows_i64(n->lists, 0, 0));
	model_bool(cleared, "old_values", true);
	erase_kept_list(er, n->stays, model_list(o, "kept"), next_r, until_r);
	return o;
}

/* Nobody makes the person anew from an old list. */
static void
suppress(const struct erasing *er)
{
	const struct record_ctx *cx = er->cx;
	const char **texts =
		ARENA_ARRAY(cx->a, (size_t)json_object_object_length(er->values) + 1, const char *);
	size_t n = 0;

	json_object_object_foreach(er->values, name, v)
	{
		const struct field *f = catalogue_find(cx->cat, ENTITY_CONTACT, name);

		if (v != NULL && f != NULL && suppress_field(f))
			texts[n++] = json_object_get_string(v);
	}
	/* Their own row is cleared before: it is written once. */
	suppress_add(cx, "erased", texts, n, NULL, 0);
}

static void
ask(struct erasing *er)
{
	const struct vals id = VALS(val_i64(er->contact_id));

	tx_queue(er->cx->tx, &mark_kept, id, NULL);
	tx_queue(er->cx->tx, &kept_fields, id, &er->kept);
	erase_values_queue(er);
	erase_keep_queue(er);
}

static struct err *
clear(struct erasing *er)
{
	erase_values(er);
	er->needles = needles_seal(er);
	TRY(erase_keep(er));
	erase_clear(er);
	suppress(er);
	audit_queue_one(er->cx->tx, er->cx->a, "erase", "contact", er->contact_id, er->contact_id,
		er->reason);
	return NULL;
}

static struct err *
note(struct erasing *er)
{
	const struct record_ctx *cx = er->cx;
	const char *next, *until;
	struct json_object *receipt = make_receipt(er, &next, &until);

	tx_queue(cx->tx, &insert_erasure,
		VALS(val_i64(er->contact_id), val_text(er->reason), val_id(cx->principal->user_id),
			val_text(json_object_to_json_string_ext(receipt, JSON_C_TO_STRING_PLAIN)),
			val_bytes(er->needles), val_text(next), val_text(until),
			val_i64(er->ledger)),
		&er->made);
	/* Few have anything that a law keeps. */
	if (er->ndays + er->ntexts == 0)
		return NULL;
	TRY(tx_run(cx->tx));
	erase_keep_store(er, erase_number(er));
	return NULL;
}

struct err *
erase_together(struct erasing *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ask(&list[i]);
	TRY(tx_run(list->cx->tx));
	for (size_t i = 0; i < n; i++)
		TRY(clear(&list[i]));
	TRY(tx_run(list->cx->tx));
	for (size_t i = 0; i < n; i++)
		TRY(note(&list[i]));
	return NULL;
}

int64_t
erase_number(struct erasing *er)
{
	if (er->made != NULL)
		er->erasure = rows_i64(er->made, 0, 0);
	return er->erasure;
}

void
erase_take(struct erasing *er, const struct rows *row, size_t wrapped, size_t key_id)
{
	const struct record_ctx *cx = er->cx;

	er->has_key = !rows_null(row, 0, wrapped) && key_unwrap(cx->a, &cx->tenant->kek, "person",
							     rows_bytes(cx->a, row, 0, wrapped),
							     rows_i64(row, 0, key_id), &er->key);
}

/* May this person be erased, now and by this order? */
static struct err *
lock(struct erasing *er, int64_t version)
{
	const struct record_ctx *cx = er->cx;
	struct rows *row, *held;

	TRY(tx_query(cx->tx, &lock_person, VALS(val_i64(er->contact_id)), &row));
	if (rows_count(row) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	if (rows_bool(row, 0, 2))
		return err_new(cx->a, ERR_CONFLICT, "error.erased");
	if (rows_bool(row, 0, 1))
		return hold_refusal(cx, er->contact_id);
	if (version != 0 && version != rows_i64(row, 0, 0))
		return err_new(cx->a, ERR_STALE, NULL);
	tx_queue(cx->tx, &widen, NO_VALS, NULL);
	TRY(tx_query(cx->tx, &open_requests, VALS(val_i64(er->contact_id)), &held));
	if (rows_count(held) > 0)
		return err_new(cx->a, ERR_CONFLICT, "error.request_hold");
	erase_take(er, row, 4, 3);
	return NULL;
}

static struct err *
carry_out(struct erasing *er, struct json_object *receipt)
{
	const struct record_ctx *cx = er->cx;
	int64_t number;

	TRY(erase_together(er, 1));
	TRY(tx_run(cx->tx));
	number = erase_number(er);
	TRY(erase_queue_scan(cx->tx, cx->a, number, number, cx->principal->user_id));
	TRY(erase_receipt(cx, er->contact_id, receipt));
	return tx_commit(cx->tx);
}

struct err *
erase_person(const struct record_ctx *cx, struct tenancy *t, const struct erase_order *order,
	struct json_object *receipt)
{
	struct erasing er = {.cx = cx, .contact_id = order->contact_id, .reason = order->reason};
	struct err *e;

	TRY(lock(&er, order->version));
	TRY(ledger_intend(t, cx->a, cx->tenant, order->contact_id, &er.ledger));
	e = carry_out(&er, receipt);
	if (e != NULL) {
		/* The order stands: the worker carries it out, whatever went wrong here. */
		e->kind = e->kind == ERR_INTERNAL ? ERR_INTERNAL : ERR_BUSY;
		e->key = "error.erase_ordered";
		return e;
	}
	/* From here it is done; an unclosed ledger entry is closed by the worker. */
	if (ledger_close(t, cx->a, &er.ledger, 1) != NULL)
		log_warn("erasure by ledger entry %lld: closed there later", (long long)er.ledger);
	return NULL;
}

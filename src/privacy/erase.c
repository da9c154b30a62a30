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
#define LOCK_PERSON \
	"select c.version, c.hold, c.erased_at is not null, c.key_id, k.wrapped " \
	"from contact c left join data_key k using (key_id) " \
	"where c.contact_id = $1::bigint for update of c"
STMT(lock_person, "erase.lock", 1, LOCK_PERSON);
/* Whoever has it may be erasing it right now. */
STMT(lock_if_free, "erase.lock_if_free", 1, LOCK_PERSON " nowait");
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
make_receipt(const struct erasing *er, const struct erase_counts *n, const char **next_r,
	const char **until_r)
{
	struct json_object *o = model_object(er->cx->a), *cleared = model_child(o, "cleared");

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
	suppress_add(cx, "erased", texts, n, &er->contact_id, 1);
}

static struct err *
erase_in_tx(struct erasing *er, const struct erase_order *order, int64_t ledger)
{
	const struct record_ctx *cx = er->cx;
	const char *next, *until;
	struct json_object *receipt;
	struct erase_counts n;
	struct bytes needles;
	struct rows *made;

	TRY(erase_read_values(er));
	needles = needles_seal(er);
	TRY(erase_keep(er));
	suppress(er);
	erase_clear(er, &n);
	audit_queue_one(
		cx->tx, cx->a, "erase", "contact", er->contact_id, er->contact_id, order->reason);
	TRY(tx_run(cx->tx));
	receipt = make_receipt(er, &n, &next, &until);
	TRY(tx_query(cx->tx, &insert_erasure,
		VALS(val_i64(er->contact_id), val_text(order->reason),
			val_id(cx->principal->user_id),
			val_text(json_object_to_json_string_ext(receipt, JSON_C_TO_STRING_PLAIN)),
			val_bytes(needles), val_text(next), val_text(until), val_i64(ledger)),
		&made));
	er->erasure = rows_i64(made, 0, 0);
	erase_keep_store(er, er->erasure);
	/* Of those that are done in a row one search follows for all. */
	return order->ledger_id == 0 ? erase_queue_scan(cx->tx, cx->a, er->erasure, er->erasure,
					       cx->principal->user_id)
				     : NULL;
}

/* May this person be erased, now and by this order? */
static struct err *
lock(struct erasing *er, const struct erase_order *order)
{
	const struct record_ctx *cx = er->cx;
	struct rows *row, *held;

	TRY(tx_query(cx->tx, order->ledger_id != 0 ? &lock_if_free : &lock_person,
		VALS(val_i64(er->contact_id)), &row));
	if (rows_count(row) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	if (rows_bool(row, 0, 2))
		return err_new(cx->a, ERR_CONFLICT, "error.erased");
	if (rows_bool(row, 0, 1))
		return hold_refusal(cx, er->contact_id);
	if (order->version != 0 && order->version != rows_i64(row, 0, 0))
		return err_new(cx->a, ERR_STALE, NULL);
	tx_queue(cx->tx, &widen, NO_VALS, NULL);
	TRY(tx_query(cx->tx, &open_requests, VALS(val_i64(er->contact_id)), &held));
	if (rows_count(held) > 0)
		return err_new(cx->a, ERR_CONFLICT, "error.request_hold");
	tx_queue(cx->tx, &mark_kept, VALS(val_i64(er->contact_id)), NULL);
	TRY(tx_query(cx->tx, &kept_fields, VALS(val_i64(er->contact_id)), &er->kept));
	er->has_key = !rows_null(row, 0, 4) &&
		      key_unwrap(cx->a, &cx->tenant->kek, "person", rows_bytes(cx->a, row, 0, 4),
			      rows_i64(row, 0, 3), &er->key);
	return NULL;
}

static struct err *
carry_out(
	struct erasing *er, const struct erase_order *order, int64_t ledger, struct json_object *o)
{
	TRY(erase_in_tx(er, order, ledger));
	if (o != NULL)
		TRY(erase_receipt(er->cx, er->contact_id, o));
	return tx_commit(er->cx->tx);
}

/* The intent is there, in *ledger; *erasure_r: number of the receipt. */
static struct err *
erase_one(const struct record_ctx *cx, struct tenancy *t, const struct erase_order *order,
	struct json_object *receipt, int64_t *ledger, int64_t *erasure_r)
{
	struct erasing er = {.cx = cx, .contact_id = order->contact_id};
	struct err *e;

	er.values = model_object(cx->a);
	er.cleared = model_own(cx->a, json_object_new_array());
	TRY(lock(&er, order));
	if (*ledger == 0)
		TRY(ledger_intend(t, cx->a, cx->tenant, order->contact_id, ledger));
	e = carry_out(&er, order, *ledger, receipt);
	*erasure_r = er.erasure;
	if (e != NULL) {
		/* The order stands: the worker carries it out, whatever went wrong here. */
		e->kind = e->kind == ERR_INTERNAL ? ERR_INTERNAL : ERR_BUSY;
		e->key = "error.erase_ordered";
	}
	return e;
}

struct err *
erase_person(const struct record_ctx *cx, struct tenancy *t, const struct erase_order *order,
	struct json_object *receipt)
{
	int64_t ledger = order->ledger_id, erasure;

	TRY(erase_one(cx, t, order, receipt, &ledger, &erasure));
	/* From here it is done; an unclosed ledger entry is closed by the worker. */
	if (ledger_close(t, cx->a, &ledger, 1) != NULL)
		log_warn("erasure by ledger entry %lld: closed there later", (long long)ledger);
	return NULL;
}

/* An order is about nobody whose record was made after it: a workspace that was restored
 * gives out numbers once more. Two databases' clocks may differ by a little. */
STMT(is_erased, "erase.is_erased", 2,
	"select erased_at is not null or created_at > to_timestamp($2::bigint / 1000000.0) + "
	"interval '10 seconds' from contact where contact_id = $1::bigint");
STMT(enter_worker, "erase.enter", 1, "select gate_system('worker', null, $1)");

/* What a run of the worker did: closed in the ledger at once, and one search for all. */
struct resumed {
	int64_t *ledgers;
	size_t n;
	int64_t first, last; /* erasures; 0: none */
};

static struct err *
resume_one(struct record_ctx *cx, struct tenancy *t, struct conn *c, const struct ledger_entry *l,
	struct resumed *done)
{
	struct erase_order order = {
		.contact_id = l->contact_id, .reason = "resumed", .ledger_id = l->id};
	int64_t ledger = l->id, erasure;
	struct rows *row;

	TRY(tx_begin(c, cx->a, &enter_worker, VALS(val_text("erase.resume")), &cx->tx));
	TRY(tx_query(
		cx->tx, &is_erased, VALS(val_i64(order.contact_id), val_i64(l->intent_at)), &row));
	if (rows_count(row) > 0 && !rows_bool(row, 0, 0)) {
		TRY(erase_one(cx, t, &order, NULL, &ledger, &erasure));
		done->first = done->first == 0 ? erasure : done->first;
		done->last = erasure;
	}
	done->ledgers[done->n++] = l->id;
	return NULL;
}

static struct err *
search_for_them(const struct record_ctx *cx, struct conn *c, const struct resumed *done)
{
	struct record_ctx mine = *cx;
	struct err *e;

	if (done->first == 0)
		return NULL;
	e = tx_begin(c, cx->a, &enter_worker, VALS(val_text("erase.resume")), &mine.tx);
	if (e == NULL)
		e = erase_queue_scan(mine.tx, cx->a, done->first, done->last, 0);
	if (e == NULL)
		e = tx_commit(mine.tx);
	tx_end(&mine.tx);
	return e;
}

struct err *
erase_resume(const struct record_ctx *cx, struct tenancy *t, struct conn *c, size_t *left_r)
{
	struct resumed done = {0};
	struct ledger_entry *open;
	size_t n;

	*left_r = 0;
	ledger_copy(t, cx->a, cx->tenant);
	TRY(ledger_open(t, cx->a, cx->tenant, &open, &n));
	done.ledgers = ARENA_ARRAY(cx->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++) {
		struct record_ctx mine = *cx;
		struct err *e = resume_one(&mine, t, c, &open[i], &done);

		tx_end(&mine.tx);
		if (e == NULL)
			continue;
		/* A hold set since, or a record in use: the next run tries again. */
		++*left_r;
		log_warn("ledger entry %lld is still open: %s", (long long)open[i].id,
			err_name(e->kind));
	}
	/* Cut off before this, the chore that looks after erasures begins the search. */
	TRY(search_for_them(cx, c, &done));
	return done.n > 0 ? ledger_close(t, cx->a, done.ledgers, done.n) : NULL;
}

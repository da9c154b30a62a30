/* SPDX-License-Identifier: ISC */
#include "erase.h"

#include <string.h>

#include "event.h"
#include "job.h"
#include "log.h"
#include "sqlb.h"
#include "utf8.h"

STMT(lock_person, "erase.lock", 1,
	"select c.version, c.hold, c.erased_at is not null, c.key_id, k.wrapped "
	"from contact c left join data_key k using (key_id) where c.contact_id = $1::bigint for "
	"update of c");
STMT(kept_fields, "erase.kept_fields", 1,
	"select field, until::text, law from kept_field where contact_id = $1::bigint and until >= "
	"current_date");
STMT(ledger_intent, "ledger.intent", 2,
	"insert into erasure_ledger (tenant_id, contact_id) values ($1::bigint, $2::bigint) "
	"returning ledger_id");
STMT(ledger_done, "ledger.done", 1,
	"update erasure_ledger set done_at = now() where ledger_id = $1::bigint and done_at is "
	"null");
STMT(ledger_open, "ledger.open", 1,
	"select ledger_id, contact_id from erasure_ledger where tenant_id = $1::bigint and done_at "
	"is null "
	"order by ledger_id limit 100");
STMT(insert_key, "erase.kept_key", 3,
	"insert into data_key (contact_id, purpose, wrapped, keep_until) values ($1::bigint, "
	"'kept', $2, $3::date) "
	"returning key_id");
STMT(kept_files, "erase.kept_files", 1,
	"select attachment_id, object_key from attachment where contact_id = $1::bigint "
	"and kept_until >= current_date and object_key is not null");
STMT(rekey_file, "erase.rekey_file", 2,
	"update attachment set object_key = $2 where attachment_id = $1::bigint");
STMT(drop_key, "erase.drop_key", 1,
	"delete from data_key where contact_id = $1::bigint and purpose = 'person'");
STMT(empty_messages, "erase.messages", 1,
	"update message set subject = null, body = null, sender = null, recipients = null, "
	"mail_key = null, "
	"version = version + 1, updated_at = now() where contact_id = $1::bigint "
	"and (kept_until is null or kept_until < current_date)");
STMT(empty_activities, "erase.activities", 1,
	"update activity set subject = null, body = null, version = version + 1, updated_at = "
	"now() "
	"where contact_id = $1::bigint and (kept_until is null or kept_until < current_date)");
STMT(close_files, "erase.files", 1,
	"update attachment set file_name = null, content_type = null, sha256 = null, object_key = "
	"null, "
	"version = version + 1, updated_at = now() where contact_id = $1::bigint "
	"and (kept_until is null or kept_until < current_date)");
STMT(end_downloads, "erase.downloads", 1,
	"update download set expires_at = now() where contact_id = $1::bigint and destroyed_at is "
	"null");
/* Searches may hold the name in words; they live a day at most, so all go. */
STMT(drop_queries, "erase.queries", 0, "delete from stored_query");
STMT(drop_replays, "erase.replays", 1, "delete from replay where contact_id = $1::bigint");
STMT(drop_reveals, "erase.reveals", 1, "delete from reveal where contact_id = $1::bigint");
STMT(drop_kept, "erase.kept_rows", 1, "delete from kept_field where contact_id = $1::bigint");
/* What stays, with law and last day, for the receipt. */
STMT(what_stays, "erase.stays", 1,
	"select 'message', count(*), max(kept_until)::text, min(kept_law) from message "
	"where contact_id = $1::bigint and kept_until >= current_date union all "
	"select 'activity', count(*), max(kept_until)::text, min(kept_law) from activity "
	"where contact_id = $1::bigint and kept_until >= current_date union all "
	"select 'attachment', count(*), max(kept_until)::text, min(kept_law) from attachment "
	"where contact_id = $1::bigint and kept_until >= current_date union all "
	"select 'bill_to', count(*), max(keep_until)::text, 'Cap. 112 s.51C' from invoice "
	"where contact_id = $1::bigint and bill_to is not null union all "
	"select 'invoice', count(*), null, null from invoice where contact_id = $1::bigint");
STMT(insert_erasure, "erase.receipt", 9,
	"insert into erasure (contact_id, reason, erased_by, receipt, needles, kept, kept_key_id, "
	"kept_until, "
	"ledger_id) values ($1::bigint, $2, $3::bigint, $4::jsonb, $5, $6, $7::bigint, $8::date, "
	"$9::bigint) "
	"returning erasure_id");

/* One erasure under way. */
struct erasing {
	const struct record_ctx *cx;
	int64_t contact_id;
	struct seal_key key; /* the person's, to be destroyed */
	bool has_key;
	struct rows *kept;           /* fields a law keeps */
	struct json_object *values;  /* every value of the person, by field */
	struct json_object *cleared; /* names of the fields cleared */
};

/* Personal by its tag, or text, which can always name somebody. */
static bool
field_is_erased(const struct field *f)
{
	if (field_is_personal(f))
		return true;
	return f->type == FIELD_TEXT || f->type == FIELD_LONG_TEXT || f->type == FIELD_EMAIL ||
	       f->type == FIELD_PHONE || f->type == FIELD_URL || f->type == FIELD_TAGS ||
	       f->type == FIELD_HKID;
}

static bool
is_erasable(const struct record_ctx *cx, size_t i)
{
	const struct field *f = &cx->cat->fields[i];

	/* Switched off or not: what holds values is erased. */
	return f->entity == ENTITY_CONTACT && strcmp(f->state, "adding") != 0 && field_is_erased(f);
}

/* Reads all that will go: for the needles of the scan and for what is kept. */
static struct err *
read_values(struct erasing *er)
{
	const struct record_ctx *cx = er->cx;
	struct rows *rows;
	struct sqlb b;
	size_t col = 0;

	sqlb_init(&b, cx->a);
	sqlb_add(&b, "select 1");
	for (size_t i = 0; i < cx->cat->n; i++)
		if (is_erasable(cx, i))
			sqlb_add(&b, ", %s", value_column(cx->a, &cx->cat->fields[i], "r"));
	sqlb_add(&b, " from contact r where r.contact_id = %s",
		sqlb_val(&b, val_i64(er->contact_id), "bigint"));
	sqlb_queue(&b, cx->tx, "erase.values", &rows);
	TRY(tx_run(cx->tx));
	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];
		struct value v;

		if (!is_erasable(cx, i))
			continue;
		col++;
		if (rows_null(rows, 0, col))
			continue;
		if (f->sealed) {
			struct bytes plain = {NULL, 0};

			if (er->has_key)
				unseal_value(cx->a, &er->key, seal_place(cx->a, f, er->contact_id),
					rows_bytes(cx->a, rows, 0, col), &plain);
			value_from_text(cx->a, f, (const char *)plain.p, &v);
		} else {
			value_from_row(cx->a, f, rows, 0, col, &v);
		}
		model_text(er->values, f->name, v.text);
		model_push_text(er->cleared, f->name);
	}
	return NULL;
}

/* What the scan looks for: values long enough not to match by accident. */
static struct bytes
make_needles(const struct erasing *er)
{
	const struct record_ctx *cx = er->cx;
	struct json_object *list = model_own(cx->a, json_object_new_array());
	const char *text;

	json_object_object_foreach(er->values, name, v)
	{
		const struct field *f = catalogue_find(cx->cat, ENTITY_CONTACT, name);

		if (v == NULL || f->type == FIELD_CHOICE || f->type == FIELD_TAGS ||
			f->type == FIELD_BOOLEAN || f->type == FIELD_COMPANY ||
			f->type == FIELD_MONEY)
			continue;
		if (utf8_length(json_object_get_string(v)) >= 3)
			json_object_array_add(list, json_object_get(v));
	}
	text = json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN);
	return seal_value(cx->a, &cx->tenant->kek,
		arena_printf(cx->a, "needles|%lld", (long long)er->contact_id), text, strlen(text));
}

/* The fields a law keeps, sealed under a key that dies on the law's last day. */
static struct err *
keep_by_law(struct erasing *er, const char *until, struct bytes *sealed_r, struct seal_key *key_r)
{
	const struct record_ctx *cx = er->cx;
	struct json_object *o = model_object(cx->a);
	struct rows *made, *files;
	struct bytes wrapped;
	const char *text;

	wrapped = data_key_new(cx, "kept", key_r);
	TRY(tx_query(cx->tx, &insert_key,
		VALS(val_i64(er->contact_id), val_bytes(wrapped), val_text(until)), &made));
	key_r->id = rows_i64(made, 0, 0);
	for (size_t i = 0; i < rows_count(er->kept); i++) {
		struct json_object *v;

		if (json_object_object_get_ex(er->values, rows_text(er->kept, i, 0), &v) &&
			v != NULL)
			json_object_object_add(o, rows_text(er->kept, i, 0), json_object_get(v));
	}
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	*sealed_r = seal_value(cx->a, key_r,
		arena_printf(cx->a, "erasure.kept|%lld", (long long)er->contact_id), text,
		strlen(text));
	TRY(tx_query(cx->tx, &kept_files, VALS(val_i64(er->contact_id)), &files));
	for (size_t i = 0; i < rows_count(files); i++) {
		const char *place = arena_printf(
			cx->a, "attachment.object_key|%lld", (long long)rows_i64(files, i, 0));
		struct bytes plain;

		if (!unseal_value(cx->a, &er->key, place, rows_bytes(cx->a, files, i, 1), &plain))
			continue;
		tx_queue(cx->tx, &rekey_file,
			VALS(val_i64(rows_i64(files, i, 0)),
				val_bytes(seal_value(cx->a, key_r, place, plain.p, plain.n))),
			NULL);
	}
	return tx_run(cx->tx);
}

/* Columns become neutral; the name a code that says nothing of the person. */
static void
neutralise(const struct erasing *er)
{
	const struct record_ctx *cx = er->cx;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b,
		"update contact set key_id = null, hold = false, vip = false, import_id = null, "
		"version = version + 1, updated_at = now(), erased_at = now(), "
		"archived_at = coalesce(archived_at, now())");
	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];

		if (!is_erasable(cx, i))
			continue;
		if (strcmp(f->name, "name_en") == 0)
			sqlb_add(&b, ", name_en = %s",
				sqlb_val(&b,
					val_text(arena_printf(cx->a, "Erased person %lld",
						(long long)er->contact_id)),
					"text"));
		else if (f->type == FIELD_BOOLEAN)
			sqlb_add(&b, ", %s = %s", f->column, f->builtin ? "false" : "null");
		else
			sqlb_add(&b, ", %s = null", f->column);
		if (f->sealed)
			sqlb_add(&b, ", %s_bi = null", f->column);
	}
	sqlb_add(&b, " where contact_id = %s", sqlb_val(&b, val_i64(er->contact_id), "bigint"));
	sqlb_queue(&b, cx->tx, "erase.contact", NULL);
}

struct counts {
	struct rows *messages, *activities, *files, *downloads, *stays;
};

static void
clear_around(const struct erasing *er, struct counts *n)
{
	struct tx *tx = er->cx->tx;
	const struct val *id = VALS(val_i64(er->contact_id));

	tx_queue(tx, &drop_key, id, NULL);
	neutralise(er);
	tx_queue(tx, &empty_messages, id, &n->messages);
	tx_queue(tx, &empty_activities, id, &n->activities);
	tx_queue(tx, &close_files, id, &n->files);
	tx_queue(tx, &end_downloads, id, &n->downloads);
	tx_queue(tx, &drop_queries, NO_VALS, NULL);
	tx_queue(tx, &drop_replays, id, NULL);
	tx_queue(tx, &drop_reveals, id, NULL);
	tx_queue(tx, &drop_kept, id, NULL);
	tx_queue(tx, &what_stays, id, &n->stays);
}

static void
add_kept(struct json_object *kept, const char *what, int64_t count, const char *law,
	const char *until)
{
	struct json_object *o = model_item(kept);

	model_text(o, "what", what);
	model_i64(o, "count", count);
	model_text(o, "law", law);
	model_text(o, "until", until);
}

/* Counts and names of fields: nothing here is about the person. */
static const char *
make_receipt(const struct erasing *er, const struct counts *n, const char **until_r)
{
	struct json_object *o = model_object(er->cx->a), *cleared = model_child(o, "cleared");
	struct json_object *kept = model_list(o, "kept");

	json_object_object_add(cleared, "fields", json_object_get(er->cleared));
	model_i64(cleared, "messages", rows_affected(n->messages));
	model_i64(cleared, "activities", rows_affected(n->activities));
	model_i64(cleared, "attachments", rows_affected(n->files));
	model_i64(cleared, "exports", rows_affected(n->downloads));
	model_bool(cleared, "old_values", true);
	*until_r = NULL;
	for (size_t i = 0; i < rows_count(er->kept); i++) {
		add_kept(kept, arena_printf(er->cx->a, "field:%s", rows_text(er->kept, i, 0)), 1,
			rows_text(er->kept, i, 2), rows_text(er->kept, i, 1));
		if (*until_r == NULL || strcmp(rows_text(er->kept, i, 1), *until_r) > 0)
			*until_r = rows_text(er->kept, i, 1);
	}
	for (size_t i = 0; i < rows_count(n->stays); i++) {
		const char *until = rows_text(n->stays, i, 2);

		if (rows_i64(n->stays, i, 1) == 0)
			continue;
		add_kept(kept, rows_text(n->stays, i, 0), rows_i64(n->stays, i, 1),
			rows_text(n->stays, i, 3), until);
		if (until != NULL && (*until_r == NULL || strcmp(until, *until_r) > 0))
			*until_r = until;
	}
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
}

static struct err *
queue_scan(const struct erasing *er, int64_t erasure)
{
	const struct record_ctx *cx = er->cx;
	struct json_object *args = model_object(cx->a);
	int64_t job;

	model_i64(args, "erasure", erasure);
	return job_enqueue(cx->tx, cx->a, "erase_scan", args,
		arena_printf(cx->a, "erase_scan|%lld", (long long)erasure), cx->principal->user_id,
		&job);
}

static struct err *
erase_in_tx(struct erasing *er, const struct erase_order *order, int64_t ledger, int64_t *erasure_r)
{
	const struct record_ctx *cx = er->cx;
	struct bytes kept = {NULL, 0}, needles;
	struct seal_key kept_key = {0};
	struct counts n;
	struct rows *made;
	const char *receipt, *until;

	TRY(read_values(er));
	needles = make_needles(er);
	/* The last day of anything kept is known only from all of it; a key that
	 * outlives it by nothing is given the longest. */
	TRY(tx_query(cx->tx, &what_stays, VALS(val_i64(er->contact_id)), &n.stays));
	until = NULL;
	for (size_t i = 0; i < rows_count(er->kept); i++)
		if (until == NULL || strcmp(rows_text(er->kept, i, 1), until) > 0)
			until = rows_text(er->kept, i, 1);
	for (size_t i = 0; i < rows_count(n.stays); i++)
		if (strcmp(rows_text(n.stays, i, 0), "attachment") == 0 &&
			!rows_null(n.stays, i, 2) &&
			(until == NULL || strcmp(rows_text(n.stays, i, 2), until) > 0))
			until = rows_text(n.stays, i, 2);
	if (until != NULL && er->has_key)
		TRY(keep_by_law(er, until, &kept, &kept_key));
	clear_around(er, &n);
	audit_queue_one(
		cx->tx, cx->a, "erase", "contact", er->contact_id, er->contact_id, order->reason);
	TRY(tx_run(cx->tx));
	receipt = make_receipt(er, &n, &until);
	TRY(tx_query(cx->tx, &insert_erasure,
		VALS(val_i64(er->contact_id), val_text(order->reason),
			val_id(cx->principal->user_id), val_text(receipt), val_bytes(needles),
			val_bytes(kept), val_id(kept_key.id), val_text(until), val_i64(ledger)),
		&made));
	*erasure_r = rows_i64(made, 0, 0);
	return queue_scan(er, *erasure_r);
}

struct err *
erase_person(const struct record_ctx *cx, struct tenancy *t, const struct erase_order *order,
	struct json_object *receipt)
{
	struct erasing er = {.cx = cx, .contact_id = order->contact_id};
	int64_t ledger = order->ledger_id;
	struct rows *row, *made;
	struct conn *cell;
	int64_t erasure;

	er.values = model_object(cx->a);
	er.cleared = model_own(cx->a, json_object_new_array());
	tx_queue(cx->tx, &kept_fields, VALS(val_i64(order->contact_id)), &er.kept);
	TRY(tx_query(cx->tx, &lock_person, VALS(val_i64(order->contact_id)), &row));
	if (rows_count(row) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	if (rows_bool(row, 0, 2))
		return err_new(cx->a, ERR_CONFLICT, "error.erased");
	if (rows_bool(row, 0, 1))
		return err_new(cx->a, ERR_CONFLICT, "error.hold");
	if (order->version != 0 && order->version != rows_i64(row, 0, 0))
		return err_new(cx->a, ERR_STALE, NULL);
	er.has_key = !rows_null(row, 0, 4) &&
		     key_unwrap(cx->a, &cx->tenant->kek, "person", rows_bytes(cx->a, row, 0, 4),
			     rows_i64(row, 0, 3), &er.key);
	TRY(cell_conn(t, cx->a, &cell));
	if (ledger == 0) {
		TRY(conn_query(cell, cx->a, &ledger_intent,
			VALS(val_i64(cx->tenant->id), val_i64(order->contact_id)), &made));
		ledger = rows_i64(made, 0, 0);
	}
	TRY(erase_in_tx(&er, order, ledger, &erasure));
	if (receipt != NULL)
		TRY(erase_receipt(cx, order->contact_id, receipt));
	TRY(tx_commit(cx->tx));
	/* From here it is done; an unclosed ledger entry is closed by the worker. */
	if (conn_query(cell, cx->a, &ledger_done, VALS(val_i64(ledger)), NULL) != NULL)
		log_warn("erasure %lld: the ledger is closed later", (long long)erasure);
	return NULL;
}

STMT(is_erased, "erase.is_erased", 1,
	"select erased_at is not null from contact where contact_id = $1::bigint");
STMT(enter_worker, "erase.enter", 1, "select gate_system('worker', null, $1)");

struct err *
erase_resume(const struct record_ctx *cx, struct tenancy *t, struct conn *c)
{
	struct rows *open, *row;
	struct conn *cell;

	TRY(cell_conn(t, cx->a, &cell));
	TRY(conn_query(cell, cx->a, &ledger_open, VALS(val_i64(cx->tenant->id)), &open));
	for (size_t i = 0; i < rows_count(open); i++) {
		struct erase_order order = {.reason = "resumed"};
		struct record_ctx mine = *cx;
		struct err *e = NULL;

		order.ledger_id = rows_i64(open, i, 0);
		order.contact_id = rows_i64(open, i, 1);
		TRY(tx_begin(c, cx->a, &enter_worker, VALS(val_text("erase.resume")), &mine.tx));
		e = tx_query(mine.tx, &is_erased, VALS(val_i64(order.contact_id)), &row);
		if (e == NULL && (rows_count(row) == 0 || rows_bool(row, 0, 0)))
			e = conn_query(
				cell, cx->a, &ledger_done, VALS(val_i64(order.ledger_id)), NULL);
		else if (e == NULL)
			e = erase_person(&mine, t, &order, NULL);
		tx_end(&mine.tx);
		/* A hold set since, or a record in use: the next run tries again. */
		if (e != NULL)
			log_warn("ledger entry %lld is still open: %s", (long long)order.ledger_id,
				err_name(e->kind));
	}
	return NULL;
}

/* SPDX-License-Identifier: ISC */
#include "kept_law.h"

#include <string.h>

#include "erase_part.h"
#include "event.h"
#include "invoice.h"

/* The right for it is that to a person's whole file, as for an export of it. */
STMT(widen, "kept_law.widen", 0, "select gate_widen()");
STMT(days, "kept_law.fields", 1,
	"select t.until::text, t.key_id, k.wrapped, t.fields, (e.receipt->'kept')::text "
	"from erasure e join erasure_term t using (erasure_id) join data_key k using (key_id) "
	"where e.contact_id = $1::bigint and t.until >= hk_today() and t.fields is not null "
	"order by t.until");
/* Of texts the law stands in the record. */
STMT(kept_texts, "kept_law.texts", 1,
	"select x.entity, x.record_id, x.until::text, "
	"coalesce(m.kept_law, n.kept_law, f.kept_law), t.key_id, k.wrapped, x.sealed "
	"from erasure e join erasure_term t using (erasure_id) "
	"join erasure_text x on x.erasure_id = t.erasure_id and x.until = t.until "
	"join data_key k on k.key_id = t.key_id "
	"left join message m on x.entity = 'message' and m.message_id = x.record_id "
	"left join activity n on x.entity = 'activity' and n.activity_id = x.record_id "
	"left join attachment f on x.entity = 'attachment' and f.attachment_id = x.record_id "
	"where e.contact_id = $1::bigint and x.until >= hk_today() "
	"order by x.entity, x.until, x.record_id");
STMT(bills, "kept_law.bills", 1,
	"select i.invoice_id, i.keep_until::text, t.law, i.bill_to, i.bill_to_key_id, k.wrapped "
	"from invoice i join data_key k on k.key_id = i.bill_to_key_id "
	"left join lateral (select law from law_term where code = 'business_records' "
	"and from_on <= i.issued_on order by from_on desc limit 1) t on true "
	"where i.contact_id = $1::bigint and i.bill_to is not null "
	"and i.keep_until >= hk_today() order by i.keep_until, i.invoice_id");

/* One reading. */
struct reading {
	const struct record_ctx *cx;
	int64_t contact_id;
	const char *reason;
	struct json_object *items;
};

static struct json_object *
add_item(const struct reading *rd, const char *what, int64_t id, const char *until, const char *law)
{
	struct json_object *o = model_item(rd->items);

	model_text(o, "what", what);
	if (id != 0)
		model_i64(o, "id", id);
	else
		model_null(o, "id");
	model_text(o, "until", until);
	model_text(o, "law", law);
	return model_child(o, "values");
}

/* What was read, under the names of its fields. */
static void
log_read(const struct reading *rd, const char *entity, const int64_t *ids, size_t n,
	const char *const *names, size_t nnames)
{
	struct audit_event ev = {.action = "reveal", .entity = entity, .reason = rd->reason};

	if (n == 0 || nnames == 0)
		return;
	ev.records = ids;
	ev.nrecords = n;
	ev.subjects = arena_memdup(rd->cx->a, &rd->contact_id, sizeof(rd->contact_id));
	ev.nsubjects = 1;
	ev.fields = names;
	ev.nfields = nnames;
	audit_queue(rd->cx->tx, rd->cx->a, &ev);
}

/* The law of a field, as the receipt names it. */
static const char *
law_of(struct json_object *kept, const char *what)
{
	for (size_t i = 0; i < json_object_array_length(kept); i++) {
		struct json_object *o = json_object_array_get_idx(kept, i);

		if (strcmp(json_object_get_string(json_object_object_get(o, "what")), what) == 0)
			return json_object_get_string(json_object_object_get(o, "law"));
	}
	return NULL;
}

/* Row i of `days`: the values kept until one day. */
static struct err *
open_day(const struct record_ctx *cx, int64_t contact_id, const struct rows *r, size_t i,
	struct json_object **values_r)
{
	struct seal_key key;
	struct bytes plain;

	if (!key_unwrap(cx->a, &cx->tenant->kek, "kept", rows_bytes(cx->a, r, i, 2),
		    rows_i64(r, i, 1), &key) ||
		!unseal_value(cx->a, &key,
			arena_printf(cx->a, "erasure.kept|%lld", (long long)contact_id),
			rows_bytes(cx->a, r, i, 3), &plain))
		return err_internal(cx->a, "what a law keeps does not open");
	*values_r = model_own(cx->a, json_tokener_parse((const char *)plain.p));
	return NULL;
}

/* As the field's type is written; as it is when the field has gone meanwhile. */
static void
put_value(const struct record_ctx *cx, const char *name, const char *text, struct json_object *o)
{
	const struct field *f = catalogue_find(cx->cat, ENTITY_CONTACT, name);
	struct value v;

	if (f == NULL) {
		model_text(o, name, text);
		return;
	}
	value_from_text(cx->a, f, text, &v);
	value_json(cx->a, f, cx->cat->currency, &v, o, name);
}

static struct err *
read_fields(const struct reading *rd, const struct rows *r)
{
	const struct record_ctx *cx = rd->cx;
	const char **names = ARENA_ARRAY(cx->a, cx->cat->n + 1, const char *);
	size_t n = 0;

	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *kept = model_own(cx->a, json_tokener_parse(rows_text(r, i, 4)));
		struct json_object *values;

		TRY(open_day(cx, rd->contact_id, r, i, &values));
		json_object_object_foreach(values, name, v)
		{
			const char *what = arena_printf(cx->a, "field:%s", name);

			put_value(cx, name, json_object_get_string(v),
				add_item(rd, what, 0, rows_text(r, i, 0), law_of(kept, what)));
			if (n < cx->cat->n)
				names[n++] = arena_strdup(cx->a, name);
		}
	}
	log_read(rd, "contact", &rd->contact_id, 1, names, n);
	return NULL;
}

/* Row i of `kept_texts`. */
static struct err *
open_text(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object **o_r)
{
	const char *place = erase_text_place(cx->a, rows_text(r, i, 0), rows_i64(r, i, 1));
	struct seal_key key;
	struct bytes plain;

	if (!key_unwrap(cx->a, &cx->tenant->kek, "kept", rows_bytes(cx->a, r, i, 5),
		    rows_i64(r, i, 4), &key) ||
		!unseal_value(cx->a, &key, place, rows_bytes(cx->a, r, i, 6), &plain))
		return err_internal(cx->a, "a text that a law keeps does not open");
	*o_r = model_own(cx->a, json_tokener_parse((const char *)plain.p));
	return NULL;
}

static struct err *
read_texts(const struct reading *rd, const struct rows *r, const char *entity,
	const char *const *names, size_t nnames)
{
	size_t n = 0;
	int64_t *ids = ARENA_ARRAY(rd->cx->a, rows_count(r) + 1, int64_t);

	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *values, *texts;

		if (strcmp(rows_text(r, i, 0), entity) != 0)
			continue;
		TRY(open_text(rd->cx, r, i, &texts));
		ids[n++] = rows_i64(r, i, 1);
		values = add_item(
			rd, entity, rows_i64(r, i, 1), rows_text(r, i, 2), rows_text(r, i, 3));
		for (size_t k = 0; k < nnames; k++)
			model_text(values, names[k],
				json_object_get_string(json_object_object_get(texts, names[k])));
	}
	log_read(rd, entity, ids, n, names, nnames);
	return NULL;
}

static struct err *
read_bills(const struct reading *rd, const struct rows *r)
{
	static const char *const names[] = {"bill_to"};
	const struct record_ctx *cx = rd->cx;
	size_t n = rows_count(r);
	int64_t *ids = ARENA_ARRAY(cx->a, n + 1, int64_t);

	for (size_t i = 0; i < n; i++) {
		const char *name, *address;
		struct json_object *values;
		struct seal_key key;

		ids[i] = rows_i64(r, i, 0);
		if (!key_unwrap(cx->a, &cx->tenant->kek, "bill_to", rows_bytes(cx->a, r, i, 5),
			    rows_i64(r, i, 4), &key))
			return err_internal(cx->a, "the key of a bill-to block does not open");
		TRY(invoice_bill_to_open(
			cx, ids[i], rows_bytes(cx->a, r, i, 3), &key, &name, &address));
		values = add_item(rd, "bill_to", ids[i], rows_text(r, i, 1), rows_text(r, i, 2));
		model_text(values, "name", name);
		model_text(values, "address", address);
	}
	log_read(rd, "invoice", ids, n, names, 1);
	return NULL;
}

struct err *
kept_law_read(const struct record_ctx *cx, int64_t contact_id, const char *reason,
	struct json_object *items)
{
	static const char *const of_message[] = {"subject", "body", "sender", "recipients"};
	static const char *const of_activity[] = {"subject", "body"};
	static const char *const of_file[] = {"file_name"};
	const struct reading rd = {cx, contact_id, reason, items};
	const struct vals id = VALS(val_i64(contact_id));
	struct rows *f, *t, *b;

	tx_queue(cx->tx, &widen, NO_VALS, NULL);
	tx_queue(cx->tx, &days, id, &f);
	tx_queue(cx->tx, &kept_texts, id, &t);
	tx_queue(cx->tx, &bills, id, &b);
	TRY(tx_run(cx->tx));
	TRY(read_fields(&rd, f));
	TRY(read_texts(&rd, t, "message", of_message, 4));
	TRY(read_texts(&rd, t, "activity", of_activity, 2));
	TRY(read_texts(&rd, t, "attachment", of_file, 1));
	TRY(read_bills(&rd, b));
	return tx_run(cx->tx);
}

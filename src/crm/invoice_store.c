/* SPDX-License-Identifier: ISC */
/* Keeping the lines and the bill-to block of an invoice. */
#include <string.h>

#include "event.h"
#include "invoice.h"
#include "money.h"

STMT(lines_read, "invoice.lines", 1,
	"select description, quantity, unit_amount, amount from invoice_line "
	"where invoice_id = $1::bigint order by position");
/* Who reads the block reads somebody's name and address: it has its event. Of an erased
 * person it is what a law keeps, and shown nowhere here. */
STMT(bill_to_read, "invoice.bill_to", 2,
	"with b as materialized (select i.invoice_id, i.contact_id, i.bill_to, i.bill_to_key_id, "
	"k.wrapped, c.erased_at is not null as kept, i.keep_until "
	"from invoice i join data_key k on k.key_id = i.bill_to_key_id "
	"join contact c on c.contact_id = i.contact_id where i.invoice_id = $1::bigint), "
	"q as (select * from b where not kept), "
	"a as (insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, "
	"count) "
	"select $2::text, 'invoice', array_agg(invoice_id), array_agg(contact_id), "
	"field_set_of('invoice', array['bill_to']), count(*) from q having count(*) > 0) "
	"select case when not kept then bill_to end, bill_to_key_id, wrapped, contact_id, "
	"case when kept and keep_until >= hk_today() then keep_until::text end from b");
STMT(bill_to_stored, "invoice.bill_to_stored", 1,
	"select i.bill_to, i.bill_to_key_id, k.wrapped, i.contact_id, i.keep_until::text from "
	"invoice i "
	"left join data_key k on k.key_id = i.bill_to_key_id where i.invoice_id = $1::bigint");
STMT(lines_clear, "invoice.lines_clear", 1,
	"delete from invoice_line where invoice_id = $1::bigint");
STMT(lines_insert, "invoice.lines_insert", 6,
	"insert into invoice_line (invoice_id, position, description, quantity, unit_amount, "
	"amount) "
	"select $1::bigint, l.p::integer, l.d, l.q, l.u, l.a from unnest($2::bigint[], $3::text[], "
	"$4::bigint[], $5::bigint[], $6::bigint[]) as l (p, d, q, u, a)");
STMT(moved, "invoice.moved", 1,
	"update invoice set version = version + 1, updated_at = now() where invoice_id = "
	"$1::bigint");
STMT(key_add, "invoice.key_add", 2,
	"insert into data_key (purpose, wrapped, keep_until) values ('bill_to', $1, $2::date) "
	"returning key_id");
STMT(key_drop, "invoice.key_drop", 1,
	"delete from data_key where key_id = $1::bigint and purpose = 'bill_to'");
STMT(key_keep, "invoice.key_keep", 1,
	"update data_key k set keep_until = i.keep_until from invoice i "
	"where i.invoice_id = $1::bigint and k.key_id = i.bill_to_key_id "
	"and k.keep_until is distinct from i.keep_until");
STMT(bill_to_set, "invoice.bill_to_set", 3,
	"update invoice set bill_to = $2, bill_to_key_id = $3::bigint where invoice_id = "
	"$1::bigint");

#define KEY_PURPOSE "bill_to"

static const char *
bill_to_place(struct arena *a, int64_t id)
{
	return arena_printf(a, "invoice.bill_to|%lld", (long long)id);
}

struct invoice_rows *
invoice_rows_queue(const struct record_ctx *cx, int64_t id, const char *action)
{
	struct invoice_rows *r = ARENA_NEW(cx->a, struct invoice_rows);

	tx_queue(cx->tx, &lines_read, VALS(val_i64(id)), &r->lines);
	tx_queue(cx->tx, &bill_to_read, VALS(val_i64(id), val_text(action)), &r->bill_to);
	return r;
}

static size_t
read_lines(const struct record_ctx *cx, const struct rows *r, struct invoice_line **lines_r)
{
	size_t n = rows_count(r);
	struct invoice_line *l = ARENA_ARRAY(cx->a, n + 1, struct invoice_line);

	for (size_t i = 0; i < n; i++)
		l[i] = (struct invoice_line){rows_text(r, i, 0), rows_i64(r, i, 1),
			rows_i64(r, i, 2), rows_i64(r, i, 3)};
	*lines_r = l;
	return n;
}

size_t
invoice_rows_lines(
	const struct record_ctx *cx, const struct invoice_rows *r, struct invoice_line **lines_r)
{
	return read_lines(cx, r->lines, lines_r);
}

/* Row 0 holds bill_to, key id, wrapped key. */
static struct err *
open_bill_to(const struct record_ctx *cx, const struct rows *r, int64_t id, struct seal_key *key_r,
	const char **name_r, const char **address_r)
{
	*name_r = *address_r = NULL;
	if (rows_count(r) == 0 || rows_null(r, 0, 0) || rows_null(r, 0, 2))
		return NULL;
	if (!key_unwrap(cx->a, &cx->tenant->kek, KEY_PURPOSE, rows_bytes(cx->a, r, 0, 2),
		    rows_i64(r, 0, 1), key_r))
		return err_internal(cx->a, "the key of a bill-to block does not open");
	return invoice_bill_to_open(cx, id, rows_bytes(cx->a, r, 0, 0), key_r, name_r, address_r);
}

struct err *
invoice_bill_to_open(const struct record_ctx *cx, int64_t id, struct bytes sealed,
	const struct seal_key *key, const char **name_r, const char **address_r)
{
	struct bytes plain;
	struct json_object *o;

	if (!unseal_value(cx->a, key, bill_to_place(cx->a, id), sealed, &plain))
		return err_internal(cx->a, "a bill-to block does not open");
	o = json_tokener_parse((const char *)plain.p);
	if (o == NULL)
		return err_internal(cx->a, "a bill-to block does not parse");
	model_own(cx->a, o);
	*name_r = json_object_get_string(json_object_object_get(o, "name"));
	*address_r = json_object_get_string(json_object_object_get(o, "address"));
	return NULL;
}

struct err *
invoice_rows_bill_to(const struct record_ctx *cx, const struct invoice_rows *r, int64_t id,
	const char **name_r, const char **address_r)
{
	struct seal_key key;

	return open_bill_to(cx, r->bill_to, id, &key, name_r, address_r);
}

const char *
invoice_rows_kept(const struct invoice_rows *r, int64_t *contact_r)
{
	if (rows_count(r->bill_to) == 0)
		return NULL;
	*contact_r = rows_i64(r->bill_to, 0, 3);
	return rows_text(r->bill_to, 0, 4);
}

/* Old and new text of one of the two, sealed under the person's key. */
static struct err *
log_change(const struct record_ctx *cx, int64_t id, int64_t contact, const char *what,
	const char *before, const char *after)
{
	struct json_object *diff = model_object(cx->a), *pair = model_child(diff, what);
	int64_t *ids = ARENA_ARRAY(cx->a, 2, int64_t);
	const char **names = ARENA_ARRAY(cx->a, 1, const char *);
	struct audit_event ev = {.action = "update", .entity = "invoice"};
	struct seal_key person;
	const char *text;

	TRY(person_key(cx, contact, &person));
	model_text(pair, "old", before);
	model_text(pair, "new", after);
	text = json_object_to_json_string_ext(diff, JSON_C_TO_STRING_PLAIN);
	ids[0] = id;
	ids[1] = contact;
	names[0] = what;
	ev.records = ids;
	ev.subjects = ids + 1;
	ev.nrecords = ev.nsubjects = 1;
	ev.fields = names;
	ev.nfields = 1;
	ev.key_id = person.id;
	ev.changes = seal_value(cx->a, &person,
		arena_printf(cx->a, "audit.changes|%lld", (long long)contact), text, strlen(text));
	audit_queue(cx->tx, cx->a, &ev);
	tx_queue(cx->tx, &moved, VALS(val_i64(id)), NULL);
	return NULL;
}

/* "Tuning, 2 x 450.00; Delivery, 1 x 80.00"; NULL when there are none. */
static const char *
lines_text(
	const struct record_ctx *cx, const struct invoice_line *l, size_t n, const char *currency)
{
	struct sb sb;

	sb_init(&sb, cx->a, (size_t)512 * 1024);
	for (size_t i = 0; i < n; i++)
		sb_printf(&sb, "%s%s, %s x %s", i > 0 ? "; " : "", l[i].description,
			invoice_quantity_text(cx->a, l[i].quantity),
			money_plain(cx->a, l[i].unit_amount, currency));
	return n > 0 ? sb.p : NULL;
}

static bool
same_lines(const struct invoice_line *a, size_t n, const struct invoice_line *b, size_t m)
{
	for (size_t i = 0; n == m && i < n; i++)
		if (a[i].quantity != b[i].quantity || a[i].unit_amount != b[i].unit_amount ||
			a[i].amount != b[i].amount || a[i].description == NULL ||
			strcmp(a[i].description, b[i].description) != 0)
			return false;
	return n == m;
}

static void
insert_lines(const struct record_ctx *cx, int64_t id, const struct invoice_input *in)
{
	int64_t *p = ARENA_ARRAY(cx->a, in->n, int64_t), *q = ARENA_ARRAY(cx->a, in->n, int64_t),
		*u = ARENA_ARRAY(cx->a, in->n, int64_t),
		*amount = ARENA_ARRAY(cx->a, in->n, int64_t);
	const char **d = ARENA_ARRAY(cx->a, in->n, const char *);

	for (size_t i = 0; i < in->n; i++) {
		p[i] = (int64_t)i + 1;
		d[i] = in->lines[i].description;
		q[i] = in->lines[i].quantity;
		u[i] = in->lines[i].unit_amount;
		amount[i] = in->lines[i].amount;
	}
	tx_queue(cx->tx, &lines_insert,
		VALS(val_i64(id), val_i64s(p, in->n), val_texts(d, in->n), val_i64s(q, in->n),
			val_i64s(u, in->n), val_i64s(amount, in->n)),
		NULL);
}

static const char *
bill_to_text(const struct record_ctx *cx, const char *name, const char *address)
{
	if (name == NULL || address == NULL)
		return name != NULL ? name : address;
	return arena_printf(cx->a, "%s, %s", name, address);
}

/* Seals the block under its own key, which is made at the first use and
 * destroyed with the last content. stored: row of bill_to_stored. */
static struct err *
seal_bill_to(const struct record_ctx *cx, int64_t id, const struct rows *stored,
	struct seal_key *key, const struct invoice_input *in)
{
	struct bytes wrapped, sealed;
	struct json_object *o;
	struct rows *made;
	const char *text;

	if (in->name == NULL && in->address == NULL) {
		tx_queue(cx->tx, &bill_to_set, VALS(val_i64(id), NO_VAL, NO_VAL), NULL);
		tx_queue(cx->tx, &key_drop, VALS(val_i64(key->id)), NULL);
		return NULL;
	}
	if (key->id == 0) {
		wrapped = data_key_new(cx, KEY_PURPOSE, key);
		TRY(tx_query(cx->tx, &key_add,
			VALS(val_bytes(wrapped), val_text(rows_text(stored, 0, 4))), &made));
		key->id = rows_i64(made, 0, 0);
	}
	o = model_object(cx->a);
	model_text(o, "name", in->name);
	model_text(o, "address", in->address);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	sealed = seal_value(cx->a, key, bill_to_place(cx->a, id), text, strlen(text));
	tx_queue(
		cx->tx, &bill_to_set, VALS(val_i64(id), val_bytes(sealed), val_i64(key->id)), NULL);
	return NULL;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

struct err *
invoice_store(const struct record_ctx *cx, int64_t id, bool created, const char *currency,
	const struct invoice_input *in)
{
	struct rows *r, *stored;
	struct invoice_line *old;
	const char *name, *address;
	struct seal_key key = {0};
	int64_t contact;
	size_t n;

	tx_queue(cx->tx, &lines_read, VALS(val_i64(id)), &r);
	TRY(tx_query(cx->tx, &bill_to_stored, VALS(val_i64(id)), &stored));
	if (rows_count(stored) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	contact = rows_i64(stored, 0, 3);
	n = read_lines(cx, r, &old);
	if (in->lines_sent && !same_lines(old, n, in->lines, in->n)) {
		tx_queue(cx->tx, &lines_clear, VALS(val_i64(id)), NULL);
		if (in->n > 0)
			insert_lines(cx, id, in);
		if (!created)
			TRY(log_change(cx, id, contact, "lines", lines_text(cx, old, n, currency),
				lines_text(cx, in->lines, in->n, currency)));
	}
	TRY(open_bill_to(cx, stored, id, &key, &name, &address));
	if (in->bill_to_sent && (!same_text(name, in->name) || !same_text(address, in->address))) {
		TRY(seal_bill_to(cx, id, stored, &key, in));
		if (!created)
			TRY(log_change(cx, id, contact, "bill_to", bill_to_text(cx, name, address),
				bill_to_text(cx, in->name, in->address)));
	}
	tx_queue(cx->tx, &key_keep, VALS(val_i64(id)), NULL);
	return tx_run(cx->tx);
}

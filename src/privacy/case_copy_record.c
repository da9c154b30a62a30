/* SPDX-License-Identifier: ISC */
/* A record as it was at receipt: its values of now, with what the log knows of before. */
#include <string.h>

#include "case_copy_part.h"
#include "date.h"
#include "disclosed.h"
#include "money.h"
#include "token.h"

#define UNDO_MAX 20000

/* Newest first, so that the oldest old value is the last. */
STMT(changes_since, "copy.changes", 3,
	"select e.entity, e.record_ids[1], e.changes, e.key_id, (extract(epoch from e.at) * "
	"1000000)::bigint from audit_of($1::bigint, $2::timestamptz, 9223372036854775807, null, "
	"2147483647, false) s cross join lateral (select x.* from audit_event x where x.at = s.at "
	"and x.event_id = s.event_id offset 0) e where e.action = 'update' and e.changes is not "
	"null order by s.at desc, s.event_id desc limit $3::bigint");

/* ---- what has changed since */

/* A value of before, and when it went: the oldest stays. */
static void
note_change(struct copying *c, const struct rows *r, size_t i, struct json_object *changes)
{
	const char *what =
		arena_printf(c->a, "%s:%lld", rows_text(r, i, 0), (long long)rows_i64(r, i, 1));
	struct json_object *o = json_object_object_get(c->undo, what);

	if (o == NULL)
		o = model_child(c->undo, what);
	json_object_object_foreach(changes, name, pair)
	{
		struct json_object *was = model_child(o, name);

		model_text(was, "old", json_object_get_string(json_object_object_get(pair, "old")));
		model_i64(was, "at", rows_i64(r, i, 4));
	}
}

/* What of a key that is gone is gone, too: then the value of now stands. */
struct err *
copy_undo(struct copying *c, int64_t contact)
{
	struct seal_key key;
	struct rows *r;

	c->undo = model_object(c->a);
	TRY(person_key(&c->cx, contact, &key));
	TRY(tx_query(c->cx.tx, &changes_since,
		VALS(val_i64(contact), val_text(c->received_at), val_i64(UNDO_MAX)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct bytes plain;

		if (rows_null(r, i, 3) || rows_i64(r, i, 3) != key.id ||
			!unseal_value(c->piece, &key,
				arena_printf(c->piece, "audit.changes|%lld", (long long)contact),
				rows_bytes(c->piece, r, i, 2), &plain))
			continue;
		note_change(
			c, r, i, model_own(c->piece, json_tokener_parse((const char *)plain.p)));
	}
	secret_wipe(&key, sizeof(key));
	return NULL;
}

/* ---- a record */

static bool
is_text(const struct field *f)
{
	return f->type == FIELD_TEXT || f->type == FIELD_LONG_TEXT || f->type == FIELD_EMAIL ||
	       f->type == FIELD_PHONE || f->type == FIELD_URL || f->type == FIELD_HKID;
}

/* The value at receipt; then its name as a reference is not known any more. */
static struct value
value_then(struct copying *c, const struct record *rec, size_t i, struct json_object *was,
	const char **shown)
{
	const struct field *f = rec->layout->fields[i];
	struct json_object *o = json_object_object_get(was, f->name);
	struct value v = rec->values[i];

	if (o == NULL)
		return v;
	*shown = NULL;
	v = (struct value){.null = true};
	if (json_object_object_get(o, "old") != NULL)
		value_from_text(
			c->piece, f, json_object_get_string(json_object_object_get(o, "old")), &v);
	return v;
}

static void
put_field(struct copying *c, const struct record *rec, size_t i, struct json_object *was,
	struct json_object *list)
{
	const struct field *f = rec->layout->fields[i];
	const char *shown = rec->shown[i];
	struct value v = value_then(c, rec, i, was, &shown);
	struct json_object *o;

	if (v.null || f->type == FIELD_CONTACT)
		return;
	o = model_item(list);
	model_text(o, "n", f->name);
	if (f->type == FIELD_USER) {
		model_i64(o, "u", v.val.u.i64);
		return;
	}
	model_text(o, "v", v.text);
	if (f->type == FIELD_TEAM || f->type == FIELD_COMPANY)
		model_text(o, "s", shown != NULL ? shown : v.text);
	else if (!is_text(f))
		model_text(o, "s", value_show(c->piece, f, rec->currency, &v, c->cx.lang));
}

/* What was changed after receipt but before the request was recorded. */
static void
put_changed(const struct copying *c, struct json_object *was, struct json_object *list)
{
	json_object_object_foreach(was, name, o)
	{
		int64_t at = json_object_get_int64(json_object_object_get(o, "at"));
		struct json_object *item;

		if (at > c->recorded)
			continue;
		item = model_item(list);
		model_text(item, "n", name);
		model_text(item, "at", time_rfc3339(c->piece, at));
	}
}

static void
put_text(struct json_object *list, const char *name, const char *text)
{
	struct json_object *o;

	if (text == NULL)
		return;
	o = model_item(list);
	model_text(o, "n", name);
	model_text(o, "v", text);
}

static struct err *
put_invoice(struct copying *c, const struct invoice_rows *x, const struct record *rec,
	struct json_object *list)
{
	const char *name, *address;
	struct invoice_line *lines;
	size_t n = invoice_rows_lines(&c->cx, x, &lines);

	for (size_t i = 0; i < n; i++)
		put_text(list, arena_printf(c->piece, "line.%zu", i + 1),
			arena_printf(c->piece, "%s \xc2\xb7 %s \xc3\x97 %s = %s",
				lines[i].description != NULL ? lines[i].description : "",
				invoice_quantity_text(c->piece, lines[i].quantity),
				money_show(c->piece, lines[i].unit_amount, rec->currency),
				money_show(c->piece, lines[i].amount, rec->currency)));
	TRY(invoice_rows_bill_to(&c->cx, x, rec->id, &name, &address));
	put_text(list, "bill_to.name", name);
	put_text(list, "bill_to.address", address);
	return NULL;
}

/* To whom it was given, up to receipt: texts of the person's own record, which are looked
 * through like all others. */
static struct err *
put_disclosed(struct copying *c, const struct record *rec, struct json_object *list)
{
	struct disclosed *d;
	struct seal_key key;
	size_t n;

	TRY(person_key(&c->cx, rec->id, &key));
	TRY(disclosed_load(c->cx.tx, c->piece, rec->id, &key, c->received_at, &d, &n));
	secret_wipe(&key, sizeof(key));
	for (size_t i = 0; i < n; i++) {
		const char *to =
			disclosed_to(c->piece, c->cx.lang, d[i].source, d[i].who, d[i].note);
		const char *fields = disclosed_fields(c->piece, c->cx.cat, c->cx.lang, &d[i]);

		put_text(list, arena_printf(c->piece, "disclosed.%zu", i + 1),
			arena_printf(c->piece, "%s \xc2\xb7 %s%s%s%s%s", d[i].on,
				to != NULL ? to : "", d[i].purpose != NULL ? " \xc2\xb7 " : "",
				d[i].purpose != NULL ? d[i].purpose : "",
				fields != NULL ? " \xc2\xb7 " : "", fields != NULL ? fields : ""));
	}
	return NULL;
}

struct err *
copy_record(struct copying *c, const struct record *rec, const struct invoice_rows *x,
	struct json_object *o)
{
	struct json_object *was = NULL, *list;

	if (c->undo != NULL)
		was = json_object_object_get(
			c->undo, arena_printf(c->piece, "%s:%lld", rec->layout->def->table,
					 (long long)rec->id));
	model_text(o, "at", time_rfc3339(c->piece, rec->created_at));
	list = model_list(o, "fields");
	for (size_t i = 0; i < rec->layout->n; i++)
		put_field(c, rec, i, was, list);
	if (x != NULL)
		TRY(put_invoice(c, x, rec, list));
	if (rec->layout->def->entity == ENTITY_CONTACT && c->undo != NULL)
		TRY(put_disclosed(c, rec, list));
	list = model_list(o, "changed");
	if (was != NULL)
		put_changed(c, was, list);
	return NULL;
}

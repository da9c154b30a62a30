/* SPDX-License-Identifier: ISC */
/* A record as it was at receipt: its values of now, with what the log knows of before. */
#include <string.h>

#include "case_copy_part.h"
#include "date.h"
#include "disclosed.h"
#include "money.h"
#include "token.h"

#define UNDO_MAX 20000

#define CHANGE \
	"e.entity, e.record_ids[1], e.changes, e.key_id, (extract(epoch from e.at) * " \
	"1000000)::bigint, (select f.fields from field_set f where f.field_set_id = " \
	"e.field_set_id) "
/* Newest first, so that the oldest old value is the last. */
STMT(changes_since, "copy.changes", 3,
	"select " CHANGE "from audit_of($1::bigint, $2::timestamptz, 9223372036854775807, null, "
	"2147483647, false) s cross join lateral (select x.* from audit_event x where x.at = s.at "
	"and x.event_id = s.event_id offset 0) e where e.action = 'update' and "
	"cardinality(e.record_ids) = 1 order by s.at desc, s.event_id desc limit $3::bigint");
STMT(changes_found, "copy.changes_found", 4,
	"select " CHANGE "from audit_of($1::bigint, $2::timestamptz, 9223372036854775807, null, "
	"2147483647, false) s cross join lateral (select x.* from audit_event x where x.at = s.at "
	"and x.event_id = s.event_id offset 0) e join request_record q on q.request_id = "
	"$4::bigint and q.entity = e.entity and q.record_id = e.record_ids[1] where e.action = "
	"'update' and cardinality(e.record_ids) = 1 order by s.at desc, s.event_id desc limit "
	"$3::bigint");
STMT(changes_of_none, "copy.changes_of_none", 3,
	"select " CHANGE "from request_record q cross join lateral (select x.* from audit_event x "
	"where x.entity = q.entity and x.entity <> 'contact' and x.at > $1::timestamptz and "
	"x.action = 'update' and x.record_ids = array[q.record_id] offset 0) e where q.request_id "
	"= $3::bigint and q.contact_id is null order by e.at desc, e.event_id desc limit "
	"$2::bigint");
STMT(find_other, "copy.other", 1,
	"select c.key_id, k.wrapped, (extract(epoch from c.erased_at) * 1000000)::bigint from "
	"contact c left join data_key k using (key_id) where c.contact_id = $1::bigint");

/* ---- what has changed since */

static struct json_object *
changes_of(struct copying *c, const struct rows *r, size_t i)
{
	const char *what =
		arena_printf(c->a, "%s:%lld", rows_text(r, i, 0), (long long)rows_i64(r, i, 1));
	struct json_object *o = json_object_object_get(c->undo, what);

	return o != NULL ? o : model_child(c->undo, what);
}

/* A value of before, and when it went: the oldest stays. */
static void
note_change(struct copying *c, const struct rows *r, size_t i, struct json_object *changes)
{
	struct json_object *o = changes_of(c, r, i);

	json_object_object_foreach(changes, name, pair)
	{
		struct json_object *was = model_child(o, name);

		model_text(was, "old", json_object_get_string(json_object_object_get(pair, "old")));
		model_i64(was, "at", rows_i64(r, i, 4));
	}
}

/* What nobody can read any more: that it was is all there is to say. */
static void
note_lost(struct copying *c, const struct rows *r, size_t i)
{
	struct json_object *o = changes_of(c, r, i);
	size_t n;
	const char **names = rows_texts(c->a, r, i, 5, &n);

	for (size_t k = 0; k < n; k++) {
		struct json_object *was = model_child(o, names[k]);

		model_bool(was, "lost", true);
		model_i64(was, "at", rows_i64(r, i, 4));
	}
}

/* key NULL: it is gone, and what lay under it. */
static void
note_changes(struct copying *c, const struct rows *r, int64_t contact, const struct seal_key *key)
{
	const char *place = arena_printf(c->a, "audit.changes|%lld", (long long)contact);

	for (size_t i = 0; i < rows_count(r); i++) {
		struct bytes sealed = rows_bytes(c->piece, r, i, 2), plain;

		if (key == NULL || sealed.p == NULL || rows_i64(r, i, 3) != key->id ||
			!unseal_value(c->piece, key, place, sealed, &plain))
			note_lost(c, r, i);
		else
			note_change(c, r, i,
				model_own(c->piece, json_tokener_parse((const char *)plain.p)));
	}
}

struct err *
copy_undo(struct copying *c, int64_t contact)
{
	struct seal_key key;
	struct rows *r;

	c->undo = model_object(c->a);
	c->own = true;
	c->erased_at = 0;
	TRY(person_key(&c->cx, contact, &key));
	TRY(tx_query(c->cx.tx, &changes_since,
		VALS(val_i64(contact), val_text(c->received_at), val_i64(UNDO_MAX)), &r));
	note_changes(c, r, contact, &key);
	secret_wipe(&key, sizeof(key));
	return NULL;
}

static struct err *
undo_of_none(struct copying *c)
{
	struct seal_key key = tenant_log_key(c->cx.tenant);
	struct rows *r;

	TRY(tx_query(c->cx.tx, &changes_of_none,
		VALS(val_text(c->received_at), val_i64(UNDO_MAX), val_i64(c->request)), &r));
	note_changes(c, r, 0, &key);
	secret_wipe(&key, sizeof(key));
	return NULL;
}

struct err *
copy_undo_other(struct copying *c, int64_t contact)
{
	struct seal_key key;
	struct bytes wrapped;
	struct rows *r, *k;

	c->undo = model_object(c->a);
	c->own = false;
	c->erased_at = 0;
	if (contact == 0)
		return undo_of_none(c);
	tx_queue(c->cx.tx, &find_other, VALS(val_i64(contact)), &k);
	TRY(tx_query(c->cx.tx, &changes_found,
		VALS(val_i64(contact), val_text(c->received_at), val_i64(UNDO_MAX),
			val_i64(c->request)),
		&r));
	if (rows_count(k) == 0)
		return NULL;
	wrapped = rows_bytes(c->piece, k, 0, 1);
	c->erased_at = rows_i64(k, 0, 2);
	if (wrapped.p != NULL && !key_unwrap(c->piece, &c->cx.tenant->kek, "person", wrapped,
					 rows_i64(k, 0, 0), &key))
		return err_internal(c->a, "a person's key does not open");
	note_changes(c, r, contact, wrapped.p != NULL ? &key : NULL);
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

/* Is the value of then known, and another than that of now? */
static bool
is_known(struct json_object *o)
{
	return o != NULL && !json_object_object_get_ex(o, "lost", NULL);
}

/* The value at receipt; then its name as a reference is not known any more. */
static struct value
value_then(struct copying *c, const struct record *rec, size_t i, struct json_object *was,
	const char **shown)
{
	const struct field *f = rec->layout->fields[i];
	struct json_object *o = json_object_object_get(was, f->name);
	struct value v = rec->values[i];

	/* A number that is masked here stays so. */
	if (!is_known(o) || rec->masked[i])
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

	/* Somebody else's number that is masked tells nothing of the person. */
	if (v.null || v.text == NULL || f->type == FIELD_CONTACT)
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

static void
put_change(const struct copying *c, const char *name, int64_t at, struct json_object *list)
{
	struct json_object *item = model_item(list);

	model_text(item, "n", name);
	model_text(item, "at", time_rfc3339(c->piece, at));
}

/* What was changed after receipt but before the request was recorded, or cannot be had as it
 * was. */
static void
put_changed(const struct copying *c, struct json_object *was, struct json_object *list)
{
	json_object_object_foreach(was, name, o)
	{
		int64_t at = json_object_get_int64(json_object_object_get(o, "at"));

		if (at <= c->recorded || !is_known(o))
			put_change(c, name, at, list);
	}
}

/* Whom somebody else's record hung on was erased since: what said something may have gone. */
static void
put_erased(const struct copying *c, const struct record *rec, struct json_object *was,
	struct json_object *list)
{
	if (c->erased_at <= c->received)
		return;
	for (size_t i = 0; i < rec->layout->n; i++) {
		const struct field *f = rec->layout->fields[i];

		if (is_text(f) && rec->values[i].null && !field_is_note(f) &&
			json_object_object_get(was, f->name) == NULL)
			put_change(c, f->name, c->erased_at, list);
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

/* Texts of an invoice's parts as they were at receipt; false: they are so still. */
static bool
put_part(struct json_object *was, const char *part, const char *as, struct json_object *list)
{
	struct json_object *o = json_object_object_get(was, part);

	if (!is_known(o))
		return false;
	put_text(list, as, json_object_get_string(json_object_object_get(o, "old")));
	return true;
}

static void
put_lines(struct copying *c, const struct invoice_rows *x, const struct record *rec,
	struct json_object *list)
{
	struct invoice_line *lines;
	size_t n = invoice_rows_lines(&c->cx, x, &lines);

	for (size_t i = 0; i < n; i++)
		put_text(list, arena_printf(c->piece, "line.%zu", i + 1),
			arena_printf(c->piece, "%s \xc2\xb7 %s \xc3\x97 %s = %s",
				lines[i].description != NULL ? lines[i].description : "",
				invoice_quantity_text(c->piece, lines[i].quantity),
				money_show(c->piece, lines[i].unit_amount, rec->currency),
				money_show(c->piece, lines[i].amount, rec->currency)));
}

static struct err *
put_invoice(struct copying *c, const struct invoice_rows *x, const struct record *rec,
	struct json_object *was, struct json_object *list)
{
	const char *name, *address;

	if (!put_part(was, "lines", "line.1", list))
		put_lines(c, x, rec, list);
	if (put_part(was, "bill_to", "bill_to.name", list))
		return NULL;
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
	struct json_object *was, *list;

	was = json_object_object_get(c->undo,
		arena_printf(c->piece, "%s:%lld", rec->layout->def->table, (long long)rec->id));
	model_text(o, "at", time_rfc3339(c->piece, rec->created_at));
	list = model_list(o, "fields");
	for (size_t i = 0; i < rec->layout->n; i++)
		put_field(c, rec, i, was, list);
	if (x != NULL)
		TRY(put_invoice(c, x, rec, was, list));
	if (rec->layout->def->entity == ENTITY_CONTACT && c->own)
		TRY(put_disclosed(c, rec, list));
	list = model_list(o, "changed");
	if (was != NULL)
		put_changed(c, was, list);
	put_erased(c, rec, was, list);
	return NULL;
}

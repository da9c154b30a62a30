/* SPDX-License-Identifier: ISC */
/* A record as it was at receipt: its values of now, with what the log knows of before. */
#include <string.h>

#include "case_copy_part.h"
#include "date.h"
#include "disclosed.h"
#include "money.h"
#include "token.h"

/* So many events a step, and of what they changed so many bytes. */
#define STEP_EVENTS 1000
#define STEP_BYTES (4 << 20)

/* Oldest first, behind an event, and where the step ends: an event that is none of these has no
 * kind of record. Of a request: of what was found for it. */
#define STEP \
	"select s.at::text, s.event_id, s.entity, s.record_id, s.changes, s.key_id, " \
	"(extract(epoch " \
	"from s.at) * 1000000)::bigint, (select f.fields from field_set f where f.field_set_id = " \
	"s.field_set_id) from (select k.at, k.event_id, e.entity, e.record_ids[1] as record_id, " \
	"e.changes, e.key_id, e.field_set_id, octet_length(e.changes) as size, " \
	"sum(octet_length(e.changes)) over (order by k.at, k.event_id) as sum from "
#define STEP_END ") s where coalesce(s.sum - s.size, s.sum, 0) <= "
STMT(changes_since, "copy.changes", 6,
	STEP
	"audit_of($1::bigint, $2::timestamptz, $3::bigint, null, $4::bigint::int, false) k "
	"left join lateral (select x.* from audit_event x where x.at = k.at and x.event_id = "
	"k.event_id and x.action = 'update' and cardinality(x.record_ids) = 1 and "
	"($6::bigint is null or exists (select from request_record q where q.request_id = "
	"$6::bigint and q.entity = x.entity and q.record_id = x.record_ids[1])) offset 0) e on "
	"true" STEP_END "$5::bigint order by s.at, s.event_id");
STMT(changes_of_none, "copy.changes_of_none", 5,
	STEP "(select x.* from request_record q cross join lateral (select x.* from audit_event x "
	     "where x.entity = q.entity and x.entity <> 'contact' and (x.at, x.event_id) > "
	     "($1::timestamptz, $2::bigint) and x.action = 'update' and x.record_ids = "
	     "array[q.record_id] offset 0) x where q.request_id = $5::bigint and q.contact_id is "
	     "null order by x.at, x.event_id limit $3::bigint) k cross join lateral (select k.*) "
	     "e" STEP_END "$4::bigint order by s.at, s.event_id");
STMT(find_other, "copy.other", 1,
	"select c.key_id, k.wrapped, (extract(epoch from c.erased_at) * 1000000)::bigint from "
	"contact c left join data_key k using (key_id) where c.contact_id = $1::bigint");

/* ---- what has changed since */

static struct json_object *
changes_of(struct copying *c, const struct rows *r, size_t i)
{
	const char *what =
		arena_printf(c->piece, "%s:%lld", rows_text(r, i, 2), (long long)rows_i64(r, i, 3));
	struct json_object *o = json_object_object_get(c->undo, what);

	return o != NULL ? o : model_child(c->undo, what);
}

/* A field that was changed then; NULL: it was before, too, and the oldest value is what counts. */
static struct json_object *
changed_first(struct json_object *changes, const char *name, int64_t at)
{
	struct json_object *was;

	if (json_object_object_get_ex(changes, name, NULL))
		return NULL;
	was = model_child(changes, name);
	model_i64(was, "at", at);
	return was;
}

static void
note_change(struct copying *c, const struct rows *r, size_t i, struct json_object *changes)
{
	struct json_object *o = changes_of(c, r, i), *was;

	json_object_object_foreach(changes, name, pair)
	{
		was = changed_first(o, name, rows_i64(r, i, 6));
		if (was != NULL)
			model_text(was, "old",
				json_object_get_string(json_object_object_get(pair, "old")));
	}
}

/* What nobody can read any more: that it was is all there is to say. */
static void
note_lost(struct copying *c, const struct rows *r, size_t i)
{
	struct json_object *o = changes_of(c, r, i), *was;
	size_t n;
	const char **names = rows_texts(c->piece, r, i, 7, &n);

	for (size_t k = 0; k < n; k++) {
		was = changed_first(o, names[k], rows_i64(r, i, 6));
		if (was != NULL)
			model_bool(was, "lost", true);
	}
}

/* key NULL: it is gone, and what lay under it. */
static void
note_changes(struct copying *c, const struct rows *r, int64_t contact, const struct seal_key *key)
{
	const char *place = arena_printf(c->piece, "audit.changes|%lld", (long long)contact);

	for (size_t i = 0; i < rows_count(r); i++) {
		struct bytes sealed = rows_bytes(c->piece, r, i, 4), plain;

		if (rows_null(r, i, 2))
			continue;
		if (key == NULL || sealed.p == NULL || rows_i64(r, i, 5) != key->id ||
			!unseal_value(c->piece, key, place, sealed, &plain))
			note_lost(c, r, i);
		else
			note_change(c, r, i,
				model_own(c->piece, json_tokener_parse((const char *)plain.p)));
	}
}

/* Of somebody else, whose key may be gone: *has_r. */
static struct err *
other_key(struct copying *c, int64_t contact, struct seal_key *key, bool *has_r)
{
	struct bytes wrapped;
	struct rows *r;

	*has_r = false;
	TRY(tx_query(c->cx.tx, &find_other, VALS(val_i64(contact)), &r));
	if (rows_count(r) == 0)
		return NULL;
	wrapped = rows_bytes(c->piece, r, 0, 1);
	c->erased_at = rows_i64(r, 0, 2);
	if (wrapped.p == NULL)
		return NULL;
	if (!key_unwrap(c->piece, &c->cx.tenant->kek, "person", wrapped, rows_i64(r, 0, 0), key))
		return err_internal(c->a, "a person's key does not open");
	*has_r = true;
	return NULL;
}

/* The key that old values of the person, or of nobody, lie under. */
static struct err *
past_key(struct copying *c, int64_t contact, struct seal_key *key, bool *has_r)
{
	*has_r = true;
	if (contact != 0)
		return c->own ? person_key(&c->cx, contact, key)
			      : other_key(c, contact, key, has_r);
	*key = tenant_log_key(c->cx.tenant);
	return NULL;
}

/* Events behind that one; *n_r: so many were read. */
static struct err *
undo_step(struct copying *c, int64_t contact, const char **at, int64_t *id, size_t *n_r)
{
	const struct val from = val_text(*at), behind = val_i64(*id), most = val_i64(STEP_EVENTS),
			 bytes = val_i64(STEP_BYTES);
	struct seal_key key;
	struct rows *r;
	bool has;

	if (contact != 0)
		tx_queue(c->cx.tx, &changes_since,
			VALS(val_i64(contact), from, behind, most, bytes,
				val_id(c->own ? 0 : c->request)),
			&r);
	else
		tx_queue(c->cx.tx, &changes_of_none,
			VALS(from, behind, most, bytes, val_i64(c->request)), &r);
	TRY(past_key(c, contact, &key, &has));
	TRY(tx_run(c->cx.tx));
	note_changes(c, r, contact, has ? &key : NULL);
	secret_wipe(&key, sizeof(key));
	*n_r = rows_count(r);
	if (*n_r == 0)
		return NULL;
	*at = arena_strdup(c->past, rows_text(r, *n_r - 1, 0));
	*id = rows_i64(r, *n_r - 1, 1);
	return NULL;
}

struct err *
copy_undo(struct copying *c, int64_t contact, bool own)
{
	const char *at = c->received_at;
	int64_t id = INT64_MAX;
	size_t n;

	arena_reset(c->past);
	c->undo = model_object(c->past);
	c->own = own;
	c->erased_at = 0;
	do {
		TRY(copy_begin(c));
		TRY(undo_step(c, contact, &at, &id, &n));
		TRY(copy_commit(c, 0));
	} while (n > 0);
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

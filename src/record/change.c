/* SPDX-License-Identifier: ISC */
/* Writing records: keys, statements and events of a change. */
#include "change.h"

#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "hold.h"
#include "log.h"
#include "read.h"
#include "suppress.h"
#include "token.h"

STMT(new_contact, "contact.ids", 0,
	"select nextval('contact_contact_id_seq'), nextval('data_key_key_id_seq')");
STMT(insert_key, "data_key.insert", 3,
	"insert into data_key (key_id, contact_id, purpose, wrapped) overriding system value "
	"values ($1::bigint, $2::bigint, 'person', $3)");
STMT(find_key, "contact.key", 1,
	"select c.key_id, k.wrapped, c.erased_at is not null from contact c "
	"left join data_key k using (key_id) where c.contact_id = $1::bigint");
STMT(touch_contact, "contact.touch", 1,
	"update contact set last_activity_at = greatest(last_activity_at, now()) "
	"where contact_id = $1::bigint");

/* Columns of read_before() before the fields. */
#define BEFORE_FIELDS 6

struct bytes
data_key_new(const struct record_ctx *cx, const char *purpose, struct seal_key *key_r)
{
	seal_key_random(key_r);
	return key_wrap(cx->a, &cx->tenant->kek, purpose, key_r);
}

struct err *
person_key(const struct record_ctx *cx, int64_t contact_id, struct seal_key *key_r)
{
	struct rows *rows;
	struct bytes wrapped;

	TRY(tx_query(cx->tx, &find_key, VALS(val_i64(contact_id)), &rows));
	if (rows_count(rows) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	if (rows_bool(rows, 0, 2))
		return err_new(cx->a, ERR_CONFLICT, "error.erased");
	wrapped = rows_bytes(cx->a, rows, 0, 1);
	if (wrapped.p == NULL || !key_unwrap(cx->a, &cx->tenant->kek, "person", wrapped,
					 rows_i64(rows, 0, 0), key_r))
		return err_internal(cx->a, "a person's key does not open");
	return NULL;
}

struct bytes
field_blind(const struct record_ctx *cx, const struct field *f, const char *text)
{
	return blind_index(cx->a, &cx->tenant->blind,
		arena_printf(cx->a, "%s.%s", entity_name(f->entity), f->name), text);
}

/* Binds one value to its column: plain, or sealed with its blind index. */
static void
bind_change(struct sqlb *b, const struct record_ctx *cx, const struct change *ch,
	const struct seal_key *key, int64_t id, const char **value_r, const char **blind_r)
{
	const struct field *f = ch->field;

	*blind_r = NULL;
	if (!f->sealed) {
		*value_r = sqlb_val(b, ch->value.null ? NO_VAL : ch->value.val, value_cast(f));
		return;
	}
	ASSERT(key != NULL);
	*value_r = sqlb_val(b,
		ch->value.null ? NO_VAL
			       : val_bytes(seal_value(cx->a, key, seal_place(cx->a, f, id),
					 ch->value.text, strlen(ch->value.text))),
		"bytea");
	*blind_r = sqlb_val(b,
		ch->value.null ? NO_VAL : val_bytes(field_blind(cx, f, ch->value.text)), "bytea");
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
change_event(const struct record_ctx *cx, const char *action, enum entity e, int64_t id,
	int64_t contact, const struct changes *c, const struct seal_key *key,
	struct json_object *diff)
{
	const char **names = ARENA_ARRAY(cx->a, c->n, const char *);
	int64_t *ids = ARENA_ARRAY(cx->a, 2, int64_t);
	struct audit_event ev = {.action = action, .entity = entity_name(e)};

	for (size_t i = 0; i < c->n; i++)
		names[i] = c->list[i].field->name;
	qsort(names, c->n, sizeof(*names), by_name);
	ids[0] = id;
	ids[1] = contact;
	ev.records = ids;
	ev.nrecords = 1;
	ev.subjects = ids + 1;
	ev.nsubjects = contact != 0;
	ev.fields = names;
	ev.nfields = c->n;
	if (diff != NULL) {
		const char *text = json_object_to_json_string_ext(diff, JSON_C_TO_STRING_PLAIN);

		ev.key_id = key->id;
		ev.changes = seal_value(cx->a, key,
			arena_printf(cx->a, "audit.changes|%lld", (long long)contact), text,
			strlen(text));
	}
	audit_queue(cx->tx, cx->a, &ev);
}

/* A contact gets its id and key before the row, so that sealed values can name both. */
static struct err *
make_person(const struct record_ctx *cx, int64_t *id_r, struct seal_key *key_r)
{
	struct rows *rows;
	struct bytes wrapped;

	TRY(tx_query(cx->tx, &new_contact, NO_VALS, &rows));
	*id_r = rows_i64(rows, 0, 0);
	wrapped = data_key_new(cx, "person", key_r);
	key_r->id = rows_i64(rows, 0, 1);
	tx_queue(cx->tx, &insert_key, VALS(val_i64(key_r->id), val_i64(*id_r), val_bytes(wrapped)),
		NULL);
	return NULL;
}

/* Does it move the time of a person's last activity? Not a private note: whoever may not
 * read that is not told of it. */
static bool
happens(enum entity e, const struct changes *c)
{
	const struct change *to = changes_find(c, "private_to");

	return e == ENTITY_MESSAGE || (e == ENTITY_ACTIVITY && (to == NULL || to->value.null));
}

struct err *
record_create(const struct record_ctx *cx, enum entity e, struct changes *c, int64_t *id_r)
{
	const struct entity_def *d = entity_def(e);
	const struct change *of;
	struct seal_key key;
	struct rows *rows;
	int64_t id = 0;
	struct sqlb b, values;
	bool stopped = false;

	if (e == ENTITY_CONTACT) {
		TRY(change_contact_names(cx, c));
		TRY(hold_check(cx, 0, c));
		TRY(suppress_check(cx, c, &stopped));
	}
	TRY(change_check_references(cx, c));
	TRY(scope_create(cx, e, c));
	of = d->child ? changes_find(c, "contact_id") : NULL;
	ASSERT(of != NULL || (e != ENTITY_ACTIVITY && e != ENTITY_MESSAGE));
	if (e == ENTITY_CONTACT)
		TRY(make_person(cx, &id, &key));
	sqlb_init(&b, cx->a);
	sqlb_init(&values, cx->a);
	sqlb_add(&b, "insert into %s (created_by", d->table);
	sqlb_add(&values, "%s", sqlb_val(&b, val_id(cx->principal->user_id), "bigint"));
	if (e == ENTITY_CONTACT) {
		sqlb_add(&b, ", contact_id, key_id");
		sqlb_add(&values, ", %s", sqlb_val(&b, val_i64(id), "bigint"));
		sqlb_add(&values, ", %s", sqlb_val(&b, val_i64(key.id), "bigint"));
		sqlb_add(&b, ", marketing_stopped_at");
		sqlb_add(&values, ", %s", stopped ? "now()" : "null");
	}
	for (size_t i = 0; i < c->n; i++) {
		const char *value, *blind;

		bind_change(&b, cx, &c->list[i], &key, id, &value, &blind);
		sqlb_add(&b, ", %s", c->list[i].field->column);
		sqlb_add(&values, ", %s", value);
		if (blind != NULL) {
			sqlb_add(&b, ", %s_bi", c->list[i].field->column);
			sqlb_add(&values, ", %s", blind);
		}
	}
	sqlb_add(&b, ") overriding system value values (%s) returning %s", values.sql.p, d->pk);
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.create", d->table), &rows);
	if (happens(e, c))
		tx_queue(cx->tx, &touch_contact, VALS(of->value.val), NULL);
	TRY(tx_run(cx->tx));
	*id_r = rows_i64(rows, 0, 0);
	change_event(cx, "create", e, *id_r,
		e == ENTITY_CONTACT ? *id_r
		: of != NULL        ? of->value.val.u.i64
				    : 0,
		c, NULL, NULL);
	return NULL;
}

/* Does the field refer to a record that is not visible? To the one who changes it
 * there is nothing: what comes back empty, as it was shown, leaves it alone. */
static const char *
unseen_sql(const struct record_ctx *cx, const struct field *f)
{
	enum entity e = f->type == FIELD_COMPANY ? ENTITY_COMPANY : ENTITY_CONTACT;

	if (f->sealed || (f->type != FIELD_COMPANY && f->type != FIELD_CONTACT) ||
		record_sees_all(cx, e))
		return "false";
	return arena_printf(cx->a, "not exists (select from %s x where x.%s = r.%s)",
		entity_def(e)->table, entity_def(e)->pk, f->column);
}

/* The row as it is, locked, with the columns that are about to change. DENIED when
 * the right does not reach it. */
static struct err *
read_before(const struct record_ctx *cx, const struct entity_def *d, int64_t id, enum right right,
	const struct changes *c, struct rows **rows_r)
{
	bool contact = d->entity == ENTITY_CONTACT;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b, "select r.version, %s, %s, %s, %s, ",
		contact || d->child ? "r.contact_id" : "null::bigint",
		contact || d->child
			? "(select p.key_id from contact p where p.contact_id = r.contact_id)"
			: "null::bigint",
		contact || d->child
			? "(select k.wrapped from contact p join data_key k using (key_id) "
			  "where p.contact_id = r.contact_id)"
			: "null::bytea",
		d->entity == ENTITY_INVOICE ? "r.currency" : "null::text");
	scope_add(&b, cx, d, cx->principal->scopes[d->entity][right]);
	for (size_t i = 0; i < c->n; i++)
		sqlb_add(&b, ", %s", value_column(cx->a, c->list[i].field, "r"));
	for (size_t i = 0; i < c->n; i++)
		sqlb_add(&b, ", %s", unseen_sql(cx, c->list[i].field));
	sqlb_add(&b, " from %s r where r.%s = %s for update of r", d->table, d->pk,
		sqlb_val(&b, val_i64(id), "bigint"));
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.before", d->table), rows_r);
	TRY(tx_run(cx->tx));
	if (rows_count(*rows_r) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	return rows_bool(*rows_r, 0, 5) ? NULL : err_new(cx->a, ERR_DENIED, "error.not_yours");
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* What minor units mean: an invoice says it itself, and may change it. */
static void
add_currencies(const struct rows *before, const char *now, struct json_object *pair)
{
	const char *was = rows_text(before, 0, 4);

	if (was == NULL)
		return;
	model_text(pair, "old_currency", was);
	model_text(pair, "new_currency", now != NULL ? now : was);
}

/* Drops what does not change; the rest goes into the diff that the event keeps. */
static void
keep_differing(const struct record_ctx *cx, const struct rows *before, int64_t id,
	const struct seal_key *key, struct changes *c, struct json_object *diff)
{
	const struct change *currency = changes_find(c, "currency");
	const char *now = currency != NULL ? currency->value.text : NULL;
	size_t kept = 0, n = c->n;

	for (size_t i = 0; i < n; i++) {
		const struct field *f = c->list[i].field;
		struct json_object *pair;
		struct value old;

		if (c->list[i].value.null && rows_bool(before, 0, BEFORE_FIELDS + n + i))
			continue;

		if (f->sealed) {
			struct bytes sealed = rows_bytes(cx->a, before, 0, BEFORE_FIELDS + i),
				     plain = {NULL, 0};

			if (sealed.p != NULL &&
				!unseal_value(cx->a, key, seal_place(cx->a, f, id), sealed, &plain))
				plain.p = NULL;
			value_from_text(cx->a, f, (const char *)plain.p, &old);
		} else {
			value_from_row(cx->a, f, before, 0, BEFORE_FIELDS + i, &old);
		}
		if (same_text(old.text, c->list[i].value.null ? NULL : c->list[i].value.text))
			continue;
		pair = model_child(diff, f->name);
		model_text(pair, "old", old.text);
		model_text(pair, "new", c->list[i].value.null ? NULL : c->list[i].value.text);
		if (f->type == FIELD_MONEY)
			add_currencies(before, now, pair);
		c->list[kept++] = c->list[i];
	}
	c->n = kept;
}

/* Whoever loses a name keeps another: looked at once the change is made. */
static void
queue_name_left(const struct record_ctx *cx, const struct entity_def *d, int64_t id,
	const struct changes *c, struct rows **left_r)
{
	const struct change *en = changes_find(c, "name_en"), *zh = changes_find(c, "name_zh");
	struct sqlb b;

	*left_r = NULL;
	if ((en == NULL || !en->value.null) && (zh == NULL || !zh->value.null))
		return;
	sqlb_init(&b, cx->a);
	sqlb_add(&b, "select name_en is null and name_zh is null from %s where %s = %s", d->table,
		d->pk, sqlb_val(&b, val_i64(id), "bigint"));
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.name_left", d->table), left_r);
}

struct err *
record_update(const struct record_ctx *cx, enum entity e, int64_t id, int64_t version,
	struct changes *c, int64_t *version_r)
{
	const struct entity_def *d = entity_def(e);
	struct json_object *diff = model_object(cx->a);
	struct rows *before, *nameless;
	struct err *lost = NULL;
	struct seal_key key;
	bool stopped = false;
	struct sqlb b;

	TRY(change_check_references(cx, c));
	if (e == ENTITY_CONTACT)
		TRY(hold_check(cx, id, c));
	TRY(read_before(cx, d, id, RIGHT_EDIT, c, &before));
	*version_r = rows_i64(before, 0, 0);
	if (version != 0 && version != *version_r)
		return err_new(cx->a, ERR_STALE, NULL);
	key = tenant_log_key(cx->tenant);
	if (!rows_null(before, 0, 1)) {
		struct bytes wrapped = rows_bytes(cx->a, before, 0, 3);

		if (wrapped.p == NULL)
			return err_new(cx->a, ERR_CONFLICT, "error.erased");
		if (!key_unwrap(cx->a, &cx->tenant->kek, "person", wrapped, rows_i64(before, 0, 2),
			    &key))
			return err_internal(cx->a, "a person's key does not open");
	}
	keep_differing(cx, before, id, &key, c, diff);
	if (c->n == 0)
		return NULL;
	TRY(scope_update(cx, e, id, c));
	if (e == ENTITY_CONTACT)
		TRY(suppress_check(cx, c, &stopped));
	sqlb_init(&b, cx->a);
	sqlb_add(&b, "update %s set version = version + 1, updated_at = now()", d->table);
	if (stopped)
		sqlb_add(&b, ", marketing_stopped_at = coalesce(marketing_stopped_at, now())");
	for (size_t i = 0; i < c->n; i++) {
		const char *value, *blind;

		bind_change(&b, cx, &c->list[i], &key, id, &value, &blind);
		sqlb_add(&b, ", %s = %s", c->list[i].field->column, value);
		if (blind != NULL)
			sqlb_add(&b, ", %s_bi = %s", c->list[i].field->column, blind);
	}
	sqlb_add(&b, " where %s = %s", d->pk, sqlb_val(&b, val_i64(id), "bigint"));
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.update", d->table), NULL);
	change_event(cx, "update", e, id, rows_i64(before, 0, 1), c, &key, diff);
	queue_name_left(cx, d, id, c, &nameless);
	TRY(tx_run(cx->tx));
	if (nameless != NULL && rows_count(nameless) == 1 && rows_bool(nameless, 0, 0))
		err_add_field(cx->a, &lost, "name_en", "error.name_needed", NULL);
	*version_r += 1;
	return lost;
}

struct err *
record_archive(const struct record_ctx *cx, enum entity e, int64_t id, int64_t version,
	bool restore, int64_t *version_r)
{
	const struct entity_def *d = entity_def(e);
	struct changes none = {0};
	struct rows *before;
	struct sqlb b;

	TRY(read_before(cx, d, id, RIGHT_DELETE, &none, &before));
	*version_r = rows_i64(before, 0, 0);
	if (version != 0 && version != *version_r)
		return err_new(cx->a, ERR_STALE, NULL);
	if (!rows_null(before, 0, 1) && rows_null(before, 0, 3))
		return err_new(cx->a, ERR_CONFLICT, "error.erased");
	sqlb_init(&b, cx->a);
	sqlb_add(&b,
		"update %s set archived_at = %s, version = version + 1, updated_at = now() "
		"where %s = %s",
		d->table, restore ? "null" : "now()", d->pk, sqlb_val(&b, val_i64(id), "bigint"));
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.archive", d->table), NULL);
	change_event(cx, restore ? "restore" : "archive", e, id, rows_i64(before, 0, 1), &none,
		NULL, NULL);
	TRY(tx_run(cx->tx));
	*version_r += 1;
	return NULL;
}

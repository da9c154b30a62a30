/* SPDX-License-Identifier: ISC */
#include "mail_tray.h"

#include <string.h>

#include "object.h"
#include "token.h"

STMT(waits, "mail_tray.waits", 1,
	"select 1 from mail_tray where mail_key = $1 and state = 'waiting'");
STMT(insert_key, "mail_tray.key", 1,
	"insert into data_key (purpose, wrapped) values ('tray', $1) returning key_id");
STMT(insert, "mail_tray.insert", 7,
	"insert into mail_tray (key_id, particulars, object, object_key, size, mail_key, "
	"erased_on) values ($1::bigint, $2, $3, $4, $5::bigint, $6, $7::date)");
STMT(find, "mail_tray.find", 1,
	"select t.state, t.key_id, k.wrapped, t.particulars, t.object, t.object_key, t.size from "
	"mail_tray t left join data_key k using (key_id) where t.tray_id = $1::bigint for update "
	"of t");
STMT(end_key, "mail_tray.end", 1,
	"with t as (update mail_tray m set particulars = null, object = null, object_key = null, "
	"key_id = null from (select tray_id, key_id from mail_tray where tray_id = $1::bigint) o "
	"where m.tray_id = o.tray_id returning o.key_id) "
	"delete from data_key where key_id in (select key_id from t)");

static const char *
place(struct arena *a, const char *what, const struct seal_key *key)
{
	return arena_printf(a, "tray.%s|%lld", what, (long long)key->id);
}

static struct err *
store(const struct record_ctx *cx, const struct mail_tray_new *m, char *name,
	struct seal_key *key_r)
{
	unsigned char digest[32];
	struct object_writer *w;
	int64_t size;

	TRY(object_create(cx->a, cx->tenant->files, &w));
	TRY(object_write(w, m->p, m->n));
	return object_commit(w, name, key_r, &size, digest);
}

static struct bytes
particulars(const struct record_ctx *cx, const struct mail_tray_new *m, const struct seal_key *key)
{
	struct json_object *o = model_object(cx->a);
	const char *text;

	model_text(o, "address", m->address);
	model_text(o, "name", m->name);
	model_text(o, "subject", m->subject);
	model_i64(o, "date", m->date);
	model_bool(o, "outgoing", m->outgoing);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	return seal_value(cx->a, key, place(cx->a, "particulars", key), text, strlen(text));
}

static struct err *
put_row(const struct record_ctx *cx, const struct mail_tray_new *m, const char *object,
	const struct seal_key *object_key)
{
	struct bytes wrapped;
	struct seal_key key;
	struct rows *r;

	wrapped = data_key_new(cx, "tray", &key);
	TRY(tx_query(cx->tx, &insert_key, VALS(val_bytes(wrapped)), &r));
	key.id = rows_i64(r, 0, 0);
	return tx_query(cx->tx, &insert,
		VALS(val_i64(key.id), val_bytes(particulars(cx, m, &key)), val_text(object),
			val_bytes(seal_value(cx->a, &key, place(cx->a, "object", &key),
				object_key->key, KEY_BYTES)),
			val_i64((int64_t)m->n), val_bytes(m->mail_key), val_text(m->erased_on)),
		NULL);
}

struct err *
mail_tray_put(const struct record_ctx *cx, const struct mail_tray_new *m, bool *kept_r)
{
	char *name = arena_alloc(cx->a, OBJECT_NAME);
	struct seal_key object_key;
	struct rows *r;
	struct err *e;

	TRY(tx_query(cx->tx, &waits, VALS(val_bytes(m->mail_key)), &r));
	*kept_r = rows_count(r) == 0;
	if (!*kept_r)
		return NULL;
	TRY(store(cx, m, name, &object_key));
	e = put_row(cx, m, name, &object_key);
	secret_wipe(&object_key, sizeof(object_key));
	/* What stays is sealed under a key nobody has. */
	if (e != NULL)
		(void)!object_destroy(cx->a, cx->tenant->files, name);
	return e;
}

struct json_object *
mail_tray_open(const struct record_ctx *cx, const struct rows *r, size_t i, size_t col,
	struct seal_key *key_r)
{
	struct bytes wrapped = rows_bytes(cx->a, r, i, col + 1),
		     sealed = rows_bytes(cx->a, r, i, col + 2), plain;
	struct json_object *o;

	if (wrapped.p == NULL || sealed.p == NULL ||
		!key_unwrap(cx->a, &cx->tenant->kek, "tray", wrapped, rows_i64(r, i, col), key_r) ||
		!unseal_value(cx->a, key_r, place(cx->a, "particulars", key_r), sealed, &plain))
		return NULL;
	o = model_own(cx->a, json_tokener_parse((const char *)plain.p));
	return json_object_is_type(o, json_type_object) ? o : NULL;
}

static struct err *
find_in(const struct record_ctx *cx, int64_t id, const char *state, struct mail_tray *m)
{
	struct bytes plain;
	struct rows *r;

	*m = (struct mail_tray){.id = id};
	TRY(tx_query(cx->tx, &find, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	if (strcmp(rows_text(r, 0, 0), state) != 0)
		return err_new(cx->a, ERR_CONFLICT, "error.tray_decided");
	m->particulars = mail_tray_open(cx, r, 0, 1, &m->key);
	if (m->particulars == NULL ||
		!unseal_value(cx->a, &m->key, place(cx->a, "object", &m->key),
			rows_bytes(cx->a, r, 0, 5), &plain) ||
		plain.n != KEY_BYTES)
		return err_internal(cx->a, "a mail of the tray does not open");
	m->object = rows_text(r, 0, 4);
	memcpy(m->object_key.key, plain.p, KEY_BYTES);
	m->size = rows_i64(r, 0, 6);
	return NULL;
}

struct err *
mail_tray_find(const struct record_ctx *cx, int64_t id, struct mail_tray *m)
{
	return find_in(cx, id, "waiting", m);
}

struct err *
mail_tray_let_in(const struct record_ctx *cx, int64_t id, struct mail_tray *m)
{
	return find_in(cx, id, "let_in", m);
}

void
mail_tray_end(struct tx *tx, int64_t id)
{
	tx_queue(tx, &end_key, VALS(val_i64(id)), NULL);
}

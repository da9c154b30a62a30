/* SPDX-License-Identifier: ISC */
#include "outbox.h"

#include <string.h>

#include "job.h"
#include "response.h"
#include "seal.h"
#include "token.h"

#define KEY_PURPOSE "mail"
#define HTML_MAX ((size_t)256 * 1024)
#define LIFE ((int64_t)2 * 86400)

STMT(insert, "outbox.insert", 5,
	"with k as (insert into data_key (purpose, wrapped) values ('mail', $1) returning key_id) "
	"insert into outbox (kind, user_id, created_by, expires_at, key_id) "
	"select $2, $3::bigint, $4::bigint, now() + make_interval(secs => $5::bigint), key_id from "
	"k "
	"returning outbox_id, key_id");
STMT(put, "outbox.put", 2, "update outbox set sealed = $2 where outbox_id = $1::bigint");

static const char *
place(struct arena *a, int64_t id)
{
	return arena_printf(a, "outbox.sealed|%lld", (long long)id);
}

struct err *
outbox_write(struct arena *a, const struct outgoing *m, struct json_object **mail_r)
{
	struct json_object *o = model_object(a);
	struct sb html;

	sb_init(&html, a, HTML_MAX);
	TRY(view_page(a, arena_printf(a, "mail/%s", m->kind), m->lang, m->data, NULL, NULL, &html));
	if (!sb_ok(&html))
		return err_internal(a, "mail %s is too long", m->kind);
	model_text(o, "to", m->to);
	model_text(o, "name", m->name);
	model_text(o, "subject",
		view_text(a, m->lang, arena_printf(a, "mail.subject.%s", m->kind), m->subject_arg));
	model_text(o, "html", html.p);
	model_text(o, "lang", lang_tag(m->lang));
	/* The same at every attempt, so that a mail that came twice is seen to be one. */
	model_text(o, "id", token_new(a, 16));
	*mail_r = o;
	return NULL;
}

static struct err *
enqueue(struct tx *tx, struct arena *a, int64_t id, int64_t created_by)
{
	struct json_object *args = model_object(a);
	int64_t job;

	model_i64(args, "mail", id);
	return job_enqueue(tx, a, "mail", args, NULL, created_by, &job);
}

struct err *
outbox_put(struct tx *tx, struct arena *a, const struct seal_key *kek, const struct outgoing *m,
	int64_t *id_r)
{
	struct seal_key key;
	struct bytes sealed;
	struct rows *rows;
	struct json_object *mail;
	const char *text;
	int64_t id;

	TRY(outbox_write(a, m, &mail));
	text = json_object_to_json_string_ext(mail, JSON_C_TO_STRING_PLAIN);
	seal_key_random(&key);
	TRY(tx_query(tx, &insert,
		VALS(val_bytes(key_wrap(a, kek, KEY_PURPOSE, &key)), val_text(m->kind),
			val_id(m->user_id), val_id(m->created_by),
			val_i64(m->life != 0 ? m->life : LIFE)),
		&rows));
	*id_r = id = rows_i64(rows, 0, 0);
	key.id = rows_i64(rows, 0, 1);
	sealed = seal_value(a, &key, place(a, id), text, strlen(text));
	secret_wipe(&key, sizeof(key));
	tx_queue(tx, &put, VALS(val_i64(id), val_bytes(sealed)), NULL);
	return enqueue(tx, a, id, m->created_by);
}

struct err *
outbox_add(struct tx *tx, struct arena *a, const struct seal_key *kek, const struct outgoing *m)
{
	int64_t id;

	return outbox_put(tx, a, kek, m, &id);
}

bool
outbox_open(struct arena *a, const struct seal_key *kek, int64_t outbox_id, int64_t key_id,
	struct bytes wrapped, struct bytes sealed, struct json_object **mail_r)
{
	struct json_object *o;
	struct seal_key key;
	struct bytes plain;
	bool opened;

	if (wrapped.p == NULL || sealed.p == NULL ||
		!key_unwrap(a, kek, KEY_PURPOSE, wrapped, key_id, &key))
		return false;
	opened = unseal_value(a, &key, place(a, outbox_id), sealed, &plain);
	secret_wipe(&key, sizeof(key));
	if (!opened)
		return false;
	o = json_tokener_parse((const char *)plain.p);
	if (!json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		return false;
	}
	*mail_r = model_own(a, o);
	return true;
}

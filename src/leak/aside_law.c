/* SPDX-License-Identifier: ISC */
/*
 * Rows of the scratch set that come of privacy work: requests with their letters,
 * files and hand-overs, incidents and their lists, what was taken down, alerts.
 */
#include <string.h>

#include "case.h"
#include "incident.h"
#include "log.h"
#include "part.h"
#include "takedown_part.h"
#include "token.h"

STMT(add_key, "leak.request_key", 2,
	"insert into data_key (purpose, wrapped) values ($2, $1) returning key_id");
STMT(add_request, "leak.request", 3,
	"insert into privacy_request (kind, channel, language, received_at, due_on, "
	"due_rolled_on, limb_a, limb_b, key_id, particulars) select $3, 'letter', 'en', "
	"now(), x.day, x.day, $3 = 'access', $3 = 'access', $1::bigint, $2 from (select "
	"(hk_today() + term)::date as day from law_term where code = $3 || '_reply' and from_on "
	"<= hk_today() order by from_on desc limit 1) x returning request_id");
STMT(request_step, "leak.request_step", 2,
	"insert into request_event (request_id, action, data) values ($1::bigint, $2, case $2 "
	"when 'verify' then '{\"how\": \"known\"}'::jsonb else '{}' end)");
STMT(key_of_request, "leak.request_key_of", 1,
	"select k.key_id, k.wrapped from privacy_request r join data_key k on k.key_id = "
	"r.key_id where r.request_id = $1::bigint");
STMT(add_letter, "leak.letter", 2,
	"insert into letter (request_id, letter, language, sealed) values ($1::bigint, "
	"'acknowledge', 'en', $2) returning letter_id");
STMT(add_file, "leak.request_file", 7,
	"insert into request_file (request_id, what, name, content_type, object, object_key, size, "
	"sha256) values ($1::bigint, $2, $3, 'text/plain', $4, $5, $6::bigint, $7) returning "
	"file_id");
STMT(add_handover, "leak.handover", 4,
	"insert into handover (request_id, file_id, hash, email, expires_at) values ($1::bigint, "
	"$2::bigint, $3, $4, now() + interval '14 days') returning handover_id");
STMT(end_handover, "leak.handover_end", 1,
	"update handover set ended_at = now() where handover_id = $1::bigint");
STMT(add_incident, "leak.incident", 2,
	"insert into incident (kind, aware_at, began_at, key_id, particulars) values ('other', "
	"now(), now() - interval '1 hour', $1::bigint, $2) returning incident_id");
STMT(incident_recorded, "leak.incident_recorded", 1,
	"insert into incident_event (incident_id, action) values ($1::bigint, 'record')");
STMT(add_list, "leak.exposure", 2,
	"insert into exposure (incident_id, actor_ids, froms, tos) values ($1::bigint, "
	"array[$2::bigint], array[now() - interval '1 hour'], array[now()]) returning exposure_id");
STMT(add_takedown, "leak.takedown", 2,
	"insert into takedown (received_at, deadline_at, key_id, particulars) values (now(), "
	"now() + interval '1 day', $1::bigint, $2) returning takedown_id");
STMT(take_down, "leak.take_down", 7,
	"select takedown_hide($1::bigint, $2, $3::bigint, $4::bigint, $5::bigint, $6, $7)");
/* By a rule that somebody wants. */
STMT(raise, "leak.alert", 2,
	"select alert_raise(rule, $1, $2::bigint, null, null, 1, now() - interval '1 hour', now()) "
	"from watch_rule where enabled order by position limit 1");

/* A key of its own, and what is to be sealed under it. */
static struct err *
new_key(struct leak *l, const char *purpose, struct seal_key *key)
{
	struct bytes wrapped = data_key_new(&l->cx, purpose, key);
	struct rows *rows;

	TRY(tx_query(l->cx.tx, &add_key, VALS(val_bytes(wrapped), val_text(purpose)), &rows));
	key->id = rows_i64(rows, 0, 0);
	return NULL;
}

static const char *
particulars(struct leak *l, const char *name, const char *word)
{
	struct json_object *o = model_object(l->work);

	model_text(o, name, word);
	return json_object_to_json_string(o);
}

/* ---- requests */

static struct err *
new_request(struct leak *l, const char *kind, const char *word, struct privacy_case *c)
{
	struct request rq = {.a = l->work};
	struct rows *rows;

	*c = (struct privacy_case){.opens = true};
	TRY(new_key(l, "request", &c->key));
	TRY(tx_query(l->cx.tx, &add_request,
		VALS(val_i64(c->key.id),
			val_bytes(case_seal(&rq, c, "particulars", particulars(l, "name", word))),
			val_text(kind)),
		&rows));
	c->id = rows_i64(rows, 0, 0);
	tx_queue(l->cx.tx, &request_step, VALS(val_i64(c->id), val_text("record")), NULL);
	return NULL;
}

struct err *
aside_request(struct leak *l, struct aside *s)
{
	struct privacy_case c;

	TRY(new_request(l, "access", aside_canary(l, s), &c));
	s->id = c.id;
	return NULL;
}

/* The case that the row hangs on, as far as its key. */
static struct err *
case_of(struct leak *l, const struct aside *s, struct privacy_case *c)
{
	struct rows *rows;

	*c = (struct privacy_case){.id = s->of->id};
	TRY(tx_query(l->cx.tx, &key_of_request, VALS(val_i64(c->id)), &rows));
	c->opens = key_unwrap(l->work, &l->in->tenant->kek, "request",
		rows_bytes(l->work, rows, 0, 1), rows_i64(rows, 0, 0), &c->key);
	return NULL;
}

struct err *
aside_letter(struct leak *l, struct aside *s)
{
	struct request rq = {.a = l->work};
	const char *text = particulars(l, "subject", aside_canary(l, s));
	struct privacy_case c;
	struct rows *rows;

	TRY(case_of(l, s, &c));
	TRY(tx_query(l->cx.tx, &add_letter,
		VALS(val_i64(c.id), val_bytes(case_seal(&rq, &c, "letter", text))), &rows));
	s->id = rows_i64(rows, 0, 0);
	return NULL;
}

static struct err *
new_file(struct leak *l, const struct aside *s, const struct privacy_case *c, const char *what,
	int64_t *id_r)
{
	const struct leak_file *file = &l->files[!s->visible];
	const char *name = arena_printf(l->work, "%s.txt", aside_canary(l, s));
	const char *place =
		arena_printf(l->work, "request.file.%s|%lld", file->object, (long long)c->key.id);
	struct request rq = {.a = l->work};
	struct rows *rows;

	TRY(tx_query(l->cx.tx, &add_file,
		VALS(val_i64(c->id), val_text(what),
			val_bytes(case_seal(&rq, c, "file_name", name)), val_text(file->object),
			val_bytes(seal_value(l->work, &c->key, place, file->key.key, KEY_BYTES)),
			val_i64(file->size), val_bytes((struct bytes){file->sha256, DIGEST_BYTES})),
		&rows));
	*id_r = rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
aside_file(struct leak *l, struct aside *s)
{
	struct privacy_case c;

	TRY(case_of(l, s, &c));
	return new_file(l, s, &c, "proof", &s->id);
}

/* Of a request of its own: what is handed over of one for access is looked at twice before. */
struct err *
aside_handover(struct leak *l, struct aside *s)
{
	struct request rq = {.a = l->work};
	unsigned char hash[DIGEST_BYTES];
	struct privacy_case c;
	const char *email;
	struct rows *rows;
	int64_t file;

	TRY(new_request(l, "correction", aside_canary(l, s), &c));
	tx_queue(l->cx.tx, &request_step, VALS(val_i64(c.id), val_text("verify")), NULL);
	TRY(new_file(l, s, &c, "answer", &file));
	sha256(s->link, strlen(s->link), hash);
	email = arena_printf(l->work, "%s@praya.invalid", aside_canary(l, s));
	TRY(tx_query(l->cx.tx, &add_handover,
		VALS(val_i64(c.id), val_i64(file), val_bytes((struct bytes){hash, DIGEST_BYTES}),
			val_bytes(case_seal(&rq, &c, "handover_email", email))),
		&rows));
	s->id = rows_i64(rows, 0, 0);
	if (s->kind == ASIDE_OVER)
		tx_queue(l->cx.tx, &end_handover, VALS(val_i64(s->id)), NULL);
	return NULL;
}

/* ---- incidents and alerts */

struct err *
aside_incident(struct leak *l, struct aside *s)
{
	const char *text = particulars(l, "title", aside_canary(l, s));
	struct request rq = {.a = l->work};
	struct incident in = {.opens = true};
	struct rows *rows;

	TRY(new_key(l, "incident", &in.key));
	TRY(tx_query(l->cx.tx, &add_incident,
		VALS(val_i64(in.key.id), val_bytes(incident_seal(&rq, &in, "particulars", text))),
		&rows));
	s->id = rows_i64(rows, 0, 0);
	tx_queue(l->cx.tx, &incident_recorded, VALS(val_i64(s->id)), NULL);
	return NULL;
}

struct err *
aside_list(struct leak *l, struct aside *s)
{
	struct rows *rows;

	TRY(tx_query(l->cx.tx, &add_list, VALS(val_i64(s->of->id), val_i64(l->mate)), &rows));
	s->id = rows_i64(rows, 0, 0);
	return NULL;
}

/* No path has its number. */
struct err *
aside_alert(struct leak *l, struct aside *s)
{
	struct rows *rows;

	s->id = -1;
	return tx_query(
		l->cx.tx, &raise, VALS(val_text(aside_canary(l, s)), val_i64(l->other)), &rows);
}

/* ---- what was taken down */

static struct aside *
find(struct leak *l, enum aside_kind kind)
{
	for (size_t i = 0; i < l->nasides; i++)
		if (l->asides[i].kind == kind)
			return &l->asides[i];
	return NULL;
}

static struct err *
new_takedown(struct leak *l, struct aside *s)
{
	const char *text = particulars(l, "from", aside_canary(l, s));
	struct request rq = {.a = l->work};
	struct seal_key key;
	struct rows *rows;

	TRY(new_key(l, TAKEDOWN_KEY, &key));
	TRY(tx_query(l->cx.tx, &add_takedown,
		VALS(val_i64(key.id),
			val_bytes(seal_value(l->work, &key,
				takedown_place(&rq, "particulars", key.id), text, strlen(text)))),
		&rows));
	s->id = rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
aside_take_down(struct leak *l, const struct thing *t)
{
	struct aside *notice = find(l, ASIDE_TAKEDOWN), *copy = find(l, ASIDE_EVIDENCE);
	unsigned char *sum = arena_alloc(l->work, DIGEST_BYTES);
	struct request rq = {.a = l->work};
	struct seal_key key;
	struct rows *rows;
	const char *text;

	if (notice->id == 0)
		TRY(new_takedown(l, notice));
	text = particulars(l, "body", aside_canary(l, copy));
	sha256(text, strlen(text), sum);
	TRY(new_key(l, TAKEDOWN_KEY, &key));
	TRY(tx_query(l->cx.tx, &take_down,
		VALS(val_i64(notice->id), val_text(entity_name(t->entity)), val_i64(t->id),
			val_i64(l->things[t->contact].id), val_i64(key.id),
			val_bytes(seal_value(l->work, &key, takedown_place(&rq, "evidence", key.id),
				text, strlen(text))),
			val_bytes((struct bytes){sum, DIGEST_BYTES})),
		&rows));
	copy->id = rows_i64(rows, 0, 0);
	return NULL;
}

/* SPDX-License-Identifier: ISC */
#include "replay.h"

#include <string.h>

#include "token.h"

STMT(claim, "replay.claim", 3,
	"insert into replay (key, user_id, body, status) values ($1, $2::bigint, $3, 0) "
	"on conflict (key) do nothing");
STMT(kept, "replay.kept", 1, "select body, status, location, answer from replay where key = $1");
STMT(store, "replay.store", 5,
	"update replay set status = $2::int, location = $3, answer = $4, contact_id = $5::bigint "
	"where key = $1");

#define KEY_MAX 200

/* One that is not kept would be taken for one that is. */
static struct err *
check_header(const struct request *rq)
{
	const char *key = request_header(rq, "Idempotency-Key");

	if (!rq->api || rq->method != METHOD_POST || key == NULL ||
		(*key != '\0' && strlen(key) <= KEY_MAX))
		return NULL;
	return err_new(rq->a, ERR_BAD_REQUEST, "error.idempotency_key");
}

/* The name of this write, or p NULL when it carries none. */
static struct bytes
replay_key(const struct request *rq)
{
	const char *name = NULL;
	unsigned char *digest;
	const char *text;
	struct json_object *v;

	/* A search changes nothing, and its answer is about many people. */
	if (rq->principal == NULL || rq->method == METHOD_GET ||
		strcmp(rq->route->action, "search") == 0)
		return (struct bytes){NULL, 0};
	if (rq->api && rq->method == METHOD_POST)
		name = request_header(rq, "Idempotency-Key");
	else if (!rq->api && json_object_object_get_ex(rq->body, "_form", &v))
		name = json_object_get_string(v);
	if (name == NULL || *name == '\0' || strlen(name) > KEY_MAX)
		return (struct bytes){NULL, 0};
	digest = arena_alloc(rq->a, DIGEST_BYTES);
	text = arena_printf(rq->a, "%lld|%s|%s|%s", (long long)rq->principal->user_id,
		rq->route->name, rq->path, name);
	sha256(text, strlen(text), digest);
	return (struct bytes){digest, DIGEST_BYTES};
}

static struct bytes
body_digest(const struct request *rq)
{
	unsigned char *digest = arena_alloc(rq->a, DIGEST_BYTES);
	struct digest *d = digest_new(rq->a);
	const char *text = json_object_to_json_string_ext(rq->body, JSON_C_TO_STRING_PLAIN);

	digest_add(d, text, strlen(text));
	for (const struct upload *u = rq->uploads; u != NULL; u = u->next)
		digest_add(d, u->sha256, sizeof(u->sha256));
	digest_end(d, digest);
	return (struct bytes){digest, DIGEST_BYTES};
}

struct err *
replay_check(struct request *rq, struct response *rp, bool *replayed_r)
{
	struct bytes key = replay_key(rq), body, before, answer, plain;
	struct rows *rows;

	*replayed_r = false;
	TRY(check_header(rq));
	if (key.p == NULL)
		return NULL;
	body = body_digest(rq);
	TRY(tx_query(rq->tx, &claim,
		VALS(val_bytes(key), val_i64(rq->principal->user_id), val_bytes(body)), &rows));
	if (rows_affected(rows) == 1)
		return NULL;
	TRY(tx_query(rq->tx, &kept, VALS(val_bytes(key)), &rows));
	/* The answer was about a record that is not visible any more. */
	if (rows_count(rows) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	before = rows_bytes(rq->a, rows, 0, 0);
	if (before.n != body.n || memcmp(before.p, body.p, body.n) != 0)
		return err_new(rq->a, ERR_INVALID, "error.idempotency");
	/* A handler that commits by itself (an erasure) leaves no answer: its page
	 * shows the outcome, a program is told the state. */
	if (rows_i64(rows, 0, 1) == 0) {
		*replayed_r = !rq->api;
		rp->location = rq->api ? NULL : rq->path;
		return NULL;
	}
	rp->status = (int)rows_i64(rows, 0, 1);
	if (rows_text(rows, 0, 2) != NULL)
		rp->location = arena_strdup(rq->a, rows_text(rows, 0, 2));
	answer = rows_bytes(rq->a, rows, 0, 3);
	if (rq->api && answer.p != NULL) {
		if (!unseal_value(rq->a, &rq->tenant->cursor, "replay", answer, &plain))
			return err_internal(rq->a, "kept answer does not open");
		rp->content_type = "application/json; charset=utf-8";
		rp->ready = (const char *)plain.p;
		rp->ready_size = plain.n;
	} else if (!rq->api && rp->location == NULL) {
		rp->location = "/";
	}
	*replayed_r = true;
	return NULL;
}

void
replay_store(struct request *rq, struct response *rp, const struct sb *body)
{
	struct bytes key = replay_key(rq), answer = {NULL, 0};

	if (key.p == NULL)
		return;
	if (rq->api && body->n > 0 && !rp->secret)
		answer = seal_value(rq->a, &rq->tenant->cursor, "replay", body->p, body->n);
	tx_queue(rq->tx, &store,
		VALS(val_bytes(key), val_i64(rp->status), val_text(rp->location), val_bytes(answer),
			val_id(rp->subject_id)),
		NULL);
}

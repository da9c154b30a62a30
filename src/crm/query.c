/* SPDX-License-Identifier: ISC */
#include "query.h"

#include <string.h>

#include "token.h"

STMT(store, "query.store", 4,
	"insert into stored_query (token, user_id, entity, sealed) values ($1, $2::bigint, $3, "
	"$4)");
STMT(load, "query.load", 3,
	"select sealed from stored_query where token = $1 and user_id is not distinct from "
	"$2::bigint and entity = $3 "
	"and created_at > now() - interval '1 day'");

static struct bytes
token_digest(struct arena *a, const char *token)
{
	unsigned char *d = arena_alloc(a, DIGEST_BYTES);

	sha256(token, strlen(token), d);
	return (struct bytes){d, DIGEST_BYTES};
}

static bool
anything(const struct record_query *q)
{
	if (q->q != NULL && *q->q != '\0')
		return true;
	if (q->filter == NULL)
		return false;
	json_object_object_foreach(q->filter, name, v)
	{
		(void)name;
		if (v != NULL && *json_object_get_string(v) != '\0')
			return true;
	}
	return false;
}

struct err *
query_store(const struct record_ctx *cx, const struct record_query *q, const char **token_r)
{
	struct json_object *o;
	const char *text;
	struct bytes sealed;

	*token_r = NULL;
	if (!anything(q))
		return NULL;
	o = model_object(cx->a);
	model_text(o, "q", q->q);
	if (q->filter != NULL)
		json_object_object_add(o, "filter", json_object_get(q->filter));
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	sealed = seal_value(cx->a, &cx->tenant->cursor, "query", text, strlen(text));
	*token_r = token_new(cx->a, 16);
	tx_queue(cx->tx, &store,
		VALS(val_bytes(token_digest(cx->a, *token_r)), val_id(cx->principal->user_id),
			val_text(entity_name(q->entity)), val_bytes(sealed)),
		NULL);
	return NULL;
}

struct err *
query_load(const struct record_ctx *cx, enum entity e, const char *token, struct record_query *q)
{
	struct json_object *o, *v;
	struct bytes sealed, plain;
	struct rows *rows;

	TRY(tx_query(cx->tx, &load,
		VALS(val_bytes(token_digest(cx->a, token)), val_id(cx->principal->user_id),
			val_text(entity_name(e))),
		&rows));
	if (rows_count(rows) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, "error.query_gone");
	sealed = rows_bytes(cx->a, rows, 0, 0);
	if (!unseal_value(cx->a, &cx->tenant->cursor, "query", sealed, &plain))
		return err_internal(cx->a, "stored query does not open");
	o = json_tokener_parse((const char *)plain.p);
	if (o == NULL)
		return err_internal(cx->a, "stored query does not parse");
	model_own(cx->a, o);
	if (json_object_object_get_ex(o, "q", &v) && v != NULL)
		q->q = json_object_get_string(v);
	if (json_object_object_get_ex(o, "filter", &v) && v != NULL)
		q->filter = v;
	return NULL;
}

/* SPDX-License-Identifier: ISC */
#include "case_file.h"

#include <string.h>

#include "attachment.h"
#include "case_view.h"
#include "controls.h"
#include "date.h"
#include "object.h"
#include "source_file.h"
#include "text.h"
#include "token.h"

STMT(insert, "case_file.insert", 9,
	"insert into request_file (request_id, what, name, content_type, object, object_key, size, "
	"sha256, item_id) values ($1::bigint, $2, $3, $4, $5, $6, $7::bigint, $8, $9::bigint) "
	"returning file_id");
STMT(list_files, "case_file.list", 1,
	"select f.file_id, f.what, f.name, f.size, (extract(epoch from f.created_at) * "
	"1000000)::bigint, u.name, f.destroyed_at is not null, f.item_id from request_file f "
	"left join app_user u on u.user_id = f.created_by where f.request_id = $1::bigint "
	"order by f.file_id desc limit 100");
STMT(find_file, "case_file.find", 2,
	"select what, name, content_type, object, object_key, size from request_file "
	"where request_id = $1::bigint and file_id = $2::bigint");
STMT(source_files, "case_file.sources", 1,
	"select f.file_id, f.object, f.object_key, f.size, f.sha256, f.content_type, i.label, "
	"(extract(epoch from f.created_at) * 1000000)::bigint from request_file f join "
	"request_item i using (item_id) where f.request_id = $1::bigint and f.what = 'source' and "
	"f.object_key is not null and f.object is not null order by f.file_id limit 1000");
STMT(list_dead, "case_file.dead", 0,
	"select file_id, object from request_file where destroyed_at is not null "
	"and object is not null order by file_id limit 100");
STMT(drop_objects, "case_file.drop", 1,
	"update request_file set object = null where file_id = any ($1::bigint[])");

static const char *
key_place(struct arena *a, const struct seal_key *key, const char *object)
{
	return arena_printf(a, "request.file.%s|%lld", object, (long long)key->id);
}

struct err *
case_file_add(struct request *rq, const struct privacy_case *c, const char *what,
	const struct upload *u, int64_t item)
{
	struct json_object *data = model_object(rq->a);
	struct bytes digest = {u->sha256, DIGEST_BYTES};
	struct rows *r;

	TRY(tx_query(rq->tx, &insert,
		VALS(val_i64(c->id), val_text(what),
			val_bytes(case_seal(rq, c, "file_name", u->file_name)),
			val_text(attachment_type(u->content_type)), val_text(u->object),
			val_bytes(seal_value(rq->a, &c->key, key_place(rq->a, &c->key, u->object),
				u->key.key, KEY_BYTES)),
			val_i64(u->size), val_bytes(digest), val_id(item)),
		&r));
	model_i64(data, "file_id", rows_i64(r, 0, 0));
	model_text(data, "what", what);
	case_note(rq, c, "file", NULL, data);
	return NULL;
}

static struct err *
read_source(struct arena *a, const struct seal_key *key, const struct rows *r, size_t i,
	struct source_file *f)
{
	struct bytes plain, label;

	if (!unseal_value(a, key, key_place(a, key, rows_text(r, i, 1)), rows_bytes(a, r, i, 2),
		    &plain) ||
		plain.n != KEY_BYTES ||
		!unseal_value(a, key, arena_printf(a, "request.label|%lld", (long long)key->id),
			rows_bytes(a, r, i, 6), &label))
		return err_internal(a, "the key of a file does not open");
	memcpy(f->object.key.key, plain.p, KEY_BYTES);
	f->id = rows_i64(r, i, 0);
	f->created_at = rows_i64(r, i, 7);
	f->source = (const char *)label.p;
	f->object.object = arena_strdup(a, rows_text(r, i, 1));
	f->object.size = rows_i64(r, i, 3);
	f->object.sha256 = rows_bytes(a, r, i, 4);
	f->object.content_type = arena_strdup(a, rows_text(r, i, 5));
	return NULL;
}

struct err *
case_source_files(struct tx *tx, struct arena *a, const char *store, const struct seal_key *key,
	int64_t request, struct source_file **list_r, size_t *n_r)
{
	struct source_file *list;
	struct rows *r;

	TRY(tx_query(tx, &source_files, VALS(val_i64(request)), &r));
	*n_r = rows_count(r);
	*list_r = list = ARENA_ARRAY(a, *n_r + 1, struct source_file);
	for (size_t i = 0; i < *n_r; i++) {
		list[i] = (struct source_file){.object = {.store = store}};
		TRY(read_source(a, key, r, i, &list[i]));
	}
	return NULL;
}

#define PIECE ((size_t)65536)

static struct err *
send_object(void *ctx, struct response *rp)
{
	struct object_reader *r = ctx;
	unsigned char *piece = arena_alloc(rp->a, PIECE);
	size_t got;

	do {
		TRY(object_read(r, piece, PIECE, &got));
		if (got > 0)
			TRY(response_write(rp, piece, got));
	} while (got > 0);
	return NULL;
}

struct err *
case_file_send(struct request *rq, struct response *rp, const struct privacy_case *c, int64_t file)
{
	struct seal_key key = {0};
	struct object_reader *o;
	struct bytes plain;
	const char *name;
	struct rows *r;

	TRY(tx_query(rq->tx, &find_file, VALS(val_i64(c->id), val_i64(file)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (rows_null(r, 0, 3) || rows_null(r, 0, 4) || !c->opens)
		return err_new(rq->a, ERR_GONE, "error.file_destroyed");
	if (!unseal_value(rq->a, &c->key, key_place(rq->a, &c->key, rows_text(r, 0, 3)),
		    rows_bytes(rq->a, r, 0, 4), &plain) ||
		plain.n != KEY_BYTES)
		return err_internal(rq->a, "the key of a file does not open");
	memcpy(key.key, plain.p, KEY_BYTES);
	TRY(object_open(rq->a, rq->tenant->files, rows_text(r, 0, 3), &key, &o));
	name = case_unseal(rq, c, "file_name", rows_bytes(rq->a, r, 0, 1));
	rp->content_type = rows_text(r, 0, 2);
	rp->file_name = name != NULL ? name : "file";
	rp->stream_size = rows_i64(r, 0, 5);
	rp->stream = send_object;
	rp->stream_ctx = o;
	return NULL;
}

static const char *
size_text(struct request *rq, int64_t n)
{
	return arena_printf(rq->a, "%s KiB", number_text(rq->a, (n + 1023) / 1024));
}

struct err *
case_files(struct request *rq, const struct privacy_case *c, struct json_object *data,
	struct json_object *page)
{
	struct json_object *list = model_list(data, "files");
	bool runs = principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS);
	struct rows *r;

	TRY(tx_query(rq->tx, &list_files, VALS(val_i64(c->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);
		int64_t id = rows_i64(r, i, 0);

		model_i64(o, "id", id);
		model_text(o, "what", rows_text(r, i, 1));
		model_text(o, "name", case_unseal(rq, c, "file_name", rows_bytes(rq->a, r, i, 2)));
		model_i64(o, "size", rows_i64(r, i, 3));
		model_text(o, "created_at", time_rfc3339(rq->a, rows_i64(r, i, 4)));
		model_text(o, "created_by", rows_text(r, i, 5));
		model_bool(o, "destroyed", rows_bool(r, i, 6));
		if (rows_null(r, i, 7))
			model_null(o, "item");
		else
			model_i64(o, "item", rows_i64(r, i, 7));
		if (rq->api)
			continue;
		model_text(o, "what_word", say_word(rq, "requests.file", rows_text(r, i, 1)));
		model_text(o, "size_text", size_text(rq, rows_i64(r, i, 3)));
		if (runs && c->opens && !rows_bool(r, i, 6))
			model_text(o, "url",
				arena_printf(rq->a, "/privacy/requests/%lld/files/%lld",
					(long long)c->id, (long long)id));
	}
	if (page != NULL)
		model_bool(page, "upload_link",
			runs && c->closed_at == 0 && case_text(c, "email") != NULL &&
				gate_settings()->mail_relay != NULL);
	return NULL;
}

/* A way to send proof of identity or authority: one file, once, within two weeks. */
static struct err *
send_link(struct request *rq, struct response *rp)
{
	struct privacy_case c;

	TRY(case_load(rq, request_id(rq, 0), &c));
	if (c.closed_at != 0 || !c.opens)
		return err_new(rq->a, ERR_CONFLICT, "error.request_closed");
	if (gate_settings()->mail_relay == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.no_mail");
	if (case_text(&c, "email") == NULL || text_email(rq->a, case_text(&c, "email")) == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.request_no_email");
	TRY(request_mail_link(rq, &c, "upload"));
	case_note(rq, &c, "upload_link", NULL, NULL);
	case_log(rq, "send", &c);
	response_flash(rp, "flash.upload_link");
	rp->status = 202;
	response_go(rp, rq, "/privacy/requests/%lld", (long long)c.id);
	return tx_run(rq->tx);
}

/* Each look at it is on the timeline. */
static struct err *
fetch(struct request *rq, struct response *rp)
{
	struct json_object *data = model_object(rq->a);
	struct privacy_case c;

	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(case_file_send(rq, rp, &c, request_id(rq, 1)));
	model_i64(data, "file_id", request_id(rq, 1));
	case_note(rq, &c, "file_seen", NULL, data);
	case_log(rq, "download", &c);
	return tx_run(rq->tx);
}

struct err *
case_files_sweep(struct job_run *run)
{
	struct rows *r;
	struct tx *tx;
	int64_t *ids;
	size_t n;

	do {
		TRY(chore_begin(run, "requests", &tx));
		TRY(tx_query(tx, &list_dead, NO_VALS, &r));
		n = rows_count(r);
		ids = ARENA_ARRAY(run->a, n + 1, int64_t);
		for (size_t i = 0; i < n; i++) {
			ids[i] = rows_i64(r, i, 0);
			TRY(object_destroy(run->a, run->tenant->files, rows_text(r, i, 1)));
		}
		tx_queue(tx, &drop_objects, VALS(val_i64s(ids, n)), NULL);
		TRY(tx_commit(tx));
	} while (n == 100);
	return NULL;
}

const struct route case_file_routes[] = {
	ROUTE(WRITE, POST, "/privacy/requests/{id}/upload-links", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"send", send_link, NULL, NULL, "", "request.upload_link"),
	ROUTE(STREAM, GET, "/privacy/requests/{id}/files/{id}", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"download", fetch, NULL, NULL, "", "request.file"),
	ROUTE_END,
};

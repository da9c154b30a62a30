/* SPDX-License-Identifier: ISC */
#include "download.h"

#include <string.h>

#include "event.h"
#include "export_guard.h"
#include "list_export.h"
#include "object.h"
#include "run.h"
#include "scratch.h"
#include "token.h"

#define KEY_OF_MANY "export"

STMT(add, "download.add", 13,
	"insert into download (kind, job_id, contact_id, user_id, file_name, content_type, object, "
	"object_key, size, sha256, expires_at, key_id, fetch_max) values ($1, $2::bigint, "
	"$3::bigint, "
	"$4::bigint, $5, $6, $7, $8, $9::bigint, $10, now() + make_interval(hours => $11::int), "
	"$12::bigint, $13::bigint::integer) returning download_id");
STMT(add_key, "download.add_key", 1,
	"insert into data_key (purpose, wrapped) values ('" KEY_OF_MANY "', $1) returning key_id");
STMT(expired, "owner.download_expired", 0,
	"select download_id, object from download where destroyed_at is null and expires_at <= "
	"now() "
	"order by expires_at limit 100");
STMT(destroyed, "owner.download_destroyed", 1,
	"with k as (delete from data_key where key_id in (select key_id from download "
	"where download_id = any ($1::bigint[]))), "
	"r as (delete from export_record where export_id in (select export_id from export "
	"where download_id = any ($1::bigint[]))) "
	"update download set destroyed_at = now() where download_id = any ($1::bigint[])");
STMT(find, "download.find", 2,
	"select d.kind, d.contact_id, d.file_name, d.content_type, d.object, d.object_key, d.size, "
	"d.destroyed_at is not null or d.expires_at <= now(), k.key_id, k.wrapped, e.export_id, "
	"e.entity from download d left join contact c using (contact_id) "
	"left join data_key k on k.key_id = coalesce(d.key_id, c.key_id) "
	"left join export e on e.job_id = d.job_id "
	"where d.download_id = $1::bigint and ($2::bigint = -1 or d.user_id = $2::bigint or "
	"d.kind = 'workspace_export')");
STMT(not_used_up, "download.not_used_up", 1,
	"select from download where download_id = $1::bigint "
	"and (fetch_max is null or fetched < fetch_max)");
STMT(fetched, "download.fetched", 1,
	"update download set fetched = fetched + 1 where download_id = $1::bigint "
	"and (fetch_max is null or fetched < fetch_max) returning fetched");

#define PIECE ((size_t)65536)
/* Whoever asked for the file. */
#define ANYBODYS (-1)

/* The object's name is unique and known before the row's number is. */
static const char *
key_place(struct arena *a, const char *object)
{
	return arena_printf(a, "download.object_key|%s", object);
}

/* The key that a file's key is sealed under: a person's, or one of the file's own. */
static struct err *
key_above(const struct record_ctx *cx, const struct download_new *in, struct seal_key *key_r)
{
	struct bytes wrapped;
	struct rows *rows;

	if (in->contact_id != 0)
		return person_key(cx, in->contact_id, key_r);
	wrapped = data_key_new(cx, KEY_OF_MANY, key_r);
	TRY(tx_query(cx->tx, &add_key, VALS(val_bytes(wrapped)), &rows));
	key_r->id = rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
download_add(const struct record_ctx *cx, const struct download_new *in, int64_t *id_r)
{
	struct bytes digest = {in->sha256, DIGEST_BYTES}, sealed;
	int64_t hours = in->hours != 0 ? in->hours : DOWNLOAD_HOURS;
	struct seal_key above;
	struct rows *rows;

	TRY(key_above(cx, in, &above));
	sealed = seal_value(
		cx->a, &above, key_place(cx->a, in->object), in->object_key.key, KEY_BYTES);
	TRY(tx_query(cx->tx, &add,
		VALS(val_text(in->kind), val_id(in->job_id), val_id(in->contact_id),
			val_id(in->user_id), val_text(in->file_name), val_text(in->content_type),
			val_text(in->object), val_bytes(sealed), val_i64(in->size),
			val_bytes(digest), val_i64(hours),
			val_id(in->contact_id == 0 ? above.id : 0), val_id(in->fetch_max)),
		&rows));
	*id_r = rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
download_store(struct job_run *run, struct scratch *zip, struct download_new *d)
{
	unsigned char *sha256 = arena_alloc(run->a, DIGEST_BYTES),
		      *piece = arena_alloc(run->a, PIECE);
	char *name = arena_alloc(run->a, OBJECT_NAME);
	struct object_writer *w;
	int64_t at = 0, beaten = 0;
	size_t got;

	TRY(object_create(run->a, run->tenant->files, &w));
	for (;;) {
		TRY(scratch_read_at(zip, at, piece, PIECE, &got));
		if (got == 0)
			break;
		TRY(object_write(w, piece, got));
		at += (int64_t)got;
		/* Some tenths of a second at most between two. */
		if (at - beaten > (int64_t)64 * 1024 * 1024) {
			TRY(job_beat(run, run->done, run->total));
			beaten = at;
		}
	}
	TRY(object_commit(w, name, &d->object_key, &d->size, sha256));
	d->object = name;
	d->sha256 = sha256;
	return NULL;
}

struct err *
download_destroy_expired(struct job_run *run)
{
	struct rows *rows;
	int64_t *ids;
	struct conn *owner;
	struct tx *tx;
	size_t n;

	do {
		TRY(tenant_conn_migrate(run->tenancy, run->a, run->tenant, &owner));
		TRY(chore_begin_owner(run, owner, "expire", &tx));
		TRY(tx_query(tx, &expired, NO_VALS, &rows));
		n = rows_count(rows);
		ids = ARENA_ARRAY(run->a, n + 1, int64_t);
		for (size_t i = 0; i < n; i++) {
			ids[i] = rows_i64(rows, i, 0);
			/* One that is gone already is none to worry about: killed here, the
			 * next run finds the row again. */
			TRY(object_destroy(run->a, run->tenant->files, rows_text(rows, i, 1)));
		}
		if (n > 0)
			tx_queue(tx, &destroyed, VALS(val_i64s(ids, n)), NULL);
		TRY(tx_commit(tx));
	} while (n == 100);
	return NULL;
}

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

static struct err *
open_object(const struct request *rq, const struct rows *r, struct object_reader **o_r)
{
	struct bytes wrapped = rows_bytes(rq->a, r, 0, 9), plain;
	struct seal_key above, key = {0};
	const char *object = rows_text(r, 0, 4);
	const char *purpose = rows_null(r, 0, 1) ? KEY_OF_MANY : "person";

	/* The person was erased, and with the key every export of the person. */
	if (wrapped.p == NULL)
		return err_new(rq->a, ERR_GONE, "error.download_erased");
	if (!key_unwrap(rq->a, &rq->tenant->kek, purpose, wrapped, rows_i64(r, 0, 8), &above) ||
		!unseal_value(rq->a, &above, key_place(rq->a, object), rows_bytes(rq->a, r, 0, 5),
			&plain) ||
		plain.n != KEY_BYTES)
		return err_internal(rq->a, "the key of a download does not open");
	memcpy(key.key, plain.p, KEY_BYTES);
	return object_open(rq->a, rq->tenant->files, object, &key, o_r);
}

/* A refused attempt is evidence too. */
static struct err *
refuse(struct request *rq, int64_t id, int64_t contact, enum right right, const char *key)
{
	int64_t *ids = ARENA_ARRAY(rq->a, 2, int64_t);
	struct audit_event e = {.action = "download",
		.outcome = "denied",
		.entity = "download",
		.records = ids,
		.nrecords = 1,
		.subjects = ids + 1,
		.nsubjects = contact != 0,
		.reason = right_name(right)};

	ids[0] = id;
	ids[1] = contact;
	audit_queue(rq->tx, rq->a, &e);
	TRY(tx_commit(rq->tx));
	return err_new(rq->a, ERR_DENIED, key);
}

/* Who lost the right since loses the file too. */
static struct err *
check_right(struct request *rq, int64_t id, const struct rows *r)
{
	bool list = strcmp(rows_text(r, 0, 0), "list_export") == 0;
	/* A list without its export: nobody's. */
	enum entity e =
		list && !rows_null(r, 0, 11) ? entity_parse(rows_text(r, 0, 11)) : ENTITY_NONE;
	const char *kind = rows_text(r, 0, 0);
	enum right right = list ? RIGHT_EXPORT
			   : strcmp(kind, "workspace_export") == 0 || strcmp(kind, "books") == 0
				   ? RIGHT_CLOSE_WORKSPACE
			   : strcmp(kind, "log_export") == 0 ? RIGHT_VIEW_AUDIT
							     : RIGHT_RUN_REQUESTS;

	if (principal_may(rq->principal, e, right))
		return NULL;
	return refuse(rq, id, rows_i64(r, 0, 1), right, NULL);
}

/* What is not shown to somebody any more is not in an old file of theirs either. */
static struct err *
check_held(struct request *rq, const struct record_ctx *cx, int64_t id, const struct rows *r)
{
	const char *key = NULL;

	if (strcmp(rows_text(r, 0, 0), "list_export") == 0)
		TRY(list_export_readable(cx, rows_i64(r, 0, 10), &key));
	return key == NULL ? NULL : refuse(rq, id, 0, RIGHT_EXPORT, key);
}

/* The gate commits the event before the first byte goes out. */
static struct err *
send_found(struct request *rq, struct response *rp, const struct record_ctx *cx, int64_t id,
	const struct rows *r)
{
	struct object_reader *o;
	struct rows *times;

	if (rows_bool(r, 0, 7))
		return err_new(rq->a, ERR_GONE,
			strcmp(rows_text(r, 0, 0), "list_export") == 0 ? "error.list_expired"
								       : "error.download_expired");
	TRY(open_object(rq, r, &o));
	/* Who asks for the head alone takes nothing along. */
	if (!rq->head)
		audit_queue_one(rq->tx, rq->a, "download", "download", id, rows_i64(r, 0, 1), NULL);
	TRY(tx_query(rq->tx, rq->head ? &not_used_up : &fetched, VALS(val_i64(id)), &times));
	if (rows_count(times) == 0)
		return err_new(rq->a, ERR_GONE, "error.download_used_up");
	if (!rq->head && rows_i64(times, 0, 0) == 1 && !rows_null(r, 0, 10))
		TRY(export_fetched(cx, gate_settings(), rows_i64(r, 0, 10)));
	rp->content_type = rows_text(r, 0, 3);
	rp->file_name = rows_text(r, 0, 2);
	rp->stream_size = rows_i64(r, 0, 6);
	rp->stream = send_object;
	rp->stream_ctx = o;
	return NULL;
}

static struct err *
send_file(struct request *rq, struct response *rp, int64_t id, int64_t user)
{
	const struct record_ctx cx = record_ctx_of(rq);
	struct rows *r;

	TRY(tx_query(rq->tx, &find, VALS(val_i64(id), val_i64(user)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(check_right(rq, id, r));
	TRY(check_held(rq, &cx, id, r));
	return send_found(rq, rp, &cx, id, r);
}

static struct err *
fetch(struct request *rq, struct response *rp)
{
	return send_file(rq, rp, request_id(rq, 0), rq->principal->user_id);
}

struct err *
download_send(struct request *rq, struct response *rp, int64_t id)
{
	return send_file(rq, rp, id, ANYBODYS);
}

struct err *
download_hand_over(struct request *rq, struct response *rp, int64_t id)
{
	const struct record_ctx cx = record_ctx_of(rq);
	struct rows *r;

	TRY(tx_query(rq->tx, &find, VALS(val_i64(id), val_i64(ANYBODYS)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	return send_found(rq, rp, &cx, id, r);
}

const struct route download_routes[] = {
	ROUTE(STREAM, GET, "/downloads/{id}", ON_BOTH, "", RIGHT_SELF, "download", fetch, NULL,
		NULL, "", "download.fetch"),
	ROUTE_END,
};

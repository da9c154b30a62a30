/* SPDX-License-Identifier: ISC */
/*
 * The export of everything as a job. It is made anew when a worker was killed over it:
 * what was done lay in nameless files, which went with the worker, and in objects that
 * no row names, which the sweep of the store destroys.
 */
#include <string.h>

#include "download.h"
#include "export_guard.h"
#include "export_mail.h"
#include "object.h"
#include "whole.h"

STMT(load, "workspace_export.load", 1,
	"update export set spoiled = false, begun_at = now() where export_id = $1::bigint and "
	"state = 'running' returning created_by");
/* Waits for an erasure that has begun, and sees that it was there. */
STMT(unspoiled, "workspace_export.whole", 1,
	"select export_id from export where export_id = $1::bigint and state = 'running' "
	"and not spoiled for update");
STMT(put_link, "workspace_export.link", 2,
	"update export set link = $2 where export_id = $1::bigint");

#define LINK_BYTES 32

/* A volume in the store. */
struct stored {
	struct download_new d;
	struct stored *next;
};

struct making {
	struct job_run *run;
	struct whole_export in;
	int64_t id;
	struct stored *first, **last;
	int64_t bytes;
};

/* Whoever asked may still have it. */
static struct err *
check_asker(struct job_run *run, struct tx *tx, enum lang *lang_r)
{
	struct principal *p;

	TRY(principal_of_user(tx, run->a, run->created_by, &p));
	if (p == NULL || !principal_may(p, ENTITY_NONE, RIGHT_CLOSE_WORKSPACE))
		return err_new(run->a, ERR_DENIED, "error.export_asker");
	*lang_r = lang_parse(p->language);
	return NULL;
}

static struct err *
look(struct making *m, bool *there_r)
{
	struct rows *r;
	struct tx *tx;

	TRY(job_begin(m->run, &tx));
	TRY(tx_query(tx, &load, VALS(val_i64(m->id)), &r));
	*there_r = rows_count(r) > 0;
	if (*there_r)
		TRY(check_asker(m->run, tx, &m->in.lang));
	return job_commit(m->run, tx);
}

static struct err *
beat(void *ctx, int64_t done, int64_t total)
{
	struct making *m = ctx;

	/* What storing a volume shows meanwhile. */
	m->run->done = done;
	m->run->total = total;
	return job_beat(m->run, done, total);
}

static struct err *
store(void *ctx, struct arena *a, int64_t n, int64_t of, struct scratch *zip)
{
	struct making *m = ctx;
	struct stored *s = ARENA_NEW(m->run->a, struct stored);

	(void)a;
	s->d = (struct download_new){.kind = "workspace_export",
		.job_id = m->run->id,
		.user_id = m->run->created_by,
		.hours = DOWNLOAD_HOURS,
		.fetch_max = WHOLE_FETCHES,
		.content_type = "application/zip"};
	s->d.file_name = whole_file_name(m->run->a, m->run->tenant->slug, m->in.day, n, of);
	TRY(download_store(m->run, zip, &s->d));
	m->bytes += s->d.size;
	*m->last = s;
	m->last = &s->next;
	return NULL;
}

static struct err *
add_downloads(struct making *m, const struct record_ctx *cx, struct json_object *result)
{
	struct json_object *list = model_list(result, "downloads");
	int64_t id, first = 0;

	for (struct stored *s = m->first; s != NULL; s = s->next) {
		const char *path;

		TRY(download_add(cx, &s->d, &id));
		path = arena_printf(cx->a, "/downloads/%lld", (long long)id);
		model_push_text(list, path);
		if (first == 0) {
			first = id;
			model_text(result, "download", path);
		}
	}
	export_done(cx->tx, m->run->id, first, m->in.rows);
	return NULL;
}

/* Rows, link and the end of the job in one transaction, and only if nobody was erased
 * meanwhile and whoever asked may still have it. */
static struct err *
hand_over(struct making *m)
{
	struct job_run *run = m->run;
	struct json_object *result = model_object(run->a);
	const char *token = token_new(run->a, LINK_BYTES);
	unsigned char hash[DIGEST_BYTES];
	struct record_ctx cx;
	struct rows *r;
	enum lang lang;

	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &cx));
	TRY(job_begin(run, &cx.tx));
	TRY(tx_query(cx.tx, &unspoiled, VALS(val_i64(m->id)), &r));
	if (rows_count(r) == 0)
		return err_busy(run->a, "somebody was erased while everything was exported");
	TRY(check_asker(run, cx.tx, &lang));
	TRY(add_downloads(m, &cx, result));
	sha256(token, strlen(token), hash);
	tx_queue(cx.tx, &put_link,
		VALS(val_i64(m->id), val_bytes((struct bytes){hash, sizeof(hash)})), NULL);
	TRY(export_ready(&cx, tenancy_settings(run->tenancy), m->id, token));
	model_i64(result, "export", m->id);
	model_i64(result, "records", m->in.rows);
	model_i64(result, "bytes", m->bytes);
	job_finish(run, cx.tx, result);
	return job_commit(run, cx.tx);
}

static struct err *
give_up(struct job_run *run)
{
	struct tx *tx;

	TRY(job_begin(run, &tx));
	job_finish(run, tx, NULL);
	return job_commit(run, tx);
}

/* Nobody knows of the objects then; without their keys they are only a waste. */
static void
drop(const struct making *m)
{
	for (const struct stored *s = m->first; s != NULL; s = s->next)
		(void)!object_destroy(m->run->a, m->run->tenant->files, s->d.object);
}

static struct err *
make(struct making *m)
{
	struct job_run *run = m->run;
	/* One that differs is another connection: a transaction is open on it for minutes. */
	const char *info = arena_printf(run->a, "%s keepalives_idle=61", run->tenant->conninfo);
	struct tx *tx = NULL;
	struct err *e;

	m->in.a = run->a;
	m->in.tenancy = run->tenancy;
	m->in.tenant = run->tenant;
	m->in.via = "worker";
	m->in.user_id = run->created_by;
	m->in.beat = beat;
	m->in.volume = store;
	m->in.ctx = m;
	TRY(conn_get(tenancy_pool(run->tenancy), run->a, info, &m->in.conn));
	e = whole_build(&m->in, &tx);
	tx_end(&tx);
	return e != NULL ? e : hand_over(m);
}

struct err *
whole_export_step(struct job_run *run)
{
	struct making *m = ARENA_NEW(run->a, struct making);
	struct err *e;
	bool there;

	m->run = run;
	m->id = job_arg_i64(run, "export");
	m->last = &m->first;
	TRY(look(m, &there));
	if (!there)
		return give_up(run);
	e = make(m);
	if (e != NULL)
		drop(m);
	return e;
}

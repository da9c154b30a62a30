/* SPDX-License-Identifier: ISC */
/*
 * The export as a job. It is made anew when a worker was killed over it: what
 * was done lay in nameless files, which went with the worker.
 */
#include <string.h>

#include "download.h"
#include "export_guard.h"
#include "object.h"
#include "person_export.h"

const char *
person_export_secret_place(struct arena *a, int64_t job)
{
	return arena_printf(a, "job_secret|%lld", (long long)job);
}

/* The transaction's memory is that of the piece it reads. */
static struct err *
begin(void *ctx, struct arena *a, struct tx **tx_r)
{
	struct job_run *run = ctx;
	struct arena *step = run->a;
	struct err *e;

	run->a = a;
	e = job_begin(run, tx_r);
	run->a = step;
	return e;
}

static struct err *
commit(void *ctx, struct tx *tx)
{
	return job_commit(ctx, tx);
}

static struct err *
beat(void *ctx, int64_t done, int64_t total)
{
	return job_beat(ctx, done, total);
}

struct err *
person_export_password(struct job_run *run, const char **password_r)
{
	struct bytes sealed, plain;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	TRY(job_secret(run, tx, &sealed));
	TRY(job_commit(run, tx));
	*password_r = NULL;
	if (sealed.p == NULL)
		return NULL;
	if (!unseal_value(run->a, &run->tenant->cursor, person_export_secret_place(run->a, run->id),
		    sealed, &plain))
		return err_internal(run->a, "the password of an export does not open");
	*password_r = (const char *)plain.p;
	return NULL;
}

/* The row and the end of the job in one transaction: one export, one download. */
static struct err *
hand_over(struct job_run *run, const struct download_new *d)
{
	struct json_object *result = model_object(run->a);
	struct record_ctx cx;
	int64_t id;

	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &cx));
	TRY(job_begin(run, &cx.tx));
	TRY(download_add(&cx, d, &id));
	model_text(result, "download", arena_printf(run->a, "/downloads/%lld", (long long)id));
	export_done(cx.tx, run->id, id, 1);
	job_finish(run, cx.tx, result);
	return job_commit(run, cx.tx);
}

struct err *
person_export_step(struct job_run *run)
{
	struct person_export in = {.a = run->a,
		.tenancy = run->tenancy,
		.tenant = run->tenant,
		.conn = run->conn,
		.via = "worker",
		.user_id = run->created_by,
		.contact_id = job_arg_i64(run, "contact"),
		.begin = begin,
		.commit = commit,
		.beat = beat,
		.ctx = run};
	struct download_new d = {.kind = "person_export",
		.job_id = run->id,
		.contact_id = in.contact_id,
		.user_id = run->created_by,
		.content_type = "application/zip"};
	struct scratch *zip;
	struct err *e;

	TRY(person_export_password(run, &in.password));
	TRY(person_export_build(&in, &zip));
	d.file_name = person_export_name(run->a, in.contact_id);
	TRY(download_store(run, zip, &d));
	e = hand_over(run, &d);
	/* Nobody knows of the object then; without its key it is only a waste. */
	if (e != NULL)
		(void)!object_destroy(run->a, run->tenant->files, d.object);
	return e;
}

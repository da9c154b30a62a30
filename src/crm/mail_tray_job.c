/* SPDX-License-Identifier: ISC */
/* A mail that was let in is filed as it would have been when it came. */
#include "mail_in.h"
#include "mail_tray.h"
#include "object.h"
#include "run.h"
#include "tenant.h"

static struct err *
read_whole(struct arena *a, const struct tenant *tn, const struct mail_tray *m, char **text_r)
{
	struct object_reader *o;
	size_t at = 0, got = 1;

	*text_r = arena_alloc(a, (size_t)m->size + 1);
	TRY(object_open(a, tn->files, m->object, &m->object_key, &o));
	while (at < (size_t)m->size && got > 0) {
		TRY(object_read(o, *text_r + at, (size_t)m->size - at, &got));
		at += got;
	}
	return at == (size_t)m->size ? NULL : err_internal(a, "a mail of the tray is cut");
}

/* Filing commits by itself; cut off behind it, the same message comes a second time
 * without harm. */
struct err *
mail_tray_step(struct job_run *run)
{
	int64_t id = job_arg_i64(run, "tray");
	struct mail_in_result result;
	struct json_object *o = model_object(run->a);
	struct record_ctx cx;
	struct mail_tray m;
	struct tx *tx;
	char *text;

	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &cx));
	TRY(job_begin(run, &cx.tx));
	TRY(mail_tray_let_in(&cx, id, &m));
	TRY(read_whole(run->a, run->tenant, &m, &text));
	TRY(mail_in_store(&cx, tenancy_settings(run->tenancy), text, (size_t)m.size, &result));
	tx_end(&run->tx);
	TRY(job_begin(run, &tx));
	mail_tray_end(tx, id);
	model_i64(o, "stored", result.stored);
	job_finish(run, tx, o);
	return job_commit(run, tx);
}

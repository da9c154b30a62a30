/* SPDX-License-Identifier: ISC */
/*
 * The file of an export of the log. It is made anew when a worker was killed over it:
 * what was done lay in nameless files, which went with the worker.
 */
#include "audit_export.h"

#include <stdio.h>
#include <string.h>

#include "archive.h"
#include "audit.h"
#include "csv.h"
#include "date.h"
#include "download.h"
#include "event.h"
#include "export_guard.h"
#include "object.h"

#define PIECE_EVENTS 500
#define PIECE_MEMORY ((size_t)48 * 1024 * 1024)
#define PIECE_TEXT ((size_t)16 * 1024 * 1024)

STMT(load, "log_export.load", 1,
	"select format, log_filter, created_by, asked, (extract(epoch from created_at) * "
	"1000000)::bigint from export where export_id = $1::bigint and state = 'running'");
/* Waits for whoever is about to cancel it. */
STMT(still_wanted, "log_export.wanted", 1,
	"select export_id from export where export_id = $1::bigint and state = 'running' for "
	"update");
STMT(as_asker, "log_export.as_asker", 1, "select gate_narrow($1::bigint, 'view')");
STMT(epochs, "log_export.epochs", 0, "select access, catalogue from epoch");

struct log_file {
	struct job_run *run;
	struct arena *piece;
	struct record_ctx cx; /* cx.a is the piece's */
	int64_t id;
	int64_t asker;
	const struct principal *reader; /* the asker, as read; NULL: not yet */
	bool csv;
	struct audit_filter filter;
	int64_t total, done;
};

static const char *const columns[] = {"id", "at", "actor", "actor_name", "actor_kind", "via",
	"session", "ip", "agent", "request_id", "route", "action", "outcome", "entity",
	"record_ids", "subject_ids", "fields", "reason", "count", "as_user", "support_grant",
	"operator", NULL};

/* The transaction's memory is that of the piece it reads. */
static struct err *
begin(struct log_file *lf)
{
	struct arena *step = lf->run->a;
	struct err *e;

	lf->run->a = lf->piece;
	e = job_begin(lf->run, &lf->cx.tx);
	lf->run->a = step;
	return e;
}

static struct err *
commit(struct log_file *lf)
{
	TRY(job_commit(lf->run, lf->cx.tx));
	lf->cx.tx = NULL;
	return NULL;
}

static struct err *
load_row(struct log_file *lf, bool *there_r)
{
	struct rows *r;
	struct json_object *o;
	int64_t asked_at;

	TRY(begin(lf));
	TRY(tx_query(lf->cx.tx, &load, VALS(val_i64(lf->id)), &r));
	*there_r = rows_count(r) > 0;
	if (*there_r) {
		lf->csv = strcmp(rows_text(r, 0, 0), "csv") == 0;
		o = json_tokener_parse(rows_text(r, 0, 1));
		audit_filter_load(lf->run->a, model_own(lf->run->a, o), &lf->filter);
		lf->asker = rows_i64(r, 0, 2);
		lf->total = rows_i64(r, 0, 3);
		asked_at = rows_i64(r, 0, 4);
		if (lf->filter.to_usec == 0 || lf->filter.to_usec > asked_at)
			lf->filter.to_usec = asked_at;
	}
	TRY(commit(lf));
	arena_reset(lf->piece);
	return NULL;
}

/* In the piece's transaction: nothing is read with rights that are no longer true. */
static struct err *
become(struct log_file *lf)
{
	struct principal *p = NULL;
	struct rows *r;

	TRY(tx_query(lf->cx.tx, &epochs, NO_VALS, &r));
	if (rows_i64(r, 0, 1) != lf->cx.cat->epoch)
		return err_busy(lf->run->a, "the catalogue moved while an export was made");
	if (lf->reader == NULL || lf->reader->access_epoch != rows_i64(r, 0, 0)) {
		TRY(principal_of_user(lf->cx.tx, lf->run->a, lf->asker, &p));
		if (p == NULL || !principal_may(p, ENTITY_NONE, RIGHT_VIEW_AUDIT))
			return err_new(lf->run->a, ERR_DENIED, "error.export_asker");
		lf->cx.principal = lf->reader = p;
		lf->cx.lang = lang_parse(p->language);
	}
	return tx_query(lf->cx.tx, &as_asker, VALS(val_i64(lf->asker)), NULL);
}

/* "1 2 3" of a list; else the value as text. */
static const char *
cell_of(struct arena *a, struct json_object *v)
{
	struct sb sb;

	if (v == NULL || !json_object_is_type(v, json_type_array))
		return v == NULL ? NULL : json_object_get_string(v);
	sb_init(&sb, a, 65536);
	for (size_t i = 0; i < json_object_array_length(v); i++)
		sb_printf(&sb, "%s%s", i > 0 ? " " : "",
			json_object_get_string(json_object_array_get_idx(v, i)));
	return sb.p;
}

static void
put_event(struct log_file *lf, struct json_object *o, struct sb *sb)
{
	const char *cells[sizeof(columns) / sizeof(columns[0])];
	size_t n = 0;

	json_object_object_del(o, "changes");
	if (!lf->csv) {
		view_json(o, sb);
		sb_putc(sb, '\n');
		return;
	}
	for (const char *const *c = columns; *c != NULL; c++)
		cells[n++] = cell_of(lf->piece, json_object_object_get(o, *c));
	csv_put_row(sb, cells, n);
}

/* Who is named in the file. */
static void
log_piece(struct log_file *lf, const struct rows *r, size_t n)
{
	struct audit_event ev = {.action = "export", .entity = "audit", .count = (int64_t)n};
	int64_t *ids = ARENA_ARRAY(lf->piece, n + 1, int64_t);
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		size_t m;
		int64_t *subjects = rows_i64s(lf->piece, r, i, EV_SUBJECTS, &m);

		if (m > 0)
			ids[k++] = subjects[0];
	}
	ev.subjects = ids;
	ev.nsubjects = k;
	audit_queue(lf->cx.tx, lf->piece, &ev);
}

/* Some events behind that one; *id_r 0: those were the last. */
static struct err *
write_piece(struct log_file *lf, struct scratch *out, const char **at, int64_t *id)
{
	char *kept = arena_alloc(lf->run->a, 64);
	struct rows *r;
	struct sqlb b;
	struct sb sb;
	size_t n;

	TRY(begin(lf));
	TRY(become(lf));
	sqlb_init(&b, lf->piece);
	audit_select(&b, &lf->cx, &lf->filter, *at, *id, PIECE_EVENTS, AUDIT_SPARE);
	sqlb_queue(&b, lf->cx.tx, "audit.list", &r);
	TRY(tx_run(lf->cx.tx));
	n = audit_count(r, PIECE_EVENTS);
	sb_init(&sb, lf->piece, PIECE_TEXT);
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = model_object(lf->piece);

		audit_model(&lf->cx, r, i, o);
		put_event(lf, o, &sb);
	}
	if (n > 0)
		log_piece(lf, r, n);
	*id = 0;
	if (audit_count(r, PIECE_EVENTS + 1) > n) {
		*id = rows_i64(r, n - 1, EV_ID);
		snprintf(kept, 64, "%s", rows_text(r, n - 1, EV_AT_TEXT));
	} else if (rows_count(r) > 0 && rows_bool(r, 0, EV_MORE)) {
		*id = rows_i64(r, 0, EV_END_ID);
		snprintf(kept, 64, "%s", rows_text(r, 0, EV_END_AT));
	}
	*at = kept;
	TRY(commit(lf));
	TRY(scratch_add_sb(out, &sb));
	lf->done += (int64_t)n;
	arena_reset(lf->piece);
	return job_beat(lf->run, lf->done, lf->total);
}

static struct err *
build(struct log_file *lf, struct scratch **zip_r)
{
	const char *folder = tenancy_settings(lf->run->tenancy)->scratch, *at = NULL;
	const char *code = export_code(lf->run->a, lf->id);
	struct scratch *events;
	struct archive *ar;
	int64_t id = 0;
	struct sb sb;

	TRY(scratch_new(lf->run->a, folder, &events));
	TRY(archive_new(lf->run->a, folder, NULL, NULL, &ar));
	if (lf->csv) {
		sb_init(&sb, lf->run->a, 4096);
		csv_put_row(&sb, columns, sizeof(columns) / sizeof(columns[0]) - 1);
		TRY(scratch_add_sb(events, &sb));
	}
	do
		TRY(write_piece(lf, events, &at, &id));
	while (id != 0);
	archive_add_scratch(
		ar, arena_printf(lf->run->a, "log-%s.%s", code, lf->csv ? "csv" : "jsonl"), events);
	return archive_write(ar, zip_r);
}

static struct err *
hand_over(struct log_file *lf, const struct download_new *d)
{
	struct job_run *run = lf->run;
	struct json_object *result = model_object(run->a);
	struct record_ctx cx = lf->cx;
	struct rows *r;
	int64_t id;

	cx.a = run->a;
	TRY(job_begin(run, &cx.tx));
	TRY(tx_query(cx.tx, &still_wanted, VALS(val_i64(lf->id)), &r));
	if (rows_count(r) == 0)
		return err_busy(run->a, "an export ended while it was made");
	TRY(download_add(&cx, d, &id));
	export_done(cx.tx, run->id, id, lf->done);
	model_text(result, "download", arena_printf(run->a, "/downloads/%lld", (long long)id));
	model_i64(result, "export", lf->id);
	model_i64(result, "records", lf->done);
	job_finish(run, cx.tx, result);
	return job_commit(run, cx.tx);
}

static struct err *
give_up(struct log_file *lf)
{
	struct tx *tx;

	TRY(job_begin(lf->run, &tx));
	job_finish(lf->run, tx, NULL);
	return job_commit(lf->run, tx);
}

static void
end_piece(void *arg)
{
	struct arena *piece = arg;

	arena_free(&piece);
}

struct err *
audit_export_step(struct job_run *run)
{
	struct log_file *lf = ARENA_NEW(run->a, struct log_file);
	struct download_new d = {.kind = "log_export",
		.job_id = run->id,
		.user_id = run->created_by,
		.hours = DOWNLOAD_LIST_HOURS,
		.content_type = "application/zip"};
	struct scratch *zip;
	struct err *e;
	bool there;

	lf->run = run;
	lf->id = job_arg_i64(run, "export");
	lf->piece = arena_new(PIECE_MEMORY);
	arena_on_reset(run->a, end_piece, lf->piece);
	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &lf->cx));
	lf->cx.a = lf->piece;
	TRY(load_row(lf, &there));
	if (!there)
		return give_up(lf);
	TRY(build(lf, &zip));
	d.file_name = arena_printf(run->a, "log-%s.zip", export_code(run->a, lf->id));
	TRY(download_store(run, zip, &d));
	e = hand_over(lf, &d);
	/* Nobody knows of the object then; without its key it is only a waste. */
	if (e != NULL)
		(void)!object_destroy(run->a, run->tenant->files, d.object);
	return e;
}

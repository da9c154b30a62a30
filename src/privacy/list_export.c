/* SPDX-License-Identifier: ISC */
/*
 * The export of a list as a job. It is made anew when a worker was killed over it:
 * what was done lay in nameless files, which went with the worker.
 */
#include "list_export.h"

#include <string.h>
#include <time.h>

#include "archive.h"
#include "download.h"
#include "export_guard.h"
#include "list_file.h"
#include "object.h"

/* A piece is 2 MiB of text and the record that went beyond, read and rendered. */
#define PIECE_MEMORY ((size_t)48 * 1024 * 1024)
#define PIECE_TEXT ((size_t)16 * 1024 * 1024)
#define BEAT_MS 1000

STMT(load, "list_export.load", 1,
	"update export set spoiled = false where export_id = $1::bigint and state = 'running' "
	"returning entity, format, fields, opened, created_by, coalesce(approved, asked)");
STMT(colleagues, "list_export.users", 0, "select user_id, email from app_user order by user_id");
/* Its events say of which export they are: who had a person in it is found by that. */
STMT(as_asker, "list_export.as_asker", 2,
	"select gate_narrow($1::bigint, 'export'), "
	"set_config('praya.request_id', 'export|' || $2::bigint, true)");
STMT(epochs, "list_export.epochs", 0, "select access, catalogue from epoch");
STMT(hold, "list_export.hold", 2,
	"update export set held = $2::text[] where export_id = $1::bigint");
STMT(held, "list_export.held", 1,
	"select entity, fields, opened, coalesce(held, '{}') from export where export_id = "
	"$1::bigint");
/* Waits for an erasure that has begun, and sees that it was there. */
STMT(whole, "list_export.whole", 1,
	"select export_id from export where export_id = $1::bigint and state = 'running' "
	"and not spoiled for update");

/* The transaction's memory is that of the piece it reads. */
static struct err *
begin(struct list_file *lf)
{
	struct arena *step = lf->run->a;
	struct err *e;

	lf->run->a = lf->piece;
	e = job_begin(lf->run, &lf->cx.tx);
	lf->run->a = step;
	return e;
}

static struct err *
commit(struct list_file *lf)
{
	TRY(job_commit(lf->run, lf->cx.tx));
	lf->cx.tx = NULL;
	return NULL;
}

static struct err *
tick(struct list_file *lf)
{
	struct timespec ts;
	int64_t now;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	if (now - lf->beat_ms < BEAT_MS)
		return NULL;
	lf->beat_ms = now;
	return job_beat(lf->run, lf->done, lf->total);
}

static struct err *
watch_tick(void *ctx, int64_t files)
{
	(void)files;
	return tick(ctx);
}

static void
take_people(struct list_file *lf, const struct rows *r)
{
	lf->npeople = rows_count(r);
	lf->people = ARENA_ARRAY(lf->run->a, lf->npeople + 1, struct colleague);
	for (size_t i = 0; i < lf->npeople; i++) {
		lf->people[i].user_id = rows_i64(r, i, 0);
		lf->people[i].email = arena_strdup(lf->run->a, rows_text(r, i, 1));
	}
}

static const char **
copy_texts(struct arena *a, const struct rows *r, size_t col, size_t *n_r)
{
	const char **texts = rows_texts(a, r, 0, col, n_r);

	for (size_t i = 0; i < *n_r; i++)
		texts[i] = arena_strdup(a, texts[i]);
	return texts;
}

/* *there_r false: it is over already, or was never approved. */
static struct err *
look(struct list_file *lf, bool *there_r)
{
	struct rows *r, *people;

	TRY(begin(lf));
	tx_queue(lf->cx.tx, &colleagues, NO_VALS, &people);
	TRY(tx_query(lf->cx.tx, &load, VALS(val_i64(lf->id)), &r));
	*there_r = rows_count(r) > 0;
	if (*there_r) {
		lf->entity = entity_parse(rows_text(r, 0, 0));
		lf->csv = strcmp(rows_text(r, 0, 1), "csv") == 0;
		lf->fields = copy_texts(lf->run->a, r, 2, &lf->nfields);
		lf->opened = copy_texts(lf->run->a, r, 3, &lf->nopened);
		lf->asker = rows_i64(r, 0, 4);
		lf->total = rows_i64(r, 0, 5);
		take_people(lf, people);
	}
	TRY(commit(lf));
	arena_reset(lf->piece);
	return NULL;
}

static bool
same_names(const struct layout *l, const struct layout *m)
{
	size_t i = 0;

	while (i < l->n && i < m->n && strcmp(l->names[i], m->names[i]) == 0)
		i++;
	return i == l->n && i == m->n;
}

/* With what the asker may do now; the right may have gone while it waited. */
static struct err *
become(struct list_file *lf, const struct principal *p)
{
	struct layout *l;

	if (p == NULL || !principal_may(p, lf->entity, RIGHT_EXPORT))
		return err_new(lf->run->a, ERR_DENIED, "error.export_asker");
	lf->cx.principal = p;
	lf->cx.lang = lang_parse(p->language);
	lf->cx.a = lf->run->a;
	l = record_export_layout(
		&lf->cx, lf->entity, lf->fields, lf->nfields, lf->opened, lf->nopened);
	lf->cx.a = lf->piece;
	if (lf->layout != NULL && !same_names(l, lf->layout))
		return err_busy(lf->run->a, "the fields of an export changed while it was made");
	lf->layout = l;
	return NULL;
}

/* In the piece's transaction: nothing is read with rights that are no longer true. */
static struct err *
check_rights(struct list_file *lf)
{
	struct principal *p;
	struct rows *r;

	TRY(tx_query(lf->cx.tx, &epochs, NO_VALS, &r));
	if (rows_i64(r, 0, 1) != lf->cx.cat->epoch)
		return err_busy(lf->run->a, "the catalogue moved while an export was made");
	if (lf->cx.principal->access_epoch != rows_i64(r, 0, 0)) {
		TRY(principal_of_user(lf->cx.tx, lf->run->a, lf->asker, &p));
		TRY(become(lf, p));
	}
	return tx_query(lf->cx.tx, &as_asker, VALS(val_i64(lf->asker), val_i64(lf->id)), NULL);
}

static struct err *
write_piece(struct list_file *lf, struct scratch *out, int64_t *after, size_t *n_r)
{
	struct record_page page;
	struct sb sb;

	TRY(begin(lf));
	TRY(check_rights(lf));
	TRY(record_export_piece(
		&lf->cx, lf->layout, lf->id, lf->opened, lf->nopened, after, &page));
	TRY(commit(lf));
	sb_init(&sb, lf->piece, PIECE_TEXT);
	for (size_t i = 0; i < page.n; i++)
		list_record(lf, &page.records[i], &sb);
	TRY(scratch_add_sb(out, &sb));
	*n_r = page.n;
	lf->done += (int64_t)page.n;
	arena_reset(lf->piece);
	return tick(lf);
}

static struct err *
write_records(struct list_file *lf, struct scratch *out)
{
	int64_t after = 0;
	struct sb sb;
	size_t n;

	if (lf->csv) {
		sb_init(&sb, lf->piece, PIECE_TEXT);
		list_header(lf, &sb);
		TRY(scratch_add_sb(out, &sb));
	}
	do
		TRY(write_piece(lf, out, &after, &n));
	while (n > 0);
	return NULL;
}

static const char *
file_name(const struct list_file *lf, const char *ending)
{
	return arena_printf(
		lf->run->a, "%s-%s.%s", entity_def(lf->entity)->path + 1, lf->code, ending);
}

static struct err *
build(struct list_file *lf, struct scratch **zip_r)
{
	const char *folder = tenancy_settings(lf->run->tenancy)->scratch;
	struct archive_watch watch = {watch_tick, lf};
	struct scratch *records, *note;
	struct archive *ar;

	TRY(scratch_new(lf->run->a, folder, &records));
	TRY(scratch_new(lf->run->a, folder, &note));
	TRY(archive_new(lf->run->a, folder, NULL, &watch, &ar));
	TRY(write_records(lf, records));
	TRY(begin(lf));
	TRY(list_note(lf, note));
	TRY(commit(lf));
	archive_add_scratch(ar, file_name(lf, lf->csv ? "csv" : "jsonl"), records);
	archive_add_scratch(ar, "export-note.txt", note);
	return archive_write(ar, zip_r);
}

/* The row and the end of the job in one transaction, and only if nobody who is in it
 * was erased meanwhile. */
static struct err *
hand_over(struct list_file *lf, const struct download_new *d)
{
	struct job_run *run = lf->run;
	struct json_object *result = model_object(run->a);
	struct record_ctx cx = lf->cx;
	struct rows *r;
	int64_t id;

	cx.a = run->a;
	TRY(job_begin(run, &cx.tx));
	TRY(tx_query(cx.tx, &whole, VALS(val_i64(lf->id)), &r));
	if (rows_count(r) == 0)
		return err_busy(run->a, "somebody in an export was erased while it was made");
	TRY(download_add(&cx, d, &id));
	export_done(cx.tx, run->id, id, lf->done);
	tx_queue(cx.tx, &hold, VALS(val_i64(lf->id), val_texts(lf->layout->names, lf->layout->n)),
		NULL);
	model_text(result, "download", arena_printf(run->a, "/downloads/%lld", (long long)id));
	model_i64(result, "export", lf->id);
	model_i64(result, "records", lf->done);
	job_finish(run, cx.tx, result);
	return job_commit(run, cx.tx);
}

static struct err *
give_up(struct list_file *lf)
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

/* The catalogue and the rights are of one moment: fields have their level by place. */
static struct err *
start(struct list_file *lf, bool *there_r)
{
	struct job_run *run = lf->run;
	struct principal *p;

	lf->piece = arena_new(PIECE_MEMORY);
	arena_on_reset(run->a, end_piece, lf->piece);
	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &lf->cx));
	lf->cx.a = lf->piece;
	TRY(look(lf, there_r));
	if (!*there_r)
		return NULL;
	TRY(begin(lf));
	TRY(principal_of_user(lf->cx.tx, run->a, lf->asker, &p));
	TRY(commit(lf));
	if (p != NULL && p->catalogue_epoch != lf->cx.cat->epoch)
		return err_busy(run->a, "the catalogue moved while an export began");
	return become(lf, p);
}

struct err *
list_export_step(struct job_run *run)
{
	struct list_file *lf = ARENA_NEW(run->a, struct list_file);
	struct download_new d = {.kind = "list_export",
		.job_id = run->id,
		.user_id = run->created_by,
		.hours = DOWNLOAD_LIST_HOURS,
		.content_type = "application/zip"};
	struct scratch *zip;
	struct err *e;
	bool there;

	lf->run = run;
	lf->id = job_arg_i64(run, "export");
	lf->code = export_code(run->a, lf->id);
	TRY(start(lf, &there));
	if (!there)
		return give_up(lf);
	TRY(build(lf, &zip));
	d.file_name = file_name(lf, "zip");
	TRY(download_store(run, zip, &d));
	e = hand_over(lf, &d);
	/* Nobody knows of the object then; without its key it is only a waste. */
	if (e != NULL)
		(void)!object_destroy(run->a, run->tenant->files, d.object);
	return e;
}

/* As it stands in a file, or in full where the file has it masked. */
static bool
stands(const struct layout *l, const char *name)
{
	size_t n = strcspn(name, "~");

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->names[i], name) == 0 ||
			(strlen(l->names[i]) == n && strncmp(l->names[i], name, n) == 0))
			return true;
	return false;
}

struct err *
list_export_readable(const struct record_ctx *cx, int64_t export_id, const char **key_r)
{
	bool fields = true, records;
	enum entity e;
	const char **wanted, **opened, **names;
	size_t nwanted, nopened, n;
	struct layout *l;
	struct rows *r;

	TRY(tx_query(cx->tx, &held, VALS(val_i64(export_id)), &r));
	*key_r = "error.download_held";
	if (rows_count(r) == 0)
		return NULL;
	e = entity_parse(rows_text(r, 0, 0));
	wanted = rows_texts(cx->a, r, 0, 1, &nwanted);
	opened = rows_texts(cx->a, r, 0, 2, &nopened);
	names = rows_texts(cx->a, r, 0, 3, &n);
	l = record_export_layout(cx, e, wanted, nwanted, opened, nopened);
	for (size_t i = 0; i < n; i++)
		fields &= stands(l, names[i]);
	if (!fields)
		return NULL;
	TRY(record_export_reached(cx, e, export_id, &records));
	*key_r = records ? NULL : "error.download_scope";
	return NULL;
}

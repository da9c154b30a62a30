/* SPDX-License-Identifier: ISC */
#include "books.h"

#include <string.h>

#include "archive.h"
#include "closing.h"
#include "csv.h"
#include "date.h"
#include "download.h"
#include "event.h"
#include "export_guard.h"
#include "job.h"
#include "log_book.h"
#include "model.h"

STMT(made, "books.made", 1,
	"select (extract(epoch from now()) * 1000000)::bigint, "
	"(select language from app_user where user_id = $1::bigint)");

#define TEXT_MAX ((size_t)8 << 20)

struct err *
book_row(struct books *b, struct book *k, const char *const *cells, size_t n)
{
	struct json_object *row;
	struct sb csv;

	sb_init(&csv, b->run->a, TEXT_MAX);
	if (k->n == 0)
		sb_puts(&csv, "\xef\xbb\xbf");
	csv_put_row(&csv, cells, n);
	TRY(scratch_add_sb(k->csv, &csv));
	if (k->rows == NULL)
		k->rows = model_object(b->run->a);
	row = model_list(model_item(json_object_object_get_ex(k->rows, "rows", NULL)
					    ? json_object_object_get(k->rows, "rows")
					    : model_list(k->rows, "rows")),
		"cells");
	for (size_t i = 0; i < n; i++)
		model_push_text(row, cells[i] != NULL ? cells[i] : "");
	model_bool(k->rows, "head", k->n == 0 || json_object_object_get_ex(k->rows, "head", NULL));
	k->n++;
	return NULL;
}

static const char *
title_of(const struct books *b, const struct book *k)
{
	return view_text(b->run->a, b->lang, arena_printf(b->run->a, "books.%s", k->key), NULL);
}

struct err *
book_flush(struct books *b, struct book *k, bool last)
{
	struct json_object *page = k->rows != NULL ? k->rows : model_object(b->run->a);
	struct sb html;

	if (k->rows == NULL && !last)
		return NULL;
	model_text(page, "title", title_of(b, k));
	model_text(page, "workspace", b->run->tenant->name);
	model_bool(page, "foot", last);
	sb_init(&html, b->run->a, TEXT_MAX);
	TRY(view_page(b->run->a, "export/book", b->lang, NULL, page, NULL, &html));
	k->rows = NULL;
	return scratch_add_sb(k->html, &html);
}

static struct err *
open_book(struct books *b, struct book *k, const char *name, const char *key)
{
	const char *folder = tenancy_settings(b->run->tenancy)->scratch;

	k->name = name;
	k->key = key;
	TRY(scratch_new(b->run->a, folder, &k->csv));
	return scratch_new(b->run->a, folder, &k->html);
}

/* ---- the log book, in transactions of the job */

static struct err *
log_begin(void *ctx, struct tx **tx_r)
{
	struct books *b = ctx;

	return job_begin(b->run, tx_r);
}

static struct err *
log_end(void *ctx, struct tx *tx)
{
	struct books *b = ctx;

	return job_commit(b->run, tx);
}

static struct err *
log_row(void *ctx, const char *const *cells, size_t n)
{
	struct books *b = ctx;

	return book_row(b, &b->log, cells, n);
}

static struct err *
log_put(void *ctx, const void *p, size_t n)
{
	struct books *b = ctx;

	(void)p;
	(void)n;
	return book_flush(b, &b->log, false);
}

static struct err *
write_log(struct books *b)
{
	const struct log_book_file f = {.a = b->run->a,
		.tenant = b->run->tenant,
		.lang = b->lang,
		.begin = log_begin,
		.end = log_end,
		.put = log_put,
		.row = log_row,
		.ctx = b};
	struct audit_event e = {.action = "export", .entity = "log_book"};
	struct tx *tx;

	TRY(job_begin(b->run, &tx));
	audit_queue(tx, b->run->a, &e);
	TRY(job_commit(b->run, tx));
	return log_book_write(&f);
}

/* ---- the archive */

static struct err *
add_page(struct books *b, struct archive *ar, const char *name, const char *template,
	struct json_object *page)
{
	struct scratch *s;
	struct sb sb;

	sb_init(&sb, b->run->a, TEXT_MAX);
	TRY(view_page(b->run->a, template, b->lang, NULL, page, NULL, &sb));
	TRY(scratch_new(b->run->a, tenancy_settings(b->run->tenancy)->scratch, &s));
	TRY(scratch_add_sb(s, &sb));
	archive_add_scratch(ar, name, s);
	return NULL;
}

static struct err *
add_book(struct books *b, struct archive *ar, struct book *k, struct json_object *list)
{
	struct json_object *o = model_item(list);
	struct arena *a = b->run->a;

	TRY(book_flush(b, k, true));
	model_text(o, "title", title_of(b, k));
	model_text(o, "html", arena_printf(a, "%s.html", k->name));
	model_text(o, "csv", arena_printf(a, "%s.csv", k->name));
	model_i64(o, "rows", k->n - 1);
	archive_add_scratch(ar, arena_printf(a, "%s.html", k->name), k->html);
	archive_add_scratch(ar, arena_printf(a, "%s.csv", k->name), k->csv);
	return NULL;
}

static struct err *
pack(struct books *b, int64_t at, struct scratch **zip_r)
{
	struct arena *a = b->run->a;
	struct json_object *page = model_object(a), *list = model_list(page, "books");
	struct archive *ar;

	TRY(archive_new(a, tenancy_settings(b->run->tenancy)->scratch, NULL, NULL, &ar));
	TRY(add_book(b, ar, &b->log, list));
	TRY(add_book(b, ar, &b->invoices, list));
	TRY(add_book(b, ar, &b->lines, list));
	model_text(page, "title", view_text(a, b->lang, "books.title", b->run->tenant->name));
	model_text(page, "made", time_show(a, at, lang_tag(b->lang)));
	TRY(add_page(b, ar, "index.html", "export/books", page));
	TRY(add_page(b, ar, "style.css", "export/style", NULL));
	return archive_write(ar, zip_r);
}

static struct err *
hand_over(struct job_run *run, struct record_ctx *cx, const struct download_new *d, int64_t rows)
{
	struct json_object *result = model_object(run->a);
	int64_t id;

	TRY(job_begin(run, &cx->tx));
	TRY(download_add(cx, d, &id));
	model_text(result, "download", arena_printf(run->a, "/downloads/%lld", (long long)id));
	export_done(cx->tx, run->id, id, rows);
	job_finish(run, cx->tx, result);
	return job_commit(run, cx->tx);
}

static struct err *
prepare(struct books *b, int64_t *at_r)
{
	struct job_run *run = b->run;
	struct rows *r;
	struct tx *tx;

	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &b->cx));
	TRY(job_begin(run, &tx));
	TRY(tx_query(tx, &made, VALS(val_i64(run->created_by)), &r));
	*at_r = rows_i64(r, 0, 0);
	b->lang = lang_parse(rows_text(r, 0, 1));
	TRY(job_commit(run, tx));
	TRY(open_book(b, &b->log, "log-book", "log_book"));
	TRY(open_book(b, &b->invoices, "invoices", "invoices"));
	return open_book(b, &b->lines, "invoice-lines", "invoice_lines");
}

struct err *
books_step(struct job_run *run)
{
	struct books *b = ARENA_NEW(run->a, struct books);
	struct download_new d = {.kind = "books",
		.job_id = run->id,
		.user_id = run->created_by,
		.content_type = "application/zip"};
	struct scratch *zip;
	struct err *e;
	int64_t at;

	b->run = run;
	TRY(prepare(b, &at));
	TRY(write_log(b));
	TRY(books_invoices(b));
	TRY(pack(b, at, &zip));
	d.file_name = arena_printf(run->a, "%s-books.zip", run->tenant->slug);
	TRY(download_store(run, zip, &d));
	/* Without the rows that name the columns. */
	e = hand_over(run, &b->cx, &d, b->log.n + b->invoices.n - 2);
	/* Nobody knows of the object then; without its key it is only a waste. */
	if (e != NULL)
		(void)!object_destroy(run->a, run->tenant->files, d.object);
	return e;
}

/* Held like any other export above the workspace's threshold: it names people, too. */
static struct err *
ask(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	const struct export_new in = {
		.kind = "books", .entity = ENTITY_NONE, .format = "zip", .reason = "legal"};
	struct export_begun begun;

	TRY(export_begin(&cx, gate_settings(), &in, &begun));
	export_answer(rq, rp, &begun);
	return NULL;
}

const struct route books_routes[] = {
	ROUTE(WRITE, POST, "/workspace/books", ON_BOTH, "", RIGHT_CLOSE_WORKSPACE, "export", ask,
		NULL, NULL, "settings/closing", "workspace.books"),
	ROUTE_END,
};

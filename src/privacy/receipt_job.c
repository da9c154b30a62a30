/* SPDX-License-Identifier: ISC */
/* The receipt of an erasure as PDF; its digest stays with the receipt. */
#include <string.h>

#include "download.h"
#include "erase.h"
#include "object.h"
#include "pdf.h"
#include "run.h"
#include "scratch.h"
#include "tenant.h"
#include "token.h"

STMT(put, "receipt.paper", 3,
	"update erasure set papers = papers || jsonb_build_object('made_at', now(), 'language', "
	"$2::text, 'sha256', encode($3, 'hex')) where erasure_id = $1::bigint");
STMT(of_erasure, "receipt.of_erasure", 1,
	"select to_char(now() at time zone 'Asia/Hong_Kong', 'YYYY-MM-DD HH24:MI'), (select u.name "
	"from erasure e join app_user u on u.user_id = e.erased_by where e.erasure_id = "
	"$1::bigint)");

#define BLOCKS 400

static const char *
text_in(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static void
add(struct pdf_doc *d, struct pdf_block *blocks, struct pdf_block b)
{
	if (d->n < BLOCKS)
		blocks[d->n++] = b;
}

static struct err *
make(struct job_run *run, const char *when, const char *who, struct bytes *pdf_r)
{
	struct pdf_block *blocks = ARENA_ARRAY(run->a, BLOCKS, struct pdf_block);
	struct json_object *parts = json_object_object_get(run->args, "parts");
	const char *language = job_arg_text(run, "language");
	enum lang l = lang_parse(language);
	struct pdf_doc d = {.lang = language,
		.title = view_text(run->a, l, "receipt.title", NULL),
		.head = view_text(run->a, l, "receipt.title", NULL),
		.small = arena_printf(run->a, "%s \xc2\xb7 %s", run->tenant->name, when),
		.page = view_text(run->a, l, "letters.page", "%s"),
		.blocks = blocks};
	int pages;

	for (size_t i = 0; i < json_object_array_length(parts); i++) {
		struct json_object *part = json_object_array_get_idx(parts, i);
		struct json_object *rows = json_object_object_get(part, "rows");

		add(&d, blocks,
			(struct pdf_block){.kind = PDF_HEADING, .text = text_in(part, "title")});
		for (size_t k = 0; k < json_object_array_length(rows); k++) {
			struct json_object *row = json_object_array_get_idx(rows, k);
			bool by = json_object_object_get_ex(row, "who", NULL);
			const char *text = by ? who : text_in(row, "text");

			add(&d, blocks,
				(struct pdf_block){.kind = PDF_PAIR,
					.text = text_in(row, "label"),
					.more = text != NULL ? text : "-"});
		}
	}
	return pdf_make(run->a, &d, pdf_r, &pages);
}

static struct err *
hand_over(
	struct job_run *run, struct record_ctx *cx, const struct download_new *d, struct bytes pdf)
{
	struct json_object *result = model_object(run->a);
	unsigned char digest[DIGEST_BYTES];
	int64_t id;

	sha256(pdf.p, pdf.n, digest);
	TRY(job_begin(run, &cx->tx));
	TRY(download_add(cx, d, &id));
	tx_queue(cx->tx, &put,
		VALS(val_i64(job_arg_i64(run, "erasure")), val_text(job_arg_text(run, "language")),
			val_bytes((struct bytes){digest, sizeof(digest)})),
		NULL);
	model_text(result, "download", arena_printf(run->a, "/downloads/%lld", (long long)id));
	job_finish(run, cx->tx, result);
	return job_commit(run, cx->tx);
}

struct err *
erase_receipt_step(struct job_run *run)
{
	struct download_new d = {.kind = "erase_receipt",
		.job_id = run->id,
		.user_id = run->created_by,
		.content_type = "application/pdf"};
	struct scratch *file;
	struct record_ctx cx;
	struct bytes pdf;
	struct rows *r;
	struct err *e;

	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &cx));
	TRY(job_begin(run, &cx.tx));
	TRY(tx_query(cx.tx, &of_erasure, VALS(val_i64(job_arg_i64(run, "erasure"))), &r));
	TRY(job_commit(run, cx.tx));
	TRY(make(run, rows_text(r, 0, 0), rows_text(r, 0, 1), &pdf));
	TRY(scratch_new(run->a, tenancy_settings(run->tenancy)->scratch, &file));
	TRY(scratch_add(file, pdf.p, pdf.n));
	d.file_name =
		arena_printf(run->a, "erasure-%lld.pdf", (long long)job_arg_i64(run, "erasure"));
	TRY(download_store(run, file, &d));
	e = hand_over(run, &cx, &d, pdf);
	/* Nobody knows of the object then; without its key it is only a waste. */
	if (e != NULL)
		(void)!object_destroy(run->a, run->tenant->files, d.object);
	return e;
}

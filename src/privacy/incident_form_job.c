/* SPDX-License-Identifier: ISC */
/* The Commissioner's form with what is known, as PDF: of the text that was kept when it was
 * asked for. */
#include <string.h>

#include "date.h"
#include "download.h"
#include "incident.h"
#include "object.h"
#include "pdf.h"
#include "run.h"
#include "scratch.h"
#include "tenant.h"

STMT(load, "incident_form.load", 1,
	"select i.incident_id, i.key_id, k.wrapped, e.note, e.data->>'language', i.reference, "
	"usec(e.at) from incident_event e join incident i using (incident_id) join data_key k on "
	"k.key_id = i.key_id where e.event_id = $1::bigint and e.action = 'form'");

#define BLOCKS 100

struct form {
	struct job_run *run;
	struct record_ctx cx;
	int64_t incident;
	enum lang lang;
	const char *reference, *when;
	struct json_object *parts;
};

static const char *
text_in(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static struct err *
start(struct job_run *run, struct form *f)
{
	struct incident in = {.opens = true};
	const char *text = NULL;
	struct rows *r;

	*f = (struct form){.run = run};
	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &f->cx));
	TRY(job_begin(run, &f->cx.tx));
	TRY(tx_query(f->cx.tx, &load, VALS(val_i64(job_arg_i64(run, "form"))), &r));
	if (rows_count(r) == 0)
		return err_new(run->a, ERR_NOT_FOUND, NULL);
	f->incident = in.id = rows_i64(r, 0, 0);
	f->lang = lang_parse(rows_text(r, 0, 4));
	f->reference = rows_text(r, 0, 5);
	f->when = time_show(run->a, rows_i64(r, 0, 6), lang_tag(f->lang));
	if (key_unwrap(run->a, &run->tenant->kek, "incident", rows_bytes(run->a, r, 0, 2),
		    rows_i64(r, 0, 1), &in.key))
		text = incident_unseal(run->a, &in, "form", rows_bytes(run->a, r, 0, 3));
	if (text == NULL)
		return err_internal(run->a, "the text of a form cannot be read");
	f->parts = json_object_object_get(model_own(run->a, json_tokener_parse(text)), "parts");
	return job_commit(run, f->cx.tx);
}

static void
add(struct pdf_doc *d, struct pdf_block *blocks, struct pdf_block b)
{
	if (d->n < BLOCKS)
		blocks[d->n++] = b;
}

static struct err *
make(const struct form *f, struct bytes *pdf_r)
{
	struct pdf_block blocks[BLOCKS];
	struct arena *a = f->run->a;
	struct pdf_doc d = {.lang = lang_tag(f->lang),
		.title = view_text(a, f->lang, "dbn.title", NULL),
		.head = view_text(a, f->lang, "dbn.title", NULL),
		.small = arena_printf(a, "%s \xc2\xb7 %s \xc2\xb7 %s", f->run->tenant->name,
			f->reference, f->when),
		.page = view_text(a, f->lang, "letters.page", "%s"),
		.blocks = blocks};
	const char *empty = view_text(a, f->lang, "dbn.fill_in", NULL);
	int pages;

	for (size_t i = 0; i < json_object_array_length(f->parts); i++) {
		struct json_object *part = json_object_array_get_idx(f->parts, i);
		struct json_object *rows = json_object_object_get(part, "rows");

		add(&d, blocks,
			(struct pdf_block){.kind = PDF_HEADING, .text = text_in(part, "title")});
		for (size_t k = 0; k < json_object_array_length(rows); k++) {
			struct json_object *row = json_object_array_get_idx(rows, k);
			const char *text = text_in(row, "text");

			add(&d, blocks,
				(struct pdf_block){.kind = PDF_PAIR,
					.text = text_in(row, "label"),
					.more = text != NULL ? text : empty});
		}
	}
	return pdf_make(a, &d, pdf_r, &pages);
}

static struct err *
hand_over(struct form *f, const struct download_new *d)
{
	struct json_object *result = model_object(f->run->a);
	int64_t id;

	TRY(job_begin(f->run, &f->cx.tx));
	TRY(download_add(&f->cx, d, &id));
	model_text(result, "download", arena_printf(f->run->a, "/downloads/%lld", (long long)id));
	model_i64(result, "incident", f->incident);
	job_finish(f->run, f->cx.tx, result);
	return job_commit(f->run, f->cx.tx);
}

struct err *
incident_form_step(struct job_run *run)
{
	struct download_new d = {.kind = "incident_form",
		.job_id = run->id,
		.user_id = run->created_by,
		.content_type = "application/pdf"};
	struct scratch *file;
	struct bytes pdf;
	struct err *e;
	struct form f;

	TRY(start(run, &f));
	TRY(make(&f, &pdf));
	TRY(scratch_new(run->a, tenancy_settings(run->tenancy)->scratch, &file));
	TRY(scratch_add(file, pdf.p, pdf.n));
	d.file_name = arena_printf(run->a, "notification-%s.pdf", f.reference);
	TRY(download_store(run, file, &d));
	e = hand_over(&f, &d);
	/* Nobody knows of the object then; without its key it is only a waste. */
	if (e != NULL)
		(void)!object_destroy(run->a, run->tenant->files, d.object);
	return e;
}

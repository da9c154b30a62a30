/* SPDX-License-Identifier: ISC */
#include "letter_job.h"

#include <string.h>

#include "date.h"
#include "letter.h"
#include "pdf.h"
#include "tenant.h"

STMT(find, "letter_pdf.find", 1,
	"select l.language, (extract(epoch from l.created_at) * 1000000)::bigint, l.sealed, "
	"l.pdf is not null, r.key_id, k.wrapped from letter l join privacy_request r using "
	"(request_id) left join data_key k using (key_id) where l.letter_id = $1::bigint "
	"for update of l");
STMT(put, "letter_pdf.put", 3,
	"update letter set pdf = $2, pages = $3::bigint::int where letter_id = $1::bigint");

#define BLOCKS_MAX 2000
#define HONG_KONG ((int64_t)8 * 3600 * 1000000)

static const char *
text_in(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static void
add(struct pdf_doc *d, struct pdf_block *blocks, enum pdf_kind kind, const char *text)
{
	if (text != NULL && *text != '\0' && d->n < BLOCKS_MAX)
		blocks[d->n++] = (struct pdf_block){.kind = kind, .text = text};
}

/* A paragraph ends at an empty line. */
static void
add_body(struct arena *a, struct pdf_doc *d, struct pdf_block *blocks, const char *body)
{
	while (body != NULL && *body != '\0') {
		const char *end = strstr(body, "\n\n");

		add(d, blocks, PDF_TEXT,
			end != NULL ? arena_strndup(a, body, (size_t)(end - body)) : body);
		body = end != NULL ? end + 2 : NULL;
	}
}

static struct err *
make(struct job_run *run, struct json_object *o, const char *language, int64_t at,
	struct bytes *pdf_r, int *pages_r)
{
	struct pdf_block *blocks = ARENA_ARRAY(run->a, BLOCKS_MAX, struct pdf_block);
	enum lang l = lang_parse(language);
	const char *day = arena_strndup(run->a, time_rfc3339(run->a, at + HONG_KONG), 10);
	const char *address = text_in(o, "head_address"), *contact = text_in(o, "head_contact");
	struct pdf_doc d = {.lang = language,
		.title = text_in(o, "subject"),
		.head = text_in(o, "head"),
		.page = view_text(run->a, l, "letters.page", "%s"),
		.blocks = blocks};

	if (address != NULL && contact != NULL)
		d.small = arena_printf(run->a, "%s\n%s", address, contact);
	else
		d.small = address != NULL ? address : contact;
	add(&d, blocks, PDF_TEXT, date_show(run->a, day, language));
	add(&d, blocks, PDF_TEXT,
		view_text(run->a, l, "letters.reference", text_in(o, "reference")));
	if (text_in(o, "to") != NULL && text_in(o, "address") != NULL)
		add(&d, blocks, PDF_TEXT,
			arena_printf(run->a, "%s\n%s", text_in(o, "to"), text_in(o, "address")));
	else
		add(&d, blocks, PDF_TEXT,
			text_in(o, "to") != NULL ? text_in(o, "to") : text_in(o, "address"));
	add(&d, blocks, PDF_HEADING, text_in(o, "subject"));
	add_body(run->a, &d, blocks, text_in(o, "body"));
	return pdf_make(run->a, &d, pdf_r, pages_r);
}

static struct err *
put_pdf(struct job_run *run, struct tx *tx, const struct rows *r)
{
	int64_t letter = job_arg_i64(run, "letter");
	struct bytes plain, pdf = {NULL, 0}, wrapped = rows_bytes(run->a, r, 0, 5);
	struct json_object *o;
	struct seal_key key;
	const char *place;
	int pages = 0;

	/* Its request is over, and who asked is erased: there is nothing to make. */
	if (wrapped.p == NULL ||
		!key_unwrap(run->a, &run->tenant->kek, "request", wrapped, rows_i64(r, 0, 4), &key))
		return NULL;
	if (!letter_unseal(run->a, &key, "letter", rows_bytes(run->a, r, 0, 2), &plain))
		return err_internal(run->a, "a letter does not open");
	o = model_own(run->a, json_tokener_parse((const char *)plain.p));
	TRY(make(run, o, rows_text(r, 0, 0), rows_i64(r, 0, 1), &pdf, &pages));
	place = arena_printf(
		run->a, "request.%s|%lld", letter_pdf_place(run->a, letter), (long long)key.id);
	tx_queue(tx, &put,
		VALS(val_i64(letter), val_bytes(seal_value(run->a, &key, place, pdf.p, pdf.n)),
			val_i64(pages)),
		NULL);
	return NULL;
}

struct err *
letter_pdf_step(struct job_run *run)
{
	struct rows *r;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	TRY(tx_query(tx, &find, VALS(val_i64(job_arg_i64(run, "letter"))), &r));
	if (rows_count(r) > 0 && !rows_bool(r, 0, 3))
		TRY(put_pdf(run, tx, r));
	job_finish(run, tx, NULL);
	return job_commit(run, tx);
}

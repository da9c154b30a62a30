/* SPDX-License-Identifier: ISC */
/*
 * The letters as a job. First each person is recorded, in pieces (by mail: and the mail
 * put into the outbox), so that a worker that is killed repeats nothing; then, to be
 * printed, all letters of those are written into one ZIP, anew when it is cut off.
 */
#include <string.h>

#include "archive.h"
#include "breach_letter.h"
#include "date.h"
#include "download.h"
#include "event.h"
#include "object.h"
#include "outbox.h"
#include "pdf.h"
#include "run.h"
#include "tenant.h"

#define PIECE 100
#define NAME "letter-%08lld.pdf"
#define BLOCKS 32

STMT(load, "breach_letter.load", 1,
	"select i.incident_id, i.key_id, k.wrapped, e.note, e.data->>'by', "
	"(e.data->>'list')::bigint, i.reference, usec(i.began_at), usec(i.aware_at), "
	"usec(e.at), i.pcpd_at is not null from incident_event e join incident i using "
	"(incident_id) join data_key k on k.key_id = i.key_id where e.event_id = $1::bigint");
/* In order of their numbers, behind one. */
STMT(next_people, "breach_letter.next", 3,
	"select c.contact_id, c.name_en, c.name_zh, c.language, c.email from (select contact_id "
	"from exposure_entry where exposure_id = $1::bigint and contact_id > $2::bigint "
	"group by contact_id order by contact_id limit $3::bigint) p join contact c using "
	"(contact_id) where c.erased_at is null order by 1");
STMT(last_of, "breach_letter.last", 3,
	"select max(contact_id), count(*) from (select contact_id from exposure_entry where "
	"exposure_id = $1::bigint and contact_id > $2::bigint group by contact_id order by "
	"contact_id limit $3::bigint) p");
/* In both languages; a workspace that has set none uses its name. */
STMT(heads, "breach_letter.heads", 0, "select language, name, address, contact from letter_head");
STMT(read_clock, "breach_letter.clock", 0, "select usec(now())");
STMT(note_letter, "breach_letter.insert", 3,
	"insert into incident_letter (event_id, contact_id, how) values ($1::bigint, $2::bigint, "
	"$3) on conflict do nothing");
/* For the file: who was recorded and is not erased since, and what was seen of each. */
STMT(written, "breach_letter.written", 4,
	"select c.contact_id, c.name_en, c.name_zh, c.language, c.address, array(select distinct "
	"f.category from exposure_entry x join field_set s using (field_set_id) cross join lateral "
	"unnest(s.fields) n (name) join field f on f.entity = s.entity and f.name = n.name where "
	"x.exposure_id = $2::bigint and x.contact_id = c.contact_id and f.category <> 'none' order "
	"by 1) from incident_letter l join contact c using (contact_id) where l.event_id = "
	"$1::bigint and l.contact_id > $3::bigint and c.erased_at is null order by 1 limit "
	"$4::bigint");
STMT(kinds_of, "breach_letter.kinds", 2,
	"select array(select distinct f.category from exposure_entry x join field_set s using "
	"(field_set_id) cross join lateral unnest(s.fields) n (name) join field f on f.entity = "
	"s.entity and f.name = n.name where x.exposure_id = $1::bigint and x.contact_id = "
	"$2::bigint and f.category <> 'none' order by 1)");
/* Nobody was erased while the file was made. */
STMT(erased_since, "breach_letter.erased", 2,
	"select exists (select from incident_letter l join contact c using (contact_id) where "
	"l.event_id = $1::bigint and c.erased_at > to_timestamp($2::bigint / 1000000.0))");
STMT(told, "breach_letter.told", 1,
	"insert into incident_event (incident_id, action, data) values ($1::bigint, 'told', "
	"jsonb_build_object('whom', 'subjects', 'at', now()))");
STMT(count_all, "breach_letter.count", 1,
	"select count(*) from incident_letter where event_id = $1::bigint");

struct letters {
	struct job_run *run;
	struct record_ctx cx;
	int64_t event, incident, list, began_at, aware_at, asked_at;
	const char *by, *reference;
	bool pcpd;
	struct json_object *texts;
	struct rows *heads;
};

static const char *
text_of(const struct letters *l, const char *name, enum lang lang)
{
	const char *key = arena_printf(l->cx.a, "%s%s", name,
		strcmp(name, "enquiries") == 0 ? ""
		: lang == LANG_EN              ? "_en"
					       : "_zh");

	return json_object_get_string(json_object_object_get(l->texts, key));
}

static struct err *
open_texts(struct letters *l, const struct rows *r)
{
	struct job_run *run = l->run;
	struct bytes wrapped = rows_bytes(run->a, r, 0, 2), sealed = rows_bytes(run->a, r, 0, 3);
	struct incident in = {.id = l->incident, .opens = true};
	const char *text = NULL;

	if (key_unwrap(run->a, &run->tenant->kek, "incident", wrapped, rows_i64(r, 0, 1), &in.key))
		text = incident_unseal(run->a, &in, "letters", sealed);
	if (text == NULL)
		return err_internal(run->a, "the text of letters cannot be read");
	l->texts = model_own(run->a, json_tokener_parse(text));
	return NULL;
}

static struct err *
start(struct job_run *run, struct letters *l)
{
	struct rows *r;

	*l = (struct letters){.run = run, .event = job_arg_i64(run, "letters")};
	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &l->cx));
	TRY(job_begin(run, &l->cx.tx));
	tx_queue(l->cx.tx, &heads, NO_VALS, &l->heads);
	TRY(tx_query(l->cx.tx, &load, VALS(val_i64(l->event)), &r));
	if (rows_count(r) == 0)
		return err_new(run->a, ERR_NOT_FOUND, NULL);
	l->incident = rows_i64(r, 0, 0);
	l->by = arena_strdup(run->a, rows_text(r, 0, 4));
	l->list = rows_i64(r, 0, 5);
	l->reference = arena_strdup(run->a, rows_text(r, 0, 6));
	l->began_at = rows_i64(r, 0, 7);
	l->aware_at = rows_i64(r, 0, 8);
	l->asked_at = rows_i64(r, 0, 9);
	l->pcpd = rows_bool(r, 0, 10);
	return open_texts(l, r);
}

/* ---- what a letter says */

static void
put_kinds(const struct letters *l, enum lang lang, const char **kinds, size_t n,
	struct json_object *o)
{
	struct json_object *list = model_list(o, "kinds");

	for (size_t i = 0; i < n; i++)
		model_push_text(
			list, view_text(l->cx.a, lang,
				      arena_printf(l->cx.a, "field.category.%s", kinds[i]), NULL));
}

static struct json_object *
letter_model(
	const struct letters *l, enum lang lang, const char *name, const char **kinds, size_t n)
{
	struct json_object *o = model_object(l->cx.a);
	const char *tag = lang_tag(lang);

	model_text(o, "workspace", l->run->tenant->name);
	model_text(o, "reference", l->reference);
	model_text(o, "name", name);
	model_text(o, "dated", time_show(l->cx.a, l->asked_at, tag));
	model_text(o, "began", time_show(l->cx.a, l->began_at, tag));
	model_text(o, "aware", time_show(l->cx.a, l->aware_at, tag));
	model_text(o, "about", text_of(l, "about", lang));
	model_text(o, "advice", text_of(l, "advice", lang));
	model_text(o, "enquiries", text_of(l, "enquiries", lang));
	model_bool(o, "pcpd", l->pcpd);
	put_kinds(l, lang, kinds, n, o);
	return o;
}

static const char *
name_in(enum lang lang, const char *en, const char *zh)
{
	if (lang == LANG_ZH)
		return zh != NULL ? zh : en;
	return en != NULL ? en : zh;
}

/* ---- recording, and sending */

static void
put(const struct record_ctx *cx, struct changes *c, const char *field, const char *text)
{
	const struct field *f = catalogue_find(cx->cat, ENTITY_MESSAGE, field);

	if (f != NULL && field_is_live(f))
		changes_set_text(cx, c, ENTITY_MESSAGE, field, text);
}

/* Among the person's messages, as any other letter or mail. */
static struct err *
add_message(const struct letters *l, int64_t contact, enum lang lang, const char *now)
{
	const struct record_ctx *cx = &l->cx;
	struct changes c = {0};
	int64_t id;

	changes_put(cx, &c, ENTITY_MESSAGE, "contact_id", value_id(cx->a, contact));
	put(cx, &c, "channel", strcmp(l->by, "email") == 0 ? "email" : "letter");
	put(cx, &c, "direction", "out");
	put(cx, &c, "subject", view_text(cx->a, lang, "mail.subject.breach", l->reference));
	put(cx, &c, "body",
		arena_printf(cx->a, "%s\n\n%s\n\n%s", text_of(l, "about", lang),
			text_of(l, "advice", lang), text_of(l, "enquiries", lang)));
	put(cx, &c, "happened_at", now);
	TRY(record_create(cx, ENTITY_MESSAGE, &c, &id));
	audit_queue_one(cx->tx, cx->a, "send", "message", id, contact, "breach_letter");
	return NULL;
}

static struct err *
send_mail(const struct letters *l, const struct rows *r, size_t i, enum lang lang)
{
	struct outgoing m = {.kind = "breach",
		.to = rows_text(r, i, 4),
		.name = name_in(lang, rows_text(r, i, 1), rows_text(r, i, 2)),
		.lang = lang,
		.created_by = l->run->created_by,
		.subject_arg = l->reference};
	const char **kinds;
	struct rows *k;
	size_t n;

	TRY(tx_query(l->cx.tx, &kinds_of, VALS(val_i64(l->list), val_i64(rows_i64(r, i, 0))), &k));
	kinds = rows_texts(l->cx.a, k, 0, 0, &n);
	m.data = letter_model(l, lang, m.name, kinds, n);
	return outbox_add(l->cx.tx, l->cx.a, &l->run->tenant->kek, &m);
}

/* Without an address nobody is written to by mail: the list says who is left. */
static struct err *
record_one(const struct letters *l, const struct rows *r, size_t i, const char *now)
{
	enum lang lang = lang_parse(rows_text(r, i, 3) != NULL ? rows_text(r, i, 3) : "en");
	bool mail = strcmp(l->by, "email") == 0;
	int64_t contact = rows_i64(r, i, 0);

	if (mail && rows_null(r, i, 4))
		return NULL;
	if (mail)
		TRY(send_mail(l, r, i, lang));
	TRY(add_message(l, contact, lang, now));
	tx_queue(l->cx.tx, &note_letter, VALS(val_i64(l->event), val_i64(contact), val_text(l->by)),
		NULL);
	return NULL;
}

/* *more_r: there are others behind them. */
static struct err *
record_piece(struct letters *l, int64_t after, const char *now, bool *more_r)
{
	struct rows *r, *last;

	tx_queue(l->cx.tx, &last_of, VALS(val_i64(l->list), val_i64(after), val_i64(PIECE)), &last);
	TRY(tx_query(l->cx.tx, &next_people, VALS(val_i64(l->list), val_i64(after), val_i64(PIECE)),
		&r));
	for (size_t i = 0; i < rows_count(r); i++)
		TRY(record_one(l, r, i, now));
	*more_r = rows_i64(last, 0, 1) > 0;
	if (*more_r)
		job_progress(l->run, l->cx.tx, rows_i64(last, 0, 0), 0);
	return tx_run(l->cx.tx);
}

/* ---- the file */

static void
add(struct pdf_doc *d, struct pdf_block *blocks, enum pdf_kind kind, const char *text)
{
	if (text != NULL && *text != '\0' && d->n < BLOCKS)
		blocks[d->n++] = (struct pdf_block){.kind = kind, .text = text};
}

/* Above its text. */
static void
add_titled(const struct letters *l, enum lang lang, const char *title, const char *text,
	struct pdf_doc *d, struct pdf_block *blocks)
{
	if (text == NULL || *text == '\0')
		return;
	add(d, blocks, PDF_HEADING, view_text(l->cx.a, lang, title, NULL));
	add(d, blocks, PDF_TEXT, text);
}

static void
add_head(const struct letters *l, enum lang lang, struct pdf_doc *d)
{
	d->head = l->run->tenant->name;
	for (size_t i = 0; i < rows_count(l->heads); i++) {
		const char *address = rows_text(l->heads, i, 2),
			   *contact = rows_text(l->heads, i, 3);

		if (lang_parse(rows_text(l->heads, i, 0)) != lang)
			continue;
		if (rows_text(l->heads, i, 1) != NULL && *rows_text(l->heads, i, 1) != '\0')
			d->head = rows_text(l->heads, i, 1);
		d->small = address == NULL || contact == NULL
				   ? (address != NULL ? address : contact)
				   : arena_printf(l->cx.a, "%s\n%s", address, contact);
	}
}

static const char *
kinds_text(const struct letters *l, enum lang lang, const char **kinds, size_t n)
{
	struct sb sb;

	sb_init(&sb, l->cx.a, 8192);
	for (size_t i = 0; i < n; i++)
		sb_printf(&sb, "%s\xe2\x80\xa2 %s", i > 0 ? "\n" : "",
			view_text(l->cx.a, lang,
				arena_printf(l->cx.a, "field.category.%s", kinds[i]), NULL));
	return sb.p;
}

/* The same as by mail, on paper. */
static struct err *
make_letter(const struct letters *l, const struct rows *r, size_t i, struct bytes *pdf_r)
{
	enum lang lang = lang_parse(rows_text(r, i, 3) != NULL ? rows_text(r, i, 3) : "en");
	const char *tag = lang_tag(lang), *address = rows_text(r, i, 4);
	const char *name = name_in(lang, rows_text(r, i, 1), rows_text(r, i, 2));
	struct pdf_block blocks[BLOCKS];
	struct arena *a = l->cx.a;
	struct pdf_doc d = {.lang = tag,
		.title = view_text(a, lang, "mail.subject.breach", l->reference),
		.page = view_text(a, lang, "letters.page", "%s"),
		.blocks = blocks};
	const char **kinds;
	size_t n;
	int pages;

	kinds = rows_texts(a, r, i, 5, &n);
	add_head(l, lang, &d);
	add(&d, blocks, PDF_TEXT, time_show(a, l->asked_at, tag));
	add(&d, blocks, PDF_TEXT,
		name != NULL && address != NULL ? arena_printf(a, "%s\n%s", name, address)
		: name != NULL                  ? name
						: address);
	add(&d, blocks, PDF_HEADING, d.title);
	add(&d, blocks, PDF_TEXT,
		arena_printf(a, "%s %s",
			view_text(a, lang, "breach.when", time_show(a, l->began_at, tag)),
			view_text(a, lang, "breach.aware", time_show(a, l->aware_at, tag))));
	add_titled(l, lang, "breach.about", text_of(l, "about", lang), &d, blocks);
	add_titled(l, lang, "breach.kinds", kinds_text(l, lang, kinds, n), &d, blocks);
	add_titled(l, lang, "breach.advice", text_of(l, "advice", lang), &d, blocks);
	add_titled(l, lang, "breach.enquiries", text_of(l, "enquiries", lang), &d, blocks);
	add(&d, blocks, PDF_TEXT,
		arena_printf(a, "%s%s%s", l->pcpd ? view_text(a, lang, "breach.pcpd", NULL) : "",
			l->pcpd ? " " : "", view_text(a, lang, "breach.complain", NULL)));
	return pdf_make(a, &d, pdf_r, &pages);
}

static struct err *
write_letter(
	struct letters *l, const struct rows *r, size_t i, struct scratch *all, struct archive *ar)
{
	unsigned char *sum = arena_alloc(l->run->a, DIGEST_BYTES);
	struct arena_mark mark = arena_mark(l->cx.a);
	int64_t at = all->size;
	struct bytes pdf;
	struct digest *d;

	TRY(make_letter(l, r, i, &pdf));
	d = digest_new(l->cx.a);
	digest_add(d, pdf.p, pdf.n);
	digest_end(d, sum);
	TRY(scratch_add(all, pdf.p, pdf.n));
	archive_add_part(ar, arena_printf(l->run->a, NAME, (long long)rows_i64(r, i, 0)), all, at,
		all->size - at, sum);
	arena_release(l->cx.a, mark);
	return NULL;
}

/* A page of people at a time, in an arena that is emptied after it. */
static struct err *
write_letters(struct letters *l, struct scratch *all, struct archive *ar)
{
	struct arena *step = l->run->a, *piece = arena_new((size_t)32 * 1024 * 1024);
	struct err *e = NULL;
	int64_t after = 0;
	size_t n = PIECE;

	while (e == NULL && n == PIECE) {
		struct rows *r = NULL;

		l->run->a = piece;
		e = job_begin(l->run, &l->cx.tx);
		l->run->a = step;
		l->cx.a = piece;
		if (e == NULL)
			e = tx_query(l->cx.tx, &written,
				VALS(val_i64(l->event), val_i64(l->list), val_i64(after),
					val_i64(PIECE)),
				&r);
		if (e == NULL)
			e = job_commit(l->run, l->cx.tx);
		n = e == NULL ? rows_count(r) : 0;
		for (size_t i = 0; e == NULL && i < n; i++) {
			e = write_letter(l, r, i, all, ar);
			after = rows_i64(r, i, 0);
		}
		if (e == NULL)
			arena_reset(piece);
	}
	l->cx.a = step;
	if (e == NULL)
		arena_free(&piece);
	return e;
}

static struct err *
hand_over(struct letters *l, struct download_new *d, int64_t begun)
{
	struct json_object *result = model_object(l->run->a);
	struct rows *r, *n;
	int64_t id;

	TRY(job_begin(l->run, &l->cx.tx));
	tx_queue(l->cx.tx, &count_all, VALS(val_i64(l->event)), &n);
	TRY(tx_query(l->cx.tx, &erased_since, VALS(val_i64(l->event), val_i64(begun)), &r));
	if (rows_bool(r, 0, 0))
		return err_busy(l->run->a, "somebody was erased while letters were written");
	if (d != NULL) {
		TRY(download_add(&l->cx, d, &id));
		model_text(result, "download",
			arena_printf(l->run->a, "/downloads/%lld", (long long)id));
	}
	tx_queue(l->cx.tx, &told, VALS(val_i64(l->incident)), NULL);
	model_i64(result, "incident", l->incident);
	model_i64(result, "letters", rows_i64(n, 0, 0));
	job_finish(l->run, l->cx.tx, result);
	return job_commit(l->run, l->cx.tx);
}

static struct err *
make_file(struct letters *l, int64_t begun)
{
	const char *folder = tenancy_settings(l->run->tenancy)->scratch;
	struct download_new d = {.kind = "breach_letters",
		.job_id = l->run->id,
		.user_id = l->run->created_by,
		.content_type = "application/zip"};
	struct scratch *all, *zip;
	struct archive *ar;
	struct err *e;

	TRY(scratch_new(l->run->a, folder, &all));
	TRY(archive_new(l->run->a, folder, NULL, NULL, &ar));
	TRY(write_letters(l, all, ar));
	TRY(archive_write(ar, &zip));
	d.file_name = arena_printf(l->run->a, "letters-%s.zip", l->reference);
	TRY(download_store(l->run, zip, &d));
	e = hand_over(l, &d, begun);
	/* Nobody knows of the object then; without its key it is only a waste. */
	if (e != NULL)
		(void)!object_destroy(l->run->a, l->run->tenant->files, d.object);
	return e;
}

struct err *
breach_letter_step(struct job_run *run)
{
	struct letters l;
	struct rows *r;
	const char *now;
	int64_t begun;
	bool more;

	TRY(start(run, &l));
	TRY(tx_query(l.cx.tx, &read_clock, NO_VALS, &r));
	begun = rows_i64(r, 0, 0);
	now = time_rfc3339(run->a, begun);
	TRY(record_piece(&l, run->done, now, &more));
	TRY(job_commit(run, l.cx.tx));
	if (more)
		return NULL;
	return strcmp(l.by, "print") == 0 ? make_file(&l, begun) : hand_over(&l, NULL, begun);
}

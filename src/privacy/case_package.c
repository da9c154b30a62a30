/* SPDX-License-Identifier: ISC */
/*
 * The package: the copy as it was looked through and approved, as one ZIP, encrypted
 * when a password was given.
 *
 *	index.html      to be read, in the language of the request
 *	data.json       the same for machines
 *	legend.json     every field and code that stands in it, in both languages
 *	attachments/    files of the person that are not withheld, and what other sources found
 *	manifest.json   SHA-256 and size of every entry
 */
#include "case_package_part.h"

#include <string.h>

#include "attachment.h"
#include "case_copy.h"
#include "date.h"
#include "download.h"
#include "object.h"
#include "person_export.h"
#include "source_file.h"
#include "token.h"

#define PIECE_MEMORY ((size_t)48 * 1024 * 1024)
#define PIECE_TEXT ((size_t)16 * 1024 * 1024)
#define PIECE 200
/* Two years and what is left of the request's own time. */
#define HOURS 18500

STMT(about, "package.about", 1,
	"select r.reference, r.language, r.received_on::text, (select count(*) from request_copy c "
	"where c.request_id = r.request_id), r.approved_at is not null and r.copied_at is not "
	"null, "
	"(select min(s.contact_id) from request_subject s where s.request_id = r.request_id), "
	"(extract(epoch from now()) * 1000000)::bigint from privacy_request r where r.request_id = "
	"$1::bigint");
STMT(piece, "package.piece", 3,
	"select copy_id, entity, record_id, sealed, ground from request_copy where request_id = "
	"$1::bigint and copy_id > $2::bigint and reviewed_at is not null and not withheld(entity, "
	"array[record_id]) order by copy_id limit $3::bigint");
STMT(files, "package.files", 1,
	"select t.attachment_id, t.object, t.object_key, t.size, t.sha256, t.content_type, "
	"k.key_id, "
	"k.wrapped from attachment t join contact c using (contact_id) join data_key k on k.key_id "
	"= c.key_id where t.attachment_id = any ($1::bigint[])");
STMT(set_package, "package.set", 2,
	"update privacy_request set package_id = $2::bigint, version = version + 1, updated_at = "
	"now() where request_id = $1::bigint");
STMT(add_event, "package.event", 1,
	"insert into request_event (request_id, action) values ($1::bigint, 'package')");

static struct err *
begin(struct packing *p)
{
	struct arena *step = p->run->a;
	struct err *e;

	p->run->a = p->piece;
	e = job_begin(p->run, &p->cx.tx);
	p->run->a = step;
	return e;
}

static struct err *
commit(struct packing *p, int64_t more)
{
	TRY(job_commit(p->run, p->cx.tx));
	p->cx.tx = NULL;
	p->done += more;
	return job_beat(p->run, p->done, p->total);
}

const char *
package_word(const struct packing *p, const char *key, const char *arg)
{
	return view_text(p->piece, p->cx.lang, key, arg);
}

static struct err *
html(struct packing *p, const char *template, struct json_object *page)
{
	struct sb sb;

	sb_init(&sb, p->piece, PIECE_TEXT);
	TRY(view_page(p->piece, template, p->cx.lang, NULL, page, NULL, &sb));
	return scratch_add_sb(p->html, &sb);
}

struct err *
package_json(struct packing *p, const char *before, struct json_object *o)
{
	struct sb sb;

	sb_init(&sb, p->piece, PIECE_TEXT);
	sb_puts(&sb, before);
	view_json(o, &sb);
	return scratch_add_sb(p->json, &sb);
}

/* ---- the beginning */

static struct err *
look(struct packing *p)
{
	struct rows *r;

	TRY(begin(p));
	TRY(tx_query(p->cx.tx, &about, VALS(val_i64(p->request)), &r));
	if (rows_count(r) == 0 || !rows_bool(r, 0, 4))
		return err_new(p->a, ERR_CONFLICT, "error.request_unreviewed");
	p->reference = arena_strdup(p->a, rows_text(r, 0, 0));
	p->cx.lang = lang_parse(rows_text(r, 0, 1));
	p->received_on = arena_strdup(p->a, rows_text(r, 0, 2));
	p->total = rows_i64(r, 0, 3);
	p->contact = rows_i64(r, 0, 5);
	p->now = rows_i64(r, 0, 6);
	TRY(case_key(p->run, p->cx.tx, p->request, &p->key));
	TRY(alias_load(p->cx.tx, p->a, p->cx.lang, p->request, &p->aliases));
	TRY(staff_load(p->cx.tx, p->a, p->cx.lang, &p->staff));
	return commit(p, 0);
}

static struct err *
head(struct packing *p)
{
	struct json_object *page = model_object(p->piece), *o, *list;
	const char *day = date_show(p->piece, p->received_on, lang_tag(p->cx.lang)), *text;
	struct sb sb;

	model_text(page, "title", package_word(p, "package.title", p->reference));
	model_text(page, "workspace", p->run->tenant->name);
	model_text(page, "made", time_show(p->piece, p->now, lang_tag(p->cx.lang)));
	list = model_list(page, "covers");
	o = model_item(list);
	model_text(o, "lang", lang_tag(p->cx.lang));
	text = package_word(p, "package.cover", day);
	model_text(o, "text", text);
	o = model_item(model_list(page, "counts"));
	model_text(o, "name", "records");
	model_text(o, "label", package_word(p, "package.records", NULL));
	model_i64(o, "count", p->total);
	TRY(html(p, "export/head", page));
	page = model_object(p->piece);
	model_text(page, "name", "records");
	model_text(page, "title", package_word(p, "package.records", NULL));
	model_i64(page, "count", p->total);
	TRY(html(p, "export/heading", page));
	o = model_object(p->piece);
	model_text(o, "format", "praya-access-package");
	model_i64(o, "format_version", 1);
	model_text(o, "notice", text);
	model_text(o, "reference", p->reference);
	model_text(o, "received_on", p->received_on);
	model_text(o, "made_at", time_rfc3339(p->piece, p->now));
	model_text(o, "language", lang_tag(p->cx.lang));
	sb_init(&sb, p->piece, PIECE_TEXT);
	view_json(o, &sb);
	sb.p[--sb.n] = '\0';
	sb_puts(&sb, ",\n\"records\":[");
	TRY(scratch_add_sb(p->json, &sb));
	arena_reset(p->piece);
	return NULL;
}

/* ---- records */

/* ---- files */

static struct err *
add_file(struct packing *p, const struct rows *r, size_t i)
{
	struct bytes plain, wrapped = rows_bytes(p->piece, r, i, 7);
	struct archive_object o = {.store = p->run->tenant->files, .size = rows_i64(r, i, 3)};
	int64_t id = rows_i64(r, i, 0);
	struct seal_key key;

	if (rows_null(r, i, 1) || rows_null(r, i, 2) || rows_null(r, i, 4))
		return NULL;
	if (!key_unwrap(
		    p->piece, &p->run->tenant->kek, "person", wrapped, rows_i64(r, i, 6), &key) ||
		!unseal_value(p->piece, &key, attachment_key_place(p->piece, id),
			rows_bytes(p->piece, r, i, 2), &plain) ||
		plain.n != KEY_BYTES)
		return err_internal(p->a, "the key of a file does not open");
	memcpy(o.key.key, plain.p, KEY_BYTES);
	secret_wipe(&key, sizeof(key));
	o.object = arena_strdup(p->a, rows_text(r, i, 1));
	o.sha256 = rows_bytes(p->a, r, i, 4);
	if (!rows_null(r, i, 5))
		o.content_type = arena_strdup(p->a, rows_text(r, i, 5));
	/* Its name may tell of others: the number is enough to find it by. */
	archive_add_object(p->ar, arena_printf(p->a, "attachments/%lld", (long long)id), &o);
	return NULL;
}

static struct err *
add_files(struct packing *p, const struct rows *r)
{
	int64_t *ids = ARENA_ARRAY(p->piece, rows_count(r) + 1, int64_t);
	struct rows *found;
	size_t n = 0;

	for (size_t i = 0; i < rows_count(r); i++)
		if (strcmp(rows_text(r, i, 1), "attachment") == 0 && rows_null(r, i, 4))
			ids[n++] = rows_i64(r, i, 2);
	if (n == 0)
		return NULL;
	TRY(tx_query(p->cx.tx, &files, VALS(val_i64s(ids, n)), &found));
	for (size_t i = 0; i < rows_count(found); i++)
		TRY(add_file(p, found, i));
	return NULL;
}

static struct err *
records(struct packing *p)
{
	int64_t after = 0;
	size_t n;

	do {
		struct json_object *page = model_object(p->piece),
				   *items = model_list(page, "items");
		int64_t ids[PIECE], *of;
		struct copy_marks marks;
		struct rows *r;
		size_t at = 0;

		TRY(begin(p));
		TRY(tx_query(p->cx.tx, &piece,
			VALS(val_i64(p->request), val_i64(after), val_i64(PIECE)), &r));
		n = rows_count(r);
		for (size_t i = 0; i < n; i++)
			ids[i] = rows_i64(r, i, 0);
		TRY(marks_load(p->cx.tx, p->piece, ids, n, &marks, &of));
		TRY(add_files(p, r));
		for (size_t i = 0; i < n; i++) {
			size_t from = at;

			while (at < marks.n && of[at] == ids[i])
				at++;
			TRY(package_record(p, r, i, marks.list + from, at - from, items));
			after = ids[i];
		}
		if (n > 0)
			TRY(html(p, "export/items", page));
		TRY(commit(p, (int64_t)n));
		arena_reset(p->piece);
	} while (n == PIECE);
	return NULL;
}

/* ---- what other sources found */

/* Files as they were looked through and put to the tasks of their sources. */
static struct err *
sources(struct packing *p)
{
	struct json_object *page = model_object(p->piece), *items = model_list(page, "items");
	struct source_file *f;
	size_t n;

	TRY(begin(p));
	TRY(case_source_files(p->cx.tx, p->a, p->run->tenant->files, &p->key, p->request, &f, &n));
	for (size_t i = 0; i < n; i++) {
		const char *name = arena_printf(p->a, "source-%lld", (long long)f[i].id);
		struct json_object *data = model_object(p->piece), *item = model_item(items);

		archive_add_object(p->ar, arena_printf(p->a, "attachments/%s", name), &f[i].object);
		model_text(data, "kind", "source_file");
		model_i64(data, "id", f[i].id);
		model_text(data, "source", f[i].source);
		model_text(data, "file", name);
		model_i64(item, "id", f[i].id);
		model_text(item, "anchor", name);
		model_text(item, "title", package_word(p, "package.source_file", f[i].source));
		model_text(item, "created",
			time_show(p->piece, f[i].created_at, lang_tag(p->cx.lang)));
		model_text(item, "entry", name);
		TRY(package_json(p, p->any ? ",\n" : "\n", data));
		p->any = true;
	}
	if (n > 0)
		TRY(html(p, "export/items", page));
	TRY(commit(p, 0));
	arena_reset(p->piece);
	return NULL;
}

/* ---- the end */

static void
put_choices(struct packing *p, const struct field *f, const char *key, struct json_object *legend,
	struct json_object *rows)
{
	struct json_object *list = f->nchoices > 0 ? model_child(legend, "choices") : NULL, *o;

	for (size_t i = 0; i < f->nchoices; i++) {
		o = model_child(list, arena_printf(p->a, "%s=%s", key, f->choices[i].value));
		model_text(o, lang_tag(LANG_EN), f->choices[i].label_en);
		model_text(o, lang_tag(LANG_ZH), f->choices[i].label_zh);
		o = model_item(rows);
		model_text(o, "code", arena_printf(p->a, "%s = %s", key, f->choices[i].value));
		model_text(o, "text",
			p->cx.lang == LANG_ZH ? f->choices[i].label_zh : f->choices[i].label_en);
	}
}

static struct err *
legend(struct packing *p)
{
	struct json_object *o = model_object(p->a), *fields = model_child(o, "fields"),
			   *page = model_object(p->a), *rows = model_list(page, "rows"), *x;
	struct scratch *s;
	const char *text;

	for (size_t i = 0; i < p->cx.cat->n; i++) {
		const struct field *f = &p->cx.cat->fields[i];
		const char *key = arena_printf(p->a, "%s.%s", entity_name(f->entity), f->name);

		if (!json_object_object_get_ex(p->seen, key, NULL))
			continue;
		x = model_child(fields, key);
		model_text(x, lang_tag(LANG_EN), f->label_en);
		model_text(x, lang_tag(LANG_ZH), f->label_zh);
		model_text(x, "purpose", f->purpose);
		x = model_item(rows);
		model_text(x, "code", key);
		model_text(x, "text", field_label(f, p->cx.lang));
		put_choices(p, f, key, o, rows);
	}
	x = model_object(p->piece);
	model_text(x, "name", "legend");
	model_text(x, "title", package_word(p, "export.legend", NULL));
	model_i64(x, "count", 0);
	TRY(html(p, "export/heading", x));
	TRY(html(p, "export/legend", page));
	TRY(html(p, "export/foot", NULL));
	TRY(package_json(p, "],\n\"legend\":", o));
	TRY(scratch_add(p->json, "}\n", 2));
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
	TRY(scratch_new(p->a, tenancy_settings(p->run->tenancy)->scratch, &s));
	TRY(scratch_add(s, text, strlen(text)));
	archive_add_scratch(p->ar, "legend.json", s);
	return NULL;
}

static struct err *
style(struct packing *p)
{
	struct scratch *s;
	struct sb sb;

	sb_init(&sb, p->piece, PIECE_TEXT);
	TRY(view_page(p->piece, "export/style", p->cx.lang, NULL, NULL, NULL, &sb));
	TRY(scratch_new(p->a, tenancy_settings(p->run->tenancy)->scratch, &s));
	TRY(scratch_add_sb(s, &sb));
	archive_add_scratch(p->ar, "style.css", s);
	return NULL;
}

/* The database refuses what was not looked through, whoever asks. */
static struct err *
hand_over(struct packing *p, struct download_new *d)
{
	struct job_run *run = p->run;
	struct json_object *result = model_object(run->a);
	struct record_ctx cx = p->cx;
	int64_t id;

	cx.a = run->a;
	TRY(job_begin(run, &cx.tx));
	TRY(download_add(&cx, d, &id));
	tx_queue(cx.tx, &set_package, VALS(val_i64(p->request), val_i64(id)), NULL);
	tx_queue(cx.tx, &add_event, VALS(val_i64(p->request)), NULL);
	model_text(result, "download",
		arena_printf(run->a, "/privacy/requests/%lld/package", (long long)p->request));
	job_finish(run, cx.tx, result);
	return job_commit(run, cx.tx);
}

static void
end_piece(void *arg)
{
	struct arena *piece_arena = arg;

	arena_free(&piece_arena);
}

static struct err *
tick(void *ctx, int64_t n)
{
	struct packing *p = ctx;

	(void)n;
	return job_beat(p->run, p->done, p->total);
}

static struct err *
prepare(struct packing *p, struct archive_watch *watch)
{
	const char *scratch = tenancy_settings(p->run->tenancy)->scratch, *password;

	TRY(person_export_password(p->run, &password));
	p->piece = arena_new(PIECE_MEMORY);
	arena_on_reset(p->a, end_piece, p->piece);
	TRY(record_ctx_system(
		p->run->conn, p->a, p->run->tenant, "worker", p->run->created_by, &p->cx));
	p->cx.a = p->piece;
	p->seen = model_object(p->a);
	*watch = (struct archive_watch){tick, p};
	TRY(archive_new(p->a, scratch, password, watch, &p->ar));
	TRY(scratch_new(p->a, scratch, &p->html));
	TRY(scratch_new(p->a, scratch, &p->json));
	return look(p);
}

struct err *
case_package_step(struct job_run *run)
{
	struct packing *p = ARENA_NEW(run->a, struct packing);
	struct archive_watch watch;
	struct download_new d = {.kind = "request_package",
		.job_id = run->id,
		.user_id = run->created_by,
		.hours = HOURS,
		.content_type = "application/zip"};
	struct scratch *zip;
	struct err *e;

	p->run = run;
	p->a = run->a;
	p->request = job_arg_i64(run, "request");
	TRY(prepare(p, &watch));
	TRY(head(p));
	TRY(style(p));
	TRY(records(p));
	TRY(sources(p));
	TRY(legend(p));
	archive_add_scratch(p->ar, "index.html", p->html);
	archive_add_scratch(p->ar, "data.json", p->json);
	secret_wipe(&p->key, sizeof(p->key));
	TRY(archive_write(p->ar, &zip));
	d.contact_id = p->contact;
	d.file_name = arena_printf(run->a, "request-%s.zip", p->reference);
	TRY(download_store(run, zip, &d));
	e = hand_over(p, &d);
	if (e != NULL)
		(void)!object_destroy(run->a, run->tenant->files, d.object);
	return e;
}

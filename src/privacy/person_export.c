/* SPDX-License-Identifier: ISC */
#include "person_export.h"

#include <string.h>
#include <time.h>

#include "date.h"
#include "export.h"
#include "person_file.h"

/* A piece is 2 MiB of text and the record that went beyond, read, decoded and
 * rendered twice. */
#define PIECE_MEMORY ((size_t)48 * 1024 * 1024)
#define PIECE_TEXT ((size_t)16 * 1024 * 1024)
#define BEAT_MS 1000

STMT(person_about, "person_export.about", 2,
	"select c.language, w.language, u.language, "
	"(extract(epoch from now()) * 1000000)::bigint, c.erased_at is not null "
	"from contact c cross join workspace w left join app_user u on u.user_id = $2::bigint "
	"where c.contact_id = $1::bigint");
STMT(person_staff_list, "person_export.staff", 0,
	"select u.user_id, p.name, p.builtin from app_user u join profile p using (profile_id) "
	"order by u.user_id");
STMT(person_events, "person_export.events", 2,
	"select count(*) from audit_of($1::bigint, null, null, $2::timestamptz, 2147483647, true)");

const char *
person_export_name(struct arena *a, int64_t contact_id)
{
	return arena_printf(a, "contact-%lld.zip", (long long)contact_id);
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct err *
person_begin(struct person_file *pf)
{
	return pf->in->begin(pf->in->ctx, pf->piece, &pf->cx.tx);
}

struct err *
person_commit(struct person_file *pf)
{
	TRY(pf->in->commit(pf->in->ctx, pf->cx.tx));
	pf->cx.tx = NULL;
	return NULL;
}

struct err *
person_tick(struct person_file *pf, int64_t more)
{
	int64_t now = now_ms();

	pf->done += more;
	if (now - pf->beat_ms < BEAT_MS)
		return NULL;
	pf->beat_ms = now;
	return pf->in->beat(pf->in->ctx, pf->done, pf->total);
}

static struct err *
tick(void *ctx, int64_t files)
{
	return person_tick(ctx, files);
}

struct err *
person_html(struct person_file *pf, const char *template, struct json_object *page)
{
	struct sb sb;

	sb_init(&sb, pf->piece, PIECE_TEXT);
	TRY(view_page(pf->piece, template, pf->cx.lang, NULL, page, NULL, &sb));
	return scratch_add_sb(pf->html, &sb);
}

struct err *
person_json_text(struct person_file *pf, const char *text)
{
	return scratch_add(pf->json, text, strlen(text));
}

struct err *
person_json(struct person_file *pf, struct json_object *o)
{
	struct sb sb;

	sb_init(&sb, pf->piece, PIECE_TEXT);
	view_json(o, &sb);
	return scratch_add_sb(pf->json, &sb);
}

struct err *
person_heading(struct person_file *pf, const char *name, const char *title, int64_t count)
{
	struct json_object *page = model_object(pf->piece);

	model_text(page, "name", name);
	model_text(page, "title", title);
	model_i64(page, "count", count);
	return person_html(pf, "export/heading", page);
}

const char *
person_text(const struct person_file *pf, const char *key, const char *arg)
{
	return view_text(pf->piece, pf->cx.lang, key, arg);
}

const char *
person_word(const struct person_file *pf, enum lang l, const char *prefix, const char *code)
{
	const char *key = arena_printf(pf->piece, "%s.%s", prefix, code);
	const char *word = view_text(pf->piece, l, key, NULL);

	return strcmp(word, key) == 0 ? code : word;
}

const char *
person_bracket(const struct person_file *pf, enum lang l, const char *text, const char *inside)
{
	return arena_printf(pf->piece, l == LANG_ZH ? "%s（%s）" : "%s (%s)", text, inside);
}

const char *
person_staff(const struct person_file *pf, int64_t user_id, enum lang l)
{
	for (size_t i = 0; i < pf->nstaff; i++) {
		struct staff *s = &pf->staff[i];
		const char *profile = s->profile;

		if (s->user_id != user_id)
			continue;
		s->used = true;
		if (s->builtin)
			profile = person_word(pf, l, "export.profile", s->profile);
		return person_bracket(
			pf, l, view_text(pf->piece, l, "export.staff", s->letter), profile);
	}
	return NULL;
}

/* 0 -> A, 25 -> Z, 26 -> AA. */
const char *
person_letter(struct arena *a, size_t n)
{
	char text[16];
	size_t at = sizeof(text) - 1;

	text[at] = '\0';
	do {
		text[--at] = (char)('A' + n % 26);
		n = n / 26;
	} while (n-- > 0);
	return arena_strdup(a, text + at);
}

static void
take_staff(struct person_file *pf, const struct rows *r)
{
	pf->nstaff = rows_count(r);
	pf->staff = ARENA_ARRAY(pf->a, pf->nstaff + 1, struct staff);
	for (size_t i = 0; i < pf->nstaff; i++) {
		struct staff *s = &pf->staff[i];

		s->user_id = rows_i64(r, i, 0);
		/* By order of joining: the same person has the same letter every time. */
		s->letter = person_letter(pf->a, i);
		s->profile = arena_strdup(pf->a, rows_text(r, i, 1));
		s->builtin = rows_bool(r, i, 2);
	}
}

/* The person's own, else the asker's, else the workspace's. */
static enum lang
language_of(const struct rows *r)
{
	static const size_t order[] = {0, 2};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (!rows_null(r, 0, order[i]))
			return lang_parse(rows_text(r, 0, order[i]));
	return lang_parse(rows_text(r, 0, 1));
}

/* Who, in which language, and how much there is. */
static struct err *
look(struct person_file *pf)
{
	const struct vals about = VALS(val_i64(pf->in->contact_id), val_id(pf->in->user_id));
	struct rows *r, *users, *n;

	TRY(person_begin(pf));
	tx_queue(pf->cx.tx, &person_staff_list, NO_VALS, &users);
	TRY(tx_query(pf->cx.tx, &person_about, about, &r));
	if (rows_count(r) == 0)
		return err_new(pf->a, ERR_NOT_FOUND, NULL);
	TRY(person_key(&pf->cx, pf->in->contact_id, &pf->key));
	pf->cx.lang = language_of(r);
	pf->made_usec = rows_i64(r, 0, 3);
	pf->made_at = time_rfc3339(pf->a, pf->made_usec);
	take_staff(pf, users);
	TRY(record_export_counts(&pf->cx, pf->in->contact_id, pf->counts));
	TRY(tx_query(pf->cx.tx, &person_events,
		VALS(val_i64(pf->in->contact_id), val_text(pf->made_at)), &n));
	pf->nevents = rows_i64(n, 0, 0);
	TRY(person_commit(pf));
	pf->total = pf->nevents + pf->counts[ENTITY_ATTACHMENT];
	for (int e = 0; e < ENTITY_MAX; e++)
		pf->total += pf->counts[e];
	arena_reset(pf->piece);
	return NULL;
}

/* A text of both languages as an object {"en":..., "zh-Hant":...}. */
static void
add_both(const struct person_file *pf, struct json_object *o, const char *name, const char *key)
{
	struct json_object *both = model_child(o, name);

	for (int l = 0; l < LANG_MAX; l++)
		model_text(both, lang_tag((enum lang)l),
			view_text(pf->piece, (enum lang)l, key, NULL));
}

/* data.json up to its first list: an object without its closing brace. */
static struct err *
begin_json(struct person_file *pf)
{
	struct json_object *o = model_object(pf->piece), *workspace;
	struct sb sb;

	model_text(o, "format", "praya-person-export");
	model_i64(o, "format_version", 1);
	add_both(pf, o, "notice", "export.cover");
	model_text(o, "made_at", pf->made_at);
	model_text(o, "language", lang_tag(pf->cx.lang));
	workspace = model_child(o, "workspace");
	model_text(workspace, "name", pf->in->tenant->name);
	model_text(workspace, "region", pf->in->tenant->region);
	sb_init(&sb, pf->piece, PIECE_TEXT);
	view_json(o, &sb);
	sb.p[--sb.n] = '\0';
	return scratch_add_sb(pf->json, &sb);
}

static void
add_count(const struct person_file *pf, struct json_object *list, const char *name, const char *key,
	int64_t n)
{
	struct json_object *o = model_item(list);

	model_text(o, "name", name);
	model_text(o, "label", person_text(pf, key, NULL));
	model_i64(o, "count", n);
}

static struct err *
begin_html(struct person_file *pf)
{
	struct json_object *page = model_object(pf->piece), *list, *o;

	model_text(page, "title",
		person_text(pf, "export.title",
			arena_printf(pf->piece, "%lld", (long long)pf->in->contact_id)));
	model_text(page, "workspace", pf->in->tenant->name);
	model_text(page, "made", time_show(pf->piece, pf->made_usec, lang_tag(pf->cx.lang)));
	list = model_list(page, "covers");
	for (int l = 0; l < LANG_MAX; l++) {
		o = model_item(list);
		model_text(o, "lang", lang_tag((enum lang)l));
		model_text(o, "text", view_text(pf->piece, (enum lang)l, "export.cover", NULL));
	}
	list = model_list(page, "counts");
	add_count(pf, list, "record", "entity.contact.one", pf->counts[ENTITY_CONTACT]);
	add_count(pf, list, "invoice", "entity.invoice.many", pf->counts[ENTITY_INVOICE]);
	add_count(pf, list, "activity", "entity.activity.many", pf->counts[ENTITY_ACTIVITY]);
	add_count(pf, list, "message", "entity.message.many", pf->counts[ENTITY_MESSAGE]);
	add_count(pf, list, "attachment", "entity.attachment.many", pf->counts[ENTITY_ATTACHMENT]);
	add_count(pf, list, "history", "export.history", pf->nevents);
	return person_html(pf, "export/head", page);
}

/* README.txt and style.css: what is the same in every export. */
static struct err *
add_fixed(struct person_file *pf)
{
	struct scratch *s;
	struct sb sb;

	sb_init(&sb, pf->piece, PIECE_TEXT);
	for (int l = 0; l < LANG_MAX; l++)
		sb_printf(&sb, "%s\r\n\r\n%s\r\n\r\n",
			view_text(pf->piece, (enum lang)l, "export.cover", NULL),
			view_text(pf->piece, (enum lang)l, "export.contents", NULL));
	TRY(scratch_new(pf->a, tenancy_settings(pf->in->tenancy)->scratch, &s));
	TRY(scratch_add_sb(s, &sb));
	archive_add_scratch(pf->ar, "README.txt", s);
	TRY(view_page(pf->piece, "export/style", pf->cx.lang, NULL, NULL, NULL, &sb));
	TRY(scratch_new(pf->a, tenancy_settings(pf->in->tenancy)->scratch, &s));
	TRY(scratch_add_sb(s, &sb));
	archive_add_scratch(pf->ar, "style.css", s);
	return NULL;
}

static struct err *
add_parts(struct person_file *pf)
{
	static const enum entity children[] = {
		ENTITY_INVOICE, ENTITY_ACTIVITY, ENTITY_MESSAGE, ENTITY_ATTACHMENT};

	TRY(begin_json(pf));
	TRY(begin_html(pf));
	TRY(add_fixed(pf));
	TRY(person_add_record(pf));
	for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++)
		TRY(person_add_children(pf, children[i]));
	/* Nothing records consents yet; a reader of the data sees that there are none. */
	TRY(person_json_text(pf, ",\n\"consents\":[]"));
	TRY(person_add_disclosed(pf));
	TRY(person_add_trail(pf));
	TRY(person_add_legend(pf));
	TRY(person_json_text(pf, "}\n"));
	return person_html(pf, "export/foot", NULL);
}

static void
end_piece(void *arg)
{
	struct arena *piece = arg;

	arena_free(&piece);
}

struct err *
person_export_build(const struct person_export *in, struct scratch **zip_r)
{
	const char *scratch = tenancy_settings(in->tenancy)->scratch;
	struct person_file *pf = ARENA_NEW(in->a, struct person_file);

	pf->in = in;
	pf->a = in->a;
	pf->piece = arena_new(PIECE_MEMORY);
	arena_on_reset(in->a, end_piece, pf->piece);
	TRY(record_ctx_system(in->conn, in->a, in->tenant, in->via, in->user_id, &pf->cx));
	pf->cx.a = pf->piece;
	TRY(look(pf));
	/* The first one says at once how much there is. */
	TRY(person_tick(pf, 0));
	pf->watch = (struct archive_watch){tick, pf};
	TRY(archive_new(in->a, scratch, in->password, &pf->watch, &pf->ar));
	TRY(scratch_new(in->a, scratch, &pf->html));
	TRY(scratch_new(in->a, scratch, &pf->json));
	TRY(add_parts(pf));
	archive_add_scratch(pf->ar, "index.html", pf->html);
	archive_add_scratch(pf->ar, "data.json", pf->json);
	secret_wipe(&pf->key, sizeof(pf->key));
	arena_reset(pf->piece);
	return archive_write(pf->ar, zip_r);
}

/* SPDX-License-Identifier: ISC */
/* What an export of everything says of itself: to people, and to programs. */
#include <string.h>

#include "chain.h"
#include "date.h"
#include "log.h"
#include "model.h"
#include "token.h"
#include "whole_part.h"

STMT(left_out, "whole.left_out", 0,
	"select tab, coalesce(col, ''), why from whole_left_out() order by tab, col nulls first");
STMT(comments, "whole.comments", 0,
	"select x.tab, x.col, coalesce(col_description(x.tab::regclass, x.num), ''), "
	"coalesce(f.label_en, ''), coalesce(f.label_zh, '') from whole_columns() x "
	"left join field f on f.entity = x.tab and f.column_name = x.col order by x.tab, x.num");

STMT(last_seal, "whole.last_seal", 0,
	"select " SEAL_COLUMNS "from audit_seal order by seal_id desc limit 1");

#define TEXT_MAX ((size_t)8 * 1024 * 1024)

struct whole_legend {
	struct json_object *schema; /* of the whole arena: read while the snapshot is there */
	struct json_object *left;
	const char *head; /* a line; NULL: nothing is sealed yet */
};

static void
add_columns(struct whole *w, const struct whole_table *t, const struct rows *r, size_t *k,
	struct json_object *list)
{
	for (size_t i = 0; i < t->n; i++, (*k)++) {
		const struct whole_column *c = &t->columns[i];
		struct json_object *o;

		ASSERT(*k < rows_count(r) && strcmp(rows_text(r, *k, 1), c->name) == 0);
		if (strcmp(c->how, "left") == 0)
			continue;
		o = model_item(list);
		model_text(o, "name", c->name);
		model_text(o, "type", strcmp(c->how, "plain") == 0 ? c->type : "text");
		model_bool(o, "encrypted", strcmp(c->how, "plain") != 0);
		model_text(o, "description", rows_text(r, *k, 2));
		if (*rows_text(r, *k, 3) != '\0') {
			struct json_object *l = model_child(o, "label");

			model_text(l, "en", rows_text(r, *k, 3));
			model_text(l, "zh-Hant", rows_text(r, *k, 4));
		}
	}
	(void)w;
}

static const char *
newest_head(const struct whole *w, const struct rows *r)
{
	struct head_key key;
	struct seal last;
	struct head h;
	const char *line;

	if (rows_count(r) == 0)
		return NULL;
	chain_row(w->a, r, 0, &last);
	h = chain_head_of(&last);
	head_key(w->in->tenant, &key);
	line = head_line(w->a, &key, &h);
	secret_wipe(&key, sizeof(key));
	return line;
}

struct err *
whole_load_legend(struct whole *w)
{
	struct whole_legend *lg = ARENA_NEW(w->a, struct whole_legend);
	struct json_object *list;
	struct rows *l, *c, *s;
	size_t k = 0;

	tx_queue(w->tx, &left_out, NO_VALS, &l);
	tx_queue(w->tx, &last_seal, NO_VALS, &s);
	TRY(tx_query(w->tx, &comments, NO_VALS, &c));
	lg->head = newest_head(w, s);
	lg->schema = model_object(w->a);
	model_text(lg->schema, "format", WHOLE_FORMAT);
	model_i64(lg->schema, "format_version", WHOLE_FORMAT_VERSION);
	list = model_list(lg->schema, "tables");
	for (size_t i = 0; i < w->ntables; i++) {
		struct json_object *o = model_item(list);

		model_text(o, "name", w->tables[i].name);
		model_text(o, "description", w->tables[i].says);
		add_columns(w, &w->tables[i], c, &k, model_list(o, "columns"));
	}
	lg->left = model_list(lg->schema, "left_out");
	for (size_t i = 0; i < rows_count(l); i++) {
		struct json_object *o = model_item(lg->left);

		model_text(o, "table", rows_text(l, i, 0));
		model_text(o, "column", *rows_text(l, i, 1) != '\0' ? rows_text(l, i, 1) : NULL);
		model_text(o, "why", rows_text(l, i, 2));
	}
	w->legend = lg;
	return NULL;
}

static const char *
say(const struct whole *w, const char *key, const char *arg)
{
	return view_text(w->piece, w->in->lang, key, arg);
}

/* "Contacts" for records, what the catalogue says of the others; the database's own words of a
 * table that nobody has told people of yet. */
static const char *
label_of(const struct whole *w, const struct whole_table *t)
{
	const char *const keys[] = {arena_printf(w->piece, "entity.%s.many", t->name),
		arena_printf(w->piece, "takeout.table.%s", t->name)};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *text = say(w, keys[i], NULL);

		if (strcmp(text, keys[i]) != 0)
			return text;
	}
	return t->says;
}

static void
fill_page(struct whole *w, int64_t volumes, struct json_object *page)
{
	static const char *const whys[] = {"way_in", "passing", "derived"};
	struct json_object *list = model_list(page, "tables"), *o;

	model_text(page, "title", say(w, "takeout.readme.title", w->in->tenant->name));
	model_text(page, "made",
		say(w, "export.made", time_show(w->piece, w->made_usec, lang_tag(w->in->lang))));
	model_text(page, "region",
		say(w, arena_printf(w->piece, "region.%s", w->in->tenant->region), NULL));
	model_i64(page, "volumes", volumes);
	model_i64(page, "files", w->nfiles);
	model_bool(page, "head", w->legend->head != NULL);
	for (size_t i = 0; i < w->ntables; i++) {
		o = model_item(list);
		model_text(o, "name", w->tables[i].name);
		model_text(o, "label", label_of(w, &w->tables[i]));
		model_i64(o, "rows", w->tables[i].rows);
	}
	list = model_list(page, "left");
	for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++)
		model_push_text(
			list, say(w, arena_printf(w->piece, "takeout.left.%s", whys[i]), NULL));
}

static struct err *
add_text(struct whole *w, const char *name, struct sb *sb)
{
	struct scratch *s;

	TRY(whole_scratch(w, &s));
	TRY(scratch_add_sb(s, sb));
	archive_add_scratch(w->ar, name, s);
	return NULL;
}

struct err *
whole_add_legend(struct whole *w, int64_t volumes)
{
	struct arena_mark mark = arena_mark(w->piece);
	struct json_object *page = model_object(w->piece);
	struct sb sb;

	sb_init(&sb, w->piece, TEXT_MAX);
	fill_page(w, volumes, page);
	TRY(view_page(w->piece, "export/whole", w->in->lang, NULL, page, NULL, &sb));
	TRY(add_text(w, "README.html", &sb));
	TRY(view_page(w->piece, "export/style", w->in->lang, NULL, NULL, NULL, &sb));
	TRY(add_text(w, "style.css", &sb));
	sb_puts(&sb, json_object_to_json_string_ext(w->legend->schema,
			     JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	TRY(add_text(w, "schema.json", &sb));
	if (w->legend->head != NULL) {
		sb_printf(&sb, "%s\n", w->legend->head);
		TRY(add_text(w, "log.head", &sb));
	}
	arena_release(w->piece, mark);
	return NULL;
}

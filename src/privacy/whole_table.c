/* SPDX-License-Identifier: ISC */
/* Tables row by row, what is encrypted in them opened, as JSON Lines and as CSV. */
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "log.h"
#include "model.h"
#include "whole_part.h"

STMT(columns, "whole.columns", 0,
	"select tab, col, type, coalesce(how, ''), (select count(*) from field "
	"where state in ('sealing', 'unsealing')) from whole_columns() order by tab, num");
STMT(tables, "whole.tables", 0, "select tab, coalesce(says, ''), bytes from whole_tables()");
STMT(expected, "whole.rows", 1, "select whole_rows($1)");
STMT(open_table, "whole.open", 1, "select whole_open($1)");
STMT(next_rows, "whole.next", 1,
	"select line, sealed, places from whole_next($1::bigint::integer)");
STMT(some_keys, "whole.keys", 1,
	"select key_id, purpose, wrapped from data_key where key_id = any ($1::bigint[]) "
	"order by key_id");

#define PIECE_ROWS 64
/* Below so much a table is read before anybody wonders how far it is. */
#define COUNTED ((int64_t)1024 * 1024)
/* A value is written twice, a message three times; a column has its name in each line of JSON. */
#define TIMES 3
#define NAME_BYTES 26
#define PIECE_TEXT ((size_t)32 * 1024 * 1024)

/* A table under way. */
struct reading {
	struct whole *w;
	struct whole_table *t;
	const char **sealed, **how; /* names of the columns that are opened */
	size_t nsealed;
	struct scratch *jsonl, *csv;
	struct mbox *mbox;
	const struct whole_kind *kind; /* its rows have files; NULL: they have none */
};

static int
by_id(const void *a, const void *b)
{
	const struct seal_key *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

struct err *
whole_keys_load(struct whole *w, const int64_t *ids, size_t n, struct whole_keys *keys_r)
{
	struct rows *r;

	*keys_r = (struct whole_keys){NULL, 0};
	if (n == 0)
		return NULL;
	TRY(tx_query(w->tx, &some_keys, VALS(val_i64s(ids, n)), &r));
	keys_r->k = ARENA_ARRAY(w->piece, rows_count(r) + 1, struct seal_key);
	for (size_t i = 0; i < rows_count(r); i++) {
		struct seal_key *k = &keys_r->k[keys_r->n];

		if (key_unwrap(w->piece, &w->in->tenant->kek, rows_text(r, i, 1),
			    rows_bytes(w->piece, r, i, 2), rows_i64(r, i, 0), k))
			keys_r->n++;
	}
	return NULL;
}

struct err *
whole_unseal(struct whole *w, const struct whole_keys *keys, const char *how, const char *place,
	struct bytes sealed, struct bytes *plain_r)
{
	const struct seal_key want = {.id = seal_key_id(sealed)}, *key = &w->in->tenant->cursor;
	size_t n = strlen(place);

	*plain_r = (struct bytes){NULL, 0};
	if (strcmp(how, "sealed") == 0)
		key = keys->n > 0 ? bsearch(&want, keys->k, keys->n, sizeof(want), by_id) : NULL;
	if (key == NULL)
		return NULL;
	if (n > 0 && place[n - 1] == '#')
		place = arena_printf(w->piece, "%.*s%lld", (int)(n - 1), place, (long long)want.id);
	if (!unseal_value(w->piece, key, place, sealed, plain_r))
		return err_internal(w->a, "a value does not open");
	return NULL;
}

/* From what they take in the database. */
static struct err *
weigh_tables(struct whole *w)
{
	for (size_t i = 0; i < w->ntables; i++) {
		struct whole_table *t = &w->tables[i];
		struct rows *r;

		if (t->weight > COUNTED) {
			TRY(tx_query(w->tx, &expected, VALS(val_text(t->name)), &r));
			t->expect = rows_i64(r, 0, 0);
		}
		t->weight = t->weight * TIMES + t->expect * (int64_t)t->n * NAME_BYTES;
		w->weight += t->weight;
	}
	return NULL;
}

struct err *
whole_load_tables(struct whole *w)
{
	struct rows *c, *t;
	size_t k = 0;

	tx_queue(w->tx, &columns, NO_VALS, &c);
	TRY(tx_query(w->tx, &tables, NO_VALS, &t));
	if (rows_count(c) > 0 && rows_i64(c, 0, 4) > 0)
		return err_busy(w->a, "a field changes its form");
	w->ntables = rows_count(t);
	w->tables = ARENA_ARRAY(w->a, w->ntables + 1, struct whole_table);
	for (size_t i = 0; i < w->ntables; i++) {
		struct whole_table *o = &w->tables[i];

		o->name = arena_strdup(w->a, rows_text(t, i, 0));
		o->says = arena_strdup(w->a, rows_text(t, i, 1));
		o->weight = rows_i64(t, i, 2);
		o->columns = ARENA_ARRAY(w->a, rows_count(c) - k + 1, struct whole_column);
		for (; k < rows_count(c) && strcmp(rows_text(c, k, 0), o->name) == 0; k++) {
			struct whole_column *x = &o->columns[o->n++];

			x->name = arena_strdup(w->a, rows_text(c, k, 1));
			x->type = arena_strdup(w->a, rows_text(c, k, 2));
			x->how = arena_strdup(w->a, rows_text(c, k, 3));
			if (*x->how == '\0')
				return err_internal(w->a, "nobody says how %s.%s is exported",
					o->name, x->name);
		}
	}
	ASSERT(k == rows_count(c));
	return weigh_tables(w);
}

static bool
is_opened(const struct whole_column *c)
{
	return strcmp(c->how, "sealed") == 0 || strcmp(c->how, "workspace") == 0;
}

static struct err *
begin_csv(struct reading *rd)
{
	const struct whole_table *t = rd->t;
	const char **cells = ARENA_ARRAY(rd->w->piece, t->n + 1, const char *);
	struct sb sb;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->columns[i].how, "left") != 0)
			cells[n++] = t->columns[i].name;
	sb_init(&sb, rd->w->piece, PIECE_TEXT);
	csv_put_row(&sb, cells, n);
	return scratch_add_sb(rd->csv, &sb);
}

static const char *
cell_of(struct json_object *o, const char *name)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, name, &v) || v == NULL)
		return NULL;
	if (json_object_is_type(v, json_type_string))
		return json_object_get_string(v);
	return json_object_to_json_string_ext(
		v, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void
put_csv(const struct reading *rd, struct json_object *o, struct sb *sb)
{
	const struct whole_table *t = rd->t;
	const char **cells = ARENA_ARRAY(rd->w->piece, t->n + 1, const char *);
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->columns[i].how, "left") != 0)
			cells[n++] = cell_of(o, t->columns[i].name);
	csv_put_row(sb, cells, n);
}

static int64_t
number_of(struct json_object *o, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) ? json_object_get_int64(v) : 0;
}

/* Where the bytes of a file lie: beside its columns, like the keys. */
static void
add_entry(const struct reading *rd, struct json_object *o)
{
	const struct whole_kind *k = rd->kind;

	if (k == NULL || cell_of(o, "sha256") == NULL || cell_of(o, "destroyed_at") != NULL)
		return;
	model_text(o, "_entry",
		whole_entry_name(rd->w->piece, k, number_of(o, k->of), number_of(o, k->id),
			cell_of(o, k->name)));
}

/* The values of a row that lie encrypted in it; hex: as PostgreSQL gives them. */
static struct err *
open_values(const struct reading *rd, const struct whole_keys *keys, const char *const *hex,
	const char *const *places, struct json_object *o)
{
	struct json_object *numbers = NULL;
	struct bytes sealed, plain;

	for (size_t i = 0; i < rd->nsealed; i++) {
		if (*hex[i] == '\0' || !hex_decode(rd->w->piece, hex[i], &sealed)) {
			model_null(o, rd->sealed[i]);
			continue;
		}
		TRY(whole_unseal(rd->w, keys, rd->how[i], places[i], sealed, &plain));
		model_text(o, rd->sealed[i], (const char *)plain.p);
		if (plain.p == NULL || strcmp(rd->how[i], "sealed") != 0)
			continue;
		if (numbers == NULL)
			numbers = model_child(o, "_keys");
		model_i64(numbers, rd->sealed[i], seal_key_id(sealed));
	}
	return NULL;
}

static struct err *
load_keys(const struct reading *rd, const struct rows *r, struct whole_keys *keys)
{
	struct arena *a = rd->w->piece;
	int64_t *ids = ARENA_ARRAY(a, rows_count(r) * (rd->nsealed + 1) + 1, int64_t);
	struct bytes sealed;
	size_t n = 0, k;

	for (size_t i = 0; rd->nsealed > 0 && i < rows_count(r); i++) {
		const char **hex = rows_texts(a, r, i, 1, &k);

		for (size_t j = 0; j < k; j++)
			if (*hex[j] != '\0' && hex_decode(a, hex[j], &sealed))
				ids[n++] = seal_key_id(sealed);
	}
	return whole_keys_load(rd->w, ids, n, keys);
}

static struct err *
put_row(struct reading *rd, const struct rows *r, size_t i, const struct whole_keys *keys,
	struct sb *lines, struct sb *cells)
{
	struct arena *a = rd->w->piece;
	struct json_object *o = json_tokener_parse(rows_text(r, i, 0));
	size_t n;
	const char **hex = rows_texts(a, r, i, 1, &n), **places = rows_texts(a, r, i, 2, &n);

	if (o == NULL)
		return err_internal(rd->w->a, "a row of %s is no JSON", rd->t->name);
	model_own(a, o);
	TRY(open_values(rd, keys, hex, places, o));
	put_csv(rd, o, cells);
	if (rd->mbox != NULL)
		TRY(mbox_add(rd->mbox, o));
	add_entry(rd, o);
	sb_puts(lines, json_object_to_json_string_ext(
			       o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	sb_putc(lines, '\n');
	return NULL;
}

static struct err *
put_piece(struct reading *rd, const struct rows *r)
{
	struct whole *w = rd->w;
	struct whole_keys keys;
	struct sb lines, cells;

	sb_init(&lines, w->piece, PIECE_TEXT);
	sb_init(&cells, w->piece, PIECE_TEXT);
	TRY(load_keys(rd, r, &keys));
	for (size_t i = 0; i < rows_count(r); i++)
		TRY(put_row(rd, r, i, &keys, &lines, &cells));
	w->data_bytes += (int64_t)(lines.n + cells.n);
	TRY(scratch_add_sb(rd->jsonl, &lines));
	TRY(scratch_add_sb(rd->csv, &cells));
	rd->t->rows += (int64_t)rows_count(r);
	w->in->rows += (int64_t)rows_count(r);
	return whole_tick(w);
}

static struct err *
read_rows(struct reading *rd)
{
	struct whole *w = rd->w;
	size_t n;

	do {
		struct arena_mark mark = arena_mark(w->piece);
		struct rows *r;

		TRY(tx_query(w->tx, &next_rows, VALS(val_i64(PIECE_ROWS)), &r));
		n = rows_count(r);
		TRY(put_piece(rd, r));
		arena_release(w->piece, mark);
	} while (n == PIECE_ROWS);
	return NULL;
}

static struct err *
add_table(struct whole *w, struct whole_table *t)
{
	struct arena_mark mark = arena_mark(w->piece);
	struct reading rd = {.w = w, .t = t};

	rd.sealed = ARENA_ARRAY(w->piece, t->n + 1, const char *);
	rd.how = ARENA_ARRAY(w->piece, t->n + 1, const char *);
	for (size_t i = 0; i < t->n; i++)
		if (is_opened(&t->columns[i])) {
			rd.sealed[rd.nsealed] = t->columns[i].name;
			rd.how[rd.nsealed++] = t->columns[i].how;
		}
	TRY(whole_scratch(w, &rd.jsonl));
	TRY(whole_scratch(w, &rd.csv));
	if (strcmp(t->name, "message") == 0)
		rd.mbox = mbox_new(w);
	rd.kind = whole_kind_of(t->name);
	TRY(begin_csv(&rd));
	TRY(tx_query(w->tx, &open_table, VALS(val_text(t->name)), NULL));
	TRY(read_rows(&rd));
	archive_add_scratch(w->ar, arena_printf(w->volume, "data/%s.jsonl", t->name), rd.jsonl);
	archive_add_scratch(w->ar, arena_printf(w->volume, "data/%s.csv", t->name), rd.csv);
	if (rd.mbox != NULL)
		mbox_end(rd.mbox);
	arena_release(w->piece, mark);
	return NULL;
}

struct err *
whole_add_tables(struct whole *w)
{
	for (size_t i = 0; i < w->ntables; i++) {
		w->at = &w->tables[i];
		TRY(add_table(w, &w->tables[i]));
		w->passed += w->tables[i].weight;
	}
	w->at = NULL;
	return NULL;
}

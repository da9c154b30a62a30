/* SPDX-License-Identifier: ISC */
#include "whole_import_part.h"

#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "model.h"
#include "tenant.h"
#include "user.h"
#include "whole.h"

/* As the superuser, whom no trigger, policy or reference stops: what is put in was let in
 * before, where it came from. */
STMT(quiet, "owner.whole_quiet", 0,
	"select set_config('session_replication_role', 'replica', false), "
	"set_config('statement_timeout', '0', false)");
STMT(clear, "owner.whole_clear", 0, "select whole_clear()");
STMT(indexes_off, "owner.whole_indexes_off", 0, "select whole_indexes_off()");
STMT(indexes_on, "owner.whole_indexes_on", 0, "select whole_indexes_on()");
STMT(columns, "owner.whole_columns", 0,
	"select tab, col, coalesce(how, '') from whole_columns() order by tab, num");
STMT(places, "owner.whole_places", 2, "select places from whole_places($1, $2::jsonb)");
STMT(put, "owner.whole_put", 2, "select whole_put($1, $2::jsonb)");
STMT(count_on, "owner.whole_count_on", 0, "select whole_count_on()");
#define LINE_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define BATCH_ROWS 200
#define BATCH_BYTES ((size_t)1024 * 1024)

/* A table on its way in. */
struct putting {
	struct whole_import *wi;
	const char *table;
	struct sb line;
	struct json_object *batch;
	size_t bytes;
	int64_t rows;
	const struct whole_kind *files; /* second time through: their bytes */
};

static const char *
how_of(const struct whole_import *wi, const char *table, const char *column)
{
	for (size_t i = 0; i < rows_count(wi->columns); i++)
		if (strcmp(rows_text(wi->columns, i, 0), table) == 0 &&
			strcmp(rows_text(wi->columns, i, 1), column) == 0)
			return rows_text(wi->columns, i, 2);
	return NULL;
}

/* Every table and column of the export is one of ours. */
static struct err *
check_schema(struct whole_import *wi)
{
	struct json_object *tables = json_object_object_get(wi->schema, "tables");

	for (size_t i = 0; i < json_object_array_length(tables); i++) {
		struct json_object *t = json_object_array_get_idx(tables, i),
				   *list = json_object_object_get(t, "columns");

		for (size_t j = 0; list != NULL && j < json_object_array_length(list); j++) {
			const char *column = whole_text(json_object_array_get_idx(list, j), "name");

			if (how_of(wi, whole_text(t, "name"), column) == NULL)
				return err_internal(wi->a,
					"%s.%s of the export is not known here: it is of another "
					"release",
					whole_text(t, "name"), column);
		}
	}
	return NULL;
}

static int
by_id(const void *a, const void *b)
{
	const struct seal_key *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

const struct seal_key *
whole_key(const struct whole_import *wi, int64_t id)
{
	const struct seal_key want = {.id = id};

	return wi->nkeys > 0 ? bsearch(&want, wi->keys, wi->nkeys, sizeof(want), by_id) : NULL;
}

/* A key of its own for each that there was; they come in order of their numbers. */
static struct err *
new_key(struct whole_import *wi, struct json_object *row)
{
	int64_t id = whole_number(row, "key_id");
	struct seal_key key;
	struct bytes wrapped;

	if (id <= 0 || (wi->nkeys > 0 && id <= wi->keys[wi->nkeys - 1].id))
		return whole_refuse(wi, "its keys are out of order");
	if (wi->nkeys == wi->room) {
		struct seal_key *more;

		wi->room = wi->room == 0 ? 1024 : wi->room * 2;
		more = ARENA_ARRAY(wi->a, wi->room, struct seal_key);
		if (wi->nkeys > 0)
			memcpy(more, wi->keys, wi->nkeys * sizeof(*more));
		wi->keys = more;
	}
	seal_key_random(&key);
	key.id = id;
	wi->keys[wi->nkeys++] = key;
	wrapped = key_wrap(wi->piece, &wi->tn->kek, whole_text(row, "purpose"), &key);
	model_text(row, "wrapped",
		arena_printf(wi->piece, "\\x%s", hex_encode(wi->piece, wrapped.p, wrapped.n)));
	return NULL;
}

static void
put_bytes(struct arena *a, struct json_object *row, const char *column, struct bytes b)
{
	model_text(row, column, arena_printf(a, "\\x%s", hex_encode(a, b.p, b.n)));
}

static void
add_blind(struct whole_import *wi, struct json_object *row, const char *table, const char *column,
	const char *text)
{
	enum entity e = entity_parse(table);

	for (size_t i = 0; e != ENTITY_NONE && i < wi->cx.cat->n; i++) {
		const struct field *f = &wi->cx.cat->fields[i];

		if (f->entity == e && f->sealed && strcmp(f->column, column) == 0)
			put_bytes(wi->piece, row, arena_printf(wi->piece, "%s_bi", column),
				field_blind(&wi->cx, f, text));
	}
}

/* Under its new key, which has the number of the old one. */
static struct err *
seal_one(struct whole_import *wi, struct json_object *row, struct json_object *numbers,
	const char *table, const char *column, const char *how, const char *text, const char *place)
{
	const struct seal_key *key = &wi->tn->cursor;
	size_t n = strlen(place);

	if (strcmp(how, "sealed") == 0) {
		key = whole_key(wi, numbers != NULL ? whole_number(numbers, column) : 0);
		if (key == NULL)
			return whole_refuse(wi, "an encrypted value has no key");
	}
	if (n > 0 && place[n - 1] == '#')
		place = arena_printf(
			wi->piece, "%.*s%lld", (int)(n - 1), place, (long long)key->id);
	put_bytes(wi->piece, row, column, seal_value(wi->piece, key, place, text, strlen(text)));
	add_blind(wi, row, table, column, text);
	return NULL;
}

static const char *
batch_text(struct json_object *o)
{
	return json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* What was open in the rows, taken out of them: [row][column]. */
static struct err *
seal_all(struct putting *p, const size_t *cols, size_t n)
{
	struct whole_import *wi = p->wi;
	size_t rows = json_object_array_length(p->batch), k;
	const char **texts = ARENA_ARRAY(wi->piece, rows * n + 1, const char *);
	struct rows *r;

	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < n; j++) {
			struct json_object *row = json_object_array_get_idx(p->batch, i), *v;
			const char *column = rows_text(wi->columns, cols[j], 1);

			if (json_object_object_get_ex(row, column, &v) && v != NULL)
				texts[i * n + j] =
					arena_strdup(wi->piece, json_object_get_string(v));
			model_null(row, column);
		}
	TRY(conn_query(wi->conn, wi->piece, &places,
		VALS(val_text(p->table), val_text(batch_text(p->batch))), &r));
	if (rows_count(r) != rows)
		return err_internal(wi->a, "places of %s", p->table);
	for (size_t i = 0; i < rows; i++) {
		struct json_object *row = json_object_array_get_idx(p->batch, i), *numbers = NULL;
		const char **list = rows_texts(wi->piece, r, i, 0, &k);

		(void)json_object_object_get_ex(row, "_keys", &numbers);
		for (size_t j = 0; j < n && j < k; j++)
			if (texts[i * n + j] != NULL)
				TRY(seal_one(wi, row, numbers, p->table,
					rows_text(wi->columns, cols[j], 1),
					rows_text(wi->columns, cols[j], 2), texts[i * n + j],
					list[j]));
	}
	return NULL;
}

static size_t
sealed_columns(const struct whole_import *wi, const char *table, size_t *cols)
{
	size_t n = 0;

	for (size_t i = 0; i < rows_count(wi->columns); i++) {
		const char *how = rows_text(wi->columns, i, 2);

		if (strcmp(rows_text(wi->columns, i, 0), table) == 0 &&
			(strcmp(how, "sealed") == 0 || strcmp(how, "workspace") == 0))
			cols[n++] = i;
	}
	return n;
}

static struct err *
flush(struct putting *p)
{
	struct whole_import *wi = p->wi;
	struct arena_mark mark = arena_mark(wi->piece);
	size_t *cols = ARENA_ARRAY(wi->piece, rows_count(wi->columns) + 1, size_t), n;
	size_t rows = p->batch != NULL ? json_object_array_length(p->batch) : 0;
	struct rows *r;

	if (rows == 0)
		return NULL;
	if (strcmp(p->table, "data_key") == 0)
		for (size_t i = 0; i < rows; i++)
			TRY(new_key(wi, json_object_array_get_idx(p->batch, i)));
	n = sealed_columns(wi, p->table, cols);
	if (n > 0)
		TRY(seal_all(p, cols, n));
	TRY(conn_query(wi->conn, wi->piece, &put,
		VALS(val_text(p->table), val_text(batch_text(p->batch))), &r));
	if (rows_i64(r, 0, 0) != (int64_t)rows)
		return err_internal(wi->a, "rows of %s were lost", p->table);
	p->rows += (int64_t)rows;
	json_object_put(p->batch);
	p->batch = NULL;
	p->bytes = 0;
	arena_release(wi->piece, mark);
	return NULL;
}

static struct err *
take_line(struct putting *p)
{
	struct arena_mark mark = arena_mark(p->wi->piece);
	struct json_object *row = json_tokener_parse(p->line.p);
	struct err *e;

	if (!json_object_is_type(row, json_type_object)) {
		json_object_put(row);
		return whole_refuse(p->wi, "a row cannot be read");
	}
	if (p->files != NULL) {
		e = whole_put_file(p->wi, p->files, row);
		json_object_put(row);
		if (e == NULL)
			arena_release(p->wi->piece, mark);
		return e;
	}
	if (p->batch == NULL)
		p->batch = json_object_new_array();
	json_object_array_add(p->batch, row);
	p->bytes += p->line.n;
	if (p->bytes < BATCH_BYTES && json_object_array_length(p->batch) < BATCH_ROWS)
		return NULL;
	return flush(p);
}

static struct err *
take_piece(void *ctx, const unsigned char *data, size_t n)
{
	struct putting *p = ctx;

	for (size_t i = 0; i < n;) {
		const unsigned char *at = memchr(data + i, '\n', n - i);
		size_t k = at != NULL ? (size_t)(at - data) - i : n - i;

		sb_add(&p->line, data + i, k);
		if (!sb_ok(&p->line))
			return whole_refuse(p->wi, "a row is too long");
		i += k;
		if (at == NULL)
			break;
		i++;
		TRY(take_line(p));
		sb_clear(&p->line);
	}
	return NULL;
}

static struct err *
put_table(struct whole_import *wi, const char *table, const struct whole_kind *files)
{
	struct arena *a = arena_new(LINE_MAX_BYTES * 3);
	struct putting p = {.wi = wi, .table = table, .files = files};
	struct json_object *rows = json_object_object_get(wi->manifest, "rows");
	const char *entry = arena_printf(wi->a, "data/%s.jsonl", table);
	struct err *e;

	sb_init(&p.line, a, LINE_MAX_BYTES);
	e = unpack_read(wi->volumes[0], a, entry, take_piece, &p);
	if (e == NULL)
		e = flush(&p);
	json_object_put(p.batch);
	if (e == NULL && files == NULL && p.rows != whole_number(rows, table))
		e = whole_refuse(wi, "its manifest counts other rows");
	wi->out->rows += p.rows;
	arena_free(&a);
	return e;
}

/* Columns of custom fields, without which their values had no place. */
static struct err *
make_columns(struct whole_import *wi)
{
	struct conn *tenant;

	TRY(tenant_conn(wi->t, wi->a, wi->tn, &tenant));
	TRY(record_ctx_system(tenant, wi->a, wi->tn, "cli", 0, &wi->cx));
	for (size_t i = 0; i < wi->cx.cat->n; i++) {
		const struct field *f = &wi->cx.cat->fields[i];

		if (!f->builtin)
			TRY(conn_script(wi->conn, wi->a,
				arena_printf(wi->a, "set local role praya_owner; %s",
					column_add_sql(wi->a, f, f->column, f->sealed))));
	}
	return conn_query(wi->conn, wi->a, &columns, NO_VALS, &wi->columns);
}

static struct err *
make_indexes(struct whole_import *wi)
{
	for (size_t i = 0; i < wi->cx.cat->n; i++) {
		const struct field *f = &wi->cx.cat->fields[i];
		const char *sql;

		if (f->builtin)
			continue;
		TRY(column_index(wi->conn, wi->a, f, f->column, f->sealed, &sql));
		if (sql != NULL)
			TRY(conn_script(wi->conn, wi->a, sql));
		if (!f->sealed)
			TRY(column_sort_index(wi->conn, wi->a, f, f->column, &sql));
		if (!f->sealed && sql != NULL)
			TRY(conn_script(wi->conn, wi->a, sql));
	}
	return NULL;
}

/* Its chain is of another workspace's key: it stays in the export, as evidence. */
static bool
comes_later(const char *table)
{
	static const char *const done[] = {"workspace", "field", "data_key", "audit_seal", NULL};

	for (const char *const *d = done; *d != NULL; d++)
		if (strcmp(*d, table) == 0)
			return false;
	return true;
}

static struct err *
put_all(struct whole_import *wi)
{
	struct json_object *tables = json_object_object_get(wi->schema, "tables");

	/* The catalogue of fields is made of these two. */
	TRY(put_table(wi, "workspace", NULL));
	TRY(put_table(wi, "field", NULL));
	TRY(make_columns(wi));
	TRY(check_schema(wi));
	TRY(put_table(wi, "data_key", NULL));
	for (size_t i = 0; i < json_object_array_length(tables); i++) {
		const char *table = whole_text(json_object_array_get_idx(tables, i), "name");

		if (comes_later(table))
			TRY(put_table(wi, table, NULL));
	}
	TRY(conn_query(wi->conn, wi->a, &count_on, NO_VALS, NULL));
	TRY(conn_query(wi->conn, wi->a, &indexes_on, NO_VALS, NULL));
	for (const struct whole_kind *k = whole_kinds; k->table != NULL; k++)
		TRY(put_table(wi, k->table, k));
	return make_indexes(wi);
}

struct err *
whole_import_run(struct whole_import *wi, struct tenancy *t, const struct tenant *tn,
	struct whole_imported *r)
{
	wi->t = t;
	wi->tn = tn;
	wi->out = r;
	*r = (struct whole_imported){0};
	TRY(tenant_conn_admin(t, wi->a, tn, &wi->conn));
	TRY(conn_query(wi->conn, wi->a, &quiet, NO_VALS, NULL));
	TRY(conn_query(wi->conn, wi->a, &clear, NO_VALS, NULL));
	TRY(conn_query(wi->conn, wi->a, &indexes_off, NO_VALS, NULL));
	TRY(conn_query(wi->conn, wi->a, &columns, NO_VALS, &wi->columns));
	return put_all(wi);
}

/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "erase_scan.h"
#include "import.h"
#include "object.h"

STMT(next_import, "erase_scan.import", 1,
	"select i.import_id, i.header, i.key_id, k.wrapped, i.object, i.object_key, i.encoding, "
	"i.delimiter from import i join data_key k using (key_id) "
	"where i.import_id > $1::bigint order by i.import_id limit 1");
STMT(store_head, "erase_scan.import_head", 2,
	"update import set header = $2 where import_id = $1::bigint");
STMT(end_upload, "erase_scan.import_end", 2,
	"update import set state = 'failed', error = $2, object = null, object_key = null, "
	"finished_at = now() where import_id = $1::bigint and object is not null");
STMT(failed_rows, "erase_scan.failed_rows", 2,
	"select row_number, cells from import_failed where import_id = $1::bigint "
	"and row_number > $2::bigint order by row_number limit 500");
STMT(drop_failed, "erase_scan.drop_failed", 2,
	"delete from import_failed where import_id = $1::bigint "
	"and row_number = any ($2::bigint[])");

#define READ_BYTES ((size_t)64 * 1024)
#define FAILED_PIECE 500

/* One import and what to look for in it. */
struct opened {
	const struct scan *scan;
	int64_t id;
	struct seal_key key;
	const struct rows *row;
	bool found;
};

static bool
cells_hold(const struct scan *s, struct json_object *cells)
{
	for (size_t i = 0; i < json_object_array_length(cells); i++) {
		const char *cell = json_object_get_string(json_object_array_get_idx(cells, i));

		if (cell != NULL && needles_in(&s->all, s->run->a, cell))
			return true;
	}
	return false;
}

/* A file without a line of names has a row of data there. */
static void
blank_cells(struct json_object *cells)
{
	for (size_t i = 0; i < json_object_array_length(cells); i++)
		json_object_array_put_idx(cells, i, json_object_new_string(""));
}

static void
forget_head(const struct opened *o, struct tx *tx)
{
	struct arena *a = o->scan->run->a;
	struct json_object *head, *names, *rows;
	struct bytes plain;
	const char *text;
	bool found;

	if (!unseal_value(a, &o->key, "import.header", rows_bytes(a, o->row, 0, 1), &plain))
		return;
	head = model_own(a, json_tokener_parse((const char *)plain.p));
	names = json_object_object_get(head, "header");
	rows = json_object_object_get(head, "rows");
	found = cells_hold(o->scan, names);
	if (found)
		blank_cells(names);
	for (size_t i = 0; i < json_object_array_length(rows); i++)
		found |= cells_hold(o->scan, json_object_array_get_idx(rows, i));
	if (!found)
		return;
	model_list(head, "rows");
	text = json_object_to_json_string_ext(head, JSON_C_TO_STRING_PLAIN);
	tx_queue(tx, &store_head,
		VALS(val_i64(o->id),
			val_bytes(seal_value(a, &o->key, "import.header", text, strlen(text)))),
		NULL);
}

static bool
look_at(void *ctx, const struct csv_row *row)
{
	struct opened *o = ctx;
	struct arena *a = o->scan->run->a;
	struct arena_mark mark = arena_mark(a);

	for (size_t i = 0; i < row->count && !o->found; i++)
		o->found = needles_in(&o->scan->all, a, row->cells[i]);
	arena_release(a, mark);
	return !o->found;
}

static struct err *
read_file(struct opened *o, struct object_reader *in)
{
	struct job_run *run = o->scan->run;
	unsigned char *buf = arena_alloc(run->a, READ_BYTES);
	struct csv_format format = {
		import_encoding(rows_text(o->row, 0, 6)), rows_text(o->row, 0, 7)[0]};
	struct csv_reader *csv = csv_reader_new(
		format, (size_t)tenancy_settings(run->tenancy)->csv_row_max, look_at, o);
	struct err *e;
	size_t got;

	do {
		e = object_read(in, buf, READ_BYTES, &got);
	} while (e == NULL && got > 0 && csv_feed(csv, buf, got));
	if (e == NULL && got == 0)
		(void)csv_finish(csv);
	csv_reader_free(&csv);
	return e;
}

/* A file that waits for its columns, or that a failed job left: does it hold anything? */
static struct err *
look_into_file(struct opened *o)
{
	struct arena *a = o->scan->run->a;
	struct seal_key key = {0};
	struct object_reader *in;
	struct bytes plain;

	if (rows_null(o->row, 0, 4) ||
		!unseal_value(
			a, &o->key, "import.object_key", rows_bytes(a, o->row, 0, 5), &plain) ||
		plain.n != KEY_BYTES)
		return NULL;
	memcpy(key.key, plain.p, KEY_BYTES);
	TRY(object_open(a, o->scan->run->tenant->files, rows_text(o->row, 0, 4), &key, &in));
	return read_file(o, in);
}

/* Up to FAILED_PIECE rows behind *after, which becomes -1 at the end. */
static struct err *
failed_piece(const struct opened *o, int64_t *after)
{
	struct job_run *run = o->scan->run;
	struct arena *a = run->a;
	struct arena_mark mark = arena_mark(a);
	int64_t *gone = ARENA_ARRAY(a, FAILED_PIECE, int64_t);
	struct rows *r;
	struct tx *tx;
	size_t n = 0;

	TRY(job_begin(run, &tx));
	TRY(tx_query(tx, &failed_rows, VALS(val_i64(o->id), val_i64(*after)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		int64_t number = rows_i64(r, i, 0);
		const char *place = arena_printf(
			a, "import_failed|%lld|%lld", (long long)o->id, (long long)number);
		struct bytes plain;

		if (unseal_value(a, &o->key, place, rows_bytes(a, r, i, 1), &plain) &&
			needles_in(&o->scan->all, a, (const char *)plain.p))
			gone[n++] = number;
	}
	*after = rows_count(r) < FAILED_PIECE ? -1 : rows_i64(r, rows_count(r) - 1, 0);
	if (n > 0)
		tx_queue(tx, &drop_failed, VALS(val_i64(o->id), val_i64s(gone, n)), NULL);
	TRY(job_commit(run, tx));
	arena_release(a, mark);
	return NULL;
}

/* *id: of the import before; 0 when there is no other. */
static struct err *
scan_next(struct scan *s, int64_t *id)
{
	struct opened o = {.scan = s};
	struct job_run *run = s->run;
	struct rows *r;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	TRY(tx_query(tx, &next_import, VALS(val_i64(*id)), &r));
	*id = o.id = rows_count(r) > 0 ? rows_i64(r, 0, 0) : 0;
	o.row = r;
	if (o.id != 0 && key_unwrap(run->a, &run->tenant->kek, "import",
				 rows_bytes(run->a, r, 0, 3), rows_i64(r, 0, 2), &o.key))
		forget_head(&o, tx);
	TRY(job_commit(run, tx));
	if (o.id == 0 || o.key.id == 0)
		return NULL;
	for (int64_t after = 0; after >= 0;)
		TRY(failed_piece(&o, &after));
	TRY(look_into_file(&o));
	if (!o.found)
		return NULL;
	TRY(job_begin(run, &tx));
	tx_queue(tx, &end_upload, VALS(val_i64(o.id), val_text("import.erased")), NULL);
	TRY(job_commit(run, tx));
	return object_destroy(run->a, run->tenant->files, rows_text(r, 0, 4));
}

struct err *
scan_imports(struct scan *s)
{
	struct job_run *run = s->run;
	int64_t id = 0;

	do {
		struct arena_mark mark = arena_mark(run->a);

		TRY(scan_next(s, &id));
		arena_release(run->a, mark);
	} while (id != 0 && !*run->stop);
	return NULL;
}

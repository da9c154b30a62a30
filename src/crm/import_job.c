/* SPDX-License-Identifier: ISC */
/* The import's job: the file once through, batch by batch. */
#include "import.h"

#include <string.h>

#include "job.h"
#include "object.h"
#include "run.h"
#include "token.h"

/* A step ends after so many batches, so that a worker can be stopped. */
#define STEP_BATCHES 20
#define READ_BYTES ((size_t)64 * 1024)

STMT(insert_key, "import.key", 1,
	"insert into data_key (purpose, wrapped) values ('import', $1) returning key_id");
STMT(insert_import, "import.insert_row", 8,
	"insert into import (entity, state, object, object_key, key_id, encoding, delimiter, "
	"header, created_by) "
	"values ($1, 'uploaded', $2, $3, $4::bigint, $5, $6, $7, $8::bigint) returning import_id");
STMT(start_import, "import.start", 3,
	"update import set state = 'queued', map = $2::jsonb, mode = $3 where import_id = "
	"$1::bigint "
	"and state = 'uploaded'");
STMT(set_job, "import.job", 2,
	"update import set job_id = $2::bigint where import_id = $1::bigint");
STMT(load_import, "import.load", 1,
	"select i.entity, i.object, i.object_key, i.key_id, k.wrapped, i.encoding, i.delimiter, "
	"i.map::text, "
	"i.total, i.done, i.created_by, i.state from import i left join data_key k using (key_id) "
	"where i.import_id = $1::bigint for update of i");
STMT(set_total, "import.total", 2,
	"update import set total = $2::bigint, state = 'running' where import_id = $1::bigint");
STMT(move_on, "import.progress", 6,
	"update import set done = done + $2::bigint, created = created + $3::bigint, "
	"updated = updated + $4::bigint, skipped = skipped + $5::bigint, failed = failed + "
	"$6::bigint "
	"where import_id = $1::bigint");
STMT(epochs, "import.epochs", 0, "select access, catalogue from epoch");
/* The file has served: what failed is kept apart. */
STMT(end_import, "import.end", 1,
	"update import set state = 'done', finished_at = now(), object = null, object_key = null "
	"where import_id = $1::bigint");

static const char *const encodings[CSV_ENCODING_MAX] = {"UTF-8", "UTF-16LE", "UTF-16BE", "Big5"};

enum csv_encoding
import_encoding(const char *name)
{
	for (int i = 0; i < CSV_ENCODING_MAX; i++)
		if (strcmp(encodings[i], name) == 0)
			return (enum csv_encoding)i;
	return CSV_UTF8;
}

struct sampler {
	struct arena *a;
	struct import_sample *sample;
	size_t max;
};

static bool
take_sample(void *ctx, const struct csv_row *row)
{
	struct sampler *s = ctx;
	const char **cells = ARENA_ARRAY(s->a, row->count, const char *);

	for (size_t i = 0; i < row->count; i++)
		cells[i] = arena_strdup(s->a, row->cells[i]);
	if (s->sample->header == NULL) {
		s->sample->header = cells;
		s->sample->nheader = row->count;
		return true;
	}
	s->sample->rows[s->sample->n] = *row;
	s->sample->rows[s->sample->n++].cells = cells;
	return s->sample->n < s->max;
}

static struct err *
bad_file(struct arena *a, const char *key)
{
	struct err *e = NULL;

	err_add_field(a, &e, "file", key, NULL);
	return e;
}

struct err *
import_sample_read(struct arena *a, const char *store, const char *object,
	const struct seal_key *key, size_t row_max, size_t max, struct import_sample *sample)
{
	unsigned char *buf = arena_alloc(a, READ_BYTES);
	struct sampler s = {a, sample, max};
	struct object_reader *in;
	struct csv_reader *csv;
	size_t got;

	memset(sample, 0, sizeof(*sample));
	sample->rows = ARENA_ARRAY(a, max + 1, struct csv_row);
	TRY(object_open(a, store, object, key, &in));
	TRY(object_read(in, buf, READ_BYTES, &got));
	switch (csv_detect(buf, got, &sample->format)) {
	case CSV_OK:
		break;
	case CSV_IS_XLSX:
		return bad_file(a, "error.import_xlsx");
	default:
		return bad_file(a, "error.import_binary");
	}
	csv = csv_reader_new(sample->format, row_max, take_sample, &s);
	if (csv_feed(csv, buf, got) && got < READ_BYTES)
		csv_finish(csv);
	csv_reader_free(&csv);
	if (sample->header == NULL || sample->nheader == 0)
		return bad_file(a, "error.import_empty");
	return NULL;
}

struct err *
import_make(const struct record_ctx *cx, enum entity e, const char *object,
	const struct seal_key *object_key, const struct import_sample *sample, int64_t *import_r)
{
	struct json_object *head = model_object(cx->a), *header = model_list(head, "header"),
			   *list = model_list(head, "rows");
	char delimiter[2] = {sample->format.delimiter, '\0'};
	struct bytes wrapped, sealed_key, sealed_head;
	struct seal_key key;
	struct rows *rows;
	const char *text;

	for (size_t i = 0; i < sample->nheader; i++)
		model_push_text(header, sample->header[i]);
	for (size_t i = 0; i < sample->n && i < 5; i++) {
		struct json_object *row = json_object_new_array();

		for (size_t c = 0; c < sample->rows[i].count; c++)
			json_object_array_add(
				row, json_object_new_string(sample->rows[i].cells[c]));
		json_object_array_add(list, row);
	}
	wrapped = data_key_new(cx, "import", &key);
	TRY(tx_query(cx->tx, &insert_key, VALS(val_bytes(wrapped)), &rows));
	key.id = rows_i64(rows, 0, 0);
	sealed_key = seal_value(cx->a, &key, "import.object_key", object_key->key, KEY_BYTES);
	text = json_object_to_json_string_ext(head, JSON_C_TO_STRING_PLAIN);
	sealed_head = seal_value(cx->a, &key, "import.header", text, strlen(text));
	TRY(tx_query(cx->tx, &insert_import,
		VALS(val_text(entity_name(e)), val_text(object), val_bytes(sealed_key),
			val_i64(key.id), val_text(encodings[sample->format.encoding]),
			val_text(arena_strdup(cx->a, delimiter)), val_bytes(sealed_head),
			val_i64(cx->principal->user_id)),
		&rows));
	*import_r = rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
import_start(const struct record_ctx *cx, enum entity e, int64_t import_id,
	const struct import_map *map, int64_t *job_r)
{
	struct json_object *stored = import_map_json(cx->a, map), *args = model_object(cx->a);
	struct rows *rows;

	TRY(tx_query(cx->tx, &start_import,
		VALS(val_i64(import_id),
			val_text(json_object_to_json_string_ext(stored, JSON_C_TO_STRING_PLAIN)),
			val_text(json_object_get_string(json_object_object_get(stored, "mode")))),
		&rows));
	if (rows_affected(rows) == 0)
		return err_new(cx->a, ERR_CONFLICT, "error.import_started");
	model_i64(args, "import", import_id);
	model_text(args, "entity", entity_name(e));
	TRY(job_enqueue(cx->tx, cx->a, "import", args,
		arena_printf(cx->a, "import|%lld", (long long)import_id), cx->principal->user_id,
		job_r));
	tx_queue(cx->tx, &set_job, VALS(val_i64(import_id), val_i64(*job_r)), NULL);
	return NULL;
}

/* An import under way in one step. */
struct importing {
	struct job_run *run;
	struct record_ctx cx;
	int64_t id;
	int64_t user;
	enum entity entity;
	struct import_map map;
	int64_t checked; /* the epoch of access that the sender was looked at in; 0: none yet */
	struct seal_key key;
	struct csv_format format;
	const char *object;
	struct seal_key object_key;
	int64_t total, done; /* data rows */
	int64_t at;          /* data rows seen in this pass */
	struct import_row *batch;
	size_t n;
	int batches;
	struct arena_mark mark;
	struct err *e;
};

/* In the batch's transaction, which has asked for the right to import (queue/run.h): may
 * the sender still set each of the fields? */
static struct err *
check_sender(struct importing *im)
{
	struct principal *p;
	struct rows *r;

	TRY(tx_query(im->cx.tx, &epochs, NO_VALS, &r));
	if (rows_i64(r, 0, 1) != im->cx.cat->epoch)
		return err_busy(im->run->a, "the catalogue moved while a file was taken in");
	if (im->checked == rows_i64(r, 0, 0))
		return NULL;
	TRY(principal_of_user(im->cx.tx, im->run->a, im->user, &p));
	if (p == NULL)
		return err_new(im->run->a, ERR_DENIED, "error.job_right");
	TRY(import_map_allowed(&im->cx, p, &im->map));
	im->checked = p->access_epoch;
	return NULL;
}

static struct err *
flush_batch(struct importing *im)
{
	struct import_counts n = {0};
	struct tx *tx;

	if (im->n == 0)
		return NULL;
	TRY(job_begin(im->run, &tx));
	im->cx.tx = tx;
	TRY(check_sender(im));
	TRY(import_batch(
		&im->cx, im->entity, im->id, im->user, &im->key, &im->map, im->batch, im->n, &n));
	tx_queue(tx, &move_on,
		VALS(val_i64(im->id), val_i64(n.done), val_i64(n.created), val_i64(n.updated),
			val_i64(n.skipped), val_i64(n.failed)),
		NULL);
	job_progress(im->run, tx, im->done + n.done, im->total);
	TRY(job_commit(im->run, tx));
	im->done += n.done;
	im->n = 0;
	im->batches++;
	arena_release(im->run->a, im->mark);
	return NULL;
}

static bool
blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (*row->cells[i] != '\0')
			return false;
	return row->error == CSV_ROW_OK;
}

static bool
take_row(void *ctx, const struct csv_row *row)
{
	struct importing *im = ctx;

	if (row->number == 1 || blank(row))
		return true;
	/* What an earlier step, or a killed worker, has committed is passed over. */
	if (++im->at <= im->done)
		return true;
	import_row_check(&im->cx, &im->map, row, &im->batch[im->n++]);
	if (im->n < IMPORT_BATCH)
		return true;
	im->e = flush_batch(im);
	im->at = im->done;
	return im->e == NULL && im->batches < STEP_BATCHES;
}

static bool
count_row(void *ctx, const struct csv_row *row)
{
	if (row->number > 1 && !blank(row))
		++*(int64_t *)ctx;
	return true;
}

/* The whole file through fn; *ended_r: it was read to its end. */
static struct err *
read_file(struct importing *im, csv_row_fn *fn, void *ctx, bool *ended_r)
{
	unsigned char *buf = arena_alloc(im->run->a, READ_BYTES);
	struct object_reader *in;
	struct csv_reader *csv;
	struct err *e;
	size_t got;

	*ended_r = false;
	TRY(object_open(im->run->a, im->run->tenant->files, im->object, &im->object_key, &in));
	im->mark = arena_mark(im->run->a);
	csv = csv_reader_new(
		im->format, (size_t)tenancy_settings(im->run->tenancy)->csv_row_max, fn, ctx);
	for (;;) {
		e = object_read(in, buf, READ_BYTES, &got);
		if (e != NULL || got == 0)
			break;
		if (!csv_feed(csv, buf, got))
			break;
	}
	if (e == NULL && got == 0)
		*ended_r = csv_finish(csv);
	csv_reader_free(&csv);
	return e;
}

static struct err *
load(struct importing *im)
{
	struct arena *a = im->run->a;
	struct rows *r;
	struct bytes plain;
	struct tx *tx;

	TRY(record_ctx_system(
		im->run->conn, a, im->run->tenant, "worker", im->run->created_by, &im->cx));
	TRY(job_begin(im->run, &tx));
	im->cx.tx = tx;
	TRY(tx_query(tx, &load_import, VALS(val_i64(im->id)), &r));
	if (rows_count(r) == 0 || rows_null(r, 0, 1) || rows_null(r, 0, 7))
		return err_new(a, ERR_GONE, "error.import_gone");
	im->entity = entity_parse(rows_text(r, 0, 0));
	im->object = rows_text(r, 0, 1);
	if (!key_unwrap(a, &im->cx.tenant->kek, "import", rows_bytes(a, r, 0, 4), rows_i64(r, 0, 3),
		    &im->key) ||
		!unseal_value(a, &im->key, "import.object_key", rows_bytes(a, r, 0, 2), &plain) ||
		plain.n != KEY_BYTES)
		return err_internal(a, "the import's key does not open");
	memcpy(im->object_key.key, plain.p, KEY_BYTES);
	im->format.encoding = import_encoding(rows_text(r, 0, 5));
	im->format.delimiter = rows_text(r, 0, 6)[0];
	TRY(import_map_load(&im->cx, im->entity, rows_text(r, 0, 7), &im->map));
	im->total = rows_null(r, 0, 8) ? -1 : rows_i64(r, 0, 8);
	im->done = rows_i64(r, 0, 9);
	im->user = rows_i64(r, 0, 10);
	return tx_commit(tx);
}

static struct err *
count_rows(struct importing *im)
{
	struct tx *tx;
	bool ended;

	im->total = 0;
	TRY(read_file(im, count_row, &im->total, &ended));
	TRY(job_begin(im->run, &tx));
	tx_queue(tx, &set_total, VALS(val_i64(im->id), val_i64(im->total)), NULL);
	job_progress(im->run, tx, 0, im->total);
	return job_commit(im->run, tx);
}

struct err *
import_step(struct job_run *run)
{
	struct importing im = {.run = run, .id = job_arg_i64(run, "import")};
	struct json_object *result;
	struct tx *tx;
	bool ended;

	TRY(load(&im));
	if (im.total < 0)
		TRY(count_rows(&im));
	im.batch = ARENA_ARRAY(run->a, IMPORT_BATCH, struct import_row);
	TRY(read_file(&im, take_row, &im, &ended));
	if (im.e != NULL)
		return im.e;
	if (!ended)
		return NULL;
	TRY(flush_batch(&im));
	result = model_object(run->a);
	model_i64(result, "import", im.id);
	TRY(job_begin(run, &tx));
	tx_queue(tx, &end_import, VALS(val_i64(im.id)), NULL);
	job_finish(run, tx, result);
	TRY(job_commit(run, tx));
	/* A crash before this leaves a sealed file whose key is gone: unreadable. */
	return object_destroy(run->a, run->tenant->files, im.object);
}

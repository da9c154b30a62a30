/* SPDX-License-Identifier: ISC */
/* The import as people and programs drive it: upload, columns, check, run, result. */
#include "import.h"

#include <string.h>

#include "date.h"
#include "event.h"
#include "token.h"

#define SAMPLE_ROWS 5

STMT(read_import, "import.read", 1,
	"select i.import_id, i.entity, i.state, i.total, i.done, i.created, i.updated, i.skipped, "
	"i.failed, "
	"i.job_id, i.encoding, i.delimiter, i.header, i.key_id, k.wrapped, i.error, "
	"(extract(epoch from i.created_at) * 1000000)::bigint, i.created_by, i.map::text, j.state "
	"from import i left join data_key k using (key_id) left join job j using (job_id) "
	"where i.import_id = $1::bigint");
STMT(recent, "import.recent", 1,
	"select i.import_id, i.entity, i.state, i.total, i.created, i.updated, i.failed, u.name, "
	"(extract(epoch from i.created_at) * 1000000)::bigint from import i "
	"left join app_user u on u.user_id = i.created_by where i.created_by = $1::bigint "
	"order by i.import_id desc limit 20");
STMT(undo_import, "import.undo", 1,
	"with a as (update contact set archived_at = now(), version = version + 1, updated_at = "
	"now() "
	"where import_id = $1::bigint and version = 1 and archived_at is null returning "
	"contact_id), "
	"b as (update company set archived_at = now(), version = version + 1, updated_at = now() "
	"where import_id = $1::bigint and version = 1 and archived_at is null returning "
	"company_id) "
	"select (select array_agg(contact_id) from a), (select count(*) from b)");
STMT(mark_undone, "import.undone", 1,
	"update import set state = 'undone' where import_id = $1::bigint");
STMT(failed_rows, "import.failed_rows", 2,
	"select row_number, field, error, cells from import_failed where import_id = $1::bigint "
	"and row_number > $2::bigint order by row_number limit 500");

/* Only who started it sees an import: its rows may be of anybody. */
static struct err *
load(struct request *rq, struct rows **r)
{
	TRY(tx_query(rq->tx, &read_import, VALS(val_i64(request_id(rq, 0))), r));
	if (rows_count(*r) == 0 || rows_i64(*r, 0, 17) != rq->principal->user_id)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	return NULL;
}

static struct err *
import_key(struct request *rq, const struct rows *r, struct seal_key *key)
{
	struct bytes wrapped = rows_bytes(rq->a, r, 0, 14);

	if (wrapped.p == NULL)
		return err_new(rq->a, ERR_GONE, "error.import_gone");
	if (!key_unwrap(rq->a, &rq->tenant->kek, "import", wrapped, rows_i64(r, 0, 13), key))
		return err_internal(rq->a, "the import's key does not open");
	return NULL;
}

/* Header and first rows, as the upload kept them. */
static struct err *
load_head(struct request *rq, const struct rows *r, struct json_object **head_r)
{
	struct seal_key key;
	struct bytes plain;

	TRY(import_key(rq, r, &key));
	if (!unseal_value(rq->a, &key, "import.header", rows_bytes(rq->a, r, 0, 12), &plain))
		return err_internal(rq->a, "the import's header does not open");
	*head_r = model_own(rq->a, json_tokener_parse((const char *)plain.p));
	return NULL;
}

static const char **
head_cells(struct request *rq, struct json_object *list, size_t *n_r)
{
	const char **cells;

	*n_r = json_object_array_length(list);
	cells = ARENA_ARRAY(rq->a, *n_r, const char *);
	for (size_t i = 0; i < *n_r; i++) {
		const char *s = json_object_get_string(json_object_array_get_idx(list, i));

		cells[i] = s != NULL ? s : "";
	}
	return cells;
}

static struct err *
upload(struct request *rq, enum entity e, struct import_sample *sample, int64_t *import_r)
{
	struct record_ctx cx = record_ctx_of(rq);
	const struct upload *u = request_file(rq, "file");
	struct err *err = NULL;

	if (u == NULL || u->size == 0) {
		err_add_field(rq->a, &err, "file", "error.required", NULL);
		return err;
	}
	TRY(import_sample_read(rq->a, rq->tenant->files, u->object, &u->key,
		(size_t)gate_settings()->csv_row_max, SAMPLE_ROWS, sample));
	return import_make(&cx, e, u->object, &u->key, sample, import_r);
}

static struct err *
entity_wanted(struct request *rq, enum entity *e_r)
{
	const char *name = request_text(rq, "entity");
	struct err *e = NULL;

	*e_r = name == NULL ? ENTITY_CONTACT : entity_parse(name);
	if (*e_r != ENTITY_CONTACT && *e_r != ENTITY_COMPANY) {
		err_add_field(rq->a, &e, "entity", "error.choice", NULL);
		return e;
	}
	if (!principal_may(rq->principal, *e_r, RIGHT_IMPORT))
		return err_new(rq->a, ERR_DENIED, NULL);
	return NULL;
}

/* POST /api/v1/imports: file and map at once. */
static struct err *
api_import(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	const char *text = request_text(rq, "map");
	struct json_object *in = NULL;
	struct import_sample sample;
	struct import_map map;
	struct err *err = NULL;
	enum entity e;
	int64_t id, job;

	TRY(entity_wanted(rq, &e));
	if (text != NULL) {
		in = json_tokener_parse(text);
		if (in == NULL || !json_object_is_type(in, json_type_object)) {
			json_object_put(in);
			err_add_field(rq->a, &err, "map", "error.json", NULL);
			return err;
		}
		model_own(rq->a, in);
	}
	TRY(upload(rq, e, &sample, &id));
	TRY(import_map_parse(&cx, e, sample.header, sample.nheader, in, &map));
	if (request_text(rq, "mode") != NULL)
		map.mode = strcmp(request_text(rq, "mode"), "update") == 0 ? IMPORT_UPDATE
			   : strcmp(request_text(rq, "mode"), "skip") == 0 ? IMPORT_SKIP
									   : IMPORT_CREATE;
	TRY(import_start(&cx, id, &map, &job));
	rp->status = 202;
	model_i64(response_data(rp), "id", id);
	model_i64(response_data(rp), "job", job);
	response_go(rp, rq, "/imports/%lld", (long long)id);
	return NULL;
}

static struct err *
start_page(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *o = response_page(rp), *list = model_list(o, "imports");
	struct rows *r;

	TRY(tx_query(rq->tx, &recent, VALS(val_i64(rq->principal->user_id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *item = model_item(list);

		model_text(item, "url",
			arena_printf(rq->a, "/import/%lld", (long long)rows_i64(r, i, 0)));
		model_text(item, "entity",
			view_text(rq->a, cx.lang,
				arena_printf(rq->a, "entity.%s.many", rows_text(r, i, 1)), NULL));
		model_text(item, "state",
			view_text(rq->a, cx.lang,
				arena_printf(rq->a, "import.state.%s", rows_text(r, i, 2)), NULL));
		model_i64(item, "total", rows_i64(r, i, 3));
		model_i64(item, "created", rows_i64(r, i, 4));
		model_i64(item, "updated", rows_i64(r, i, 5));
		model_i64(item, "failed", rows_i64(r, i, 6));
		model_text(item, "when", time_show(rq->a, rows_i64(r, i, 8), lang_tag(cx.lang)));
	}
	return NULL;
}

static struct err *
page_upload(struct request *rq, struct response *rp)
{
	struct import_sample sample;
	enum entity e;
	struct err *err;
	int64_t id;

	TRY(entity_wanted(rq, &e));
	err = upload(rq, e, &sample, &id);
	if (err != NULL && err->kind == ERR_INVALID) {
		response_errors(rp, rq, err);
		rp->template = "import/start";
		return start_page(rq, rp);
	}
	if (err != NULL)
		return err;
	response_go(rp, rq, "/import/%lld", (long long)id);
	return NULL;
}

static void
add_counts(const struct rows *r, struct json_object *o)
{
	static const struct {
		const char *name;
		size_t col;
	} counts[] = {{"done", 4}, {"created", 5}, {"updated", 6}, {"skipped", 7}, {"failed", 8}};

	model_i64(o, "id", rows_i64(r, 0, 0));
	model_text(o, "entity", rows_text(r, 0, 1));
	/* A job that was given up leaves the import as it stood. */
	model_text(o, "state",
		rows_text(r, 0, 19) != NULL && strcmp(rows_text(r, 0, 19), "failed") == 0
			? "failed"
			: rows_text(r, 0, 2));
	if (rows_null(r, 0, 3))
		model_null(o, "total");
	else
		model_i64(o, "total", rows_i64(r, 0, 3));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		model_i64(o, counts[i].name, rows_i64(r, 0, counts[i].col));
	if (!rows_null(r, 0, 9))
		model_i64(o, "job", rows_i64(r, 0, 9));
}

/* The columns with a first value each and the fields they may become. */
static void
columns_form(struct request *rq, const struct record_ctx *cx, enum entity e,
	struct json_object *head, const struct import_map *map, struct json_object *o)
{
	struct json_object *list = model_list(o, "columns"),
			   *rows = json_object_object_get(head, "rows");

	for (size_t i = 0; i < map->n; i++) {
		struct json_object *c = model_item(list), *samples = model_list(c, "samples"),
				   *options;

		model_text(c, "header", map->headers[i]);
		model_i64(c, "place", (int64_t)i);
		for (size_t k = 0; k < json_object_array_length(rows) && k < 3; k++) {
			struct json_object *cell =
				json_object_array_get_idx(json_object_array_get_idx(rows, k), i);

			model_push_text(samples, cell != NULL ? json_object_get_string(cell) : "");
		}
		options = model_list(c, "options");
		for (size_t k = 0; k < cx->cat->n; k++) {
			const struct field *f = &cx->cat->fields[k];
			struct json_object *option;

			if (f->entity != e || !field_is_live(f) || !f->writable ||
				principal_level(rq->principal, e, f->name) != LEVEL_EDIT)
				continue;
			option = model_item(options);
			model_text(option, "value", f->name);
			model_text(option, "label", field_label(f, cx->lang));
			if (map->fields[i] == f)
				model_bool(option, "selected", true);
		}
	}
}

/* By which of the chosen columns a record that is there already can be told. */
static void
match_form(const struct record_ctx *cx, const struct import_map *map, const char *match,
	struct json_object *o)
{
	struct json_object *list = model_list(o, "match_options");

	for (size_t i = 0; i < map->n; i++) {
		const struct field *f = map->fields[i];
		struct json_object *option;

		if (f == NULL || f->sealed ||
			(f->type != FIELD_EMAIL && f->type != FIELD_PHONE && f->type != FIELD_TEXT))
			continue;
		option = model_item(list);
		model_text(option, "value", f->name);
		model_text(option, "label", field_label(f, cx->lang));
		if (match != NULL && strcmp(match, f->name) == 0)
			model_bool(option, "selected", true);
	}
}

/* What the first rows become: values as they will be stored, or what is wrong. */
static void
preview(struct request *rq, const struct record_ctx *cx, struct json_object *head,
	const struct import_map *map, struct json_object *o)
{
	struct json_object *list = model_list(o, "preview"),
			   *rows = json_object_object_get(head, "rows");
	struct json_object *names = model_list(o, "preview_columns");

	for (size_t i = 0; i < map->n; i++)
		if (map->fields[i] != NULL)
			model_push_text(names, field_label(map->fields[i], cx->lang));
	for (size_t k = 0; k < json_object_array_length(rows); k++) {
		struct csv_row in = {.number = (int64_t)k + 2};
		struct json_object *item = model_item(list), *cells = model_list(item, "cells");
		struct import_row row;

		in.cells = head_cells(rq, json_object_array_get_idx(rows, k), &in.count);
		import_row_check(cx, map, &in, &row);
		for (size_t i = 0; i < map->n; i++)
			if (map->fields[i] != NULL)
				model_push_text(cells, map->fields[i]->sealed && !row.values[i].null
							       ? value_mask(rq->a, map->fields[i],
									 row.values[i].text)
							       : value_show(rq->a, map->fields[i],
									 cx->cat->currency,
									 &row.values[i], cx->lang));
		if (row.error != NULL)
			model_text(item, "error",
				arena_printf(rq->a, "%s%s%s", row.field != NULL ? row.field : "",
					row.field != NULL ? ": " : "",
					view_text(rq->a, cx->lang, row.error, NULL)));
	}
}

/* The page's choice of columns, by position. */
static struct json_object *
typed_map(struct request *rq, const char *const *headers, size_t n)
{
	struct json_object *list = request_value(rq, "columns"), *o, *columns;

	if (list == NULL)
		return NULL;
	o = model_object(rq->a);
	columns = model_child(o, "columns");
	for (size_t i = 0; i < n && i < json_object_array_length(list); i++) {
		struct json_object *v = json_object_array_get_idx(list, i);

		/* "-": left out; an empty value of a form is not in the list at all. */
		model_text(columns, headers[i],
			v != NULL && strcmp(json_object_get_string(v), "-") != 0
				? json_object_get_string(v)
				: "");
	}
	model_text(o, "match", request_text(rq, "match"));
	model_text(o, "mode", request_text(rq, "mode"));
	return o;
}

static struct err *
map_page(struct request *rq, struct response *rp, const struct rows *r, bool start)
{
	struct record_ctx cx = record_ctx_of(rq);
	enum entity e = entity_parse(rows_text(r, 0, 1));
	struct json_object *o = response_page(rp), *head;
	struct import_map map;
	const char **headers;
	struct err *err;
	size_t n;
	int64_t job;

	TRY(load_head(rq, r, &head));
	headers = head_cells(rq, json_object_object_get(head, "header"), &n);
	err = import_map_parse(&cx, e, headers, n, typed_map(rq, headers, n), &map);
	if (err == NULL && start) {
		TRY(import_start(&cx, rows_i64(r, 0, 0), &map, &job));
		response_go(rp, rq, "/import/%lld", (long long)rows_i64(r, 0, 0));
		return NULL;
	}
	if (err != NULL && rq->method != METHOD_GET)
		response_errors(rp, rq, err);
	columns_form(rq, &cx, e, head, &map, o);
	preview(rq, &cx, head, &map, o);
	match_form(&cx, &map, request_text(rq, "match"), o);
	model_text(
		o, "mode", request_text(rq, "mode") != NULL ? request_text(rq, "mode") : "create");
	model_text(o, "encoding", rows_text(r, 0, 10));
	add_counts(r, response_data(rp));
	rp->template = "import/map";
	return NULL;
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct rows *r;

	TRY(load(rq, &r));
	if (!rq->api && strcmp(rows_text(r, 0, 2), "uploaded") == 0)
		return map_page(rq, rp, r, false);
	add_counts(r, response_data(rp));
	if (!rq->api) {
		const char *state =
			json_object_get_string(json_object_object_get(response_data(rp), "state"));

		model_bool(response_page(rp), "running",
			strcmp(state, "queued") == 0 || strcmp(state, "running") == 0);
		model_text(response_page(rp), "state_kind",
			strcmp(state, "done") == 0     ? "success"
			: strcmp(state, "failed") == 0 ? "danger"
						       : "info");
		model_text(response_page(rp), "state_label",
			view_text(rq->a, request_lang(rq),
				arena_printf(rq->a, "import.state.%s", state), NULL));
	}
	return NULL;
}

static struct err *
page_map(struct request *rq, struct response *rp)
{
	const char *step = request_text(rq, "step");
	struct rows *r;

	TRY(load(rq, &r));
	if (strcmp(rows_text(r, 0, 2), "uploaded") != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.import_started");
	return map_page(rq, rp, r, step != NULL && strcmp(step, "start") == 0);
}

static struct err *
undo(struct request *rq, struct response *rp)
{
	struct audit_event ev = {
		.action = "archive", .entity = "contact", .reason = "import_undone"};
	int64_t *ids;
	struct rows *r, *done;
	size_t n;

	TRY(load(rq, &r));
	if (strcmp(rows_text(r, 0, 2), "done") != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.import_not_done");
	tx_queue(rq->tx, &mark_undone, VALS(val_i64(request_id(rq, 0))), NULL);
	TRY(tx_query(rq->tx, &undo_import, VALS(val_i64(request_id(rq, 0))), &done));
	ids = rows_i64s(rq->a, done, 0, 0, &n);
	ev.records = ev.subjects = ids;
	ev.nrecords = ev.nsubjects = n;
	audit_queue(rq->tx, rq->a, &ev);
	response_flash(rp, "flash.import_undone");
	model_i64(response_data(rp), "archived", (int64_t)n + rows_i64(done, 0, 1));
	if (!rq->api)
		response_go(rp, rq, "/import/%lld", (long long)request_id(rq, 0));
	return NULL;
}

/* failed.csv: the rows as they came, and why. */
struct failed_stream {
	struct request *rq;
	struct conn *conn;
	int64_t id;
	struct seal_key key;
	const char **headers;
	size_t nheaders;
};

static struct err *
failed_row(const struct failed_stream *st, const struct rows *r, size_t i, struct sb *out)
{
	struct arena *a = st->rq->a;
	struct json_object *cells;
	const char **texts;
	struct bytes plain;
	size_t n;

	if (!unseal_value(a, &st->key,
		    arena_printf(a, "import_failed|%lld|%lld", (long long)st->id,
			    (long long)rows_i64(r, i, 0)),
		    rows_bytes(a, r, i, 3), &plain))
		return err_internal(a, "a failed row does not open");
	cells = json_tokener_parse((const char *)plain.p);
	n = json_object_array_length(cells);
	texts = ARENA_ARRAY(a, st->nheaders + 2, const char *);
	for (size_t c = 0; c < st->nheaders; c++)
		texts[c] = c < n ? json_object_get_string(json_object_array_get_idx(cells, c)) : "";
	texts[st->nheaders] = arena_printf(a, "%lld", (long long)rows_i64(r, i, 0));
	texts[st->nheaders + 1] = arena_printf(a, "%s%s%s",
		rows_null(r, i, 1) ? "" : rows_text(r, i, 1), rows_null(r, i, 1) ? "" : ": ",
		view_text(a, request_lang(st->rq), rows_text(r, i, 2), NULL));
	csv_put_row(out, texts, st->nheaders + 2);
	json_object_put(cells);
	return NULL;
}

static struct err *
stream_failed(void *ctx, struct response *rp)
{
	struct failed_stream *st = ctx;
	struct arena *a = st->rq->a;
	int64_t after = 0;
	struct rows *r;

	for (;;) {
		struct arena_mark mark = arena_mark(a);
		struct sb out;
		size_t n;

		sb_init(&out, a, (size_t)16 * 1024 * 1024);
		if (after == 0) {
			sb_puts(&out, "\xef\xbb\xbf");
			csv_put_row(&out, st->headers, st->nheaders + 2);
		}
		TRY(conn_query(
			st->conn, a, &failed_rows, VALS(val_i64(st->id), val_i64(after)), &r));
		n = rows_count(r);
		for (size_t i = 0; i < n; i++)
			TRY(failed_row(st, r, i, &out));
		if (n > 0)
			after = rows_i64(r, n - 1, 0);
		TRY(response_write(rp, out.p, out.n));
		arena_release(a, mark);
		if (n < 500)
			return NULL;
	}
}

static struct err *
failed_csv(struct request *rq, struct response *rp)
{
	struct failed_stream *st = ARENA_NEW(rq->a, struct failed_stream);
	struct audit_event ev = {.action = "download", .entity = "import"};
	struct json_object *head;
	const char **headers;
	struct rows *r;
	int64_t id = request_id(rq, 0);

	TRY(load(rq, &r));
	TRY(import_key(rq, r, &st->key));
	TRY(load_head(rq, r, &head));
	headers = head_cells(rq, json_object_object_get(head, "header"), &st->nheaders);
	st->headers = ARENA_ARRAY(rq->a, st->nheaders + 2, const char *);
	memcpy(st->headers, headers, st->nheaders * sizeof(*headers));
	st->headers[st->nheaders] = view_text(rq->a, request_lang(rq), "import.row", NULL);
	st->headers[st->nheaders + 1] = view_text(rq->a, request_lang(rq), "import.error", NULL);
	st->rq = rq;
	st->id = id;
	ev.records = arena_memdup(rq->a, &id, sizeof(id));
	ev.nrecords = 1;
	ev.count = rows_i64(r, 0, 8);
	audit_queue(rq->tx, rq->a, &ev);
	TRY(tx_commit(rq->tx));
	TRY(tenant_conn(gate_tenancy(), rq->a, rq->tenant, &st->conn));
	rp->stream = stream_failed;
	rp->stream_ctx = st;
	rp->stream_size = -1;
	rp->content_type = "text/csv; charset=utf-8";
	rp->file_name = arena_printf(rq->a, "failed-rows-%lld.csv", (long long)id);
	return NULL;
}

static const struct param api_params[] = {
	{"file", P_FILE, IN_BODY, 0, 0, true},
	{"map", P_LONG, IN_BODY, 0, 20000, false},
	{"entity", P_TEXT, IN_BODY, 0, 40, false},
	{"mode", P_TEXT, IN_BODY, 0, 20, false},
	PARAM_END,
};
static const struct param upload_params[] = {
	{"file", P_FILE, IN_BODY, 0, 0, false},
	{"entity", P_TEXT, IN_BODY, 0, 40, false},
	PARAM_END,
};
static const struct param map_params[] = {
	{"columns", P_TEXTS, IN_BODY, 0, IMPORT_COLUMNS, false},
	{"match", P_TEXT, IN_BODY, 0, 60, false},
	{"mode", P_TEXT, IN_BODY, 0, 20, false},
	{"step", P_TEXT, IN_BODY, 0, 20, false},
	PARAM_END,
};

const struct route import_routes[] = {
	ROUTE(READ, GET, "/import", ON_PAGE, "contact", RIGHT_IMPORT, "", start_page, NULL, NULL,
		"import/start", "import.start"),
	ROUTE(WRITE, POST, "/import", ON_PAGE, "contact", RIGHT_IMPORT, "import", page_upload,
		upload_params, NULL, "import/start", "import.upload"),
	ROUTE(READ, GET, "/import/{id}", ON_PAGE, "contact", RIGHT_IMPORT, "", show, NULL, NULL,
		"import/result", "import.show"),
	ROUTE(WRITE, POST, "/import/{id}", ON_PAGE, "contact", RIGHT_IMPORT, "import", page_map,
		map_params, NULL, "import/map", "import.map"),
	ROUTE(WRITE, POST, "/imports", ON_API, "contact", RIGHT_IMPORT, "import", api_import,
		api_params, NULL, "", "import.create"),
	ROUTE(READ, GET, "/imports/{id}", ON_API, "contact", RIGHT_IMPORT, "", show, NULL, NULL, "",
		"import.read"),
	ROUTE(STREAM, GET, "/imports/{id}/failed.csv", ON_BOTH, "contact", RIGHT_IMPORT, "download",
		failed_csv, NULL, NULL, "", "import.failed_csv"),
	ROUTE(WRITE, POST, "/imports/{id}/undo", ON_BOTH, "contact", RIGHT_IMPORT, "archive", undo,
		NULL, NULL, "", "import.undo"),
	ROUTE_END,
};

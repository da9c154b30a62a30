/* SPDX-License-Identifier: ISC */
/* The import as people and programs drive it: upload, start and state. */
#include "import_page.h"

#include <string.h>

#include "cursor.h"
#include "date.h"
#include "token.h"

#define SAMPLE_ROWS 5

STMT(read_import, "import.read", 2,
	"select i.import_id, i.entity, i.state, i.total, i.done, i.created, i.updated, i.skipped, "
	"i.failed, "
	"i.job_id, i.encoding, i.delimiter, i.header, i.key_id, k.wrapped, i.error, "
	"(extract(epoch from i.created_at) * 1000000)::bigint, i.created_by, i.map::text, j.state, "
	"(extract(epoch from coalesce(i.finished_at, i.created_at) "
	"+ make_interval(days => $2::int)) * 1000000)::bigint, "
	"(extract(epoch from i.destroyed_at) * 1000000)::bigint "
	"from import i left join data_key k using (key_id) left join job j using (job_id) "
	"where i.import_id = $1::bigint");
#define RECENT 20

STMT(recent, "import.recent", 2,
	"select i.import_id, i.entity, i.state, i.total, i.created, i.updated, i.failed, u.name, "
	"(extract(epoch from i.created_at) * 1000000)::bigint from import i "
	"left join app_user u on u.user_id = i.created_by where i.created_by = $1::bigint "
	"and i.import_id < $2::bigint order by i.import_id desc limit 21");

struct err *
import_load(struct request *rq, struct rows **r)
{
	TRY(tx_query(rq->tx, &read_import,
		VALS(val_i64(request_id(rq, 0)), val_i64(gate_settings()->import_keep)), r));
	if (rows_count(*r) == 0 || rows_i64(*r, 0, 17) != rq->principal->user_id)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	/* Of another kind of records than the right is on that came to the route. */
	if (!principal_may(
		    rq->principal, entity_parse(rows_text(*r, 0, IMPORT_ENTITY)), RIGHT_IMPORT))
		return err_new(rq->a, ERR_DENIED, NULL);
	return NULL;
}

struct err *
import_key(struct request *rq, const struct rows *r, struct seal_key *key)
{
	struct bytes wrapped = rows_bytes(rq->a, r, 0, 14);

	if (wrapped.p == NULL)
		return err_new(rq->a, ERR_GONE, "error.import_gone");
	if (!key_unwrap(rq->a, &rq->tenant->kek, "import", wrapped, rows_i64(r, 0, 13), key))
		return err_internal(rq->a, "the import's key does not open");
	return NULL;
}

struct err *
import_head(struct request *rq, const struct rows *r, struct json_object **head_r)
{
	struct seal_key key;
	struct bytes plain;

	TRY(import_key(rq, r, &key));
	if (!unseal_value(rq->a, &key, "import.header", rows_bytes(rq->a, r, 0, 12), &plain))
		return err_internal(rq->a, "the import's header does not open");
	*head_r = model_own(rq->a, json_tokener_parse((const char *)plain.p));
	return NULL;
}

const char **
import_cells(struct request *rq, struct json_object *list, size_t *n_r)
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
	TRY(import_map_parse(
		&cx, e, sample.header, sample.nheader, in, request_text(rq, "mode"), &map));
	TRY(import_start(&cx, e, id, &map, &job));
	rp->status = 202;
	model_i64(response_data(rp), "id", id);
	model_i64(response_data(rp), "job", job);
	response_go(rp, rq, "/imports/%lld", (long long)id);
	return NULL;
}

/* What can be taken in, and this user may. */
static void
add_kinds(struct request *rq, struct json_object *page)
{
	static const enum entity kinds[] = {ENTITY_CONTACT, ENTITY_COMPANY};
	struct json_object *list = model_list(page, "kinds"), *o;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!principal_may(rq->principal, kinds[i], RIGHT_IMPORT))
			continue;
		o = model_item(list);
		model_text(o, "value", entity_name(kinds[i]));
		model_text(o, "label",
			view_text(rq->a, request_lang(rq),
				arena_printf(rq->a, "entity.%s.many", entity_name(kinds[i])),
				NULL));
	}
}

static struct err *
start_page(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *o = response_page(rp), *list = model_list(o, "imports");
	int64_t before;
	struct rows *r;

	add_kinds(rq, o);
	TRY(cursor_number(rq, "import.recent", &before));
	TRY(tx_query(rq->tx, &recent,
		VALS(val_i64(rq->principal->user_id), val_i64(before != 0 ? before : INT64_MAX)),
		&r));
	cursor_pager(rq, o, "/import",
		rows_count(r) > RECENT
			? cursor_of_number(rq, "import.recent", rows_i64(r, RECENT - 1, 0))
			: NULL);
	for (size_t i = 0; i < rows_count(r) && i < RECENT; i++) {
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

void
import_model(struct request *rq, const struct rows *r, struct json_object *o)
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
	model_text(o, "expires_at",
		rows_null(r, 0, IMPORT_DESTROYED)
			? time_rfc3339(rq->a, rows_i64(r, 0, IMPORT_EXPIRES))
			: NULL);
	if (!rows_null(r, 0, 9))
		model_i64(o, "job", rows_i64(r, 0, 9));
	if (!rows_null(r, 0, 15))
		model_text(
			o, "error", view_text(rq->a, request_lang(rq), rows_text(r, 0, 15), NULL));
}

/* Until when samples and refused rows are there, or when they went. */
static void
add_term(struct request *rq, const struct rows *r, struct json_object *page)
{
	bool gone = !rows_null(r, 0, IMPORT_DESTROYED);
	int64_t at = rows_i64(r, 0, gone ? IMPORT_DESTROYED : IMPORT_EXPIRES);

	model_bool(page, "destroyed", gone);
	model_text(page, "term",
		view_text(rq->a, request_lang(rq), gone ? "import.destroyed" : "import.expires",
			date_show(rq->a, arena_strndup(rq->a, time_rfc3339(rq->a, at), 10),
				lang_tag(request_lang(rq)))));
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct rows *r;

	TRY(import_load(rq, &r));
	if (!rq->api && strcmp(rows_text(r, 0, 2), "uploaded") == 0)
		return import_map_page(rq, rp, r, false);
	import_model(rq, r, response_data(rp));
	TRY(import_reasons(rq, r, response_data(rp)));
	if (!rq->api) {
		const char *state =
			json_object_get_string(json_object_object_get(response_data(rp), "state"));

		model_bool(response_page(rp), "running",
			strcmp(state, "queued") == 0 || strcmp(state, "running") == 0);
		add_term(rq, r, response_page(rp));
		model_text(response_page(rp), "state_kind",
			strcmp(state, "done") == 0     ? "success"
			: strcmp(state, "failed") == 0 ? "danger"
						       : "info");
		model_text(response_page(rp), "state_label",
			view_text(rq->a, request_lang(rq),
				!rows_null(r, 0, 15)
					? rows_text(r, 0, 15)
					: arena_printf(rq->a, "import.state.%s", state),
				NULL));
	}
	return NULL;
}

static struct err *
page_map(struct request *rq, struct response *rp)
{
	const char *step = request_text(rq, "step");
	struct rows *r;

	TRY(import_load(rq, &r));
	if (strcmp(rows_text(r, 0, 2), "uploaded") != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.import_started");
	return import_map_page(rq, rp, r, step != NULL && strcmp(step, "start") == 0);
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

static const struct param start_params[] = {
	{"after", P_TEXT, IN_QUERY, 0, 200, false},
	PARAM_END,
};
const struct route import_routes[] = {
	ROUTE(READ, GET, "/import", ON_PAGE, ANY_RECORDS, RIGHT_IMPORT, "", start_page,
		start_params, NULL, "import/start", "import.start"),
	ROUTE(WRITE, POST, "/import", ON_PAGE, ANY_RECORDS, RIGHT_IMPORT, "import", page_upload,
		upload_params, NULL, "import/start", "import.upload"),
	ROUTE(READ, GET, "/import/{id}", ON_PAGE, ANY_RECORDS, RIGHT_IMPORT, "", show, NULL, NULL,
		"import/result", "import.show"),
	ROUTE(WRITE, POST, "/import/{id}", ON_PAGE, ANY_RECORDS, RIGHT_IMPORT, "import", page_map,
		map_params, NULL, "import/map", "import.map"),
	ROUTE(WRITE, POST, "/imports", ON_API, ANY_RECORDS, RIGHT_IMPORT, "import", api_import,
		api_params, NULL, "", "import.create"),
	ROUTE(READ, GET, "/imports/{id}", ON_API, ANY_RECORDS, RIGHT_IMPORT, "", show, NULL, NULL,
		"", "import.read"),
	ROUTE(STREAM, GET, "/imports/{id}/failed.csv", ON_BOTH, ANY_RECORDS, RIGHT_IMPORT,
		"download", import_failed_csv, NULL, NULL, "", "import.failed_csv"),
	ROUTE(WRITE, POST, "/imports/{id}/undo", ON_BOTH, ANY_RECORDS, RIGHT_IMPORT, "archive",
		import_undo, NULL, NULL, "", "import.undo"),
	ROUTE_END,
};

/* SPDX-License-Identifier: ISC */
/* After an import: taking it back, and the rows that failed as CSV. */
#include "import_page.h"

#include <string.h>

#include "event.h"
#include "suppress.h"
#include "token.h"

STMT(undo_import, "import.undo", 1,
	"with a as (update contact set archived_at = now(), version = version + 1, updated_at = "
	"now() "
	"where import_id = $1::bigint and version = 1 and archived_at is null returning "
	"contact_id), "
	"b as (update company set archived_at = now(), version = version + 1, updated_at = now() "
	"where import_id = $1::bigint and version = 1 and archived_at is null returning "
	"company_id) "
	"select (select array_agg(contact_id) from a), (select array_agg(company_id) from b)");
STMT(mark_undone, "import.undone", 1,
	"update import set state = 'undone' where import_id = $1::bigint");
STMT(failed_rows, "import.failed_rows", 2,
	"select row_number, field, error, cells, blocked_on::text from import_failed where "
	"import_id = $1::bigint "
	"and row_number > $2::bigint order by row_number limit 500");

STMT(reasons, "import.reasons", 1,
	"select field, error, blocked_on::text, count(*) from import_failed "
	"where import_id = $1::bigint group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 10");

/* The event of those in that column, of none as well if so wanted; how many there are. */
static size_t
log_undone(struct request *rq, enum entity e, const struct rows *done, size_t col, bool none_too)
{
	struct audit_event ev = {
		.action = "archive", .entity = entity_name(e), .reason = "import_undone"};

	ev.records = rows_i64s(rq->a, done, 0, col, &ev.nrecords);
	if (e == ENTITY_CONTACT) {
		ev.subjects = ev.records;
		ev.nsubjects = ev.nrecords;
	}
	if (ev.nrecords > 0 || none_too)
		audit_queue(rq->tx, rq->a, &ev);
	return ev.nrecords;
}

struct err *
import_undo(struct request *rq, struct response *rp)
{
	struct rows *r, *done;
	size_t n;

	TRY(import_load(rq, &r));
	if (strcmp(rows_text(r, 0, IMPORT_STATE), "done") != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.import_not_done");
	tx_queue(rq->tx, &mark_undone, VALS(val_i64(request_id(rq, 0))), NULL);
	TRY(tx_query(rq->tx, &undo_import, VALS(val_i64(request_id(rq, 0))), &done));
	n = log_undone(rq, ENTITY_COMPANY, done, 1, false);
	n += log_undone(rq, ENTITY_CONTACT, done, 0, n == 0);
	response_flash(rp, "flash.import_undone");
	model_i64(response_data(rp), "archived", (int64_t)n);
	if (!rq->api)
		response_go(rp, rq, "/import/%lld", (long long)request_id(rq, 0));
	return NULL;
}

/* Why a row was not taken in, as far as its reader may know. */
static const char *
error_words(struct request *rq, const char *key, const char *blocked_on)
{
	return view_text(rq->a, request_lang(rq),
		blocked_on != NULL ? suppress_key(rq->principal) : key, blocked_on);
}

struct err *
import_reasons(struct request *rq, const struct rows *r, struct json_object *o)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *list = model_list(o, "reasons");
	struct rows *found;

	if (rows_i64(r, 0, IMPORT_FAILED) == 0)
		return NULL;
	TRY(tx_query(rq->tx, &reasons, VALS(val_i64(rows_i64(r, 0, IMPORT_ID))), &found));
	for (size_t i = 0; i < rows_count(found); i++) {
		struct json_object *item = model_item(list);

		model_text(item, "reason",
			import_wrong(&cx, entity_parse(rows_text(r, 0, IMPORT_ENTITY)),
				rows_text(found, i, 0),
				error_words(rq, rows_text(found, i, 1), rows_text(found, i, 2))));
		model_i64(item, "rows", rows_i64(found, i, 3));
	}
	return NULL;
}

/* failed.csv: the rows as they came, and why. For people behind the label of the field,
 * for programs behind its name. */
struct failed_stream {
	struct request *rq;
	struct conn *conn;
	int64_t id;
	struct seal_key key;
	const char **headers;
	size_t nheaders;
	enum entity entity;
};

static struct err *
failed_row(const struct failed_stream *st, const struct rows *r, size_t i, struct sb *out)
{
	struct arena *a = st->rq->a;
	struct record_ctx cx = record_ctx_of(st->rq);
	struct json_object *cells;
	const char **texts, *words;
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
	words = error_words(st->rq, rows_text(r, i, 2), rows_text(r, i, 4));
	if (!st->rq->api)
		words = import_wrong(&cx, st->entity, rows_text(r, i, 1), words);
	else if (!rows_null(r, i, 1))
		words = arena_printf(a, "%s: %s", rows_text(r, i, 1), words);
	texts[st->nheaders + 1] = words;
	csv_put_row(out, texts, st->nheaders + 2);
	json_object_put(cells);
	return NULL;
}

/* The next rows, seen by whoever asked for the file. */
static struct err *
read_failed(struct failed_stream *st, int64_t after, struct rows **r)
{
	struct tx *tx;
	struct err *e;

	TRY(gate_tx(st->rq, st->conn, &tx));
	tx_queue(tx, &failed_rows, VALS(val_i64(st->id), val_i64(after)), r);
	e = tx_commit(tx);
	tx_end(&tx);
	return e;
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
		TRY(read_failed(st, after, &r));
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

struct err *
import_failed_csv(struct request *rq, struct response *rp)
{
	struct failed_stream *st = ARENA_NEW(rq->a, struct failed_stream);
	struct audit_event ev = {.action = "download", .entity = "import"};
	struct json_object *head;
	const char **headers;
	struct rows *r;
	int64_t id = request_id(rq, 0);

	TRY(import_load(rq, &r));
	TRY(import_key(rq, r, &st->key));
	TRY(import_head(rq, r, &head));
	headers = import_cells(rq, json_object_object_get(head, "header"), &st->nheaders);
	st->headers = ARENA_ARRAY(rq->a, st->nheaders + 2, const char *);
	memcpy(st->headers, headers, st->nheaders * sizeof(*headers));
	st->headers[st->nheaders] = view_text(rq->a, request_lang(rq), "import.row", NULL);
	st->headers[st->nheaders + 1] = view_text(rq->a, request_lang(rq), "import.error", NULL);
	st->rq = rq;
	st->id = id;
	st->entity = entity_parse(rows_text(r, 0, IMPORT_ENTITY));
	ev.records = arena_memdup(rq->a, &id, sizeof(id));
	ev.nrecords = 1;
	ev.count = rows_i64(r, 0, IMPORT_FAILED);
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

/* SPDX-License-Identifier: ISC */
/*
 * The log book of s.27: what was refused, on which ground and why. Steps of cases enter
 * into it (case_step.c); here it is read, for whoever inspects it, and an error in it is
 * mended by an entry that corrects another.
 */
#include "log_book.h"

#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "cursor.h"
#include "date.h"
#include "event.h"
#include "text.h"

#define PAGE_ENTRIES 50

/* Newest first; days are Hong Kong's. The page is found in the index, then filled. */
STMT(list_entries, "log_book.list", 4,
	"with b as materialized (select * from log_book where entered_at >= $1::date::timestamp "
	"at time zone 'Asia/Hong_Kong' and entered_at < ($2::date + 1)::timestamp at time zone "
	"'Asia/Hong_Kong' and (entered_at, entry_id) < (coalesce((select entered_at from log_book "
	"where entry_id = $3::bigint), 'infinity'), $3::bigint) "
	"order by entered_at desc, entry_id desc limit $4::bigint::int) "
	"select b.entry_id, b.request_id, r.reference, b.kind, (extract(epoch from b.entered_at) * "
	"1000000)::bigint, u.name, b.received_on::text, b.ground, b.key_id, k.wrapped, b.reasons, "
	"b.notice_on::text, b.late, b.corrects from b cross join lateral (select reference from "
	"privacy_request p where p.request_id = b.request_id offset 0) r left join app_user u on "
	"u.user_id = b.entered_by left join lateral (select wrapped from data_key d where "
	"d.key_id = b.key_id offset 0) k on true order by b.entered_at desc, b.entry_id desc");
STMT(find_entry, "log_book.find", 1,
	"select request_id, kind, received_on::text, ground, notice_on::text, late from log_book "
	"where entry_id = $1::bigint");
STMT(add_key, "log_book.key", 1,
	"insert into data_key (purpose, wrapped) values ('log_book', $1) returning key_id");
STMT(add_entry, "log_book.insert", 10,
	"insert into log_book (request_id, kind, received_on, ground, key_id, reasons, notice_on, "
	"late, prejudice, corrects) values ($1::bigint, $2, $3::date, $4, $5::bigint, $6, "
	"$7::date, $8::boolean, $9::boolean, $10::bigint) returning entry_id");

struct err *
log_book_enter(struct request *rq, const struct log_entry *l, int64_t *id_r)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct seal_key key;
	struct bytes wrapped = data_key_new(&cx, "log_book", &key), sealed;
	struct json_object *o = model_object(rq->a);
	const char *text;
	struct rows *r;

	TRY(tx_query(rq->tx, &add_key, VALS(val_bytes(wrapped)), &r));
	key.id = rows_i64(r, 0, 0);
	model_text(o, "requestor", l->requestor);
	model_text(o, "reasons", l->reasons);
	model_text(o, "prejudice", l->prejudice);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	sealed = seal_value(rq->a, &key, arena_printf(rq->a, "log_book|%lld", (long long)key.id),
		text, strlen(text));
	TRY(tx_query(rq->tx, &add_entry,
		VALS(val_i64(l->request_id), val_text(l->kind), val_text(l->received_on),
			val_text(l->ground), val_i64(key.id), val_bytes(sealed),
			val_text(l->notice_on), val_bool(l->late), val_bool(l->prejudice != NULL),
			val_id(l->corrects)),
		&r));
	*id_r = rows_i64(r, 0, 0);
	return NULL;
}

struct json_object *
log_book_open(struct arena *a, const struct seal_key *kek, struct bytes wrapped, int64_t key_id,
	struct bytes sealed)
{
	struct bytes plain;
	struct seal_key key;

	if (wrapped.p == NULL || !key_unwrap(a, kek, "log_book", wrapped, key_id, &key) ||
		!unseal_value(a, &key, arena_printf(a, "log_book|%lld", (long long)key.id), sealed,
			&plain))
		return NULL;
	return model_own(a, json_tokener_parse((const char *)plain.p));
}

static void
add_entry_model(struct request *rq, const struct rows *r, size_t i, struct json_object *o)
{
	static const char *const sealed[] = {"requestor", "reasons", "prejudice", NULL};
	struct json_object *reasons = log_book_open(rq->a, &rq->tenant->kek,
		rows_bytes(rq->a, r, i, 9), rows_i64(r, i, 8), rows_bytes(rq->a, r, i, 10));
	const char *tag = lang_tag(request_lang(rq));

	model_i64(o, "id", rows_i64(r, i, 0));
	model_i64(o, "request_id", rows_i64(r, i, 1));
	model_text(o, "reference", rows_text(r, i, 2));
	model_text(o, "kind", rows_text(r, i, 3));
	model_text(o, "entered_at", time_rfc3339(rq->a, rows_i64(r, i, 4)));
	model_text(o, "entered_by", rows_text(r, i, 5));
	model_text(o, "received_on", rows_text(r, i, 6));
	model_text(o, "ground", rows_text(r, i, 7));
	for (const char *const *s = sealed; *s != NULL; s++)
		model_text(o, *s, json_object_get_string(json_object_object_get(reasons, *s)));
	model_text(o, "notice_on", rows_text(r, i, 11));
	model_bool(o, "late", rows_bool(r, i, 12));
	if (rows_null(r, i, 13))
		model_null(o, "corrects");
	else
		model_i64(o, "corrects", rows_i64(r, i, 13));
	if (rq->api)
		return;
	model_text(o, "url",
		arena_printf(rq->a, "/privacy/requests/%lld", (long long)rows_i64(r, i, 1)));
	model_text(o, "kind_word", say_word(rq, "requests.kind", rows_text(r, i, 3)));
	model_text(o, "entered", time_show(rq->a, rows_i64(r, i, 4), tag));
	model_text(o, "received", date_show(rq->a, rows_text(r, i, 6), tag));
	model_text(o, "notice", date_show(rq->a, rows_text(r, i, 11), tag));
	model_text(o, "ground_word", case_ground_word(rq, rows_text(r, i, 7)));
}

/* Which days a print is of. */
static const char *
range_of(struct request *rq)
{
	const char *from = request_text(rq, "from"), *to = request_text(rq, "to");
	const char *tag = lang_tag(request_lang(rq));

	if (from == NULL && to == NULL)
		return NULL;
	return arena_printf(rq->a, "%s \xe2\x80\x93 %s",
		from != NULL ? date_show(rq->a, from, tag) : "",
		to != NULL ? date_show(rq->a, to, tag) : "");
}

static void
page_of(struct request *rq, struct json_object *page, const char *next)
{
	struct json_object *o = model_item(model_list(page, "crumbs")), *list;

	model_text(o, "label", say(rq, "requests.title"));
	model_text(o, "url", "/privacy");
	model_text(page, "title", say(rq, "logbook.title"));
	model_text(page, "subtitle", say(rq, "logbook.lead"));
	list = model_list(page, "fields");
	form_field(rq, list, "date", "from", say(rq, "logbook.from"), request_text(rq, "from"));
	form_field(rq, list, "date", "to", say(rq, "logbook.to"), request_text(rq, "to"));
	model_text(page, "range", range_of(rq));
	/* What a correction was wrong about. */
	if (rq->path_args[0] != NULL)
		model_i64(page, "sent", request_id(rq, 0));
	model_text(page, "export_url",
		arena_printf(rq->a, "/privacy/logbook/export?from=%s&to=%s",
			request_text(rq, "from") != NULL ? request_text(rq, "from") : "",
			request_text(rq, "to") != NULL ? request_text(rq, "to") : ""));
	if (next != NULL)
		model_text(model_child(page, "pager"), "next_url",
			arena_printf(rq->a, "/privacy/logbook?from=%s&to=%s&after=%s",
				request_text(rq, "from") != NULL ? request_text(rq, "from") : "",
				request_text(rq, "to") != NULL ? request_text(rq, "to") : "",
				next));
}

static struct err *
list_all(struct request *rq, struct response *rp)
{
	const char *from = request_text(rq, "from"), *to = request_text(rq, "to"), *next = NULL;
	int64_t limit = request_i64(rq, "limit", PAGE_ENTRIES), before;
	struct json_object *items = model_list(response_data(rp), "items");
	struct audit_event ev = {.action = "list", .entity = "log_book"};
	int64_t *ids;
	struct rows *r;
	size_t n;

	TRY(cursor_number(rq, "log_book.list", &before));
	if (before == 0)
		before = INT64_MAX;
	TRY(tx_query(rq->tx, &list_entries,
		VALS(val_text(from != NULL ? from : "1996-12-20"),
			val_text(to != NULL ? to : "2999-12-31"), val_i64(before),
			val_i64(limit + 1)),
		&r));
	n = rows_count(r) > (size_t)limit ? (size_t)limit : rows_count(r);
	ids = ARENA_ARRAY(rq->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++) {
		add_entry_model(rq, r, i, model_item(items));
		ids[i] = rows_i64(r, i, 0);
	}
	if (rows_count(r) > n && n > 0)
		next = cursor_of_number(rq, "log_book.list", ids[n - 1]);
	ev.records = ids;
	ev.nrecords = n;
	audit_queue(rq->tx, rq->a, &ev);
	model_text(response_data(rp), "next", next);
	if (!rq->api)
		page_of(rq, response_page(rp), next);
	return NULL;
}

/* Nothing that was entered is changed: what was wrong with it is entered, too. */
static struct err *
correct(struct request *rq, struct response *rp)
{
	struct log_entry l = {.corrects = request_id(rq, 0)};
	const char *reasons = request_text(rq, "reasons");
	struct err *e = NULL;
	struct rows *r;
	int64_t id;

	TRY(tx_query(rq->tx, &find_entry, VALS(val_i64(l.corrects)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	l.reasons = reasons != NULL ? text_clean(rq->a, reasons, true) : NULL;
	if (l.reasons == NULL) {
		err_add_field(rq->a, &e, "reasons", "error.required", NULL);
		if (rq->api)
			return e;
		TRY(response_again(rp, rq, e));
		return list_all(rq, rp);
	}
	l.request_id = rows_i64(r, 0, 0);
	l.kind = rows_text(r, 0, 1);
	l.received_on = rows_text(r, 0, 2);
	l.ground = rows_text(r, 0, 3);
	l.notice_on = rows_text(r, 0, 4);
	l.late = rows_bool(r, 0, 5);
	TRY(log_book_enter(rq, &l, &id));
	audit_queue_one(rq->tx, rq->a, "create", "log_book", id, 0, NULL);
	response_flash(rp, "flash.saved");
	rp->status = 201;
	if (rq->api)
		model_i64(response_data(rp), "id", id);
	else
		response_go(rp, rq, "/privacy/logbook");
	return tx_run(rq->tx);
}

/* ---- as a file */

struct book_stream {
	struct request *rq;
	struct response *rp;
	struct conn *conn;
	struct log_book_file f;
};

static struct err *
book_begin(void *ctx, struct tx **tx_r)
{
	struct book_stream *st = ctx;

	return gate_tx(st->rq, st->conn, tx_r);
}

static struct err *
book_end(void *ctx, struct tx *tx)
{
	struct err *e = tx_commit(tx);

	(void)ctx;
	tx_end(&tx);
	return e;
}

static struct err *
book_put(void *ctx, const void *p, size_t n)
{
	struct book_stream *st = ctx;

	return response_write(st->rp, p, n);
}

static struct err *
book_stream(void *ctx, struct response *rp)
{
	struct book_stream *st = ctx;

	st->rp = rp;
	return log_book_write(&st->f);
}

static struct err *
export_all(struct request *rq, struct response *rp)
{
	struct book_stream *st = ARENA_NEW(rq->a, struct book_stream);
	struct audit_event ev = {.action = "export", .entity = "log_book"};

	st->rq = rq;
	st->f = (struct log_book_file){.a = rq->a,
		.tenant = rq->tenant,
		.lang = request_lang(rq),
		.from = request_text(rq, "from"),
		.to = request_text(rq, "to"),
		.begin = book_begin,
		.end = book_end,
		.put = book_put,
		.ctx = st};
	audit_queue(rq->tx, rq->a, &ev);
	TRY(tx_commit(rq->tx));
	TRY(tenant_conn(gate_tenancy(), rq->a, rq->tenant, &st->conn));
	rp->content_type = "text/csv; charset=utf-8";
	rp->file_name = "log-book.csv";
	rp->stream_size = -1;
	rp->stream = book_stream;
	rp->stream_ctx = st;
	return NULL;
}

static const struct param export_query[] = {
	{"from", P_DATE, IN_QUERY, 0, 0, false},
	{"to", P_DATE, IN_QUERY, 0, 0, false},
	PARAM_END,
};
static const struct param list_query[] = {
	{"from", P_DATE, IN_QUERY, 0, 0, false},
	{"to", P_DATE, IN_QUERY, 0, 0, false},
	{"after", P_TEXT, IN_QUERY, 0, 200, false},
	{"limit", P_I64, IN_QUERY, 1, 200, false},
	PARAM_END,
};
static const struct param correct_params[] = {
	{"reasons", P_LONG, IN_BODY, 0, 4000, true},
	PARAM_END,
};

const struct route log_book_routes[] = {
	ROUTE(READ, GET, "/privacy/logbook", ON_BOTH, "", RIGHT_RUN_REQUESTS, "list", list_all,
		list_query, NULL, "privacy/logbook", "log_book.list"),
	ROUTE(STREAM, GET, "/privacy/logbook/export", ON_BOTH, "", RIGHT_RUN_REQUESTS, "export",
		export_all, export_query, NULL, "", "log_book.export"),
	ROUTE(WRITE, POST, "/privacy/logbook/{id}/correct", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"create", correct, correct_params, NULL, "privacy/logbook", "log_book.correct"),
	ROUTE_END,
};

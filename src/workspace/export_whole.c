/* SPDX-License-Identifier: ISC */
/* Asking for an export of everything, how far it is, and where the mail's link leads. */
#include <string.h>

#include "controls.h"
#include "date.h"
#include "export_view.h"
#include "model.h"
#include "token.h"
#include "workspace.h"

STMT(by_link, "exports.by_link", 1,
	"select e.export_id, d.destroyed_at is not null or d.expires_at <= now() from export e "
	"join download d using (download_id) where e.link = $1");
STMT(progress, "exports.progress", 1,
	"select j.done, coalesce(j.total, 0), "
	"coalesce(extract(epoch from clock_timestamp() - e.begun_at), 0)::bigint from export e "
	"join job j "
	"using (job_id) where e.export_id = $1::bigint and j.state in ('queued', 'running')");
STMT(volumes, "exports.volumes", 1,
	"select d.download_id, d.file_name, d.size, d.fetched, d.fetch_max from export e join "
	"download d "
	"using (job_id) where e.export_id = $1::bigint and d.kind = 'workspace_export' "
	"and d.destroyed_at is null and d.expires_at > now() order by d.download_id");

/* Before so much is done nobody can tell how long the rest takes. */
#define TELL_SECONDS 3
#define TELL_PART 50

/* What the file of the size is called on a page: "1.4 GB". */
static const char *
size_words(struct arena *a, int64_t n)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	size_t u = 0;
	int64_t tenths = n * 10;

	while (tenths >= 10000 && u + 1 < sizeof(units) / sizeof(units[0])) {
		tenths /= 1000;
		u++;
	}
	if (u == 0)
		return arena_printf(a, "%lld B", (long long)n);
	return arena_printf(
		a, "%lld.%lld %s", (long long)(tenths / 10), (long long)(tenths % 10), units[u]);
}

/* -1: it is too early to tell. */
static int64_t
seconds_left(int64_t done, int64_t total, int64_t seconds)
{
	if (done <= 0 || total <= done || seconds < TELL_SECONDS || done < total / TELL_PART)
		return total > 0 && done >= total ? 0 : -1;
	return (int64_t)((double)seconds * (double)(total - done) / (double)done);
}

static void
add_progress(
	struct request *rq, const struct rows *r, struct json_object *o, struct json_object *page)
{
	int64_t done = rows_i64(r, 0, 0), total = rows_i64(r, 0, 1);
	int64_t left = seconds_left(done, total, rows_i64(r, 0, 2));
	int64_t percent = total <= 0      ? 0
			  : done >= total ? 100
					  : (int64_t)((double)done * 100 / (double)total);
	struct json_object *p = model_child(o, "progress");

	model_i64(p, "done", done);
	model_i64(p, "total", total);
	model_i64(p, "percent", percent);
	if (left < 0)
		model_null(p, "seconds_left");
	else
		model_i64(p, "seconds_left", left);
	if (page == NULL)
		return;
	model_i64(page, "percent", percent);
	model_bool(page, "running", true);
	if (left < 0)
		model_text(page, "remaining", say(rq, "takeout.remaining_unknown"));
	else if (left < 60)
		model_text(page, "remaining", say(rq, "takeout.remaining_minute"));
	else
		model_text(page, "remaining",
			view_text(rq->a, request_lang(rq), "takeout.remaining",
				number_text(rq->a, (left + 59) / 60)));
}

static void
add_volumes(
	struct request *rq, const struct rows *r, struct json_object *o, struct json_object *page)
{
	struct json_object *list = model_list(o, "volumes"),
			   *files = page != NULL ? model_list(page, "volumes") : NULL;

	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *v = model_item(list);
		const char *path =
			arena_printf(rq->a, "/downloads/%lld", (long long)rows_i64(r, i, 0));

		model_text(v, "download", path);
		model_text(v, "name", rows_text(r, i, 1));
		model_i64(v, "size", rows_i64(r, i, 2));
		model_i64(v, "fetched", rows_i64(r, i, 3));
		model_i64(v, "fetch_max", rows_i64(r, i, 4));
		if (files == NULL)
			continue;
		v = model_item(files);
		model_text(v, "url", path);
		model_text(v, "name", rows_text(r, i, 1));
		model_text(v, "size", size_words(rq->a, rows_i64(r, i, 2)));
		model_text(v, "left",
			view_text(rq->a, request_lang(rq), "takeout.fetches_left",
				number_text(rq->a, rows_i64(r, i, 4) - rows_i64(r, i, 3))));
	}
}

struct err *
export_whole_show(struct request *rq, int64_t id, struct json_object *o, struct json_object *page)
{
	struct rows *p, *v;

	tx_queue(rq->tx, &progress, VALS(val_i64(id)), &p);
	TRY(tx_query(rq->tx, &volumes, VALS(val_i64(id)), &v));
	if (rows_count(p) > 0)
		add_progress(rq, p, o, page);
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_CLOSE_WORKSPACE))
		add_volumes(rq, v, o, page);
	return NULL;
}

static void
ask_page(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *f;

	model_text(page, "title", say(rq, "takeout.title"));
	model_crumb(page, say(rq, "exports.title"), "/exports");
	f = form_field(
		rq, model_list(page, "fields"), "choice", "reason", say(rq, "exports.reason"), "");
	form_option(f, "", say(rq, "common.choose"));
	form_words(rq, f, export_reasons, "reason");
	form_required(f);
	rp->template = "exports/whole";
}

static struct err *
ask(struct request *rq, struct response *rp)
{
	ask_page(rq, rp);
	return NULL;
}

static struct err *
start(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct export_new in = {.kind = "workspace", .entity = ENTITY_NONE, .format = "zip"};
	struct export_begun begun;
	struct err *e = NULL;

	in.reason = form_word(rq, "reason", export_reasons, &e);
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		ask_page(rq, rp);
		return NULL;
	}
	TRY(export_begin(&cx, gate_settings(), &in, &begun));
	export_answer(rq, rp, &begun);
	response_go(rp, rq, "/exports/%lld", (long long)begun.id);
	return NULL;
}

/* The mail's link: to the page of the export, for as long as there are files. */
static struct err *
follow(struct request *rq, struct response *rp)
{
	const char *token = rq->path_args[0];
	unsigned char hash[DIGEST_BYTES];
	struct rows *r;

	sha256(token, strlen(token), hash);
	TRY(tx_query(rq->tx, &by_link, VALS(val_bytes((struct bytes){hash, sizeof(hash)})), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (rows_bool(r, 0, 1))
		return err_new(rq->a, ERR_GONE, "error.download_expired");
	response_go(rp, rq, "/exports/%lld", (long long)rows_i64(r, 0, 0));
	return NULL;
}

static const struct param start_params[] = {
	{"reason", P_TEXT, IN_BODY, 0, 40, false},
	PARAM_END,
};

const struct route export_whole_routes[] = {
	ROUTE(READ, GET, "/workspace/exports", ON_PAGE, "", RIGHT_CLOSE_WORKSPACE, "", ask, NULL,
		NULL, "exports/whole", "exports.whole_ask"),
	ROUTE(WRITE, POST, "/workspace/exports", ON_BOTH, "", RIGHT_CLOSE_WORKSPACE, "export",
		start, start_params, NULL, "exports/whole", "exports.whole"),
	ROUTE(READ, GET, "/workspace/exports/{token}", ON_PAGE, "", RIGHT_CLOSE_WORKSPACE, "",
		follow, NULL, NULL, "", "exports.whole_link"),
	ROUTE_END,
};

/* SPDX-License-Identifier: ISC */
/* A job as its asker sees it: how far it is, and where its result lies. */
#include "workspace.h"

#include <string.h>

#include "date.h"

/* Who did not ask for it sees no job about a person who is not visible. The numbers
 * come first: what is worked out beside a column finds no index under a policy. */
STMT(find, "job.read", 3,
	"with j as materialized (select *, (args->>'contact')::bigint as contact, "
	"(args->>'erasure')::bigint as erasure from job where job_id = $1::bigint) "
	"select kind, state, done, total, (extract(epoch from created_at) * 1000000)::bigint, "
	"(extract(epoch from started_at) * 1000000)::bigint, "
	"(extract(epoch from finished_at) * 1000000)::bigint, result::text, error, "
	"(select contact_id::text from contact where contact_id = j.contact) "
	"from j where created_by = $2::bigint or ($3::boolean "
	"and (contact is null or exists (select from contact c where c.contact_id = j.contact)) "
	"and (erasure is null or exists (select from erasure e where e.erasure_id = j.erasure)))");

static void
add_time(struct request *rq, struct json_object *o, const char *name, const struct rows *r,
	size_t col)
{
	model_text(o, name, rows_null(r, 0, col) ? NULL : time_rfc3339(rq->a, rows_i64(r, 0, col)));
}

static const char *
word(const struct request *rq, const char *prefix, const char *code)
{
	return view_text(rq->a, request_lang(rq), arena_printf(rq->a, "%s.%s", prefix, code), NULL);
}

static void
add_fact(struct request *rq, struct json_object *facts, const char *key, const struct rows *r,
	size_t col)
{
	struct json_object *o;

	if (rows_null(r, 0, col))
		return;
	o = model_item(facts);
	model_text(o, "label", view_text(rq->a, request_lang(rq), key, NULL));
	model_text(o, "text", time_show(rq->a, rows_i64(r, 0, col), lang_tag(request_lang(rq))));
}

/* Where the result lies: a file to fetch, else the page of what was worked on. */
static void
add_links(struct request *rq, struct json_object *page, const char *kind,
	struct json_object *result, const char *contact)
{
	struct json_object *v;

	if (contact != NULL)
		model_text(page, "back_url", arena_printf(rq->a, "/contacts/%s", contact));
	else if (strncmp(kind, "field", 5) == 0)
		model_text(page, "back_url", "/settings/fields");
	else if (strcmp(kind, "erase_receipt") == 0)
		model_text(page, "back_url", "/contacts");
	else if (strcmp(kind, "books_export") == 0)
		model_text(page, "back_url", "/workspace");
	else if (strcmp(kind, "hand_over") == 0)
		model_text(page, "back_url", "/settings/users");
	else if (strcmp(kind, "list_export") == 0 || strcmp(kind, "log_export") == 0)
		model_text(page, "back_url", "/exports");
	else if (strcmp(kind, "exposure") == 0 || strcmp(kind, "breach_letters") == 0 ||
		 strcmp(kind, "incident_form") == 0)
		model_text(page, "back_url", "/privacy/incidents");
	else if (strcmp(kind, "audit_verify") == 0)
		model_text(page, "back_url", "/settings/audit");
	if (result == NULL)
		return;
	if (json_object_object_get_ex(result, "download", &v)) {
		model_text(page, "result_url", json_object_get_string(v));
		model_text(page, "result_label",
			view_text(rq->a, request_lang(rq), "job.fetch", NULL));
	} else if (json_object_object_get_ex(result, "incident", &v)) {
		model_text(page, "result_url",
			arena_printf(rq->a, "/privacy/incidents/%lld",
				(long long)json_object_get_int64(v)));
		model_text(page, "result_label",
			view_text(rq->a, request_lang(rq), "job.show_incident", NULL));
	} else if (json_object_object_get_ex(result, "import", &v)) {
		model_text(page, "result_url",
			arena_printf(rq->a, "/import/%lld", (long long)json_object_get_int64(v)));
		model_text(page, "result_label",
			view_text(rq->a, request_lang(rq), "job.show_import", NULL));
	}
}

static const char *
state_kind(const char *state)
{
	if (strcmp(state, "done") == 0)
		return "success";
	if (strcmp(state, "failed") == 0)
		return "danger";
	return strcmp(state, "running") == 0 ? "info" : "neutral";
}

static void
fill_page(struct request *rq, struct json_object *page, const struct rows *r,
	struct json_object *result)
{
	const char *state = rows_text(r, 0, 1), *error = rows_text(r, 0, 8);
	struct json_object *facts = model_list(page, "facts");

	model_i64(page, "id", request_id(rq, 0));
	model_text(page, "title", word(rq, "job.kind", rows_text(r, 0, 0)));
	model_text(page, "state_kind", state_kind(state));
	model_bool(page, "running", strcmp(state, "queued") == 0 || strcmp(state, "running") == 0);
	if (error != NULL)
		model_text(page, "error", view_text(rq->a, request_lang(rq), error, NULL));
	add_fact(rq, facts, "job.created_at", r, 4);
	add_fact(rq, facts, "job.started_at", r, 5);
	add_fact(rq, facts, "job.finished_at", r, 6);
	add_links(rq, page, rows_text(r, 0, 0), result, rows_text(r, 0, 9));
}

static struct err *
show_job(struct request *rq, struct response *rp)
{
	struct json_object *o = response_data(rp), *result = NULL;
	bool manager = principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE);
	struct rows *r;

	TRY(tx_query(rq->tx, &find,
		VALS(val_i64(request_id(rq, 0)), val_i64(rq->principal->user_id),
			val_bool(manager)),
		&r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	model_i64(o, "id", request_id(rq, 0));
	model_text(o, "kind", rows_text(r, 0, 0));
	model_text(o, "state", rows_text(r, 0, 1));
	model_i64(o, "done", rows_i64(r, 0, 2));
	if (rows_null(r, 0, 3))
		model_null(o, "total");
	else
		model_i64(o, "total", rows_i64(r, 0, 3));
	add_time(rq, o, "started_at", r, 5);
	add_time(rq, o, "finished_at", r, 6);
	if (!rows_null(r, 0, 7)) {
		result = model_own(rq->a, json_tokener_parse(rows_text(r, 0, 7)));
		json_object_object_add(o, "result", json_object_get(result));
	}
	if (!rows_null(r, 0, 8)) {
		model_text(o, "error", rows_text(r, 0, 8));
		model_text(
			o, "detail", view_text(rq->a, request_lang(rq), rows_text(r, 0, 8), NULL));
	}
	if (!rq->api)
		fill_page(rq, response_page(rp), r, result);
	return NULL;
}

const struct route job_routes[] = {
	ROUTE(READ, GET, "/jobs/{id}", ON_BOTH, "", RIGHT_SELF, "", show_job, NULL, NULL, "job",
		"job.show"),
	ROUTE_END,
};

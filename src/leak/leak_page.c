/* SPDX-License-Identifier: ISC */
/* What the last leak test came to. */
#include "leak_page.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "event.h"
#include "leak_job.h"
#include "model.h"

STMT(latest, "leak_test.latest", 0,
	"select (extract(epoch from started_at) * 1000000)::bigint, "
	"(extract(epoch from finished_at) * 1000000)::bigint, report::text from leak_test "
	"where finished_at is not null order by leak_test_id desc limit 1");
STMT(waiting, "leak_test.waiting", 0,
	"select job_id from job where unique_key = 'leak_test' and state in ('queued', 'running')");

/* "never", "clean", "leaks", or "blind": it saw nothing at all. */
static const char *
state_of(struct json_object *report)
{
	if (report == NULL)
		return "never";
	if (json_object_get_int64(json_object_object_get(report, "leaks")) > 0)
		return "leaks";
	return json_object_get_int64(json_object_object_get(report, "seen")) > 0 ? "clean"
										 : "blind";
}

static void
add_report(struct response *rp, struct json_object *report)
{
	struct json_object *o = response_data(rp);

	json_object_object_foreach(report, name, v)
		json_object_object_add(o, name, json_object_get(v));
}

static void
add_fact(const struct request *rq, struct json_object *list, const char *key, const char *text)
{
	struct json_object *o = model_item(list);

	model_text(o, "label", say_word(rq, "leaktest", key));
	model_text(o, "text", text);
}

static void
add_facts(const struct request *rq, struct json_object *report, const struct rows *r,
	struct json_object *page)
{
	static const char *const numbers[] = {"profiles", "routes", "answers", "canaries", "seen"};
	struct json_object *facts = model_list(page, "facts");

	add_fact(rq, facts, "finished",
		time_show(rq->a, rows_i64(r, 0, 1), lang_tag(request_lang(rq))));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		add_fact(rq, facts, numbers[i],
			number_text(rq->a,
				json_object_get_int64(json_object_object_get(report, numbers[i]))));
}

static const char *
text_of(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static void
add_hits(const struct request *rq, struct json_object *report, struct json_object *page)
{
	struct json_object *list = json_object_object_get(report, "hits"),
			   *to = model_list(page, "hits");
	/* A report of no profile has none. */
	size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *hit = json_object_array_get_idx(list, i), *o = model_item(to);

		model_text(o, "profile", say_word(rq, "profile", text_of(hit, "profile")));
		model_text(o, "route", text_of(hit, "route"));
		model_text(o, "surface", say_word(rq, "leaktest.surface", text_of(hit, "surface")));
		model_text(o, "how", say_word(rq, "leaktest.how", text_of(hit, "how")));
		model_text(o, "what", text_of(hit, "what"));
		model_text(o, "where", text_of(hit, "where"));
	}
}

static void
add_frame(const struct request *rq, struct json_object *page, const char *state)
{
	struct json_object *o = model_item(model_list(page, "crumbs"));

	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	model_text(page, "title", say(rq, "leaktest.title"));
	model_text(page, "state_kind",
		strcmp(state, "clean") == 0   ? "success"
		: strcmp(state, "never") == 0 ? "neutral"
					      : "danger");
	model_bool(
		page, "may_run", principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE));
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct json_object *data = response_data(rp), *page = response_page(rp), *report = NULL;
	struct rows *r, *job;
	bool any;

	tx_queue(rq->tx, &latest, NO_VALS, &r);
	TRY(tx_query(rq->tx, &waiting, NO_VALS, &job));
	any = rows_count(r) > 0;
	if (any)
		report = json_tokener_parse(rows_text(r, 0, 2));
	if (any && report == NULL)
		return err_internal(rq->a, "a report of the leak test cannot be read");
	if (any)
		model_own(rq->a, report);
	model_text(data, "state", state_of(report));
	model_text(data, "started_at", any ? time_rfc3339(rq->a, rows_i64(r, 0, 0)) : NULL);
	model_text(data, "finished_at", any ? time_rfc3339(rq->a, rows_i64(r, 0, 1)) : NULL);
	model_bool(data, "running", rows_count(job) > 0);
	if (any)
		add_report(rp, report);
	if (rq->api)
		return NULL;
	add_frame(rq, page, state_of(report));
	if (any) {
		add_facts(rq, report, r, page);
		add_hits(rq, report, page);
	}
	return NULL;
}

static struct err *
run_now(struct request *rq, struct response *rp)
{
	int64_t job;

	TRY(leak_test_ask(rq->tx, rq->a, rq->principal->user_id, &job));
	audit_queue_one(rq->tx, rq->a, "setting", "leak_test", 0, 0, NULL);
	response_flash(rp, "flash.leaktest");
	rp->status = 202;
	model_i64(response_data(rp), "job", job);
	if (rq->api)
		response_go(rp, rq, "/jobs/%lld", (long long)job);
	else
		response_go(rp, rq, "/settings/leaktest");
	return NULL;
}

const struct route leak_routes[] = {
	ROUTE(READ, GET, "/settings/leaktest", ON_BOTH, "", RIGHT_VIEW_AUDIT, "", show, NULL, NULL,
		"settings/leaktest", "leaktest.show"),
	ROUTE(WRITE, POST, "/settings/leaktest", ON_BOTH, "", RIGHT_MANAGE_WORKSPACE, "setting",
		run_now, NULL, NULL, "", "leaktest.run"),
	ROUTE_END,
};

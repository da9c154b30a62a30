/* SPDX-License-Identifier: ISC */
/* Whether the log is whole: the last look at all of it, and asking for another. */
#include "workspace.h"

#include <string.h>

#include "audit.h"
#include "controls.h"
#include "date.h"
#include "job.h"

STMT(last_check, "audit.last_check", 0,
	"select c.result::text, (extract(epoch from c.at) * 1000000)::bigint, u.name "
	"from audit_check c left join app_user u on u.user_id = c.made_by "
	"order by c.check_id desc limit 1");
STMT(running, "audit.running_check", 0,
	"select job_id from job where unique_key = 'audit_verify' and state in ('queued', "
	"'running')");

static void
finding_words(const struct request *rq, struct json_object *o)
{
	const char *kind = json_object_get_string(json_object_object_get(o, "kind"));
	const char *at = json_object_get_string(json_object_object_get(o, "sealed_at"));
	int64_t usec;

	model_text(o, "label", say_word(rq, "whole.finding", kind));
	if (at != NULL && time_parse(at, &usec))
		model_text(o, "when", time_show(rq->a, usec, lang_tag(request_lang(rq))));
}

static void
words(const struct request *rq, struct json_object *o, int64_t at)
{
	struct json_object *list = json_object_object_get(o, "findings");
	const char *sealed = json_object_get_string(json_object_object_get(o, "sealed_at"));
	int64_t usec;

	model_text(o, "when", time_show(rq->a, at, lang_tag(request_lang(rq))));
	if (sealed != NULL && time_parse(sealed, &usec))
		model_text(o, "sealed_text", time_show(rq->a, usec, lang_tag(request_lang(rq))));
	for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++)
		finding_words(rq, json_object_array_get_idx(list, i));
}

struct err *
audit_whole_model(struct request *rq, struct json_object *o)
{
	struct json_object *last;
	struct rows *r, *job;

	tx_queue(rq->tx, &running, NO_VALS, &job);
	TRY(tx_query(rq->tx, &last_check, NO_VALS, &r));
	if (rows_count(job) > 0)
		model_i64(o, "running", rows_i64(job, 0, 0));
	else
		model_null(o, "running");
	if (rows_count(r) == 0) {
		model_null(o, "last");
		return NULL;
	}
	last = model_own(rq->a, json_tokener_parse(rows_text(r, 0, 0)));
	model_text(last, "at", time_rfc3339(rq->a, rows_i64(r, 0, 1)));
	model_text(last, "by", rows_text(r, 0, 2));
	if (!rq->api)
		words(rq, last, rows_i64(r, 0, 1));
	json_object_object_add(o, "last", json_object_get(last));
	return NULL;
}

static struct err *
show(struct request *rq, struct response *rp)
{
	return audit_whole_model(rq, response_data(rp));
}

static struct err *
verify(struct request *rq, struct response *rp)
{
	int64_t job;

	TRY(job_enqueue(
		rq->tx, rq->a, "audit_verify", NULL, "audit_verify", rq->principal->user_id, &job));
	rp->status = 202;
	if (rq->api)
		model_i64(response_data(rp), "job", job);
	response_go(rp, rq, "/jobs/%lld", (long long)job);
	return NULL;
}

const struct route audit_whole_routes[] = {
	ROUTE(READ, GET, "/audit/verify", ON_API, "", RIGHT_VIEW_AUDIT, "", show, NULL, NULL, "",
		"audit.whole"),
	ROUTE(WRITE, POST, "/audit/verify", ON_API, "", RIGHT_VIEW_AUDIT, "view", verify, NULL,
		NULL, "", "audit.verify"),
	ROUTE(WRITE, POST, "/settings/audit/verify", ON_PAGE, "", RIGHT_VIEW_AUDIT, "view", verify,
		NULL, NULL, "settings/audit", "settings.audit_verify"),
	ROUTE_END,
};

/* SPDX-License-Identifier: ISC */
/* Asking for an export: a question with what it means, then a job. */
#include <string.h>

#include "event.h"
#include "export_guard.h"
#include "model.h"
#include "password.h"
#include "person_export.h"
#include "utf8.h"

STMT(whom, "person_export.whom", 3,
	"select coalesce(case when $2::boolean then name_en end, "
	"case when $3::boolean then name_zh end, contact_id::text), erased_at is not null "
	"from contact "
	"where contact_id = $1::bigint");

static struct err *
find_person(struct request *rq, const char **name_r)
{
	const struct record_ctx cx = record_ctx_of(rq);
	struct rows *r;

	TRY(tx_query(rq->tx, &whom,
		VALS(val_i64(request_id(rq, 0)),
			val_bool(record_reads(&cx, ENTITY_CONTACT, "name_en")),
			val_bool(record_reads(&cx, ENTITY_CONTACT, "name_zh"))),
		&r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (rows_bool(r, 0, 1))
		return err_new(rq->a, ERR_CONFLICT, "error.erased");
	*name_r = rows_text(r, 0, 0);
	return NULL;
}

static struct err *
confirm_page(struct request *rq, struct response *rp, const char *name)
{
	static const char *const points[] = {
		"export.point_internal", "export.point_full", "export.point_day"};
	struct json_object *o = response_page(rp), *list = model_list(o, "points"), *f;
	const char *url = arena_printf(rq->a, "/contacts/%lld", (long long)request_id(rq, 0));
	enum lang l = request_lang(rq);

	model_text(o, "title", view_text(rq->a, l, "export.confirm_title", name));
	model_text(o, "text", view_text(rq->a, l, "export.confirm_text", NULL));
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		model_push_text(list, view_text(rq->a, l, points[i], NULL));
	model_text(o, "action", arena_printf(rq->a, "%s/export", url));
	model_text(o, "submit", view_text(rq->a, l, "export.submit", NULL));
	model_text(o, "cancel_url", url);
	f = model_item(model_list(o, "fields"));
	model_text(f, "name", "password");
	model_text(f, "type", "password");
	model_text(f, "label", view_text(rq->a, l, "export.password", NULL));
	model_text(f, "hint", view_text(rq->a, l, "export.password_hint", NULL));
	model_text(f, "autocomplete", "new-password");
	rp->template = "confirm";
	return NULL;
}

/* The question shows a name, so it is a look at the person. */
static struct err *
ask(struct request *rq, struct response *rp)
{
	static const char *const fields[] = {"name_en", "name_zh"};
	int64_t *id = ARENA_NEW(rq->a, int64_t);
	struct audit_event ev = {.action = "view",
		.entity = "contact",
		.records = id,
		.nrecords = 1,
		.subjects = id,
		.nsubjects = 1,
		.fields = fields,
		.nfields = 2};
	const char *name;

	TRY(find_person(rq, &name));
	*id = request_id(rq, 0);
	audit_queue(rq->tx, rq->a, &ev);
	return confirm_page(rq, rp, name);
}

static struct err *
start(struct request *rq, struct response *rp)
{
	const char *password = request_text(rq, "password"), *name;
	const struct record_ctx cx = record_ctx_of(rq);
	struct export_new in = {.kind = "person",
		.entity = ENTITY_CONTACT,
		.contact_id = request_id(rq, 0),
		.format = "zip",
		.reason = "work",
		.password = password};
	struct export_begun begun;
	struct err *e = NULL;

	TRY(find_person(rq, &name));
	if (password != NULL && utf8_length(password) < PASSWORD_MIN)
		err_add_field(rq->a, &e, "password", "error.password_short",
			arena_printf(rq->a, "%d", PASSWORD_MIN));
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		TRY(response_again(rp, rq, e));
		return ask(rq, rp);
	}
	TRY(export_begin(&cx, gate_settings(), &in, &begun));
	export_answer(rq, rp, &begun);
	return NULL;
}

static const struct param start_params[] = {
	{"password", P_TEXT, IN_BODY, 0, PASSWORD_MAX, false},
	PARAM_END,
};

const struct route person_export_routes[] = {
	ROUTE(READ, GET, "/contacts/{id}/export", ON_PAGE, "contact", RIGHT_RUN_REQUESTS, "view",
		ask, NULL, NULL, "confirm", "person_export.ask"),
	ROUTE(WRITE, POST, "/contacts/{id}/export", ON_BOTH, "contact", RIGHT_RUN_REQUESTS,
		"export", start, start_params, NULL, "confirm", "person_export.start"),
	ROUTE_END,
};

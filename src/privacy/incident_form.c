/* SPDX-License-Identifier: ISC */
/*
 * The Commissioner's data breach notification form: its four parts with what the
 * incident knows of each. To be printed and copied from; what is not known here is left
 * to whoever fills it in.
 */
#include <string.h>

#include "controls.h"
#include "date.h"
#include "incident.h"
#include "job.h"

STMT(closings, "incident.closings", 1,
	"select step::bigint, note from incident_event where incident_id = $1::bigint and action = "
	"'close' order by step");
STMT(newest, "incident.newest_list", 1,
	"select people, summary::text from exposure where incident_id = $1::bigint and state = "
	"'frozen' order by exposure_id desc limit 1");

STMT(made, "incident.form_made", 3,
	"insert into incident_event (incident_id, action, note, data) values ($1::bigint, 'form', "
	"$2, $3::jsonb) returning event_id");

static void
row(struct request *rq, struct json_object *list, const char *name, const char *text)
{
	struct json_object *o = model_item(list);

	model_text(o, "name", name);
	model_text(o, "label", say_word(rq, "dbn", name));
	model_text(o, "text", text);
}

static struct json_object *
part(struct request *rq, struct json_object *parts, const char *name)
{
	struct json_object *o = model_item(parts);

	model_text(o, "part", name);
	model_text(o, "title", say_word(rq, "dbn.part", name));
	return model_list(o, "rows");
}

static const char *
when(const struct request *rq, int64_t at)
{
	return at == 0 ? NULL : time_show(rq->a, at, lang_tag(request_lang(rq)));
}

/* "Identity 12, Contact details 9" */
static const char *
kinds_text(struct request *rq, const struct rows *r)
{
	struct json_object *o, *all;
	struct sb sb;

	if (rows_count(r) == 0)
		return NULL;
	o = model_own(rq->a, json_tokener_parse(rows_text(r, 0, 1)));
	if (!json_object_object_get_ex(o, "categories", &all))
		return NULL;
	sb_init(&sb, rq->a, 4096);
	json_object_object_foreach(all, key, n)
	{
		sb_printf(&sb, "%s%s %s", sb.n > 0 ? ", " : "", say_word(rq, "field.category", key),
			number_text(rq->a, json_object_get_int64(n)));
	}
	return sb.n > 0 ? sb.p : NULL;
}

static void
particulars(struct request *rq, const struct incident *in, const struct rows *list,
	const char *const *notes, struct json_object *rows)
{
	row(rq, rows, "what", incident_text(in, "what"));
	row(rq, rows, "cause", say_word(rq, "incidents.kind", in->kind));
	row(rq, rows, "gathered", notes[1]);
	row(rq, rows, "began", when(rq, in->began_at));
	row(rq, rows, "aware", when(rq, in->aware_at));
	row(rq, rows, "found", incident_text(in, "found_how"));
	row(rq, rows, "data", kinds_text(rq, list));
	row(rq, rows, "people",
		rows_count(list) > 0 ? number_text(rq->a, rows_i64(list, 0, 0)) : NULL);
	row(rq, rows, "stored", say_word(rq, "region", rq->tenant->region));
	row(rq, rows, "provider", NULL);
}

static void
remedies(struct request *rq, const struct incident *in, const char *const *notes,
	struct json_object *rows)
{
	row(rq, rows, "contained", notes[2]);
	row(rq, rows, "harm", notes[3]);
	row(rq, rows, "told_people", when(rq, in->subjects_at));
	row(rq, rows, "told_others", when(rq, in->others_at));
	row(rq, rows, "learned", notes[5]);
}

static struct err *
fill(struct request *rq, const struct incident *in, struct json_object *o)
{
	struct json_object *parts, *rows;
	const char *notes[INCIDENT_STEPS + 1] = {NULL};
	struct rows *r, *list;

	tx_queue(rq->tx, &newest, VALS(val_i64(in->id)), &list);
	TRY(tx_query(rq->tx, &closings, VALS(val_i64(in->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		notes[rows_i64(r, i, 0)] =
			incident_unseal(rq->a, in, "note", rows_bytes(rq->a, r, i, 1));
	parts = model_list(o, "parts");
	rows = part(rq, parts, "a");
	row(rq, rows, "data_user", rq->tenant->name);
	row(rq, rows, "address", NULL);
	rows = part(rq, parts, "b");
	row(rq, rows, "contact", NULL);
	row(rq, rows, "post", NULL);
	row(rq, rows, "reach", NULL);
	particulars(rq, in, list, notes, part(rq, parts, "c"));
	remedies(rq, in, notes, part(rq, parts, "d"));
	model_text(o, "reference", in->reference);
	model_bool(o, "statutory", false);
	return NULL;
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct json_object *page;
	struct incident in;

	TRY(incident_right(rq));
	TRY(incident_load(rq, request_id(rq, 0), &in));
	TRY(fill(rq, &in, response_data(rp)));
	incident_log(rq, "view", in.id, NULL);
	if (rq->api)
		return NULL;
	page = response_page(rp);
	model_bool(page, "may_make", principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS));
	model_i64(page, "incident", in.id);
	incident_crumbs(rq, &in, page);
	model_text(page, "title", say(rq, "dbn.title"));
	model_text(page, "subtitle", in.reference);
	return NULL;
}

/* As it is now, kept with the incident; a job makes the PDF of it. */
static struct err *
make(struct request *rq, struct response *rp)
{
	struct json_object *o = model_object(rq->a), *data = model_object(rq->a);
	const char *text, *language = lang_tag(request_lang(rq));
	struct incident in;
	struct rows *r;
	int64_t job;

	TRY(incident_load(rq, request_id(rq, 0), &in));
	TRY(fill(rq, &in, o));
	model_text(data, "language", language);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	TRY(tx_query(rq->tx, &made,
		VALS(val_i64(in.id), val_bytes(incident_seal(rq, &in, "form", text)),
			val_text(json_object_to_json_string_ext(data, JSON_C_TO_STRING_PLAIN))),
		&r));
	data = model_object(rq->a);
	model_i64(data, "incident", in.id);
	model_i64(data, "form", rows_i64(r, 0, 0));
	TRY(job_enqueue(rq->tx, rq->a, "incident_form", data, NULL, rq->principal->user_id, &job));
	incident_log(rq, "export", in.id, "form_asked");
	rp->status = 202;
	if (rq->api)
		model_i64(response_data(rp), "job", job);
	response_go(rp, rq, "/jobs/%lld", (long long)job);
	return NULL;
}

const struct route incident_form_routes[] = {
	ROUTE(READ, GET, "/privacy/incidents/{id}/form", ON_BOTH, "", RIGHT_SELF, "view", show,
		NULL, NULL, "privacy/incident_form", "incident.form"),
	ROUTE(WRITE, POST, "/privacy/incidents/{id}/form", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", make, NULL, NULL, "", "incident.make_form"),
	ROUTE_END,
};

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

STMT(closings, "incident.closings", 1,
	"select step::bigint, note from incident_event where incident_id = $1::bigint and action = "
	"'close' order by step");
STMT(newest, "incident.newest_list", 1,
	"select people, summary::text from exposure where incident_id = $1::bigint and state = "
	"'frozen' order by exposure_id desc limit 1");

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
show(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *parts, *rows;
	const char *notes[INCIDENT_STEPS + 1] = {NULL};
	struct rows *r, *list;
	struct incident in;

	TRY(incident_right(rq));
	TRY(incident_load(rq, request_id(rq, 0), &in));
	tx_queue(rq->tx, &newest, VALS(val_i64(in.id)), &list);
	TRY(tx_query(rq->tx, &closings, VALS(val_i64(in.id)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		notes[rows_i64(r, i, 0)] =
			incident_unseal(rq->a, &in, "note", rows_bytes(rq->a, r, i, 1));
	incident_log(rq, "view", in.id, NULL);
	parts = model_list(response_data(rp), "parts");
	rows = part(rq, parts, "a");
	row(rq, rows, "data_user", rq->tenant->name);
	row(rq, rows, "address", NULL);
	rows = part(rq, parts, "b");
	row(rq, rows, "contact", NULL);
	row(rq, rows, "post", NULL);
	row(rq, rows, "reach", NULL);
	particulars(rq, &in, list, notes, part(rq, parts, "c"));
	remedies(rq, &in, notes, part(rq, parts, "d"));
	model_text(response_data(rp), "reference", in.reference);
	model_bool(response_data(rp), "statutory", false);
	if (rq->api)
		return NULL;
	incident_crumbs(rq, &in, page);
	model_text(page, "title", say(rq, "dbn.title"));
	model_text(page, "subtitle", in.reference);
	return NULL;
}

const struct route incident_form_routes[] = {
	ROUTE(READ, GET, "/privacy/incidents/{id}/form", ON_BOTH, "", RIGHT_SELF, "view", show,
		NULL, NULL, "privacy/incident_form", "incident.form"),
	ROUTE_END,
};

/* SPDX-License-Identifier: ISC */
/* Incidents as pages: all of them, a new one, and one with what can be done. */
#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "cursor.h"
#include "date.h"
#include "exposure.h"
#include "incident.h"
#include "text.h"

#define PAGE 50

STMT(add_key, "incident.key", 1,
	"insert into data_key (purpose, wrapped) values ('incident', $1) returning key_id");
STMT(add, "incident.insert", 5,
	"insert into incident (kind, aware_at, began_at, key_id, particulars) values ($1, "
	"to_timestamp($2::bigint / 1000000.0), to_timestamp($3::bigint / 1000000.0), $4::bigint, "
	"$5) returning incident_id");
STMT(recorded, "incident.recorded", 1,
	"insert into incident_event (incident_id, action) values ($1::bigint, 'record')");
STMT(find_events, "incident.events", 1,
	"select e.action, e.step, (extract(epoch from e.at) * 1000000)::bigint, u.name, e.note, "
	"e.data::text, e.sole from incident_event e left join app_user u on u.user_id = e.by_user "
	"where e.incident_id = $1::bigint order by e.event_id desc limit 300");
STMT(read_clock, "incident.clock", 0,
	"select to_char(now() at time zone 'Asia/Hong_Kong', 'YYYY-MM-DD\"T\"HH24:MI')");

/* ---- one */

static const char *
event_text(struct request *rq, const struct incident *in, const struct rows *r, size_t i)
{
	const char *note = incident_unseal(rq->a, in, "note", rows_bytes(rq->a, r, i, 4));
	struct json_object *data = model_own(rq->a, json_tokener_parse(rows_text(r, i, 5))), *v;
	int64_t at;
	struct sb sb;

	sb_init(&sb, rq->a, 65536);
	if (json_object_object_get_ex(data, "notify", &v))
		sb_printf(&sb, "%s\n",
			say(rq, json_object_get_boolean(v) ? "incidents.notify.yes"
							   : "incidents.notify.no"));
	if (json_object_object_get_ex(data, "whom", &v))
		sb_printf(&sb, "%s\n", say_word(rq, "incidents.whom", json_object_get_string(v)));
	if (json_object_object_get_ex(data, "at", &v) && time_parse(json_object_get_string(v), &at))
		sb_printf(&sb, "%s\n", time_show(rq->a, at, lang_tag(request_lang(rq))));
	if (json_object_object_get_ex(data, "people", &v))
		sb_printf(
			&sb, "%s\n", count_text(rq, "incidents.people", json_object_get_int64(v)));
	if (json_object_object_get_ex(data, "digest", &v))
		sb_printf(&sb, "SHA-256 %s\n", json_object_get_string(v));
	if (note != NULL)
		sb_printf(&sb, "%s\n", note);
	return sb.p;
}

static void
event_words(struct request *rq, const struct rows *r, size_t i, struct json_object *o)
{
	const char *title = say_word(rq, "incidents.event", rows_text(r, i, 0));

	model_text(o, "kind", "change");
	model_text(o, "when", time_show(rq->a, rows_i64(r, i, 2), lang_tag(request_lang(rq))));
	if (!rows_null(r, i, 1))
		title = arena_printf(rq->a, "%s: %s", title,
			say_word(rq, "incidents.step",
				arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 1))));
	model_text(o, "title", title);
	if (!rows_bool(r, i, 6))
		return;
	o = model_item(model_list(o, "badges"));
	model_text(o, "kind", "warning");
	model_text(o, "text", say(rq, "requests.sole"));
}

static struct err *
add_events(struct request *rq, const struct incident *in, struct json_object *list)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &find_events, VALS(val_i64(in->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);

		model_text(o, "action", rows_text(r, i, 0));
		if (rows_null(r, i, 1))
			model_null(o, "step");
		else
			model_i64(o, "step", rows_i64(r, i, 1));
		model_text(o, "at", time_rfc3339(rq->a, rows_i64(r, i, 2)));
		model_text(o, "who", rows_text(r, i, 3));
		model_text(o, "text", event_text(rq, in, r, i));
		model_bool(o, "sole_approver", rows_bool(r, i, 6));
		if (!rq->api)
			event_words(rq, r, i, o);
	}
	return NULL;
}

static void
fact(struct request *rq, struct json_object *list, const char *name, const char *text)
{
	struct json_object *o;

	if (text == NULL)
		return;
	o = model_item(list);
	model_text(o, "label", say_word(rq, "incidents", arena_printf(rq->a, "%s_title", name)));
	model_text(o, "text", text);
}

static const char *
when(const struct request *rq, int64_t at)
{
	return at == 0 ? NULL : time_show(rq->a, at, lang_tag(request_lang(rq)));
}

static void
add_facts(struct request *rq, const struct incident *in, struct json_object *page)
{
	struct json_object *list = model_list(page, "facts");

	fact(rq, list, "title", incident_text(in, "title"));
	fact(rq, list, "what", incident_text(in, "what"));
	fact(rq, list, "found_how", incident_text(in, "found_how"));
	fact(rq, list, "began_at", when(rq, in->began_at));
	fact(rq, list, "aware_at", when(rq, in->aware_at));
	if (in->decided)
		fact(rq, list, "decision",
			say(rq, in->notify ? "incidents.notify.yes" : "incidents.notify.no"));
	fact(rq, list, "decided_by", in->decider);
	fact(rq, list, "approved_by", in->approver);
	fact(rq, list, "pcpd_at", when(rq, in->pcpd_at));
	fact(rq, list, "subjects_at", when(rq, in->subjects_at));
	fact(rq, list, "others_at", when(rq, in->others_at));
	fact(rq, list, "recorded_by", in->recorder);
	fact(rq, list, "closed_at", when(rq, in->closed_at));
}

static const char *
lacks_text(struct request *rq, const char *codes)
{
	struct sb sb;

	sb_init(&sb, rq->a, 4096);
	for (const char *end; *codes != '\0'; codes = *end == ',' ? end + 1 : end) {
		end = codes + strcspn(codes, ",");
		sb_printf(&sb, "%s%s", sb.n > 0 ? "; " : "",
			say_word(rq, "incidents.lack",
				arena_strndup(rq->a, codes, (size_t)(end - codes))));
	}
	return sb.p;
}

#define STEP_CONTAIN 2

static void
add_steps(struct request *rq, const struct incident *in, struct json_object *page)
{
	struct json_object *list = model_list(page, "steps");
	bool runs = principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS);

	for (int i = 0; i < INCIDENT_STEPS; i++) {
		const struct incident_stage *s = &in->stages[i];
		struct json_object *o = model_item(list);
		const char *n = arena_printf(rq->a, "%d", i + 1);

		model_text(o, "step", n);
		model_text(o, "label", say_word(rq, "incidents.step", n));
		model_text(o, "help", say_word(rq, "incidents.step_help", n));
		model_text(o, "started", when(rq, s->started_at));
		model_text(o, "closed", when(rq, s->closed_at));
		model_bool(o, "may_start", runs && in->closed_at == 0 && s->started_at == 0);
		/* Where accounts are locked and signed out. */
		if (i + 1 == STEP_CONTAIN && in->closed_at == 0 && s->closed_at == 0 &&
			principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_USERS))
			model_text(o, "users_url", "/settings/users");
		if (!runs || s->started_at == 0 || s->closed_at != 0)
			continue;
		if (*s->lacks == '\0')
			model_text(o, "close_url",
				arena_printf(rq->a, "/privacy/incidents/%lld/close?step=%s",
					(long long)in->id, n));
		else
			model_text(o, "lacks", lacks_text(rq, s->lacks));
	}
}

static void
action(struct request *rq, const struct incident *in, struct json_object *list, const char *name,
	const char *path, const char *lacks, bool may)
{
	struct json_object *o;

	if (!may || *lacks != '\0')
		return;
	o = model_item(list);
	model_text(o, "label", say_word(rq, "incidents.action", name));
	model_text(o, "url",
		arena_printf(rq->a, "/privacy/incidents/%lld/%s", (long long)in->id, path));
}

static void
add_actions(struct request *rq, const struct incident *in, struct json_object *page)
{
	bool runs = principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS);
	bool approves = principal_may(rq->principal, ENTITY_NONE, RIGHT_APPROVE_REQUESTS);
	struct json_object *list = model_list(page, "todo");

	action(rq, in, list, "list", "lists/new", in->closed_at != 0 ? "closed" : "", runs);
	action(rq, in, list, "decide", "decide", in->decide_lacks, runs);
	action(rq, in, list, "approve", "approve", in->approve_lacks, approves);
	action(rq, in, list, "told", "told", in->told_lacks, runs);
	action(rq, in, list, "letters", "letters", in->told_lacks, runs);
	action(rq, in, list, "form", "form", "", true);
	action(rq, in, list, "note", "note", "", runs);
	model_text(page, "told_lacks",
		in->closed_at == 0 && *in->told_lacks != '\0' ? lacks_text(rq, in->told_lacks)
							      : NULL);
}

struct err *
incident_show(struct request *rq, struct response *rp, const struct incident *in)
{
	struct json_object *data = response_data(rp), *page, *o;

	incident_model(rq, in, data);
	TRY(add_events(rq, in, model_list(data, "events")));
	TRY(exposure_lists(rq, in, model_list(data, "lists")));
	if (rq->api)
		return NULL;
	page = response_page(rp);
	rp->template = "privacy/incident";
	incident_words(rq, in, data);
	incident_crumbs(rq, NULL, page);
	model_text(
		page, "title", view_text(rq->a, request_lang(rq), "incidents.one", in->reference));
	model_text(page, "subtitle", say_word(rq, "incidents.kind", in->kind));
	model_i64(page, "version", in->version);
	o = model_item(model_list(page, "badges"));
	model_text(o, "kind", "info");
	model_text(o, "text", say_word(rq, "incidents.state", in->state));
	json_object_array_add(json_object_object_get(page, "badges"),
		json_object_get(json_object_object_get(data, "badge")));
	if (!in->holidays_known && in->closed_at == 0) {
		o = model_item(model_list(page, "notices"));
		model_text(o, "kind", "warning");
		model_text(o, "text", say(rq, "requests.holidays_unknown"));
	}
	add_facts(rq, in, page);
	add_steps(rq, in, page);
	add_actions(rq, in, page);
	return NULL;
}

static struct err *
read_incident(struct request *rq, struct response *rp)
{
	struct incident in;

	TRY(incident_right(rq));
	TRY(incident_load(rq, request_id(rq, 0), &in));
	incident_log(rq, "view", in.id, NULL);
	return incident_show(rq, rp, &in);
}

/* ---- all */

static struct err *
list_all(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items"), *page, *o;
	const char *next = NULL;
	struct incident *list;
	int64_t before;
	size_t n;

	TRY(incident_right(rq));
	TRY(cursor_number(rq, "incident.list", &before));
	TRY(incident_all(rq, before != 0 ? before : INT64_MAX, PAGE + 1, &list, &n));
	if (n > PAGE)
		next = cursor_of_number(rq, "incident.list", list[PAGE - 1].id);
	for (size_t i = 0; i < n && i < PAGE; i++) {
		o = model_item(items);
		incident_model(rq, &list[i], o);
		if (!rq->api)
			incident_words(rq, &list[i], o);
	}
	incident_log(rq, "list", 0, NULL);
	model_text(response_data(rp), "next", next);
	if (rq->api)
		return NULL;
	page = response_page(rp);
	o = model_item(model_list(page, "crumbs"));
	model_text(o, "label", say(rq, "requests.title"));
	model_text(o, "url", "/privacy");
	model_text(page, "title", say(rq, "incidents.title"));
	model_text(page, "subtitle", say(rq, "incidents.lead"));
	cursor_pager(rq, page, "/privacy/incidents", next);
	if (!principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		return NULL;
	o = model_item(model_list(page, "actions"));
	model_text(o, "key", "new");
	model_text(o, "label", say(rq, "incidents.new"));
	model_text(o, "url", "/privacy/incidents/new");
	return NULL;
}

/* ---- a new one */

static struct err *
new_form(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "fields"), *f;
	struct rows *r;

	rp->template = "privacy/step";
	TRY(tx_query(rq->tx, &read_clock, NO_VALS, &r));
	incident_crumbs(rq, NULL, page);
	model_text(page, "title", say(rq, "incidents.new"));
	model_text(page, "law", say(rq, "incidents.new_help"));
	model_text(page, "action", "/privacy/incidents");
	model_text(page, "cancel_url", "/privacy/incidents");
	f = incident_field(rq, list, "text", "title", "");
	form_required(f);
	model_i64(f, "max", 200);
	f = incident_field(rq, list, "choice", "kind", "");
	form_required(f);
	form_words(rq, f, incident_kinds, "incidents.kind");
	f = incident_field(rq, list, "time", "aware_at", rows_text(r, 0, 0));
	form_hint(rq, f, "incidents.aware_hint");
	f = incident_field(rq, list, "time", "began_at", "");
	form_hint(rq, f, "incidents.began_hint");
	f = incident_field(rq, list, "long_text", "what", "");
	form_required(f);
	incident_field(rq, list, "long_text", "found_how", "");
	return NULL;
}

struct new_incident {
	const char *kind, *title, *what, *found_how;
	int64_t aware_at, began_at;
};

static const char *
text_of(struct request *rq, const char *name, bool lines)
{
	const char *text = request_text(rq, name);

	return text != NULL ? text_clean(rq->a, text, lines) : NULL;
}

static struct err *
read_new(struct request *rq, struct new_incident *n, struct err **e)
{
	int64_t now;

	TRY(case_now(rq, &now));
	n->kind = form_word(rq, "kind", incident_kinds, e);
	n->title = text_of(rq, "title", false);
	n->what = text_of(rq, "what", true);
	n->found_how = text_of(rq, "found_how", true);
	if (n->title == NULL)
		err_add_field(rq->a, e, "title", "error.required", NULL);
	if (n->what == NULL)
		err_add_field(rq->a, e, "what", "error.required", NULL);
	incident_read_time(rq, "aware_at", now, &n->aware_at, e);
	incident_read_time(rq, "began_at", n->aware_at, &n->began_at, e);
	if (*e != NULL)
		return NULL;
	if (n->aware_at > now)
		err_add_field(rq->a, e, "aware_at", "error.still_to_come", NULL);
	else if (n->began_at > n->aware_at)
		err_add_field(rq->a, e, "began_at", "error.began", NULL);
	return NULL;
}

static struct err *
insert(struct request *rq, const struct new_incident *n, int64_t *id_r)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *o = model_object(rq->a);
	struct incident in = {.opens = true};
	struct bytes wrapped = data_key_new(&cx, "incident", &in.key);
	struct rows *r;

	TRY(tx_query(rq->tx, &add_key, VALS(val_bytes(wrapped)), &r));
	in.key.id = rows_i64(r, 0, 0);
	model_text(o, "title", n->title);
	model_text(o, "what", n->what);
	model_text(o, "found_how", n->found_how);
	TRY(tx_query(rq->tx, &add,
		VALS(val_text(n->kind), val_i64(n->aware_at), val_i64(n->began_at),
			val_i64(in.key.id),
			val_bytes(incident_seal(rq, &in, "particulars",
				json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN)))),
		&r));
	*id_r = rows_i64(r, 0, 0);
	tx_queue(rq->tx, &recorded, VALS(val_i64(*id_r)), NULL);
	incident_log(rq, "create", *id_r, NULL);
	return NULL;
}

static struct err *
create(struct request *rq, struct response *rp)
{
	struct new_incident n = {.kind = NULL};
	struct exposure_ask ask = {.nwindows = 0};
	struct err *e = NULL;
	struct incident in;
	int64_t id, job;

	TRY(read_new(rq, &n, &e));
	/* A program names what to look for at once. */
	if (rq->api && (request_has(rq, "from") || request_has(rq, "to")))
		TRY(exposure_read(rq, &ask, &e));
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return new_form(rq, rp);
	}
	TRY(insert(rq, &n, &id));
	if (ask.nwindows > 0)
		TRY(exposure_add(rq, id, &ask, NULL, &job));
	TRY(incident_load(rq, id, &in));
	response_flash(rp, "flash.incident_recorded");
	rp->status = 201;
	if (rq->api)
		TRY(incident_show(rq, rp, &in));
	response_go(rp, rq, "/privacy/incidents/%lld", (long long)id);
	return tx_run(rq->tx);
}

#define DESCRIBED \
	{"kind", P_TEXT, IN_BODY, 0, 20, false}, {"title", P_TEXT, IN_BODY, 0, 200, false}, \
		{"what", P_LONG, IN_BODY, 0, 8000, false}, \
		{"found_how", P_LONG, IN_BODY, 0, 4000, false}, \
		{"aware_at", P_TEXT, IN_BODY, 0, 40, false}, \
	{ \
		"began_at", P_TEXT, IN_BODY, 0, 40, false \
	}
static const struct param all_params[] = {
	{"after", P_TEXT, IN_QUERY, 0, 200, false},
	PARAM_END,
};
static const struct param form_params[] = {DESCRIBED, PARAM_END};
static const struct param api_params[] = {DESCRIBED, EXPOSURE_PARAMS,
	{"actor", P_I64, IN_BODY, 1, 0, false}, {"session", P_I64, IN_BODY, 1, 0, false},
	{"ip", P_TEXT, IN_BODY, 0, 45, false}, PARAM_END};

const struct route incident_routes[] = {
	ROUTE(READ, GET, "/privacy/incidents", ON_BOTH, "", RIGHT_SELF, "list", list_all,
		all_params, NULL, "privacy/incidents", "incident.list"),
	ROUTE(READ, GET, "/privacy/incidents/new", ON_PAGE, "", RIGHT_RUN_REQUESTS, "", new_form,
		NULL, NULL, "privacy/step", "incident.new"),
	ROUTE(WRITE, POST, "/privacy/incidents", ON_API, "", RIGHT_RUN_REQUESTS, "create", create,
		api_params, NULL, "", "incident.create"),
	ROUTE(WRITE, POST, "/privacy/incidents", ON_PAGE, "", RIGHT_RUN_REQUESTS, "create", create,
		form_params, NULL, "privacy/step", "incident.add"),
	ROUTE(READ, GET, "/privacy/incidents/{id}", ON_BOTH, "", RIGHT_SELF, "view", read_incident,
		NULL, NULL, "privacy/incident", "incident.read"),
	ROUTE_END,
};

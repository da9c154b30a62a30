/* SPDX-License-Identifier: ISC */
/*
 * What is done about an incident: an address for each action, and a page for what it
 * asks. Whether it may be done is the database's to say; it is asked before, so that
 * whoever asks learns what is missing.
 */
#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "date.h"
#include "event.h"
#include "incident.h"
#include "outbox.h"
#include "text.h"

#define NOTE_MAX 8000

STMT(act_event, "incident.act", 5,
	"insert into incident_event (incident_id, action, step, note, data) values ($1::bigint, "
	"$2, $3::bigint::integer, $4, $5::jsonb) returning sole");
STMT(second, "incident.second", 2,
	"select request_approver($1::bigint), decided_by is not distinct from $1::bigint, "
	"request_other_approver($1::bigint) from incident where incident_id = $2::bigint");
STMT(administrators, "incident.administrators", 0,
	"select u.user_id, u.email, u.name, u.language from app_user u join profile p using "
	"(profile_id) where u.active and p.builtin and p.name = 'administrator' order by 1 limit "
	"100");

/* What an action takes; "!" before what it cannot do without. */
static const struct action {
	const char *name;
	const char *takes[5];
} actions[] = {
	{"start", {"!step"}},
	{"close", {"!step", "!note"}},
	{"decide", {"!notify", "!note"}},
	{"approve", {"note"}},
	{"told", {"!whom", "!at", "note"}},
	{"note", {"!note"}},
};

static const struct param act_params[] = {
	{"step", P_I64, IN_BODY, 1, INCIDENT_STEPS, false},
	{"note", P_LONG, IN_BODY, 0, NOTE_MAX, false},
	{"notify", P_TEXT, IN_BODY, 0, 10, false},
	{"whom", P_TEXT, IN_BODY, 0, 20, false},
	{"at", P_TEXT, IN_BODY, 0, 40, false},
	PARAM_END,
};
static const struct param ask_params[] = {
	{"step", P_I64, IN_QUERY, 1, INCIDENT_STEPS, false},
	PARAM_END,
};
static const char *const yes_no[] = {"yes", "no", NULL};

static const struct action *
action_of(const struct request *rq)
{
	const char *name = rq->path_args[1] != NULL ? rq->path_args[1] : "approve";

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, name) == 0 &&
			(rq->path_args[1] == NULL || strcmp(name, "approve") != 0))
			return &actions[i];
	return NULL;
}

static int
takes(const struct action *a, const char *name)
{
	for (size_t i = 0; i < 5 && a->takes[i] != NULL; i++)
		if (strcmp(a->takes[i] + (*a->takes[i] == '!'), name) == 0)
			return *a->takes[i] == '!' ? 2 : 1;
	return 0;
}

static const char *
note_of(const struct request *rq)
{
	const char *text = request_text(rq, "note");

	return text != NULL ? text_clean(rq->a, text, true) : NULL;
}

static void
check_taken(struct request *rq, const struct action *a, struct err **e)
{
	for (const struct param *p = act_params; p->name != NULL; p++) {
		int needs = takes(a, p->name);
		bool there = request_has(rq, p->name);

		if (needs == 0 && there)
			err_add_field(rq->a, e, p->name, "error.unknown_field", NULL);
		else if (needs == 2 && (!there || (p->type == P_LONG && note_of(rq) == NULL)))
			err_add_field(rq->a, e, p->name, "error.required", NULL);
	}
}

/* What it still waits for: codes, "" when it can be done; NULL: nothing is known of it here. */
static const char *
lacks_of(const struct request *rq, const struct incident *in, const struct action *a)
{
	int64_t step = request_i64(rq, "step", 0);

	if (strcmp(a->name, "decide") == 0)
		return in->decide_lacks;
	if (strcmp(a->name, "approve") == 0)
		return in->approve_lacks;
	if (strcmp(a->name, "told") == 0)
		return in->told_lacks;
	if (strcmp(a->name, "note") == 0 || step == 0)
		return "";
	if (strcmp(a->name, "close") == 0)
		return in->stages[step - 1].lacks;
	if (in->closed_at != 0)
		return "closed";
	return in->stages[step - 1].started_at != 0 ? "started" : "";
}

static struct err *
check_now(const struct request *rq, const struct incident *in, const struct action *a)
{
	const char *lacks = lacks_of(rq, in, a);

	if (*lacks == '\0')
		return NULL;
	return err_new(rq->a, ERR_CONFLICT,
		arena_printf(rq->a, "error.incident_lack.%s",
			arena_strndup(rq->a, lacks, strcspn(lacks, ","))));
}

/* Whoever decided does not approve it, unless nobody else could. */
static struct err *
check_second(struct request *rq, const struct incident *in, const struct action *a, struct err **e)
{
	struct rows *r;

	if (strcmp(a->name, "approve") != 0)
		return NULL;
	TRY(tx_query(rq->tx, &second, VALS(val_i64(rq->principal->user_id), val_i64(in->id)), &r));
	if (!rows_bool(r, 0, 0) || (rows_bool(r, 0, 1) && rows_bool(r, 0, 2)))
		return err_new(rq->a, ERR_DENIED, "error.request_second");
	if (rows_bool(r, 0, 1) && note_of(rq) == NULL)
		err_add_field(rq->a, e, "note", "error.sole_reason", NULL);
	return NULL;
}

static struct err *
read_sent(struct request *rq, const struct incident *in, const struct action *a,
	struct json_object *data, struct err **e)
{
	const char *notify, *whom;
	int64_t at = 0, now;

	check_taken(rq, a, e);
	if (takes(a, "notify") != 0 && request_has(rq, "notify")) {
		notify = form_word(rq, "notify", yes_no, e);
		model_bool(data, "notify", notify != NULL && strcmp(notify, "yes") == 0);
	}
	if (takes(a, "whom") != 0 && request_has(rq, "whom")) {
		whom = form_word(rq, "whom", incident_whoms, e);
		model_text(data, "whom", whom);
	}
	if (takes(a, "at") != 0 && request_has(rq, "at")) {
		TRY(case_now(rq, &now));
		incident_read_time(rq, "at", 0, &at, e);
		if (*e == NULL && (at > now || at < in->began_at))
			err_add_field(rq->a, e, "at",
				at > now ? "error.still_to_come" : "error.before_it_began", NULL);
		model_text(data, "at", time_rfc3339(rq->a, at));
	}
	return check_second(rq, in, a, e);
}

static void
add_field(struct request *rq, const struct incident *in, const char *name, bool needed,
	struct json_object *list)
{
	struct json_object *f;

	if (strcmp(name, "step") == 0) {
		incident_field(rq, list, "hidden", name,
			arena_printf(rq->a, "%lld", (long long)request_i64(rq, "step", 0)));
		return;
	}
	if (strcmp(name, "notify") == 0) {
		f = incident_field(rq, list, "choice", name, "");
		form_words(rq, f, yes_no, "incidents.notify");
	} else if (strcmp(name, "whom") == 0) {
		f = incident_field(rq, list, "choice", name, "");
		form_words(rq, f, incident_whoms, "incidents.whom");
	} else {
		f = incident_field(
			rq, list, strcmp(name, "at") == 0 ? "time" : "long_text", name, "");
	}
	(void)in;
	if (needed)
		form_required(f);
}

static struct err *
ask_page(struct request *rq, struct response *rp, const struct incident *in, const struct action *a)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "fields");
	const char *url = arena_printf(rq->a, "/privacy/incidents/%lld", (long long)in->id);
	const char *title = say_word(rq, "incidents.action", a->name), *law;
	int64_t step = request_i64(rq, "step", 0);

	rp->template = "privacy/step";
	incident_crumbs(rq, in, page);
	law = say_word(rq, "incidents.law", a->name);
	if (step != 0 && strcmp(a->name, "close") == 0) {
		const char *n = arena_printf(rq->a, "%lld", (long long)step);

		title = arena_printf(rq->a, "%s: %s", title, say_word(rq, "incidents.step", n));
		law = say_word(rq, "incidents.step_help", n);
	}
	model_text(page, "title", title);
	model_text(page, "law", law);
	model_text(page, "action", arena_printf(rq->a, "%s/%s", url, a->name));
	model_text(page, "cancel_url", url);
	model_i64(page, "version", in->version);
	for (size_t i = 0; i < 5 && a->takes[i] != NULL; i++)
		add_field(rq, in, a->takes[i] + (*a->takes[i] == '!'), *a->takes[i] == '!', list);
	return NULL;
}

static struct err *
ask(struct request *rq, struct response *rp)
{
	const struct action *a = action_of(rq);
	struct incident in;

	TRY(incident_load(rq, request_id(rq, 0), &in));
	if (a == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(check_now(rq, &in, a));
	incident_log(rq, "view", in.id, NULL);
	return ask_page(rq, rp, &in, a);
}

/* All administrators hear of it when somebody approved alone what they had decided. */
static struct err *
tell_sole(struct request *rq, const struct incident *in)
{
	struct rows *to;

	if (gate_settings()->mail_relay == NULL)
		return NULL;
	TRY(tx_query(rq->tx, &administrators, NO_VALS, &to));
	for (size_t i = 0; i < rows_count(to); i++) {
		struct outgoing m = {.kind = "request_sole",
			.to = rows_text(to, i, 1),
			.name = rows_text(to, i, 2),
			.lang = lang_parse(rows_text(to, i, 3)),
			.user_id = rows_i64(to, i, 0),
			.created_by = rq->principal->user_id,
			.subject_arg = in->reference};

		m.data = model_object(rq->a);
		model_text(m.data, "workspace", rq->tenant->name);
		model_text(m.data, "name", m.name);
		model_text(m.data, "who", rq->principal->name);
		model_text(m.data, "link",
			arena_printf(rq->a, "%s/privacy/incidents/%lld", rq->tenant->origin,
				(long long)in->id));
		TRY(outbox_add(rq->tx, rq->a, &rq->tenant->kek, &m));
	}
	return NULL;
}

static struct err *
store(struct request *rq, const struct incident *in, const struct action *a,
	struct json_object *data)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &act_event,
		VALS(val_i64(in->id), val_text(a->name), val_id(request_i64(rq, "step", 0)),
			val_bytes(incident_seal(rq, in, "note", note_of(rq))),
			val_text(json_object_to_json_string_ext(data, JSON_C_TO_STRING_PLAIN))),
		&r));
	return rows_bool(r, 0, 0) ? tell_sole(rq, in) : NULL;
}

static struct err *
act(struct request *rq, struct response *rp)
{
	const struct action *a = action_of(rq);
	struct json_object *data = model_object(rq->a);
	struct err *e = NULL;
	struct incident in;
	int64_t version;

	TRY(incident_load(rq, request_id(rq, 0), &in));
	if (a == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(request_version(rq, &version));
	if (version != in.version)
		return err_new(rq->a, ERR_STALE, NULL);
	TRY(check_now(rq, &in, a));
	TRY(read_sent(rq, &in, a, data, &e));
	if (e != NULL && (rq->api || strcmp(a->name, "start") == 0))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return ask_page(rq, rp, &in, a);
	}
	TRY(store(rq, &in, a, data));
	incident_log(rq, "update", in.id, NULL);
	TRY(incident_load(rq, in.id, &in));
	response_flash(rp, "flash.saved");
	if (rq->api)
		return incident_show(rq, rp, &in);
	response_go(rp, rq, "/privacy/incidents/%lld", (long long)in.id);
	return NULL;
}

const struct route incident_step_routes[] = {
	ROUTE(READ, GET, "/privacy/incidents/{id}/approve", ON_PAGE, "", RIGHT_APPROVE_REQUESTS,
		"view", ask, NULL, NULL, "privacy/step", "incident.ask_approve"),
	ROUTE(CHANGE, POST, "/privacy/incidents/{id}/approve", ON_BOTH, "", RIGHT_APPROVE_REQUESTS,
		"update", act, act_params, NULL, "privacy/step", "incident.approve"),
	ROUTE(READ, GET, "/privacy/incidents/{id}/{token}", ON_PAGE, "", RIGHT_RUN_REQUESTS, "view",
		ask, ask_params, NULL, "privacy/step", "incident.ask"),
	ROUTE(CHANGE, POST, "/privacy/incidents/{id}/{token}", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", act, act_params, NULL, "privacy/step", "incident.act"),
	ROUTE_END,
};

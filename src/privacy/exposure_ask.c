/* SPDX-License-Identifier: ISC */
/* Asking for a list of who was exposed. */
#include <arpa/inet.h>
#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "date.h"
#include "exposure.h"
#include "job.h"

STMT(add, "exposure.insert", 7,
	"insert into exposure (incident_id, actor_ids, session_ids, addresses, contact_ids, froms, "
	"tos) values ($1::bigint, $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], "
	"$6::text[]::timestamptz[], $7::text[]::timestamptz[]) returning exposure_id");
STMT(added, "exposure.added", 2,
	"insert into incident_event (incident_id, action, data) values ($1::bigint, 'list', "
	"jsonb_build_object('list', $2::bigint))");
STMT(set_job, "exposure.job", 2, "select exposure_job($1::bigint, $2::bigint)");
STMT(find_users, "exposure.users", 0,
	"select user_id, name from app_user order by lower(name), user_id limit 200");

static const int64_t *
ids_of(struct request *rq, const char *many, const char *one, size_t *n_r)
{
	struct json_object *list = request_value(rq, many);
	size_t n = list != NULL ? json_object_array_length(list) : 0;
	int64_t *ids = ARENA_ARRAY(rq->a, n + 1, int64_t);

	for (size_t i = 0; i < n; i++)
		ids[i] = json_object_get_int64(json_object_array_get_idx(list, i));
	if (n == 0 && one != NULL && request_i64(rq, one, 0) != 0)
		ids[n++] = request_i64(rq, one, 0);
	*n_r = n;
	return ids;
}

static bool
is_address(const char *s)
{
	unsigned char raw[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, s, raw) == 1 || inet_pton(AF_INET6, s, raw) == 1;
}

static void
read_addresses(struct request *rq, struct exposure_ask *ask, struct err **e)
{
	struct json_object *list = request_value(rq, "addresses");
	size_t n = list != NULL ? json_object_array_length(list) : 0;
	const char *one = request_text(rq, "ip");

	ask->addresses = ARENA_ARRAY(rq->a, n + 2, const char *);
	for (size_t i = 0; i < n; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(list, i));

		if (text != NULL && *text != '\0')
			ask->addresses[ask->naddresses++] = text;
	}
	if (one != NULL)
		ask->addresses[ask->naddresses++] = one;
	for (size_t i = 0; i < ask->naddresses; i++)
		if (!is_address(ask->addresses[i])) {
			err_add_field(rq->a, e, one == ask->addresses[i] ? "ip" : "addresses",
				"error.format", NULL);
			return;
		}
}

/* "to" a day means through its end; what has no end goes up to now. */
static void
read_window(struct request *rq, struct exposure_ask *ask, const char *suffix, int64_t now,
	struct err **e)
{
	const char *from_name = arena_printf(rq->a, "from%s", suffix);
	const char *to_name = arena_printf(rq->a, "to%s", suffix);
	const char *to_text = request_text(rq, to_name);
	int64_t from, to;
	char day[11];

	if (request_text(rq, from_name) == NULL) {
		if (to_text != NULL || *suffix == '\0')
			err_add_field(rq->a, e, from_name, "error.required", NULL);
		return;
	}
	incident_read_time(rq, from_name, 0, &from, e);
	incident_read_time(rq, to_name, now, &to, e);
	if (*e != NULL)
		return;
	if (to_text != NULL && date_normalise(to_text, day))
		to += 24LL * 3600 * 1000000;
	to = to < now ? to : now;
	if (from >= to) {
		err_add_field(rq->a, e, to_name, "error.period", NULL);
		return;
	}
	ask->froms[ask->nwindows] = time_rfc3339(rq->a, from);
	ask->tos[ask->nwindows++] = time_rfc3339(rq->a, to);
}

struct err *
exposure_read(struct request *rq, struct exposure_ask *ask, struct err **e)
{
	int64_t now;

	*ask = (struct exposure_ask){.nwindows = 0};
	TRY(case_now(rq, &now));
	ask->actors = ids_of(rq, "actors", "actor", &ask->nactors);
	ask->sessions = ids_of(rq, "sessions", "session", &ask->nsessions);
	ask->contacts = ids_of(rq, "contact_ids", NULL, &ask->ncontacts);
	read_addresses(rq, ask, e);
	read_window(rq, ask, "", now, e);
	read_window(rq, ask, "_2", now, e);
	read_window(rq, ask, "_3", now, e);
	return NULL;
}

struct err *
exposure_add(struct request *rq, int64_t incident, const struct exposure_ask *ask, int64_t *id_r,
	int64_t *job_r)
{
	struct json_object *args = model_object(rq->a);
	struct rows *r;
	int64_t id;

	TRY(tx_query(rq->tx, &add,
		VALS(val_i64(incident), val_i64s(ask->actors, ask->nactors),
			val_i64s(ask->sessions, ask->nsessions),
			val_texts(ask->addresses, ask->naddresses),
			val_i64s(ask->contacts, ask->ncontacts),
			val_texts(ask->froms, ask->nwindows), val_texts(ask->tos, ask->nwindows)),
		&r));
	id = rows_i64(r, 0, 0);
	tx_queue(rq->tx, &added, VALS(val_i64(incident), val_i64(id)), NULL);
	model_i64(args, "incident", incident);
	model_i64(args, "exposure", id);
	TRY(job_enqueue(rq->tx, rq->a, "exposure", args, NULL, rq->principal->user_id, job_r));
	tx_queue(rq->tx, &set_job, VALS(val_i64(id), val_i64(*job_r)), NULL);
	incident_log(rq, "update", incident, "exposure_asked");
	if (id_r != NULL)
		*id_r = id;
	return tx_run(rq->tx);
}

#define HONG_KONG ((int64_t)8 * 3600 * 1000000)

static void
one_field(struct request *rq, struct json_object *list, const char *type, const char *name)
{
	const char *typed = NULL;
	struct json_object *f, *v = request_value(rq, name);

	if (json_object_is_type(v, json_type_array) && json_object_array_length(v) > 0)
		typed = json_object_get_string(json_object_array_get_idx(v, 0));
	f = incident_field(rq, list, type, name, "");
	model_text(f, "value", typed);
	form_hint(rq, f, "incidents.pick_hint");
}

static struct err *
ask_form(struct request *rq, struct response *rp, const struct incident *in)
{
	static const char *const times[] = {"from", "to", "from_2", "to_2", "from_3", "to_3", NULL};
	struct json_object *page = response_page(rp), *list = model_list(page, "fields"), *f;
	const char *url = arena_printf(rq->a, "/privacy/incidents/%lld", (long long)in->id);
	/* As the browser's control has it, in Hong Kong: whoever looks begins where it began. */
	const char *began = arena_strndup(rq->a, time_rfc3339(rq->a, in->began_at + HONG_KONG), 16);
	struct rows *r;

	rp->template = "privacy/step";
	incident_crumbs(rq, in, page);
	model_text(page, "title", say(rq, "incidents.action.list"));
	model_text(page, "law", say(rq, "incidents.list_help"));
	model_text(page, "action", arena_printf(rq->a, "%s/lists", url));
	model_text(page, "cancel_url", url);
	for (const char *const *t = times; *t != NULL; t++) {
		f = incident_field(rq, list, "time", *t, t == times ? began : "");
		if (t == times)
			form_required(f);
	}
	TRY(tx_query(rq->tx, &find_users, NO_VALS, &r));
	one_field(rq, list, "choice", "actors");
	f = json_object_array_get_idx(list, json_object_array_length(list) - 1);
	for (size_t i = 0; i < rows_count(r); i++)
		form_option(f, arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 0)),
			rows_text(r, i, 1));
	one_field(rq, list, "number", "sessions");
	one_field(rq, list, "text", "addresses");
	one_field(rq, list, "number", "contact_ids");
	return NULL;
}

static struct err *
new_list(struct request *rq, struct response *rp)
{
	struct incident in;

	TRY(incident_load(rq, request_id(rq, 0), &in));
	if (in.closed_at != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.incident_closed");
	return ask_form(rq, rp, &in);
}

static struct err *
add_list(struct request *rq, struct response *rp)
{
	struct exposure_ask ask;
	struct incident in;
	struct err *e = NULL;
	int64_t id, job;

	TRY(incident_load(rq, request_id(rq, 0), &in));
	if (in.closed_at != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.incident_closed");
	TRY(exposure_read(rq, &ask, &e));
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return ask_form(rq, rp, &in);
	}
	TRY(exposure_add(rq, in.id, &ask, &id, &job));
	rp->status = 202;
	if (rq->api) {
		model_i64(response_data(rp), "id", id);
		model_i64(response_data(rp), "job", job);
	}
	response_go(rp, rq, "/jobs/%lld", (long long)job);
	return NULL;
}

static const struct param ask_params[] = {EXPOSURE_PARAMS, PARAM_END};

const struct route exposure_ask_routes[] = {
	ROUTE(READ, GET, "/privacy/incidents/{id}/lists/new", ON_PAGE, "", RIGHT_RUN_REQUESTS, "",
		new_list, NULL, NULL, "privacy/step", "exposure.new"),
	ROUTE(WRITE, POST, "/privacy/incidents/{id}/lists", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", add_list, ask_params, NULL, "privacy/step", "exposure.add"),
	ROUTE_END,
};

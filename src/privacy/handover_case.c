/* SPDX-License-Identifier: ISC */
/* The staff's side of a hand-over: files to hand over, links made and ended, and the warning
 * that nobody has fetched one. */
#include "handover.h"

#include <string.h>

#include "case_file.h"
#include "case_view.h"
#include "controls.h"
#include "date.h"
#include "outbox.h"
#include "tenant.h"
#include "text.h"
#include "token.h"

STMT(list_all, "handover.list", 1,
	"select h.handover_id, h.file_id, (extract(epoch from h.created_at) * 1000000)::bigint, "
	"(extract(epoch from h.expires_at) * 1000000)::bigint, (extract(epoch from h.fetched_at) * "
	"1000000)::bigint, h.fetches, h.ended_at is not null, h.expires_at <= now(), "
	"h.download_id is not null "
	"from handover h where h.request_id = $1::bigint order by h.handover_id desc limit 50");
STMT(list_answers, "handover.answers", 1,
	"select file_id, name from request_file where request_id = $1::bigint and what = 'answer' "
	"and destroyed_at is null order by file_id desc limit 50");
STMT(find_source, "handover.source", 2,
	"select item_id from request_item where request_id = $1::bigint and item_id = $2::bigint "
	"and what = 'source'");
STMT(find_answer, "handover.answer", 2,
	"select file_id from request_file where request_id = $1::bigint and file_id = $2::bigint "
	"and what = 'answer' and destroyed_at is null");
STMT(find_package, "handover.package", 1,
	"select package_id from privacy_request where request_id = $1::bigint and package_id is "
	"not null");
STMT(insert, "handover.insert", 6,
	"insert into handover (request_id, file_id, hash, email, expires_at, download_id) values "
	"($1::bigint, $2::bigint, $3, $4, now() + make_interval(days => $5::bigint::int), "
	"$6::bigint) returning handover_id");
STMT(end_one, "handover.end", 2,
	"update handover set ended_at = now() where request_id = $1::bigint and handover_id = "
	"$2::bigint and ended_at is null returning handover_id");
/* After five days, and again in the last two before the legal last day. */
STMT(list_waiting, "handover.waiting", 0,
	"select h.handover_id, r.request_id, r.reference, coalesce(a.user_id, 0) from handover h "
	"join privacy_request r using (request_id) left join app_user a on a.user_id = "
	"r.assignee_id and a.active where h.fetched_at is null and h.ended_at is null and "
	"h.expires_at > now() and (h.warned_on is null and h.created_at < now() - interval '5 "
	"days' "
	"or r.due_rolled_on - hk_today() between 0 and 2 and h.warned_on is distinct from "
	"hk_today()) order by h.handover_id limit 100");
STMT(warned, "handover.warned", 1,
	"update handover set warned_on = hk_today() where handover_id = $1::bigint");
STMT(readers, "handover.readers", 1,
	"select u.user_id, u.email, u.name, u.language from app_user u where u.active and case "
	"when "
	"$1::bigint <> 0 then u.user_id = $1::bigint else exists (select from profile_right r "
	"where r.profile_id = u.profile_id and r.entity = '' and r.\"right\" = 'run_requests') end "
	"order by 1 limit 50");

#define DAYS 14
#define DAYS_MAX 60

static const char *
state_of(const struct rows *r, size_t i)
{
	if (!rows_null(r, i, 4))
		return "fetched";
	if (rows_bool(r, i, 6))
		return "ended";
	return rows_bool(r, i, 7) ? "expired" : "waiting";
}

static void
add_links(struct request *rq, const struct privacy_case *c, const struct rows *r,
	struct json_object *list)
{
	const char *tag = lang_tag(request_lang(rq));

	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);
		int64_t id = rows_i64(r, i, 0), fetched = rows_i64(r, i, 4);
		bool good = !rows_bool(r, i, 6) && !rows_bool(r, i, 7);

		model_i64(o, "id", id);
		if (rows_bool(r, i, 8))
			model_bool(o, "package", true);
		else
			model_i64(o, "file_id", rows_i64(r, i, 1));
		model_text(o, "created_at", time_rfc3339(rq->a, rows_i64(r, i, 2)));
		model_text(o, "expires_at", time_rfc3339(rq->a, rows_i64(r, i, 3)));
		model_text(o, "fetched_at", fetched != 0 ? time_rfc3339(rq->a, fetched) : NULL);
		model_i64(o, "fetches", rows_i64(r, i, 5));
		model_text(o, "state", state_of(r, i));
		if (rq->api)
			continue;
		model_text(o, "state_word", say_word(rq, "handover.state", state_of(r, i)));
		model_text(o, "until", time_show(rq->a, rows_i64(r, i, 3), tag));
		if (good)
			model_text(o, "end_url",
				arena_printf(rq->a, "/privacy/requests/%lld/handovers/%lld/end",
					(long long)c->id, (long long)id));
	}
}

/* Is there anything that may leave? */
static bool
may_leave(const struct privacy_case *c)
{
	return c->opens && c->identity_at != 0 &&
	       (strcmp(c->capacity, "self") == 0 || c->authority) &&
	       (strcmp(c->kind, "access") != 0 || c->approved_at != 0);
}

static bool
chose_file(const struct privacy_case *c)
{
	const char *form = case_text(c, "form_wanted");

	return form != NULL && strcmp(form, "electronic") == 0;
}

static void
add_files(struct request *rq, const struct privacy_case *c, const struct rows *r, bool required,
	struct json_object *list)
{
	struct json_object *f =
		form_field(rq, list, "choice", "file_id", say(rq, "handover.file"), "");

	if (required)
		form_required(f);
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *name = case_unseal(rq, c, "file_name", rows_bytes(rq->a, r, i, 1));

		form_option(f, arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 0)),
			name != NULL ? name : "-");
	}
}

static void
add_form(struct request *rq, const struct privacy_case *c, const struct rows *r, bool package,
	struct json_object *page)
{
	struct json_object *list = model_list(page, "handover"), *f;

	if (package)
		form_field(rq, list, "boolean", "package", say(rq, "handover.package"),
			rows_count(r) == 0 ? "true" : "false");
	if (rows_count(r) > 0)
		add_files(rq, c, r, !package, list);
	f = form_field(rq, list, "email", "email", say(rq, "handover.email"),
		case_text(c, "email") != NULL ? case_text(c, "email") : "");
	form_required(f);
	form_hint(rq, f, "handover.email_hint");
	form_field(rq, list, "number", "days", say(rq, "handover.days"),
		arena_printf(rq->a, "%d", DAYS));
	if (!chose_file(c))
		form_required(form_field(
			rq, list, "boolean", "chosen", say(rq, "handover.chosen"), "false"));
}

struct err *
case_handovers(struct request *rq, const struct privacy_case *c, struct json_object *data,
	struct json_object *page)
{
	bool runs = principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS);
	struct rows *r, *answers, *package;
	struct json_object *f;

	tx_queue(rq->tx, &find_package, VALS(val_i64(c->id)), &package);
	tx_queue(rq->tx, &list_answers, VALS(val_i64(c->id)), &answers);
	TRY(tx_query(rq->tx, &list_all, VALS(val_i64(c->id)), &r));
	add_links(rq, c, r, model_list(data, "handovers"));
	if (page == NULL || !runs || !c->opens)
		return NULL;
	model_bool(page, "answers", true);
	f = form_field(
		rq, model_list(page, "answer"), "file", "file", say(rq, "handover.file"), "");
	form_required(f);
	if (may_leave(c) && rows_count(answers) + rows_count(package) > 0 &&
		gate_settings()->mail_relay != NULL)
		add_form(rq, c, answers, rows_count(package) > 0, page);
	return NULL;
}

/* ---- files to hand over */

static struct err *
back(struct request *rq, struct response *rp, const struct privacy_case *c)
{
	if (rq->api)
		return case_show(rq, rp, c);
	response_go(rp, rq, "/privacy/requests/%lld", (long long)c->id);
	return tx_run(rq->tx);
}

static struct err *
add_file(struct request *rq, struct response *rp)
{
	const struct upload *u = request_file(rq, "file");
	int64_t item = request_i64(rq, "item", 0);
	struct privacy_case c;
	struct err *e = NULL;
	struct rows *r;

	TRY(case_load(rq, request_id(rq, 0), &c));
	if (!c.opens)
		return err_new(rq->a, ERR_CONFLICT, "error.request_gone");
	if (u == NULL)
		err_add_field(rq->a, &e, "file", "error.required", NULL);
	else if (u->size == 0)
		err_add_field(rq->a, &e, "file", "error.file_empty", NULL);
	if (item != 0) {
		if (c.closed_at != 0)
			return err_new(rq->a, ERR_CONFLICT, "error.request_closed");
		TRY(tx_query(rq->tx, &find_source, VALS(val_i64(c.id), val_i64(item)), &r));
		if (rows_count(r) == 0)
			err_add_field(rq->a, &e, "item", "error.reference", NULL);
	}
	if (e != NULL)
		return e;
	TRY(case_file_add(rq, &c, item != 0 ? "source" : "answer", u, item));
	case_log(rq, "create", &c);
	response_flash(rp, "flash.saved");
	rp->status = 201;
	return back(rq, rp, &c);
}

/* ---- links */

struct link {
	int64_t file, package; /* one of them */
	const char *email;
};

static struct err *
mail_link(struct request *rq, const struct privacy_case *c, const char *email, const char *token,
	int64_t days)
{
	struct outgoing m = {.kind = "handover",
		.to = email,
		.lang = lang_parse(c->language),
		.subject_arg = c->reference,
		.created_by = rq->principal->user_id};

	m.data = model_object(rq->a);
	model_text(m.data, "workspace", rq->tenant->name);
	model_text(m.data, "reference", c->reference);
	model_text(m.data, "days", arena_printf(rq->a, "%lld", (long long)days));
	model_text(m.data, "link", arena_printf(rq->a, "%s/d/%s", rq->tenant->origin, token));
	return outbox_add(rq->tx, rq->a, &rq->tenant->kek, &m);
}

/* One of the case's files, or the package: 0 for what it is not. */
static struct err *
read_what(struct request *rq, const struct privacy_case *c, struct link *l, struct err **e)
{
	bool package = request_bool(rq, "package", false);
	int64_t file = request_i64(rq, "file_id", 0);
	struct rows *r;

	if (package && file != 0)
		err_add_field(rq->a, e, "file_id", "error.handover_both", NULL);
	else if (!package && file == 0)
		err_add_field(rq->a, e, "file_id", "error.required", NULL);
	if (*e != NULL)
		return NULL;
	if (package)
		TRY(tx_query(rq->tx, &find_package, VALS(val_i64(c->id)), &r));
	else
		TRY(tx_query(rq->tx, &find_answer, VALS(val_i64(c->id), val_i64(file)), &r));
	if (rows_count(r) == 0)
		err_add_field(rq->a, e, package ? "package" : "file_id", "error.reference", NULL);
	else if (package)
		l->package = rows_i64(r, 0, 0);
	else
		l->file = rows_i64(r, 0, 0);
	return NULL;
}

static struct err *
read_link(struct request *rq, const struct privacy_case *c, struct link *l, struct err **e)
{
	const char *typed = request_text(rq, "email");

	if (typed == NULL && rq->api)
		typed = case_text(c, "email");
	TRY(read_what(rq, c, l, e));
	l->email = typed != NULL ? text_email(rq->a, typed) : NULL;
	if (l->email == NULL)
		err_add_field(
			rq->a, e, "email", typed == NULL ? "error.required" : "error.email", NULL);
	/* A link only where an electronic copy was chosen. */
	if (!chose_file(c) && !request_bool(rq, "chosen", false))
		err_add_field(rq->a, e, "chosen", "error.handover_paper", NULL);
	return NULL;
}

static struct err *
hand_over(struct request *rq, struct response *rp)
{
	const char *token = token_new(rq->a, 32);
	int64_t days = request_i64(rq, "days", DAYS);
	unsigned char hash[DIGEST_BYTES];
	struct bytes digest = {hash, DIGEST_BYTES};
	struct json_object *data = model_object(rq->a);
	struct privacy_case c;
	struct link l = {0};
	struct err *e = NULL;
	struct rows *r;

	TRY(case_load(rq, request_id(rq, 0), &c));
	if (!c.opens)
		return err_new(rq->a, ERR_CONFLICT, "error.request_gone");
	if (!may_leave(&c) || c.unconfirmed)
		return err_new(rq->a, ERR_CONFLICT,
			c.unconfirmed ? "error.handover_unconfirmed" : "error.handover_early");
	if (gate_settings()->mail_relay == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.no_mail");
	TRY(read_link(rq, &c, &l, &e));
	if (e != NULL)
		return e;
	sha256(token, strlen(token), hash);
	TRY(tx_query(rq->tx, &insert,
		VALS(val_i64(c.id), val_id(l.file), val_bytes(digest),
			val_bytes(case_seal(rq, &c, "handover_email", l.email)), val_i64(days),
			val_id(l.package)),
		&r));
	model_i64(data, "handover_id", rows_i64(r, 0, 0));
	case_note(rq, &c, "handover", NULL, data);
	TRY(mail_link(rq, &c, l.email, token, days));
	case_log(rq, "send", &c);
	response_flash(rp, "flash.handover");
	rp->status = 201;
	return back(rq, rp, &c);
}

static struct err *
end_link(struct request *rq, struct response *rp)
{
	struct privacy_case c;
	struct rows *r;

	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(tx_query(rq->tx, &end_one, VALS(val_i64(c.id), val_i64(request_id(rq, 1))), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	case_note(rq, &c, "handover_ended", NULL, NULL);
	case_log(rq, "update", &c);
	response_flash(rp, "flash.saved");
	return back(rq, rp, &c);
}

/* ---- nobody has fetched it */

static struct err *
warn_one(struct job_run *run, struct tx *tx, const struct rows *r, size_t i)
{
	struct rows *to;

	TRY(tx_query(tx, &readers, VALS(val_i64(rows_i64(r, i, 3))), &to));
	for (size_t k = 0; k < rows_count(to); k++) {
		struct outgoing m = {.kind = "handover_waits",
			.to = rows_text(to, k, 1),
			.name = rows_text(to, k, 2),
			.lang = lang_parse(rows_text(to, k, 3)),
			.user_id = rows_i64(to, k, 0),
			.subject_arg = rows_text(r, i, 2)};

		m.data = model_object(run->a);
		model_text(m.data, "workspace", run->tenant->name);
		model_text(m.data, "name", m.name);
		model_text(m.data, "link",
			arena_printf(run->a, "%s/privacy/requests/%lld", run->tenant->origin,
				(long long)rows_i64(r, i, 1)));
		TRY(outbox_add(tx, run->a, &run->tenant->kek, &m));
	}
	tx_queue(tx, &warned, VALS(val_i64(rows_i64(r, i, 0))), NULL);
	return tx_run(tx);
}

struct err *
handover_warn(struct job_run *run, struct tx *tx)
{
	struct rows *r;

	TRY(tx_query(tx, &list_waiting, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++)
		TRY(warn_one(run, tx, r, i));
	return NULL;
}

static const struct param file_params[] = {
	{"file", P_FILE, IN_BODY, 0, 1, true},
	{"item", P_I64, IN_BODY, 1, 0, false},
	PARAM_END,
};
static const struct param link_params[] = {
	{"file_id", P_I64, IN_BODY, 1, 0, false},
	{"package", P_BOOL, IN_BODY, 0, 0, false},
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	{"days", P_I64, IN_BODY, 1, DAYS_MAX, false},
	{"chosen", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};

const struct route handover_case_routes[] = {
	ROUTE(WRITE, POST, "/privacy/requests/{id}/files", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"create", add_file, file_params, NULL, "", "request.add_file"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/handovers", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"send", hand_over, link_params, NULL, "", "handover.create"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/handovers/{id}/end", ON_BOTH, "",
		RIGHT_RUN_REQUESTS, "update", end_link, NULL, NULL, "", "handover.end"),
	ROUTE_END,
};

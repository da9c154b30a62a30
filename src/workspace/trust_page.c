/* SPDX-License-Identifier: ISC */
/*
 * What a customer, an auditor or an insurer asks of a CRM, answered from what is
 * configured and what there is at this moment. Counts and days only, of nobody.
 */
#include "trust.h"

#include <string.h>
#include <time.h>

#include "backup.h"
#include "certificate.h"
#include "closing.h"
#include "date.h"
#include "download.h"
#include "gate.h"
#include "operator.h"

STMT(widen, "trust.widen", 0, "select gate_widen()");
STMT(state, "trust.state", 0,
	"select w.audit_months, w.export_threshold, "
	"(select count(*) from app_user where active), "
	"(select count(*) from app_user u where active and exists (select from factor f "
	"where f.user_id = u.user_id and f.confirmed_at is not null)), "
	"(select count(*) from app_user u join profile_right r using (profile_id) where u.active "
	"and r.entity = '' and r.\"right\" = 'close_workspace'), "
	"(select count(*) from app_user u join profile_right r using (profile_id) where u.active "
	"and r.entity = '' and r.\"right\" = 'run_requests'), "
	"(select count(*) from support_grant g where support_state(g) = 'active'), "
	"(select count(*) from support_grant where given_at is not null), "
	"(select (extract(epoch from max(least(coalesce(revoked_at, ends_at), ends_at, now()))) * "
	"1000000)::bigint from support_grant where given_at is not null), "
	"requests_open(), (select count(*) from privacy_request where closed_at is null and "
	"due_rolled_on < hk_today()), (select max(day)::text from holiday), "
	"(select count(*) from incident where closed_at is null), "
	"(select min(month)::text from audit_partition), "
	"(select (extract(epoch from max(created_at)) * 1000000)::bigint from export "
	"where kind = 'workspace' and state = 'done'), "
	"(select count(*) from field where enabled and sealed), "
	"(select count(*) from field where enabled and category <> 'none'), "
	"current_database()::text, current_setting('server_version'), "
	"(select (extract(epoch from closes_at) * 1000000)::bigint from closing "
	"where ended_at is null and begun_at is not null) "
	"from workspace w");
STMT(last_check, "trust.last_check", 0,
	"select (extract(epoch from at) * 1000000)::bigint, good from audit_check "
	"order by check_id desc limit 1");
/* The period of each that is in force. */
STMT(terms, "trust.terms", 0,
	"select distinct on (code) code, extract(year from term)::bigint, extract(month from "
	"term)::bigint, extract(day from term)::bigint, law from law_term where from_on <= "
	"hk_today() and code in ('access_reply', 'correction_reply', 'business_records', "
	"'log_book', 'case_file') order by code, from_on desc");
STMT(processors, "trust.processors", 0,
	"select name, holder from other_source where active and kind = 'processor' "
	"order by source_id limit 100");

/* Places of trust.state. */
enum {
	AUDIT_MONTHS,
	THRESHOLD,
	USERS,
	TWO_STEP,
	ADMINISTRATORS,
	OFFICERS,
	SUPPORT_OPEN,
	SUPPORT_GIVEN,
	SUPPORT_LAST,
	REQUESTS,
	OVERDUE,
	HOLIDAYS,
	INCIDENTS,
	LOG_FROM,
	EXPORTED,
	SEALED,
	PERSONAL,
	DATABASE,
	VERSION,
	CLOSES_AT
};

static void
put_time(struct request *rq, struct json_object *o, const char *name, int64_t usec)
{
	model_text(o, name, usec == 0 ? NULL : time_rfc3339(rq->a, usec));
}

static int64_t
time_of(const struct rows *r, int column)
{
	return rows_null(r, 0, column) ? 0 : rows_i64(r, 0, column);
}

static const char *
text_or_none(const struct rows *r, int column)
{
	return rows_null(r, 0, column) ? NULL : rows_text(r, 0, column);
}

static void
add_backups(struct request *rq, struct json_object *o)
{
	const struct settings *st = gate_settings();
	const char **list = NULL;
	int64_t at = 0;
	size_t n = 0;

	model_bool(o, "made", st->backups != NULL);
	model_i64(o, "every_hours", st->backup_every);
	model_i64(o, "keep_days", st->backup_keep);
	if (backup_list(st, rq->a, rq->tenant->id, &list, &n) == NULL && n > 0)
		at = backup_time(list[0]) * 1000000;
	put_time(rq, o, "last_at", at);
}

static void
add_place(struct request *rq, struct json_object *o, const struct rows *r)
{
	model_text(o, "region", rq->tenant->region);
	model_text(o, "database", rows_text(r, 0, DATABASE));
	model_text(o, "version", rows_text(r, 0, VERSION));
	model_text(o, "files", strrchr(rq->tenant->files, '/') + 1);
}

/* Whoever of the operator could be let in; nothing of them. */
static struct err *
add_access(struct request *rq, struct json_object *o, const struct rows *r)
{
	struct operator* list;
	int64_t operators = 0;
	size_t n;

	TRY(operator_list(gate_tenancy(), rq->a, &list, &n));
	for (size_t i = 0; i < n; i++)
		operators += !list[i].removed;
	model_i64(o, "users", rows_i64(r, 0, USERS));
	model_i64(o, "with_second_step", rows_i64(r, 0, TWO_STEP));
	model_i64(o, "administrators", rows_i64(r, 0, ADMINISTRATORS));
	model_i64(o, "export_threshold", rows_i64(r, 0, THRESHOLD));
	o = model_child(o, "operator");
	model_i64(o, "people", operators);
	model_i64(o, "grants_open", rows_i64(r, 0, SUPPORT_OPEN));
	model_i64(o, "grants_given", rows_i64(r, 0, SUPPORT_GIVEN));
	put_time(rq, o, "last_until", time_of(r, SUPPORT_LAST));
	model_bool(o, "root_can_read", true);
	return NULL;
}

static void
add_audit(struct request *rq, struct json_object *o, const struct rows *r, const struct rows *check)
{
	struct json_object *last;

	model_i64(o, "keep_months", rows_i64(r, 0, AUDIT_MONTHS));
	model_text(o, "from", text_or_none(r, LOG_FROM));
	if (rows_count(check) == 0) {
		model_null(o, "last_check");
		return;
	}
	last = model_child(o, "last_check");
	put_time(rq, last, "at", rows_i64(check, 0, 0));
	model_bool(last, "whole", rows_bool(check, 0, 1));
}

static void
add_period(struct json_object *list, const char *what, const char *unit, int64_t n, const char *law)
{
	struct json_object *o = model_item(list);

	model_text(o, "what", what);
	model_i64(o, "n", n);
	model_text(o, "unit", unit);
	model_text(o, "law", law != NULL && *law != '\0' ? law : NULL);
}

static void
add_retention(struct json_object *list, const struct rows *r, const struct rows *t)
{
	const struct settings *st = gate_settings();

	for (size_t i = 0; i < rows_count(t); i++) {
		const char *unit = rows_i64(t, i, 1) > 0   ? "years"
				   : rows_i64(t, i, 2) > 0 ? "months"
							   : "days";

		if (strstr(rows_text(t, i, 0), "_reply") == NULL)
			add_period(list, rows_text(t, i, 0), unit,
				rows_i64(t, i, 1) + rows_i64(t, i, 2) + rows_i64(t, i, 3),
				rows_text(t, i, 4));
	}
	add_period(list, "audit_log", "months", rows_i64(r, 0, AUDIT_MONTHS), NULL);
	add_period(list, "import_samples", "days", st->import_keep, NULL);
	add_period(list, "downloads", "hours", DOWNLOAD_HOURS, NULL);
	add_period(list, "backups", "days", st->backup_keep, NULL);
}

static void
add_requests(struct request *rq, struct json_object *o, const struct rows *r, const struct rows *t)
{
	for (size_t i = 0; i < rows_count(t); i++) {
		struct json_object *reply;

		if (strstr(rows_text(t, i, 0), "_reply") == NULL)
			continue;
		reply = model_child(o, rows_text(t, i, 0));
		model_i64(reply, "days", rows_i64(t, i, 3));
		model_text(reply, "law", rows_text(t, i, 4));
	}
	model_i64(o, "open", rows_i64(r, 0, REQUESTS));
	model_i64(o, "overdue", rows_i64(r, 0, OVERDUE));
	model_i64(o, "officers", rows_i64(r, 0, OFFICERS));
	model_text(o, "holidays_until", text_or_none(r, HOLIDAYS));
	model_text(o, "form", arena_printf(rq->a, "%s/privacy-request", rq->tenant->origin));
}

static void
add_closing(struct request *rq, struct json_object *o, const struct rows *r)
{
	model_i64(o, "days", CLOSING_DAYS);
	put_time(rq, o, "closes_at", time_of(r, CLOSES_AT));
	put_time(rq, o, "last_export_at", time_of(r, EXPORTED));
	model_i64(o, "download_hours", DOWNLOAD_HOURS);
}

static void
add_encryption(struct request *rq, struct json_object *o, const struct rows *r)
{
	const struct settings *st = gate_settings();
	int64_t left;

	model_text(o, "at_rest", "AES-256-GCM");
	model_text(o, "in_transit", "TLS 1.3");
	model_i64(o, "fields_encrypted", rows_i64(r, 0, SEALED));
	model_i64(o, "fields_personal", rows_i64(r, 0, PERSONAL));
	model_text(o, "master_key", st->master_command != NULL ? "command" : "file");
	put_time(rq, o, "certificate_until",
		st->certificate != NULL && certificate_left(st->certificate, &left)
			? ((int64_t)time(NULL) + left) * 1000000
			: 0);
}

static void
add_processors(struct json_object *list, const struct rows *p)
{
	const char *relay = gate_settings()->mail_relay;

	for (size_t i = 0; i < rows_count(p); i++) {
		struct json_object *o = model_item(list);

		model_text(o, "name", rows_text(p, i, 0));
		model_text(o, "who", rows_text(p, i, 1));
		model_text(o, "what", "of_workspace");
	}
	if (relay != NULL) {
		struct json_object *o = model_item(list);

		model_text(o, "name", relay);
		model_text(o, "who", NULL);
		model_text(o, "what", "mail_relay");
	}
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct json_object *o = response_data(rp), *breach;
	struct rows *r, *check, *t, *p;

	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	tx_queue(rq->tx, &last_check, NO_VALS, &check);
	tx_queue(rq->tx, &terms, NO_VALS, &t);
	tx_queue(rq->tx, &processors, NO_VALS, &p);
	TRY(tx_query(rq->tx, &state, NO_VALS, &r));
	put_time(rq, o, "at", (int64_t)time(NULL) * 1000000);
	add_place(rq, model_child(o, "place"), r);
	add_requests(rq, model_child(o, "requests"), r, t);
	add_retention(model_list(o, "retention"), r, t);
	TRY(add_access(rq, model_child(o, "access"), r));
	add_closing(rq, model_child(o, "closing"), r);
	add_audit(rq, model_child(o, "audit"), r, check);
	breach = model_child(o, "breach");
	model_i64(breach, "incidents_open", rows_i64(r, 0, INCIDENTS));
	model_text(breach, "log_from", text_or_none(r, LOG_FROM));
	add_processors(model_list(o, "processors"), p);
	add_encryption(rq, model_child(o, "encryption"), r);
	add_backups(rq, model_child(o, "backups"));
	if (!rq->api)
		trust_words(rq, rp);
	return NULL;
}

const struct route trust_routes[] = {
	ROUTE(READ, GET, "/settings/trust", ON_BOTH, "", RIGHT_SELF, "", show, NULL, NULL,
		"settings/trust", "settings.trust"),
	ROUTE_END,
};

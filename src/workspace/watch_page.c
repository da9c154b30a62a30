/* SPDX-License-Identifier: ISC */
/* Alerts about what the log shows, and what is watched for. */
#include <string.h>

#include "audit.h"
#include "controls.h"
#include "cursor.h"
#include "date.h"
#include "event.h"
#include "workspace.h"

#define PAGE_ALERTS 100

STMT(find_alerts, "watch.alerts", 2,
	"select a.alert_id, a.rule, a.user_id, u.name, host(a.ip), a.incident_id, a.n, "
	"usec(a.from_at), usec(a.to_at), usec(a.raised_at), usec(a.seen_at), s.name from alert a "
	"left join app_user u on u.user_id = a.user_id left join app_user s on s.user_id = "
	"a.seen_by where a.alert_id < $1::bigint order by a.alert_id desc limit $2::bigint");
STMT(set_seen, "watch.seen", 2,
	"update alert set seen_at = now(), seen_by = $2::bigint where alert_id = $1::bigint and "
	"seen_at is null returning alert_id");
STMT(find_alert, "watch.alert", 1, "select alert_id from alert where alert_id = $1::bigint");
STMT(find_rules, "watch.rules", 0,
	"select rule, enabled, threshold::bigint, factor::bigint, from_hour::bigint, "
	"to_hour::bigint from watch_rule order by position");
STMT(set_rule, "watch.set_rule", 6,
	"update watch_rule set enabled = $2::boolean, threshold = $3::bigint::integer, factor = "
	"$4::bigint::integer, from_hour = case when from_hour is not null then "
	"$5::bigint::integer end, to_hour = case when to_hour is not null then "
	"$6::bigint::integer end where rule = $1");

enum {
	A_ID,
	A_RULE,
	A_USER,
	A_NAME,
	A_IP,
	A_INCIDENT,
	A_N,
	A_FROM,
	A_TO,
	A_RAISED,
	A_SEEN,
	A_SEEN_BY
};

/* Where the log shows it. */
static const char *
link_of(const struct request *rq, const struct rows *r, size_t i)
{
	const char *rule = rows_text(r, i, A_RULE);
	struct sb sb;

	if (!rows_null(r, i, A_INCIDENT))
		return arena_printf(
			rq->a, "/privacy/incidents/%lld", (long long)rows_i64(r, i, A_INCIDENT));
	sb_init(&sb, rq->a, 1000);
	sb_printf(&sb, "/audit?from=%s&to=%s", time_rfc3339(rq->a, rows_i64(r, i, A_FROM)),
		time_rfc3339(rq->a, rows_i64(r, i, A_TO)));
	if (!rows_null(r, i, A_USER))
		sb_printf(&sb, "&actor=%lld", (long long)rows_i64(r, i, A_USER));
	if (!rows_null(r, i, A_IP))
		sb_printf(&sb, "&ip=%s", rows_text(r, i, A_IP));
	if (strcmp(rule, "night_export") == 0)
		sb_puts(&sb, "&action=export");
	else if (strcmp(rule, "reveal") == 0)
		sb_puts(&sb, "&action=reveal");
	else if (strcmp(rule, "network") == 0)
		sb_puts(&sb, "&action=sign_in");
	else if (strcmp(rule, "failures") == 0)
		sb_puts(&sb,
			rows_null(r, i, A_USER) ? "&action=sign_in_failed" : "&outcome=denied");
	return sb.p;
}

static void
alert_model(struct request *rq, const struct rows *r, size_t i, struct json_object *o)
{
	const char *tag = lang_tag(request_lang(rq));

	model_i64(o, "id", rows_i64(r, i, A_ID));
	model_text(o, "rule", rows_text(r, i, A_RULE));
	if (rows_null(r, i, A_USER))
		model_null(o, "user");
	else
		model_i64(o, "user", rows_i64(r, i, A_USER));
	model_text(o, "name", rows_text(r, i, A_NAME));
	model_text(o, "ip", rows_text(r, i, A_IP));
	model_i64(o, "count", rows_i64(r, i, A_N));
	model_text(o, "from", time_rfc3339(rq->a, rows_i64(r, i, A_FROM)));
	model_text(o, "to", time_rfc3339(rq->a, rows_i64(r, i, A_TO)));
	model_text(o, "raised_at", time_rfc3339(rq->a, rows_i64(r, i, A_RAISED)));
	model_text(o, "seen_at",
		rows_null(r, i, A_SEEN) ? NULL : time_rfc3339(rq->a, rows_i64(r, i, A_SEEN)));
	model_text(o, "seen_by", rows_text(r, i, A_SEEN_BY));
	model_text(o, "url", link_of(rq, r, i));
	if (rq->api)
		return;
	model_text(o, "label", say_word(rq, "watch.rule", rows_text(r, i, A_RULE)));
	model_text(o, "raised", time_show(rq->a, rows_i64(r, i, A_RAISED), tag));
	model_text(o, "who",
		!rows_null(r, i, A_NAME) ? rows_text(r, i, A_NAME) : rows_text(r, i, A_IP));
	if (!rows_null(r, i, A_SEEN))
		model_text(o, "seen", time_show(rq->a, rows_i64(r, i, A_SEEN), tag));
}

static struct err *
list_alerts(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items"), *page, *o;
	const char *next = NULL;
	int64_t before;
	struct rows *r;
	size_t n;

	TRY(cursor_number(rq, "alerts", &before));
	if (before == 0)
		before = INT64_MAX;
	TRY(tx_query(rq->tx, &find_alerts, VALS(val_i64(before), val_i64(PAGE_ALERTS + 1)), &r));
	n = rows_count(r) > PAGE_ALERTS ? PAGE_ALERTS : rows_count(r);
	if (rows_count(r) > n)
		next = cursor_of_number(rq, "alerts", rows_i64(r, n - 1, A_ID));
	for (size_t i = 0; i < n; i++)
		alert_model(rq, r, i, model_item(items));
	audit_queue_one(rq->tx, rq->a, "list", "alert", 0, 0, NULL);
	model_text(response_data(rp), "next", next);
	if (rq->api)
		return NULL;
	page = response_page(rp);
	o = model_item(model_list(page, "crumbs"));
	model_text(o, "label", say(rq, "nav.audit"));
	model_text(o, "url", "/audit");
	model_text(page, "title", say(rq, "watch.title"));
	model_text(page, "subtitle", say(rq, "watch.lead"));
	cursor_pager(rq, page, "/audit/alerts", next);
	if (!principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE))
		return NULL;
	o = model_item(model_list(page, "actions"));
	model_text(o, "key", "settings");
	model_text(o, "label", say(rq, "watch.settings"));
	model_text(o, "url", "/settings/watch");
	return NULL;
}

static struct err *
mark_seen(struct request *rq, struct response *rp)
{
	int64_t id = request_id(rq, 0);
	struct rows *r;

	TRY(tx_query(rq->tx, &find_alert, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(tx_query(rq->tx, &set_seen, VALS(val_i64(id), val_i64(rq->principal->user_id)), &r));
	if (rows_count(r) > 0)
		audit_queue_one(rq->tx, rq->a, "update", "alert", id, 0, NULL);
	response_flash(rp, "flash.saved");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/audit/alerts");
	return NULL;
}

/* ---- what is watched for */

/* The value of RULE_PART of the body, as a number; else what is in force. */
static int64_t
sent(const struct request *rq, const char *rule, const char *part, int64_t in_force)
{
	const char *name = arena_printf(rq->a, "%s_%s", rule, part);

	if (strcmp(part, "on") == 0)
		return request_bool(rq, name, in_force != 0);
	return request_i64(rq, name, in_force);
}

static void
number_field(struct request *rq, struct json_object *list, const char *rule, const char *part,
	int64_t value)
{
	const char *name = arena_printf(rq->a, "%s_%s", rule, part);

	form_required(form_field(rq, list, "number", name, say_word(rq, "watch.field", name),
		arena_printf(rq->a, "%lld", (long long)value)));
}

static void
rule_fields(struct request *rq, const struct rows *r, size_t i, struct json_object *list)
{
	const char *rule = rows_text(r, i, 0);
	struct json_object *f = form_field(rq, list, "boolean", arena_printf(rq->a, "%s_on", rule),
		say_word(rq, "watch.rule", rule), rows_bool(r, i, 1) ? "true" : "false");

	model_text(f, "hint", say_word(rq, "watch.help", rule));
	if (strcmp(rule, "seen") == 0 || strcmp(rule, "reveal") == 0 ||
		strcmp(rule, "failures") == 0)
		number_field(rq, list, rule, "threshold", rows_i64(r, i, 2));
	if (strcmp(rule, "seen") == 0)
		number_field(rq, list, rule, "factor", rows_i64(r, i, 3));
	if (rows_null(r, i, 4))
		return;
	number_field(rq, list, rule, "from", rows_i64(r, i, 4));
	number_field(rq, list, rule, "to", rows_i64(r, i, 5));
}

static struct err *
show_rules(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items"), *page, *list, *o;
	struct rows *r;

	TRY(tx_query(rq->tx, &find_rules, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		o = model_item(items);
		model_text(o, "rule", rows_text(r, i, 0));
		model_bool(o, "on", rows_bool(r, i, 1));
		model_i64(o, "threshold", rows_i64(r, i, 2));
		model_i64(o, "factor", rows_i64(r, i, 3));
		if (rows_null(r, i, 4))
			continue;
		model_i64(o, "from", rows_i64(r, i, 4));
		model_i64(o, "to", rows_i64(r, i, 5));
	}
	model_null(response_data(rp), "next");
	if (rq->api)
		return NULL;
	page = response_page(rp);
	rp->template = "privacy/step";
	o = model_item(model_list(page, "crumbs"));
	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	model_text(page, "title", say(rq, "watch.settings"));
	model_text(page, "law", say(rq, "watch.settings_help"));
	model_text(page, "action", "/settings/watch");
	model_text(page, "submit", say(rq, "common.save"));
	model_text(page, "cancel_url", "/audit/alerts");
	list = model_list(page, "fields");
	for (size_t i = 0; i < rows_count(r); i++)
		rule_fields(rq, r, i, list);
	return NULL;
}

static struct err *
save_rules(struct request *rq, struct response *rp)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &find_rules, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *rule = rows_text(r, i, 0);

		tx_queue(rq->tx, &set_rule,
			VALS(val_text(rule),
				val_bool(sent(rq, rule, "on", rows_bool(r, i, 1)) != 0),
				val_i64(sent(rq, rule, "threshold", rows_i64(r, i, 2))),
				val_i64(sent(rq, rule, "factor", rows_i64(r, i, 3))),
				val_i64(sent(rq, rule, "from", rows_i64(r, i, 4))),
				val_i64(sent(rq, rule, "to", rows_i64(r, i, 5)))),
			NULL);
	}
	audit_queue_one(rq->tx, rq->a, "setting", "alert", 0, 0, "watch_changed");
	TRY(tx_run(rq->tx));
	response_flash(rp, "flash.saved");
	if (rq->api)
		return show_rules(rq, rp);
	response_go(rp, rq, "/settings/watch");
	return NULL;
}

static const struct param alert_params[] = {
	{"after", P_TEXT, IN_QUERY, 0, 200, false},
	PARAM_END,
};
static const struct param rule_params[] = {
	{"seen_on", P_BOOL, IN_BODY, 0, 0, false},
	{"seen_threshold", P_I64, IN_BODY, 1, 1000000, false},
	{"seen_factor", P_I64, IN_BODY, 1, 1000, false},
	{"night_export_on", P_BOOL, IN_BODY, 0, 0, false},
	{"night_export_from", P_I64, IN_BODY, 0, 23, false},
	{"night_export_to", P_I64, IN_BODY, 0, 23, false},
	{"reveal_on", P_BOOL, IN_BODY, 0, 0, false},
	{"reveal_threshold", P_I64, IN_BODY, 1, 1000000, false},
	{"network_on", P_BOOL, IN_BODY, 0, 0, false},
	{"failures_on", P_BOOL, IN_BODY, 0, 0, false},
	{"failures_threshold", P_I64, IN_BODY, 1, 1000000, false},
	{"undecided_on", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};

const struct route watch_routes[] = {
	ROUTE(READ, GET, "/audit/alerts", ON_BOTH, "", RIGHT_VIEW_AUDIT, "list", list_alerts,
		alert_params, NULL, "alerts", "watch.alerts"),
	ROUTE(WRITE, POST, "/audit/alerts/{id}/seen", ON_BOTH, "", RIGHT_VIEW_AUDIT, "update",
		mark_seen, NULL, NULL, "", "watch.seen"),
	ROUTE(READ, GET, "/audit/watch", ON_API, "", RIGHT_VIEW_AUDIT, "", show_rules, NULL, NULL,
		"", "watch.rules"),
	ROUTE(WRITE, PATCH, "/audit/watch", ON_API, "", RIGHT_MANAGE_WORKSPACE, "setting",
		save_rules, rule_params, NULL, "", "watch.change"),
	ROUTE(READ, GET, "/settings/watch", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE, "", show_rules,
		NULL, NULL, "privacy/step", "settings.watch"),
	ROUTE(WRITE, POST, "/settings/watch", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE, "setting",
		save_rules, rule_params, NULL, "privacy/step", "settings.watch_save"),
	ROUTE_END,
};

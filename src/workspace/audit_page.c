/* SPDX-License-Identifier: ISC */
/* The audit log as people read it: everything, one person's, and who has seen a person. */
#include "workspace.h"

#include <arpa/inet.h>
#include <string.h>

#include "audit.h"
#include "controls.h"
#include "date.h"
#include "event.h"
#include "num.h"
#include "sqlb.h"
#include "token.h"

#define PAGE_EVENTS 50
/* A person's history is read through audit_seen, newest first, up to this many. */
#define PERSON_EVENTS 5000

STMT(contact_there, "audit.contact", 3,
	"select coalesce(case when $2::boolean then name_en end, "
	"case when $3::boolean then name_zh end) from contact where contact_id = $1::bigint");
STMT(audit_users, "audit.users", 0,
	"select user_id, name from app_user order by lower(name), user_id limit 500");
STMT(viewers, "audit.viewers", 1,
	"select to_char(e.at at time zone 'Asia/Hong_Kong', 'YYYY-MM-DD') as day, e.actor_kind, "
	"u.user_id, "
	"u.name, e.action, count(*), "
	"array_agg(distinct s.entity || '.' || f.name) filter (where f.name is not null) "
	"from contact_events((select contact_id from contact where contact_id = $1::bigint), "
	"100000) e left join app_user u on u.user_id = e.actor_id "
	"left join field_set s using (field_set_id) left join lateral unnest(s.fields) f (name) on "
	"true "
	"where e.outcome = 'ok' and e.action in ('view', 'list', 'search', 'reveal', 'export', "
	"'download') "
	"group by 1, 2, 3, 4, 5 order by 1 desc, 4, 5 limit 500");

STMT(plan_by_value, "audit.plan_by_value", 0,
	"select set_config('plan_cache_mode', 'force_custom_plan', true)");

static struct err *
bad(struct request *rq, const char *name, const char *key)
{
	struct err *e = NULL;

	err_add_field(rq->a, &e, name, key, NULL);
	e->kind = ERR_BAD_REQUEST;
	return e;
}

static struct err *
add_time(struct request *rq, struct sqlb *b, const char *name, const char *op, bool end)
{
	const char *text = request_text(rq, name);
	char day[11];
	int64_t usec;

	if (text == NULL || *text == '\0')
		return NULL;
	if (date_normalise(text, day))
		text = arena_printf(rq->a, "%sT00:00", day);
	else
		end = false;
	if (!time_parse(text, &usec))
		return bad(rq, name, "error.date");
	/* "to" a day means through its end. */
	if (end)
		usec += 24LL * 3600 * 1000000;
	sqlb_add(b, " and e.at %s %s", op,
		sqlb_val(b, val_text(time_rfc3339(rq->a, usec)), "timestamptz"));
	return NULL;
}

static struct err *
add_cursor(struct request *rq, struct sqlb *b)
{
	const char *after = request_text(rq, "after"), *bar;
	struct bytes raw, plain;
	int64_t id;

	if (after == NULL)
		return NULL;
	if (!base64url_decode(rq->a, after, &raw) ||
		!unseal_value(rq->a, &rq->tenant->cursor, "audit", raw, &plain) ||
		(bar = strchr((const char *)plain.p, '|')) == NULL ||
		!num_parse_i64(bar + 1, 0, INT64_MAX, &id))
		return bad(rq, "after", "error.cursor");
	sqlb_add(b, " and (e.at, e.event_id) < (%s, %s)",
		sqlb_val(b,
			val_text(arena_strndup(rq->a, (const char *)plain.p,
				(size_t)(bar - (const char *)plain.p))),
			"timestamptz"),
		sqlb_val(b, val_i64(id), "bigint"));
	return NULL;
}

/* Kinds of records of which every one is visible: their numbers need no second look.
 * A note may be private, and so its files. */
static size_t
all_visible(const struct record_ctx *cx, const char **names)
{
	static const enum entity kinds[] = {
		ENTITY_CONTACT, ENTITY_COMPANY, ENTITY_MESSAGE, ENTITY_INVOICE};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (record_sees_all(cx, kinds[i]) &&
			(!entity_def(kinds[i])->child || record_sees_all(cx, ENTITY_CONTACT)))
			names[n++] = entity_name(kinds[i]);
	return n;
}

/* The columns of the events found, of each only what is visible: records, people,
 * how many. What else there is to an event is looked up for those on the page. */
static void
select_events(struct sqlb *b, const struct record_ctx *cx, const char *found)
{
	const char **names = ARENA_ARRAY(cx->a, ENTITY_MAX, const char *);
	size_t n = all_visible(cx, names);

	sqlb_add(b,
		"select e.event_id, (extract(epoch from e.at) * 1000000)::bigint, e.at::text, "
		"e.actor_kind, "
		"e.actor_id, u.name, e.via, e.session_id, host(e.ip), e.agent, e.request_id, "
		"e.route, "
		"e.action, e.outcome, e.entity, v.records, v.subjects, s.fields, e.reason, "
		"case when cardinality(v.records) < cardinality(e.record_ids) "
		"then cardinality(v.records) else e.count end, "
		"e.key_id, e.changes, k.wrapped, "
		"(select %s from contact c where c.contact_id = v.subjects[1]), e.as_user_id, "
		"(select w.name from app_user w where w.user_id = e.as_user_id), e.grant_id, "
		"e.operator_id ",
		record_title_sql(cx, ENTITY_CONTACT, "c"));
	sqlb_add(b, "from (%s) e ", found);
	sqlb_add(b,
		"left join app_user u on u.user_id = e.actor_id left join field_set s using "
		"(field_set_id) "
		"left join data_key k on k.key_id = e.key_id cross join lateral (select "
		"case when e.entity = any (%s) then e.record_ids else visible_ids(e.entity, "
		"e.record_ids) end as records, %s as subjects) v order by e.at desc, e.event_id "
		"desc",
		sqlb_val(b, val_texts(names, n), "text[]"),
		record_sees_all(cx, ENTITY_CONTACT) ? "e.subject_ids"
						    : "visible_ids('contact', e.subject_ids)");
}

/* Events that touched a field, of the kinds of records where the reader knows of
 * one by that name: a hidden field is asked for in vain, like one that is not there. */
static void
add_field(struct sqlb *b, const struct record_ctx *cx, const char *field)
{
	const char **names = ARENA_ARRAY(cx->a, ENTITY_MAX + 2, const char *), **fields;
	enum field_level level;
	size_t n = 0;

	for (int e = 0; e < ENTITY_MAX; e++)
		if (principal_may(cx->principal, (enum entity)e, RIGHT_VIEW) &&
			(catalogue_visible(cx->cat, cx->principal, (enum entity)e, field, &level) !=
					NULL ||
				audit_part(cx, (enum entity)e, field) != NULL))
			names[n++] = entity_name((enum entity)e);
	sqlb_add(b,
		" and e.field_set_id in (select x.field_set_id from field_set x where "
		"x.entity = any (%s) and x.fields && ",
		sqlb_val(b, val_texts(names, n), "text[]"));
	fields = names + ENTITY_MAX;
	fields[0] = field;
	fields[1] = arena_printf(cx->a, "%s~", field);
	sqlb_add(b, "%s)", sqlb_val(b, val_texts(fields, 2), "text[]"));
}

static bool
is_address(const char *s)
{
	unsigned char raw[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, s, raw) == 1 || inet_pton(AF_INET6, s, raw) == 1;
}

/* Which events, as conditions on alias e. */
static struct err *
add_conditions(struct request *rq, struct sqlb *b, const struct record_ctx *cx)
{
	static const char *const texts[] = {"action", "entity", "outcome", NULL};
	int64_t actor = request_i64(rq, "actor", 0);
	const char *field = request_text(rq, "field"), *ip = request_text(rq, "ip");

	if (actor != 0)
		sqlb_add(b, " and e.actor_id = %s", sqlb_val(b, val_i64(actor), "bigint"));
	/* Planned for its values: the indexes of what is rare are found by them. */
	for (const char *const *t = texts; *t != NULL; t++) {
		const char *v = request_text(rq, *t);

		if (v != NULL && *v != '\0')
			sqlb_add(b, " and e.%s = %s", *t, sqlb_val(b, val_text(v), "text"));
	}
	if (field != NULL && *field != '\0')
		add_field(b, cx, field);
	if (ip != NULL && *ip != '\0') {
		if (!is_address(ip))
			return bad(rq, "ip", "error.format");
		sqlb_add(b, " and e.ip = %s", sqlb_val(b, val_text(ip), "inet"));
	}
	TRY(add_time(rq, b, "from", ">=", false));
	TRY(add_time(rq, b, "to", "<", true));
	return add_cursor(rq, b);
}

static struct err *
compose(struct request *rq, struct sqlb *b, int64_t contact)
{
	const struct record_ctx cx = record_ctx_of(rq);
	const char *conditions;

	TRY(add_conditions(rq, b, &cx));
	conditions = sqlb_take(b);
	sqlb_add(b, "select e.* from ");
	if (contact != 0)
		sqlb_add(b,
			"contact_events((select contact_id from contact where contact_id = %s), "
			"%d)",
			sqlb_val(b, val_i64(contact), "bigint"), PERSON_EVENTS);
	else
		sqlb_add(b, "audit_event");
	sqlb_add(b, " e where true%s order by e.at desc, e.event_id desc limit %lld", conditions,
		(long long)request_i64(rq, "limit", PAGE_EVENTS) + 1);
	select_events(b, &cx, sqlb_take(b));
	return NULL;
}

/* Reading the log shows people too. */
static void
log_reading(struct request *rq, const struct rows *r, size_t n, int64_t contact)
{
	struct audit_event ev = {.action = "list", .entity = "audit"};
	int64_t *ids = ARENA_ARRAY(rq->a, n + 1, int64_t);
	size_t k = 0;

	if (contact != 0)
		ids[k++] = contact;
	for (size_t i = 0; i < n && contact == 0; i++) {
		size_t m;
		int64_t *subjects = rows_i64s(rq->a, r, i, EV_SUBJECTS, &m);

		if (m > 0)
			ids[k++] = subjects[0];
	}
	ev.subjects = ids;
	ev.nsubjects = k;
	ev.count = (int64_t)n;
	audit_queue(rq->tx, rq->a, &ev);
}

/* Every event in the rows, and the cursor behind them. */
static void
fill_events(struct request *rq, const struct rows *rows, size_t n, struct json_object *o)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *items = model_list(o, "items");
	struct bytes sealed;
	const char *text;

	for (size_t i = 0; i < n; i++) {
		struct json_object *item = model_item(items);

		audit_model(&cx, rows, i, item);
		if (!rq->api)
			audit_words(&cx, rows, i, item);
	}
	if (rows_count(rows) <= n) {
		model_null(o, "next");
		return;
	}
	text = arena_printf(rq->a, "%s|%lld", rows_text(rows, n - 1, EV_AT_TEXT),
		(long long)rows_i64(rows, n - 1, EV_ID));
	sealed = seal_value(rq->a, &rq->tenant->cursor, "audit", text, strlen(text));
	model_text(o, "next", base64url_encode(rq->a, sealed.p, sealed.n));
}

/* A filter that cannot be read: the page says so at it, and lists nothing. */
static struct err *
show_refused(struct request *rq, struct response *rp, const struct err *e)
{
	struct rows *users;

	response_errors(rp, rq, e);
	TRY(tx_query(rq->tx, &audit_users, NO_VALS, &users));
	audit_filters(rq, users, response_page(rp));
	return NULL;
}

static struct err *
show_events(struct request *rq, struct response *rp, int64_t contact)
{
	int64_t limit = request_i64(rq, "limit", PAGE_EVENTS);
	struct rows *rows, *users = NULL;
	struct sqlb b;
	struct err *e;
	size_t n;

	sqlb_init(&b, rq->a);
	e = compose(rq, &b, contact);
	if (e != NULL && !rq->api)
		return show_refused(rq, rp, e);
	if (e != NULL)
		return e;
	if (!rq->api)
		tx_queue(rq->tx, &audit_users, NO_VALS, &users);
	tx_queue(rq->tx, &plan_by_value, NO_VALS, NULL);
	sqlb_queue(&b, rq->tx, "audit.list", &rows);
	TRY(tx_run(rq->tx));
	n = rows_count(rows) > (size_t)limit ? (size_t)limit : rows_count(rows);
	log_reading(rq, rows, n, contact);
	fill_events(rq, rows, n, response_data(rp));
	if (!rq->api) {
		audit_filters(rq, users, response_page(rp));
		model_bool(response_page(rp), "paged", request_text(rq, "after") != NULL);
	}
	return NULL;
}

static struct err *
audit_list(struct request *rq, struct response *rp)
{
	return show_events(rq, rp, request_i64(rq, "contact", 0));
}

static void
person_page(struct request *rq, struct response *rp, int64_t id, const char *name)
{
	struct json_object *page = response_page(rp), *crumbs = model_list(page, "crumbs"), *o;

	model_i64(page, "contact_id", id);
	o = model_item(crumbs);
	model_text(o, "label", say(rq, "entity.contact.many"));
	model_text(o, "url", "/contacts");
	o = model_item(crumbs);
	model_text(o, "label", name != NULL ? name : arena_printf(rq->a, "%lld", (long long)id));
	model_text(o, "url", arena_printf(rq->a, "/contacts/%lld", (long long)id));
}

static void
queue_contact(struct request *rq, struct rows **there_r)
{
	const struct record_ctx cx = record_ctx_of(rq);

	tx_queue(rq->tx, &contact_there,
		VALS(val_i64(request_id(rq, 0)),
			val_bool(record_reads(&cx, ENTITY_CONTACT, "name_en")),
			val_bool(record_reads(&cx, ENTITY_CONTACT, "name_zh"))),
		there_r);
}

static struct err *
contact_audit(struct request *rq, struct response *rp)
{
	int64_t id = request_id(rq, 0);
	struct rows *rows;

	queue_contact(rq, &rows);
	TRY(tx_run(rq->tx));
	if (rows_count(rows) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	person_page(rq, rp, id, rows_text(rows, 0, 0));
	return show_events(rq, rp, id);
}

/* "contact.hkid~", as far as the reader may know of it: by its plain name when it is
 * the contact's own, else with its entity. */
static void
add_seen(const struct record_ctx *cx, const char *name, bool page, struct json_object *list)
{
	const char *dot = strchr(name, '.'), *field = dot + 1;
	enum entity e = entity_parse(arena_strndup(cx->a, name, (size_t)(dot - name)));
	size_t len = strlen(field);
	bool masked = len > 0 && field[len - 1] == '~';
	enum field_level level;
	const struct field *f;

	if (e == ENTITY_NONE)
		return;
	f = catalogue_visible(cx->cat, cx->principal, e,
		masked ? arena_strndup(cx->a, field, len - 1) : field, &level);
	if (f == NULL)
		return;
	if (!page)
		model_push_text(list, e == ENTITY_CONTACT ? field : name);
	else
		model_push_text(list, masked ? view_text(cx->a, cx->lang, "audit.masked_field",
						       field_label(f, cx->lang))
					     : field_label(f, cx->lang));
}

static void
add_viewer(struct request *rq, const struct record_ctx *cx, const struct rows *rows, size_t i,
	struct json_object *o)
{
	const char *kind = rows_text(rows, i, 1), *action = rows_text(rows, i, 4);
	struct json_object *fields = model_list(o, "fields");
	size_t n;
	const char **names = rows_texts(rq->a, rows, i, 6, &n);

	model_text(o, "day", rows_text(rows, i, 0));
	model_text(o, "actor_kind", kind);
	if (!rows_null(rows, i, 2))
		model_i64(o, "user", rows_i64(rows, i, 2));
	model_text(o, "name", rows_text(rows, i, 3));
	model_text(o, "action", action);
	model_i64(o, "count", rows_i64(rows, i, 5));
	for (size_t k = 0; k < n; k++)
		add_seen(cx, names[k], !rq->api, fields);
	if (rq->api)
		return;
	model_text(o, "when", date_show(rq->a, rows_text(rows, i, 0), lang_tag(cx->lang)));
	model_text(o, "action_label", say_word(rq, "audit.action", action));
	model_text(o, "action_kind", audit_action_kind(action));
	model_text(o, "who",
		rows_text(rows, i, 3) != NULL ? rows_text(rows, i, 3)
					      : say_word(rq, "audit.actor", kind));
}

static struct err *
contact_viewers(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0);
	struct json_object *items = model_list(response_data(rp), "items");
	struct rows *there, *rows;

	queue_contact(rq, &there);
	TRY(tx_query(rq->tx, &viewers, VALS(val_i64(id)), &rows));
	if (rows_count(there) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	audit_queue_one(rq->tx, rq->a, "view", "audit", 0, id, NULL);
	for (size_t i = 0; i < rows_count(rows); i++)
		add_viewer(rq, &cx, rows, i, model_item(items));
	model_null(response_data(rp), "next");
	person_page(rq, rp, id, rows_text(there, 0, 0));
	return NULL;
}

static const struct param audit_params[] = {
	{"actor", P_I64, IN_QUERY, 1, 0, false},
	{"contact", P_I64, IN_QUERY, 1, 0, false},
	{"entity", P_TEXT, IN_QUERY, 0, 40, false},
	{"action", P_TEXT, IN_QUERY, 0, 40, false},
	{"outcome", P_TEXT, IN_QUERY, 0, 40, false},
	{"field", P_TEXT, IN_QUERY, 0, 80, false},
	{"ip", P_TEXT, IN_QUERY, 0, 45, false},
	{"from", P_TEXT, IN_QUERY, 0, 40, false},
	{"to", P_TEXT, IN_QUERY, 0, 40, false},
	{"limit", P_I64, IN_QUERY, 1, 200, false},
	{"after", P_TEXT, IN_QUERY, 0, 500, false},
	PARAM_END,
};

const struct route audit_routes[] = {
	ROUTE(READ, GET, "/audit", ON_BOTH, "", RIGHT_VIEW_AUDIT, "list", audit_list, audit_params,
		NULL, "audit", "audit.list"),
	ROUTE(READ, GET, "/contacts/{id}/audit", ON_BOTH, "contact", RIGHT_VIEW_AUDIT, "list",
		contact_audit, audit_params, NULL, "audit", "audit.contact"),
	ROUTE(READ, GET, "/contacts/{id}/viewers", ON_BOTH, "contact", RIGHT_VIEW_AUDIT, "view",
		contact_viewers, NULL, NULL, "viewers", "audit.viewers"),
	ROUTE_END,
};

/* SPDX-License-Identifier: ISC */
/* The audit log as people read it: everything, one person's, and who has seen a person. */
#include "workspace.h"

#include <string.h>

#include "date.h"
#include "event.h"
#include "num.h"
#include "sqlb.h"
#include "token.h"

#define PAGE_EVENTS 50
/* A person's history is read through audit_seen, newest first, up to this many. */
#define PERSON_EVENTS 5000

STMT(contact_there, "audit.contact", 1, "select 1 from contact where contact_id = $1::bigint");
STMT(viewers, "audit.viewers", 1,
	"select to_char(e.at at time zone 'Asia/Hong_Kong', 'YYYY-MM-DD') as day, e.actor_kind, u.user_id, "
	"u.name, e.action, count(*), array_agg(distinct f.name) filter (where f.name is not null) "
	"from contact_events($1::bigint, 100000) e left join app_user u on u.user_id = e.actor_id "
	"left join field_set s using (field_set_id) left join lateral unnest(s.fields) f (name) on true "
	"where e.outcome = 'ok' and e.action in ('view', 'list', 'search', 'reveal', 'export', 'download') "
	"group by 1, 2, 3, 4, 5 order by 1 desc, 4, 5 limit 500");

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
	sqlb_add(b, " and e.at %s %s", op, sqlb_val(b, val_text(time_rfc3339(rq->a, usec)), "timestamptz"));
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
		sqlb_val(b, val_text(arena_strndup(rq->a, (const char *)plain.p,
				 (size_t)(bar - (const char *)plain.p))), "timestamptz"),
		sqlb_val(b, val_i64(id), "bigint"));
	return NULL;
}

static struct err *
compose(struct request *rq, struct sqlb *b, int64_t contact)
{
	static const char *const texts[] = {"action", "entity", "outcome", NULL};
	int64_t actor = request_i64(rq, "actor", 0);
	const char *field = request_text(rq, "field"), *ip = request_text(rq, "ip");

	sqlb_add(b, "select e.event_id, (extract(epoch from e.at) * 1000000)::bigint, e.at::text, e.actor_kind, "
		    "e.actor_id, u.name, e.via, e.session_id, host(e.ip), e.agent, e.request_id, e.route, "
		    "e.action, e.outcome, e.entity, e.record_ids, e.subject_ids, s.fields, e.reason, e.count, "
		    "e.key_id, e.changes, k.wrapped, "
		    "(select coalesce(c.name_en, c.name_zh) from contact c where c.contact_id = e.subject_ids[1]) ");
	if (contact != 0)
		sqlb_add(b, "from contact_events(%s, %d) e ", sqlb_val(b, val_i64(contact), "bigint"), PERSON_EVENTS);
	else
		sqlb_add(b, "from audit_event e ");
	sqlb_add(b, "left join app_user u on u.user_id = e.actor_id left join field_set s using (field_set_id) "
		    "left join data_key k on k.key_id = e.key_id where true");
	if (actor != 0)
		sqlb_add(b, " and e.actor_id = %s", sqlb_val(b, val_i64(actor), "bigint"));
	for (const char *const *t = texts; *t != NULL; t++) {
		const char *v = request_text(rq, *t);

		if (v != NULL && *v != '\0')
			sqlb_add(b, " and e.%s = %s", *t, sqlb_val(b, val_text(v), "text"));
	}
	/* The partial index of rare actions wants to see that it is one of them. */
	if (request_text(rq, "action") != NULL && strcmp(request_text(rq, "action"), "view") != 0 &&
		strcmp(request_text(rq, "action"), "list") != 0 &&
		strcmp(request_text(rq, "action"), "search") != 0)
		sqlb_add(b, " and e.action not in ('view', 'list', 'search')");
	if (field != NULL && *field != '\0')
		sqlb_add(b, " and e.field_set_id in (select x.field_set_id from field_set x where x.fields && %s)",
			sqlb_val(b, val_texts((const char *const[]){field, arena_printf(rq->a, "%s~", field)}, 2),
				"text[]"));
	if (ip != NULL && *ip != '\0') {
		if (strspn(ip, "0123456789abcdefABCDEF.:") != strlen(ip) || strlen(ip) > 45)
			return bad(rq, "ip", "error.format");
		sqlb_add(b, " and host(e.ip) = %s", sqlb_val(b, val_text(ip), "text"));
	}
	TRY(add_time(rq, b, "from", ">=", false));
	TRY(add_time(rq, b, "to", "<", true));
	TRY(add_cursor(rq, b));
	sqlb_add(b, " order by e.at desc, e.event_id desc limit %lld",
		(long long)request_i64(rq, "limit", PAGE_EVENTS) + 1);
	return NULL;
}

/* A value of the past, as this reader may see it. */
static const char *
old_text(const struct record_ctx *cx, const struct field *f, enum field_level level, const char *text)
{
	struct value v;

	if (text == NULL)
		return NULL;
	if (f->sealed || level == LEVEL_MASKED)
		return value_mask(cx->a, f, f->type == FIELD_HKID ? text : NULL);
	value_from_text(cx->a, f, text, &v);
	return value_show(cx->a, f, cx->cat->currency, &v, cx->lang);
}

static void
add_changes(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	struct bytes sealed = rows_bytes(cx->a, r, i, 21), wrapped = rows_bytes(cx->a, r, i, 22), plain;
	enum entity e = rows_null(r, i, 14) ? ENTITY_NONE : entity_parse(rows_text(r, i, 14));
	struct seal_key key = cx->tenant->kek;
	struct json_object *diff, *out = NULL;
	size_t n;
	int64_t *subjects = rows_i64s(cx->a, r, i, 16, &n);

	if (sealed.p == NULL || e == ENTITY_NONE)
		return;
	if (rows_null(r, i, 20))
		key.id = 0;
	else if (wrapped.p == NULL ||
		!key_unwrap(cx->a, &cx->tenant->kek, "person", wrapped, rows_i64(r, i, 20), &key))
		return; /* erased: the event stays, its values are gone */
	if (!unseal_value(cx->a, &key,
		    arena_printf(cx->a, "audit.changes|%lld", n > 0 ? (long long)subjects[0] : 0LL), sealed,
		    &plain))
		return;
	diff = model_own(cx->a, json_tokener_parse((const char *)plain.p));
	json_object_object_foreach(diff, name, pair)
	{
		enum field_level level;
		const struct field *f = catalogue_visible(cx->cat, cx->principal, e, name, &level);
		struct json_object *item;

		if (f == NULL)
			continue;
		if (out == NULL)
			out = model_list(o, "changes");
		item = model_item(out);
		model_text(item, "field", name);
		model_text(item, "label", field_label(f, cx->lang));
		model_text(item, "before", old_text(cx, f, level,
			json_object_get_string(json_object_object_get(pair, "old"))));
		model_text(item, "after", old_text(cx, f, level,
			json_object_get_string(json_object_object_get(pair, "new"))));
	}
}

static void
add_ids(const struct record_ctx *cx, const struct rows *r, size_t i, size_t col, const char *name,
	struct json_object *o)
{
	struct json_object *list = model_list(o, name);
	size_t n;
	int64_t *ids = rows_i64s(cx->a, r, i, col, &n);

	for (size_t k = 0; k < n; k++)
		model_push_i64(list, ids[k]);
}

/* Only fields the reader may know of. */
static void
add_fields(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	struct json_object *list = model_list(o, "fields");
	enum entity e = rows_null(r, i, 14) ? ENTITY_NONE : entity_parse(rows_text(r, i, 14));
	size_t n;
	const char **names = rows_texts(cx->a, r, i, 17, &n);

	for (size_t k = 0; k < n && e != ENTITY_NONE; k++) {
		size_t len = strlen(names[k]);
		bool masked = len > 0 && names[k][len - 1] == '~';
		enum field_level level;

		if (catalogue_visible(cx->cat, cx->principal, e,
			    arena_strndup(cx->a, names[k], masked ? len - 1 : len), &level) != NULL)
			model_push_text(list, names[k]);
	}
}

static void
add_event(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	static const struct {
		const char *name;
		size_t col;
	} texts[] = {{"actor_kind", 3}, {"actor_name", 5}, {"via", 6}, {"ip", 8}, {"agent", 9},
		{"request_id", 10}, {"route", 11}, {"action", 12}, {"outcome", 13}, {"entity", 14},
		{"reason", 18}};

	model_i64(o, "id", rows_i64(r, i, 0));
	model_text(o, "at", time_rfc3339(cx->a, rows_i64(r, i, 1)));
	if (rows_null(r, i, 4))
		model_null(o, "actor");
	else
		model_i64(o, "actor", rows_i64(r, i, 4));
	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
		model_text(o, texts[k].name, rows_text(r, i, texts[k].col));
	if (!rows_null(r, i, 7))
		model_i64(o, "session", rows_i64(r, i, 7));
	model_i64(o, "count", rows_i64(r, i, 19));
	add_ids(cx, r, i, 15, "record_ids", o);
	add_ids(cx, r, i, 16, "subject_ids", o);
	add_fields(cx, r, i, o);
	add_changes(cx, r, i, o);
}

/* What only the page shows: words for codes, the person's name, times for people. */
static void
add_words(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	const char *action = rows_text(r, i, 12), *kind = rows_text(r, i, 3);
	size_t n;
	int64_t *subjects = rows_i64s(cx->a, r, i, 16, &n);

	model_text(o, "when", time_show(cx->a, rows_i64(r, i, 1), lang_tag(cx->lang)));
	model_text(o, "action_label",
		view_text(cx->a, cx->lang, arena_printf(cx->a, "audit.action.%s", action), NULL));
	model_text(o, "who", rows_text(r, i, 5) != NULL ? rows_text(r, i, 5) :
		view_text(cx->a, cx->lang, arena_printf(cx->a, "audit.actor.%s", kind), NULL));
	if (n > 0) {
		model_text(o, "subject", rows_text(r, i, 23) != NULL ? rows_text(r, i, 23) :
			arena_printf(cx->a, "%lld", (long long)subjects[0]));
		model_text(o, "subject_url", arena_printf(cx->a, "/contacts/%lld", (long long)subjects[0]));
		if (n > 1)
			model_i64(o, "more", (int64_t)n - 1);
	}
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
		int64_t *subjects = rows_i64s(rq->a, r, i, 16, &m);

		if (m > 0)
			ids[k++] = subjects[0];
	}
	ev.subjects = ids;
	ev.nsubjects = k;
	ev.count = (int64_t)n;
	audit_queue(rq->tx, rq->a, &ev);
}

static void
filters_page(struct request *rq, struct json_object *o)
{
	static const char *const names[] = {"actor", "action", "entity", "contact", "field", "ip", "from", "to", NULL};
	static const char *const actions[] = {"view", "list", "search", "reveal", "create", "update",
		"archive", "restore", "import", "export", "download", "erase", "permission", "sign_in",
		"sign_in_failed", "sign_out", "setting", "retention", NULL};
	struct json_object *values = model_child(o, "values"), *list = model_list(o, "action_options");

	for (const char *const *n = names; *n != NULL; n++)
		if (request_has(rq, *n) && request_value(rq, *n) != NULL)
			model_text(values, *n, json_object_get_string(request_value(rq, *n)));
	for (const char *const *a = actions; *a != NULL; a++) {
		struct json_object *item = model_item(list);

		model_text(item, "value", *a);
		model_text(item, "label",
			view_text(rq->a, request_lang(rq), arena_printf(rq->a, "audit.action.%s", *a), NULL));
		if (request_text(rq, "action") != NULL && strcmp(request_text(rq, "action"), *a) == 0)
			model_bool(item, "selected", true);
	}
}

static struct err *
show_events(struct request *rq, struct response *rp, int64_t contact)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t limit = request_i64(rq, "limit", PAGE_EVENTS);
	struct json_object *items, *o = response_data(rp);
	struct rows *rows;
	struct sqlb b;
	size_t n;

	sqlb_init(&b, rq->a);
	TRY(compose(rq, &b, contact));
	sqlb_queue(&b, rq->tx, "audit.list", &rows);
	TRY(tx_run(rq->tx));
	n = rows_count(rows) > (size_t)limit ? (size_t)limit : rows_count(rows);
	log_reading(rq, rows, n, contact);
	items = model_list(o, "items");
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = model_item(items);

		add_event(&cx, rows, i, item);
		if (!rq->api)
			add_words(&cx, rows, i, item);
	}
	if (rows_count(rows) > n) {
		const char *text = arena_printf(rq->a, "%s|%lld", rows_text(rows, n - 1, 2),
			(long long)rows_i64(rows, n - 1, 0));
		struct bytes s = seal_value(rq->a, &rq->tenant->cursor, "audit", text, strlen(text));

		model_text(o, "next", base64url_encode(rq->a, s.p, s.n));
	} else {
		model_null(o, "next");
	}
	if (!rq->api)
		filters_page(rq, response_page(rp));
	return NULL;
}

static struct err *
audit_list(struct request *rq, struct response *rp)
{
	return show_events(rq, rp, request_i64(rq, "contact", 0));
}

static struct err *
contact_audit(struct request *rq, struct response *rp)
{
	int64_t id = request_id(rq, 0);
	struct rows *rows;

	TRY(tx_query(rq->tx, &contact_there, VALS(val_i64(id)), &rows));
	if (rows_count(rows) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	model_i64(response_page(rp), "contact_id", id);
	return show_events(rq, rp, id);
}

static struct err *
contact_viewers(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0);
	struct json_object *items = model_list(response_data(rp), "items");
	struct rows *there, *rows;

	tx_queue(rq->tx, &contact_there, VALS(val_i64(id)), &there);
	TRY(tx_query(rq->tx, &viewers, VALS(val_i64(id)), &rows));
	if (rows_count(there) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	audit_queue_one(rq->tx, rq->a, "view", "audit", 0, id, NULL);
	for (size_t i = 0; i < rows_count(rows); i++) {
		struct json_object *o = model_item(items), *fields;
		const char *kind = rows_text(rows, i, 1), *action = rows_text(rows, i, 4);
		size_t n;
		const char **names = rows_texts(rq->a, rows, i, 6, &n);

		model_text(o, "day", rows_text(rows, i, 0));
		model_text(o, "actor_kind", kind);
		if (!rows_null(rows, i, 2))
			model_i64(o, "user", rows_i64(rows, i, 2));
		model_text(o, "name", rows_text(rows, i, 3));
		model_text(o, "action", action);
		model_i64(o, "count", rows_i64(rows, i, 5));
		fields = model_list(o, "fields");
		for (size_t k = 0; k < n; k++)
			model_push_text(fields, names[k]);
		if (rq->api)
			continue;
		model_text(o, "when", date_show(rq->a, rows_text(rows, i, 0), lang_tag(cx.lang)));
		model_text(o, "action_label",
			view_text(rq->a, cx.lang, arena_printf(rq->a, "audit.action.%s", action), NULL));
		model_text(o, "who", rows_text(rows, i, 3) != NULL ? rows_text(rows, i, 3) :
			view_text(rq->a, cx.lang, arena_printf(rq->a, "audit.actor.%s", kind), NULL));
	}
	model_i64(response_page(rp), "contact_id", id);
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

/* SPDX-License-Identifier: ISC */
/* The audit log of one person: what happened to them, and who has seen them. */
#include "audit_person.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "event.h"
#include "read.h"
#include "workspace.h"

STMT(contact_there, "audit.contact", 3,
	"select coalesce(case when $2::boolean then name_en end, "
	"case when $3::boolean then name_zh end) from contact where contact_id = $1::bigint");
/* By day, who, and what was done; four hundred events at most, of whole days where they are
 * more than one. And the messages that were sent in those days. */
STMT(viewers, "audit.viewers", 4,
	"with c as materialized (select contact_id from contact where contact_id = $1::bigint), "
	"k as materialized (select x.* from c cross join lateral audit_find(null, c.contact_id, "
	"null, null, '{view,list,search,reveal,export,download,send}', 'ok', null, null, null, "
	"null, null, $2::timestamptz, $3::bigint, 400) x), "
	"e as materialized (select (t.at at time zone 'Asia/Hong_Kong')::date as day, "
	"t.actor_kind, "
	"t.actor_id, t.action, t.field_set_id from k cross join lateral (select x.* from "
	"audit_event x where x.at = k.at and x.event_id = k.event_id offset 0) t where k.hit), "
	"m as materialized (select coalesce(count(*) filter (where hit) = 400 or bool_or(not "
	"hit), false) as more, (select count(distinct day) > 1 from e) as several from k), "
	"z as materialized (select case when several then ((select min(day) from e) + "
	"1)::timestamp "
	"at time zone 'Asia/Hong_Kong' else (select min(at) from k) end as at, case when several "
	"then 0 else (select event_id from k order by at, event_id limit 1) end as event_id from m "
	"where more), "
	"l as (select day, actor_kind, actor_id, action, count(*) as n, array_agg(distinct "
	"field_set_id) as sets from e where not exists (select from z) or not (select several from "
	"m) or day > (select min(day) from e) group by 1, 2, 3, 4 union all "
	"select (s.happened_at at time zone 'Asia/Hong_Kong')::date, 'user', s.created_by, 'send', "
	"count(*), null from c join message s using (contact_id) where $4::boolean and s.direction "
	"= "
	"'out' and s.archived_at is null and s.happened_at < coalesce($2::timestamptz, 'infinity') "
	"and s.happened_at >= coalesce((select at from z), '-infinity') group by 1, 2, 3, 4) "
	"select to_char(l.day, 'YYYY-MM-DD'), l.actor_kind, u.user_id, u.name, l.action, l.n, "
	"(select array_agg(distinct s.entity || '.' || f.name) from field_set s cross join lateral "
	"unnest(s.fields) f (name) where s.field_set_id = any (l.sets)), z.at::text, z.event_id "
	"from m left join z on true left join l on true left join app_user u on u.user_id = "
	"l.actor_id order by l.day desc, u.name, l.action");

/* Columns of the lines. */
enum { DAY, KIND, USER, NAME, ACTION, TIMES, FIELDS, NEXT_AT, NEXT_ID };

static void
crumbs(struct request *rq, struct response *rp, int64_t id, const char *name)
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

void
audit_person_named(struct request *rq, const char *action, int64_t id, const char *name)
{
	const struct record_ctx cx = record_ctx_of(rq);

	if (name != NULL && !rq->api)
		record_named(&cx, action, &id, 1);
}

void
audit_person_queue(struct request *rq, struct rows **there_r)
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
	struct audit_filter f = {.contact = request_id(rq, 0)};
	struct rows *rows;

	audit_person_queue(rq, &rows);
	TRY(tx_run(rq->tx));
	if (rows_count(rows) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	crumbs(rq, rp, f.contact, rows_text(rows, 0, 0));
	TRY(audit_show(rq, rp, &f));
	/* Behind what is read, or the page would show its own reading. */
	audit_person_named(rq, "list", f.contact, rows_text(rows, 0, 0));
	return NULL;
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
	const char *kind = rows_text(rows, i, KIND), *action = rows_text(rows, i, ACTION);
	struct json_object *fields = model_list(o, "fields");
	size_t n;
	const char **names = rows_texts(rq->a, rows, i, FIELDS, &n);

	model_text(o, "day", rows_text(rows, i, DAY));
	model_text(o, "actor_kind", kind);
	if (!rows_null(rows, i, USER))
		model_i64(o, "user", rows_i64(rows, i, USER));
	model_text(o, "name", rows_text(rows, i, NAME));
	model_text(o, "action", action);
	model_i64(o, "count", rows_i64(rows, i, TIMES));
	for (size_t k = 0; k < n; k++)
		add_seen(cx, names[k], !rq->api, fields);
	if (rq->api)
		return;
	model_text(o, "when", date_show(rq->a, rows_text(rows, i, DAY), lang_tag(cx->lang)));
	model_text(o, "action_label",
		view_text(cx->a, cx->lang, arena_printf(cx->a, "audit.action.%s", action), NULL));
	model_text(o, "action_kind", audit_action_find(action)->kind);
	model_text(o, "who",
		rows_text(rows, i, NAME) != NULL
			? rows_text(rows, i, NAME)
			: view_text(cx->a, cx->lang, arena_printf(cx->a, "audit.actor.%s", kind),
				  NULL));
}

struct err *
audit_viewers(struct request *rq, const struct record_ctx *cx, int64_t id, const char **at_r,
	int64_t *behind_r, struct json_object *items)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &viewers,
		VALS(val_i64(id), val_text(*at_r), *at_r != NULL ? val_i64(*behind_r) : NO_VAL,
			val_bool(record_reads(cx, ENTITY_MESSAGE, "direction"))),
		&r));
	for (size_t i = 0; i < rows_count(r); i++)
		if (!rows_null(r, i, DAY))
			add_viewer(rq, cx, r, i, model_item(items));
	*at_r = rows_count(r) > 0 ? rows_text(r, 0, NEXT_AT) : NULL;
	*behind_r = *at_r != NULL ? rows_i64(r, 0, NEXT_ID) : 0;
	return NULL;
}

static struct err *
contact_viewers(struct request *rq, struct response *rp)
{
	const struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0), behind;
	struct rows *there;
	const char *at;

	TRY(audit_cursor_read(rq, &at, &behind));
	audit_person_queue(rq, &there);
	TRY(audit_viewers(rq, &cx, id, &at, &behind, model_list(response_data(rp), "items")));
	if (rows_count(there) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	audit_queue_one(rq->tx, rq->a, "view", "audit", 0, id, NULL);
	audit_person_named(rq, "view", id, rows_text(there, 0, 0));
	model_text(response_data(rp), "next", at != NULL ? audit_cursor(rq, at, behind) : NULL);
	model_bool(response_page(rp), "paged", request_text(rq, "after") != NULL);
	crumbs(rq, rp, id, rows_text(there, 0, 0));
	return NULL;
}

static const struct param viewers_params[] = {
	{"after", P_TEXT, IN_QUERY, 0, 500, false},
	PARAM_END,
};
static const struct param print_params[] = {
	{"language", P_TEXT, IN_QUERY, 0, 10, false},
	PARAM_END,
};

const struct route audit_person_routes[] = {
	ROUTE(READ, GET, "/contacts/{id}/audit", ON_BOTH, "contact", RIGHT_VIEW_AUDIT, "list",
		contact_audit, audit_params, NULL, "audit", "audit.contact"),
	ROUTE(READ, GET, "/contacts/{id}/audit/print", ON_PAGE, "contact", RIGHT_VIEW_AUDIT, "view",
		audit_print, print_params, NULL, "audit_print", "audit.print"),
	ROUTE(READ, GET, "/contacts/{id}/viewers", ON_BOTH, "contact", RIGHT_VIEW_AUDIT, "view",
		contact_viewers, viewers_params, NULL, "viewers", "audit.viewers"),
	ROUTE_END,
};

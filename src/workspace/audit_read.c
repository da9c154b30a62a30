/* SPDX-License-Identifier: ISC */
/* Events of the log, as the database hands them out: of each only what is visible. */
#include <string.h>

#include "audit.h"
#include "cursor.h"
#include "read.h"

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
 * how many. What else there is to an event is looked up for those on the page. "offset 0":
 * once an event, else it would be asked for every contact that the name is looked for in. */
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
		"case when cardinality(v.records) < cardinality(i.ids) "
		"then cardinality(v.records) else e.count end, "
		"e.key_id, case when e.changes is null or withheld(e.entity, e.record_ids) then "
		"null "
		"else e.changes end, k.wrapped, "
		"(select %s from contact c where c.contact_id = v.subjects[1]), e.as_user_id, "
		"(select w.name from app_user w where w.user_id = e.as_user_id), e.grant_id, "
		"e.operator_id, e.end_at::text, e.end_id, e.looked, e.more, "
		"(extract(epoch from e.end_at) * 1000000)::bigint ",
		record_title_sql(cx, ENTITY_CONTACT, "c"));
	sqlb_add(b, "from (%s) e ", found);
	sqlb_add(b,
		"left join app_user u on u.user_id = e.actor_id left join field_set s using "
		"(field_set_id) "
		"left join data_key k on k.key_id = e.key_id cross join lateral (select "
		"audit_records(e.entity, e.record_ids, e.subject_ids) as ids offset 0) i "
		"cross join lateral (select case when e.entity = any (%s) then i.ids else "
		"visible_ids(e.entity, i.ids) end as records, %s as subjects offset 0) v order by "
		"e.at "
		"desc, e.event_id "
		"desc",
		sqlb_val(b, val_texts(names, n), "text[]"),
		record_sees_all(cx, ENTITY_CONTACT) ? "e.subject_ids"
						    : "visible_ids('contact', e.subject_ids)");
}

void
audit_select(struct sqlb *b, const struct record_ctx *cx, const struct audit_filter *f,
	const char *at, int64_t id, int64_t limit, int64_t spare)
{
	int64_t want = limit + spare;
	const char *seen = "", *rest;

	/* Of a record that one does not see nothing is told, though it stood beside others. */
	if (f->record != 0)
		seen = arena_printf(cx->a, " and visible_ids(x.entity, array[%s]) <> '{}'",
			sqlb_val(b, val_i64(f->record), "bigint"));

	sqlb_add(b,
		"select e.*, z.at as end_at, z.event_id as end_id, not z.hit as looked, z.more "
		"from (select k.at, k.event_id, k.hit, (select count(*) filter (where hit) = %lld "
		"or bool_or(not hit) from k) as more from k order by k.at, k.event_id, k.hit limit "
		"1) z "
		"left join (select t.* from k cross join lateral (select x.* from audit_event x "
		"where x.at = k.at and x.event_id = k.event_id%s offset 0) t where k.hit "
		"order by t.at desc, t.event_id desc limit %lld) e on true",
		(long long)want, seen, (long long)limit + 1);
	select_events(b, cx, sqlb_take(b));
	rest = sqlb_take(b);
	sqlb_add(b, "with k as materialized (select x.* from ");
	audit_filter_sql(b, cx, f, at, id, want);
	sqlb_add(b, ") %s", rest);
}

void
audit_select_one(struct sqlb *b, const struct record_ctx *cx, int64_t id)
{
	sqlb_add(b,
		"select e.*, null::timestamptz as end_at, null::bigint as end_id, null::boolean as "
		"looked, null::boolean as more from audit_event e where e.event_id = %s",
		sqlb_val(b, val_i64(id), "bigint"));
	select_events(b, cx, sqlb_take(b));
}

size_t
audit_count(const struct rows *r, int64_t limit)
{
	size_t n = 0;

	while (n < rows_count(r) && n < (size_t)limit && !rows_null(r, n, EV_ID))
		n++;
	return n;
}

struct err *
audit_cursor_read(struct request *rq, const char **at_r, int64_t *id_r)
{
	return cursor_pair(rq, "audit", at_r, id_r);
}

const char *
audit_cursor(struct request *rq, const char *at, int64_t id)
{
	return cursor_of_pair(rq, "audit", at, id);
}

/* SPDX-License-Identifier: ISC */
/* A list of who was exposed, as it is read. */
#include "exposure.h"

#include <string.h>

#include "controls.h"
#include "cursor.h"
#include "date.h"
#include "event.h"

#define PAGE_PEOPLE 50

STMT(find_lists, "exposure.lists", 2,
	"select x.exposure_id, x.state, x.people, x.events, x.entries, x.summary::text, "
	"encode(x.digest, 'hex'), x.job_id, (extract(epoch from x.asked_at) * 1000000)::bigint, "
	"(extract(epoch from x.frozen_at) * 1000000)::bigint, u.name, x.actor_ids, x.session_ids, "
	"x.addresses, x.contact_ids, array(select (extract(epoch from f) * 1000000)::bigint from "
	"unnest(x.froms) f), array(select (extract(epoch from t) * 1000000)::bigint from "
	"unnest(x.tos) t), array(select name from app_user a where a.user_id = any (x.actor_ids) "
	"order by user_id), j.done from exposure x left join app_user u on u.user_id = x.asked_by "
	"left join job j on j.job_id = x.job_id "
	"where x.incident_id = $1::bigint and ($2::bigint = 0 or x.exposure_id = $2::bigint) "
	"order by x.exposure_id desc limit 50");
/* A person's ways and fields, of those behind a number. */
STMT(find_people, "exposure.people", 5,
	"with p as materialized (select contact_id from exposure_entry where exposure_id = "
	"$1::bigint and contact_id > $2::bigint group by contact_id order by contact_id limit "
	"$3::bigint) "
	"select e.contact_id, array_agg(distinct e.how order by e.how), "
	"(extract(epoch from min(e.first_at)) * 1000000)::bigint, "
	"(extract(epoch from max(e.last_at)) * 1000000)::bigint, sum(e.times)::bigint, "
	"array(select distinct s.entity || '.' || x.name from field_set s cross join lateral "
	"unnest(s.fields) x (name) where s.field_set_id = any (array_agg(e.field_set_id)) order by "
	"1), max(c.contact_id), bool_or(c.erased_at is not null), "
	"max(coalesce(case when $4::boolean then c.name_en end, case when $5::boolean then "
	"c.name_zh end)) "
	"from p join exposure_entry e on e.exposure_id = $1::bigint and e.contact_id = "
	"p.contact_id left join contact c on c.contact_id = p.contact_id "
	"group by e.contact_id order by e.contact_id");
STMT(whole, "exposure.whole", 1, "select exposure_whole($1::bigint)");

enum {
	L_ID,
	L_STATE,
	L_PEOPLE,
	L_EVENTS,
	L_ENTRIES,
	L_SUMMARY,
	L_DIGEST,
	L_JOB,
	L_ASKED,
	L_FROZEN,
	L_WHO,
	L_ACTORS,
	L_SESSIONS,
	L_ADDRESSES,
	L_CONTACTS,
	L_FROMS,
	L_TOS,
	L_NAMES,
	L_DONE
};

static void
put_ids(struct request *rq, struct json_object *o, const char *name, const struct rows *r, size_t i,
	size_t col)
{
	struct json_object *list = model_list(o, name);
	size_t n;
	int64_t *ids = rows_i64s(rq->a, r, i, col, &n);

	for (size_t k = 0; k < n; k++)
		model_push_i64(list, ids[k]);
}

static void
put_windows(struct request *rq, struct json_object *o, const struct rows *r, size_t i)
{
	struct json_object *list = model_list(o, "windows");
	const char *tag = lang_tag(request_lang(rq));
	size_t n;
	int64_t *from = rows_i64s(rq->a, r, i, L_FROMS, &n);
	int64_t *to = rows_i64s(rq->a, r, i, L_TOS, &n);

	for (size_t k = 0; k < n; k++) {
		struct json_object *w = model_item(list);

		model_text(w, "from", time_rfc3339(rq->a, from[k]));
		model_text(w, "to", time_rfc3339(rq->a, to[k]));
		if (!rq->api)
			model_text(w, "text",
				arena_printf(rq->a, "%s – %s", time_show(rq->a, from[k], tag),
					time_show(rq->a, to[k], tag)));
	}
}

static void
count_words(struct request *rq, struct json_object *o, const char *name, struct json_object *counts,
	const char *prefix)
{
	struct json_object *list = model_list(o, name);

	if (counts == NULL)
		return;
	json_object_object_foreach(counts, key, n)
	{
		struct json_object *item = model_item(list);

		model_text(item, "label", say_word(rq, prefix, key));
		model_i64(item, "n", json_object_get_int64(n));
	}
}

static void
list_words(struct request *rq, int64_t incident, const struct rows *r, size_t i,
	struct json_object *summary, struct json_object *o)
{
	const char *tag = lang_tag(request_lang(rq)), *state = rows_text(r, i, L_STATE);
	struct json_object *names = model_list(o, "picked");
	size_t n;
	const char **list = rows_texts(rq->a, r, i, L_NAMES, &n);

	for (size_t k = 0; k < n; k++)
		model_push_text(names, list[k]);
	list = rows_texts(rq->a, r, i, L_ADDRESSES, &n);
	for (size_t k = 0; k < n; k++)
		model_push_text(names, list[k]);
	model_bool(o, "frozen", strcmp(state, "frozen") == 0);
	model_text(o, "state_word", say_word(rq, "incidents.list_state", state));
	model_text(o, "asked", time_show(rq->a, rows_i64(r, i, L_ASKED), tag));
	model_i64(o, "done", rows_i64(r, i, L_DONE));
	model_text(o, "people_text", count_text(rq, "incidents.people", rows_i64(r, i, L_PEOPLE)));
	model_text(o, "url",
		arena_printf(rq->a, "/privacy/incidents/%lld/lists/%lld", (long long)incident,
			(long long)rows_i64(r, i, L_ID)));
	model_text(
		o, "job_url", arena_printf(rq->a, "/jobs/%lld", (long long)rows_i64(r, i, L_JOB)));
	count_words(rq, o, "hows", json_object_object_get(summary, "how"), "incidents.how");
	count_words(
		rq, o, "kinds", json_object_object_get(summary, "categories"), "field.category");
}

static void
list_model(
	struct request *rq, int64_t incident, const struct rows *r, size_t i, struct json_object *o)
{
	struct json_object *summary =
		model_own(rq->a, json_tokener_parse(rows_text(r, i, L_SUMMARY)));
	struct json_object *addresses;
	size_t n;
	const char **list = rows_texts(rq->a, r, i, L_ADDRESSES, &n);

	model_i64(o, "id", rows_i64(r, i, L_ID));
	model_text(o, "state", rows_text(r, i, L_STATE));
	model_i64(o, "people", rows_i64(r, i, L_PEOPLE));
	model_i64(o, "events", rows_i64(r, i, L_EVENTS));
	json_object_object_add(o, "summary", json_object_get(summary));
	model_text(o, "digest", rows_null(r, i, L_FROZEN) ? NULL : rows_text(r, i, L_DIGEST));
	model_i64(o, "job", rows_i64(r, i, L_JOB));
	model_text(o, "asked_at", time_rfc3339(rq->a, rows_i64(r, i, L_ASKED)));
	model_text(o, "frozen_at",
		rows_null(r, i, L_FROZEN) ? NULL : time_rfc3339(rq->a, rows_i64(r, i, L_FROZEN)));
	model_text(o, "asked_by", rows_text(r, i, L_WHO));
	put_ids(rq, o, "actors", r, i, L_ACTORS);
	put_ids(rq, o, "sessions", r, i, L_SESSIONS);
	addresses = model_list(o, "addresses");
	for (size_t k = 0; k < n; k++)
		model_push_text(addresses, list[k]);
	put_ids(rq, o, "contact_ids", r, i, L_CONTACTS);
	put_windows(rq, o, r, i);
	if (!rq->api)
		list_words(rq, incident, r, i, summary, o);
}

struct err *
exposure_lists(struct request *rq, const struct incident *in, struct json_object *list)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &find_lists, VALS(val_i64(in->id), val_i64(0)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		list_model(rq, in->id, r, i, model_item(list));
	return NULL;
}

/* "contact.hkid~": its kind of data, and on the page its label. A mask is shown as such. */
static void
put_field(const struct record_ctx *cx, const char *name, bool page, struct json_object *fields)
{
	const char *dot = strchr(name, '.');
	size_t len = strlen(name);
	bool masked = name[len - 1] == '~';
	const struct field *f = catalogue_find(cx->cat,
		entity_parse(arena_strndup(cx->a, name, (size_t)(dot - name))),
		masked ? arena_strndup(cx->a, dot + 1, len - (size_t)(dot - name) - 2) : dot + 1);

	if (f == NULL || !page)
		model_push_text(fields, name);
	else
		model_push_text(fields, masked ? view_text(cx->a, cx->lang, "audit.masked_field",
							 field_label(f, cx->lang))
					       : field_label(f, cx->lang));
}

static void
person_model(struct request *rq, const struct record_ctx *cx, const struct rows *r, size_t i,
	struct json_object *o)
{
	const char *tag = lang_tag(request_lang(rq));
	const char *id = arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 0));
	struct json_object *list = model_list(o, "how"), *words;
	size_t n;
	const char **texts = rows_texts(rq->a, r, i, 1, &n);

	for (size_t k = 0; k < n; k++)
		model_push_text(list, texts[k]);
	model_i64(o, "contact_id", rows_i64(r, i, 0));
	model_bool(o, "erased", rows_bool(r, i, 7));
	model_text(o, "name", rows_bool(r, i, 7) ? NULL : rows_text(r, i, 8));
	model_text(o, "first_at", time_rfc3339(rq->a, rows_i64(r, i, 2)));
	model_text(o, "last_at", time_rfc3339(rq->a, rows_i64(r, i, 3)));
	model_i64(o, "times", rows_i64(r, i, 4));
	words = model_list(o, "how_words");
	for (size_t k = 0; k < n; k++)
		model_push_text(words, say_word(rq, "incidents.how", texts[k]));
	list = model_list(o, "fields");
	texts = rows_texts(rq->a, r, i, 5, &n);
	for (size_t k = 0; k < n; k++)
		put_field(cx, texts[k], !rq->api, list);
	if (rq->api) {
		json_object_object_del(o, "how_words");
		return;
	}
	model_text(o, "who",
		rows_bool(r, i, 7)   ? view_text(rq->a, request_lang(rq), "receipt.of", id)
		: rows_null(r, i, 8) ? view_text(rq->a, request_lang(rq), "incidents.person", id)
				     : rows_text(r, i, 8));
	if (!rows_null(r, i, 6))
		model_text(o, "url", arena_printf(rq->a, "/contacts/%s", id));
	model_text(o, "first", time_show(rq->a, rows_i64(r, i, 2), tag));
	model_text(o, "last", time_show(rq->a, rows_i64(r, i, 3), tag));
}

/* Reading the list is a look at the people on the page, and at the names of some. */
static void
log_people(struct request *rq, const struct rows *r, size_t n, int64_t incident)
{
	const struct record_ctx cx = record_ctx_of(rq);
	struct audit_event ev = {.action = "list", .entity = "incident"};
	int64_t *ids = ARENA_ARRAY(rq->a, n + 1, int64_t);
	int64_t *named = ARENA_ARRAY(rq->a, n + 1, int64_t);
	size_t nnamed = 0;

	for (size_t i = 0; i < n; i++) {
		ids[i] = rows_i64(r, i, 0);
		if (!rows_bool(r, i, 7) && !rows_null(r, i, 8))
			named[nnamed++] = ids[i];
	}
	record_named(&cx, "list", named, nnamed);
	ev.records = arena_memdup(rq->a, &incident, sizeof(incident));
	ev.nrecords = 1;
	ev.subjects = ids;
	ev.nsubjects = n;
	ev.count = (int64_t)n;
	audit_queue(rq->tx, rq->a, &ev);
}

static void
list_page(struct request *rq, struct response *rp, const struct incident *in, int64_t id,
	const char *next)
{
	struct json_object *page = response_page(rp);
	const char *url = arena_printf(
		rq->a, "/privacy/incidents/%lld/lists/%lld", (long long)in->id, (long long)id);

	incident_crumbs(rq, in, page);
	model_text(page, "title",
		view_text(rq->a, request_lang(rq), "incidents.list_of",
			arena_printf(rq->a, "%lld", (long long)id)));
	model_text(page, "check_url", arena_printf(rq->a, "%s?check=1", url));
	if (next != NULL)
		model_text(model_child(page, "pager"), "next_url",
			arena_printf(rq->a, "%s?after=%s", url, next));
}

static struct err *
read_list(struct request *rq, struct response *rp)
{
	const struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 1), limit = request_i64(rq, "limit", PAGE_PEOPLE), after;
	struct json_object *data = response_data(rp), *items;
	struct rows *r, *people, *ok;
	const char *next = NULL;
	struct incident in;
	size_t n;

	TRY(incident_right(rq));
	TRY(incident_load(rq, request_id(rq, 0), &in));
	TRY(cursor_number(rq, "exposure", &after));
	TRY(tx_query(rq->tx, &find_lists, VALS(val_i64(in.id), val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(tx_query(rq->tx, &find_people,
		VALS(val_i64(rows_null(r, 0, L_FROZEN) ? 0 : id), val_i64(after),
			val_i64(limit + 1), val_bool(record_reads(&cx, ENTITY_CONTACT, "name_en")),
			val_bool(record_reads(&cx, ENTITY_CONTACT, "name_zh"))),
		&people));
	list_model(rq, in.id, r, 0, data);
	if (request_bool(rq, "check", false)) {
		TRY(tx_query(rq->tx, &whole, VALS(val_i64(id)), &ok));
		model_bool(data, "whole", rows_bool(ok, 0, 0));
		model_bool(data, "checked", true);
	}
	n = rows_count(people) > (size_t)limit ? (size_t)limit : rows_count(people);
	items = model_list(data, "items");
	for (size_t i = 0; i < n; i++)
		person_model(rq, &cx, people, i, model_item(items));
	if (rows_count(people) > n)
		next = cursor_of_number(rq, "exposure", rows_i64(people, n - 1, 0));
	model_text(data, "next", next);
	log_people(rq, people, n, in.id);
	if (!rq->api)
		list_page(rq, rp, &in, id, next);
	return NULL;
}

static const struct param page_params[] = {
	{"after", P_TEXT, IN_QUERY, 0, 200, false},
	{"limit", P_I64, IN_QUERY, 1, 200, false},
	{"check", P_BOOL, IN_QUERY, 0, 0, false},
	PARAM_END,
};

const struct route exposure_routes[] = {
	ROUTE(READ, GET, "/privacy/incidents/{id}/lists/{id}", ON_BOTH, "", RIGHT_SELF, "list",
		read_list, page_params, NULL, "privacy/exposure", "exposure.read"),
	ROUTE_END,
};

/* SPDX-License-Identifier: ISC */
/* A copy as it is looked through: texts in pieces, with what tells of others. */
#include <string.h>

#include "case_review.h"
#include "controls.h"

#define PAGE 10

STMT(widen, "copy.widen", 0, "select gate_widen()");
STMT(state_of, "copy.state", 1,
	"select r.copied_at is not null, r.copy_job, j.state, r.package_id, (select count(*) from "
	"request_copy c where c.request_id = r.request_id), (select count(*) from request_copy c "
	"where c.request_id = r.request_id and c.reviewed_at is null), (select count(*) from "
	"request_mark m where m.request_id = r.request_id and m.state = 'proposed'), (select "
	"count(*) from request_copy c where c.request_id = r.request_id and c.reviewed_at is null "
	"and c.marks = 0), (select count(*) from request_copy c where c.request_id = r.request_id "
	"and c.ground is not null), exists (select from request_subject s where s.request_id = "
	"r.request_id and s.contact_id is not null) or exists (select from request_record x where "
	"x.request_id = r.request_id) from privacy_request r left join job j on j.job_id = "
	"r.copy_job where r.request_id = $1::bigint");
STMT(failed_of, "copy.failed", 1,
	"select j.error from privacy_request r join job j on j.job_id = greatest(r.copy_job, "
	"r.package_job) where r.request_id = $1::bigint and j.state = 'failed'");
STMT(list_open, "copy.list_open", 3,
	"select copy_id, entity, record_id, contact_id, own, sealed, pending, marks, reviewed_at "
	"is "
	"not null, ground, withheld(entity, array[record_id]) from request_copy where request_id = "
	"$1::bigint and copy_id > $2::bigint "
	"and reviewed_at is null order by copy_id limit $3::bigint");
STMT(list_all, "copy.list", 3,
	"select copy_id, entity, record_id, contact_id, own, sealed, pending, marks, reviewed_at "
	"is "
	"not null, ground, withheld(entity, array[record_id]) from request_copy where request_id = "
	"$1::bigint and copy_id > $2::bigint "
	"order by copy_id limit $3::bigint");

const char *const copy_grounds[] = {
	"20(1)(b)", "20(1)(c)", "20(3)(d)", "20(3)(ea)", "20(3)(f)", NULL};

struct err *
copy_state(struct request *rq, int64_t request, struct copy_state *s)
{
	const char *job;
	struct rows *r;

	TRY(tx_query(rq->tx, &state_of, VALS(val_i64(request)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	job = rows_text(r, 0, 2);
	*s = (struct copy_state){.copied = rows_bool(r, 0, 0),
		.job = rows_i64(r, 0, 1),
		.running =
			job != NULL && (strcmp(job, "queued") == 0 || strcmp(job, "running") == 0),
		.package = rows_i64(r, 0, 3),
		.total = rows_i64(r, 0, 4),
		.open = rows_i64(r, 0, 5),
		.pending = rows_i64(r, 0, 6),
		.unmarked = rows_i64(r, 0, 7),
		.withheld = rows_i64(r, 0, 8),
		.people = rows_bool(r, 0, 9)};
	return NULL;
}

struct err *
copy_failed(struct request *rq, int64_t request, struct json_object *data, struct json_object *page)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &failed_of, VALS(val_i64(request)), &r));
	model_text(data, "copy_error", rows_count(r) > 0 ? rows_text(r, 0, 0) : NULL);
	if (rows_count(r) > 0 && page != NULL)
		model_text(page, "copy_error", say(rq, rows_text(r, 0, 0)));
	return NULL;
}

/* "body", "line.2", "bill_to.name" as people read it. */
static const char *
field_name(const struct request *rq, enum entity e, const char *name)
{
	const struct field *f = catalogue_find(rq->catalogue, e, name);

	if (f != NULL)
		return field_label(f, request_lang(rq));
	if (strcmp(name, "bill_to.name") == 0 || strcmp(name, "bill_to") == 0)
		return say(rq, "export.bill_to_name");
	if (strcmp(name, "bill_to.address") == 0)
		return say(rq, "export.bill_to_address");
	if (strncmp(name, "disclosed.", 10) == 0)
		return say(rq, "disclosures.title");
	return say(rq, "export.line");
}

static struct json_object *
part(struct json_object *list, const char *text, size_t n, struct arena *a)
{
	struct json_object *o = model_item(list);

	model_text(o, "text", arena_strndup(a, text, n));
	return o;
}

/* The text in pieces: plain ones, and those which are marked. */
static void
put_parts(struct request *rq, const char *text, const struct copy_mark *m, size_t n,
	struct json_object *aliases, struct json_object *list)
{
	size_t at = 0, len = strlen(text);

	for (size_t i = 0; i < n; i++) {
		struct json_object *o;

		if (m[i].start < at || m[i].start + m[i].n > len)
			continue;
		if (m[i].start > at)
			part(list, text + at, m[i].start - at, rq->a);
		o = part(list, text + m[i].start, m[i].n, rq->a);
		model_i64(o, "mark", m[i].id);
		model_text(o, "state", m[i].state);
		model_text(o, "kind", m[i].kind);
		model_text(o, "label", alias_label(aliases, m[i].alias));
		model_bool(o, "consent", alias_consents(aliases, m[i].alias));
		at = m[i].start + m[i].n;
	}
	if (at < len)
		part(list, text + at, len - at, rq->a);
}

static void
put_fields(struct request *rq, enum entity e, struct json_object *copy, const struct copy_mark *m,
	size_t n, struct json_object *aliases, struct json_object *staff, struct json_object *list)
{
	struct json_object *fields = json_object_object_get(copy, "fields");

	for (size_t i = 0; fields != NULL && i < json_object_array_length(fields); i++) {
		struct json_object *f = json_object_array_get_idx(fields, i), *v, *o;
		const char *name = json_object_get_string(json_object_object_get(f, "n"));
		size_t from = 0, to;

		o = model_item(list);
		model_text(o, "name", name);
		model_text(o, "label", field_name(rq, e, name));
		o = model_list(o, "parts");
		if (json_object_object_get_ex(f, "u", &v)) {
			const char *who = json_object_get_string(
				json_object_object_get(staff, json_object_get_string(v)));

			part(o, who != NULL ? who : "", who != NULL ? strlen(who) : 0, rq->a);
			continue;
		}
		if (json_object_object_get_ex(f, "s", &v)) {
			part(o, json_object_get_string(v), strlen(json_object_get_string(v)),
				rq->a);
			continue;
		}
		while (from < n && strcmp(m[from].field, name) != 0)
			from++;
		for (to = from; to < n && strcmp(m[to].field, name) == 0;)
			to++;
		put_parts(rq, json_object_get_string(json_object_object_get(f, "v")), m + from,
			to - from, aliases, o);
	}
}

struct json_object *
copy_open(const struct request *rq, const struct privacy_case *c, struct bytes sealed)
{
	struct bytes plain;

	if (!c->opens || !unseal_value(rq->a, &c->key, copy_place(rq->a, &c->key), sealed, &plain))
		return NULL;
	return model_own(rq->a, json_tokener_parse((const char *)plain.p));
}

static void
put_changed(struct request *rq, enum entity e, struct json_object *copy, struct json_object *list)
{
	struct json_object *changed = json_object_object_get(copy, "changed");

	for (size_t i = 0; changed != NULL && i < json_object_array_length(changed); i++) {
		struct json_object *x = json_object_array_get_idx(changed, i),
				   *o = model_item(list);
		const char *name = json_object_get_string(json_object_object_get(x, "n"));

		model_text(o, "name", name);
		model_text(o, "label", field_name(rq, e, name));
		model_text(o, "at", json_object_get_string(json_object_object_get(x, "at")));
	}
}

static struct err *
put_copies(struct request *rq, const struct privacy_case *c, const struct rows *r,
	struct json_object *items, struct json_object *people)
{
	size_t n = rows_count(r), at = 0;
	int64_t *ids = ARENA_ARRAY(rq->a, n + 1, int64_t), *of;
	struct json_object *aliases, *staff;
	struct copy_marks marks;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows_i64(r, i, C_ID);
	TRY(alias_load(rq->tx, rq->a, request_lang(rq), c->id, &aliases));
	TRY(copy_people(rq, c, aliases, people));
	TRY(staff_load(rq->tx, rq->a, request_lang(rq), &staff));
	TRY(marks_load(rq->tx, rq->a, ids, n, &marks, &of));
	for (size_t i = 0; i < n; i++) {
		enum entity e = entity_parse(rows_text(r, i, C_ENTITY));
		struct json_object *o = model_item(items),
				   *copy = copy_open(rq, c, rows_bytes(rq->a, r, i, C_SEALED));
		size_t from = at;

		while (at < marks.n && of[at] == ids[i])
			at++;
		model_i64(o, "id", ids[i]);
		model_text(o, "entity", rows_text(r, i, C_ENTITY));
		model_i64(o, "record_id", rows_i64(r, i, C_RECORD));
		model_bool(o, "own", rows_bool(r, i, C_OWN));
		model_i64(o, "pending", rows_i64(r, i, C_PENDING));
		model_bool(o, "reviewed", rows_bool(r, i, C_REVIEWED));
		model_text(o, "ground", rows_text(r, i, C_GROUND));
		if (copy == NULL)
			return err_new(rq->a, ERR_CONFLICT, "error.request_gone");
		model_text(o, "at", json_object_get_string(json_object_object_get(copy, "at")));
		/* What is out of sight everywhere is so here, and no package has it. */
		model_bool(o, "taken_down", rows_bool(r, i, C_TAKEN_DOWN));
		if (rows_bool(r, i, C_TAKEN_DOWN))
			copy = model_object(rq->a);
		put_fields(rq, e, copy, marks.list + from, at - from, aliases, staff,
			model_list(o, "fields"));
		put_changed(rq, e, copy, model_list(o, "changed"));
		if (rq->api)
			continue;
		model_text(o, "title",
			arena_printf(rq->a, "%s %lld",
				say(rq, arena_printf(rq->a, "entity.%s.one", entity_name(e))),
				(long long)rows_i64(r, i, C_RECORD)));
	}
	return NULL;
}

static void
put_password(struct request *rq, struct json_object *page)
{
	struct json_object *f = form_field(rq, model_list(page, "pack"), "password", "password",
		say(rq, "export.password"), "");

	form_hint(rq, f, "copy.password_hint");
	model_text(f, "autocomplete", "new-password");
}

static void
put_page(struct request *rq, struct response *rp, const struct privacy_case *c,
	const struct copy_state *s, bool all, int64_t last, bool more)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "crumbs"), *o;

	rp->template = "privacy/copy";
	o = model_item(list);
	model_text(o, "label", say(rq, "requests.title"));
	model_text(o, "url", "/privacy");
	o = model_item(list);
	model_text(o, "label", c->reference);
	model_text(o, "url", arena_printf(rq->a, "/privacy/requests/%lld", (long long)c->id));
	model_text(page, "title", say(rq, "copy.title"));
	model_text(page, "subtitle", say(rq, "copy.lead"));
	model_i64(page, "id", c->id);
	model_bool(page, "open", c->closed_at == 0 && c->approved_at == 0);
	model_bool(page, "may_pack", c->approved_at != 0 && s->copied && s->open == 0);
	model_bool(page, "running", s->running);
	model_bool(page, "people", s->people);
	if (s->running)
		model_text(page, "job_url", arena_printf(rq->a, "/jobs/%lld", (long long)s->job));
	put_password(rq, page);
	if (s->package != 0)
		model_text(page, "package_url",
			arena_printf(rq->a, "/privacy/requests/%lld/package", (long long)c->id));
	list = model_list(page, "views");
	for (int i = 0; i < 2; i++) {
		o = model_item(list);
		model_text(o, "label", say(rq, i == 0 ? "copy.view_open" : "copy.view_all"));
		model_text(o, "url",
			arena_printf(rq->a, "/privacy/requests/%lld/copy%s", (long long)c->id,
				i == 0 ? "" : "?all=1"));
		model_bool(o, "active", all == (i == 1));
		model_i64(o, "count", i == 0 ? s->open : s->total);
	}
	list = model_list(page, "grounds");
	for (const char *const *g = copy_grounds; *g != NULL; g++) {
		o = model_item(list);
		model_text(o, "value", *g);
		model_text(o, "label", case_ground_word(rq, *g));
	}
	model_bool(page, "all", all);
	if (more)
		model_text(page, "next_url",
			arena_printf(rq->a, "/privacy/requests/%lld/copy?%safter=%lld",
				(long long)c->id, all ? "all=1&" : "", (long long)last));
}

struct err *
copy_show(struct request *rq, struct response *rp, int64_t after, bool all)
{
	struct json_object *data = response_data(rp), *items;
	struct privacy_case c;
	int64_t last = 0;
	struct copy_state s;
	struct rows *r;
	size_t n;

	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(copy_state(rq, c.id, &s));
	TRY(copy_failed(rq, c.id, data, rq->api ? NULL : response_page(rp)));
	case_log(rq, "view", &c);
	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	TRY(tx_query(rq->tx, all ? &list_all : &list_open,
		VALS(val_i64(c.id), val_i64(after), val_i64(PAGE + 1)), &r));
	n = rows_count(r) > PAGE ? PAGE : rows_count(r);
	model_bool(data, "copied", s.copied);
	model_bool(data, "running", s.running);
	model_i64(data, "total", s.total);
	model_i64(data, "open", s.open);
	model_i64(data, "pending", s.pending);
	model_i64(data, "unmarked", s.unmarked);
	model_i64(data, "withheld", s.withheld);
	items = model_list(data, "items");
	TRY(put_copies(rq, &c, r, items, model_list(data, "people")));
	while (json_object_array_length(items) > n)
		json_object_array_del_idx(items, n, 1);
	if (n > 0)
		last = rows_i64(r, n - 1, C_ID);
	if (rows_count(r) > n)
		model_i64(data, "next", last);
	else
		model_null(data, "next");
	if (!rq->api)
		put_page(rq, rp, &c, &s, all, last, rows_count(r) > n);
	return NULL;
}

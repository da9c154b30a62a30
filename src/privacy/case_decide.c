/* SPDX-License-Identifier: ISC */
/* What is decided on a copy, record by record or many at a time; and its two jobs. */
#include <string.h>

#include "case_review.h"
#include "controls.h"
#include "download.h"
#include "job.h"
#include "password.h"
#include "person_export.h"
#include "text.h"
#include "token.h"
#include "utf8.h"

#define KEEP_MAX 200

STMT(read_many, "copy.read", 2,
	"select copy_id, entity, record_id, contact_id, own, sealed from request_copy where "
	"request_id = $1::bigint and copy_id = any ($2::bigint[]) order by copy_id for update");
STMT(decide, "copy.decide", 4,
	"update request_mark set state = case when mark_id = any ($3::bigint[]) then 'rejected' "
	"else "
	"'accepted' end, decided_at = now(), decided_by = $4::bigint where request_id = $1::bigint "
	"and copy_id = any ($2::bigint[])");
STMT(set_reviewed, "copy.reviewed", 4,
	"update request_copy c set pending = 0, reviewed_at = now(), reviewed_by = $4::bigint, "
	"ground = nullif(x.g, ''), marks = (select count(*) from request_mark m where m.copy_id = "
	"c.copy_id) from unnest($2::bigint[], $3::text[]) x (id, g) where c.request_id = "
	"$1::bigint "
	"and c.copy_id = x.id");
STMT(decide_all, "copy.decide_all", 2,
	"update request_mark set state = 'accepted', decided_at = now(), decided_by = $2::bigint "
	"where request_id = $1::bigint and state = 'proposed'");
STMT(review_all, "copy.review_all", 3,
	"update request_copy set pending = 0, reviewed_at = now(), reviewed_by = $2::bigint where "
	"request_id = $1::bigint and reviewed_at is null and (marks = 0 or $3::boolean)");
STMT(find_alias, "copy.alias", 2,
	"select alias_id from request_alias where request_id = $1::bigint and digest = $2");
STMT(next_number, "copy.next_number", 1,
	"select coalesce(max(number) + 1, 0) from request_alias where request_id = $1::bigint and "
	"user_id is null");
STMT(add_alias, "copy.add_alias", 3,
	"insert into request_alias (request_id, number, digest) values ($1::bigint, "
	"$2::bigint::int, $3) returning alias_id");
STMT(add_mark, "copy.add_mark", 7,
	"insert into request_mark (request_id, copy_id, alias_id, field, start, size, kind, state, "
	"decided_at, decided_by) values ($1::bigint, $2::bigint, $3::bigint, $4, $5::bigint::int, "
	"$6::bigint::int, 'added', 'accepted', now(), $7::bigint)");
STMT(begun, "copy.begun", 2,
	"update privacy_request set copy_job = $2::bigint, copied_at = null, version = version + "
	"1, "
	"updated_at = now() where request_id = $1::bigint");
STMT(packs, "copy.packs", 2,
	"update privacy_request set package_job = $2::bigint where request_id = $1::bigint");
STMT(packing, "copy.packing", 1,
	"update privacy_request set version = version + 1, updated_at = now() where request_id = "
	"$1::bigint and approved_at is not null and not exists (select from request_copy c where "
	"c.request_id = privacy_request.request_id and c.reviewed_at is null) and copied_at is not "
	"null");

static struct err *
read_copy(struct request *rq, struct response *rp)
{
	return copy_show(rq, rp, request_i64(rq, "after", 0), request_bool(rq, "all", false));
}

/* ---- decided */

static size_t
read_ids(struct request *rq, const char *name, int64_t **ids_r)
{
	struct json_object *list = request_value(rq, name);
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	*ids_r = ARENA_ARRAY(rq->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++)
		(*ids_r)[i] = json_object_get_int64(json_object_array_get_idx(list, i));
	return n;
}

/* "ground": {"12": "20(1)(b)"} of one copy; NULL: none. */
static const char *
word_of(struct request *rq, const char *name, int64_t id)
{
	struct json_object *o = request_value(rq, name), *v;

	if (o == NULL ||
		!json_object_object_get_ex(o, arena_printf(rq->a, "%lld", (long long)id), &v) ||
		!json_object_is_type(v, json_type_string) || *json_object_get_string(v) == '\0')
		return NULL;
	return json_object_get_string(v);
}

static const char *
read_ground(struct request *rq, int64_t id, struct err **e)
{
	const char *typed = word_of(rq, "ground", id);

	if (typed == NULL)
		return NULL;
	for (const char *const *g = copy_grounds; *g != NULL; g++)
		if (strcmp(*g, typed) == 0)
			return *g;
	err_add_field(rq->a, e, "ground", "error.choice", NULL);
	return NULL;
}

/* The same words have the same letter in all of the copy. */
static struct err *
alias_of(struct request *rq, int64_t request, const char *text, int64_t *alias_r)
{
	struct bytes digest = blind_index(
		rq->a, &rq->tenant->blind, "request.alias", arena_printf(rq->a, "added|%s", text));
	struct rows *r, *n;

	tx_queue(rq->tx, &next_number, VALS(val_i64(request)), &n);
	TRY(tx_query(rq->tx, &find_alias, VALS(val_i64(request), val_bytes(digest)), &r));
	if (rows_count(r) == 0)
		TRY(tx_query(rq->tx, &add_alias,
			VALS(val_i64(request), val_i64(rows_i64(n, 0, 0)), val_bytes(digest)), &r));
	*alias_r = rows_i64(r, 0, 0);
	return NULL;
}

/* Every place of the record where the words stand. */
static struct err *
mark_added(struct request *rq, const struct privacy_case *c, int64_t copy, struct json_object *data,
	const char *words, bool *found_r)
{
	struct json_object *fields = json_object_object_get(data, "fields");
	int64_t alias;

	TRY(alias_of(rq, c->id, words, &alias));
	for (size_t i = 0; i < json_object_array_length(fields); i++) {
		struct json_object *f = json_object_array_get_idx(fields, i), *v;
		const char *text, *name = json_object_get_string(json_object_object_get(f, "n"));

		if (!json_object_object_get_ex(f, "v", &v) ||
			json_object_object_get_ex(f, "s", NULL))
			continue;
		text = json_object_get_string(v);
		for (const char *p = strstr(text, words); p != NULL;
			p = strstr(p + strlen(words), words)) {
			*found_r = true;
			tx_queue(rq->tx, &add_mark,
				VALS(val_i64(c->id), val_i64(copy), val_i64(alias), val_text(name),
					val_i64(p - text), val_i64((int64_t)strlen(words)),
					val_i64(rq->principal->user_id)),
				NULL);
		}
	}
	return NULL;
}

/* Which of them a page has to say it of is kept in wrong, by their number. */
static struct err *
add_marks(struct request *rq, const struct privacy_case *c, const struct rows *r,
	struct json_object *wrong, struct err **e)
{
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *words = word_of(rq, "add", rows_i64(r, i, C_ID));
		struct json_object *data;
		bool found = false;

		words = words != NULL ? text_clean(rq->a, words, false) : NULL;
		if (words == NULL)
			continue;
		data = copy_open(rq, c, rows_bytes(rq->a, r, i, C_SEALED));
		if (data == NULL)
			return err_internal(rq->a, "a copy does not open");
		TRY(mark_added(rq, c, rows_i64(r, i, C_ID), data, words, &found));
		if (found)
			continue;
		if (json_object_object_length(wrong) == 0)
			err_add_field(rq->a, e, "add", "error.redact_words", NULL);
		model_bool(
			wrong, arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, C_ID)), true);
	}
	return NULL;
}

static struct err *
store_review(struct request *rq, const struct privacy_case *c, const struct rows *r,
	const int64_t *keep, size_t nkeep, struct json_object *wrong, struct err **e)
{
	size_t n = rows_count(r);
	int64_t *ids = ARENA_ARRAY(rq->a, n + 1, int64_t), me = rq->principal->user_id;
	const char **withheld = ARENA_ARRAY(rq->a, n + 1, const char *);

	for (size_t i = 0; i < n; i++) {
		ids[i] = rows_i64(r, i, C_ID);
		withheld[i] = read_ground(rq, ids[i], e);
		if (withheld[i] == NULL)
			withheld[i] = "";
	}
	tx_queue(rq->tx, &decide,
		VALS(val_i64(c->id), val_i64s(ids, n), val_i64s(keep, nkeep), val_i64(me)), NULL);
	TRY(add_marks(rq, c, r, wrong, e));
	if (*e != NULL)
		return NULL;
	tx_queue(rq->tx, &set_reviewed,
		VALS(val_i64(c->id), val_i64s(ids, n), val_texts(withheld, n), val_i64(me)), NULL);
	return tx_run(rq->tx);
}

static struct err *
may_change(struct request *rq, const struct privacy_case *c)
{
	if (c->closed_at != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.request_closed");
	return c->approved_at != 0 ? err_new(rq->a, ERR_CONFLICT, "error.request_approved") : NULL;
}

static struct err *
answer(struct request *rq, struct response *rp, const struct privacy_case *c, int64_t n)
{
	struct json_object *data = model_object(rq->a);
	struct copy_state s;

	model_i64(data, "records", n);
	case_note(rq, c, "copy_reviewed", NULL, data);
	case_log(rq, "update", c);
	TRY(copy_state(rq, c->id, &s));
	model_i64(response_data(rp), "reviewed", n);
	model_i64(response_data(rp), "open", s.open);
	response_flash(rp, "flash.saved");
	if (!rq->api)
		response_go(rp, rq, "/privacy/requests/%lld/copy", (long long)c->id);
	return NULL;
}

static bool
is_among(int64_t id, const int64_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static void
put_kept(struct json_object *fields, const int64_t *keep, size_t n)
{
	for (size_t i = 0; i < json_object_array_length(fields); i++) {
		struct json_object *parts =
			json_object_object_get(json_object_array_get_idx(fields, i), "parts");

		for (size_t p = 0; p < json_object_array_length(parts); p++) {
			struct json_object *part = json_object_array_get_idx(parts, p), *mark;

			if (json_object_object_get_ex(part, "mark", &mark))
				model_bool(part, "keep",
					is_among(json_object_get_int64(mark), keep, n));
		}
	}
}

/* Records of a review that has to be mended stand as they were decided, not as they were. */
static void
put_decided(struct request *rq, struct json_object *items, const int64_t *records, size_t n,
	const int64_t *keep, size_t nkeep)
{
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		struct json_object *o = json_object_array_get_idx(items, i);
		int64_t id = json_object_get_int64(json_object_object_get(o, "id"));

		if (!is_among(id, records, n))
			continue;
		model_text(o, "add", word_of(rq, "add", id));
		model_text(o, "ground", word_of(rq, "ground", id));
		put_kept(json_object_object_get(o, "fields"), keep, nkeep);
	}
}

static struct err *
review(struct request *rq, struct response *rp)
{
	struct json_object *wrong = model_object(rq->a);
	int64_t *records, *keep;
	size_t n = read_ids(rq, "records", &records), nkeep = read_ids(rq, "keep", &keep);
	struct privacy_case c;
	struct err *e = NULL;
	struct rows *r;

	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(may_change(rq, &c));
	TRY(tx_query(rq->tx, &read_many, VALS(val_i64(c.id), val_i64s(records, n)), &r));
	if (n == 0 || rows_count(r) != n)
		err_add_field(
			rq->a, &e, "records", n == 0 ? "error.required" : "error.reference", NULL);
	if (e == NULL)
		TRY(store_review(rq, &c, r, keep, nkeep, wrong, &e));
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		TRY(response_again(rp, rq, e));
		TRY(copy_show(rq, rp, n > 0 ? records[0] - 1 : 0, true));
		json_object_object_add(response_page(rp), "wrong", json_object_get(wrong));
		put_decided(rq, json_object_object_get(response_data(rp), "items"), records, n,
			keep, nkeep);
		return NULL;
	}
	return answer(rq, rp, &c, (int64_t)n);
}

static struct err *
review_rest(struct request *rq, struct response *rp)
{
	const char *what = request_text(rq, "what");
	int64_t me = rq->principal->user_id;
	struct privacy_case c;
	struct err *e = NULL;
	bool marked;
	struct rows *r;

	TRY(case_load(rq, request_id(rq, 0), &c));
	marked = what != NULL && strcmp(what, "marked") == 0;
	if (what == NULL || (!marked && strcmp(what, "unmarked") != 0)) {
		err_add_field(rq->a, &e, "what", "error.choice", NULL);
		return e;
	}
	TRY(may_change(rq, &c));
	if (marked)
		tx_queue(rq->tx, &decide_all, VALS(val_i64(c.id), val_i64(me)), NULL);
	TRY(tx_query(rq->tx, &review_all, VALS(val_i64(c.id), val_i64(me), val_bool(marked)), &r));
	return answer(rq, rp, &c, rows_affected(r));
}

/* ---- the two jobs */

/* once: what is being made already is not made twice. */
static struct err *
enqueue(struct request *rq, struct response *rp, const struct privacy_case *c, const char *kind,
	bool once, int64_t *job_r)
{
	struct json_object *args = model_object(rq->a);

	model_i64(args, "request", c->id);
	TRY(job_enqueue(rq->tx, rq->a, kind, args,
		once ? arena_printf(rq->a, "%s|%lld", kind, (long long)c->id) : NULL,
		rq->principal->user_id, job_r));
	rp->status = 202;
	model_i64(response_data(rp), "job", *job_r);
	response_go(rp, rq, "/jobs/%lld", (long long)*job_r);
	return NULL;
}

static struct err *
put_together(struct request *rq, struct response *rp)
{
	struct privacy_case c;
	struct copy_state s;
	int64_t job;

	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(may_change(rq, &c));
	TRY(copy_state(rq, c.id, &s));
	if (!s.people || strcmp(c.kind, "access") != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.copy_nobody");
	TRY(enqueue(rq, rp, &c, "case_copy", true, &job));
	tx_queue(rq->tx, &begun, VALS(val_i64(c.id), val_i64(job)), NULL);
	case_note(rq, &c, "copy", NULL, NULL);
	case_log(rq, "export", &c);
	return tx_run(rq->tx);
}

static struct err *
pack(struct request *rq, struct response *rp)
{
	const char *password = request_text(rq, "password");
	struct privacy_case c;
	struct err *e = NULL;
	struct rows *r;
	int64_t job;

	if (password != NULL && utf8_length(password) < PASSWORD_MIN)
		err_add_field(rq->a, &e, "password", "error.password_short",
			arena_printf(rq->a, "%d", PASSWORD_MIN));
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		TRY(response_again(rp, rq, e));
		return copy_show(rq, rp, 0, false);
	}
	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(tx_query(rq->tx, &packing, VALS(val_i64(c.id)), &r));
	if (rows_affected(r) == 0)
		return err_new(rq->a, ERR_CONFLICT, "error.request_unreviewed");
	TRY(enqueue(rq, rp, &c, "case_package", password == NULL, &job));
	tx_queue(rq->tx, &packs, VALS(val_i64(c.id), val_i64(job)), NULL);
	if (password != NULL)
		job_keep_secret(rq->tx, job,
			seal_value(rq->a, &rq->tenant->cursor,
				person_export_secret_place(rq->a, job), password,
				strlen(password)));
	case_log(rq, "export", &c);
	return NULL;
}

static struct err *
fetch(struct request *rq, struct response *rp)
{
	struct privacy_case c;
	struct copy_state s;

	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(copy_state(rq, c.id, &s));
	if (s.package == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	return download_send(rq, rp, s.package);
}

static const struct param read_params[] = {
	{"after", P_I64, IN_QUERY, 0, 0, false},
	{"all", P_BOOL, IN_QUERY, 0, 0, false},
	PARAM_END,
};
static const struct param review_params[] = {
	{"records", P_I64S, IN_BODY, 1, 50, true},
	{"keep", P_I64S, IN_BODY, 1, KEEP_MAX, false},
	{"add", P_FILTERS, IN_BODY, 0, 50, false},
	{"ground", P_FILTERS, IN_BODY, 0, 50, false},
	PARAM_END,
};
static const struct param rest_params[] = {
	{"what", P_TEXT, IN_BODY, 0, 20, false},
	PARAM_END,
};

static const struct param pack_params[] = {
	{"password", P_TEXT, IN_BODY, 0, PASSWORD_MAX, false},
	PARAM_END,
};

const struct route case_copy_routes[] = {
	ROUTE(READ, GET, "/privacy/requests/{id}/copy", ON_BOTH, "", RIGHT_RUN_REQUESTS, "view",
		read_copy, read_params, NULL, "privacy/copy", "request.copy"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/copy", ON_BOTH, "", RIGHT_RUN_REQUESTS, "update",
		put_together, NULL, NULL, "", "request.copy_make"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/copy/review", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", review, review_params, NULL, "privacy/copy", "request.copy_review"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/copy/rest", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", review_rest, rest_params, NULL, "", "request.copy_rest"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/package", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", pack, pack_params, NULL, "privacy/copy", "request.package_make"),
	ROUTE(STREAM, GET, "/privacy/requests/{id}/package", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"download", fetch, NULL, NULL, "", "request.package"),
	ROUTE_END,
};

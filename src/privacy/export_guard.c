/* SPDX-License-Identifier: ISC */
#include "export_guard_part.h"

#include <string.h>

#include "event.h"
#include "export.h"
#include "export_mail.h"
#include "job.h"
#include "person_export.h"
#include "run.h"

/* One user's at a time: two that are each below the threshold are not both. */
STMT(lock_asker, "export.lock", 1, "select pg_advisory_xact_lock(7208004, $1::bigint::integer)");
STMT(insert, "export.insert", 9,
	"insert into export (kind, entity, contact_id, format, fields, opened, reason, state, "
	"created_by, log_filter) values ($1, $2, $3::bigint, $4, $5::text[], $6::text[], $7, "
	"'waiting', $8::bigint, $9) returning export_id");
STMT(same_person, "export.same", 2,
	"select e.export_id, e.job_id, e.state from export e left join job j using (job_id) "
	"where e.contact_id = $1::bigint and e.created_by = $2::bigint and e.secret is null "
	"and (e.state = 'waiting' or e.state = 'running' and j.state in ('queued', 'running')) "
	"order by e.export_id limit 1");
STMT(same_whole, "export.same_whole", 0,
	"select e.export_id, e.job_id, e.state, e.asked from export e left join job j using "
	"(job_id) "
	"where e.kind = 'workspace' "
	"and (e.state = 'waiting' or e.state = 'running' and j.state in ('queued', 'running')) "
	"order by e.export_id limit 1");
STMT(same_books, "export.same_books", 1,
	"select e.export_id, e.job_id, e.state, e.asked from export e left join job j using "
	"(job_id) where e.kind = 'books' and e.created_by = $1::bigint "
	"and (e.state = 'waiting' or e.state = 'running' and j.state in ('queued', 'running')) "
	"order by e.export_id limit 1");
STMT(everybody, "export.everybody", 0, "select count(*) from contact");
STMT(all_books, "export.all_books", 0,
	"select (select count(*) from invoice) + (select count(*) from log_book)");
/* What nobody has looked at of the last day. */
STMT(taken, "export.taken", 2,
	"select w.export_threshold, coalesce((select sum(e.asked) from export e "
	"where e.created_by = $1::bigint and e.created_at > now() - interval '24 hours' "
	"and e.decided_at is null and e.state in ('running', 'done') "
	"and e.export_id <> $2::bigint), 0)::bigint from workspace w");
STMT(ask, "export.ask", 6,
	"update export set asked = $2::bigint, day = $3::bigint, threshold = $4::bigint, "
	"query = $5, secret = $6 where export_id = $1::bigint");
STMT(start, "export.start", 2,
	"update export set state = 'running', job_id = $2::bigint, secret = null "
	"where export_id = $1::bigint");
STMT(done, "export.done", 3,
	"update export set state = 'done', download_id = $2::bigint, exported = $3::bigint "
	"where job_id = $1::bigint and state = 'running'");
STMT(failed, "export.failed", 1,
	"with e as (update export set state = 'failed' where job_id = $1::bigint "
	"and state = 'running' returning export_id) "
	"delete from export_record where export_id in (select export_id from e)");
STMT(decided, "export.was_decided", 1,
	"select decided_at is not null from export where export_id = $1::bigint");

const char *const export_reasons[] = {
	"work", "report", "campaign", "transfer", "customer_request", "legal", NULL};

const char *
export_what(struct arena *a, const char *kind, const char *entity)
{
	return strcmp(kind, "list") == 0 ? arena_printf(a, "entity.%s.many", entity)
					 : arena_printf(a, "exports.kind.%s", kind);
}

const char *
export_code(struct arena *a, int64_t id)
{
	return arena_printf(a, "E%lld", (long long)id);
}

static const char *
place(struct arena *a, const char *what, int64_t id)
{
	return arena_printf(a, "export.%s|%lld", what, (long long)id);
}

static struct bytes
seal_text(const struct record_ctx *cx, const char *what, int64_t id, const char *text)
{
	if (text == NULL)
		return (struct bytes){NULL, 0};
	return seal_value(cx->a, &cx->tenant->cursor, place(cx->a, what, id), text, strlen(text));
}

const char *
export_text_open(const struct record_ctx *cx, const char *what, int64_t id, struct bytes sealed)
{
	struct bytes plain;

	if (sealed.p == NULL ||
		!unseal_value(cx->a, &cx->tenant->cursor, place(cx->a, what, id), sealed, &plain))
		return NULL;
	return (const char *)plain.p;
}

struct bytes
export_note_seal(const struct record_ctx *cx, int64_t id, const char *note)
{
	return seal_text(cx, "note", id, note);
}

const char *
export_note(const struct record_ctx *cx, int64_t id, struct bytes sealed)
{
	return export_text_open(cx, "note", id, sealed);
}

struct json_object *
export_question(const struct record_ctx *cx, int64_t id, struct bytes sealed)
{
	const char *text = export_text_open(cx, "query", id, sealed);
	struct json_object *o = text != NULL ? json_tokener_parse(text) : NULL;

	return o != NULL ? model_own(cx->a, o) : NULL;
}

static const char *
question_text(const struct record_ctx *cx, const struct record_query *q)
{
	struct json_object *o = model_object(cx->a);

	model_text(o, "q", q->q);
	model_text(o, "sort", q->sort);
	model_bool(o, "archived", q->archived);
	if (q->filter != NULL)
		json_object_object_add(o, "filter", json_object_get(q->filter));
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
}

bool
export_is_person(const char *kind)
{
	return strcmp(kind, "person") == 0;
}

static bool
is_whole(const char *kind)
{
	return strcmp(kind, "workspace") == 0;
}

static bool
is_books(const char *kind)
{
	return strcmp(kind, "books") == 0;
}

/* What all of it comes to, of what has no list; NULL: it has. */
const struct stmt *
export_counted_by(const char *kind)
{
	return is_whole(kind) ? &everybody : is_books(kind) ? &all_books : NULL;
}

/* Whose right to export the job asks of its asker all the while; "": a special right. */
const char *
export_entity(enum entity e)
{
	return e < ENTITY_MAX ? entity_name(e) : "";
}

/* The job that makes it; what is being made already is not made twice. */
struct err *
export_start_job(const struct record_ctx *cx, int64_t id, const char *kind, const char *entity,
	int64_t contact, int64_t user, const char *password, int64_t *job_r)
{
	struct json_object *args = model_object(cx->a);
	const char *key = NULL;

	model_i64(args, "export", id);
	model_text(args, "entity", entity);
	if (export_is_person(kind))
		model_i64(args, "contact", contact);
	if (export_is_person(kind) && password == NULL)
		key = arena_printf(
			cx->a, "person_export|%lld|%lld", (long long)contact, (long long)user);
	if (is_whole(kind))
		key = "workspace_export";
	TRY(job_enqueue(
		cx->tx, cx->a, arena_printf(cx->a, "%s_export", kind), args, key, user, job_r));
	if (password != NULL)
		job_keep_secret(cx->tx, *job_r,
			seal_value(cx->a, &cx->tenant->cursor,
				person_export_secret_place(cx->a, *job_r), password,
				strlen(password)));
	return tx_query(cx->tx, &start, VALS(val_i64(id), val_i64(*job_r)), NULL);
}

/* One of everything is enough, whoever asked for it; of the books one each. */
static struct err *
find_whole(const struct record_ctx *cx, const char *kind, struct export_begun *out)
{
	struct rows *r;

	if (is_books(kind))
		TRY(tx_query(cx->tx, &same_books, VALS(val_i64(cx->principal->user_id)), &r));
	else
		TRY(tx_query(cx->tx, &same_whole, NO_VALS, &r));
	if (rows_count(r) == 0)
		return NULL;
	out->id = rows_i64(r, 0, 0);
	out->job = rows_i64(r, 0, 1);
	out->count = rows_i64(r, 0, 3);
	return NULL;
}

/* One's own file of the same person that is on its way already. */
static struct err *
find_same(const struct record_ctx *cx, const struct export_new *in, struct export_begun *out)
{
	struct rows *r;

	if (export_counted_by(in->kind) != NULL)
		return find_whole(cx, in->kind, out);
	if (!export_is_person(in->kind) || in->password != NULL)
		return NULL;
	TRY(tx_query(cx->tx, &same_person,
		VALS(val_i64(in->contact_id), val_i64(cx->principal->user_id)), &r));
	if (rows_count(r) == 0)
		return NULL;
	out->id = rows_i64(r, 0, 0);
	out->job = rows_i64(r, 0, 1);
	out->count = 1;
	return NULL;
}

static struct err *
add_row(const struct record_ctx *cx, const struct export_new *in, struct export_begun *out)
{
	struct rows *r;

	TRY(tx_query(cx->tx, &insert,
		VALS(val_text(in->kind),
			val_text(in->log != NULL                       ? "audit"
				 : export_counted_by(in->kind) != NULL ? in->kind
								       : entity_name(in->entity)),
			val_id(in->contact_id), val_text(in->format),
			val_texts(in->fields, in->nfields), val_texts(in->opened, in->nopened),
			val_text(in->reason), val_i64(cx->principal->user_id), val_text(in->log)),
		&r));
	out->id = rows_i64(r, 0, 0);
	out->count = in->log != NULL ? in->count : 1;
	if (export_counted_by(in->kind) != NULL) {
		TRY(tx_query(cx->tx, export_counted_by(in->kind), NO_VALS, &r));
		out->count = rows_i64(r, 0, 0);
	}
	if (in->query == NULL)
		return NULL;
	TRY(record_export_fix(cx, in->query, out->id, &out->count));
	if (out->count > RECORD_EXPORT_MAX)
		return err_new(cx->a, ERR_CONFLICT, "error.export_too_many");
	return out->count > 0 ? NULL : err_new(cx->a, ERR_CONFLICT, "error.export_nothing");
}

void
export_log(
	const struct record_ctx *cx, int64_t id, int64_t contact, const char *reason, int64_t count)
{
	struct audit_event e = {.action = "export",
		.entity = "export",
		.records = arena_memdup(cx->a, &id, sizeof(id)),
		.nrecords = 1,
		.reason = reason,
		.count = count};

	if (contact != 0) {
		e.subjects = arena_memdup(cx->a, &contact, sizeof(contact));
		e.nsubjects = 1;
	}
	audit_queue(cx->tx, cx->a, &e);
}

struct err *
export_begin(const struct record_ctx *cx, const struct settings *st, const struct export_new *in,
	struct export_begun *out)
{
	int64_t user = cx->principal->user_id, day, threshold;
	const char *query;
	struct rows *r;
	bool waits;

	memset(out, 0, sizeof(*out));
	tx_queue(cx->tx, &lock_asker, VALS(val_i64(user)), NULL);
	TRY(find_same(cx, in, out));
	if (out->id != 0)
		return NULL;
	TRY(add_row(cx, in, out));
	TRY(tx_query(cx->tx, &taken, VALS(val_i64(user), val_i64(out->id)), &r));
	threshold = rows_i64(r, 0, 0);
	day = rows_i64(r, 0, 1);
	waits = day + out->count > threshold;
	query = waits && in->query != NULL ? question_text(cx, in->query) : NULL;
	tx_queue(cx->tx, &ask,
		VALS(val_i64(out->id), val_i64(out->count), val_i64(day), val_i64(threshold),
			val_bytes(seal_text(cx, "query", out->id, query)),
			val_bytes(seal_text(cx, "secret", out->id, waits ? in->password : NULL))),
		NULL);
	export_log(cx, out->id, in->contact_id, in->reason, out->count);
	if (waits)
		return export_alert(cx, st, out->id, "asked");
	return export_start_job(cx, out->id, in->kind, export_entity(in->entity), in->contact_id,
		user, in->password, &out->job);
}

void
export_answer(struct request *rq, struct response *rp, const struct export_begun *begun)
{
	struct json_object *o = response_data(rp);
	bool waits = begun->job == 0;

	rp->status = 202;
	model_i64(o, "export", begun->id);
	model_text(o, "state", waits ? "waiting" : "running");
	model_i64(o, "count", begun->count);
	if (waits)
		model_null(o, "job");
	else
		model_i64(o, "job", begun->job);
	response_flash(rp, waits ? "flash.export_waits" : "flash.export_started");
	if (waits)
		response_go(rp, rq, "/exports/%lld", (long long)begun->id);
	else
		response_go(rp, rq, "/jobs/%lld", (long long)begun->job);
}

struct err *
export_fetched(const struct record_ctx *cx, const struct settings *st, int64_t id)
{
	struct rows *r;

	TRY(tx_query(cx->tx, &decided, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0 || !rows_bool(r, 0, 0))
		return NULL;
	return export_alert(cx, st, id, "fetched");
}

void
export_done(struct tx *tx, int64_t job, int64_t download, int64_t exported)
{
	tx_queue(tx, &done, VALS(val_i64(job), val_i64(download), val_i64(exported)), NULL);
}

void
export_failed(struct job_run *run, struct tx *tx, const char *key)
{
	(void)key;
	tx_queue(tx, &failed, VALS(val_i64(run->id)), NULL);
}

/* SPDX-License-Identifier: ISC */
#include "export_guard.h"

#include <string.h>

#include "event.h"
#include "export.h"
#include "export_mail.h"
#include "job.h"
#include "person_export.h"
#include "run.h"
#include "utf8.h"

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
STMT(lock_row, "export.decide", 1,
	"select kind, entity, contact_id, created_by, state, secret, asked from export "
	"where export_id = $1::bigint for update");
STMT(approvers, "export.others", 1,
	"select exists (select from app_user u join profile_right r using (profile_id) "
	"where u.active and r.entity = '' and r.\"right\" = 'approve_exports' "
	"and u.user_id <> $1::bigint and not closing_keeps_out(u.user_id))");
STMT(left, "export.left", 1, "select count(*) from export_record where export_id = $1::bigint");
STMT(decide, "export.decided", 6,
	"update export set state = $2, decided_at = now(), decided_by = $3::bigint, note = $4, "
	"query = null, approved = $5::bigint, alone = $6::boolean where export_id = $1::bigint");
STMT(cancel, "export.cancel", 2,
	"update export set state = 'cancelled', secret = null, query = null where export_id = "
	"$1::bigint "
	"and created_by = $2::bigint and (state = 'waiting' or (state = 'running' and kind in "
	"('list', 'log')))");
STMT(let_go, "export.let_go", 1, "delete from export_record where export_id = $1::bigint");
STMT(done, "export.done", 3,
	"update export set state = 'done', download_id = $2::bigint, exported = $3::bigint "
	"where job_id = $1::bigint and state = 'running'");
STMT(failed, "export.failed", 1,
	"with e as (update export set state = 'failed' where job_id = $1::bigint "
	"and state = 'running' returning export_id) "
	"delete from export_record where export_id in (select export_id from e)");
STMT(decided, "export.was_decided", 1,
	"select decided_at is not null from export where export_id = $1::bigint");
STMT(lapse, "export.lapse", 1,
	"with e as (update export set state = 'lapsed', secret = null, query = null where "
	"export_id in "
	"(select export_id from export where state = 'waiting' "
	"and created_at <= now() - make_interval(days => $1::int) order by created_at limit 100) "
	"returning export_id), "
	"g as (delete from export_record where export_id in (select export_id from e)) "
	"select export_id from e");
STMT(lapse_next, "export.lapse_next", 1,
	"select ceil(extract(epoch from min(created_at) + make_interval(days => $1::int) "
	"- now()))::bigint from export where state = 'waiting'");

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

static const char *
open_text(const struct record_ctx *cx, const char *what, int64_t id, struct bytes sealed)
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
	return open_text(cx, "note", id, sealed);
}

struct json_object *
export_question(const struct record_ctx *cx, int64_t id, struct bytes sealed)
{
	const char *text = open_text(cx, "query", id, sealed);
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

static bool
is_person(const char *kind)
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
static const struct stmt *
counted_by(const char *kind)
{
	return is_whole(kind) ? &everybody : is_books(kind) ? &all_books : NULL;
}

/* Whose right to export the job asks of its asker all the while; "": a special right. */
static const char *
entity_name_of(enum entity e)
{
	return e < ENTITY_MAX ? entity_name(e) : "";
}

/* The job that makes it; what is being made already is not made twice. */
static struct err *
start_job(const struct record_ctx *cx, int64_t id, const char *kind, const char *entity,
	int64_t contact, int64_t user, const char *password, int64_t *job_r)
{
	struct json_object *args = model_object(cx->a);
	const char *key = NULL;

	model_i64(args, "export", id);
	model_text(args, "entity", entity);
	if (is_person(kind))
		model_i64(args, "contact", contact);
	if (is_person(kind) && password == NULL)
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

	if (counted_by(in->kind) != NULL)
		return find_whole(cx, in->kind, out);
	if (!is_person(in->kind) || in->password != NULL)
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
			val_text(in->log != NULL                ? "audit"
				 : counted_by(in->kind) != NULL ? in->kind
								: entity_name(in->entity)),
			val_id(in->contact_id), val_text(in->format),
			val_texts(in->fields, in->nfields), val_texts(in->opened, in->nopened),
			val_text(in->reason), val_i64(cx->principal->user_id), val_text(in->log)),
		&r));
	out->id = rows_i64(r, 0, 0);
	out->count = in->log != NULL ? in->count : 1;
	if (counted_by(in->kind) != NULL) {
		TRY(tx_query(cx->tx, counted_by(in->kind), NO_VALS, &r));
		out->count = rows_i64(r, 0, 0);
	}
	if (in->query == NULL)
		return NULL;
	TRY(record_export_fix(cx, in->query, out->id, &out->count));
	if (out->count > RECORD_EXPORT_MAX)
		return err_new(cx->a, ERR_CONFLICT, "error.export_too_many");
	return out->count > 0 ? NULL : err_new(cx->a, ERR_CONFLICT, "error.export_nothing");
}

static void
log_export(
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
	log_export(cx, out->id, in->contact_id, in->reason, out->count);
	if (waits)
		return export_alert(cx, st, out->id, "asked");
	return start_job(cx, out->id, in->kind, entity_name_of(in->entity), in->contact_id, user,
		in->password, &out->job);
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

/* A request under decision: locked, and still waiting. */
struct request_row {
	const char *kind;
	enum entity entity;
	int64_t asked;
	int64_t contact;
	int64_t asker;
	struct bytes secret;
};

static struct err *
load_waiting(const struct record_ctx *cx, int64_t id, struct request_row *w)
{
	struct rows *r;

	TRY(tx_query(cx->tx, &lock_row, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	if (strcmp(rows_text(r, 0, 4), "waiting") != 0)
		return err_new(cx->a, ERR_CONFLICT, "error.export_decided");
	w->kind = rows_text(r, 0, 0);
	w->asked = rows_i64(r, 0, 6);
	w->entity = entity_parse(rows_text(r, 0, 1));
	w->contact = rows_i64(r, 0, 2);
	w->asker = rows_i64(r, 0, 3);
	w->secret = rows_bytes(cx->a, r, 0, 5);
	return NULL;
}

struct err *
export_others(const struct record_ctx *cx, int64_t user, bool *others_r)
{
	struct rows *r;

	TRY(tx_query(cx->tx, &approvers, VALS(val_i64(user)), &r));
	*others_r = rows_bool(r, 0, 0);
	return NULL;
}

/* Whoever asked can sign in and still has the right. */
static struct err *
asker_may(const struct record_ctx *cx, const struct request_row *w)
{
	struct principal *p;
	bool may;

	TRY(principal_of_user(cx->tx, cx->a, w->asker, &p));
	may = p != NULL && principal_may(p, w->entity,
				   counted_by(w->kind) != NULL ? RIGHT_CLOSE_WORKSPACE
				   : is_person(w->kind)        ? RIGHT_RUN_REQUESTS
				   : w->entity == ENTITY_NONE  ? RIGHT_VIEW_AUDIT
							       : RIGHT_EXPORT);
	return may ? NULL : err_new(cx->a, ERR_CONFLICT, "error.export_asker");
}

static struct err *
check_note(const struct record_ctx *cx, const char *note, size_t least)
{
	struct err *e = NULL;

	if (note == NULL || *note == '\0')
		err_add_field(cx->a, &e, "note", "error.required", NULL);
	else if (utf8_length(note) < least)
		err_add_field(cx->a, &e, "note", "error.export_note_short", "10");
	return e;
}

/* Nobody approves what one asked for oneself, but where nobody else could. */
static struct err *
check_alone(const struct record_ctx *cx, const char *note)
{
	bool others;

	TRY(export_others(cx, cx->principal->user_id, &others));
	if (others)
		return err_new(cx->a, ERR_DENIED, "error.export_own");
	if (strcmp(cx->principal->via, "cookie") != 0)
		return err_new(cx->a, ERR_DENIED, "error.export_alone");
	return check_note(cx, note, EXPORT_NOTE_MIN);
}

static void
put_decision(const struct record_ctx *cx, int64_t id, const char *state, const char *note,
	int64_t count, bool alone)
{
	tx_queue(cx->tx, &decide,
		VALS(val_i64(id), val_text(state), val_i64(cx->principal->user_id),
			val_bytes(export_note_seal(cx, id, note)), val_id(count), val_bool(alone)),
		NULL);
}

struct err *
export_approve(const struct record_ctx *cx, const struct settings *st, int64_t id, const char *note)
{
	struct request_row w;
	struct rows *r;
	int64_t count, job;
	bool alone;

	TRY(load_waiting(cx, id, &w));
	alone = w.asker == cx->principal->user_id;
	if (alone)
		TRY(check_alone(cx, note));
	TRY(asker_may(cx, &w));
	count = w.asked;
	if (counted_by(w.kind) != NULL) {
		TRY(tx_query(cx->tx, counted_by(w.kind), NO_VALS, &r));
		count = rows_i64(r, 0, 0);
	} else if (strcmp(w.kind, "list") == 0) {
		TRY(tx_query(cx->tx, &left, VALS(val_i64(id)), &r));
		count = rows_i64(r, 0, 0);
	}
	put_decision(cx, id, "running", note, count, alone);
	log_export(cx, id, w.contact, alone ? "export_alone" : "export_approved", count);
	TRY(start_job(cx, id, w.kind, entity_name_of(w.entity), w.contact, w.asker,
		open_text(cx, "secret", id, w.secret), &job));
	TRY(export_alert(cx, st, id, alone ? "approved_alone" : "approved"));
	return alone ? NULL : export_tell(cx, st, id, "you_approved");
}

struct err *
export_reject(const struct record_ctx *cx, const struct settings *st, int64_t id, const char *note)
{
	struct request_row w;

	TRY(load_waiting(cx, id, &w));
	if (w.asker == cx->principal->user_id)
		return err_new(cx->a, ERR_DENIED, "error.export_cancel");
	TRY(check_note(cx, note, 1));
	put_decision(cx, id, "rejected", note, 0, false);
	tx_queue(cx->tx, &let_go, VALS(val_i64(id)), NULL);
	log_export(cx, id, w.contact, "export_rejected", 0);
	return export_tell(cx, st, id, "you_rejected");
}

struct err *
export_cancel(const struct record_ctx *cx, int64_t id)
{
	struct rows *r;

	TRY(tx_query(cx->tx, &cancel, VALS(val_i64(id), val_i64(cx->principal->user_id)), &r));
	if (rows_affected(r) == 0)
		return err_new(cx->a, ERR_CONFLICT, "error.export_decided");
	tx_queue(cx->tx, &let_go, VALS(val_i64(id)), NULL);
	log_export(cx, id, 0, "export_cancelled", 0);
	return NULL;
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

struct err *
export_lapse(struct job_run *run, int64_t *next_r)
{
	const struct settings *st = tenancy_settings(run->tenancy);
	struct record_ctx cx;
	struct rows *r, *next;

	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", 0, &cx));
	TRY(chore_begin(run, run->kind, &cx.tx));
	TRY(tx_query(cx.tx, &lapse, VALS(val_i64(EXPORT_LAPSE_DAYS)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		log_export(&cx, rows_i64(r, i, 0), 0, "export_lapsed", 0);
		TRY(export_tell(&cx, st, rows_i64(r, i, 0), "you_lapsed"));
	}
	TRY(tx_query(cx.tx, &lapse_next, VALS(val_i64(EXPORT_LAPSE_DAYS)), &next));
	if (!rows_null(next, 0, 0))
		*next_r = rows_i64(next, 0, 0) > 0 ? rows_i64(next, 0, 0) : 1;
	return tx_commit(cx.tx);
}

/* SPDX-License-Identifier: ISC */
/* Exports that wait: approved, rejected, cancelled, or lapsed. */
#include "export_guard_part.h"

#include <string.h>

#include "export_mail.h"
#include "run.h"
#include "utf8.h"

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
				   export_counted_by(w->kind) != NULL ? RIGHT_CLOSE_WORKSPACE
				   : export_is_person(w->kind)        ? RIGHT_RUN_REQUESTS
				   : w->entity == ENTITY_NONE         ? RIGHT_VIEW_AUDIT
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
	if (export_counted_by(w.kind) != NULL) {
		TRY(tx_query(cx->tx, export_counted_by(w.kind), NO_VALS, &r));
		count = rows_i64(r, 0, 0);
	} else if (strcmp(w.kind, "list") == 0) {
		TRY(tx_query(cx->tx, &left, VALS(val_i64(id)), &r));
		count = rows_i64(r, 0, 0);
	}
	put_decision(cx, id, "running", note, count, alone);
	export_log(cx, id, w.contact, alone ? "export_alone" : "export_approved", count);
	TRY(export_start_job(cx, id, w.kind, export_entity(w.entity), w.contact, w.asker,
		export_text_open(cx, "secret", id, w.secret), &job));
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
	export_log(cx, id, w.contact, "export_rejected", 0);
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
	export_log(cx, id, 0, "export_cancelled", 0);
	return NULL;
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
		export_log(&cx, rows_i64(r, i, 0), 0, "export_lapsed", 0);
		TRY(export_tell(&cx, st, rows_i64(r, i, 0), "you_lapsed"));
	}
	TRY(tx_query(cx.tx, &lapse_next, VALS(val_i64(EXPORT_LAPSE_DAYS)), &next));
	if (!rows_null(next, 0, 0))
		*next_r = rows_i64(next, 0, 0) > 0 ? rows_i64(next, 0, 0) : 1;
	return tx_commit(cx.tx);
}

/* SPDX-License-Identifier: ISC */
#include "support.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "event.h"
#include "outbox.h"
#include "text.h"
#include "token.h"
#include "utf8.h"

STMT(load_one, "support.load", 1,
	"select " GRANT_COLUMNS "from support_grant g where g.grant_id = $1::bigint");
STMT(insert_one, "support.insert", 5,
	"insert into support_grant (operator_id, reason, scope, hours, asked_at, given_at, "
	"given_by, ends_at, until_at) select $1::bigint, $2, $3, $4::int, "
	"case when $5::bigint is null then now() end, "
	"case when $5::bigint is not null then now() end, $5::bigint, "
	"case when $5::bigint is not null then now() + make_interval(hours => $4::int) end, "
	"now() + make_interval(hours => case when $5::bigint is null then 12 else $4::int end) "
	"returning grant_id");
STMT(give, "support.give", 2,
	"update support_grant g set given_at = now(), given_by = $2::bigint, "
	"ends_at = now() + make_interval(hours => g.hours), "
	"until_at = now() + make_interval(hours => g.hours) "
	"where g.grant_id = $1::bigint and support_state(g) = 'waiting'");
STMT(refuse, "support.refuse", 2,
	"update support_grant g set refused_at = now(), refused_by = $2::bigint, closed_at = now() "
	"where g.grant_id = $1::bigint and support_state(g) = 'waiting'");
STMT(open_of, "support.open_of", 1,
	"select grant_id from support_grant where operator_id = $1::bigint and closed_at is null");
STMT(revoke, "support.revoke", 2,
	"with g as (update support_grant g set revoked_at = now(), revoked_by = $2::bigint, "
	"closed_at = now() where g.grant_id = $1::bigint and g.closed_at is null "
	"and support_state(g) in ('waiting', 'active') returning g.grant_id), "
	"s as (update session set ended_at = now() where grant_id in (select grant_id from g) "
	"and ended_at is null), "
	"t as (delete from support_entry where grant_id in (select grant_id from g)) "
	"select grant_id from g");
STMT(managers, "support.managers", 0,
	"select u.user_id, u.email, u.name, u.language from app_user u where u.active "
	"and exists (select from profile_right r where r.profile_id = u.profile_id "
	"and r.entity = '' and r.\"right\" = 'manage_workspace') order by u.user_id limit 100");
STMT(ticket, "support.ticket", 3,
	"insert into support_entry (hash, grant_id, expires_at) "
	"select $3, g.grant_id, now() + interval '1 minute' from support_grant g "
	"where g.grant_id = $1::bigint and g.operator_id = $2::bigint "
	"and support_state(g) = 'active'");

#define REASON_MAX_CHARS 200
#define HOURS_MAX 24

static bool
scope_known(const char *scope)
{
	return scope != NULL && (strcmp(scope, "read_masked") == 0 || strcmp(scope, "read") == 0 ||
					strcmp(scope, "read_write") == 0);
}

void
grant_wanted(struct request *rq, struct wanted *w, struct err **e)
{
	const char *reason = request_text(rq, "reason");

	w->reason = reason != NULL ? text_clean(rq->a, reason, false) : NULL;
	w->scope = request_text(rq, "scope");
	w->hours = request_i64(rq, "hours", 0);
	if (w->reason == NULL)
		err_add_field(rq->a, e, "reason", "error.required", NULL);
	else if (utf8_length(w->reason) > REASON_MAX_CHARS)
		err_add_field(rq->a, e, "reason", "error.too_long", "200");
	if (!scope_known(w->scope))
		err_add_field(rq->a, e, "scope", "error.choice", NULL);
	if (w->hours < 1 || w->hours > HOURS_MAX)
		err_add_field(rq->a, e, "hours", "error.range", "1–24");
}

void
grant_from_row(struct arena *a, const struct rows *r, size_t i, struct grant *g)
{
	g->id = rows_i64(r, i, 0);
	g->operator_id = rows_i64(r, i, 1);
	g->reason = arena_strdup(a, rows_text(r, i, 2));
	g->scope = arena_strdup(a, rows_text(r, i, 3));
	g->hours = rows_i64(r, i, 4);
	g->state = arena_strdup(a, rows_text(r, i, 5));
	g->asked_at = rows_i64(r, i, 6);
	g->given_at = rows_i64(r, i, 7);
	g->ends_at = rows_i64(r, i, 8);
	g->ended_at = rows_i64(r, i, 9);
	g->given_by = rows_text(r, i, 10);
	g->ended_by = rows_text(r, i, 11);
}

struct err *
grant_load(struct tx *tx, struct arena *a, int64_t id, struct grant *g, bool *found_r)
{
	struct rows *r;

	TRY(tx_query(tx, &load_one, VALS(val_i64(id)), &r));
	*found_r = rows_count(r) > 0;
	if (*found_r)
		grant_from_row(a, r, 0, g);
	return NULL;
}

struct err *
grant_insert(struct tx *tx, struct arena *a, int64_t operator_id, const struct wanted *w,
	int64_t user, int64_t *id_r)
{
	struct rows *r;

	TRY(tx_query(tx, &insert_one,
		VALS(val_i64(operator_id), val_text(w->reason), val_text(w->scope),
			val_i64(w->hours), val_id(user)),
		&r));
	*id_r = rows_i64(r, 0, 0);
	audit_queue_one(tx, a, "support", "support_grant", *id_r, 0,
		user != 0 ? "support_given" : "support_asked");
	return NULL;
}

struct err *
grant_answer(struct tx *tx, struct arena *a, int64_t id, bool yes, int64_t user, bool *done_r)
{
	struct rows *r;

	TRY(tx_query(tx, yes ? &give : &refuse, VALS(val_i64(id), val_i64(user)), &r));
	*done_r = rows_affected(r) == 1;
	if (*done_r)
		audit_queue_one(tx, a, "support", "support_grant", id, 0,
			yes ? "support_given" : "support_refused");
	return NULL;
}

struct err *
grant_revoke(struct tx *tx, struct arena *a, int64_t id, int64_t user, bool *done_r)
{
	struct rows *r;

	TRY(tx_query(tx, &revoke, VALS(val_i64(id), val_id(user)), &r));
	*done_r = rows_count(r) > 0;
	if (*done_r)
		audit_queue_one(tx, a, "support", "support_grant", id, 0, "support_revoked");
	return NULL;
}

struct err *
grant_revoke_all(struct tx *tx, struct arena *a, int64_t operator_id, int64_t *n_r)
{
	struct rows *r;
	bool done;

	*n_r = 0;
	TRY(tx_query(tx, &open_of, VALS(val_i64(operator_id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		TRY(grant_revoke(tx, a, rows_i64(r, i, 0), 0, &done));
		*n_r += done;
	}
	return NULL;
}

struct err *
grant_tell(struct tx *tx, struct arena *a, const struct tenant *tn, const char *what,
	const char *email, int64_t id)
{
	struct outgoing m = {.kind = "support", .subject_arg = tn->name};
	struct grant g;
	struct rows *r;
	bool found;

	if (gate_settings()->mail_relay == NULL)
		return NULL;
	TRY(grant_load(tx, a, id, &g, &found));
	TRY(tx_query(tx, &managers, NO_VALS, &r));
	for (size_t i = 0; found && i < rows_count(r); i++) {
		m.user_id = rows_i64(r, i, 0);
		m.to = rows_text(r, i, 1);
		m.name = rows_text(r, i, 2);
		m.lang = lang_parse(rows_text(r, i, 3));
		m.data = model_object(a);
		model_text(m.data, "workspace", tn->name);
		model_text(m.data, "what", what);
		model_text(m.data, "operator", email);
		model_text(m.data, "reason", g.reason);
		model_text(m.data, "scope", g.scope);
		model_i64(m.data, "hours", g.hours);
		if (g.ends_at != 0)
			model_text(m.data, "until", time_show(a, g.ends_at, lang_tag(m.lang)));
		model_text(m.data, "link", arena_printf(a, "%s/settings/support", tn->origin));
		TRY(outbox_add(tx, a, &tn->kek, &m));
	}
	return NULL;
}

struct err *
grant_ticket(struct tx *tx, struct arena *a, int64_t id, int64_t operator_id, const char **token_r)
{
	unsigned char hash[DIGEST_BYTES];
	struct rows *r;

	*token_r = token_new(a, 32);
	sha256(*token_r, strlen(*token_r), hash);
	TRY(tx_query(tx, &ticket,
		VALS(val_i64(id), val_i64(operator_id),
			val_bytes((struct bytes){hash, sizeof(hash)})),
		&r));
	if (rows_affected(r) == 0)
		*token_r = NULL;
	return NULL;
}

static void
add_time(struct request *rq, struct json_object *o, const char *name, int64_t at)
{
	model_text(o, name, at != 0 ? time_rfc3339(rq->a, at) : NULL);
	if (!rq->api && at != 0)
		model_text(o, arena_printf(rq->a, "%s_shown", name),
			time_show(rq->a, at, lang_tag(request_lang(rq))));
}

void
grant_model(struct request *rq, const struct grant *g, const char *email, struct json_object *o)
{
	model_i64(o, "id", g->id);
	model_text(o, "operator", email);
	model_text(o, "reason", g->reason);
	model_text(o, "scope", g->scope);
	model_i64(o, "hours", g->hours);
	model_text(o, "state", g->state);
	add_time(rq, o, "asked_at", g->asked_at);
	add_time(rq, o, "given_at", g->given_at);
	model_text(o, "given_by", g->given_by);
	add_time(rq, o, "ends_at", g->ends_at);
	add_time(rq, o, "ended_at", g->ended_at);
	model_text(o, "ended_by", g->ended_by);
	if (rq->api)
		return;
	model_text(o, "scope_label", say_word(rq, "support.scope", g->scope));
	model_text(o, "state_label", say_word(rq, "support.state", g->state));
}

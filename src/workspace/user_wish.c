/* SPDX-License-Identifier: ISC */
/* What is to become of a user: what the body asks for, and that it becomes so. */
#include "member.h"

#include <string.h>

#include "event.h"
#include "link.h"
#include "profile.h"
#include "text.h"
#include "user.h"
#include "utf8.h"

STMT(find_profile, "profile.find", 1, "select profile_id from profile where name = $1");
STMT(update_user, "user.update", 9,
	"update app_user set name = coalesce($2, name), email = coalesce($3, email), "
	"email_key = coalesce(sha256(convert_to(lower($3), 'UTF8')), email_key), "
	"language = coalesce($4, language), profile_id = coalesce($5::bigint, profile_id), "
	"active = coalesce($6::boolean, active), "
	"team_id = case when $8::boolean then $9::bigint else team_id end, version = version + 1 "
	"where user_id = $1::bigint and version = $7::bigint");
STMT(find_team, "team.find", 1, "select name from team where team_id = $1::bigint");
/* Sessions, tokens, and links that would let in again. */
STMT(end_all, "user.shut_out", 1,
	"with l as (delete from sign_in_link where user_id = $1::bigint) "
	"update session set ended_at = now() where user_id = $1::bigint and ended_at is null");

static struct err *
read_team(struct request *rq, struct wish *w, struct err **e)
{
	struct rows *r;

	w->teams = true;
	w->team_id = request_i64(rq, "team_id", 0);
	if (w->team_id == 0)
		return NULL;
	TRY(tx_query(rq->tx, &find_team, VALS(val_i64(w->team_id)), &r));
	if (rows_count(r) == 0)
		err_add_field(rq->a, e, "team_id", "error.choice", NULL);
	else
		w->team = rows_text(r, 0, 0);
	return NULL;
}

/* ERR_INVALID with an error for each entry at fault; m NULL: a new user. */
struct err *
wish_read(struct request *rq, const struct member *m, struct wish *w)
{
	struct err *e = NULL;
	struct rows *r;
	int64_t other;

	*w = (struct wish){.active = NO_VAL, .password = request_text(rq, "password")};
	w->language = request_text(rq, "language");
	w->profile = request_text(rq, "profile");
	if (w->language != NULL && strcmp(w->language, "en") != 0 &&
		strcmp(w->language, "zh-Hant") != 0)
		err_add_field(rq->a, &e, "language", "error.choice", NULL);
	if (request_has(rq, "name")) {
		const char *name = request_text(rq, "name");

		w->name = name != NULL ? text_clean(rq->a, name, false) : NULL;
		if (w->name == NULL || utf8_length(w->name) > 100)
			err_add_field(rq->a, &e, "name",
				w->name == NULL ? "error.required" : "error.too_long", "100");
	}
	if (request_has(rq, "email")) {
		const char *email = request_text(rq, "email");

		w->email = email != NULL ? text_email(rq->a, email) : NULL;
		if (w->email == NULL) {
			err_add_field(rq->a, &e, "email", "error.email", NULL);
		} else {
			TRY(user_by_email(rq->tx, rq->a, w->email, &other));
			if (other != 0 && (m == NULL || other != m->id))
				err_add_field(rq->a, &e, "email", "error.email_taken", NULL);
		}
	}
	if (w->profile != NULL) {
		TRY(tx_query(rq->tx, &find_profile, VALS(val_text(w->profile)), &r));
		if (rows_count(r) == 0)
			err_add_field(rq->a, &e, "profile", "error.choice", NULL);
		else
			w->profile_id = rows_i64(r, 0, 0);
	}
	if (request_has(rq, "team_id"))
		TRY(read_team(rq, w, &e));
	if (request_value(rq, "active") != NULL)
		w->active = val_bool(request_bool(rq, "active", true));
	w->hand_over_to = request_i64(rq, "hand_over_to", 0);
	return e;
}

static void
log_change(struct request *rq, int64_t user, const char *reason)
{
	audit_queue_one(rq->tx, rq->a, "permission", "user", user, 0, reason);
}

bool
wish_moves(const struct member *m, const struct wish *w)
{
	return (w->profile_id != 0 && w->profile_id != m->profile_id) ||
	       (w->teams && w->team_id != m->team_id);
}

/* What one may see was this and becomes that. */
static void
log_move(struct request *rq, const struct member *m, const struct wish *w)
{
	struct json_object *diff = model_object(rq->a), *pair;

	if (w->profile_id != 0 && w->profile_id != m->profile_id) {
		pair = model_child(diff, "profile");
		model_text(pair, "old", m->profile);
		model_text(pair, "new", w->profile);
	}
	if (w->teams && w->team_id != m->team_id) {
		pair = model_child(diff, "team");
		model_text(pair, "old", m->team);
		model_text(pair, "new", w->team);
	}
	profile_log(rq, "user", m->id,
		w->profile_id != 0 && w->profile_id != m->profile_id ? "profile_changed"
								     : "team_changed",
		diff);
}

/* One event for each thing that matters to whoever reads the log later. */
static void
log_wish(struct request *rq, const struct member *m, const struct wish *w)
{
	if (wish_moves(m, w))
		log_move(rq, m, w);
	if (w->email != NULL && strcmp(w->email, m->email) != 0)
		log_change(rq, m->id, "email_changed");
	if (w->active.kind == VAL_BOOL && w->active.u.yes != m->active)
		log_change(rq, m->id, w->active.u.yes ? "user_activated" : "user_deactivated");
	if ((w->name != NULL && strcmp(w->name, m->name) != 0) ||
		(w->language != NULL && strcmp(w->language, m->language) != 0))
		log_change(rq, m->id, "user_changed");
}

bool
wish_leaves(const struct member *m, const struct wish *w)
{
	return m->active && w->active.kind == VAL_BOOL && !w->active.u.yes;
}

/* What somebody who leaves owned has another owner in the same moment. */
static struct err *
part(struct request *rq, const struct member *m, struct wish *w)
{
	struct err *e = NULL;

	if (wish_leaves(m, w))
		return hand_over(rq, m->id, w->hand_over_to, &w->handed);
	if (w->hand_over_to != 0)
		err_add_field(rq->a, &e, "hand_over_to", "error.hand_over_stays", NULL);
	return e;
}

struct err *
wish_apply(struct request *rq, const struct member *m, struct wish *w)
{
	struct rows *r;

	TRY(part(rq, m, w));
	/* To the address it was: whoever reads the new one knows. */
	if (w->email != NULL && strcmp(w->email, m->email) != 0)
		TRY(notice_send(
			rq->tx, rq->a, rq->tenant, gate_settings(), m->id, "email_changed"));
	TRY(tx_query(rq->tx, &update_user,
		VALS(val_i64(m->id), val_text(w->name), val_text(w->email), val_text(w->language),
			val_id(w->profile_id), w->active, val_i64(m->version), val_bool(w->teams),
			val_id(w->team_id)),
		&r));
	if (rows_affected(r) == 0)
		return err_new(rq->a, ERR_STALE, NULL);
	log_wish(rq, m, w);
	if (w->active.kind == VAL_BOOL && !w->active.u.yes)
		tx_queue(rq->tx, &end_all, VALS(val_i64(m->id)), NULL);
	if (w->password != NULL) {
		TRY(user_set_password(rq->tx, rq->a, rq->tenant, m->id, w->password, 0, true));
		TRY(notice_send(
			rq->tx, rq->a, rq->tenant, gate_settings(), m->id, "password_changed"));
	}
	return NULL;
}

/* SPDX-License-Identifier: ISC */
/*
 * Support access: what the operator's people may see of a workspace, which is nothing but
 * inside a grant. It is given by whoever manages the workspace, as an answer to a request or
 * unasked, for 1 to 24 hours, and can be ended at once. Of workspace/ and the commands.
 */
#ifndef PRAYA_SUPPORT_H
#define PRAYA_SUPPORT_H

#include "gate.h"
#include "tx.h"

struct grant {
	int64_t id;
	int64_t operator_id;
	const char *reason;
	const char *scope; /* read_masked, read, read_write */
	int64_t hours;
	const char *state; /* waiting, lapsed, refused, active, over, revoked */
	int64_t asked_at;  /* microseconds; 0: never */
	int64_t given_at;
	int64_t ends_at;
	int64_t ended_at;     /* refused or revoked */
	const char *given_by; /* a user's name, or NULL */
	const char *ended_by;
};

#define GRANT_COLUMNS \
	"g.grant_id, g.operator_id, g.reason, g.scope, g.hours::bigint, support_state(g), " \
	"(extract(epoch from g.asked_at) * 1000000)::bigint, " \
	"(extract(epoch from g.given_at) * 1000000)::bigint, " \
	"(extract(epoch from g.ends_at) * 1000000)::bigint, " \
	"(extract(epoch from coalesce(g.revoked_at, g.refused_at)) * 1000000)::bigint, " \
	"(select u.name from app_user u where u.user_id = g.given_by), " \
	"(select u.name from app_user u where u.user_id = coalesce(g.revoked_by, g.refused_by)) "

/* What is asked for or offered, as it was typed. */
struct wanted {
	const char *reason;
	const char *scope;
	int64_t hours;
};

/* Cleans and checks; adds to *e at reason, scope, hours. */
void grant_wanted(struct request *rq, struct wanted *w, struct err **e);
/* Scope, hours and reason of a form that asks for one or offers it. */
void grant_fields(struct request *rq, struct json_object *list, const char *reason_hint);

void grant_from_row(struct arena *a, const struct rows *r, size_t i, struct grant *g);
/* *found_r false: there is no such one. */
struct err *grant_load(struct tx *tx, struct arena *a, int64_t id, struct grant *g, bool *found_r);
/* user 0: the operator asks; else that user gives. */
struct err *grant_insert(struct tx *tx, struct arena *a, int64_t operator_id,
	const struct wanted *w, int64_t user, int64_t *id_r);
/* An answer to a request that still waits. *done_r false: it does not. */
struct err *
grant_answer(struct tx *tx, struct arena *a, int64_t id, bool give, int64_t user, bool *done_r);
/* Ends what is open, and every session inside it. *done_r false: nothing was. */
struct err *grant_revoke(struct tx *tx, struct arena *a, int64_t id, int64_t user, bool *done_r);
/* Those of an operator who is removed; returns how many. */
struct err *grant_revoke_all(struct tx *tx, struct arena *a, int64_t operator_id, int64_t *n_r);
/* Tells those who manage the workspace: what "asked" or "given". Nothing where no relay is set. */
struct err *grant_tell(struct tx *tx, struct arena *a, const struct tenant *tn, const char *what,
	const char *email, int64_t id);
/* A ticket into a grant of that operator. *token_r NULL: it is not open. */
struct err *
grant_ticket(struct tx *tx, struct arena *a, int64_t id, int64_t operator_id, const char **token_r);

/* The API's object, and with it the words of a page. email: the operator's. */
void
grant_model(struct request *rq, const struct grant *g, const char *email, struct json_object *o);

#endif

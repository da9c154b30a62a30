/* SPDX-License-Identifier: ISC */
/*
 * Requests under the Personal Data (Privacy) Ordinance, as cases: recorded by any
 * member of staff, seen to by whoever has the right, moved by steps that the database
 * knows (sql/tenant/repeatable/45_request.sql) and never deleted.
 *
 * Who asks, about whom and for what is sealed under a key of the case alone; with
 * that key goes all that is personal, and the case stays.
 */
#ifndef PRAYA_CASE_H
#define PRAYA_CASE_H

#include "deadline.h"
#include "record.h"

struct privacy_case {
	int64_t id, version;
	const char *reference, *kind, *state, *channel, *language, *capacity;
	const char *received_on, *due_on, *due_rolled_on; /* days in Hong Kong */
	int64_t received_at, recorded_at, closed_at;      /* microseconds; 0: not */
	int64_t identity_at, approved_at, delayed_at, fee_at, fee_paid_at;
	int64_t fee;              /* cents */
	const char *identity_how; /* kind of evidence, or NULL */
	int64_t days_left;        /* to the target date; below 0: past it */
	int64_t since_notice;     /* days since notice of a delay */
	bool soon;                /* less than a quarter of the time is left */
	bool overdue;             /* the legal last day has gone by without an answer */
	bool late, late_now;      /* it was answered late; an answer would be */
	bool past;                /* the legal last day has gone by, noticed or not */
	bool limb_a, limb_b, statutory_form, authority;
	bool unconfirmed; /* by the public form, and nobody has followed the link in the mail */
	int64_t assignee_id, recorded_by, message_id, access_id, duplicate_of;
	const char *assignee, *recorder;
	struct seal_key key;
	bool opens;                      /* the key is there */
	struct json_object *particulars; /* an object, empty when they are gone */
	int64_t *contacts, *users, *earlier;
	size_t ncontacts, nusers, nearlier;
	const char **steps; /* "comply:identity,approval": what may be done, and what it lacks */
	size_t nsteps;
};

/* NOT_FOUND when it is not there for whoever asks. Writes no event. */
struct err *case_load(struct request *rq, int64_t id, struct privacy_case *c);
/* What the API shows of it. */
void case_model(struct request *rq, const struct privacy_case *c, struct json_object *o);
/* A text of the particulars; NULL. */
const char *case_text(const struct privacy_case *c, const char *name);
/* The step's codes of what is missing, "" when nothing is; NULL: no step of this state. */
const char *case_lacks(const struct request *rq, const struct privacy_case *c, const char *action);

/* For lists: the columns, and a case of such a row. */
extern const char case_columns[];
struct err *case_of_row(struct request *rq, const struct rows *r, size_t i, struct privacy_case *c);

/* Sealed under the case's key; p NULL for no text. */
struct bytes case_seal(
	const struct request *rq, const struct privacy_case *c, const char *what, const char *text);
/* NULL: nothing there, or the key is gone. */
const char *case_unseal(const struct request *rq, const struct privacy_case *c, const char *what,
	struct bytes sealed);

/* The two days of a kind, received on a day. known: general holidays up to there are. */
struct case_days {
	const char *received_on, *due_on, *due_rolled_on;
	bool known;
};
struct err *case_days(struct request *rq, const char *kind, int64_t received_at,
	struct case_days *d) ATTR_WARN_UNUSED;
/* Last days anew, after that day has come into the list of days or gone from it. */
struct err *case_roll(struct request *rq, const char *day) ATTR_WARN_UNUSED;

/* An event that moves nothing: record, assign, note, item, due_moved, find, found. */
void case_note(struct request *rq, const struct privacy_case *c, const char *action,
	const char *text, struct json_object *data);

extern const struct route case_routes[];
extern const struct route case_find_routes[];
extern const struct route case_new_routes[];
extern const struct route case_step_routes[];
extern const struct route case_board_routes[];

#endif

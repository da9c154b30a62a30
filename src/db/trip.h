/* SPDX-License-Identifier: ISC */
/*
 * One round trip: operations that are queued, sent together in pipeline mode
 * and read back up to the sync. Statements that the session does not know are
 * prepared on the way. Reading goes on while writing, so that large parameters
 * and large results cannot block each other.
 */
#ifndef PRAYA_TRIP_H
#define PRAYA_TRIP_H

#include "conn_private.h"
#include "value.h"

struct op;

struct trip {
	struct conn *c;
	struct arena *a;
	struct op *head;
	struct op **tail;
	struct op *next; /* the first that is not answered yet */
	struct failure *f;
	bool lost;      /* the session, while reading */
	int statements; /* that callers asked for */
	size_t bytes;   /* of parameters */
};

/* What is kept of an error. The arena's; all empty means none. */
struct failure {
	char state[6]; /* SQLSTATE */
	const char *statement;
	const char *constraint; /* or NULL */
	bool unseen;            /* a row that a policy would not show was written */
	bool broken;            /* the session is gone */
	bool stale;             /* a prepared plan no longer fits the schema */
};

void trip_init(struct trip *t, struct conn *c, struct arena *a);
void trip_add(struct trip *t, const struct stmt *s, const struct params *p, struct rows **rows_r);
/* Constant SQL without parameters or rows. Counts as no statement. */
void trip_add_plain(struct trip *t, const char *name, const char *sql);
/* The beginning and the end of a transaction, also inside a trial. */
void trip_add_begin(struct trip *t);
void trip_add_commit(struct trip *t);
/* NULL when every operation went well. After a failure, rows are NULL and the
 * session is out of pipeline mode, maybe in a failed transaction, or closed. */
struct failure *trip_go(struct trip *t) ATTR_WARN_UNUSED;
/* trip_go() in two parts, for a last operation that takes its time. trip_ask()
 * sends all and returns when everything but the last is answered; trip_wait()
 * reads the rest. After a failure of trip_ask() nothing is left to be read. What
 * fails in trip_wait() leaves the rows as they are: they were handed out. */
struct failure *trip_ask(struct trip *t) ATTR_WARN_UNUSED;
struct failure *trip_wait(struct trip *t) ATTR_WARN_UNUSED;

/* One plain statement, autocommit. */
struct err *
trip_single(struct conn *c, struct arena *a, const char *name, const char *sql) ATTR_WARN_UNUSED;
/* Ends a transaction if the session is in one; forgets stale plans. A session
 * that does not obey is closed. */
void trip_clean(struct conn *c, struct arena *a, bool stale);

/* Fills state and constraint; the server's messages are not kept. */
void failure_note(struct failure *f, struct arena *a, const PGresult *res);
struct err *failure_err(struct arena *a, const struct failure *f) ATTR_WARN_UNUSED;

#endif

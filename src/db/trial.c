/* SPDX-License-Identifier: ISC */
#include "trial.h"

#include "log.h"
#include "trip.h"

struct err *
trial_begin(struct conn *c, struct arena *a)
{
	ASSERT(c->tx == NULL && !c->trial);
	TRY(conn_ready(c, a));
	TRY(trip_single(c, a, "trial", "begin isolation level repeatable read"));
	c->trial = true;
	c->saved = false;
	return trial_mark(c, a);
}

struct err *
trial_mark(struct conn *c, struct arena *a)
{
	ASSERT(c->tx == NULL && c->trial);
	TRY(conn_ready(c, a));
	return trip_single(c, a, "trial", "savepoint praya_mark");
}

struct err *
trial_back(struct conn *c, struct arena *a)
{
	ASSERT(c->tx == NULL && c->trial);
	TRY(conn_ready(c, a));
	return trip_single(c, a, "trial", "rollback to savepoint praya_mark");
}

void
trial_end(struct conn *c, struct arena *a)
{
	ASSERT(c->tx == NULL);
	if (!c->trial)
		return;
	c->trial = c->saved = false;
	trip_clean(c, a, false);
}

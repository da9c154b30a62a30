/* SPDX-License-Identifier: ISC */
/*
 * The leak test: does what a profile may not see show anywhere?
 *
 * For each profile of a workspace it makes a user, and records of every kind: some
 * that the profile sees and some that it does not, with words in their fields
 * that stand nowhere else (canaries). Then it calls every reading route of the
 * table, through the same gate and handlers as everybody, and looks in each
 * answer for what must not be there:
 *
 *   shown	a canary of a hidden or masked field, or of an invisible record
 *   told	an answer about an invisible record, or a question by a hidden field,
 *		that is not the one for what never was (a 404, a count, an order)
 *   moved	an answer that changed when records came that are not visible
 *   failed	an answer that says that something broke: nobody knows what it tells
 *
 * What may be seen is worked out here anew (expect.c), from the rows of the
 * profile alone: neither the policies nor the principal are asked.
 *
 * All of it happens in a trial (db/trial.h): nobody else sees any of it at any
 * moment, nothing is left of it even after kill -9, nobody can sign in as the user,
 * and the log does not have what nobody did. How many records the workspace
 * has does not matter.
 */
#ifndef PRAYA_LEAK_H
#define PRAYA_LEAK_H

#include "gate.h"

struct leak_hit {
	const char *profile;
	const char *route;   /* its name */
	const char *surface; /* page, api */
	const char *how;     /* shown, told, moved, failed */
	const char *what;    /* field or record: "contact.hkid of own", "activity of others" */
	const char *where;   /* in the answer; nothing of the answer itself */
	struct leak_hit *next;
};

/* Holds nothing of any person. */
struct leak_report {
	int64_t profiles;
	int64_t routes;   /* that were called, on one surface or both */
	int64_t answers;  /* that were looked at */
	int64_t canaries; /* that had to stay out of sight, of all profiles together */
	int64_t seen;     /* that were to be seen, and were: it is not blind */
	int64_t leaks;
	struct leak_hit *hits;   /* LEAK_ALIKE of each kind, at most LEAK_HITS in all */
	const char **not_called; /* routes that change something: no body is made up for them */
	size_t nnot_called;
	const char **blank; /* called, but there was nothing of ours that its path could name */
	size_t nblank;
};

#define LEAK_HITS 200
#define LEAK_ALIKE 3

/* The gate must have been set up in this process (gate_init, routes_init, view_init), and no
 * transaction be open on the workspace's connection. */
struct leak_order {
	struct arena *a; /* the report's */
	struct tenancy *tenancy;
	const struct tenant *tenant;
	const char *profile; /* only the one of this name; NULL: all of them */
	int64_t profile_id;  /* only this one; 0: all of them */
	const char *routes;  /* only those whose name begins so, by commas; NULL: all that read */
	/* Called now and then between two answers, when not NULL; an error ends the test. */
	struct err *(*beat)(void *ctx);
	void *ctx;
};
struct err *leak_test(const struct leak_order *in, struct leak_report **report_r);

/* {"profiles","routes","answers","canaries","seen","leaks","hits":[..],"not_called":[..],"blank":[..]}
 */
struct json_object *leak_report_json(struct arena *a, const struct leak_report *r);

#endif

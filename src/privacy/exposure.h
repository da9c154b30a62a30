/* SPDX-License-Identifier: ISC */
/*
 * Who was exposed by an incident: a list made out of the log by a job, in pieces and in
 * constant memory, and frozen with its digest. Of each person: how (viewed, listed,
 * exported, sent, changed), which fields, when first and last, how often.
 */
#ifndef PRAYA_EXPOSURE_H
#define PRAYA_EXPOSURE_H

#include "incident.h"

#define EXPOSURE_WINDOWS 3
#define EXPOSURE_PICKS 50

/* What a list is asked for. */
struct exposure_ask {
	const int64_t *actors, *sessions, *contacts;
	const char **addresses;
	size_t nactors, nsessions, ncontacts, naddresses;
	const char *froms[EXPOSURE_WINDOWS], *tos[EXPOSURE_WINDOWS];
	size_t nwindows;
};

#define EXPOSURE_PARAMS \
	{"actors", P_I64S, IN_BODY, 1, EXPOSURE_PICKS, false}, \
		{"sessions", P_I64S, IN_BODY, 1, EXPOSURE_PICKS, false}, \
		{"addresses", P_TEXTS, IN_BODY, 0, EXPOSURE_PICKS, false}, \
		{"contact_ids", P_I64S, IN_BODY, 1, EXPOSURE_PICKS, false}, \
		{"from", P_TEXT, IN_BODY, 0, 40, false}, {"to", P_TEXT, IN_BODY, 0, 40, false}, \
		{"from_2", P_TEXT, IN_BODY, 0, 40, false}, \
		{"to_2", P_TEXT, IN_BODY, 0, 40, false}, \
		{"from_3", P_TEXT, IN_BODY, 0, 40, false}, \
	{ \
		"to_3", P_TEXT, IN_BODY, 0, 40, false \
	}

/* From the body; what is wrong with it at its fields. */
struct err *exposure_read(struct request *rq, struct exposure_ask *ask, struct err **e);
/* The list and its job. id_r may be NULL. */
struct err *exposure_add(struct request *rq, int64_t incident, const struct exposure_ask *ask,
	int64_t *id_r, int64_t *job_r);
/* The lists of an incident, the newest first. */
struct err *exposure_lists(struct request *rq, const struct incident *in, struct json_object *list);

struct job_run;
struct err *exposure_step(struct job_run *run);

extern const struct route exposure_routes[];
extern const struct route exposure_ask_routes[];

#endif

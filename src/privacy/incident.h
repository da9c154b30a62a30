/* SPDX-License-Identifier: ISC */
/*
 * Data breach incidents: what is known of one, the five steps of the Commissioner's
 * guidance, whether and whom to tell, and the lists of who was exposed.
 *
 * The rules stand in sql/tenant/repeatable/47_incident.sql: an incident moves by its
 * events, nobody deletes one, and a list that is frozen stays. Whoever runs or approves
 * privacy requests sees all of it. What was written is sealed under a key of the
 * incident alone; people are in it by their numbers.
 */
#ifndef PRAYA_INCIDENT_H
#define PRAYA_INCIDENT_H

#include "record.h"

#define INCIDENT_STEPS 5

struct incident_stage {
	int64_t started_at, closed_at; /* microseconds; 0: not */
	const char *lacks;             /* of closing it: codes, "" when nothing is */
};

struct incident {
	int64_t id, version;
	const char *reference, *kind, *state;
	int64_t aware_at, began_at, recorded_at, closed_at, now;
	bool decided, notify;
	int64_t decided_at, approved_at, pcpd_at, subjects_at, others_at;
	const char *recorder, *decider, *approver;
	const char *decide_lacks, *approve_lacks, *told_lacks;
	struct incident_stage stages[INCIDENT_STEPS];
	struct seal_key key;
	bool opens;                      /* the key is there */
	struct json_object *particulars; /* an object, empty when they cannot be read */
	/* Clocks that are not law: 72 hours, and the end of the fifth business day. */
	int64_t target_at;
	const char *ceiling_on;
	bool holidays_known;
	bool undecided_late; /* five business days are over, and nobody has decided */
};

extern const char *const incident_kinds[];
extern const char *const incident_whoms[];

/* DENIED for whoever neither runs nor approves requests. */
struct err *incident_right(const struct request *rq) ATTR_WARN_UNUSED;
/* NOT_FOUND when it is not there for whoever asks. Writes no event. */
struct err *incident_load(struct request *rq, int64_t id, struct incident *in);
/* What the API shows of it; with events and lists by incident_show(). */
void incident_model(struct request *rq, const struct incident *in, struct json_object *o);
/* The page of one, or its JSON. */
struct err *incident_show(struct request *rq, struct response *rp, const struct incident *in);
/* A text of the particulars; NULL. */
const char *incident_text(const struct incident *in, const char *name);

struct bytes incident_seal(
	const struct request *rq, const struct incident *in, const char *what, const char *text);
const char *
incident_unseal(struct arena *a, const struct incident *in, const char *what, struct bytes sealed);

/* The row's badge, words for its codes. */
void incident_words(struct request *rq, const struct incident *in, struct json_object *o);
/* "Privacy requests / Data breach incidents / I2026-00001" */
void incident_crumbs(struct request *rq, const struct incident *in, struct json_object *page);
/* One field whose label is incidents.NAME_title. */
struct json_object *incident_field(struct request *rq, struct json_object *list, const char *type,
	const char *name, const char *value);
/* A day or time of Hong Kong from the body; preset where it is absent. */
void incident_read_time(
	struct request *rq, const char *name, int64_t preset, int64_t *at_r, struct err **e);
/* The audit event of one. */
void incident_log(struct request *rq, const char *action, int64_t id, const char *reason);

/* The newest first, `want` of them at most, below number `before`. */
struct err *incident_all(
	struct request *rq, int64_t before, size_t want, struct incident **list_r, size_t *n_r);

struct job_run;
/* The form as PDF (compiled into src/letter). */
struct err *incident_form_step(struct job_run *run);

extern const struct route incident_routes[];
extern const struct route incident_form_routes[];
extern const struct route incident_step_routes[];

#endif

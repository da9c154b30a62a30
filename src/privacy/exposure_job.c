/* SPDX-License-Identifier: ISC */
/*
 * A list of who was exposed, made in pieces: the log is read in order of time, then the
 * people are put together in order of their numbers, then the whole is digested and
 * frozen. All of it happens in the database, in a transaction each; where a worker was
 * killed the next one goes on behind what was committed.
 */
#include <string.h>

#include "event.h"
#include "exposure.h"
#include "run.h"

#define EVENTS_A_PIECE 25000
#define ROWS_A_PIECE 100000
#define COLLECTED 90 /* percent */

STMT(stand, "exposure.stand", 1, "select state from exposure where exposure_id = $1::bigint");
STMT(collect, "exposure.collect", 2, "select exposure_collect($1::bigint, $2::integer)::bigint");
STMT(fold, "exposure.fold", 2, "select exposure_fold($1::bigint, $2::integer)");
STMT(freeze, "exposure.freeze", 1, "select exposure_freeze($1::bigint)");

static struct err *
finish(struct job_run *run, struct tx *tx, int64_t id, int64_t people)
{
	struct json_object *result = model_object(run->a);
	int64_t incident = job_arg_i64(run, "incident");
	struct audit_event ev = {.action = "create",
		.entity = "incident",
		.records = &incident,
		.nrecords = 1,
		.reason = "exposure_frozen",
		.count = people};

	audit_queue(tx, run->a, &ev);
	model_i64(result, "incident", incident);
	model_i64(result, "list", id);
	model_i64(result, "people", people);
	job_finish(run, tx, result);
	return job_commit(run, tx);
}

/* Percent; 100: it is frozen. */
static struct err *
piece(struct job_run *run, struct tx *tx, int64_t id, const char *state, int64_t *percent_r,
	int64_t *people_r)
{
	struct rows *r;

	*percent_r = run->done < COLLECTED ? COLLECTED : run->done + (run->done < 99);
	if (strcmp(state, "folding") == 0)
		return tx_query(tx, &fold, VALS(val_i64(id), val_i64(ROWS_A_PIECE)), &r);
	if (strcmp(state, "digesting") == 0) {
		TRY(tx_query(tx, &freeze, VALS(val_i64(id)), &r));
		if (!rows_null(r, 0, 0)) {
			*percent_r = 100;
			*people_r = rows_i64(r, 0, 0);
		}
		return NULL;
	}
	TRY(tx_query(tx, &collect, VALS(val_i64(id), val_i64(EVENTS_A_PIECE)), &r));
	*percent_r = rows_i64(r, 0, 0);
	return NULL;
}

struct err *
exposure_step(struct job_run *run)
{
	int64_t id = job_arg_i64(run, "exposure"), percent, people = 0;
	const char *state;
	struct rows *r;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	TRY(tx_query(tx, &stand, VALS(val_i64(id)), &r));
	state = rows_count(r) > 0 ? rows_text(r, 0, 0) : "frozen";
	if (strcmp(state, "frozen") == 0) {
		job_finish(run, tx, NULL);
		return job_commit(run, tx);
	}
	TRY(piece(run, tx, id, state, &percent, &people));
	if (percent >= 100)
		return finish(run, tx, id, people);
	job_progress(run, tx, percent, 100);
	return job_commit(run, tx);
}

/* SPDX-License-Identifier: ISC */
/*
 * Audit events. An event is queued in the transaction of what it records; who,
 * from where and by which route come from the gate's settings, so it cannot be
 * forged by a caller.
 *
 * `reason` is a code of a pick-list. `changes` holds old and new values sealed
 * under the key of the person, so that erasing the person erases them too.
 */
#ifndef PRAYA_EVENT_H
#define PRAYA_EVENT_H

#include "tx.h"

struct audit_event {
	const char *action;  /* view list search reveal create update ... */
	const char *outcome; /* NULL: "ok" */
	const char *entity;
	const int64_t *records;
	size_t nrecords;
	const int64_t *subjects; /* contacts whose data it was */
	size_t nsubjects;
	const char *const *fields; /* sorted names; "hkid~": shown masked */
	size_t nfields;
	const char *reason;
	int64_t count; /* 0: number of records */
	int64_t key_id;
	struct bytes changes;
};

void audit_queue(struct tx *tx, struct arena *a, const struct audit_event *e);
/* For one record of one person. */
void audit_queue_one(struct tx *tx, struct arena *a, const char *action, const char *entity,
	int64_t record, int64_t subject, const char *reason);

#endif

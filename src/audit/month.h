/* SPDX-License-Identifier: ISC */
/*
 * How long the log is kept: whole months, Hong Kong's. What is past its time goes
 * by itself (month_chore()), unless a hold keeps it. The rules themselves stand in
 * sql/tenant/repeatable/20_audit.sql: nothing here can take out what is not due.
 */
#ifndef PRAYA_MONTH_H
#define PRAYA_MONTH_H

#include <json-c/json.h>

#include "run.h"

#define AUDIT_MONTHS_MIN 12
#define AUDIT_MONTHS_MAX 120

/* What somebody may give as the reason of a hold; NULL at the end. */
extern const char *const audit_hold_reasons[];

/* Fills {keep_months, head_mail, items: months, newest first, holds: those in force}. */
struct err *
audit_months_model(struct tx *tx, struct arena *a, struct json_object *o) ATTR_WARN_UNUSED;
/* ERR_INVALID at "keep_months" for what is not from 12 to 120. With its event. */
struct err *audit_months_keep(struct tx *tx, struct arena *a, int64_t months) ATTR_WARN_UNUSED;
/* Whether administrators get the newest head of the log each month. With its event. */
struct err *audit_head_mail(struct tx *tx, struct arena *a, bool wanted) ATTR_WARN_UNUSED;
/* Days as people write them, both included. ERR_INVALID at from, to or reason. */
struct err *audit_hold_set(struct tx *tx, struct arena *a, const char *from, const char *to,
	const char *reason, int64_t *hold_r) ATTR_WARN_UNUSED;
/* ERR_NOT_FOUND: none of this number is in force. */
struct err *audit_hold_end(struct tx *tx, struct arena *a, int64_t hold) ATTR_WARN_UNUSED;

/* Chore: months ahead are made, those whose time is over go. */
struct err *audit_months_chore(struct job_run *run, int64_t *next_r);

#endif

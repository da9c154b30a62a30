/* SPDX-License-Identifier: ISC */
/*
 * What leaves the workspace as a file, and who lets it go.
 *
 * Every export is a row of table `export`: of a list, of a person (which counts
 * as one record), of the whole workspace (which counts all contacts), of the audit log
 * (an event is one), or of the log book and invoices (each an entry or an invoice). What a user
 * takes out is added up over 24 hours, as far as nobody approved it; once it comes to more than the
 * workspace's threshold, the export waits for a second person with the right to approve exports.
 * Where nobody else has that right its holder approves alone, signed in with a browser and with a
 * reason in writing. What waits lapses after seven days.
 *
 * Which records a list holds is fixed when it is asked for. Administrators are told
 * by mail when an export waits, when it is approved and when it is first fetched.
 */
#ifndef PRAYA_EXPORT_GUARD_H
#define PRAYA_EXPORT_GUARD_H

#include "record.h"

#define EXPORT_LAPSE_DAYS 7
#define EXPORT_NOTE_MIN 10
#define EXPORT_NOTE_MAX 500

struct export_new {
	const char *kind;   /* list, person, workspace, log, books */
	enum entity entity; /* of a list */
	int64_t contact_id; /* of a person's file; else 0 */
	const char *format; /* csv, jsonl; zip */
	const char *const *fields;
	size_t nfields;
	const char *const *opened; /* encrypted fields in full */
	size_t nopened;
	const char *reason;               /* of export_reasons */
	const struct record_query *query; /* of a list */
	const char *password;             /* of a person's file, or NULL */
	const char *log;                  /* of the log: which events, as JSON */
	int64_t count;                    /* of the log: so many */
};

struct export_begun {
	int64_t id;
	int64_t count;
	int64_t job; /* 0: it waits for approval */
};

/* Codes, NULL at the end. */
extern const char *const export_reasons[];

/* Errors as of record_list(); CONFLICT when there is nothing to export. The caller
 * has checked rights, fields and reason. */
struct err *export_begin(const struct record_ctx *cx, const struct settings *st,
	const struct export_new *in, struct export_begun *out) ATTR_WARN_UNUSED;

/* 202: the job, or the request that waits. */
void export_answer(struct request *rq, struct response *rp, const struct export_begun *begun);

/* CONFLICT when it does not wait any more, or its asker may not have it any more;
 * DENIED for one's own where others may approve, or by a token; INVALID at "note".
 * NOT_FOUND. The job starts with the caller's commit. */
struct err *export_approve(const struct record_ctx *cx, const struct settings *st, int64_t id,
	const char *note) ATTR_WARN_UNUSED;
struct err *export_reject(const struct record_ctx *cx, const struct settings *st, int64_t id,
	const char *note) ATTR_WARN_UNUSED;
/* By whoever asked. */
struct err *export_cancel(const struct record_ctx *cx, int64_t id) ATTR_WARN_UNUSED;

/* Is there somebody else who can sign in and approve? */
struct err *
export_others(const struct record_ctx *cx, int64_t user, bool *others_r) ATTR_WARN_UNUSED;
/* What the approver wrote, as it is stored. */
struct bytes export_note_seal(const struct record_ctx *cx, int64_t id, const char *note);
/* That, and the words and filters of the list. NULL: nothing there. */
const char *export_note(const struct record_ctx *cx, int64_t id, struct bytes sealed);
struct json_object *export_question(const struct record_ctx *cx, int64_t id, struct bytes sealed);
/* "E12" */
const char *export_code(struct arena *a, int64_t id);
/* "Contacts", "A person's file": key of the messages. */
const char *export_what(struct arena *a, const char *kind, const char *entity);

/* A file was fetched for the first time. */
struct err *
export_fetched(const struct record_ctx *cx, const struct settings *st, int64_t id) ATTR_WARN_UNUSED;

/* Queued by jobs: the end of the export that the job makes. */
void export_done(struct tx *tx, int64_t job, int64_t download, int64_t exported);
struct job_run;
void export_failed(struct job_run *run, struct tx *tx, const char *key);

/* The chore that lets requests lapse. */
struct err *export_lapse(struct job_run *run, int64_t *next_r);

#endif

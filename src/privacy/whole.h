/* SPDX-License-Identifier: ISC */
/*
 * Everything there is in a workspace, as files that others can read:
 *
 *	README.html      what is in it, in the reader's language; schema.json the same
 *	                 for programs: tables, columns, what was left out and why
 *	data/T.jsonl     every table as JSON Lines, encrypted values open ("_keys": the
 *	                 number of the key each was under, by column); data/T.csv
 *	mail/N.mbox      messages, 10,000 a file
 *	attachments/     files, by the contact's number, under their own names
 *	requests/        files of privacy requests, by the request's number
 *	manifest.json    SHA-256 and size of every entry, rows of every table
 *	manifest.sig     its SHA-256, signed by the region (region_sign.h)
 *
 * Which tables there are is PostgreSQL's to say (sql: whole_columns()), so that a new one
 * is in it. They are read in one snapshot. At most WHOLE_ENTRIES entries are in a ZIP;
 * what is more comes in further volumes, made and handed over one after the other, so that
 * scratch holds one at a time. Memory does not grow with what there is.
 */
#ifndef PRAYA_WHOLE_H
#define PRAYA_WHOLE_H

#include "record.h"
#include "run.h"
#include "scratch.h"

/* Fewer than could be: libzip keeps each in memory. */
#define WHOLE_ENTRIES 20000
#define WHOLE_FORMAT "praya-workspace-export"
#define WHOLE_FORMAT_VERSION 1
/* So often a file can be fetched. */
#define WHOLE_FETCHES 5

struct whole_export {
	struct arena *a; /* of the whole */
	struct tenancy *tenancy;
	const struct tenant *tenant;
	struct conn *conn; /* of its own: a transaction is open on it for minutes */
	const char *via;   /* worker, cli */
	int64_t user_id;   /* 0: nobody of the workspace */
	enum lang lang;
	int64_t entries; /* of a volume at most; 0: WHOLE_ENTRIES */
	/* At most once a second. */
	struct err *(*beat)(void *ctx, int64_t done, int64_t total);
	/* Number n of `of`, for good; the scratch is gone afterwards. */
	struct err *(*volume)(
		void *ctx, struct arena *a, int64_t n, int64_t of, struct scratch *zip);
	void *ctx;
	/* Out: rows of all tables; the day it is of. */
	int64_t rows;
	const char *day;
};

/* BUSY while a field changes its form. On an error a transaction may be open on conn,
 * which *tx_r is: whoever called ends it. */
struct err *whole_build(struct whole_export *in, struct tx **tx_r) ATTR_WARN_UNUSED;

/* What is signed of a manifest. */
const char *whole_statement(struct arena *a, const unsigned char sha256[DIGEST_BYTES]);

/* "harbour-2026-11-26.zip", "harbour-2026-11-26-2of3.zip" */
const char *
whole_file_name(struct arena *a, const char *slug, const char *day, int64_t n, int64_t of);

/* The job "workspace_export", args {"export": id}. */
struct err *whole_export_step(struct job_run *run);

#endif

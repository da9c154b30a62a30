/* SPDX-License-Identifier: ISC */
/*
 * Everything held on one person, as one ZIP: for the business's own use (an
 * answer to the person under DPP6 and s.18 is reviewed first; that is what the
 * cover says).
 *
 *	index.html      to be read: record, invoices, activities, messages, files,
 *	                history, legend; in the person's language, else the asker's
 *	data.json       the same for machines
 *	*.csv           the same by kind, safe to open in a spreadsheet
 *	legend.json     every code and field, in both languages
 *	attachments/    files as they were stored
 *	manifest.json   SHA-256 and size of every entry
 *
 * Users of the workspace appear as "Staff A (profile)", the same letter in every
 * export, never by name. Every piece that is read writes its event. Memory is
 * that of one piece, whatever there is; a file's name names nobody.
 */
#ifndef PRAYA_PERSON_EXPORT_H
#define PRAYA_PERSON_EXPORT_H

#include "record.h"
#include "run.h"
#include "scratch.h"

/* On whose behalf, and how a transaction is opened and ended there. */
struct person_export {
	struct arena *a; /* of the whole */
	struct tenancy *tenancy;
	const struct tenant *tenant;
	struct conn *conn;
	const char *via; /* worker, cli */
	int64_t user_id; /* 0: nobody of the workspace */
	int64_t contact_id;
	const char *password; /* NULL: none */
	struct err *(*begin)(void *ctx, struct arena *a, struct tx **tx_r);
	struct err *(*commit)(void *ctx, struct tx *tx);
	/* At most once a second, with no transaction open. */
	struct err *(*beat)(void *ctx, int64_t done, int64_t total);
	void *ctx;
};

/* NOT_FOUND; CONFLICT when the person is erased. *zip_r lives in a. On an error
 * a transaction may be open: whoever gave begin() ends it. */
struct err *
person_export_build(const struct person_export *in, struct scratch **zip_r) ATTR_WARN_UNUSED;

/* "contact-1042.zip" */
const char *person_export_name(struct arena *a, int64_t contact_id);

/* 0 -> A, 25 -> Z, 26 -> AA: how people are called in what leaves. */
const char *person_letter(struct arena *a, size_t n);

/* The job "person_export", args {"contact": id}. */
struct err *person_export_step(struct job_run *run);

extern const struct route person_export_routes[];

/* What binds a job's password to its row. */
const char *person_export_secret_place(struct arena *a, int64_t job);
/* What was kept of a job with a secret: its password; NULL: none. */
struct err *person_export_password(struct job_run *run, const char **password_r) ATTR_WARN_UNUSED;

#endif

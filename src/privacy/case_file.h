/* SPDX-License-Identifier: ISC */
/*
 * Files of a request, and the links of those who ask: proof of who they are, which is
 * destroyed at the decision, and what is handed over to them. A file is a sealed object
 * whose key lies under the case's key.
 */
#ifndef PRAYA_CASE_FILE_H
#define PRAYA_CASE_FILE_H

#include "case.h"
#include "run.h"

/* Makes a link of kind status, confirm or upload: its path. Queued. */
const char *request_link(struct request *rq, int64_t request, const char *kind);
/* Makes one of kind confirm or upload, and mails it to the requestor's address. */
struct err *request_mail_link(struct request *rq, const struct privacy_case *c, const char *kind);

/* what: proof, answer, source with the task of that source in item (else 0). */
struct err *case_file_add(struct request *rq, const struct privacy_case *c, const char *what,
	const struct upload *u, int64_t item);
/* Makes the response the file: the gate sends it after the commit. */
struct err *
case_file_send(struct request *rq, struct response *rp, const struct privacy_case *c, int64_t file);
/* data.files; page.upload_link where one can be sent. */
struct err *case_files(struct request *rq, const struct privacy_case *c, struct json_object *data,
	struct json_object *page);
/* Removes objects that nobody can open any more. */
struct err *case_files_sweep(struct job_run *run) ATTR_WARN_UNUSED;

extern const struct route intake_routes[];
extern const struct route intake_link_routes[];
extern const struct route case_file_routes[];

#endif

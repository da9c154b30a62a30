/* SPDX-License-Identifier: ISC */
/*
 * Finished files that somebody asked for, kept for a day (of lists: a week).
 *
 * The bytes are a sealed object. Its key lies in the row, sealed under the key
 * of the person it is about, so that erasing the person makes every earlier
 * export unreadable at once, wherever a copy of the object may be. A file about
 * many people has a key of its own, which goes when the first of them is erased.
 * Only who asked for a file can fetch it (of everything: whoever may close the
 * workspace, too); every time is an event of the log.
 */
#ifndef PRAYA_DOWNLOAD_H
#define PRAYA_DOWNLOAD_H

#include "record.h"

#define DOWNLOAD_HOURS 24
#define DOWNLOAD_LIST_HOURS 168 /* a week */

struct download_new {
	const char *kind; /* person_export, list_export, workspace_export, log_export */
	int64_t job_id;
	int64_t contact_id; /* 0: of many */
	int64_t hours;
	int64_t fetch_max; /* so often it can be fetched; 0: as often as one likes */
	int64_t user_id;
	const char *file_name; /* neutral: never a name */
	const char *content_type;
	const char *object;
	struct seal_key object_key;
	int64_t size;
	const unsigned char *sha256; /* DIGEST_BYTES */
};

/* NOT_FOUND or CONFLICT (erased) as person_key() says. */
struct err *download_add(
	const struct record_ctx *cx, const struct download_new *in, int64_t *id_r) ATTR_WARN_UNUSED;

struct job_run;
struct scratch;
/* From scratch into the store, sealed, in one pass: object, key, size and digest of d. */
struct err *
download_store(struct job_run *run, struct scratch *zip, struct download_new *d) ATTR_WARN_UNUSED;

/* Destroys the objects of what has expired. */
struct err *download_destroy_expired(struct job_run *run) ATTR_WARN_UNUSED;

/* The answer of a stream: whoever made the file, for a route whose own right says who may. */
struct err *download_send(struct request *rq, struct response *rp, int64_t id) ATTR_WARN_UNUSED;

/* The same to whom the file is about, who has no sign-in and no rights: the caller has
 * seen by link and code who that is. */
struct err *
download_hand_over(struct request *rq, struct response *rp, int64_t id) ATTR_WARN_UNUSED;

extern const struct route download_routes[];

#endif

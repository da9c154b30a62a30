/* SPDX-License-Identifier: ISC */
/* A package that is being written. Of case_package.c and case_package_record.c only. */
#ifndef PRAYA_CASE_PACKAGE_PART_H
#define PRAYA_CASE_PACKAGE_PART_H

#include "archive.h"
#include "case_alias.h"
#include "record.h"
#include "run.h"
#include "scratch.h"

struct packing {
	struct job_run *run;
	struct arena *a, *piece;
	struct record_ctx cx;
	int64_t request, contact, done, total;
	struct seal_key key;
	struct archive *ar;
	struct scratch *html, *json;
	struct json_object *aliases, *staff, *seen; /* seen: "message.body" stands in it */
	const char *reference, *received_on;
	int64_t now;
	bool any;
};

/* Of the message catalogue, in the language of the request. */
const char *package_word(const struct packing *p, const char *key, const char *arg);
/* Goes on with data.json: `before`, then the object. */
struct err *
package_json(struct packing *p, const char *before, struct json_object *o) ATTR_WARN_UNUSED;
/* Row i of "package.piece", what is to be blacked out in it at m: into data.json and, for
 * index.html, into items. */
struct err *package_record(struct packing *p, const struct rows *r, size_t i,
	const struct copy_mark *m, size_t n, struct json_object *items) ATTR_WARN_UNUSED;

#endif

/* SPDX-License-Identifier: ISC */
/* What a contact has beyond any record: timeline, reveal, verify. */
#ifndef PRAYA_CONTACT_H
#define PRAYA_CONTACT_H

#include "pages.h"

extern const struct route contact_routes[];
extern const struct entity_hooks contact_hooks;

/* The entries of a person's timeline, newest first, sixty a page: queued, there after the
 * trip. ERR_BAD_REQUEST: the page's `after` is none of this person's, or not of who reads
 * and what they may read. */
struct err *timeline_queue(struct request *rq, const struct record_ctx *cx, int64_t contact_id,
	struct rows **rows_r) ATTR_WARN_UNUSED;
void timeline_model(struct request *rq, const struct record_ctx *cx, int64_t contact_id,
	const struct rows *rows, struct json_object *page);

#endif

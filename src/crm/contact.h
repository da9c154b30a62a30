/* SPDX-License-Identifier: ISC */
/* What a contact has beyond any record: timeline, reveal, verify. */
#ifndef PRAYA_CONTACT_H
#define PRAYA_CONTACT_H

#include "pages.h"

extern const struct route contact_routes[];
extern const struct entity_hooks contact_hooks;

/* The entries of a person's timeline, newest first, sixty a page: queued, there after the
 * trip. after: the cursor of a page's address, NULL: the first; ERR_BAD_REQUEST when it is
 * not this person's, or not of who reads and what they may read. */
struct err *timeline_queue(const struct record_ctx *cx, int64_t contact_id, const char *after,
	struct rows **rows_r) ATTR_WARN_UNUSED;
/* paged: not the first page. */
void timeline_model(const struct record_ctx *cx, int64_t contact_id, bool paged,
	const struct rows *rows, struct json_object *page);

#endif

/* SPDX-License-Identifier: ISC */
/* What a contact has beyond any record: timeline, reveal, verify. */
#ifndef PRAYA_CONTACT_H
#define PRAYA_CONTACT_H

#include "pages.h"

extern const struct route contact_routes[];
extern const struct entity_hooks contact_hooks;

/* The entries of a person's timeline, newest first: queued, there after the trip. */
void timeline_queue(const struct record_ctx *cx, int64_t contact_id, struct rows **rows_r);
void timeline_model(const struct record_ctx *cx, const struct rows *rows, struct json_object *o);

#endif

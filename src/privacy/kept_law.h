/* SPDX-License-Identifier: ISC */
/*
 * Reading what a law keeps of an erased person: for whoever runs privacy
 * requests, with a reason, and no longer than each thing's own last day. Nothing
 * of it is on any other page.
 */
#ifndef PRAYA_KEPT_LAW_H
#define PRAYA_KEPT_LAW_H

#include "record.h"

extern const struct route kept_law_routes[];

/* Everything that is kept today, into a list of {what, id, until, law, values:
 * {field: text}}, with an event of each kind. From here on the transaction sees
 * all; the contact is visible and erased. */
struct err *kept_law_read(const struct record_ctx *cx, int64_t contact_id, const char *reason,
	struct json_object *items);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * With whom a contact or company is shared: people and teams who see it whatever
 * their scope is, VIP or not, and may change it when it was shared to be edited.
 *
 * The list is changed by whoever may edit the record by itself, not by those it
 * was only shared with.
 */
#ifndef PRAYA_SHARE_H
#define PRAYA_SHARE_H

#include "pages.h"

extern const struct route share_routes[];

/* The panel of a record's page: queued, there after the trip. */
void share_queue(const struct record_ctx *cx, enum entity e, int64_t id, struct rows **rows_r);
void share_model(const struct record_ctx *cx, const struct record *rec, const struct rows *rows,
	struct json_object *page);

#endif

/* SPDX-License-Identifier: ISC */
/* Two people changed one record: what the first saved, for the second to compare. */
#ifndef PRAYA_CONFLICT_H
#define PRAYA_CONFLICT_H

#include "pages.h"

/* Page.conflict: who saved it, when, and each field that the form about to be shown
 * again has other than the record. rec is the record as it is now. */
struct err *conflict_model(struct request *rq, const struct record_ctx *cx,
	const struct record *rec, struct json_object *page);

#endif

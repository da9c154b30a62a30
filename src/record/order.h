/* SPDX-License-Identifier: ISC */
/* What a list can be sorted by: the keys of its kind (entity.h), and custom fields. */
#ifndef PRAYA_ORDER_H
#define PRAYA_ORDER_H

#include "record.h"

/* NULL: there is none of that name. Whether the principal may read the field is the
 * caller's to ask (record_reads()). */
const struct sort_key *
order_find(const struct record_ctx *cx, const struct entity_def *d, const char *name);
/* The expression that a custom field's values of that column are sorted by, and that
 * its index is on; empty ones come last. NULL: not by this type. alias: "r.", or "". */
const char *
order_sql(struct arena *a, const struct field *f, const char *alias, const char *column);

#endif

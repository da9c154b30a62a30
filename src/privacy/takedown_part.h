/* SPDX-License-Identifier: ISC */
/* Notices and their items, for takedown.c and takedown_item.c. */
#ifndef PRAYA_TAKEDOWN_PART_H
#define PRAYA_TAKEDOWN_PART_H

#include "record.h"
#include "takedown.h"

#define TAKEDOWN_KEY "takedown"

struct takedown {
	int64_t id, received_at, deadline_at, done_at, now, items;
	const char *reference, *recorder, *from, *text;
};

extern const char *const takedown_entities[];

/* NOT_FOUND, or DENIED for whoever has nothing to do with privacy requests. */
struct err *takedown_load(struct request *rq, int64_t id, struct takedown *t) ATTR_WARN_UNUSED;
/* Its page, or its JSON. */
struct err *
takedown_show(struct request *rq, struct response *rp, const struct takedown *t) ATTR_WARN_UNUSED;
void takedown_crumbs(struct request *rq, struct json_object *page, bool list);
/* What binds a sealed text to its key. */
const char *takedown_place(const struct request *rq, const char *what, int64_t key);

#endif

/* SPDX-License-Identifier: ISC */
/* The log of one person, for audit_person.c and audit_print.c. */
#ifndef PRAYA_AUDIT_PERSON_H
#define PRAYA_AUDIT_PERSON_H

#include "audit.h"

/* Is there such a person, and what are they called? */
void audit_person_queue(struct request *rq, struct rows **there_r);
/* On a page the name stands above: the event of that. NULL: it does not. */
void audit_person_named(struct request *rq, const char *action, int64_t id, const char *name);
/* Who saw what on which day, into items, in cx's language. *at_r, *behind_r: where to begin
 * (NULL: at the newest), and then where to go on (NULL: that was all). */
struct err *audit_viewers(struct request *rq, const struct record_ctx *cx, int64_t id,
	const char **at_r, int64_t *behind_r, struct json_object *items) ATTR_WARN_UNUSED;

/* For the person: what happened and who has seen it, staff by what they do. */
handler_fn audit_print;

#endif

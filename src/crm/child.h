/* SPDX-License-Identifier: ISC */
/*
 * Rules that the records around a contact share: activities, messages, files
 * and invoices.
 *
 * A record stays with its person: moving it to another would take it out from
 * under the key, the history and the erasure of the first.
 */
#ifndef PRAYA_CHILD_H
#define PRAYA_CHILD_H

#include "pages.h"

/* What is stored of a record before it changes; all zero for a new one. */
struct child_state {
	int64_t contact_id;
	bool kept_until;
	bool kept_law;
	bool subject;
	bool body;
	const char *kind;
	bool done;
};

/* id 0: nothing is read. NOT_FOUND when it is not there for the principal. */
struct err *
child_state(const struct record_ctx *cx, enum entity e, int64_t id, struct child_state *st);
/* What holds for all: the person stays; "kept by law until" needs its law and
 * the other way round. Field errors go to *e. */
void child_check(const struct record_ctx *cx, int64_t id, const struct child_state *st,
	const struct changes *c, struct err **e);
/* Either of the two must be there after the change. */
void child_check_text(const struct record_ctx *cx, const struct child_state *st,
	const struct changes *c, struct err **e);
/* Free text may quote a payment card's number: it is kept, with a warning. */
void child_warn_cards(const struct record_ctx *cx, struct changes *c);
/* A field that the database fills when nothing is said cannot be emptied: left
 * out of a new record, refused in a change. */
void child_preset(const struct record_ctx *cx, int64_t id, struct changes *c, const char *field,
	struct err **e);

#endif

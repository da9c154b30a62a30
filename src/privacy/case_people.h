/* SPDX-License-Identifier: ISC */
/*
 * Who else is in the copy of a case: users and contacts first, then numbers, addresses and
 * names that nobody here has. Each has one letter in all of the copy. Of case_copy*.c.
 */
#ifndef PRAYA_CASE_PEOPLE_H
#define PRAYA_CASE_PEOPLE_H

#include "record.h"
#include "redact.h"

struct people;

/* Nobody yet, and none of whom the case is about. Lives in a; cx has a transaction. */
struct err *people_new(struct arena *a, const struct record_ctx *cx, int64_t request_id,
	const int64_t *contacts, size_t n, struct people **p_r) ATTR_WARN_UNUSED;

/* One text and what of it stands for somebody else. */
struct people_text {
	const char *text;
	struct redact_hit *hits;
	size_t n;
};
/* Scans the texts and looks up what was not seen before; in cx's transaction and arena. */
struct err *people_look(struct people *p, const struct record_ctx *cx, struct people_text *texts,
	size_t n) ATTR_WARN_UNUSED;
/* The number of who it is; 0: nobody known, -1: whom the case is about. */
int64_t people_alias(const struct people *p, struct arena *a, const struct redact_hit *h);
/* "email", "phone", "hkid", "name" */
const char *people_kind(enum redact_kind kind);

#endif

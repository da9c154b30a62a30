/* SPDX-License-Identifier: ISC */
/*
 * How long what is kept (DPP2(2), s.26). Rules are data: built-in ones are a law's, the
 * others say the least that another law wants and the most that the workspace allows itself.
 * What of a person is kept by law today, and what is due for erasure, is one function of the
 * database, retention_of(), which the erasure follows, too.
 */
#ifndef PRAYA_RETENTION_H
#define PRAYA_RETENTION_H

#include "case.h"

/* What is kept, and what is due, of each of them, as far as the transaction sees: a list of
 * {contact_id, what, state: kept|due, count, until | since, law}. Fields that the reader's
 * profile hides are left out unless all is asked for. */
struct err *retention_list(const struct record_ctx *cx, const int64_t *contacts, size_t n, bool all,
	struct json_object *items) ATTR_WARN_UNUSED;
/* One of them in words. */
const char *retention_title(const struct record_ctx *cx, struct json_object *item);
const char *retention_words(const struct record_ctx *cx, struct json_object *item);

/* Of a request for erasure that is open, for whoever runs requests: what a law keeps and what is
 * due, before anything is erased. The transaction sees everything from here on. page: NULL for the
 * API. */
struct err *retention_of_case(struct request *rq, const struct privacy_case *c,
	struct json_object *data, struct json_object *page) ATTR_WARN_UNUSED;

extern const struct route retention_routes[];

#endif

/* SPDX-License-Identifier: ISC */
/* What the files of closing share. */
#ifndef PRAYA_CLOSING_PART_H
#define PRAYA_CLOSING_PART_H

#include "closing.h"

/* Places of the statement closing.state. */
enum {
	CLOSING_ID,
	CLOSING_ASKED_BY,
	CLOSING_ASKER,
	CLOSING_BEGUN_AT,
	CLOSING_CLOSES_AT,
	CLOSING_DAYS_LEFT,
	CLOSING_REQUESTS,
	CLOSING_OTHERS
};

/* What the law expects of the owner, whatever becomes of the workspace: {what: requests, invoices,
 * log_book or kept, count, until, law}, each once. Widens what the transaction sees: the last thing
 * it reads. */
struct err *closing_duties(struct request *rq, struct json_object *list);
/* state: active, asked, closing. */
void closing_page(struct request *rq, struct response *rp, const char *state, const struct rows *r);

/* A mail to all administrators, each in their language. */
struct closing_news {
	const char *kind; /* template and subject */
	int64_t but;      /* not to this user; 0: to all */
	const char *who;  /* asks; NULL */
	int64_t days, closes_at;
};
struct err *closing_tell(struct tx *tx, struct arena *a, const struct tenant *tn,
	const struct closing_news *n) ATTR_WARN_UNUSED;

#endif

/* SPDX-License-Identifier: ISC */
/* The log book of s.27 of the Ordinance. */
#ifndef PRAYA_LOG_BOOK_H
#define PRAYA_LOG_BOOK_H

#include "record.h"

struct log_entry {
	int64_t request_id;
	int64_t corrects; /* the entry it corrects; 0: none */
	const char *kind, *received_on, *ground, *notice_on;
	bool late;
	const char *requestor, *reasons, *prejudice; /* sealed; may be NULL */
};

/* Under a key of its own: it outlives its case's. Runs what is queued. */
struct err *log_book_enter(struct request *rq, const struct log_entry *l, int64_t *id_r);

extern const struct route log_book_routes[];

#endif

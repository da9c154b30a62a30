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

/* What is sealed of an entry; NULL: its key is gone with its time. */
struct json_object *log_book_open(struct arena *a, const struct seal_key *kek, struct bytes wrapped,
	int64_t key_id, struct bytes sealed);

/* The log book as CSV. begin and end: a transaction of somebody who sees it all. */
struct log_book_file {
	struct arena *a;
	const struct tenant *tenant;
	enum lang lang;
	const char *from, *to; /* days in Hong Kong; NULL: all */
	struct err *(*begin)(void *ctx, struct tx **tx_r);
	struct err *(*end)(void *ctx, struct tx *tx);
	struct err *(*put)(void *ctx, const void *p, size_t n);
	/* Each row, that of the columns first; NULL: only the text is wanted. */
	struct err *(*row)(void *ctx, const char *const *cells, size_t n);
	void *ctx;
};
struct err *log_book_write(const struct log_book_file *f) ATTR_WARN_UNUSED;

extern const struct route log_book_routes[];

#endif

/* SPDX-License-Identifier: ISC */
/* The parts of an erasure: what goes, what a law keeps, the receipt. */
#ifndef PRAYA_ERASE_PART_H
#define PRAYA_ERASE_PART_H

#include "record.h"

/* One erasure under way. */
struct erasing {
	const struct record_ctx *cx;
	int64_t contact_id, erasure; /* once it has a receipt, its number */
	struct seal_key key;         /* the person's, to be destroyed */
	bool has_key;
	struct rows *kept;           /* fields a law keeps: name, last day, law */
	struct json_object *values;  /* every value of the person, by field */
	struct json_object *cleared; /* names of the fields cleared */
	struct erase_kept *by_day;   /* what is kept, by its last day */
	size_t ndays;
	struct erase_text *texts; /* of records that are kept */
	size_t ntexts;
};

/* What is kept until one day, under a key that dies after it. */
struct erase_kept {
	const char *until;
	struct seal_key key;
	struct bytes fields; /* sealed; p NULL: files only */
};

/* The text of a record that is kept, under the key of its day. */
struct erase_text {
	const char *entity;
	int64_t record_id;
	const char *until;
	struct bytes sealed;
};

/* How many of each, as far as it went through erase_clear(). */
struct erase_counts {
	struct rows *messages, *activities, *files, *downloads, *invoices;
	struct rows *stays;
	struct rows *lists; /* one number: exports of lists that held the person */
};

/* The values that will go, into er->values and er->cleared. */
struct err *erase_read_values(struct erasing *er);
/* Queues all that stage 1 changes. */
void erase_clear(const struct erasing *er, struct erase_counts *n);

/* Fields, files and texts that a law keeps, sealed anew under keys of their own; the
 * records are emptied. */
struct err *erase_keep(struct erasing *er);
/* What binds a sealed text to its record. */
const char *erase_text_place(struct arena *a, const char *entity, int64_t record_id);
/* Rows of what was kept, once the receipt has its number. */
void erase_keep_store(const struct erasing *er, int64_t erasure);
/* Queues: what is kept now, with law and days. */
void erase_stays_queue(struct tx *tx, int64_t contact_id, struct rows **rows_r);
/* Queues the end of whatever of this person no law keeps today: messages,
 * notes, files, and on invoices the bill-to block and the words of the lines. */
void erase_end_terms(struct tx *tx, int64_t contact_id, struct erase_counts *n);
/* The receipt's list, from what stays. *next_r: earliest last day, *until_r: last. */
void erase_kept_list(const struct erasing *er, const struct rows *stays, struct json_object *kept,
	const char **next_r, const char **until_r);
/* Brings the list up to date with what stays now; at: what has ended, ended then. */
void erase_kept_update(struct json_object *kept, const struct rows *stays, const char *today,
	const char *at, const char **next_r);

/* The second stage of all from first to last, as one job. */
struct err *
erase_queue_scan(struct tx *tx, struct arena *a, int64_t first, int64_t last, int64_t created_by);

/* Words for the codes of a receipt: Page.reason, fields, kept, remains. */
void erase_receipt_words(
	const struct record_ctx *cx, struct json_object *data, struct json_object *page);

#endif

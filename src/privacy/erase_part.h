/* SPDX-License-Identifier: ISC */
/* The parts of an erasure: what goes, what a law keeps, the receipt. */
#ifndef PRAYA_ERASE_PART_H
#define PRAYA_ERASE_PART_H

#include "record.h"

/* How many of each, as far as it went through erase_clear(). */
struct erase_counts {
	struct rows *messages, *activities, *files, *downloads, *invoices;
	struct rows *stays;
	struct rows *lists; /* one number: exports of lists that held the person */
};

/* One erasure under way. */
struct erasing {
	const struct record_ctx *cx;
	const char *reason; /* code */
	int64_t contact_id;
	int64_t ledger;      /* its entry there; 0: none yet */
	int64_t erasure;     /* once erase_number() was asked, the number of the receipt */
	struct seal_key key; /* the person's, to be destroyed */
	bool has_key;
	struct rows *kept;               /* fields a law keeps: name, last day, law */
	struct rows *columns;            /* of the values, until erase_values() */
	struct rows *kept_files, *words; /* of records a law keeps */
	struct erase_counts counts;
	struct bytes needles;
	struct rows *made;           /* the receipt */
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

/* The person's row, which is locked, decides: its key. */
void erase_take(struct erasing *er, const struct rows *row, size_t wrapped, size_t key_id);
/* Stage 1 of people whose rows are locked and who may be erased, in three round trips however
 * many they are; the last of them, with what is queued then, is the caller's. */
struct err *erase_together(struct erasing *list, size_t n);
/* Number of the receipt, once that trip was made. */
int64_t erase_number(struct erasing *er);

/* Queues the question for all values that will go; answered, they come into er->values and
 * er->cleared. */
void erase_values_queue(struct erasing *er);
void erase_values(struct erasing *er);
/* Queues all that stage 1 changes. */
void erase_clear(struct erasing *er);

/* Queues the question for the files and texts that a law keeps; answered, they and the fields
 * are sealed anew under keys of their own, and the records emptied. */
void erase_keep_queue(struct erasing *er);
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

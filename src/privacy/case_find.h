/* SPDX-License-Identifier: ISC */
/*
 * Finding the person whom a case is about: one search over every kind of record, and
 * what of it belongs to the case. Of case_find*.c only.
 *
 * It looks everywhere, whatever the one who asks may see elsewhere: whoever runs
 * requests answers for all that is held. What of a hit is shown is what it takes to
 * recognise a person; each search is in the log with the people it showed, and on
 * the case's timeline with its words.
 */
#ifndef PRAYA_CASE_FIND_H
#define PRAYA_CASE_FIND_H

#include "case_view.h"

/* Of each kind so many are looked at, and so many shown at a time. */
#define FIND_MAX 1000
#define FIND_PAGE 25
/* So many are added or removed at a time. */
#define FIND_CHOSEN_MAX 100

struct find_question {
	const char *words, *from, *to; /* days; NULL: any */
	const char *entity;            /* one kind alone; NULL: all */
	int64_t after;                 /* hits of it that were shown before */
	const char *query;             /* its opaque number, on pages */
};

/* Takes the question apart; ERR_INVALID at `q` when there is too little to look for. */
struct err *find_check(struct request *rq, struct find_question *q) ATTR_WARN_UNUSED;
/* Data.groups: hits by kind; writes the event. What follows in the transaction sees all. */
struct err *find_run(struct request *rq, const struct privacy_case *c,
	const struct find_question *q, struct json_object *data) ATTR_WARN_UNUSED;
/* Adds to the case, and takes out, "message:12" and its like. */
handler_fn find_choose;
/* Kinds of hits: "contact", "text" (of another contact), "message", ... */
bool find_is_kind(const char *kind);

#endif

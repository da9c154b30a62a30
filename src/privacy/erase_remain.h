/* SPDX-License-Identifier: ISC */
/*
 * What the search of an erasure found elsewhere: records of other people, exports that
 * left, packages, uploads and letters of requests, mails that wait. It stands on the receipt,
 * and somebody decides of each whether it is cleared or kept, and why.
 */
#ifndef PRAYA_ERASE_REMAIN_H
#define PRAYA_ERASE_REMAIN_H

#include "record.h"

/* What was decided, into the receipt's list. */
struct err *
erase_remain_decided(const struct record_ctx *cx, int64_t erasure_id, struct json_object *remains);
/* An item in words, for the page. */
void erase_remain_words(const struct record_ctx *cx, struct json_object *in, struct json_object *o);
/* What can be chosen there: Page.why. */
void erase_remain_form(struct request *rq, struct json_object *page);
/* The receipt as a page or an answer (erase_page.c). */
struct err *erase_receipt_show(struct request *rq, struct response *rp);

extern const struct route erase_remain_routes[];

#endif

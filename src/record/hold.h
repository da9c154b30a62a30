/* SPDX-License-Identifier: ISC */
/*
 * A hold (s.26(1)): a contact that is not erased for now. It says why, who looks at it
 * again, and when; a request for access or correction holds its people by itself.
 */
#ifndef PRAYA_HOLD_H
#define PRAYA_HOLD_H

#include "record.h"

/* INVALID at the field where a change leaves a hold without its particulars, or
 * particulars without a hold; those of a hold that ends go with it. id 0: new. */
struct err *hold_check(const struct record_ctx *cx, int64_t id, struct changes *c) ATTR_WARN_UNUSED;
/* Was that the error? */
bool hold_refused(const struct err *e);
/* The same of a row of values that makes a new contact; values[i] of fields[i]. The key of
 * what is wrong and its field, or NULL. */
const char *hold_wrong(const struct field *const *fields, const struct value *values, size_t n,
	const char **field_r);

/* Queues what holds a contact: its own hold, then open requests, as far as visible. */
void hold_queue(const struct record_ctx *cx, int64_t contact_id, struct rows **rows_r);
/* From it a list of {ground, reviewer, review_on, reference}, as far as the reader may know. */
void hold_model(const struct record_ctx *cx, const struct rows *rows, struct json_object *list);
/* One of them in words: "Legal claim, reviewed by Ann on 1 May 2027". */
const char *hold_words(const struct record_ctx *cx, struct json_object *item);
/* CONFLICT that says all of it: the answer to whoever wants to erase. Runs what is queued. */
struct err *hold_refusal(const struct record_ctx *cx, int64_t contact_id);

#endif

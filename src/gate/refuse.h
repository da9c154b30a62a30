/* SPDX-License-Identifier: ISC */
/* What is refused whatever the profile says, and the event of every refusal. Of gate/ only. */
#ifndef PRAYA_REFUSE_H
#define PRAYA_REFUSE_H

#include "gate.h"

/* Whoever looks at the workspace as somebody else looks, and does nothing: the message of
 * the refusal, or NULL. What the row says decides, so a new row is refused until it is known
 * to be for looking: pages and lists of records, and searches. */
const char *refuse_viewer(const struct request *rq);
/* A refused attempt is evidence too: its event, in a transaction of its own. record: the one
 * it was about, 0: none. */
struct err *refuse_log(struct request *rq, struct conn *c, int64_t record);
/* The record that the path names, when it is one of the row's entity; else 0. */
int64_t refuse_record(const struct request *rq);

#endif

/* SPDX-License-Identifier: ISC */
/* What is refused whatever the profile says, and the event of every refusal. Of gate/ only. */
#ifndef PRAYA_REFUSE_H
#define PRAYA_REFUSE_H

#include "gate.h"

/* Whoever looks at the workspace as somebody else looks, and does nothing; the operator's people
 * look inside a grant, reveal and fetch files where it is not masked, and add and change where
 * it says so. The message of the refusal, or NULL. What the row says decides, so a new row is
 * refused until it is known to be for looking: pages and lists of records, and searches. */
const char *refuse_guest(const struct request *rq);
/* A refused attempt is evidence too: its event, in a transaction of its own. record: the one
 * it was about, 0: none. */
struct err *refuse_log(struct request *rq, struct conn *c, int64_t record);
/* So is what was asked for that is not there, and the name of a field that is none, for whoever
 * is signed in: noted in the same words whether it is withheld or never was, without its number
 * or name. And a change that came too late. Other errors leave nothing: NULL. */
const char *refuse_reason(const struct request *rq, const struct err *e);
/* Its event, when it has a reason, in a transaction of its own. */
struct err *refuse_note(struct request *rq, struct conn *c, const struct err *e);
/* The record that the path names, when it is one of the row's entity; else 0. */
int64_t refuse_record(const struct request *rq);
/* Every write: same origin, and a token that only our pages know; ERR_DENIED. cookie: it was not
 * a bearer token that said who asks, which browsers do not send on their own. */
struct err *refuse_forged(const struct request *rq, bool cookie);

#endif

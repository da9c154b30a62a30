/* SPDX-License-Identifier: ISC */
/* What comes after the handler, whether it went well or not. Of gate/ only. */
#ifndef PRAYA_FINISH_H
#define PRAYA_FINISH_H

#include <time.h>

#include "gate.h"

/* What was committed may be work for the worker; and whoever uses a workspace
 * makes its chores due. */
void finish_ring(const struct request *rq);
/* Errors that are ours, by file and line. The reader's are no news. */
void finish_log_error(const struct err *e);
/* The cookie of a session that this request has renewed, unless the handler has begun another. */
void finish_session(struct request *rq, struct response *rp);
/* The answer on its way: a stream, ready bytes, a redirect, or what was rendered. */
void finish_send(struct request *rq, struct response *rp, struct sb *out);
/* One line a request: route, status and times, no value. */
void finish_log(const struct request *rq, const struct response *rp, const struct timespec *start);

#endif

/* SPDX-License-Identifier: ISC */
/* Who is signed in as a user, from where and since when. Of workspace/ only. */
#ifndef PRAYA_SESSION_LIST_H
#define PRAYA_SESSION_LIST_H

#include "gate.h"

/* Adds the open sessions, newest use first. For a page with words, and the address that ends
 * each: PATH/NUMBER/end. */
struct err *
session_list(struct request *rq, int64_t user, const char *path, struct json_object *items);
/* Ends one of that user's; NOT_FOUND when it is not one of them, or over. */
struct err *session_end(struct request *rq, int64_t user, int64_t session);

#endif

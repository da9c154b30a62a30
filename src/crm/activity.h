/* SPDX-License-Identifier: ISC */
/* Notes, calls, meetings and tasks. A task is open until done_at is set. */
#ifndef PRAYA_ACTIVITY_H
#define PRAYA_ACTIVITY_H

#include "pages.h"

extern const struct route activity_routes[];
extern const struct entity_hooks activity_hooks;

/* Is it theirs to say that a task is done? */
bool activity_may_end(const struct record_ctx *cx);

#endif

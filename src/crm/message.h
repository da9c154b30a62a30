/* SPDX-License-Identifier: ISC */
/* What was written to or by a person: logged by hand, or taken in by mail. */
#ifndef PRAYA_MESSAGE_H
#define PRAYA_MESSAGE_H

#include "pages.h"

extern const struct route message_routes[];
extern const struct entity_hooks message_hooks;

#endif

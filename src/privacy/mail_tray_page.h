/* SPDX-License-Identifier: ISC */
/* The tray of mail of erased people (mail_tray.h), as page and API. */
#ifndef PRAYA_MAIL_TRAY_PAGE_H
#define PRAYA_MAIL_TRAY_PAGE_H

#include "route.h"

struct tx;

/* For a chore: queues the end of what waited for too long. */
struct err *mail_tray_expire(struct tx *tx, struct arena *a);

extern const struct route mail_tray_routes[];

#endif

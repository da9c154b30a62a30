/* SPDX-License-Identifier: ISC */
/*
 * What the worker does about workspaces that were asked for (tenant/sign_up.h): the mails, and
 * making them. Each step can be run again after a kill.
 */
#ifndef PRAYA_SIGN_UP_WORK_H
#define PRAYA_SIGN_UP_WORK_H

#include <signal.h>

#include "tenant.h"

/* All that is due; one that fails is tried again later and does not hold up the others. */
struct err *sign_up_work(struct tenancy *t, struct arena *a, const volatile sig_atomic_t *stop);

#endif

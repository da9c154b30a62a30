/* SPDX-License-Identifier: ISC */
#ifndef PRAYA_HOLD_REMIND_H
#define PRAYA_HOLD_REMIND_H

#include "run.h"

/* Mails about holds whose day of review has come, in the transaction of a chore. */
struct err *hold_remind(struct job_run *run, struct tx *tx) ATTR_WARN_UNUSED;

#endif

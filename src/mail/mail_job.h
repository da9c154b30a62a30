/* SPDX-License-Identifier: ISC */
/*
 * The job that hands a mail of the outbox to the relay.
 *
 * A relay that cannot take it now is asked again after half a minute, then
 * later and later, until the mail's time is over. A worker that is killed between
 * the relay's yes and the commit sends the mail once more, under the same
 * Message-ID: twice is better than not at all.
 */
#ifndef PRAYA_MAIL_JOB_H
#define PRAYA_MAIL_JOB_H

#include "run.h"

/* Kind "mail", argument "mail": the outbox's id. */
struct err *mail_step(struct job_run *run);
/* The job has failed for good: so has the mail. */
void mail_failed(struct job_run *run, struct tx *tx, const char *key);

#endif

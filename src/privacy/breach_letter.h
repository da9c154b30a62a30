/* SPDX-License-Identifier: ISC */
/*
 * Letters to the people on a list of who was exposed: one each, in their language, as a
 * ZIP of pages to be printed or by mail through the outbox. Each is recorded: with the
 * incident, among the person's messages, and in the log. Who was erased gets none.
 */
#ifndef PRAYA_BREACH_LETTER_H
#define PRAYA_BREACH_LETTER_H

#include "incident.h"

struct job_run;
struct err *breach_letter_step(struct job_run *run);

extern const struct route breach_letter_routes[];

#endif

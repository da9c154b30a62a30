/* SPDX-License-Identifier: ISC */
/*
 * The first six steps of a workspace, for whoever is in charge of it. Whether one is done is
 * looked up where it is done: nothing is ticked off but the decision to ask for no HKID numbers,
 * which nothing else holds.
 */
#ifndef PRAYA_SETUP_H
#define PRAYA_SETUP_H

#include "pages.h"

#define SETUP_STEPS 6

extern const struct route setup_routes[];

/* Asked beside what else a page asks; of its rows: how many steps are done. */
void setup_queue(struct tx *tx, struct rows **r);
int64_t setup_count(const struct rows *r);

#endif

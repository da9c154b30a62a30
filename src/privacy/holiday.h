/* SPDX-License-Identifier: ISC */
/*
 * The days on which no statutory period ends: general holidays, which ship with
 * Praya for the years the Government has announced, and days of gale and black
 * rainstorm warnings, which are only known afterwards and are added by hand.
 */
#ifndef PRAYA_HOLIDAY_H
#define PRAYA_HOLIDAY_H

#include "deadline.h"
#include "route.h"
#include "tx.h"

/* All of them. Runs what is queued. */
struct err *holidays_load(struct tx *tx, struct arena *a, struct holidays *h) ATTR_WARN_UNUSED;

extern const struct route holiday_routes[];

#endif

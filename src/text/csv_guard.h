/* SPDX-License-Identifier: ISC */
/* The guard against formulas, both ways. Of text/ only. */
#ifndef PRAYA_CSV_GUARD_H
#define PRAYA_CSV_GUARD_H

#include <stdbool.h>

/* The text without the one apostrophe the guard has put there. */
const char *csv_unguard(const char *text);

#endif

/* SPDX-License-Identifier: ISC */
/* The only way text becomes a number: whole text, bounds not optional. */
#ifndef PRAYA_NUM_H
#define PRAYA_NUM_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal with optional leading minus; no blanks, no plus, no leading zeros
 * beyond a single "0". False leaves *out alone. */
bool num_parse_i64(const char *s, int64_t min, int64_t max, int64_t *out);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Calendar dates and times as text. Dates are YYYY-MM-DD, times RFC 3339.
 * Nothing here asks what time it is: now is PostgreSQL's.
 */
#ifndef PRAYA_DATE_H
#define PRAYA_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

/* Days since 1970-01-01 of a real day from 0001-01-01 to 9999-12-31, and back. */
int64_t date_number(const char *iso);
const char *date_of_number(struct arena *a, int64_t n);
/* Also reads D/M/YYYY, D-M-YYYY, YYYY/M/D, YYYY-M-D and YYYY年M月D日 (or 號), the
 * forms people type in Hong Kong (day before month), in full-width digits too.
 * out: 11 bytes, left alone when it is no date. */
bool date_normalise(const char *in, char out[11]);
/* RFC 3339 with offset, or a local "YYYY-MM-DDTHH:MM[:SS]" taken as Hong Kong
 * time; microseconds since 1970 UTC. The result lies in the years 1 to 9999. */
bool time_parse(const char *s, int64_t *usec_r);
/* Microseconds since 1970 UTC -> "2026-11-23T14:05:09Z" (microseconds kept when not zero). */
const char *time_rfc3339(struct arena *a, int64_t usec);
/* For people, in Asia/Hong_Kong. What is no ISO date comes back as it is. lang "en": "23 Nov 2026",
 * "23 Nov 2026 14:05"; "zh-Hant": 2026年11月23日, 2026年11月23日 14:05. */
const char *date_show(struct arena *a, const char *iso, const char *lang);
const char *time_show(struct arena *a, int64_t usec, const char *lang);

#endif

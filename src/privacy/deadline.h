/* SPDX-License-Identifier: ISC */
/*
 * Statutory days: Cap. 1 s.71. Days are numbers since 1970-01-01 (date_number()),
 * of the calendar in Hong Kong; whoever calls has made a day of a time before.
 *
 * A period does not count the day of the event. Where its last day is a Sunday, a
 * general holiday, or a day of a gale or black rainstorm warning, the law lets it run
 * to the next day that is none of these: the target is the day before that is done, the
 * last day the one after. Periods of six days or less leave out such days inside, too.
 * Nothing here stops a period: neither does the law.
 */
#ifndef PRAYA_DEADLINE_H
#define PRAYA_DEADLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* General holidays and days of warnings in ascending order; Sundays need not be there. */
struct holidays {
	const int64_t *days;
	size_t n;
	int64_t known; /* last day of the years whose general holidays have been announced */
};

struct deadline {
	int64_t target; /* as counted */
	int64_t last;   /* as the law lets it roll */
};

/* A Sunday, or one of them. A Saturday is none. */
bool holidays_on(const struct holidays *h, int64_t day);
/* days: of the period, counted from the day of the event; 0: at once. */
struct deadline deadline_count(const struct holidays *h, int64_t event, int days);
/* The last of so many working days after the event (Cap. 593). */
int64_t deadline_working(const struct holidays *h, int64_t event, int days);
/* The last of so many business days after it: Saturdays do not count either. */
int64_t deadline_business(const struct holidays *h, int64_t event, int days);

#endif

/* SPDX-License-Identifier: ISC */
#include "deadline.h"

#include "err.h"

#define WEEK 7
#define SUNDAY 3 /* 1970-01-01, day 0, was a Thursday */
#define SATURDAY 2
/* s.71(1)(d): up to here days that do not count are left out inside as well. */
#define SHORT_PERIOD 6

bool
holidays_on(const struct holidays *h, int64_t day)
{
	size_t low = 0, high = h->n;

	if ((day % WEEK + WEEK) % WEEK == SUNDAY)
		return true;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (h->days[middle] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low < h->n && h->days[low] == day;
}

int64_t
deadline_working(const struct holidays *h, int64_t event, int days)
{
	int64_t day = event;

	for (int counted = 0; counted < days;)
		counted += !holidays_on(h, ++day);
	return day;
}

int64_t
deadline_business(const struct holidays *h, int64_t event, int days)
{
	int64_t day = event;

	for (int counted = 0; counted < days;) {
		day++;
		counted += !holidays_on(h, day) && (day % WEEK + WEEK) % WEEK != SATURDAY;
	}
	return day;
}

struct deadline
deadline_count(const struct holidays *h, int64_t event, int days)
{
	struct deadline d;

	d.target = days > SHORT_PERIOD ? event + days : deadline_working(h, event, days);
	/* What is due at once is due on the day it comes, whatever day that is. */
	for (d.last = d.target; days > 0 && holidays_on(h, d.last);)
		d.last++;
	return d;
}

/* SPDX-License-Identifier: ISC */
#include "date.h"

#include <stdio.h>
#include <string.h>

#include "fold.h"
#include "log.h"

#define USEC ((int64_t)1000000)
#define DAY ((int64_t)86400)
#define HONG_KONG_OFFSET ((int64_t)8 * 3600) /* no summer time */

struct day {
	int year;
	int month;
	int day;
};

static bool
day_real(struct day d)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;

	if (d.year < 1 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1)
		return false;
	return d.day <= lengths[d.month - 1] + (d.month == 2 && leap);
}

/* Days since 1970-01-01. Years are counted from March, so that the leap day is
 * the last of its year; 400 years have 146097 days. */
static int64_t
day_number(struct day d)
{
	int64_t year = d.month > 2 ? d.year : d.year - 1;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t in_era = year - era * 400;
	int64_t in_year = (153 * ((d.month + 9) % 12) + 2) / 5 + d.day - 1;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static struct day
day_of_number(int64_t n)
{
	int64_t from = n + 719468;
	int64_t era = (from >= 0 ? from : from - 146096) / 146097;
	int64_t in_era = from - era * 146097;
	int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * in_year + 2) / 153;
	struct day d = {.day = (int)(in_year - (153 * month + 2) / 5 + 1)};

	d.month = (int)(month < 10 ? month + 3 : month - 9);
	d.year = (int)(year + era * 400 + (d.month <= 2));
	return d;
}

/* Exactly n digits. */
static bool
take_digits(const char **s, int n, int *out)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (!fold_digit((*s)[i]))
			return false;
		v = v * 10 + ((*s)[i] - '0');
	}
	*s += n;
	*out = v;
	return true;
}

static bool
take_char(const char **s, const char *any)
{
	if (**s == '\0' || strchr(any, **s) == NULL)
		return false;
	(*s)++;
	return true;
}

static bool
take_day(const char **s, struct day *d)
{
	return take_digits(s, 4, &d->year) && take_char(s, "-") && take_digits(s, 2, &d->month) &&
	       take_char(s, "-") && take_digits(s, 2, &d->day) && day_real(*d);
}

int64_t
date_number(const char *iso)
{
	struct day d;

	ASSERT(take_day(&iso, &d));
	return day_number(d);
}

const char *
date_of_number(struct arena *a, int64_t n)
{
	struct day d = day_of_number(n);

	return arena_printf(a, "%04d-%02d-%02d", d.year, d.month, d.day);
}

/* One of three numbers with what follows it. */
struct part {
	int value;
	int digits;
	char after; /* '/', '-', 'y' 'm' 'd' for their Chinese signs, '\0' */
};

static bool
take_sign(const char **in, const char *sign)
{
	size_t n = strlen(sign);

	if (strncmp(*in, sign, n) != 0)
		return false;
	*in += n;
	return true;
}

static void
skip_blanks(const char **in)
{
	const char *p = *in;

	while (fold_next(&p) == ' ')
		*in = p;
}

static bool
take_part(const char **in, struct part *out)
{
	const char *p;
	char c;

	*out = (struct part){.value = 0};
	skip_blanks(in);
	for (p = *in; fold_digit(c = fold_next(&p)); *in = p) {
		if (++out->digits > 4)
			return false;
		out->value = out->value * 10 + (c - '0');
	}
	skip_blanks(in);
	p = *in;
	c = fold_next(&p);
	if (take_sign(in, "年"))
		out->after = 'y';
	else if (take_sign(in, "月"))
		out->after = 'm';
	else if (take_sign(in, "日") || take_sign(in, "號"))
		out->after = 'd';
	else if (c == '/' || c == '-') {
		out->after = c;
		*in = p;
	} else if (c != '\0')
		return false;
	return out->digits > 0;
}

bool
date_normalise(const char *in, char out[11])
{
	struct part p[3];
	struct day d;
	char text[40];

	for (int i = 0; i < 3; i++)
		if (!take_part(&in, &p[i]))
			return false;
	skip_blanks(&in);
	if (*in != '\0')
		return false;
	if (p[0].after == 'y' ? p[1].after != 'm' || p[2].after != 'd'
			      : (p[0].after != '/' && p[0].after != '-') ||
					p[1].after != p[0].after || p[2].after != '\0')
		return false;
	if (p[0].digits == 4 && p[1].digits <= 2 && p[2].digits <= 2)
		d = (struct day){p[0].value, p[1].value, p[2].value};
	else if (p[2].digits == 4 && p[1].digits <= 2 && p[0].digits <= 2 && p[0].after != 'y')
		d = (struct day){p[2].value, p[1].value, p[0].value};
	else
		return false;
	if (!day_real(d))
		return false;
	snprintf(text, sizeof(text), "%04d-%02d-%02d", d.year, d.month, d.day);
	memcpy(out, text, 11);
	return true;
}

struct clock {
	int64_t usec; /* of the day */
	bool seconds; /* they were given */
	bool leap;    /* :60 */
};

/* "HH:MM", "HH:MM:SS", "HH:MM:SS.fraction", of which six decimals are kept. */
static bool
take_clock(const char **s, struct clock *out)
{
	int hour, minute, second = 0;
	int64_t unit = USEC;

	*out = (struct clock){.usec = 0};
	if (!take_digits(s, 2, &hour) || !take_char(s, ":") || !take_digits(s, 2, &minute))
		return false;
	out->seconds = take_char(s, ":");
	if (out->seconds) {
		if (!take_digits(s, 2, &second))
			return false;
		if (take_char(s, ".")) {
			if (!fold_digit(**s))
				return false;
			for (; fold_digit(**s); (*s)++)
				out->usec += (**s - '0') * (unit /= 10);
		}
	}
	out->leap = second == 60;
	out->usec += (hour * 3600 + minute * 60 + second) * USEC;
	return hour <= 23 && minute <= 59 && second <= 60;
}

/* "Z" or "+08:00" in seconds; Hong Kong's when there is nothing. */
static bool
take_offset(const char **s, int64_t *seconds_r)
{
	int hour, minute;
	bool west;

	*seconds_r = HONG_KONG_OFFSET;
	if (**s == '\0')
		return true;
	*seconds_r = 0;
	if (take_char(s, "Zz"))
		return true;
	west = **s == '-';
	if (!take_char(s, "+-") || !take_digits(s, 2, &hour) || !take_char(s, ":") ||
		!take_digits(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*seconds_r = (west ? -1LL : 1LL) * (hour * 3600 + minute * 60);
	return true;
}

bool
time_parse(const char *s, int64_t *usec_r)
{
	struct day d;
	struct clock clock;
	int64_t offset;
	int64_t usec;

	if (!take_day(&s, &d) || !take_char(&s, "Tt ") || !take_clock(&s, &clock))
		return false;
	/* Only a local time may leave its seconds out. */
	if (*s != '\0' && !clock.seconds)
		return false;
	if (!take_offset(&s, &offset) || *s != '\0')
		return false;
	usec = (day_number(d) * DAY - offset) * USEC + clock.usec;
	/* A leap second ends a day in UTC, and nothing else. */
	if (clock.leap && usec % (DAY * USEC) != 0)
		return false;
	if (usec < day_number((struct day){1, 1, 1}) * DAY * USEC ||
		usec >= (day_number((struct day){9999, 12, 31}) + 1) * DAY * USEC)
		return false;
	*usec_r = usec;
	return true;
}

/* The day, and the microseconds of it. */
static struct day
split(int64_t usec, int64_t *rest_r)
{
	int64_t day = usec / (DAY * USEC);
	int64_t rest = usec % (DAY * USEC);

	if (rest < 0) {
		rest += DAY * USEC;
		day--;
	}
	*rest_r = rest;
	return day_of_number(day);
}

const char *
time_rfc3339(struct arena *a, int64_t usec)
{
	int64_t rest;
	struct day d = split(usec, &rest);
	int second = (int)(rest / USEC);
	int micro = (int)(rest % USEC);
	const char *s = arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d", d.year, d.month, d.day,
		second / 3600, second / 60 % 60, second % 60);

	return micro == 0 ? arena_printf(a, "%sZ", s) : arena_printf(a, "%s.%06dZ", s, micro);
}

static const char *
day_show(struct arena *a, struct day d, const char *lang)
{
	static const char months[][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	if (strcmp(lang, "zh-Hant") == 0)
		return arena_printf(a, "%d年%d月%d日", d.year, d.month, d.day);
	return arena_printf(a, "%d %s %d", d.day, months[d.month - 1], d.year);
}

const char *
date_show(struct arena *a, const char *iso, const char *lang)
{
	const char *s = iso;
	struct day d;

	if (!take_day(&s, &d) || *s != '\0')
		return arena_strdup(a, iso);
	return day_show(a, d, lang);
}

const char *
time_show(struct arena *a, int64_t usec, const char *lang)
{
	int64_t rest;
	struct day d = split(usec + HONG_KONG_OFFSET * USEC, &rest);
	int minute = (int)(rest / (60 * USEC));

	return arena_printf(a, "%s %02d:%02d", day_show(a, d, lang), minute / 60, minute % 60);
}

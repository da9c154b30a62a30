/* SPDX-License-Identifier: ISC */
#include "phone.h"

#include <stdio.h>
#include <string.h>

#include "fold.h"

#define HONG_KONG "852"
/* ITU-T E.164: at most 15 digits with the country's. No network has fewer than 7. */
#define DIGITS_MAX 15
#define DIGITS_MIN 7
#define RAW_MAX (DIGITS_MAX + 2) /* "00" in front */

struct number {
	bool plus;
	size_t n;
	char digits[RAW_MAX + 1];
};

/* "(0)" after a country code is for callers at home and is no part of the number. */
static bool
skip_trunk_zero(const char **in)
{
	const char *p = *in;

	char zero = fold_next(&p), close = fold_next(&p);

	if (zero != '0' || close != ')')
		return false;
	*in = p;
	return true;
}

static bool
collect(const char *in, struct number *out)
{
	char c;

	*out = (struct number){.plus = false};
	while ((c = fold_next(&in)) != '\0') {
		if (c == '(' && out->plus && out->n > 0 && skip_trunk_zero(&in))
			continue;
		if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')')
			continue;
		if (c == '+' && !out->plus && out->n == 0) {
			out->plus = true;
			continue;
		}
		if (!fold_digit(c) || out->n == RAW_MAX)
			return false;
		out->digits[out->n++] = c;
	}
	return true;
}

/* Eight digits, or a toll-free number: 800 and six digits. */
static bool
is_hong_kong(const char *digits, size_t n)
{
	if (n == 9)
		return strncmp(digits, "800", 3) == 0;
	return n == 8 && digits[0] >= '2';
}

static bool
is_international(const char *digits, size_t n)
{
	if (n < DIGITS_MIN || n > DIGITS_MAX || digits[0] == '0')
		return false;
	return strncmp(digits, HONG_KONG, 3) != 0 || is_hong_kong(digits + 3, n - 3);
}

bool
phone_normalise(const char *in, char out[PHONE_SIZE])
{
	struct number num;
	const char *digits = num.digits;
	bool abroad;

	if (!collect(in, &num))
		return false;
	abroad = num.plus;
	if (!abroad && strncmp(digits, "00", 2) == 0) {
		/* 001 is a Hong Kong carrier's prefix, or 00 and country 1: unclear. */
		if (digits[2] == '1')
			return false;
		digits += 2;
		abroad = true;
	}
	if (!abroad && is_hong_kong(digits, num.n)) {
		snprintf(out, PHONE_SIZE, "+" HONG_KONG "%.9s", digits);
		return true;
	}
	/* Without "+", only Hong Kong's own code is beyond doubt. */
	if (!abroad && (strncmp(digits, HONG_KONG, 3) != 0 || num.n < 11))
		return false;
	if (!is_international(digits, strlen(digits)))
		return false;
	snprintf(out, PHONE_SIZE, "+%.15s", digits);
	return true;
}

/* ITU-T E.164 list of country codes: 1 and 7, those of two digits, the rest three. */
static size_t
country_length(const char *digits)
{
	static const char two[] =
		"20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 "
		"55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98";
	const char code[] = {digits[0], digits[1], '\0'};

	if (digits[0] == '1' || digits[0] == '7')
		return 1;
	return strstr(two, code) != NULL ? 2 : 3;
}

void
phone_show(const char *e164, char out[PHONE_SHOWN])
{
	size_t n = strlen(e164);
	size_t code;
	size_t at;

	if (e164[0] != '+' || n < 1 + DIGITS_MIN || n > 1 + DIGITS_MAX ||
		strspn(e164 + 1, "0123456789") != n - 1) {
		snprintf(out, PHONE_SHOWN, "%.*s", PHONE_SHOWN - 1, e164);
		return;
	}
	if (n == 13 && strncmp(e164 + 1, HONG_KONG "800", 6) == 0) {
		snprintf(out, PHONE_SHOWN, "+852 800 %.3s %.3s", e164 + 7, e164 + 10);
		return;
	}
	code = country_length(e164 + 1);
	at = (size_t)snprintf(out, PHONE_SHOWN, "%.*s", (int)(1 + code), e164);
	/* In fours from the right, so that +852 gives 9123 4567. */
	for (size_t i = 1 + code; i < n; i++) {
		if (i == 1 + code || (n - i) % 4 == 0)
			out[at++] = ' ';
		out[at++] = e164[i];
	}
	out[at] = '\0';
}

bool
phone_search_digits(const char *in, char *out, unsigned size)
{
	size_t n = 0;
	char c;

	while ((c = fold_next(&in)) != '\0') {
		if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' ||
			(c == '+' && n == 0))
			continue;
		if (!fold_digit(c) || n + 1 >= size)
			return false;
		out[n++] = c;
	}
	if (n < 3)
		return false;
	out[n] = '\0';
	/* "00" dials out; the number is stored without it. */
	if (n > 10 && strncmp(out, "00", 2) == 0)
		memmove(out, out + 2, n - 1);
	return true;
}

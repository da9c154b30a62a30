/* SPDX-License-Identifier: ISC */
/*
 * Telephone lists and order numbers are runs of digits too, and one in ten
 * passes the Luhn check. What keeps them apart: the ranges that issuers use
 * (ISO/IEC 7812), the lengths that go with them, and how people group the
 * digits of a card.
 */
#include "card.h"

#include <stddef.h>
#include <string.h>

#include "fold.h"

#define SHORTEST 13
#define LONGEST 19
/* More blanks and hyphens than this between digits part two numbers. */
#define GAP_MAX 3

/* The last digits of a run, in whole groups, at most LONGEST digits. */
struct run {
	char digits[LONGEST + 1];
	size_t n;
	size_t group[LONGEST]; /* lengths */
	size_t groups;
	bool whole; /* nothing before these belongs to the run */
};

static bool
luhn(const char *digits, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++) {
		int d = digits[n - 1 - i] - '0';

		if (i % 2 == 1)
			d = d > 4 ? d * 2 - 9 : d * 2;
		sum += d;
	}
	return sum % 10 == 0;
}

/* The first `n` digits as a number. */
static int
prefix(const char *digits, int n)
{
	int v = 0;

	while (n-- > 0)
		v = v * 10 + (*digits++ - '0');
	return v;
}

static bool
issued(const char *digits, size_t n)
{
	int four = prefix(digits, 4);
	int two = four / 100;

	switch (digits[0]) {
	case '2': /* Mir, Mastercard */
		return n == 16 &&
		       ((four >= 2200 && four <= 2204) || (four >= 2221 && four <= 2720));
	case '3': /* American Express, Diners Club, JCB */
		if (two == 34 || two == 37)
			return n == 15;
		if (four >= 3528 && four <= 3589)
			return n >= 16;
		return n >= 14 && (two == 30 || two == 36 || two == 38 || two == 39);
	case '4': /* Visa */
		return n == 13 || n == 16 || n == 19;
	case '5': /* Mastercard; Maestro */
		return two <= 55 && two >= 51 ? n == 16 : two != 59;
	case '6': /* UnionPay, Discover, Maestro */
		return true;
	default:
		return false;
	}
}

static bool
is_card(const char *digits, size_t n)
{
	return n >= SHORTEST && n <= LONGEST && issued(digits, n) && luhn(digits, n) &&
	       strspn(digits, (char[]){digits[0], '\0'}) < n;
}

/* Groups as they stand on cards: none, in fours, 4-6-5 and 4-6-4, 6-13. */
static bool
grouped_like_a_card(const size_t *group, size_t groups)
{
	if (groups == 1)
		return true;
	if (groups == 2)
		return group[0] == 6 && group[1] == 13;
	if (groups == 3 && group[0] == 4 && group[1] == 6)
		return group[2] == 4 || group[2] == 5;
	for (size_t i = 0; i + 1 < groups; i++)
		if (group[i] != 4)
			return false;
	return group[groups - 1] <= 4;
}

/* A group of eight is a Hong Kong telephone number beside something else. */
static bool
holds_a_phone(const struct run *r)
{
	for (size_t i = 0; i < r->groups; i++)
		if (r->group[i] == 8)
			return true;
	return false;
}

static void
drop_first_group(struct run *r)
{
	size_t n = r->group[0];

	memmove(r->digits, r->digits + n, r->n - n);
	memmove(r->group, r->group + 1, (r->groups - 1) * sizeof(r->group[0]));
	r->n -= n;
	r->groups--;
	r->whole = false;
}

/* Adds a group and looks at every card that could end with it. */
static bool
add_group(struct run *r, const char *digits, size_t n)
{
	size_t at = 0;

	if (n > LONGEST) {
		*r = (struct run){.whole = false};
		return false;
	}
	while (r->n + n > LONGEST)
		drop_first_group(r);
	memcpy(r->digits + r->n, digits, n);
	r->n += n;
	r->group[r->groups++] = n;
	for (size_t i = 0; i < r->groups; at += r->group[i++])
		if (r->n - at >= SHORTEST && grouped_like_a_card(r->group + i, r->groups - i) &&
			is_card(r->digits + at, r->n - at))
			return true;
	return false;
}

/* A run that is one number may be grouped in any way. */
static bool
end_run(struct run *r)
{
	bool found = r->whole && r->groups > 1 && !holds_a_phone(r) && is_card(r->digits, r->n);

	*r = (struct run){.whole = true};
	return found;
}

bool
card_found(const char *text)
{
	struct run run = {.whole = true};
	char group[LONGEST];
	size_t n = 0;
	size_t gap = 0;
	char c;

	do {
		c = fold_next(&text);
		if (fold_digit(c)) {
			if (n < LONGEST)
				group[n] = c;
			n++; /* beyond LONGEST only the count matters */
			gap = 0;
			continue;
		}
		if (n > 0 && add_group(&run, group, n))
			return true;
		n = 0;
		if ((c != ' ' && c != '-') || ++gap > GAP_MAX) {
			if (end_run(&run))
				return true;
			gap = 0;
		}
	} while (c != '\0');
	return false;
}

/* SPDX-License-Identifier: ISC */
#include "hkid.h"

#include <stdio.h>
#include <string.h>

#include "fold.h"

#define DIGITS 6
#define SQUEEZED_MAX 11 /* AB123456(9) */

/* Folded, upper case, without blanks and hyphens. False: too long to be one. */
static bool
squeeze(const char *in, char out[SQUEEZED_MAX + 1])
{
	size_t n = 0;
	char c;

	while ((c = fold_next(&in)) != '\0') {
		if (c == ' ' || c == '-')
			continue;
		if (n == SQUEEZED_MAX)
			return false;
		out[n++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	out[n] = '\0';
	return true;
}

static bool
is_letter(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Letters count 10 to 35, an absent first letter 36; weights fall from 9 to 2;
 * the check character makes the sum a multiple of 11. */
static char
check_character(const char *letters, int count, const char *digits)
{
	int sum = count == 2 ? 9 * (letters[0] - 'A' + 10) : 9 * 36;
	int check;

	sum += 8 * (letters[count - 1] - 'A' + 10);
	for (int i = 0; i < DIGITS; i++)
		sum += (7 - i) * (digits[i] - '0');
	check = (11 - sum % 11) % 11;
	return check == 10 ? 'A' : (char)('0' + check);
}

enum hkid_result
hkid_normalise(const char *in, char out[HKID_SIZE])
{
	char s[SQUEEZED_MAX + 1] = "";
	const char *p = s;
	int letters = 0;
	char check;

	if (!squeeze(in, s))
		return HKID_MALFORMED;
	while (is_letter(*p))
		p++;
	letters = (int)(p - s);
	if (letters < 1 || letters > 2 || strspn(p, "0123456789") < DIGITS)
		return HKID_MALFORMED;
	p += DIGITS;
	if (*p == '(')
		p++;
	check = *p;
	if (!fold_digit(check) && check != 'A')
		return HKID_MALFORMED;
	p++;
	if (*p == ')')
		p++;
	if (*p != '\0')
		return HKID_MALFORMED;
	snprintf(out, HKID_SIZE, "%.*s(%c)", letters + DIGITS, s, check);
	return check == check_character(s, letters, s + letters) ? HKID_VALID : HKID_BAD_CHECK;
}

void
hkid_mask(const char *in, char out[HKID_SIZE])
{
	char same[HKID_SIZE];
	size_t shown;

	/* What is not of our making is hidden whole, not shown by mistake. */
	if (hkid_normalise(in, same) == HKID_MALFORMED || strcmp(in, same) != 0) {
		snprintf(out, HKID_SIZE, "XXXXXXX(X)");
		return;
	}
	memcpy(out, same, HKID_SIZE);
	shown = (strlen(same) - 2 + 1) / 2; /* alphanumerics: all but the parentheses */
	for (char *p = out + shown; *p != '\0'; p++)
		if (*p != '(' && *p != ')')
			*p = 'X';
}

/* SPDX-License-Identifier: ISC */
#include "num.h"

bool
num_parse_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool neg = *s == '-';
	int64_t v = 0;

	if (neg)
		s++;
	if (*s == '\0' || (*s == '0' && (neg || s[1] != '\0')))
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, *s - '0', &v))
			return false;
	}
	/* Collected as a negative number: its range is one wider. */
	if (!neg) {
		if (v == INT64_MIN)
			return false;
		v = -v;
	}
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

/* SPDX-License-Identifier: ISC */
#include "view.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *
lang_tag(enum lang l)
{
	return l == LANG_ZH ? "zh-Hant" : "en";
}

/* "zh", "zh-HK", "zh-Hant-TW", also "zh-CN": a Chinese reader is better served
 * by Traditional Chinese than by English. n bytes of tag count. */
static bool
is_chinese(const char *tag, size_t n)
{
	return n >= 2 && strncasecmp(tag, "zh", 2) == 0 &&
	       (n == 2 || tag[2] == '-' || tag[2] == '_');
}

static bool
is_english(const char *tag, size_t n)
{
	return n >= 2 && strncasecmp(tag, "en", 2) == 0 &&
	       (n == 2 || tag[2] == '-' || tag[2] == '_');
}

enum lang
lang_parse(const char *tag)
{
	return tag != NULL && is_chinese(tag, strlen(tag)) ? LANG_ZH : LANG_EN;
}

/* Thousandths of a ";q=0.8" parameter within n bytes; 1000 when there is none,
 * 0 when it cannot be read. */
static int
quality(const char *p, size_t n)
{
	const char *semi = memchr(p, ';', n);
	const char *end = p + n;
	int q, scale;

	if (semi == NULL)
		return 1000;
	for (p = semi + 1; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	if (end - p < 3 || (*p != 'q' && *p != 'Q') || p[1] != '=' || p[2] < '0' || p[2] > '1')
		return 0;
	q = (p[2] - '0') * 1000;
	p += 3;
	if (p < end && *p == '.') {
		for (p++, scale = 100; p < end && *p >= '0' && *p <= '9'; p++, scale /= 10)
			q += (*p - '0') * scale;
	}
	return q > 1000 ? 1000 : q;
}

enum lang
lang_negotiate(const char *accept)
{
	enum lang best = LANG_EN;
	int best_q = 0;

	while (accept != NULL && *accept != '\0') {
		size_t n = strcspn(accept, ",");
		size_t blank = strspn(accept, " \t");
		const char *tag = accept + (blank < n ? blank : n);
		size_t len = n - (size_t)(tag - accept);
		size_t tag_len = strcspn(tag, ",; \t");
		int q = quality(tag, len);

		if (q > best_q && (is_chinese(tag, tag_len) || is_english(tag, tag_len))) {
			best = is_chinese(tag, tag_len) ? LANG_ZH : LANG_EN;
			best_q = q;
		}
		accept += n + (accept[n] == ',');
	}
	return best;
}

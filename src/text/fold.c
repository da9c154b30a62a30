/* SPDX-License-Identifier: ISC */
#include "fold.h"

#include <string.h>

#include "utf8.h"

/* Letters, by their class, that show nothing: of Hangul, and Braille without a dot. */
static bool
is_filler(uint32_t cp)
{
	return cp == 0x115f || cp == 0x1160 || cp == 0x2800 || cp == 0x3164 || cp == 0xffa0;
}

bool
fold_is_blank(uint32_t cp)
{
	return cp == ' ' || cp == '\t' || cp == 0xa0 || cp == 0x1680 ||
	       (cp >= 0x2000 && cp <= 0x200a) || cp == 0x202f || cp == 0x205f || cp == 0x3000 ||
	       is_filler(cp);
}

bool
fold_is_invisible(uint32_t cp)
{
	return cp == 0xad || cp == 0x34f || cp == 0x61c || cp == 0x180e || cp == 0x200b ||
	       cp == 0x200e || cp == 0x200f || (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) ||
	       (cp >= 0xe0000 && cp <= 0xe007f);
}

bool
fold_is_joiner(uint32_t cp)
{
	return cp == 0x200c || cp == 0x200d || (cp >= 0x180b && cp <= 0x180d) ||
	       (cp >= 0xfe00 && cp <= 0xfe0f) || (cp >= 0xe0100 && cp <= 0xe01ef);
}

char
fold_next(const char **p)
{
	uint32_t cp;
	size_t n;

	if (**p == '\0')
		return '\0';
	n = utf8_next(*p, *p + strnlen(*p, 4), &cp);
	*p += n > 0 ? n : 1;
	if (n == 0)
		return FOLD_OTHER;
	if (fold_is_blank(cp) || fold_is_invisible(cp))
		return ' ';
	if (cp >= 0xff01 && cp <= 0xff5e)
		return (char)(cp - 0xff01 + '!');
	if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212)
		return '-';
	return cp >= ' ' && cp < 0x7f ? (char)cp : FOLD_OTHER;
}

void
fold_copy(const char *in, char *out)
{
	while (*in != '\0') {
		const char *from = in;
		char c = fold_next(&in);

		if (c == FOLD_OTHER) {
			memcpy(out, from, (size_t)(in - from));
			out += in - from;
		} else {
			*out++ = c;
		}
	}
	*out = '\0';
}

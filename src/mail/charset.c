/* SPDX-License-Identifier: ISC */
#include "charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "sb.h"
#include "utf8.h"

/* Names by which mail means something wider than it says. */
static const char *
wider(const char *charset)
{
	static const char *const names[][2] = {{"big5", "BIG5-HKSCS"}, {"big-5", "BIG5-HKSCS"},
		{"cn-big5", "BIG5-HKSCS"}, {"x-x-big5", "BIG5-HKSCS"}, {"gb2312", "GB18030"},
		{"gbk", "GB18030"}, {"x-gbk", "GB18030"}, {"cp936", "GB18030"},
		{"iso-8859-1", "WINDOWS-1252"}, {"latin1", "WINDOWS-1252"},
		{"us-ascii", "WINDOWS-1252"}, {"ascii", "WINDOWS-1252"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i][0], charset) == 0)
			return names[i][1];
	return charset;
}

static void
close_iconv(void *cd)
{
	iconv_close(cd);
}

static bool
open_iconv(struct arena *a, const char *charset, iconv_t *cd_r)
{
	iconv_t cd;

	/* A name goes to the library only when it is one: "../x" is none. */
	for (const char *p = charset; *p != '\0'; p++)
		if (strchr("-_.:", *p) == NULL && !(*p >= '0' && *p <= '9') &&
			!((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z'))
			return false;
	if (*charset == '\0' || strlen(charset) > 40)
		return false;
	cd = iconv_open("UTF-8", charset);
	if (cd == (iconv_t)-1)
		return false;
	arena_on_reset(a, close_iconv, cd);
	*cd_r = cd;
	return true;
}

/* Everything but NUL. */
static void
add_clean(struct sb *sb, const char *p, size_t n)
{
	while (n > 0) {
		const char *nul = memchr(p, '\0', n);
		size_t k = nul != NULL ? (size_t)(nul - p) : n;

		sb_add(sb, p, k);
		p += k + (nul != NULL);
		n -= k + (nul != NULL);
	}
}

/* NULL: the charset is not known, or (strict) a byte does not fit. A character
 * cut off at the end of the text is dropped either way. */
static const char *
convert(struct arena *a, const char *p, size_t n, const char *charset, bool strict)
{
	char *in = (char *)(uintptr_t)p;
	char out[4096];
	struct sb sb;
	iconv_t cd;

	if (!open_iconv(a, charset, &cd))
		return NULL;
	sb_init(&sb, a, 3 * n + 16);
	while (n > 0) {
		char *o = out;
		size_t room = sizeof(out);
		size_t done = iconv(cd, &in, &n, &o, &room);
		int why = errno;

		add_clean(&sb, out, (size_t)(o - out));
		if (done != (size_t)-1 || why == E2BIG)
			continue;
		if (why != EILSEQ)
			break;
		if (strict)
			return NULL;
		sb_puts(&sb, "\xef\xbf\xbd");
		in++;
		n--;
	}
	return utf8_valid(sb.p, sb.n) ? sb.p : NULL;
}

static const char *
as_utf8(struct arena *a, const char *p, size_t n)
{
	struct sb sb;

	sb_init(&sb, a, n + 1);
	add_clean(&sb, p, n);
	return utf8_valid(sb.p, sb.n) ? sb.p : NULL;
}

/* The last resort that knows every byte. */
static const char *
ascii_only(struct arena *a, const char *p, size_t n)
{
	char *out = arena_alloc(a, n + 1), *o = out;

	for (size_t i = 0; i < n; i++)
		if (p[i] != '\0')
			*o++ = (unsigned char)p[i] < 0x80 ? p[i] : '?';
	*o = '\0';
	return out;
}

const char *
charset_text(struct arena *a, const char *p, size_t n, const char *charset)
{
	static const char *const guesses[] = {"BIG5-HKSCS", "GB18030"};
	const char *said = charset != NULL && *charset != '\0' ? wider(charset) : NULL, *s = NULL;
	iconv_t cd;

	if (said != NULL && !open_iconv(a, said, &cd))
		said = NULL;
	/* Plain ASCII and honest UTF-8 are most of what comes. */
	if (said == NULL || strcmp(said, "WINDOWS-1252") == 0 || strcasecmp(said, "utf-8") == 0)
		s = as_utf8(a, p, n);
	if (s == NULL && said != NULL)
		s = convert(a, p, n, said, true);
	if (s == NULL)
		s = as_utf8(a, p, n);
	if (s == NULL && said != NULL)
		s = convert(a, p, n, said, false);
	for (size_t i = 0; s == NULL && i < sizeof(guesses) / sizeof(guesses[0]); i++)
		s = convert(a, p, n, guesses[i], true);
	if (s == NULL)
		s = convert(a, p, n, "WINDOWS-1252", false);
	return s != NULL ? s : ascii_only(a, p, n);
}

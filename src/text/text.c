/* SPDX-License-Identifier: ISC */
#include "text.h"

#include <string.h>

#include "fold.h"
#include "utf8.h"

#define FILE_NAME_MAX 200
/* A longer ending is no ending. */
#define SUFFIX_MAX 16

enum kind { SEEN, JOINER, BLANK, LINE_END, DROPPED };

static enum kind
kind_of(uint32_t cp)
{
	/* LF, VT, FF, CR, NEL, line and paragraph separator. */
	if ((cp >= '\n' && cp <= '\r') || cp == 0x85 || cp == 0x2028 || cp == 0x2029)
		return LINE_END;
	if (fold_is_blank(cp))
		return BLANK;
	/* Control characters, invisible marks, and what is no character. */
	if (cp < ' ' || (cp >= 0x7f && cp < 0xa0) || fold_is_invisible(cp) ||
		(cp & 0xfffe) == 0xfffe || (cp >= 0xfdd0 && cp <= 0xfdef))
		return DROPPED;
	return fold_is_joiner(cp) ? JOINER : SEEN;
}

/* One character or CRLF; n_r is its length, 1 for a byte that is none. */
static enum kind
kind_at(const char *s, const char *end, size_t *n_r)
{
	uint32_t cp;

	*n_r = utf8_next(s, end, &cp);
	if (*n_r == 0) {
		*n_r = 1;
		return DROPPED;
	}
	if (cp == '\r' && s + 1 < end && s[1] == '\n')
		*n_r = 2;
	return kind_of(cp);
}

const char *
text_clean(struct arena *a, const char *s, bool keep_lines)
{
	const char *end = s + strlen(s);
	char *out = arena_alloc(a, (size_t)(end - s) + 1);
	char *to = out;
	size_t lines = 0; /* line ends and blanks wait for what comes after them */
	bool blank = false, seen = false;
	size_t n;

	for (; s < end; s += n) {
		enum kind kind = kind_at(s, end, &n);

		switch (kind) {
		case LINE_END:
			lines += keep_lines;
			blank = true;
			break;
		case BLANK:
			blank = true;
			break;
		case DROPPED:
			break;
		case SEEN:
		case JOINER:
			seen |= kind == SEEN;
			if (to > out && lines > 0)
				to = (char *)memset(to, '\n', lines) + lines;
			else if (to > out && blank)
				*to++ = ' ';
			lines = 0;
			blank = false;
			to = (char *)memcpy(to, s, n) + n;
			break;
		}
	}
	*to = '\0';
	return seen ? out : NULL;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
lower(char *s, size_t n)
{
	for (; n > 0; n--, s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

/* Labels of letters, digits, inner hyphens and anything beyond ASCII, parted by
 * dots: 63 bytes each, 253 in all (RFC 1035). Returns their count, 0 = no host. */
static size_t
host_labels(const char *s, size_t n)
{
	size_t labels = 0;
	size_t start = 0;

	if (n == 0 || n > 253)
		return 0;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && s[i] != '.') {
			if (!is_alnum(s[i]) && s[i] != '-' && (unsigned char)s[i] < 0x80)
				return 0;
			continue;
		}
		if (i == start || i - start > 63 || s[start] == '-' || s[i - 1] == '-')
			return 0;
		labels++;
		start = i + 1;
	}
	return labels;
}

/* RFC 5321 without quoted local parts, which nobody has. */
const char *
text_email(struct arena *a, const char *s)
{
	const char *clean = text_clean(a, s, false);
	const char *domain;
	const char *last;
	char *out;
	char *at;

	if (clean == NULL || strlen(clean) > (size_t)3 * 254)
		return NULL;
	out = arena_alloc(a, strlen(clean) + 1);
	fold_copy(clean, out);
	if (strlen(out) > 254 || strpbrk(out, " \"(),:;<>[\\]") != NULL)
		return NULL;
	at = strchr(out, '@');
	if (at == NULL || at == out || at - out > 64 || strchr(at + 1, '@') != NULL)
		return NULL;
	domain = at + 1;
	if (host_labels(domain, strlen(domain)) < 2)
		return NULL;
	last = strrchr(domain, '.') + 1;
	if (strspn(last, "0123456789") == strlen(last))
		return NULL;
	lower(at + 1, strlen(domain));
	return out;
}

/* host or host:port, n bytes. */
static bool
authority_valid(const char *s, size_t n, bool dot_needed)
{
	const char *colon = memchr(s, ':', n);
	size_t host = colon != NULL ? (size_t)(colon - s) : n;
	size_t labels = host_labels(s, host);
	int port = 0;

	if (labels == 0 || (dot_needed && labels < 2))
		return false;
	if (colon == NULL)
		return true;
	for (size_t i = host + 1; i < n; i++) {
		if (!fold_digit(s[i]))
			return false;
		port = port * 10 + (s[i] - '0');
		if (port > 65535)
			return false;
	}
	return port > 0;
}

const char *
text_url(struct arena *a, const char *s)
{
	const char *clean = text_clean(a, s, false);
	const char *scheme = "https";
	const char *rest;
	const char *mark;
	char *authority;
	size_t n;

	/* A backslash is a slash to browsers; quotes and angles end attributes. */
	if (clean == NULL || strpbrk(clean, " \"<>\\`") != NULL)
		return NULL;
	mark = strstr(clean, "://");
	rest = clean;
	/* "://" may also stand in a query of a text without scheme. */
	if (mark != NULL && strcspn(clean, "/?#") == (size_t)(mark - clean) + 1) {
		char *given = arena_strndup(a, clean, (size_t)(mark - clean));

		lower(given, strlen(given));
		if (strcmp(given, "http") != 0 && strcmp(given, "https") != 0)
			return NULL;
		scheme = given;
		rest = mark + 3;
	} else {
		mark = NULL;
	}
	n = strcspn(rest, "/?#");
	if (!authority_valid(rest, n, mark == NULL))
		return NULL;
	authority = arena_strndup(a, rest, n);
	lower(authority, n);
	return arena_printf(a, "%s://%s%s", scheme, authority, rest + n);
}

/* ASCII and Latin-1 letters, enough for names in Hong Kong's registers. */
static const char *
upper(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p != '\0'; p++) {
		unsigned char c = (unsigned char)p[1];

		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
		/* U+00E0 to U+00FE are C3 A0 to C3 BE, their capitals 20 below. */
		else if (*p == '\xc3' && c >= 0xa0 && c <= 0xbe && c != 0xb7)
			p[1] = (char)(c - 0x20);
	}
	return out;
}

const char *
text_name_en(struct arena *a, const char *surname, const char *given, const char *english)
{
	bool has_surname = surname != NULL && *surname != '\0';
	bool has_given = given != NULL && *given != '\0';
	bool has_english = english != NULL && *english != '\0';
	bool legal = has_surname || has_given;

	if (!legal && !has_english)
		return NULL;
	return arena_printf(a, "%s%s%s%s%s", has_surname ? upper(a, surname) : "",
		has_surname && has_given ? " " : "", has_given ? given : "",
		legal && has_english ? ", " : "", has_english ? english : "");
}

/* At most max bytes, without half a character at the end. */
static size_t
cut_at_character(const char *s, size_t max)
{
	while (max > 0 && ((unsigned char)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

/* Shortens the stem, so that the ending still says what the file is. */
static const char *
cut_file_name(struct arena *a, const char *s)
{
	size_t n = strlen(s);
	const char *suffix = strrchr(s, '.');
	size_t stem;

	if (n <= FILE_NAME_MAX)
		return s;
	if (suffix == NULL || strlen(suffix) > SUFFIX_MAX)
		suffix = "";
	stem = cut_at_character(s, FILE_NAME_MAX - strlen(suffix));
	return arena_printf(a, "%.*s%s", (int)stem, s, suffix);
}

const char *
text_file_name(struct arena *a, const char *s)
{
	const char *clean;
	char *name;
	size_t n;

	for (const char *p = s; *p != '\0'; p++)
		if (*p == '/' || *p == '\\')
			s = p + 1;
	clean = text_clean(a, s, false);
	if (clean == NULL)
		return "file";
	clean += strspn(clean, ". ");
	name = arena_strdup(a, clean);
	/* What some system cannot have in a name. */
	for (char *p = name; *p != '\0'; p++)
		if (strchr(":*?\"<>|", *p) != NULL)
			*p = '_';
	for (n = strlen(name); n > 0 && (name[n - 1] == '.' || name[n - 1] == ' ');)
		name[--n] = '\0';
	return n == 0 ? "file" : cut_file_name(a, name);
}

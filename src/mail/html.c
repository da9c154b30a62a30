/* SPDX-License-Identifier: ISC */
#include "html.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "sb.h"
#include "utf8.h"

struct reader {
	const char *p;
	struct sb out;
	bool blank; /* a blank waits for the next word */
	int lines;  /* so many line ends wait for it */
	bool as_is; /* inside <pre> */
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void
break_line(struct reader *r, int lines)
{
	if (r->out.n > 0 && r->lines < lines)
		r->lines = lines;
	r->blank = false;
}

static void
put(struct reader *r, const char *p, size_t n)
{
	for (; r->lines > 0; r->lines--)
		sb_putc(&r->out, '\n');
	if (r->blank && r->out.n > 0 && r->out.p[r->out.n - 1] != '\n')
		sb_putc(&r->out, ' ');
	r->blank = false;
	sb_add(&r->out, p, n);
}

static const struct {
	const char *name;
	uint32_t cp;
} entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''},
	{"nbsp", ' '}, {"ensp", ' '}, {"emsp", ' '}, {"thinsp", ' '}, {"copy", 0xa9}, {"reg", 0xae},
	{"trade", 0x2122}, {"hellip", 0x2026}, {"mdash", 0x2014}, {"ndash", 0x2013},
	{"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201c}, {"rdquo", 0x201d},
	{"bull", 0x2022}, {"middot", 0xb7}, {"euro", 0x20ac}, {"pound", 0xa3}, {"yen", 0xa5},
	{"cent", 0xa2}, {"times", 0xd7}, {"deg", 0xb0}, {"frac12", 0xbd}, {"laquo", 0xab},
	{"raquo", 0xbb}};

static uint32_t
numeric_entity(const char *s, size_t n)
{
	bool hex = n > 1 && (s[1] == 'x' || s[1] == 'X');
	uint32_t cp = 0;

	for (size_t i = hex ? 2 : 1; i < n; i++) {
		uint32_t d;

		if (s[i] >= '0' && s[i] <= '9')
			d = (uint32_t)(s[i] - '0');
		else if (hex && (s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'f')
			d = (uint32_t)((s[i] | 0x20) - 'a' + 10);
		else
			return 0;
		cp = cp * (hex ? 16 : 10) + d;
		if (cp > 0x10ffff)
			return 0;
	}
	if ((cp >= 0xd800 && cp <= 0xdfff) || (cp < 0x20 && cp != '\t' && cp != '\n'))
		return 0;
	return cp == 0xa0 ? ' ' : cp;
}

/* At '&'. What is no entity is an ampersand. */
static void
read_entity(struct reader *r)
{
	size_t n = strcspn(r->p + 1, "; <&\n");
	const char *name = r->p + 1;
	uint32_t cp = 0;
	char utf8[4];

	if (n > 0 && n < 10 && name[n] == ';') {
		if (*name == '#')
			cp = numeric_entity(name, n);
		for (size_t i = 0; cp == 0 && i < sizeof(entities) / sizeof(entities[0]); i++)
			if (strlen(entities[i].name) == n &&
				strncmp(entities[i].name, name, n) == 0)
				cp = entities[i].cp;
	}
	if (cp == 0) {
		put(r, "&", 1);
		r->p++;
		return;
	}
	r->p += n + 2;
	if (cp == ' ' || cp == '\t' || cp == '\n')
		r->blank = true;
	else
		put(r, utf8, utf8_put(utf8, cp));
}

static bool
is_name(const char *name, size_t n, const char *list)
{
	while (*list != '\0') {
		size_t k = strcspn(list, " ");

		if (k == n && strncasecmp(list, name, n) == 0)
			return true;
		list += k;
		list += *list == ' ';
	}
	return false;
}

/* Behind the '>' that ends the tag at p; quoted values may hold one. */
static const char *
tag_end(const char *p)
{
	char quote = '\0';

	for (; *p != '\0'; p++) {
		if (quote != '\0')
			quote = *p == quote ? '\0' : quote;
		else if (*p == '"' || *p == '\'')
			quote = *p;
		else if (*p == '>')
			return p + 1;
	}
	return p;
}

/* Behind "</name", looked for from p; the end when it never comes. */
static const char *
skip_element(const char *p, const char *name, size_t n)
{
	for (p = strstr(p, "</"); p != NULL; p = strstr(p + 2, "</"))
		if (strncasecmp(p + 2, name, n) == 0)
			return tag_end(p);
	return "";
}

/* At '<' and a letter or '/'. */
static void
read_tag(struct reader *r)
{
	bool end = r->p[1] == '/';
	const char *name = r->p + 1 + end, *after;
	size_t n = strcspn(name, " \t\r\n/>");

	after = tag_end(r->p);
	/* A quote that is never closed would swallow the rest. */
	if (*after == '\0' && strchr(r->p, '>') != NULL)
		after = strchr(r->p, '>') + 1;
	r->p = after;
	if (!end && is_name(name, n, "style script head title template noscript"))
		r->p = skip_element(after, name, n);
	else if (is_name(name, n, "br"))
		r->lines += r->out.n > 0 && r->lines < 2;
	else if (is_name(name, n, "p h1 h2 h3 h4 h5 h6 table blockquote ul ol hr"))
		break_line(r, 2);
	else if (is_name(name, n, "div tr section article header footer dt dd address center"))
		break_line(r, 1);
	else if (is_name(name, n, "td th"))
		r->blank = true;
	if (!end && is_name(name, n, "li")) {
		break_line(r, 1);
		put(r, "- ", 2);
	}
	if (is_name(name, n, "pre")) {
		break_line(r, 1);
		r->as_is = !end;
	}
}

static bool
starts_tag(const char *p)
{
	char c = p[1] == '/' ? p[2] : p[1];

	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static void
read_words(struct reader *r)
{
	size_t n = strcspn(r->p, "<& \t\r\n\f");

	if (n > 0) {
		put(r, r->p, n);
		r->p += n;
	} else if (is_space(*r->p)) {
		if (r->as_is && *r->p == '\n')
			r->lines++;
		else if (r->as_is)
			put(r, r->p, 1);
		else
			r->blank = true;
		r->p++;
	} else {
		put(r, r->p++, 1);
	}
}

const char *
html_text(struct arena *a, const char *html)
{
	struct reader r = {.p = html};

	sb_init(&r.out, a, 2 * strlen(html) + 64);
	while (*r.p != '\0') {
		if (strncmp(r.p, "<!--", 4) == 0) {
			const char *end = strstr(r.p + 4, "-->");

			r.p = end != NULL ? end + 3 : "";
		} else if (r.p[0] == '<' && (starts_tag(r.p) || r.p[1] == '!' || r.p[1] == '?')) {
			read_tag(&r);
		} else if (*r.p == '&') {
			read_entity(&r);
		} else {
			read_words(&r);
		}
	}
	return r.out.p;
}

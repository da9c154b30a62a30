/* SPDX-License-Identifier: ISC */
/*
 * Whether our own relay vouches for who a message says it is from: the topmost
 * Authentication-Results (RFC 8601), when it is the relay's. What stands below was
 * written by whoever sent the message, and what cannot be read vouches for nothing.
 */
#include "mime.h"

#include <string.h>

#include "sb.h"

#define RESULTS "Authentication-Results"
#define WORD_MAX 1000

/* Blanks, folds and comments, which may stand within each other. */
static const char *
skip_blanks(const char *p)
{
	int depth = 0;

	for (; *p != '\0'; p++) {
		if (*p == '(')
			depth++;
		else if (depth == 0 && strchr(" \t\r\n", *p) == NULL)
			return p;
		else if (*p == ')')
			depth--;
		else if (*p == '\\' && p[1] != '\0')
			p++;
	}
	return p;
}

/* A word, parts of it in quotes or not, up to a blank, a comment or one of `ends`. NULL: there is
 * none, or it has no end. */
static const char *
read_word(struct arena *a, const char **at, const char *ends)
{
	const char *p = skip_blanks(*at);
	bool quoted = false;
	struct sb sb;

	sb_init(&sb, a, WORD_MAX);
	for (; *p != '\0'; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (quoted && *p == '\\' && p[1] != '\0')
			sb_putc(&sb, *++p);
		else if (!quoted && (strchr(" \t\r\n();", *p) != NULL || strchr(ends, *p) != NULL))
			break;
		else
			sb_putc(&sb, *p);
	}
	*at = skip_blanks(p);
	return quoted || sb.n == 0 || !sb_ok(&sb) ? NULL : sb.p;
}

/* What of a method says whose domain it was that passed; the first that is there counts. */
static const struct method {
	const char *name;
	const char *properties[3];
} methods[] = {
	{"dkim", {"header.d", "header.i", NULL}},
	{"spf", {"smtp.mailfrom", NULL}},
	{"dmarc", {"header.from", NULL}},
};

static const struct method *
method_of(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (g_ascii_strcasecmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

static const char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL ? at + 1 : address;
}

/* "method=result property=value .." up to the next. False: it cannot be read. *domain_r: of what
 * passed; NULL: nothing did. */
static bool
read_result(struct arena *a, const char **at, const char **domain_r)
{
	const char *name = read_word(a, at, "=/"), *result, *property, *value;
	const struct method *m;
	size_t best = 3;

	*domain_r = NULL;
	if (name == NULL)
		return false;
	if (**at == ';' || **at == '\0')
		return g_ascii_strcasecmp(name, "none") == 0;
	if (**at == '/') {
		(*at)++;
		if (read_word(a, at, "=") == NULL)
			return false;
	}
	if (*(*at)++ != '=' || (result = read_word(a, at, "=")) == NULL)
		return false;
	m = g_ascii_strcasecmp(result, "pass") == 0 ? method_of(name) : NULL;
	while (**at != ';' && **at != '\0') {
		property = read_word(a, at, "=");
		if (property == NULL || *(*at)++ != '=' || (value = read_word(a, at, "")) == NULL)
			return false;
		for (size_t i = 0; m != NULL && i < best && m->properties[i] != NULL; i++)
			if (g_ascii_strcasecmp(m->properties[i], property) == 0) {
				*domain_r = domain_of(value);
				best = i;
				break;
			}
	}
	return true;
}

/* All of it has to be readable. */
static bool
vouches(struct arena *a, const char *text, const char *relay, const char *domain)
{
	const char *at = text, *id = read_word(a, &at, ""), *passed;
	bool found = false;

	if (id == NULL || g_ascii_strcasecmp(id, relay) != 0)
		return false;
	/* The version of the format; there is only one. */
	if (*at == '1')
		at = skip_blanks(at + 1);
	while (*at == ';') {
		at = skip_blanks(at + 1);
		if (*at == '\0')
			break;
		if (!read_result(a, &at, &passed))
			return false;
		found |= passed != NULL && g_ascii_strcasecmp(passed, domain) == 0;
	}
	return found && *at == '\0';
}

/* Another From, or another mailbox in it, may be the one that was looked at. */
static bool
one_sender(GMimeMessage *msg)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(msg));
	InternetAddressList *from = g_mime_message_get_from(msg);
	int n = 0;

	for (int i = 0; i < g_mime_header_list_get_count(list); i++)
		n += g_ascii_strcasecmp(
			     g_mime_header_get_name(g_mime_header_list_get_header_at(list, i)),
			     "From") == 0;
	return n == 1 && from != NULL && internet_address_list_length(from) == 1 &&
	       INTERNET_ADDRESS_IS_MAILBOX(internet_address_list_get_address(from, 0));
}

bool
mime_proven(struct arena *a, GMimeMessage *msg, const char *relay, const char *address)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(msg));

	if (relay == NULL || address == NULL || !one_sender(msg))
		return false;
	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
		const char *text = g_mime_header_get_raw_value(h);

		if (g_ascii_strcasecmp(g_mime_header_get_name(h), RESULTS) == 0)
			return text != NULL && vouches(a, text, relay, domain_of(address));
	}
	return false;
}

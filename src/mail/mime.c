/* SPDX-License-Identifier: ISC */
/* A message as bytes: what of it the library may see, and the way in. */
#include "mime.h"

#include <string.h>

#define GROUPS_MAX 1000

static void
unref(void *object)
{
	g_object_unref(object);
}

/* The parts point into the caller's bytes: nothing is copied, and GLib must
 * not free what is not its own. */
static void
give_back(void *array)
{
	g_byte_array_steal(array, NULL);
	g_byte_array_unref(array);
}

static GMimeMessage *
parse(struct arena *a, const char *p, size_t n)
{
	static const char *const charsets[] = {
		"utf-8", "big5-hkscs", "gb18030", "windows-1252", NULL};
	GByteArray *bytes = g_byte_array_new_take((guint8 *)(uintptr_t)p, n);
	GMimeParserOptions *options = g_mime_parser_options_new();
	GMimeStream *stream = g_mime_stream_mem_new();
	GMimeParser *parser;
	GMimeMessage *msg;

	arena_on_reset(a, give_back, bytes);
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), bytes);
	g_mime_parser_options_set_fallback_charsets(options, (const char **)(uintptr_t)charsets);
	parser = g_mime_parser_new_with_stream(stream);
	msg = g_mime_parser_construct_message(parser, options);
	g_object_unref(parser);
	g_object_unref(stream);
	g_mime_parser_options_free(options);
	if (msg != NULL)
		arena_on_reset(a, unref, msg);
	return msg;
}

/* An MTA's pipe may put the envelope's "From " line in front. */
static size_t
envelope_line(const char *p, size_t n)
{
	const char *end;

	if (n < 5 || memcmp(p, "From ", 5) != 0)
		return 0;
	end = memchr(p, '\n', n);
	return end != NULL ? (size_t)(end - p) + 1 : 0;
}

/* Lines of old Macintosh programs end in CR alone. */
static const char *
mend_lines(struct arena *a, const char *p, size_t n)
{
	char *copy;

	if (memchr(p, '\n', n) != NULL || memchr(p, '\r', n) == NULL)
		return p;
	copy = arena_memdup(a, p, n);
	for (size_t i = 0; i < n; i++)
		if (copy[i] == '\r')
			copy[i] = '\n';
	return copy;
}

static bool
is_address_header(const char *p, size_t n)
{
	static const char *const names[] = {"from", "to", "cc", "bcc", "sender", "reply-to",
		"return-path", "delivered-to", "x-original-to"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t k = strlen(names[i]);

		if (n > k && g_ascii_strncasecmp(p, names[i], k) == 0 &&
			strchr(": \t", p[k]) != NULL)
			return true;
	}
	return false;
}

/* The library follows groups within groups ("a:b:c: ...") by recursion without
 * an end, in the headers of enclosed messages too. Nobody is in a thousand. */
static bool
nests_groups(const char *p, size_t n)
{
	const char *end = p + n;
	size_t colons = 0;
	bool counts = false;

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		size_t line = (size_t)((eol != NULL ? eol : end) - p);

		if (line == 0 || (*p != ' ' && *p != '\t')) {
			counts = is_address_header(p, line);
			colons = 0;
		}
		for (size_t i = 0; counts && i < line; i++)
			colons += p[i] == ':';
		if (colons > GROUPS_MAX)
			return true;
		p += line + 1;
	}
	return false;
}

/* What the library thinks of a message is not for the operator's eyes. */
static void
say_nothing(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data)
{
	(void)domain;
	(void)level;
	(void)text;
	(void)data;
}

static void
start(void)
{
	static bool started;

	if (started)
		return;
	g_mime_init();
	g_log_set_handler("gmime", G_LOG_LEVEL_MASK, say_nothing, NULL);
	started = true;
}

enum mail_problem
mail_parse(struct arena *a, const void *p, size_t n, const char *relay, struct mail **mail_r)
{
	const char *text = mend_lines(a, p, n);
	size_t skip = envelope_line(text, n);
	GMimeMessage *msg;

	start();
	if (nests_groups(text, n))
		return MAIL_UNREADABLE;
	msg = n > skip ? parse(a, text + skip, n - skip) : NULL;
	if (msg == NULL)
		return MAIL_UNREADABLE;
	*mail_r = ARENA_NEW(a, struct mail);
	mime_read_head(a, msg, relay, *mail_r);
	return mime_read_parts(a, msg, *mail_r);
}

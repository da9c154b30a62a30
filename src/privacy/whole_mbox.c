/* SPDX-License-Identifier: ISC */
/* Messages of every channel as mail, so that any mail program opens them (mboxrd). */
#include <string.h>
#include <time.h>

#include "utf8.h"
#include "whole_part.h"

#define SHARD 10000
#define TEXT_MAX ((size_t)32 * 1024 * 1024)
/* Of a header's encoded word: 75 characters at most with what stands around it. */
#define WORD_BYTES 20

struct mbox {
	struct whole *w;
	struct scratch *s; /* NULL: the next message begins one */
	int64_t n;         /* in this one */
	int64_t shards;
};

struct mbox *
mbox_new(struct whole *w)
{
	struct mbox *m = ARENA_NEW(w->volume, struct mbox);

	m->w = w;
	return m;
}

void
mbox_end(struct mbox *m)
{
	if (m->s != NULL)
		archive_add_scratch(m->w->ar,
			arena_printf(m->w->volume, "mail/%04lld.mbox", (long long)m->shards), m->s);
	m->s = NULL;
}

static const char *
text_of(struct json_object *o, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) && v != NULL ? json_object_get_string(v) : "";
}

static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7e)
			return false;
	return true;
}

/* A header that may hold anything: encoded words of whole characters (RFC 2047). */
static void
put_header(struct sb *sb, const char *name, const char *value)
{
	size_t n = 0;

	if (*value == '\0')
		return;
	sb_printf(sb, "%s: ", name);
	if (is_plain(value) && strlen(value) < 900 && strstr(value, "=?") == NULL) {
		sb_printf(sb, "%s\n", value);
		return;
	}
	sb_puts(sb, "=?UTF-8?Q?");
	for (const char *p = value; *p != '\0'; p++) {
		bool starts = ((unsigned char)*p & 0xc0) != 0x80;

		if (n >= WORD_BYTES && starts) {
			sb_puts(sb, "?=\n =?UTF-8?Q?");
			n = 0;
		}
		sb_printf(sb, "=%02X", (unsigned)(unsigned char)*p);
		n++;
	}
	sb_puts(sb, "?=\n");
}

/* "2026-11-26T21:54:43.1+00:00" */
static const char *
date_text(struct arena *a, const char *iso, bool header)
{
	char text[80] = "";
	struct tm tm = {0};

	if (strptime(iso, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return header ? "Thu, 01 Jan 1970 00:00:00 +0000" : "Thu Jan  1 00:00:00 1970";
	tm.tm_isdst = 0;
	(void)timegm(&tm);
	if (header)
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	else
		strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm);
	return arena_strdup(a, text);
}

/* No line of it is taken for the beginning of the next. */
static void
put_body(struct sb *sb, const char *body)
{
	while (*body != '\0') {
		size_t n = strcspn(body, "\n");
		const char *p = body + strspn(body, ">");

		if (strncmp(p, "From ", 5) == 0)
			sb_putc(sb, '>');
		sb_printf(sb, "%.*s\n", (int)n, body);
		body += n + (body[n] == '\n');
	}
	sb_putc(sb, '\n');
}

static void
put_message(const struct mbox *m, struct json_object *o, struct sb *sb)
{
	struct arena *a = m->w->piece;
	const char *at = text_of(o, "happened_at"), *sender = text_of(o, "sender");

	sb_printf(sb, "From praya %s\n", date_text(a, at, false));
	sb_printf(sb, "Date: %s\n", date_text(a, at, true));
	sb_printf(sb, "Message-ID: <%s@%s>\n", text_of(o, "message_id"), m->w->in->tenant->host);
	put_header(sb, "From", *sender != '\0' ? sender : "unknown");
	put_header(sb, "To", text_of(o, "recipients"));
	put_header(sb, "Subject", text_of(o, "subject"));
	put_header(sb, "X-Praya-Channel", text_of(o, "channel"));
	put_header(sb, "X-Praya-Direction", text_of(o, "direction"));
	put_header(sb, "X-Praya-Contact", text_of(o, "contact_id"));
	sb_puts(sb, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
		    "Content-Transfer-Encoding: 8bit\n\n");
	put_body(sb, text_of(o, "body"));
}

struct err *
mbox_add(struct mbox *m, struct json_object *message)
{
	struct sb sb;

	if (m->s == NULL) {
		TRY(whole_scratch(m->w, &m->s));
		m->n = 0;
		m->shards++;
	}
	sb_init(&sb, m->w->piece, TEXT_MAX);
	put_message(m, message, &sb);
	m->w->data_bytes += (int64_t)sb.n;
	TRY(scratch_add_sb(m->s, &sb));
	if (++m->n == SHARD)
		mbox_end(m);
	return NULL;
}

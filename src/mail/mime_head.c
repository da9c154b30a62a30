/* SPDX-License-Identifier: ISC */
/* Who wrote a message, to whom, when and about what. */
#include "mime.h"

#include <string.h>

#include "charset.h"
#include "text.h"
#include "utf8.h"

/* Headers come decoded, but of raw bytes nobody can be sure. */
const char *
mime_clean(struct arena *a, const char *s)
{
	if (s == NULL)
		return NULL;
	s = utf8_valid(s, strlen(s)) ? s : charset_text(a, s, strlen(s), NULL);
	return text_clean(a, s, false);
}

static char *
lower(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p | 0x20);
	return out;
}

static bool
read_mailbox(struct arena *a, InternetAddress *ia, struct mail_address *out)
{
	const char *addr;

	if (!INTERNET_ADDRESS_IS_MAILBOX(ia))
		return false;
	addr = mime_clean(a, internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(ia)));
	addr = addr != NULL ? text_email(a, addr) : NULL;
	if (addr == NULL)
		return false;
	out->name = mime_clean(a, internet_address_get_name(ia));
	out->address = lower(a, addr);
	return true;
}

/* Mailboxes of a list, groups opened, each address once. */
static void
read_list(
	struct arena *a, InternetAddressList *list, int depth, struct mail_address *out, size_t *n)
{
	int count = list != NULL ? internet_address_list_length(list) : 0;

	for (int i = 0; i < count && *n < MAIL_ADDRESSES_MAX; i++) {
		InternetAddress *ia = internet_address_list_get_address(list, i);
		struct mail_address m;
		bool seen = false;

		if (INTERNET_ADDRESS_IS_GROUP(ia) && depth < MAIL_DEPTH_MAX)
			read_list(a, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(ia)),
				depth + 1, out, n);
		if (!read_mailbox(a, ia, &m))
			continue;
		for (size_t k = 0; k < *n; k++)
			seen |= strcmp(out[k].address, m.address) == 0;
		if (!seen)
			out[(*n)++] = m;
	}
}

static void
read_header(
	struct arena *a, GMimeMessage *msg, const char *name, struct mail_address *out, size_t *n)
{
	const char *text = g_mime_object_get_header(GMIME_OBJECT(msg), name);
	InternetAddressList *list = text != NULL ? internet_address_list_parse(NULL, text) : NULL;

	if (list == NULL)
		return;
	read_list(a, list, 0, out, n);
	g_object_unref(list);
}

/* The mailbox that feeds us is nobody's correspondent. */
static void
drop_mailbox(struct arena *a, GMimeMessage *msg, struct mail *m)
{
	struct mail_address *own = ARENA_ARRAY(a, MAIL_ADDRESSES_MAX, struct mail_address);
	size_t n = 0, kept = 0;

	read_header(a, msg, "X-Original-To", own, &n);
	read_header(a, msg, "Delivered-To", own, &n);
	for (size_t i = 0; i < m->nto; i++) {
		bool is_own = false;

		for (size_t k = 0; k < n; k++)
			is_own |= strcmp(own[k].address, m->to[i].address) == 0;
		if (!is_own)
			m->to[kept++] = m->to[i];
	}
	m->nto = kept;
}

/* RFC 3834 and what lists and bulk mailers add. */
static bool
is_automatic(GMimeMessage *msg)
{
	const char *said = g_mime_object_get_header(GMIME_OBJECT(msg), "Auto-Submitted");
	const char *way = g_mime_object_get_header(GMIME_OBJECT(msg), "Precedence");

	if (said != NULL && g_ascii_strncasecmp(said, "no", 2) != 0)
		return true;
	if (way != NULL && (g_ascii_strncasecmp(way, "bulk", 4) == 0 ||
				   g_ascii_strncasecmp(way, "list", 4) == 0 ||
				   g_ascii_strncasecmp(way, "junk", 4) == 0))
		return true;
	return g_mime_object_get_header(GMIME_OBJECT(msg), "List-Id") != NULL;
}

static void
read_sender(struct arena *a, GMimeMessage *msg, struct mail *m)
{
	struct mail_address *found = ARENA_ARRAY(a, MAIL_ADDRESSES_MAX, struct mail_address);
	size_t n = 0;

	read_list(a, g_mime_message_get_from(msg), 0, found, &n);
	if (n == 0)
		read_list(a, g_mime_message_get_sender(msg), 0, found, &n);
	if (n == 0)
		read_list(a, g_mime_message_get_reply_to(msg), 0, found, &n);
	if (n == 0)
		read_header(a, msg, "Return-Path", found, &n);
	if (n > 0)
		m->from = found[0];
}

void
mime_read_head(struct arena *a, GMimeMessage *msg, const char *relay, struct mail *m)
{
	GDateTime *date = g_mime_message_get_date(msg);

	m->message_id = mime_clean(a, g_mime_message_get_message_id(msg));
	m->subject = mime_clean(a, g_mime_message_get_subject(msg));
	/* Before 1970 there was no mail; after 9999 there is no date that is written so. */
	if (date != NULL && g_date_time_to_unix(date) > 0 &&
		g_date_time_to_unix(date) < 253402300800LL)
		m->date = (int64_t)g_date_time_to_unix(date) * 1000000;
	read_sender(a, msg, m);
	m->proven = mime_proven(a, msg, relay, m->from.address);
	m->to = ARENA_ARRAY(a, MAIL_ADDRESSES_MAX, struct mail_address);
	read_list(a, g_mime_message_get_to(msg), 0, m->to, &m->nto);
	read_list(a, g_mime_message_get_cc(msg), 0, m->to, &m->nto);
	drop_mailbox(a, msg, m);
	m->automatic = is_automatic(msg);
}

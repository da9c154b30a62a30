/* SPDX-License-Identifier: ISC */
#include <gmime/gmime.h>
#include <string.h>

#include "charset.h"
#include "html.h"
#include "mail.h"
#include "sb.h"
#include "text.h"
#include "utf8.h"

#define GROUPS_MAX 1000
#define SCRATCH ((size_t)256 << 20)

struct walk {
	struct arena *a;
	struct arena *scratch; /* of one part at a time */
	struct mail *m;
	struct sb text;
	size_t parts;
};

/* Bytes of a part on their way into memory, up to a limit. */
struct taken {
	struct sb sb;
	bool more;
};

static struct err *
take(void *ctx, const void *p, size_t n)
{
	struct taken *t = ctx;
	size_t room = MAIL_TEXT_MAX - t->sb.n;

	if (n > room) {
		t->more = true;
		n = room;
	}
	sb_add(&t->sb, p, n);
	return NULL;
}

/* Headers come decoded, but of raw bytes nobody can be sure. */
static const char *
clean(struct arena *a, const char *s)
{
	if (s == NULL)
		return NULL;
	s = utf8_valid(s, strlen(s)) ? s : charset_text(a, s, strlen(s), NULL);
	return text_clean(a, s, false);
}

static bool
is_attached(GMimeObject *o)
{
	const char *d = g_mime_object_get_disposition(o);

	return d != NULL && g_ascii_strcasecmp(d, "attachment") == 0;
}

static const char *
type_of(struct arena *a, GMimeObject *o)
{
	GMimeContentType *t = g_mime_object_get_content_type(o);
	const char *major, *minor, *s;

	if (GMIME_IS_MESSAGE(o) || t == NULL)
		return "message/rfc822";
	major = g_mime_content_type_get_media_type(t);
	minor = g_mime_content_type_get_media_subtype(t);
	s = arena_printf(a, "%s/%s", major != NULL ? major : "", minor != NULL ? minor : "");
	for (const char *p = s; *p != '\0'; p++)
		if (*p <= 0x20 || *p > 0x7e || strchr("\"<>\\;", *p) != NULL)
			return "application/octet-stream";
	return strlen(s) > 100 || s[0] == '/' ? "application/octet-stream" : s;
}

static void
add_file(struct walk *w, GMimeObject *o, const char *name, bool whole)
{
	struct mail_file *f = &w->m->files[w->m->nfiles++];

	name = clean(w->a, name);
	f->file_name = text_file_name(w->a, name != NULL ? name : "");
	f->content_type = type_of(w->a, o);
	f->part = o;
	f->whole = whole;
}

static bool
is_text(GMimeObject *o, const char *subtype)
{
	return GMIME_IS_PART(o) && !is_attached(o) &&
	       g_mime_content_type_is_type(g_mime_object_get_content_type(o), "text", subtype) &&
	       g_mime_part_get_filename(GMIME_PART(o)) == NULL;
}

static const char *
text_of(struct walk *w, GMimeObject *o, bool *more_r)
{
	struct mail_file f = {.part = o};
	struct taken t = {.more = false};
	struct err *e;

	sb_init(&t.sb, w->scratch, MAIL_TEXT_MAX + 1);
	e = mail_file_read(&f, take, &t);
	(void)e; /* take() has none */
	*more_r = t.more;
	return charset_text(
		w->scratch, t.sb.p, t.sb.n, g_mime_object_get_content_type_parameter(o, "charset"));
}

static void
add_text(struct walk *w, const char *s)
{
	if (text_clean(w->scratch, s, true) == NULL)
		return;
	if (w->text.n > 0)
		sb_puts(&w->text, "\n\n");
	if (strlen(s) + 1 > MAIL_TEXT_MAX - w->text.n) {
		/* Cut at a character. */
		size_t n = MAIL_TEXT_MAX - w->text.n;

		while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
			n--;
		s = arena_strndup(w->scratch, s, n);
		w->m->text_cut = true;
	}
	sb_puts(&w->text, s);
}

static void
add_text_part(struct walk *w, GMimeObject *o, bool html)
{
	struct arena_mark mark = arena_mark(w->scratch);
	bool more, cut = w->m->text_cut;
	const char *s;

	w->m->text_cut = false;
	s = text_of(w, o, &more);
	add_text(w, html ? html_text(w->scratch, s) : s);
	if (more || w->m->text_cut)
		add_file(w, o, html ? "message.html" : "message.txt", false);
	w->m->text_cut |= more || cut;
	arena_release(w->scratch, mark);
}

/* Of alternatives the plain one is read, if there is anything in it. */
static bool
has_plain(struct walk *w, GMimeMultipart *mp)
{
	struct arena_mark mark = arena_mark(w->scratch);
	bool found = false;

	for (int i = 0; i < g_mime_multipart_get_count(mp) && i < MAIL_PARTS_MAX && !found; i++) {
		GMimeObject *o = g_mime_multipart_get_part(mp, i);
		bool more;

		found = is_text(o, "plain") &&
			text_clean(w->scratch, text_of(w, o, &more), true) != NULL;
		arena_release(w->scratch, mark);
	}
	return found;
}

static enum mail_problem walk_object(struct walk *w, GMimeObject *o, int depth, bool skip_html);

static enum mail_problem
walk_multipart(struct walk *w, GMimeObject *o, int depth, bool skip_html)
{
	GMimeMultipart *mp = GMIME_MULTIPART(o);
	GMimeContentType *type = g_mime_object_get_content_type(o);
	const char *prologue = g_mime_multipart_get_prologue(mp);
	int n = g_mime_multipart_get_count(mp);

	if (depth > MAIL_DEPTH_MAX) {
		add_file(w, o, "message.mime", true);
		return MAIL_OK;
	}
	if (g_mime_content_type_is_type(type, "multipart", "alternative") && has_plain(w, mp))
		skip_html = true;
	/* Without a boundary all of it stands before the first part. */
	if (n == 0 && prologue != NULL)
		add_text(w, charset_text(w->scratch, prologue, strlen(prologue), NULL));
	for (int i = 0; i < n; i++) {
		enum mail_problem p =
			walk_object(w, g_mime_multipart_get_part(mp, i), depth + 1, skip_html);

		if (p != MAIL_OK)
			return p;
	}
	return MAIL_OK;
}

static bool
is_signature(GMimeObject *o)
{
	GMimeContentType *t = g_mime_object_get_content_type(o);

	return g_mime_content_type_is_type(t, "application", "pgp-signature") ||
	       g_mime_content_type_is_type(t, "application", "pkcs7-signature") ||
	       g_mime_content_type_is_type(t, "application", "x-pkcs7-signature");
}

static enum mail_problem
walk_object(struct walk *w, GMimeObject *o, int depth, bool skip_html)
{
	if (o == NULL)
		return MAIL_OK;
	if (++w->parts > MAIL_PARTS_MAX)
		return MAIL_TOO_MANY_PARTS;
	if (GMIME_IS_MULTIPART(o))
		return walk_multipart(w, o, depth, skip_html);
	if (GMIME_IS_MESSAGE_PART(o)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));

		if (inner != NULL)
			add_file(w, GMIME_OBJECT(inner), "message.eml", true);
	} else if (is_text(o, "plain")) {
		add_text_part(w, o, false);
	} else if (is_text(o, "html")) {
		if (!skip_html)
			add_text_part(w, o, true);
	} else if (GMIME_IS_PART(o) && !is_signature(o)) {
		add_file(w, o, g_mime_part_get_filename(GMIME_PART(o)), false);
	}
	return MAIL_OK;
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
	addr = clean(a, internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(ia)));
	addr = addr != NULL ? text_email(a, addr) : NULL;
	if (addr == NULL)
		return false;
	out->name = clean(a, internet_address_get_name(ia));
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

static void
read_head(struct arena *a, GMimeMessage *msg, struct mail *m)
{
	GDateTime *date = g_mime_message_get_date(msg);

	m->message_id = clean(a, g_mime_message_get_message_id(msg));
	m->subject = clean(a, g_mime_message_get_subject(msg));
	/* Before 1970 there was no mail; after 9999 there is no date that is written so. */
	if (date != NULL && g_date_time_to_unix(date) > 0 &&
		g_date_time_to_unix(date) < 253402300800LL)
		m->date = (int64_t)g_date_time_to_unix(date) * 1000000;
	read_sender(a, msg, m);
	m->to = ARENA_ARRAY(a, MAIL_ADDRESSES_MAX, struct mail_address);
	read_list(a, g_mime_message_get_to(msg), 0, m->to, &m->nto);
	read_list(a, g_mime_message_get_cc(msg), 0, m->to, &m->nto);
	drop_mailbox(a, msg, m);
	m->automatic = is_automatic(msg);
}

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
mail_parse(struct arena *a, const void *p, size_t n, struct mail **mail_r)
{
	const char *text = mend_lines(a, p, n);
	size_t skip = envelope_line(text, n);
	struct walk w = {.a = a};
	GMimeMessage *msg;
	enum mail_problem problem;

	start();
	if (nests_groups(text, n))
		return MAIL_UNREADABLE;
	msg = n > skip ? parse(a, text + skip, n - skip) : NULL;
	if (msg == NULL)
		return MAIL_UNREADABLE;
	w.m = *mail_r = ARENA_NEW(a, struct mail);
	w.m->files = ARENA_ARRAY(a, MAIL_PARTS_MAX + 1, struct mail_file);
	sb_init(&w.text, a, MAIL_TEXT_MAX + 16);
	read_head(a, msg, w.m);
	w.scratch = arena_new(SCRATCH);
	problem = walk_object(&w, g_mime_message_get_mime_part(msg), 0, false);
	arena_free(&w.scratch);
	w.m->text = w.text.p;
	return problem;
}

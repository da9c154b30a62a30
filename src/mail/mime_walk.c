/* SPDX-License-Identifier: ISC */
/* The parts of a message: its text, and its files. */
#include "mime.h"

#include <string.h>

#include "charset.h"
#include "html.h"
#include "sb.h"
#include "text.h"

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

	name = mime_clean(w->a, name);
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

enum mail_problem
mime_read_parts(struct arena *a, GMimeMessage *msg, struct mail *m)
{
	struct walk w = {.a = a, .m = m, .scratch = arena_new(SCRATCH)};
	enum mail_problem problem;

	m->files = ARENA_ARRAY(a, MAIL_PARTS_MAX + 1, struct mail_file);
	sb_init(&w.text, a, MAIL_TEXT_MAX + 16);
	problem = walk_object(&w, g_mime_message_get_mime_part(msg), 0, false);
	arena_free(&w.scratch);
	m->text = w.text.p;
	return problem;
}

/* SPDX-License-Identifier: ISC */
#include "compose.h"

#include <gmime/gmime.h>
#include <string.h>

#include "html.h"
#include "text.h"

/* A name or subject as one line; NULL when nothing of it is left. What looks like
 * an encoded word is none of ours: some readers decode it wherever it stands. */
static const char *
one_line(struct arena *a, const char *s)
{
	const char *clean = s != NULL ? text_clean(a, s, false) : NULL;
	char *out = clean != NULL ? arena_strdup(a, clean) : NULL;

	for (char *p = out; p != NULL && (p = strstr(p, "=?")) != NULL; p++)
		p[1] = ' ';
	return out;
}

static void
add_mailbox(GMimeMessage *m, GMimeAddressType type, const char *name, const char *address)
{
	g_mime_message_add_mailbox(m, type, name, address);
}

static void
add_part(GMimeMultipart *all, const char *subtype, const char *text)
{
	GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);

	g_mime_text_part_set_charset(part, "utf-8");
	g_mime_text_part_set_text(part, text);
	/* Not base64, whose text would keep our line ends. */
	g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_mime_multipart_add(all, GMIME_OBJECT(part));
	g_object_unref(part);
}

static void
add_file(GMimeMultipart *mixed, const struct letter_file *f)
{
	GMimeContentType *type = g_mime_content_type_parse(NULL, f->type);
	GMimePart *part = g_mime_part_new();
	GMimeStream *stream =
		g_mime_stream_mem_new_with_buffer((const char *)f->content.p, f->content.n);
	GMimeDataWrapper *content =
		g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);

	g_mime_object_set_content_type(GMIME_OBJECT(part), type);
	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	g_mime_part_set_filename(part, f->name);
	g_mime_multipart_add(mixed, GMIME_OBJECT(part));
	g_object_unref(content);
	g_object_unref(stream);
	g_object_unref(type);
	g_object_unref(part);
}

/* The text, and behind it the files. */
static void
add_body(struct arena *a, GMimeMessage *m, const struct letter *l)
{
	GMimeMultipart *all = g_mime_multipart_new_with_subtype("alternative"), *mixed;

	add_part(all, "plain", arena_printf(a, "%s\n", html_text(a, l->html)));
	add_part(all, "html", l->html);
	if (l->nfiles == 0) {
		g_mime_message_set_mime_part(m, GMIME_OBJECT(all));
		g_object_unref(all);
		return;
	}
	mixed = g_mime_multipart_new_with_subtype("mixed");
	g_mime_multipart_add(mixed, GMIME_OBJECT(all));
	for (size_t i = 0; i < l->nfiles; i++)
		add_file(mixed, &l->files[i]);
	g_mime_message_set_mime_part(m, GMIME_OBJECT(mixed));
	g_object_unref(all);
	g_object_unref(mixed);
}

static struct bytes
as_bytes(struct arena *a, GMimeMessage *m)
{
	GMimeFormatOptions *options = g_mime_format_options_new();
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *made;
	struct bytes out;

	g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
	g_mime_object_write_to_stream(GMIME_OBJECT(m), options, stream);
	made = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	out = (struct bytes){arena_memdup(a, made->data, made->len), made->len};
	g_object_unref(stream);
	g_mime_format_options_free(options);
	return out;
}

bool
compose(struct arena *a, const struct letter *l, struct bytes *out)
{
	const char *from = text_email(a, l->from), *to = text_email(a, l->to);
	const char *subject = one_line(a, l->subject);
	GMimeMessage *m;
	GDateTime *date;

	if (from == NULL || to == NULL)
		return false;
	g_mime_init();
	m = g_mime_message_new(TRUE);
	add_mailbox(m, GMIME_ADDRESS_TYPE_FROM, one_line(a, l->from_name), from);
	add_mailbox(m, GMIME_ADDRESS_TYPE_TO, one_line(a, l->to_name), to);
	g_mime_message_set_subject(m, subject != NULL ? subject : "", "utf-8");
	g_mime_message_set_message_id(m, arena_printf(a, "%s@%s", l->message_id, l->domain));
	date = g_date_time_new_from_unix_utc(l->date);
	g_mime_message_set_date(m, date);
	g_date_time_unref(date);
	/* No answers of machines to a machine. */
	g_mime_object_set_header(GMIME_OBJECT(m), "Auto-Submitted", "auto-generated", NULL);
	g_mime_object_set_header(GMIME_OBJECT(m), "Content-Language", l->lang, NULL);
	add_body(a, m, l);
	*out = as_bytes(a, m);
	g_object_unref(m);
	return true;
}

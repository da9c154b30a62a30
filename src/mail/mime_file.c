/* SPDX-License-Identifier: ISC */
/* Reading the files of a message, decoded while they are read. */
#include <gmime/gmime.h>

#include "mail.h"

#define PIECE 65536

static struct err *
pass_on(GMimeStream *from, mail_sink_fn *sink, void *ctx)
{
	char piece[PIECE];
	ssize_t got;

	while ((got = g_mime_stream_read(from, piece, sizeof(piece))) > 0)
		TRY(sink(ctx, piece, (size_t)got));
	return NULL;
}

static struct err *
read_part(GMimePart *part, mail_sink_fn *sink, void *ctx)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *raw, *decoded;
	GMimeFilter *filter;
	struct err *e;

	if (content == NULL)
		return NULL;
	raw = g_mime_data_wrapper_get_stream(content);
	g_mime_stream_reset(raw);
	decoded = g_mime_stream_filter_new(raw);
	filter = g_mime_filter_basic_new(g_mime_data_wrapper_get_encoding(content), FALSE);
	g_mime_stream_filter_add(GMIME_STREAM_FILTER(decoded), filter);
	e = pass_on(decoded, sink, ctx);
	g_object_unref(filter);
	g_object_unref(decoded);
	return e;
}

static struct err *
read_whole(GMimeObject *object, mail_sink_fn *sink, void *ctx)
{
	GMimeStream *out = g_mime_stream_mem_new();
	struct err *e;

	g_mime_object_write_to_stream(object, NULL, out);
	g_mime_stream_reset(out);
	e = pass_on(out, sink, ctx);
	g_object_unref(out);
	return e;
}

struct err *
mail_file_read(const struct mail_file *f, mail_sink_fn *sink, void *ctx)
{
	if (f->whole)
		return read_whole(GMIME_OBJECT(f->part), sink, ctx);
	return read_part(GMIME_PART(f->part), sink, ctx);
}

/* SPDX-License-Identifier: ISC */
/* Compiled into src/letter: whoever links it makes papers. */
#include "certificate_pdf.h"

#include <string.h>

#include "date.h"
#include "pdf.h"

#define BLOCKS 40
#define DAY_TEXT 10

struct paper {
	struct arena *a;
	enum lang lang;
	struct pdf_block blocks[BLOCKS];
	size_t n;
};

static const char *
word(const struct paper *p, const char *key)
{
	return view_text(p->a, p->lang, arena_printf(p->a, "certificate.%s", key), NULL);
}

static void
heading(struct paper *p, const char *key)
{
	p->blocks[p->n++] = (struct pdf_block){.kind = PDF_HEADING, .text = word(p, key)};
}

static void
text(struct paper *p, const char *key)
{
	p->blocks[p->n++] = (struct pdf_block){.kind = PDF_TEXT, .text = word(p, key)};
}

static void
pair(struct paper *p, const char *key, const char *more)
{
	if (more != NULL)
		p->blocks[p->n++] =
			(struct pdf_block){.kind = PDF_PAIR, .text = word(p, key), .more = more};
}

static const char *
member(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static const char *
moment(const struct paper *p, struct json_object *o, const char *name)
{
	const char *at = member(o, name);
	int64_t usec;

	return at != NULL && time_parse(at, &usec) ? time_show(p->a, usec, lang_tag(p->lang)) : at;
}

/* What the worker gives as the reason has words of its own. */
static const char *
reason(const struct paper *p, const char *given)
{
	if (given != NULL && strcmp(given, "closed by its owner") == 0)
		return word(p, "reason_owner");
	if (given != NULL && strcmp(given, "closed by its operator") == 0)
		return word(p, "reason_operator");
	return given;
}

static void
fill(struct paper *p, struct json_object *certificate, struct json_object *o)
{
	struct json_object *there = json_object_object_get(o, "there_was");
	const char *day = member(o, "last_backup_ends_by");

	text(p, json_object_get_boolean(json_object_object_get(o, "early")) ? "early" : "says");
	pair(p, "workspace", member(o, "workspace"));
	pair(p, "address", member(o, "address"));
	pair(p, "region", member(o, "region"));
	pair(p, "reason", reason(p, member(o, "reason")));
	pair(p, "begun", moment(p, o, "begun_at"));
	pair(p, "ended", moment(p, o, "ended_at"));
	heading(p, "there_was");
	pair(p, "database", member(there, "database"));
	pair(p, "database_bytes", member(there, "database_bytes"));
	pair(p, "file_bytes", member(there, "file_bytes"));
	pair(p, "archives", member(there, "archives"));
	pair(p, "keys", member(there, "keys"));
	heading(p, "destroyed");
	text(p, "gone");
	if (day != NULL && strlen(day) == DAY_TEXT)
		pair(p, "backup", date_show(p->a, day, lang_tag(p->lang)));
	heading(p, "signed");
	text(p, "signed_text");
	pair(p, "public_key", member(certificate, "public_key"));
	pair(p, "signature", member(certificate, "signature"));
}

static struct err *
make(struct arena *a, struct json_object *certificate, struct json_object *statement, enum lang l,
	struct bytes *pdf_r)
{
	struct paper *p = ARENA_NEW(a, struct paper);
	struct pdf_doc d = {.lang = lang_tag(l)};
	int pages;

	p->a = a;
	p->lang = l;
	fill(p, certificate, statement);
	d.title = d.head = word(p, "title");
	d.small = member(statement, "workspace");
	d.page = view_text(a, l, "letters.page", "%s");
	d.blocks = p->blocks;
	d.n = p->n;
	return pdf_make(a, &d, pdf_r, &pages);
}

struct err *
certificate_pdf(struct arena *a, const char *certificate, enum lang l, struct bytes *pdf_r)
{
	struct json_object *o = json_tokener_parse(certificate), *s = NULL;
	struct err *e = err_new(a, ERR_INVALID, NULL);

	if (json_object_is_type(o, json_type_object) && member(o, "statement") != NULL)
		s = json_tokener_parse(member(o, "statement"));
	if (json_object_is_type(s, json_type_object))
		e = make(a, o, s, l, pdf_r);
	json_object_put(s);
	json_object_put(o);
	return e;
}

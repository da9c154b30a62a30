/* SPDX-License-Identifier: ISC */
/*
 * Rows of the scratch set that are no records, but come of work with them: files
 * taken in, jobs, exports and their files, support access, and what aside_law.c makes.
 * Some are the one's who asks and some somebody else's; who may see them is worked out
 * here anew.
 */
#include <string.h>

#include "download.h"
#include "export_guard.h"
#include "import.h"
#include "log.h"
#include "part.h"
#include "token.h"
#include "user.h"

STMT(add_job, "leak.job", 3,
	"insert into job (kind, state, args, result, created_by, started_at, finished_at) "
	"values ('person_export', 'done', $1::jsonb, $2::jsonb, $3::bigint, now(), now()) "
	"returning job_id");
STMT(add_export_job, "leak.export_job", 1,
	"insert into job (kind, state, args, created_by, started_at, finished_at) values "
	"('list_export', 'done', '{}', $1::bigint, now(), now()) returning job_id");
STMT(add_export, "leak.export", 6,
	"insert into export (kind, entity, format, reason, state, created_by, download_id, "
	"decided_at, job_id, link) values ($4, $5, case $4 when 'list' then 'csv' else 'zip' end, "
	"'work', 'done', $1::bigint, $2::bigint, now(), $3::bigint, $6) returning export_id");
STMT(note_export, "leak.export_note", 2,
	"update export set note = $2 where export_id = $1::bigint");
STMT(add_grant, "leak.grant", 1,
	"insert into support_grant (operator_id, reason, scope, hours, asked_at, until_at) "
	"values (0, $1, 'read', 2, now(), now() + interval '12 hours') returning grant_id");

/* Where their paths have their numbers or links, and what stands for a further word. */
static const struct {
	const char *name;
	const char *segments[2];
	const char *word;
	const char *link; /* the segment before it */
	bool behind;      /* what it hangs on comes first in its path */
	bool single;      /* nobody's own */
	enum aside_kind of;
} kinds[ASIDE_KINDS] = {
	[ASIDE_IMPORT] = {"import", .segments = {"import", "imports"}},
	[ASIDE_JOB] = {"job", .segments = {"jobs"}},
	[ASIDE_EXPORT] = {"export", .segments = {"exports"}},
	[ASIDE_DOWNLOAD] = {"download", .segments = {"downloads"}},
	[ASIDE_REQUEST] = {"privacy request", {"requests"}, .word = "refuse"},
	[ASIDE_GRANT] = {"support grant", {"support", "support-grants"}, .single = true},
	[ASIDE_LETTER] = {"letter", {"letters"}, .behind = true, .of = ASIDE_REQUEST},
	[ASIDE_FILE] = {"file of a request", {"files"}, .behind = true, .of = ASIDE_REQUEST},
	[ASIDE_HANDOVER] = {"hand-over", .link = "d"},
	[ASIDE_OVER] = {"hand-over that is over", .link = "d", .single = true},
	[ASIDE_INCIDENT] = {"incident", {"incidents"}, .word = "decide", .single = true},
	[ASIDE_LIST] = {"list of an incident", {"lists"}, .behind = true, .single = true,
		.of = ASIDE_INCIDENT},
	[ASIDE_TAKEDOWN] = {"takedown", {"takedowns"}, .single = true},
	[ASIDE_EVIDENCE] = {"copy of what was taken down", {"items"}, .behind = true,
		.single = true, .of = ASIDE_TAKEDOWN},
	[ASIDE_ALERT] = {"alert", .single = true},
	[ASIDE_WHOLE] = {"export of everything", {"exports"}, .link = "exports"},
};

const char *
aside_name(struct leak *l, const struct aside *s)
{
	return arena_printf(l->work, "%s of %s", kinds[s->kind].name,
		s->kind == ASIDE_GRANT   ? "the operator"
		: kinds[s->kind].single  ? "the workspace"
		: s->author == BY_ME     ? "own"
		: s->about != THINGS_MAX ? "others about a person"
					 : "others");
}

static bool
is_segment(const char *s, const char *segment, size_t n)
{
	return s != NULL && strlen(s) == n && memcmp(s, segment, n) == 0;
}

bool
aside_at(const struct aside *s, enum aside_way way, const char *segment, size_t n)
{
	if (way == WAY_LINK)
		return s->link != NULL && is_segment(kinds[s->kind].link, segment, n);
	return kinds[s->kind].behind == (way == WAY_BEHIND) &&
	       (is_segment(kinds[s->kind].segments[0], segment, n) ||
		       is_segment(kinds[s->kind].segments[1], segment, n));
}

const char *
aside_word(const struct aside *s)
{
	return kinds[s->kind].word;
}

static bool
visible(const struct leak *l, const struct aside *s)
{
	const struct expect *x = &l->expect;

	switch (s->kind) {
	case ASIDE_JOB:
		return s->author == BY_ME ||
		       (x->manages && (s->about == THINGS_MAX || l->things[s->about].visible));
	case ASIDE_EXPORT:
	case ASIDE_WHOLE:
		return s->author == BY_ME || x->approves_exports;
	case ASIDE_REQUEST:
	case ASIDE_LETTER:
	case ASIDE_FILE:
	case ASIDE_HANDOVER:
		return s->author == BY_ME || x->requests;
	case ASIDE_OVER:
	case ASIDE_INCIDENT:
	case ASIDE_LIST:
	case ASIDE_TAKEDOWN:
	case ASIDE_EVIDENCE:
		return x->requests;
	case ASIDE_ALERT:
		return x->reads_log;
	case ASIDE_GRANT:
		return x->manages;
	default:
		return s->author == BY_ME;
	}
}

/* That of the same author. */
static const struct aside *
parent(const struct leak *l, const struct aside *s)
{
	for (size_t i = 0; kinds[s->kind].behind && i < l->nasides; i++)
		if (l->asides[i].kind == kinds[s->kind].of && l->asides[i].author == s->author)
			return &l->asides[i];
	return NULL;
}

static void
plan(struct leak *l, struct aside s)
{
	ASSERT(l->nasides < ASIDES_MAX);
	s.visible = visible(l, &s);
	s.of = parent(l, &s);
	if (kinds[s.kind].link != NULL)
		s.link = token_new(l->work, 32);
	l->asides[l->nasides++] = s;
}

void
aside_plan(struct leak *l)
{
	l->nasides = 0;
	for (int k = 0; k < ASIDE_KINDS; k++)
		for (int own = 0; own < (kinds[k].single ? 1 : 2); own++)
			plan(l, (struct aside){.kind = (enum aside_kind)k,
					.author = own ? BY_ME : BY_OTHER,
					.about = THINGS_MAX});
	for (size_t i = 0; i < l->nthings; i++)
		if (l->things[i].entity == ENTITY_CONTACT && !l->things[i].quiet &&
			(l->things[i].stand == STAND_OWN || l->things[i].stand == STAND_OTHERS))
			plan(l, (struct aside){.kind = ASIDE_JOB, .author = BY_OTHER, .about = i});
}

const char *
aside_canary(struct leak *l, const struct aside *s)
{
	const char *word = arena_printf(l->work, "q%04u%s", ++l->serial, l->mark);
	size_t n = l->ncanaries;

	if (n == CANARIES_MAX)
		return word;
	l->canaries[n] = (struct canary){
		.thing = THINGS_MAX, .aside = s, .sent = word, .forbidden = !s->visible};
	l->ncanaries++;
	needle_add(l, n, word);
	return word;
}

/* Whoever has made it. */
static int64_t
author_of(const struct leak *l, const struct aside *s)
{
	return s->author == BY_ME ? l->user : l->other;
}

static struct err *
make_import(struct leak *l, struct aside *s)
{
	const char *header[] = {aside_canary(l, s), "email"}, *cells[] = {aside_canary(l, s), "x"};
	struct csv_row row = {.cells = cells, .count = 2, .number = 1};
	struct import_sample sample = {
		.format = {.delimiter = ','}, .header = header, .nheader = 2, .rows = &row, .n = 1};

	return import_make(
		&l->cx, ENTITY_CONTACT, l->files[0].object, &l->files[0].key, &sample, &s->id);
}

static struct err *
make_job(struct leak *l, struct aside *s)
{
	struct json_object *args = model_object(l->work), *result = model_object(l->work);
	struct rows *rows;

	if (s->about != THINGS_MAX)
		model_i64(args, "contact", l->things[s->about].id);
	model_text(result, "note", aside_canary(l, s));
	TRY(tx_query(l->cx.tx, &add_job,
		VALS(val_text(json_object_to_json_string(args)),
			val_text(json_object_to_json_string(result)), val_i64(author_of(l, s))),
		&rows));
	s->id = rows_i64(rows, 0, 0);
	return NULL;
}

/* A file always hangs on an export; the word is in the one that is looked for. */
static struct err *
make_export(struct leak *l, struct aside *s)
{
	const struct leak_file *file = &l->files[!s->visible];
	struct download_new in = {
		.kind = s->kind == ASIDE_WHOLE ? "workspace_export" : "list_export",
		.user_id = author_of(l, s),
		.file_name = "export.csv",
		.content_type = "text/csv; charset=utf-8",
		.object = file->object,
		.object_key = file->key,
		.size = file->size,
		.sha256 = file->sha256};
	bool whole = s->kind == ASIDE_WHOLE, note = s->kind != ASIDE_DOWNLOAD;
	unsigned char hash[DIGEST_BYTES];
	struct rows *rows;
	int64_t file_id, id;

	if (whole)
		sha256(s->link, strlen(s->link), hash);
	TRY(tx_query(l->cx.tx, &add_export_job, VALS(val_i64(in.user_id)), &rows));
	in.job_id = rows_i64(rows, 0, 0);
	TRY(download_add(&l->cx, &in, &file_id));
	TRY(tx_query(l->cx.tx, &add_export,
		VALS(val_i64(in.user_id), val_id(file_id), val_i64(in.job_id),
			val_text(whole ? "workspace" : "list"), val_text(whole ? "" : "contact"),
			val_bytes((struct bytes){whole ? hash : NULL, whole ? DIGEST_BYTES : 0})),
		&rows));
	id = rows_i64(rows, 0, 0);
	if (note)
		tx_queue(l->cx.tx, &note_export,
			VALS(val_i64(id),
				val_bytes(export_note_seal(&l->cx, id, aside_canary(l, s)))),
			NULL);
	s->id = note ? id : file_id;
	return NULL;
}

static struct err *
make_grant(struct leak *l, struct aside *s)
{
	struct rows *rows;

	TRY(tx_query(l->cx.tx, &add_grant, VALS(val_text(aside_canary(l, s))), &rows));
	s->id = rows_i64(rows, 0, 0);
	return NULL;
}

static struct err *
make(struct leak *l, struct aside *s)
{
	static struct err *(*const makers[ASIDE_KINDS])(struct leak *, struct aside *) = {
		[ASIDE_IMPORT] = make_import,
		[ASIDE_JOB] = make_job,
		[ASIDE_EXPORT] = make_export,
		[ASIDE_DOWNLOAD] = make_export,
		[ASIDE_REQUEST] = aside_request,
		[ASIDE_GRANT] = make_grant,
		[ASIDE_LETTER] = aside_letter,
		[ASIDE_FILE] = aside_file,
		[ASIDE_HANDOVER] = aside_handover,
		[ASIDE_OVER] = aside_handover,
		[ASIDE_INCIDENT] = aside_incident,
		[ASIDE_LIST] = aside_list,
		[ASIDE_ALERT] = aside_alert,
		[ASIDE_WHOLE] = make_export,
	};

	/* What is taken down is so from the moment it is made. */
	return makers[s->kind] == NULL ? NULL : makers[s->kind](l, s);
}

struct err *
aside_make(struct leak *l, bool wanted)
{
	for (size_t i = 0; i < l->nasides; i++) {
		struct aside *s = &l->asides[i];

		if (s->id != 0 || s->visible != wanted)
			continue;
		TRY(scratch_begin(l, author_of(l, s)));
		TRY(scratch_finish(l, make(l, s)));
		arena_reset(l->ask);
	}
	return NULL;
}

/* SPDX-License-Identifier: ISC */
/*
 * Rows of the scratch set that are no records, but come of work with them: files
 * taken in, jobs, exports and their files, privacy requests, support access. Of each
 * kind some are the one's who asks and some somebody else's; who may see them is
 * worked out here anew.
 */
#include <string.h>

#include "case.h"
#include "download.h"
#include "export_guard.h"
#include "import.h"
#include "log.h"
#include "part.h"
#include "user.h"

STMT(add_job, "leak.job", 3,
	"insert into job (kind, state, args, result, created_by, started_at, finished_at) "
	"values ('person_export', 'done', $1::jsonb, $2::jsonb, $3::bigint, now(), now()) "
	"returning job_id");
STMT(add_export_job, "leak.export_job", 1,
	"insert into job (kind, state, args, created_by, started_at, finished_at) values "
	"('list_export', 'done', '{}', $1::bigint, now(), now()) returning job_id");
STMT(add_export, "leak.export", 3,
	"insert into export (kind, entity, format, reason, state, created_by, download_id, "
	"decided_at, job_id) values ('list', 'contact', 'csv', 'work', 'done', $1::bigint, "
	"$2::bigint, now(), $3::bigint) returning export_id");
STMT(note_export, "leak.export_note", 2,
	"update export set note = $2 where export_id = $1::bigint");
STMT(add_key, "leak.request_key", 1,
	"insert into data_key (purpose, wrapped) values ('request', $1) returning key_id");
STMT(add_request, "leak.request", 2,
	"insert into privacy_request (kind, channel, language, received_at, due_on, "
	"due_rolled_on, limb_a, limb_b, key_id, particulars) select 'access', 'letter', 'en', "
	"now(), x.day, x.day, true, true, $1::bigint, $2 from (select (hk_today() + term)::date "
	"as day from law_term where code = 'access_reply' and from_on <= hk_today() "
	"order by from_on desc limit 1) x returning request_id");
STMT(request_recorded, "leak.request_recorded", 1,
	"insert into request_event (request_id, action) values ($1::bigint, 'record')");
STMT(add_grant, "leak.grant", 1,
	"insert into support_grant (operator_id, reason, scope, hours, asked_at, until_at) "
	"values (0, $1, 'read', 2, now(), now() + interval '12 hours') returning grant_id");

/* Where their paths have their numbers, and what stands for a further word of the path. */
static const struct {
	const char *name;
	const char *segments[2];
	const char *word;
} kinds[ASIDE_KINDS] = {
	[ASIDE_IMPORT] = {"import", {"import", "imports"}, NULL},
	[ASIDE_JOB] = {"job", {"jobs"}, NULL},
	[ASIDE_EXPORT] = {"export", {"exports"}, NULL},
	[ASIDE_DOWNLOAD] = {"download", {"downloads"}, NULL},
	[ASIDE_REQUEST] = {"privacy request", {"requests"}, "refuse"},
	[ASIDE_GRANT] = {"support grant", {"support", "support-grants"}, NULL},
};

const char *
aside_name(struct leak *l, const struct aside *s)
{
	return arena_printf(l->work, "%s of %s", kinds[s->kind].name,
		s->kind == ASIDE_GRANT   ? "the operator"
		: s->author == BY_ME     ? "own"
		: s->about != THINGS_MAX ? "others about a person"
					 : "others");
}

enum aside_kind
aside_at(const char *segment, size_t n)
{
	for (int k = 0; k < ASIDE_KINDS; k++)
		for (int i = 0; i < 2; i++) {
			const char *s = kinds[k].segments[i];

			if (s != NULL && strlen(s) == n && memcmp(s, segment, n) == 0)
				return (enum aside_kind)k;
		}
	return ASIDE_KINDS;
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
		return s->author == BY_ME || x->approves_exports;
	case ASIDE_REQUEST:
		return s->author == BY_ME || x->requests;
	case ASIDE_GRANT:
		return x->manages;
	default:
		return s->author == BY_ME;
	}
}

static void
plan(struct leak *l, struct aside s)
{
	ASSERT(l->nasides < ASIDES_MAX);
	s.visible = visible(l, &s);
	l->asides[l->nasides++] = s;
}

void
aside_plan(struct leak *l)
{
	l->nasides = 0;
	for (int k = 0; k < ASIDE_KINDS; k++)
		for (int who = 0; who < (k == ASIDE_GRANT ? 1 : 2); who++)
			plan(l, (struct aside){.kind = (enum aside_kind)k,
					.author = who == 0 ? BY_ME : BY_OTHER,
					.about = THINGS_MAX});
	for (size_t i = 0; i < l->nthings; i++)
		if (l->things[i].entity == ENTITY_CONTACT && !l->things[i].quiet &&
			(l->things[i].stand == STAND_OWN || l->things[i].stand == STAND_OTHERS))
			plan(l, (struct aside){.kind = ASIDE_JOB, .author = BY_OTHER, .about = i});
}

/* A word that the row alone has. */
static const char *
new_word(struct leak *l, const struct aside *s)
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

static int64_t
author_of(const struct leak *l, const struct aside *s)
{
	return s->author == BY_ME ? l->user : l->other;
}

static struct err *
make_import(struct leak *l, struct aside *s)
{
	const char *header[] = {new_word(l, s), "email"}, *cells[] = {new_word(l, s), "x"};
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
	model_text(result, "note", new_word(l, s));
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
	struct download_new in = {.kind = "list_export",
		.user_id = author_of(l, s),
		.file_name = "export.csv",
		.content_type = "text/csv; charset=utf-8",
		.object = file->object,
		.object_key = file->key,
		.size = file->size,
		.sha256 = file->sha256};
	bool note = s->kind == ASIDE_EXPORT;
	struct rows *rows;
	int64_t file_id, id;

	TRY(tx_query(l->cx.tx, &add_export_job, VALS(val_i64(author_of(l, s))), &rows));
	in.job_id = rows_i64(rows, 0, 0);
	TRY(download_add(&l->cx, &in, &file_id));
	TRY(tx_query(l->cx.tx, &add_export,
		VALS(val_i64(author_of(l, s)), val_id(file_id), val_i64(in.job_id)), &rows));
	id = rows_i64(rows, 0, 0);
	if (note)
		tx_queue(l->cx.tx, &note_export,
			VALS(val_i64(id), val_bytes(export_note_seal(&l->cx, id, new_word(l, s)))),
			NULL);
	s->id = note ? id : file_id;
	return NULL;
}

static struct err *
make_request(struct leak *l, struct aside *s)
{
	struct json_object *particulars = model_object(l->work);
	struct request rq = {.a = l->work};
	struct privacy_case c = {.opens = true};
	struct rows *rows;
	struct bytes sealed = data_key_new(&l->cx, "request", &c.key);

	TRY(tx_query(l->cx.tx, &add_key, VALS(val_bytes(sealed)), &rows));
	c.key.id = rows_i64(rows, 0, 0);
	model_text(particulars, "name", new_word(l, s));
	sealed = case_seal(&rq, &c, "particulars", json_object_to_json_string(particulars));
	TRY(tx_query(l->cx.tx, &add_request, VALS(val_i64(c.key.id), val_bytes(sealed)), &rows));
	s->id = rows_i64(rows, 0, 0);
	tx_queue(l->cx.tx, &request_recorded, VALS(val_i64(s->id)), NULL);
	return NULL;
}

static struct err *
make_grant(struct leak *l, struct aside *s)
{
	struct rows *rows;

	TRY(tx_query(l->cx.tx, &add_grant, VALS(val_text(new_word(l, s))), &rows));
	s->id = rows_i64(rows, 0, 0);
	return NULL;
}

static struct err *
make(struct leak *l, struct aside *s)
{
	switch (s->kind) {
	case ASIDE_IMPORT:
		return make_import(l, s);
	case ASIDE_JOB:
		return make_job(l, s);
	case ASIDE_REQUEST:
		return make_request(l, s);
	case ASIDE_GRANT:
		return make_grant(l, s);
	default:
		return make_export(l, s);
	}
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

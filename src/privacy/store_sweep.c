/* SPDX-License-Identifier: ISC */
#include "store_sweep.h"

#include <time.h>

#include "log.h"
#include "object.h"

/* A file is there before its row is, for as long as a request or a job takes. By
 * the clock of the file system, which no test moves. */
#define OLD_SECONDS (24L * 3600)
#define ORPHANS_MAX 10000
#define ROWS_PIECE 1000
/* So many without a row are no leftovers: then something is wrong with the rows. */
#define TOO_MANY 100

STMT(unnamed, "store_sweep.unnamed", 1,
	"select n from unnest($1::text[]) n where not exists (select from attachment a "
	"where a.object = n) and not exists (select from download d where d.object = n "
	"and d.destroyed_at is null) and not exists (select from import i where i.object = n) "
	"and not exists (select from request_file q where q.object = n) "
	"and not exists (select from mail_tray m where m.object = n)");
STMT(named_attachments, "store_sweep.attachments", 1,
	"select attachment_id, object from attachment where attachment_id > $1::bigint "
	"and object is not null order by attachment_id limit 1000");
STMT(named_downloads, "store_sweep.downloads", 1,
	"select download_id, object from download where download_id > $1::bigint "
	"and destroyed_at is null order by download_id limit 1000");
STMT(named_imports, "store_sweep.imports", 1,
	"select import_id, object from import where import_id > $1::bigint "
	"and object is not null order by import_id limit 1000");

STMT(named_files, "store_sweep.request_files", 1,
	"select file_id, object from request_file where file_id > $1::bigint "
	"and object is not null order by file_id limit 1000");

STMT(named_mails, "store_sweep.mails", 1,
	"select tray_id, object from mail_tray where tray_id > $1::bigint "
	"and object is not null order by tray_id limit 1000");

struct sweep {
	struct job_run *run;
	time_t before;
	const char **orphans; /* files that no row names */
	size_t n;
	size_t old, young; /* files in all */
	size_t missing;    /* rows whose file is not there */
	size_t unfinished;
};

static struct err *
look_into(struct sweep *s, unsigned folder)
{
	struct job_run *run = s->run;
	struct arena_mark mark = arena_mark(run->a);
	const char **names;
	struct rows *r;
	struct tx *tx;
	size_t n;

	TRY(object_list(run->a, run->tenant->files, folder, s->before, &names, &n, &s->young));
	s->old += n;
	if (n == 0) {
		arena_release(run->a, mark);
		return NULL;
	}
	TRY(chore_begin(run, "store_sweep", &tx));
	TRY(tx_query(tx, &unnamed, VALS(val_texts(names, n)), &r));
	TRY(tx_commit(tx));
	tx_end(&run->tx); /* before its memory goes */
	for (size_t i = 0; i < rows_count(r) && s->n < ORPHANS_MAX; i++)
		s->orphans[s->n++] = arena_strdup(run->a, rows_text(r, i, 0));
	if (rows_count(r) == 0)
		arena_release(run->a, mark);
	return NULL;
}

/* Rows that name a file which is not there: nothing can be mended, but told. */
static struct err *
look_for(struct sweep *s, const struct stmt *list)
{
	struct job_run *run = s->run;
	int64_t after = 0;
	struct rows *r;
	struct tx *tx;

	do {
		struct arena_mark mark = arena_mark(run->a);

		TRY(chore_begin(run, "store_sweep", &tx));
		TRY(tx_query(tx, list, VALS(val_i64(after)), &r));
		TRY(tx_commit(tx));
		tx_end(&run->tx);
		for (size_t i = 0; i < rows_count(r); i++) {
			after = rows_i64(r, i, 0);
			s->missing +=
				!object_exists(run->a, run->tenant->files, rows_text(r, i, 1));
		}
		if (rows_count(r) < ROWS_PIECE)
			after = -1;
		arena_release(run->a, mark);
	} while (after >= 0);
	return NULL;
}

static struct err *
destroy_orphans(struct sweep *s)
{
	struct job_run *run = s->run;

	if (s->n > TOO_MANY && s->n > s->old / 2) {
		log_error("file store: %zu of %zu files have no row: none is destroyed", s->n,
			s->old);
		return NULL;
	}
	for (size_t i = 0; i < s->n; i++)
		TRY(object_destroy(run->a, run->tenant->files, s->orphans[i]));
	TRY(object_unfinished(run->a, run->tenant->files, s->before, &s->unfinished));
	if (s->n + s->unfinished > 0)
		log_warn("file store: %zu files without a row and %zu unfinished ones destroyed",
			s->n, s->unfinished);
	return NULL;
}

struct err *
store_sweep_chore(struct job_run *run, int64_t *next_r)
{
	struct sweep s = {.run = run, .before = time(NULL) - OLD_SECONDS};

	s.orphans = ARENA_ARRAY(run->a, ORPHANS_MAX, const char *);
	for (unsigned i = 0; i < OBJECT_FOLDERS && !*run->stop; i++)
		TRY(look_into(&s, i));
	TRY(destroy_orphans(&s));
	TRY(look_for(&s, &named_attachments));
	TRY(look_for(&s, &named_downloads));
	TRY(look_for(&s, &named_imports));
	TRY(look_for(&s, &named_files));
	TRY(look_for(&s, &named_mails));
	if (s.missing > 0)
		log_error("file store: %zu rows name a file that is not there", s.missing);
	if (s.old + s.young > 0)
		log_info("file store: %zu files looked at", s.old + s.young);
	/* What is too young today is looked at tomorrow, also where nobody works. */
	*next_r = s.young > 0 ? OLD_SECONDS : 0;
	return NULL;
}

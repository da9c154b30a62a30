/* SPDX-License-Identifier: ISC */
/* praya import: the page's import from the command line, by the same job. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "import.h"
#include "jobs.h"
#include "object.h"

#define READ_BYTES ((size_t)64 * 1024)

STMT(counts, "cli_import.counts", 1,
	"select i.state, i.total, i.created, i.updated, i.skipped, i.failed, j.state from import i "
	"join job j using (job_id) where i.import_id = $1::bigint");
STMT(first_admin, "cli_import.user", 0,
	"select user_id from app_user join profile using (profile_id) where active "
	"order by profile.name = 'administrator' desc, user_id limit 1");

/* A file of the operator's into the workspace's sealed store. */
static struct err *
take_file(
	struct cli *c, const struct tenant *tn, const char *path, char *name, struct seal_key *key)
{
	unsigned char sha256[32];
	struct object_writer *w;
	struct err *e = NULL;
	int64_t size;
	char *buf = arena_alloc(c->a, READ_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return cli_fail(c, ERR_INVALID, "the file cannot be read: %s", strerror(errno));
	e = object_create(c->a, tn->files, &w);
	while (e == NULL && (n = read(fd, buf, READ_BYTES)) != 0) {
		if (n < 0)
			e = cli_fail(
				c, ERR_INVALID, "the file cannot be read: %s", strerror(errno));
		else
			e = object_write(w, buf, (size_t)n);
	}
	close(fd);
	return e != NULL ? e : object_commit(w, name, key, &size, sha256);
}

static struct err *
read_map(struct cli *c, struct json_object **map_r)
{
	const char *path = cli_option(c, "map");

	*map_r = NULL;
	if (path == NULL)
		return NULL;
	*map_r = json_object_from_file(path);
	if (*map_r == NULL || !json_object_is_type(*map_r, json_type_object))
		return cli_fail(c, ERR_INVALID, "--map: no JSON object in that file");
	model_own(c->a, *map_r);
	return NULL;
}

/* A refused map or file, in the operator's words: header and message. */
static struct err *
explain(struct cli *c, const struct err *e)
{
	struct sb sb;

	if (e->kind != ERR_INVALID || !cli_view(c))
		return (struct err *)e;
	sb_init(&sb, c->a, 4000);
	if (e->key != NULL)
		sb_puts(&sb, view_text(c->a, LANG_EN, e->key, e->arg));
	for (const struct err_field *f = e->fields; f != NULL; f = f->next)
		sb_printf(&sb, "%s%s: %s", sb.n > 0 ? "; " : "", f->name,
			view_text(c->a, LANG_EN, f->key, f->arg));
	return cli_fail(c, ERR_INVALID, "%s", sb.p);
}

struct checking {
	struct record_ctx *cx;
	const struct import_map *map;
	int64_t good, bad;
};

static bool
check_row(void *ctx, const struct csv_row *row)
{
	struct checking *ck = ctx;
	struct arena_mark mark = arena_mark(ck->cx->a);
	struct import_row out;

	if (row->number > 1) {
		import_row_check(ck->cx, ck->map, row, &out);
		if (out.error == NULL)
			ck->good++;
		else
			ck->bad++;
	}
	arena_release(ck->cx->a, mark);
	return true;
}

static struct err *
dry_run(struct cli *c, struct record_ctx *cx, const struct tenant *tn, const char *object,
	const struct seal_key *key, const struct import_sample *sample,
	const struct import_map *map)
{
	struct checking ck = {.cx = cx, .map = map};
	unsigned char *buf = arena_alloc(c->a, READ_BYTES);
	struct object_reader *in;
	struct csv_reader *csv;
	struct err *e;
	size_t got;

	TRY(object_open(c->a, tn->files, object, key, &in));
	csv = csv_reader_new(sample->format, (size_t)c->st->csv_row_max, check_row, &ck);
	while ((e = object_read(in, buf, READ_BYTES, &got)) == NULL && got > 0)
		csv_feed(csv, buf, got);
	csv_finish(csv);
	csv_reader_free(&csv);
	if (e == NULL)
		printf("%lld rows can be imported, %lld cannot\n", (long long)ck.good,
			(long long)ck.bad);
	return e;
}

/* The running worker may have been quicker to take the job: it is waited for. */
static struct err *
wait_for(struct cli *c, const struct tenant *tn, int64_t import, struct rows **r)
{
	const struct timespec moment = {0, 200L * 1000 * 1000};
	struct tx *tx;

	for (;;) {
		if (!worker_once(cli_tenancy(c), &praya_work, tn))
			return cli_fail(
				c, ERR_BUSY, "import %lld waits for the worker", (long long)import);
		TRY(cli_tx(c, tn, &tx));
		TRY(tx_query(tx, &counts, VALS(val_i64(import)), r));
		TRY(tx_commit(tx));
		if (strcmp(rows_text(*r, 0, 6), "queued") != 0 &&
			strcmp(rows_text(*r, 0, 6), "running") != 0)
			return NULL;
		nanosleep(&moment, NULL);
	}
}

static struct err *
report(struct cli *c, const struct tenant *tn, int64_t import)
{
	struct rows *r;

	TRY(wait_for(c, tn, import, &r));
	if (strcmp(rows_text(r, 0, 0), "done") != 0)
		return cli_fail(c, ERR_INTERNAL, "import %lld was given up: see the worker's log",
			(long long)import);
	printf("import %lld: %s rows, %s added, %s changed, %s left alone, %s refused\n",
		(long long)import, rows_text(r, 0, 1), rows_text(r, 0, 2), rows_text(r, 0, 3),
		rows_text(r, 0, 4), rows_text(r, 0, 5));
	return NULL;
}

static struct err *
import_file(struct cli *c)
{
	enum entity e =
		entity_parse(cli_option(c, "entity") != NULL ? cli_option(c, "entity") : "contact");
	char *object = arena_alloc(c->a, OBJECT_NAME);
	struct import_sample sample;
	struct json_object *in;
	struct import_map map;
	struct seal_key key;
	struct record_ctx cx;
	struct tenant *tn;
	struct conn *conn;
	struct rows *user;
	struct err *bad;
	int64_t import, job;

	if (e != ENTITY_CONTACT && e != ENTITY_COMPANY)
		return cli_fail(c, ERR_INVALID, "--entity is contact or company");
	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	TRY(read_map(c, &in));
	TRY(take_file(c, tn, cli_arg(c, 1), object, &key));
	TRY(tenant_conn(cli_tenancy(c), c->a, tn, &conn));
	TRY(record_ctx_system(conn, c->a, tn, "cli", 0, &cx));
	TRY(cli_tx(c, tn, &cx.tx));
	TRY(tx_query(cx.tx, &first_admin, NO_VALS, &user));
	if (rows_count(user) == 0)
		return cli_fail(c, ERR_CONFLICT, "the workspace has no user yet: praya user add");
	((struct principal *)cx.principal)->user_id = rows_i64(user, 0, 0);
	bad = import_sample_read(
		c->a, tn->files, object, &key, (size_t)c->st->csv_row_max, 5, &sample);
	if (bad == NULL)
		bad = import_map_parse(&cx, e, sample.header, sample.nheader, in, NULL, &map);
	if (bad == NULL && cli_flag(c, "dry-run"))
		bad = dry_run(c, &cx, tn, object, &key, &sample, &map);
	if (bad != NULL || cli_flag(c, "dry-run")) {
		tx_end(&cx.tx);
		TRY(object_destroy(c->a, tn->files, object));
		return bad != NULL ? explain(c, bad) : NULL;
	}
	TRY(import_make(&cx, e, object, &key, &sample, &import));
	TRY(import_start(&cx, e, import, &map, &job));
	TRY(tx_commit(cx.tx));
	return report(c, tn, import);
}

const struct cli_verb cli_import_verbs[] = {
	CLI_VERB("import", import_file, 2, 2, "entity= map= dry-run",
		"SLUG FILE [--entity contact|company] [--map MAP.json] [--dry-run]",
		"takes in a CSV file"),
	CLI_END,
};

/* SPDX-License-Identifier: ISC */
#include "doctor_region.h"

#include <string.h>

#include "migrate.h"
#include "num.h"
#include "rewrite.h"
#include "rotate.h"
#include "service.h"
#include "tenancy.h"
#include "tx.h"

#define SERVER_OLDEST 15
#define LATE_MINUTES 15

STMT(server_version, "cluster.server_version", 0,
	"select current_setting('server_version_num')::int / 10000, "
	"current_setting('server_version')");
/* A worker takes what is due within seconds; a long job is a long visit. */
STMT(untaken, "cell.untaken", 1,
	"select count(*), coalesce(extract(epoch from now() - min(since)) / 60, 0)::bigint from "
	"(select least(dirty_at, next_due_at) as since from wakeup where taken_at is null or "
	"taken_at < now() - interval '1 hour') w "
	"where since < now() - $1::int * interval '1 minute'");

STMT(unfinished, "directory.unfinished", 1,
	"select slug, state from tenant where region = $1 and state in ('creating', 'moving', "
	"'destroying') and state_at < now() - interval '15 minutes' order by slug");

static const char *
detail(const struct err *e)
{
	return e->detail != NULL ? e->detail : err_name(e->kind);
}

/* The 15 of "15.8"; 0: it is no version. */
static int64_t
major_of(struct arena *a, const char *version)
{
	int64_t major = 0;

	(void)!num_parse_i64(arena_printf(a, "%.*s", (int)strspn(version, "0123456789"), version),
		1, 1000, &major);
	return major;
}

/* A dump of an older pg_dump than the server's is refused by it. */
static void
check_program(struct findings *to, const struct settings *st, const char *name, int64_t server)
{
	const char *path = arena_printf(to->a, "%s/%s", st->postgres, name);
	const char *said = rewrite_program_version(to->a, path);
	const char *mend = arena_printf(to->a,
		"install postgresql-client-%lld, or set Paths.Postgres to its folder",
		(long long)server);

	if (said == NULL)
		finding_add(to, FINDING_FAULT, "versions", mend,
			"%s cannot be run: there are no backups and no moves", path);
	else if (major_of(to->a, said) < server)
		finding_add(to, FINDING_FAULT, "versions", mend,
			"%s is %s, older than the server: there are no backups", path, said);
}

void
doctor_programs(struct findings *to, const struct settings *st, struct conn *admin)
{
	struct rows *r;
	int64_t server;

	if (conn_query(admin, to->a, &server_version, NO_VALS, &r) != NULL)
		return;
	server = rows_i64(r, 0, 0);
	if (server < SERVER_OLDEST)
		finding_add(to, FINDING_FAULT, "versions", "pg_upgradecluster to 15 or newer",
			"PostgreSQL is %s", rows_text(r, 0, 1));
	else
		finding_add(to, FINDING_OK, "versions", "", "PostgreSQL %s", rows_text(r, 0, 1));
	check_program(to, st, "pg_dump", server);
	check_program(to, st, "pg_restore", server);
}

void
doctor_schema(struct findings *to, const char *about, const char *slug, int version, int schema)
{
	const char *mend = version > schema
				   ? "make install of the release that is newer than this program"
			   : slug != NULL ? arena_printf(to->a, "praya tenant migrate %s", slug)
					  : "praya tenant migrate";

	finding_add(to, FINDING_FAULT, about, mend, "has schema version %d, this program %d",
		version, schema);
}

/* As the role that brings it up to date: the others have no right to look. */
static void
check_schema(struct findings *to, const struct tenancy *t, enum service s, const char *about,
	const char *folder)
{
	int schema = migrate_latest(arena_printf(to->a, "%s/%s", t->st->sql, folder)), version = 0;
	const char *info;
	struct conn *c;
	struct err *e;

	e = service_conninfo(t->st, &t->master, to->a, SERVICE_MIGRATE,
		service_database(t->st, to->a, s), &info);
	if (e == NULL)
		e = conn_get(t->pool, to->a, info, &c);
	if (e == NULL)
		e = migrate_version(c, to->a, &version);
	if (e != NULL)
		finding_add(to, FINDING_FAULT, about,
			"look at Database.Migrate, and at praya_migrate's line in pg_hba.conf",
			"its schema cannot be looked at: %s", detail(e));
	else if (version != schema)
		doctor_schema(to, about, NULL, version, schema);
	else
		finding_add(to, FINDING_OK, about, "", "schema %d", version);
}

static void
check_worker(struct findings *to, struct conn *cell)
{
	struct rows *r;

	if (conn_query(cell, to->a, &untaken, VALS(val_i64(LATE_MINUTES)), &r) != NULL)
		return;
	if (rows_i64(r, 0, 0) > 0)
		finding_add(to, FINDING_FAULT, "worker",
			"systemctl start praya-worker@1; else look at its log",
			"workspaces with work that nobody takes: %lld, the first for %lld minutes",
			(long long)rows_i64(r, 0, 0), (long long)rows_i64(r, 0, 1));
	else
		finding_add(to, FINDING_OK, "worker", "", "no work waits for it");
}

void
doctor_region(struct findings *to, struct tenancy *t)
{
	struct conn *c;

	check_schema(to, t, SERVICE_CELL, "Database.Cell", "cell");
	if (!directory_elsewhere(t->st, to->a))
		check_schema(to, t, SERVICE_DIRECTORY, "Database.Directory", "directory");
	if (cell_conn(t, to->a, &c) == NULL)
		check_worker(to, c);
}

void
doctor_keys(struct findings *to, struct tenancy *t, const char *about, const struct tenant *tn)
{
	struct key_state s;
	struct err *e = rotate_check(t, to->a, tn, &s);

	if (e != NULL)
		finding_add(to, FINDING_FAULT, about, "see PostgreSQL's log",
			"its keys cannot be looked at: %s", detail(e));
	else if (!s.opens)
		finding_add(to, FINDING_FAULT, about,
			"put the master key back that it was made with; nothing is lost until then",
			"its key does not open");
	else if (s.persons && !s.person_opens)
		finding_add(to, FINDING_FAULT, about,
			arena_printf(to->a, "praya backup verify %s, then praya tenant restore",
				tn->slug),
			"its key opens, but not the key of a person in it");
	else if (!s.ended)
		finding_add(to, FINDING_FAULT, about,
			arena_printf(to->a, "praya key rotate %s", tn->slug),
			"a rotation of its key was cut off, %lld keys lie under the one before",
			(long long)s.older);
}

void
doctor_unfinished(struct findings *to, struct tenancy *t)
{
	static const char about[] = "unfinished workspaces";
	struct rows *rows = NULL;
	struct conn *c;
	struct err *e = directory_conn(t, to->a, &c);

	if (e == NULL)
		e = conn_query(c, to->a, &unfinished, VALS(val_text(t->st->region)), &rows);
	if (e != NULL)
		finding_add(to, FINDING_FAULT, about, "see PostgreSQL's log",
			"cannot be looked at: %s", detail(e));
	for (size_t i = 0; rows != NULL && i < rows_count(rows); i++) {
		const char *slug = rows_text(rows, i, 0), *state = rows_text(rows, i, 1);

		if (strcmp(state, "creating") == 0)
			finding_add(to, FINDING_FAULT, about,
				"praya tenant create again, with the same name of the workspace",
				"the creation of %s was cut off", slug);
		else if (strcmp(state, "moving") == 0)
			finding_add(to, FINDING_FAULT, about,
				arena_printf(to->a,
					"praya tenant move %s --region R: the new one to go on, "
					"%s to take it back",
					slug, t->st->region),
				"the move of %s was cut off: it can only be read", slug);
		else
			finding_add(to, FINDING_FAULT, about,
				arena_printf(to->a,
					"start the worker, or praya tenant destroy %s --confirm %s "
					"--reason WHY",
					slug, slug),
				"the destruction of %s was cut off", slug);
	}
}

/* SPDX-License-Identifier: ISC */
/*
 * For unit tests under with_postgres that need an installation: a folder with
 * praya.conf, `praya init` done, a tenancy. One for a test program; runs in the
 * build folder, where made/sql is.
 */
#ifndef PRAYA_TENANT_FIXTURE_H
#define PRAYA_TENANT_FIXTURE_H

#include <limits.h>
#include <sys/stat.h>

#include "conninfo.h"
#include "db_fixture.h"
#include "provision.h"
#include "scratch.h"
#include "tenant.h"

static char scratch[] = "/tmp/praya-unit.XXXXXX";
static const struct settings *st;
static struct tenancy *t;
/* Apart from the pool of `c`, so that `c` keeps its session. */
static struct conn_pool *wide;

/* Settings of this cluster; `more` lines come last and so count. */
static inline const struct settings *
fixture_settings(const char *more)
{
	const char *path = arena_printf(a, "%s/praya.conf", scratch);
	const char *host = getenv("PGHOST");
	char sql[PATH_MAX];
	const char *why = NULL;
	const struct settings *loaded;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_non_null(realpath("made/sql", sql));
	fprintf(f,
		"Base.Domain = praya.localhost\nBase.Port = 8443\n"
		"Database.Directory = host=%s\nDatabase.Cell = host=%s\n"
		"Database.Tenant = host=%s\nDatabase.Migrate = host=%s\n"
		"Database.Admin = host=%s user=postgres\n"
		"Keys.Master = %s/master.key\nFiles.Store = %s/files\n"
		"Files.Scratch = %s/work\nPaths.Sql = %s\nDirectory.Cache = 0\n%s",
		host, host, host, host, host, scratch, scratch, scratch, sql, more);
	assert_int_equal(fclose(f), 0);
	loaded = settings_load(path, &why);
	if (loaded == NULL)
		fail_msg("%s", why);
	return loaded;
}

static inline int
fixture_setup(void **state)
{
	bool made;

	db_setup(state);
	wide = conn_pool_new(16);
	scratch_make(scratch);
	mkdir(arena_printf(a, "%s/files", scratch), 0700);
	mkdir(arena_printf(a, "%s/work", scratch), 0700);
	st = fixture_settings("");
	assert_ok(provision_init(st, a, &made));
	assert_true(made);
	t = tenancy_new(st);
	return 0;
}

static inline int
fixture_teardown(void **state)
{
	tenancy_free(&t);
	conn_pool_free(&wide);
	scratch_remove(scratch);
	return db_teardown(state);
}

/* A superuser's connection to a database. */
static inline struct conn *
fixture_conn(const char *database)
{
	struct conn *conn;

	assert_ok(conn_get(wide, a, arena_printf(a, "dbname=%s", database), &conn));
	return conn;
}

static inline void
fixture_sql(const char *database, const char *sql)
{
	assert_ok(conn_script(fixture_conn(database), a, sql));
}

/* A file of SQL. */
static inline void
fixture_file(const char *database, const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = arena_alloc(a, 65536);
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, 65535, f);
	fclose(f);
	text[n] = '\0';
	fixture_sql(database, text);
}

static inline struct tenant *
fixture_tenant(const char *slug)
{
	struct tenant *tn;

	assert_ok(provision_create(t, a, slug, "A Company", "hk", &tn));
	assert_ok(provision_activate(t, a, tn));
	return tn;
}

#define assert_kind(expr, err_kind) \
	do { \
		struct err *kind_ = (expr); \
		assert_non_null(kind_); \
		assert_int_equal(kind_->kind, (err_kind)); \
	} while (0)

/* The only field of the error, and its message. */
#define assert_field(expr, field, message) \
	do { \
		struct err *field_ = (expr); \
		assert_non_null(field_); \
		assert_int_equal(field_->kind, ERR_INVALID); \
		assert_non_null(field_->fields); \
		assert_string_equal(field_->fields->name, (field)); \
		assert_string_equal(field_->fields->key, (message)); \
		assert_null(field_->fields->next); \
	} while (0)

#endif

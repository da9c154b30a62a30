/* SPDX-License-Identifier: ISC */
/*
 * Every statement of the program fits the schema: prepared and planned in the
 * database that its name says (db/tx.h), by the role that runs it there.
 */
#include "tenant_fixture.h"

#include <glob.h>

#include "places.h"
#include "record.h"
#include "service.h"
#include "tenancy.h"

static const char *const place_names[PLACES] = {
	"workspace", "workspace, as its owner", "directory", "cell", "cluster", "every database"};

static struct tenant *tn;
static struct sb faults;

/* Into a database as praya_migrate. */
static struct conn *
owner_of(const char *database)
{
	struct conn *conn;
	const char *info;

	assert_ok(service_conninfo(st, &t->master, a, SERVICE_MIGRATE, database, &info));
	assert_ok(conn_get(wide, a, info, &conn));
	return conn;
}

static size_t
conns_of(enum place place, struct conn **conns)
{
	switch (place) {
	case OWNER:
		assert_ok(tenant_conn_migrate(t, a, tn, &conns[0]));
		return 1;
	case DIRECTORY:
		assert_ok(directory_conn(t, a, &conns[0]));
		return 1;
	case CELL:
		assert_ok(cell_conn(t, a, &conns[0]));
		return 1;
	case CLUSTER:
		conns[0] = fixture_conn("postgres");
		return 1;
	case EVERYWHERE:
		conns[0] = owner_of("praya_directory");
		conns[1] = owner_of("praya_cell");
		conns[2] = owner_of(tn->database);
		return 3;
	default:
		assert_ok(tenant_conn(t, a, tn, &conns[0]));
		return 1;
	}
}

static struct err *
run(struct conn *conn, const char *sql, struct rows **rows_r)
{
	return conn_query(conn, a, stmt_composed(a, "probe", sql, 0), NO_VALS, rows_r);
}

static void
fault(const struct stmt *s, enum place place, const char *what)
{
	sb_printf(&faults, "\n%s (%s): %s", s->name, place_names[place], what);
}

/* EXPLAIN looks for the rights to all that is named, which PREPARE does not, and
 * does nothing. A plan for any values never asks what they are. */
static void
plan(struct conn *conn, const struct stmt *s, enum place place)
{
	struct sb sql;
	struct err *e;

	sb_init(&sql, a, 4096);
	sb_puts(&sql, "explain execute probe");
	for (int i = 0; i < s->params; i++)
		sb_puts(&sql, i == 0 ? "(null" : ", null");
	sb_puts(&sql, s->params > 0 ? ")" : "");
	e = run(conn, sql.p, NULL);
	if (e != NULL)
		fault(s, place, arena_printf(a, "is not planned: %s", e->detail));
}

static void
check(struct conn *conn, const struct stmt *s, enum place place)
{
	struct err *e = run(conn, arena_printf(a, "prepare probe as %s", s->sql), NULL);
	struct rows *rows;

	if (e != NULL) {
		fault(s, place, e->detail);
		return;
	}
	assert_ok(run(conn,
		"select cardinality(parameter_types)::bigint from pg_prepared_statements "
		"where name = 'probe'",
		&rows));
	if (rows_i64(rows, 0, 0) != s->params)
		fault(s, place,
			arena_printf(a, "%d parameters declared, %lld used", s->params,
				(long long)rows_i64(rows, 0, 0)));
	else
		plan(conn, s, place);
	assert_ok(run(conn, "deallocate probe", NULL));
}

static void
every_statement_fits(void **state)
{
	const struct stmt *const *list;
	size_t n = stmt_all(&list);

	(void)state;
	sb_init(&faults, a, 65536);
	for (size_t i = 0; i < n; i++) {
		enum place place = place_of(list[i]);
		struct conn *conns[3];
		size_t k = conns_of(place, conns);

		for (size_t j = 0; j < k; j++) {
			assert_ok(run(conns[j], "set plan_cache_mode = force_generic_plan", NULL));
			check(conns[j], list[i], place);
		}
		for (size_t j = 0; j < i; j++)
			if (strcmp(list[i]->name, list[j]->name) == 0)
				fault(list[i], place, "the name is used twice");
	}
	if (faults.n > 0)
		fail_msg("%s", faults.p);
}

static size_t
written_in(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1024];
	size_t n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		n += strncmp(line, "STMT(", 5) == 0;
	fclose(f);
	return n;
}

/* A file that is not linked here would not be tested. */
static void
none_is_left_out(void **state)
{
	const struct stmt *const *list;
	size_t written = 0;
	glob_t g;

	(void)state;
	assert_int_equal(glob(SOURCE "/src/*/*.c", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		written += written_in(g.gl_pathv[i]);
	globfree(&g);
	assert_true(written > 200);
	assert_int_equal(stmt_all(&list), written);
}

/* The check finds what it is for. */
static void
faults_are_found(void **state)
{
	static const struct stmt bad[] = {
		{"test.column", "select nonsense from contact", 0, NULL},
		{"test.table", "select 1 from tenant_key", 0, NULL},
		{"test.few", "select $1::bigint + $2::bigint", 1, NULL},
		{"test.many", "select $1::bigint", 2, NULL},
		{"test.untyped", "select $1 is null", 1, NULL},
		{"test.delete", "delete from audit_event where event_id = $1::bigint", 1, NULL},
		{"test.epoch", "with x as (update epoch set access = 1) select 1", 0, NULL},
		{"test.passwords", "select rolpassword from pg_authid", 0, NULL},
		{"directory.contact", "select contact_id from contact", 0, NULL},
		{"cell.slug", "select slug from tenant", 0, NULL},
		{"ledger.drop", "delete from erasure_ledger", 0, NULL},
		{"owner.slug", "select slug from tenant", 0, NULL},
	};
	static const struct stmt good = {"owner.audit", "delete from audit_event", 0, NULL};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct conn *conns[3];

		sb_init(&faults, a, 65536);
		conns_of(place_of(&bad[i]), conns);
		check(conns[0], &bad[i], place_of(&bad[i]));
		if (faults.n == 0)
			fail_msg("%s passes", bad[i].name);
	}
	sb_init(&faults, a, 65536);
	check(owner_of(tn->database), &good, OWNER);
	assert_int_equal(faults.n, 0);
}

static void
places_are_used(void **state)
{
	const struct stmt *const *list;
	size_t n = stmt_all(&list);
	bool used[PLACES] = {false};

	(void)state;
	for (size_t i = 0; i < n; i++)
		used[place_of(list[i])] = true;
	for (size_t i = 0; i < PLACES; i++)
		assert_true(used[i]);
}

static int
setup(void **state)
{
	fixture_setup(state);
	tn = fixture_tenant("harbour");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_left_out),
		cmocka_unit_test(places_are_used),
		cmocka_unit_test(faults_are_found),
		cmocka_unit_test(every_statement_fits),
	};

	return cmocka_run_group_tests_name("statements", tests, setup, fixture_teardown);
}

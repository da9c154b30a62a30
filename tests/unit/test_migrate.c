/* SPDX-License-Identifier: ISC */
/* Migrations: a folder and a database of its own for every test. */
#include <ftw.h>
#include <sys/stat.h>
#include <time.h>

#include "db_fixture.h"

static const char *folder;
static struct conn *m;
static int version;

STMT(records, "test.records", 0,
	"select number, slug, applied_at is not null from public.schema_version order by number");

STMT(lock_pet, "test.lock_pet", 0, "lock pet");
STMT(lock_person, "test.lock_person", 0, "lock person");

static int
setup(void **state)
{
	char *path;

	db_setup(state);
	path = arena_strdup(a, "/tmp/praya-migrate.XXXXXX");
	assert_non_null(mkdtemp(path));
	folder = path;
	db_script("drop database if exists praya_migrate_test with (force)");
	db_script("create database praya_migrate_test");
	assert_ok(conn_get(pool, a, "dbname=praya_migrate_test", &m));
	version = -1;
	return 0;
}

static int
remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	return db_teardown(state);
}

#define migrate_test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static void
put(const char *name, const char *text)
{
	FILE *f;

	if (strncmp(name, "repeatable/", 11) == 0)
		mkdir(arena_printf(a, "%s/repeatable", folder), 0700);
	f = fopen(arena_printf(a, "%s/%s", folder, name), "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

static void
put_two(void)
{
	put("0001_person.sql", "create table person (id int); create table pet (id int);");
	put("0010_pet_name.sql",
		"alter table pet add name text; insert into pet values (1, '阿財')");
	put("notes.txt", "not a migration");
	put(".0003_hidden.sql.swp", "nor this");
}

static void
files_are_applied_in_order_and_once(void **state)
{
	struct rows *rows;

	(void)state;
	put_two();
	assert_int_equal(migrate_latest(folder), 10);
	assert_ok(migrate_version(m, a, &version));
	assert_int_equal(version, 0);
	for (int i = 0; i < 2; i++) {
		assert_ok(migrate(m, a, folder, &version));
		assert_int_equal(version, 10);
		assert_string_equal(db_text(m, "select name from pet"), "阿財");
	}
	assert_ok(conn_query(m, a, &records, NO_VALS, &rows));
	assert_int_equal(rows_count(rows), 2);
	assert_int_equal(rows_i64(rows, 0, 0), 1);
	assert_string_equal(rows_text(rows, 0, 1), "person");
	assert_string_equal(rows_text(rows, 1, 1), "pet_name");
	assert_true(rows_bool(rows, 1, 2));
	put("0011_more.sql", "create table more (id int)");
	assert_ok(migrate(m, a, folder, &version));
	assert_int_equal(version, 11);
	version = 0;
	assert_ok(migrate_version(m, a, &version));
	assert_int_equal(version, 11);
}

static void
nothing_to_do_is_fine(void **state)
{
	(void)state;
	assert_int_equal(migrate_latest(folder), 0);
	assert_int_equal(migrate_latest("/nonexistent"), 0);
	assert_ok(migrate(m, a, folder, &version));
	assert_int_equal(version, 0);
	assert_err(migrate(m, a, "/nonexistent", &version), ERR_INTERNAL, "/nonexistent");
}

static void
a_changed_file_is_refused_by_name(void **state)
{
	(void)state;
	put_two();
	assert_ok(migrate(m, a, folder, &version));
	put("0001_person.sql", "create table person (id bigint)");
	put("0011_more.sql", "create table more (id int)");
	assert_err(migrate(m, a, folder, &version), ERR_INTERNAL, "0001_person.sql: changed");
	assert_null(db_text(m, "select to_regclass('more')::text"));
}

static void
a_missing_file_is_refused_by_name(void **state)
{
	(void)state;
	put_two();
	assert_ok(migrate(m, a, folder, &version));
	assert_int_equal(remove(arena_printf(a, "%s/0010_pet_name.sql", folder)), 0);
	assert_err(migrate(m, a, folder, &version), ERR_INTERNAL, "0010_pet_name.sql");
	put("0011_more.sql", "create table more (id int)");
	assert_err(migrate(m, a, folder, &version), ERR_INTERNAL, "0010_pet_name.sql");
	assert_null(db_text(m, "select to_regclass('more')::text"));
}

static void
a_number_from_the_past_is_refused(void **state)
{
	(void)state;
	put_two();
	assert_ok(migrate(m, a, folder, &version));
	put("0002_late.sql", "create table late (id int)");
	assert_err(migrate(m, a, folder, &version), ERR_INTERNAL, "0002_late.sql: numbered below");
	assert_null(db_text(m, "select to_regclass('late')::text"));
}

static void
bad_names_are_refused(void **state)
{
	static const char *const bad[] = {"1_short.sql", "0001-dash.sql", "0001_Upper.sql",
		"0001_.sql", "0000_zero.sql", "readme.sql"};

	(void)state;
	put("0002_good.sql", "create table good (id int)");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(bad[i], "select 1");
		assert_err(migrate(m, a, folder, &version), ERR_INTERNAL, bad[i]);
		assert_int_equal(remove(arena_printf(a, "%s/%s", folder, bad[i])), 0);
	}
	put("0002_twin.sql", "select 1");
	assert_err(migrate(m, a, folder, &version), ERR_INTERNAL, "0002_twin.sql");
	assert_null(db_text(m, "select to_regclass('good')::text"));
}

static void
a_failing_script_leaves_nothing(void **state)
{
	struct err *e;

	(void)state;
	put_two();
	put("0011_bad.sql", "create table half (id int); insert into half values ('x')");
	put("0012_after.sql", "create table after_it (id int)");
	e = migrate(m, a, folder, &version);
	assert_err(e, ERR_INTERNAL, "0011_bad.sql: SQLSTATE 22P02: invalid input syntax");
	assert_int_equal(version, 10);
	assert_null(db_text(m, "select to_regclass('half')::text"));
	assert_null(db_text(m, "select to_regclass('after_it')::text"));
	/* The lock is free again, the session clean. */
	put("0011_bad.sql", "create table whole (id int)");
	assert_ok(migrate(m, a, folder, &version));
	assert_int_equal(version, 12);
	assert_string_equal(
		db_text(m, "select count(*)::text from pg_locks where locktype = 'advisory'"), "0");
}

static void
a_script_may_not_end_its_transaction(void **state)
{
	(void)state;
	put("0001_commits.sql", "create table t (id int); commit");
	assert_err(migrate(m, a, folder, &version), ERR_INTERNAL,
		"0001_commits.sql: ends its transaction");
	assert_ok(migrate_version(m, a, &version));
	assert_int_equal(version, 0);
}

static void
settings_end_with_their_script(void **state)
{
	(void)state;
	db_script("do $$begin create role praya_test_owner; exception when duplicate_object then"
		  " null; end$$");
	put("0001_role.sql",
		"create schema s authorization praya_test_owner; set search_path = s;"
		"set role praya_test_owner; create table s.t (id int);"
		"select set_config('praya.limit', current_setting('statement_timeout'), false)");
	put("0002_next.sql", "create table here (id int)");
	assert_ok(migrate(m, a, folder, &version));
	assert_string_equal(
		db_text(m, "select tableowner::text from pg_tables where tablename = 't'"),
		"praya_test_owner");
	assert_string_equal(
		db_text(m, "select tableowner::text from pg_tables where tablename = 'here'"),
		"postgres");
	assert_string_equal(db_text(m, "select current_user::text"), "postgres");
	assert_string_equal(db_text(m, "show search_path"), "\"$user\", public");
	assert_string_equal(db_text(m, "show statement_timeout"), "30s");
	assert_string_equal(db_text(m, "show lock_timeout"), "5s");
	db_script("drop database praya_migrate_test with (force)");
	db_script("drop role praya_test_owner");
}

static void
repeatable_files_run_when_they_change(void **state)
{
	(void)state;
	put("0001_log.sql", "create table log (line text)");
	put("repeatable/b.sql", "insert into log select 'b' || count(*) from log");
	put("repeatable/a.sql", "insert into log values ('a')");
	assert_ok(migrate(m, a, folder, &version));
	assert_ok(migrate(m, a, folder, &version));
	assert_int_equal(version, 1);
	assert_string_equal(db_text(m, "select string_agg(line, ' ') from log"), "a b1");
	put("repeatable/b.sql", "insert into log values ('B')");
	assert_ok(migrate(m, a, folder, &version));
	assert_string_equal(db_text(m, "select string_agg(line, ' ') from log"), "a b1 B");
	put("repeatable/a.sql", "insert into log values ('A'); select 1/0");
	assert_err(migrate(m, a, folder, &version), ERR_INTERNAL, "a.sql: SQLSTATE 22012");
	assert_string_equal(db_text(m, "select string_agg(line, ' ') from log"), "a b1 B");
}

/* What holds for all tables holds for a new one: also when the run that made it
 * came no further. */
static void
repeatable_files_run_after_a_numbered_one(void **state)
{
	(void)state;
	put("0001_log.sql", "create table log (line text)");
	put("repeatable/a.sql", "insert into log values ('a')");
	put("repeatable/b.sql", "insert into log values ('b')");
	assert_ok(migrate(m, a, folder, &version));
	put("0002_more.sql", "create table more (x int)");
	assert_ok(migrate(m, a, folder, &version));
	assert_string_equal(db_text(m, "select string_agg(line, ' ') from log"), "a b a b");
	put("0003_still.sql", "create table still (x int)");
	put("repeatable/a.sql", "select 1/0");
	assert_err(migrate(m, a, folder, &version), ERR_INTERNAL, "a.sql: SQLSTATE 22012");
	assert_int_equal(version, 3);
	put("repeatable/a.sql", "insert into log values ('a')");
	assert_ok(migrate(m, a, folder, &version));
	assert_string_equal(db_text(m, "select string_agg(line, ' ') from log"), "a b a b a b");
	assert_ok(migrate(m, a, folder, &version));
	assert_string_equal(db_text(m, "select string_agg(line, ' ') from log"), "a b a b a b");
}

static void
a_file_must_be_text(void **state)
{
	(void)state;
	put("0001_big5.sql", "comment on table x is '\xb3\xaf'");
	assert_err(migrate(m, a, folder, &version), ERR_INTERNAL, "0001_big5.sql");
}

/* Each in a process of its own; the lock lets one at a time pass. */
static void
several_at_once_apply_each_file_once(void **state)
{
	pid_t pids[4];

	(void)state;
	put_two();
	put("0011_slow.sql", "create table slow as select 1 as x from pg_sleep(0.1)");
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct conn_pool *mine = conn_pool_new(1);
			struct conn *conn;
			struct err *e = conn_get(mine, a, "dbname=praya_migrate_test", &conn);

			if (e == NULL)
				e = migrate(conn, a, folder, &version);
			_exit(e == NULL && version == 11 ? 0 : 1);
		}
	}
	for (int i = 0; i < 4; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	assert_string_equal(db_text(m, "select count(*)::text from pet"), "1");
}

static void
wait_for_lock(void)
{
	struct timespec pause = {0, 20 * 1000000L};
	struct conn *look;

	assert_ok(conn_get(pool, a, "dbname=praya_migrate_test application_name=look", &look));
	while (strcmp(db_text(look, "select (count(*) > 0)::text from pg_locks where not granted "
				    "and locktype = 'relation'"),
		       "true") != 0)
		nanosleep(&pause, NULL);
}

/* Somebody has a table that the migration wants, and then wants one that it has. */
static void
a_deadlock_is_only_a_delay(void **state)
{
	struct conn *rival;
	struct tx *tx;
	int status;
	pid_t pid;

	(void)state;
	put_two();
	assert_ok(migrate(m, a, folder, &version));
	put("0011_both.sql", "lock person; lock pet; insert into pet values (2, 'again')");
	assert_ok(conn_get(pool, a, "dbname=praya_migrate_test application_name=rival", &rival));
	/* Whoever looks first for a deadlock gives way: the migration. */
	assert_ok(conn_script(rival, a, "set deadlock_timeout = '60s'"));
	assert_ok(tx_begin(rival, a, NULL, NO_VALS, &tx));
	assert_ok(tx_query(tx, &lock_pet, NO_VALS, NULL));
	pid = fork();
	if (pid == 0) {
		struct conn_pool *mine = conn_pool_new(1);
		struct conn *conn;
		struct err *e = conn_get(mine, a, "dbname=praya_migrate_test", &conn);

		if (e == NULL)
			e = migrate(conn, a, folder, &version);
		_exit(e == NULL && version == 11 ? 0 : 1);
	}
	wait_for_lock();
	assert_ok(tx_query(tx, &lock_person, NO_VALS, NULL));
	assert_ok(tx_commit(tx));
	tx_end(&tx);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_string_equal(db_text(m, "select count(*)::text from pet"), "2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		migrate_test(files_are_applied_in_order_and_once),
		migrate_test(nothing_to_do_is_fine),
		migrate_test(a_changed_file_is_refused_by_name),
		migrate_test(a_missing_file_is_refused_by_name),
		migrate_test(a_number_from_the_past_is_refused),
		migrate_test(bad_names_are_refused),
		migrate_test(a_failing_script_leaves_nothing),
		migrate_test(a_script_may_not_end_its_transaction),
		migrate_test(settings_end_with_their_script),
		migrate_test(repeatable_files_run_when_they_change),
		migrate_test(repeatable_files_run_after_a_numbered_one),
		migrate_test(a_file_must_be_text),
		migrate_test(several_at_once_apply_each_file_once),
		migrate_test(a_deadlock_is_only_a_delay),
	};

	return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}

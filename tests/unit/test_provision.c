/* SPDX-License-Identifier: ISC */
#include "tenant_fixture.h"

#include "doctor.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

static const char *
info_of(const struct tenant *tn, const char *database)
{
	return conninfo_set(a, tn->conninfo, "dbname", database);
}

static struct err *
reach(const char *conninfo)
{
	struct conn_pool *own = conn_pool_new(1);
	struct conn *conn;
	struct err *e = conn_get(own, a, conninfo, &conn);

	conn_pool_free(&own);
	return e;
}

/* ---- init */

static void
test_init_again(void **state)
{
	bool made = true;

	(void)state;
	assert_ok(provision_init(st, a, &made));
	assert_false(made);
	assert_string_equal(db_text(fixture_conn("praya_directory"),
				    "select string_agg(region, ',') from region"),
		"hk");
	assert_string_equal(
		db_text(fixture_conn("praya_cell"), "select count(*)::text from master_check"),
		"1");
}

static void
test_init_second_region(void **state)
{
	const struct settings *sg = fixture_settings(arena_printf(a,
		"Region = sg\nDatabase.Cell = host=%s dbname=praya_cell_sg\n", getenv("PGHOST")));
	bool made;

	(void)state;
	assert_ok(provision_init(sg, a, &made));
	assert_false(made);
	assert_string_equal(db_text(fixture_conn("praya_directory"),
				    "select string_agg(region, ',' order by region) from region"),
		"hk,sg");
	assert_string_equal(
		db_text(fixture_conn("praya_cell_sg"), "select count(*)::text from master_check"),
		"1");
}

static void
test_init_wrong_key(void **state)
{
	const char *key = arena_printf(a, "%s/master.key", scratch);
	const char *kept = arena_printf(a, "%s/kept.key", scratch);
	const char *roles = "select string_agg(rolpassword, ',' order by rolname) from pg_authid "
			    "where rolname like 'praya%'";
	const char *before = arena_strdup(a, db_text(c, roles));
	struct seal_key other_key;
	const char *why;
	bool made;

	(void)state;
	assert_int_equal(rename(key, kept), 0);
	assert_err(provision_init(st, a, &made), ERR_INTERNAL, "is missing");
	assert_int_not_equal(access(key, F_OK), 0);
	assert_true(key_file_create(key, &other_key, &why));
	assert_err(provision_init(st, a, &made), ERR_INTERNAL, "is not the master key");
	assert_int_equal(chmod(key, 0640), 0);
	assert_err(provision_init(st, a, &made), ERR_INTERNAL, "others may read it");
	assert_int_equal(rename(kept, key), 0);
	assert_string_equal(db_text(c, roles), before);
	assert_ok(provision_init(st, a, &made));
}

/* Another key under an open tenancy: nothing is made with it. */
static void
test_create_wrong_key(void **state)
{
	const char *key = arena_printf(a, "%s/master.key", scratch);
	const char *kept = arena_printf(a, "%s/kept.key", scratch);
	struct seal_key other_key;
	struct tenancy *wrong;
	struct tenant *tn;
	const char *why;

	(void)state;
	fixture_tenant("keyed");
	assert_int_equal(rename(key, kept), 0);
	assert_true(key_file_create(key, &other_key, &why));
	wrong = tenancy_new(st);
	assert_err(provision_create(wrong, a, "wrongkey", "X", "hk", &tn), ERR_INTERNAL,
		"is not the master key");
	assert_err(tenant_by_slug(wrong, a, "keyed", &tn), ERR_INTERNAL, "does not open");
	tenancy_free(&wrong);
	assert_int_equal(rename(kept, key), 0);
	assert_ok(tenant_by_slug(t, a, "wrongkey", &tn));
	assert_null(tn);
}

static void
test_init_not_superuser(void **state)
{
	const struct settings *weak;
	bool made;

	(void)state;
	fixture_sql("postgres", "create role weak login");
	weak = fixture_settings(
		arena_printf(a, "Database.Admin = host=%s user=weak\n", getenv("PGHOST")));
	assert_err(provision_init(weak, a, &made), ERR_INTERNAL, "not a superuser");
	fixture_sql("postgres", "drop role weak");
}

static void
test_roles(void **state)
{
	(void)state;
	assert_string_equal(
		db_text(c,
			"select string_agg(rolname || case when rolcanlogin then '+' else '' end "
			"|| case when rolbypassrls then '!' else '' end, ' ' order by rolname) "
			"from pg_roles where rolname ~ '^praya_[a-z]+$'"),
		"praya_backup+! praya_cell+ praya_directory+ praya_migrate+! praya_owner "
		"praya_tenant");
	assert_string_equal(
		db_text(c, "select bool_and(rolpassword like 'SCRAM-SHA-256$64:%')::text from "
			   "pg_authid where rolname like 'praya%' and rolcanlogin"),
		"true");
	assert_string_equal(db_text(c, "select (datistemplate and not datallowconn)::text from "
				       "pg_database where datname = 'praya_template'"),
		"true");
	/* What each service may do, and no more. */
	assert_string_equal(
		db_text(fixture_conn("praya_cell"),
			"select (has_table_privilege('praya_cell', 'erasure_ledger', 'insert') and "
			"not "
			"has_table_privilege('praya_cell', 'erasure_ledger', 'delete') and not "
			"has_table_privilege('praya_cell', 'erasure_ledger', 'update') and not "
			"has_table_privilege('praya_cell', 'tenant_key', 'update') and not "
			"has_table_privilege('praya_backup', 'tenant_key', 'select') and not "
			"has_table_privilege('praya_cell', 'schema_version', 'select'))::text"),
		"true");
	assert_string_equal(
		db_text(fixture_conn("praya_directory"),
			"select (not has_table_privilege('praya_directory', 'tenant', 'delete') "
			"and not "
			"has_table_privilege('praya_directory', 'tenant', 'update'))::text"),
		"true");
}

/* ---- create */

static void
test_create(void **state)
{
	struct tenant *tn;
	struct tenant *again;
	struct conn *own;
	int64_t database;
	int64_t files;
	int64_t used;

	(void)state;
	assert_ok(provision_create(t, a, "harbour", "海港貿易", "hk", &tn));
	assert_int_equal(tn->state, TENANT_CREATING);
	assert_ok(tenant_conn(t, a, tn, &own));
	assert_ok(provision_activate(t, a, tn));
	assert_int_equal(tn->state, TENANT_ACTIVE);
	assert_string_equal(tn->name, "海港貿易");
	assert_string_equal(tn->host, "harbour.praya.localhost");
	assert_string_equal(tn->origin, "https://harbour.praya.localhost:8443");
	assert_string_equal(tn->database, arena_printf(a, "praya_t_%lld", (long long)tn->id));
	assert_ok(tenant_by_slug(t, a, "harbour", &again));
	assert_ptr_equal(tn, again);
	assert_kind(provision_create(t, a, "harbour", "X", "hk", &again), ERR_CONFLICT);
	assert_kind(provision_activate(t, a, tn), ERR_CONFLICT);
	/* Its own role, and no other's name. */
	assert_string_equal(
		db_text(own, "select current_user || ' ' || current_database() || ' ' || "
			     "current_setting('search_path')"),
		arena_printf(a, "%s %s public", tn->database, tn->database));
	assert_ok(provision_sizes(t, a, tn, &database, &files, &used));
	assert_int_equal(used, 0);
	assert_true(database > 1000000);
	assert_int_equal(files, 0);
}

static void
test_create_refused(void **state)
{
	static const char *const bad[] = {"", "ab", "-abc", "abc-", "a--b", "Abc", "a_b", "a.b",
		"a b", "海港", "abcdefghijklmnopqrstuvwxyzabcdefghijklmno", "a'; drop role x"};
	static const char *const reserved[] = {
		"www", "app", "api", "admin", "mail", "static", "support", "mta-sts"};
	static const char *const bad_names[] = {"", "  ", "a\nb", "\x7f", "\xff"};
	struct tenant *tn;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_field(provision_create(t, a, bad[i], "N", "hk", &tn), "slug", "error.slug");
	for (size_t i = 0; i < COUNT(reserved); i++)
		assert_field(provision_create(t, a, reserved[i], "N", "hk", &tn), "slug",
			"error.slug_reserved");
	for (size_t i = 0; i < COUNT(bad_names); i++)
		assert_field(provision_create(t, a, "fine", bad_names[i], "hk", &tn), "name",
			"error.workspace_name");
	assert_field(
		provision_create(t, a, "fine", "N", "mars", &tn), "region", "error.region_unknown");
	assert_field(
		provision_create(t, a, "fine", "N", "sg", &tn), "region", "error.region_elsewhere");
	assert_ok(tenant_by_slug(t, a, "fine", &tn));
	assert_null(tn);
}

/* Cut off after each step in turn: the next call finishes it, with the key that
 * was made first. */
static void
test_create_cut_off(void **state)
{
	struct tenant *tn;
	struct conn *own;
	const char *key_sql;
	const char *key;

	(void)state;
	for (int i = 0; i < 4; i++) {
		char slug[16];
		const char *first;

		snprintf(slug, sizeof(slug), "cut-%d", i);
		tn = fixture_tenant(slug);
		key_sql = arena_printf(a,
			"select encode(wrapped, 'hex') from tenant_key where tenant_id = %lld",
			(long long)tn->id);
		first = arena_strdup(a, db_text(fixture_conn("praya_cell"), key_sql));
		conn_drop(tenancy_pool(t), tn->conninfo);
		fixture_sql("praya_directory",
			arena_printf(
				a, "update tenant set state = 'creating' where slug = '%s'", slug));
		if (i == 1)
			fixture_sql("postgres",
				arena_printf(a, "alter database %s allow_connections false",
					tn->database));
		if (i >= 2)
			fixture_sql("postgres", arena_printf(a, "drop database %s", tn->database));
		if (i == 3)
			fixture_sql("postgres", arena_printf(a, "drop role %s", tn->database));
		assert_ok(provision_create(t, a, slug, "New name", "hk", &tn));
		assert_ok(provision_activate(t, a, tn));
		assert_ok(tenant_conn(t, a, tn, &own));
		assert_string_equal(
			db_text(own, "select count(*)::text from profile where builtin"), "8");
		key = db_text(fixture_conn("praya_cell"), key_sql);
		assert_string_equal(key, first);
	}
	/* Before the cell knew it. */
	fixture_sql(
		"praya_directory", "insert into tenant (slug, region) values ('cut-early', 'hk')");
	assert_ok(tenant_by_slug(t, a, "cut-early", &tn));
	assert_int_equal(tn->state, TENANT_CREATING);
	assert_err(tenant_conn(t, a, tn, &own), ERR_CONFLICT, "not finished");
	assert_ok(provision_create(t, a, "cut-early", "N", "hk", &tn));
	assert_ok(provision_activate(t, a, tn));
	assert_ok(tenant_conn(t, a, tn, &own));
}

static void
test_one_at_a_time(void **state)
{
	struct tenant *tn;

	(void)state;
	assert_string_equal(db_text(c, "select pg_try_advisory_lock(482955327842)::text"), "true");
	assert_err(provision_create(t, a, "later", "N", "hk", &tn), ERR_BUSY, "is running");
	assert_err(provision_migrate(t, a, NULL), ERR_BUSY, "is running");
	assert_string_equal(db_text(c, "select pg_advisory_unlock(482955327842)::text"), "true");
	fixture_tenant("later");
}

/* ---- isolation */

static void
test_isolation(void **state)
{
	struct tenant *x = fixture_tenant("iso-a");
	struct tenant *y = fixture_tenant("iso-b");
	static const char *const closed[] = {"praya_directory", "praya_cell", "praya_template"};
	static const char *const forbidden[] = {
		"create table mine (x int)",
		"create temp table mine (x int)",
		"create schema mine",
		"update audit_event set action = 'x'",
		"delete from audit_event",
		"truncate contact",
		"drop table contact",
		"alter table contact no force row level security",
		"create policy mine on contact using (true)",
		"set role praya_owner",
		"set role praya_migrate",
		"create role mine",
		"alter role current_user bypassrls",
		"select pg_read_file('/etc/passwd')",
		"copy contact to program 'cat'",
		"create function f() returns int language sql as 'select 1'",
		"select rolpassword from pg_authid",
		"update epoch set access = 1",
		"delete from schema_version",
		"delete from message",
		"delete from app_user",
		"update law_term set term = '1 day'",
		"select setval('contact_contact_id_seq', 1)",
	};
	struct conn *own;

	(void)state;
	assert_ok(reach(x->conninfo));
	assert_err(reach(info_of(x, y->database)), ERR_BUSY, "permission denied");
	assert_err(reach(info_of(y, x->database)), ERR_BUSY, "permission denied");
	for (size_t i = 0; i < COUNT(closed); i++)
		assert_non_null(reach(info_of(x, closed[i])));
	assert_ok(tenant_conn(t, a, x, &own));
	for (size_t i = 0; i < COUNT(forbidden); i++) {
		struct err *e = conn_script(own, a, forbidden[i]);

		if (e == NULL || (e->kind != ERR_DENIED && e->kind != ERR_INTERNAL))
			fail_msg("allowed: %s", forbidden[i]);
		assert_ok(tenant_conn(t, a, x, &own));
	}
	/* Without the gate there is nothing to see. */
	fixture_sql(x->database, "insert into contact (name_en) values ('Somebody')");
	assert_string_equal(db_text(own, "select count(*)::text from contact"), "0");
	/* Keys are their own. */
	assert_memory_not_equal(x->kek.key, y->kek.key, KEY_BYTES);
	assert_memory_not_equal(x->kek.key, x->csrf.key, KEY_BYTES);
	assert_memory_not_equal(x->blind.key, x->cursor.key, KEY_BYTES);
}

/* ---- migrate, doctor */

static void
test_migrate(void **state)
{
	struct tenant *tn = fixture_tenant("moving");
	struct tenancy *fresh;
	struct conn *own;
	struct tenant *same;

	(void)state;
	/* A database that misses the last migrations is not served. */
	fixture_sql(tn->database, "delete from schema_version where number >= "
				  "(select max(number) from schema_version) - 1");
	fresh = tenancy_new(st);
	assert_ok(tenant_by_slug(fresh, a, "moving", &same));
	assert_err(tenant_conn(fresh, a, same, &own), ERR_BUSY, "praya tenant migrate");
	tenancy_free(&fresh);
	/* One that cannot be migrated is counted; the others are done. */
	assert_err(provision_migrate(t, a, NULL), ERR_INTERNAL, "1 of ");
	assert_err(provision_migrate(t, a, "moving"), ERR_INTERNAL, tn->database);
	assert_kind(provision_migrate(t, a, "nowhere"), ERR_NOT_FOUND);
	fixture_sql("postgres", arena_printf(a, "drop database %s with (force)", tn->database));
	fixture_sql(
		"praya_directory", "update tenant set state = 'creating' where slug = 'moving'");
	conn_drop(tenancy_pool(t), tn->conninfo);
	fixture_tenant("moving");
	assert_ok(provision_migrate(t, a, "moving"));
	assert_ok(provision_migrate(t, a, NULL));
}

static size_t
faults(const char *about)
{
	size_t n = 0;

	for (const struct finding *f = doctor_run(st, a); f != NULL; f = f->next)
		if (f->level == FINDING_FAULT && strcmp(f->about, "server settings") != 0) {
			if (about == NULL)
				fail_msg("%s: %s", f->about, f->what);
			n += strcmp(f->about, about) == 0;
			assert_true(strlen(f->mend) > 0);
		}
	return n;
}

static void
test_doctor(void **state)
{
	struct tenant *tn = fixture_tenant("patient");
	const char *key = arena_printf(a, "%s/master.key", scratch);
	const char *sick[][4] = {
		{"postgres", "alter role praya_cell bypassrls", "alter role praya_cell nobypassrls",
			"roles"},
		{"postgres", arena_printf(a, "alter role %s createdb", tn->database),
			arena_printf(a, "alter role %s nocreatedb", tn->database),
			"rights of roles"},
		{"postgres", arena_printf(a, "grant praya_owner to %s", tn->database),
			arena_printf(a, "revoke praya_owner from %s", tn->database),
			"rights of roles"},
		{"postgres", "alter database praya_template allow_connections true",
			"alter database praya_template allow_connections false", "template"},
		{"postgres",
			arena_printf(a, "grant connect on database %s to public", tn->database),
			arena_printf(a, "revoke connect on database %s from public", tn->database),
			"databases"},
		{tn->database, "alter table contact no force row level security",
			"alter table contact force row level security", "workspace patient"},
		{tn->database, "alter table message disable row level security",
			"alter table message enable row level security", "workspace patient"},
		{tn->database, "grant select on contact to public",
			"revoke select on contact from public", "workspace patient"},
		{tn->database, "grant delete on audit_event to praya_tenant",
			"revoke delete on audit_event from praya_tenant", "workspace patient"},
		{tn->database, "alter table job_secret disable row level security",
			"alter table job_secret enable row level security", "workspace patient"},
		{tn->database, "alter policy visible on invoice_line to praya_backup",
			"alter policy visible on invoice_line to praya_tenant",
			"workspace patient"},
		/* Tables that nobody has listed anywhere. */
		{tn->database, "create table lately (contact_id bigint)", "drop table lately",
			"workspace patient"},
		{tn->database, "create table lately (message_id bigint references message)",
			"drop table lately", "workspace patient"},
		{tn->database,
			"update field set entity = 'deal' where entity = 'company' and name = "
			"'tags'",
			"update field set entity = 'company' where entity = 'deal'",
			"workspace patient"},
		{tn->database,
			"do $$ begin execute format('grant select on %s to praya_tenant', (select "
			"min(inhrelid::regclass::text) from pg_inherits)); end $$",
			"do $$ begin execute format('revoke all on %s from praya_tenant', (select "
			"min(inhrelid::regclass::text) from pg_inherits)); end $$",
			"workspace patient"},
		{"praya_directory",
			"insert into tenant (slug, region, state_at) values ('half-made', 'hk', "
			"now() - interval '1 hour')",
			"delete from tenant where slug = 'half-made'", "unfinished workspaces"},
	};

	(void)state;
	faults(NULL);
	for (size_t i = 0; i < COUNT(sick); i++) {
		fixture_sql(sick[i][0], sick[i][1]);
		if (faults(sick[i][3]) == 0)
			fail_msg("not found: %s", sick[i][1]);
		fixture_sql(sick[i][0], sick[i][2]);
	}
	assert_int_equal(chmod(key, 0644), 0);
	assert_int_equal(faults("master key"), 1);
	assert_int_equal(chmod(key, 0600), 0);
	assert_int_equal(chmod(arena_printf(a, "%s/files", scratch), 0755), 0);
	assert_int_equal(faults("files"), 1);
	assert_int_equal(chmod(arena_printf(a, "%s/files", scratch), 0700), 0);
	db_server("stop");
	assert_int_equal(faults("Database.Admin"), 1);
	assert_int_equal(faults("Database.Cell"), 1);
	db_server("start");
	faults(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init_again),
		cmocka_unit_test(test_init_second_region),
		cmocka_unit_test(test_init_wrong_key),
		cmocka_unit_test(test_init_not_superuser),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_create_wrong_key),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_create_refused),
		cmocka_unit_test(test_create_cut_off),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_isolation),
		cmocka_unit_test(test_migrate),
		cmocka_unit_test(test_doctor),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}

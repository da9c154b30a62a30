/* SPDX-License-Identifier: ISC */
/*
 * What every table, column, function and role keeps to, looked up in
 * PostgreSQL's own catalogue: what is added later is held to it as well.
 */
#include "tenant_fixture.h"

#include "sb.h"

#define TABLES \
	"with t as (select c.oid, c.relname, c.relacl, c.relrowsecurity and " \
	"c.relforcerowsecurity as forced from pg_class c where c.relnamespace = " \
	"'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition) "

/* A rule: a query of what breaks it, and something that does. */
struct rule {
	const char *name;
	const char *sql;
	const char *broken_by;
};

/* In all three kinds of database. */
static const struct rule rules[] = {
	{"every table says what it is for",
		TABLES "select relname from t where obj_description(oid, 'pg_class') is null",
		"create table lately (lately_id bigint primary key)"},
	{"every column says what it holds",
		TABLES "select relname || '.' || a.attname from t join pg_attribute a on "
		       "a.attrelid = t.oid where a.attnum > 0 and not a.attisdropped and "
		       "col_description(t.oid, a.attnum) is null",
		"create table lately (lately_id bigint primary key)"},
	{"every table has a key",
		TABLES "select relname from t where not exists (select from pg_index i where "
		       "i.indrelid = t.oid and i.indisprimary)",
		"create table lately (x int)"},
	{"every table belongs to praya_owner",
		"select relname from pg_class where relnamespace = 'public'::regnamespace and "
		"pg_get_userbyid(relowner) <> 'praya_owner'",
		"create table lately (x int)"},
	/* To delete what is referred to, and to join. */
	{"every reference has an index",
		"select k.conrelid::regclass || ' ' || k.conname from pg_constraint k "
		"join pg_class c on c.oid = k.conrelid and not c.relispartition "
		"where k.contype = 'f' and not exists (select from pg_index i where "
		"i.indrelid = k.conrelid and i.indisvalid and "
		"(i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)",
		"create table lately (x int primary key, y int references lately)"},
	{"every index is valid",
		"select indexrelid::regclass::text from pg_index where not indisvalid",
		"create table lately (x int primary key); update pg_index set indisvalid = false "
		"where indexrelid = 'lately_pkey'::regclass"},
	{"a function of the owner's rights says where it looks",
		"select proname from pg_proc where pronamespace = 'public'::regnamespace and "
		"prosecdef and not coalesce(proconfig @> array['search_path=public'], false)",
		"create function lately() returns int language sql security definer as 'select 1'"},
	{"nobody makes anything but praya_owner",
		"select nspname from pg_namespace n cross join aclexplode(n.nspacl) x where "
		"n.nspname in ('public', 'praya_sys') and x.privilege_type = 'CREATE' and "
		"pg_get_userbyid(x.grantee) not in ('pg_database_owner', 'postgres')",
		"grant create on schema public to praya_backup"},
	{"each role reaches its own databases",
		"select r.rolname || ' ' || d.datname from pg_roles r cross join pg_database d "
		"where r.rolcanlogin and not r.rolsuper and d.datname ~ '^praya_' and "
		"has_database_privilege(r.oid, d.oid, 'CONNECT') and r.rolname <> d.datname and "
		"r.rolname not in ('praya_migrate', 'praya_backup')",
		"create role praya_lately login; execute format('grant connect on database %I to "
		"praya_lately', current_database())"},
	{"nobody has what nobody needs",
		"select c.relname || ' ' || x.privilege_type || ' ' || x.grantee::regrole from "
		"pg_class c cross join aclexplode(c.relacl) x where c.relnamespace = "
		"'public'::regnamespace and (x.grantee = 0 or (x.grantee <> c.relowner and "
		"(x.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER') or x.is_grantable or "
		"(c.relkind = 'S' and x.privilege_type = 'UPDATE'))))",
		"create table lately (x int); grant truncate on lately to praya_backup"},
	{"a backup reads and does nothing else",
		"select c.relname from pg_class c cross join aclexplode(c.relacl) x where "
		"x.grantee = 'praya_backup'::regrole and x.privilege_type not in ('SELECT', "
		"'USAGE')",
		"create table lately (x int); grant insert on lately to praya_backup"},
};

/* In a workspace's database. */
static const struct rule workspace_rules[] = {
	{"what a table may let in without a policy is no record's",
		TABLES "select relname from t where not forced and relname <> all (array["
		       "'app_user', 'audit_check', 'audit_hold', 'audit_mark', 'audit_month', "
		       "'audit_seal', 'chore', 'closing', "
		       "'epoch', 'factor', 'field', "
		       "'field_set', 'holiday', 'job', "
		       "'law_term', 'leak_test', 'letter_head', 'letter_template', 'letter_use', "
		       "'other_source', 'passkey_challenge', "
		       "'profile', 'profile_field', 'profile_right', "
		       "'recovery_code', 'request_ground', 'request_step', 'retention_rule', "
		       "'schema_repeatable', 'schema_version', 'session', 'sign_in_guard', "
		       "'sign_in_link', 'support_entry', 'support_grant', 'suppression', 'team', "
		       "'alert', 'watch_count', 'watch_mark', 'watch_network', 'watch_rule', "
		       "'workspace'])",
		"create table lately (x int)"},
	{"a policy is for the workspace's role or the owner's functions",
		"select polrelid::regclass || ' ' || polname from pg_policy where not (polroles "
		"<@ array['praya_tenant'::regrole::oid, 'praya_owner'::regrole::oid]) or not "
		"polpermissive",
		"create policy lately on contact using (true)"},
	/* "for insert", "for select": of the log only, and of the owner, whose views read.
	 * Whoever may change may see. */
	{"a policy is about everything but the log's",
		"select polrelid::regclass || ' ' || polname from pg_policy where polcmd <> '*' "
		"and polrelid::regclass::text !~ '^audit_' and (polcmd <> 'r' or polroles <> "
		"array['praya_owner'::regrole::oid])",
		"create policy lately on contact for insert to praya_tenant with check (true)"},
	{"the log is added to and read",
		"select c.relname || ' ' || p from pg_class c cross join unnest(array['INSERT', "
		"'UPDATE', 'DELETE', 'TRUNCATE']) p where c.relname ~ '^audit_' and c.relkind in "
		"('r', 'p') and has_table_privilege('praya_tenant', c.oid, p)",
		"grant insert on audit_event to praya_tenant"},
	{"who, when and from where is not for a statement to say",
		"select a.attname from pg_attribute a where a.attrelid = 'audit_event'::regclass "
		"and a.attnum > 0 and (has_column_privilege('praya_tenant', a.attrelid, a.attnum, "
		"'UPDATE') or a.attname <> all (array['action', 'outcome', 'entity', "
		"'record_ids', 'subject_ids', 'field_set_id', 'reason', 'count', 'key_id', "
		"'changes']) and has_column_privilege('praya_tenant', a.attrelid, a.attnum, "
		"'INSERT'))",
		"grant insert (actor_id) on audit_event to praya_tenant"},
	{"a month of the log is reached through the log",
		"select c.relname from pg_class c cross join aclexplode(c.relacl) x where "
		"c.relispartition and x.grantee not in (c.relowner, 'praya_backup'::regrole)",
		"execute format('grant select on %s to praya_tenant', (select "
		"min(inhrelid::regclass::text) from pg_inherits))"},
	{"what ships with Praya is only read",
		"select c.relname || ' ' || p from pg_class c cross join unnest(array['INSERT', "
		"'UPDATE', 'DELETE']) p where c.relname in ('epoch', 'law_term', 'field_set', "
		"'request_step', 'request_ground', 'letter_use', "
		"'audit_mark', 'schema_version', 'schema_repeatable') and "
		"has_table_privilege('praya_tenant', c.oid, p)",
		"grant update on epoch to praya_tenant"},
	{"every column of bytes says how it leaves in an export of everything",
		"select tab || '.' || col from whole_columns() where how is null",
		"alter table team add column lately bytea"},
	{"what an event names stays",
		TABLES "select relname from t where (relname in (select entity from field) or "
		       "relname in ('app_user', 'erasure', 'job', 'workspace')) and "
		       "has_table_privilege('praya_tenant', oid, 'DELETE')",
		"grant delete on contact to praya_tenant"},
	{"every entity has its record's columns",
		"select e.entity || '.' || c from (select distinct entity from field) e cross "
		"join unnest(array['version', 'created_at', 'updated_at', 'archived_at']) c where "
		"not exists (select from pg_attribute a where a.attrelid = to_regclass(e.entity) "
		"and a.attname = c and a.attnotnull = (c <> 'archived_at'))",
		"update field set entity = 'team' where entity = 'company' and name = 'tags'"},
	{"every field has its column",
		"select entity || '.' || name from field f where not exists (select from "
		"pg_attribute a where a.attrelid = to_regclass(f.entity) and a.attname = "
		"f.column_name and not a.attisdropped and (a.atttypid = 'bytea'::regtype) = "
		"f.sealed) or f.sealed and not exists (select from pg_attribute a where "
		"a.attrelid = to_regclass(f.entity) and a.attname = f.column_name || '_bi')",
		"update field set column_name = 'lately' where entity = 'company' and name = "
		"'tags'"},
	/* PostgreSQL repeats the value in its error. */
	{"no constraint is on a value of a person",
		"select k.conrelid::regclass || ' ' || k.conname from pg_constraint k join field f "
		"on to_regclass(f.entity) = k.conrelid join pg_attribute a on a.attrelid = "
		"k.conrelid and a.attname = f.column_name and a.attnum = any (k.conkey) where "
		"k.contype in ('c', 'u', 'x') union all select i.indexrelid::regclass::text from "
		"pg_index i join field f on to_regclass(f.entity) = i.indrelid where i.indisunique "
		"and not i.indisprimary",
		"alter table contact add constraint lately check (email like '%@%')"},
	{"a reference is to a record that a policy guards, or to none's",
		"select k.conrelid::regclass || ' ' || k.conname from pg_constraint k join "
		"pg_class "
		"r on r.oid = k.confrelid join pg_class c on c.oid = k.conrelid where k.contype = "
		"'f' and r.relforcerowsecurity and not c.relforcerowsecurity",
		"create table lately (x bigint primary key references contact)"},
};

static struct tenant *tn;

/* What breaks a rule, in a line; after something else was done, which is undone. */
static const char *
breaks(const char *database, const char *first, const char *sql)
{
	struct rows *rows;
	struct tx *tx;
	struct sb sb;

	assert_ok(tx_begin(fixture_conn(database), a, NULL, NO_VALS, &tx));
	if (first != NULL)
		assert_ok(tx_query(tx,
			stmt_composed(a, "rule.break",
				arena_printf(a, "do $do$ begin %s; end $do$", first), 0),
			NO_VALS, NULL));
	assert_ok(tx_query(tx, stmt_composed(a, "rule", sql, 0), NO_VALS, &rows));
	tx_end(&tx);
	sb_init(&sb, a, 65536);
	for (size_t i = 0; i < rows_count(rows); i++)
		sb_printf(&sb, " %s", rows_text(rows, i, 0));
	return sb.p;
}

static void
hold(const char *database, const struct rule *list, size_t n)
{
	struct sb sb;

	sb_init(&sb, a, 65536);
	for (size_t i = 0; i < n; i++) {
		const char *found = breaks(database, NULL, list[i].sql);

		if (*found != '\0')
			sb_printf(&sb, "\n%s: %s, but:%s", database, list[i].name, found);
		/* The rule can be broken, and says so. */
		if (*breaks(database, list[i].broken_by, list[i].sql) == '\0')
			sb_printf(&sb, "\n%s: \"%s\" does not mind: %s", database, list[i].name,
				list[i].broken_by);
	}
	if (sb.n > 0)
		fail_msg("%s", sb.p);
}

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

static void
every_database_keeps_the_rules(void **state)
{
	const char *const databases[] = {"praya_directory", "praya_cell", tn->database};

	(void)state;
	for (size_t i = 0; i < COUNT(databases); i++)
		hold(databases[i], rules, COUNT(rules));
}

static void
a_workspace_keeps_its_rules(void **state)
{
	(void)state;
	hold(tn->database, workspace_rules, COUNT(workspace_rules));
}

static int
by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The schema as pg_dump writes it; grants come last and in order of their text,
 * because theirs is the order in which they were made. */
static const char *
dump(const char *database)
{
	const char *bin = getenv("PG_BIN");
	FILE *f = popen(arena_printf(a, "%s/pg_dump -s -d %s",
				bin != NULL ? bin : "/usr/lib/postgresql/15/bin", database),
		"r");
	const char **grants = ARENA_ARRAY(a, 2000, const char *);
	size_t n = 0;
	struct sb sb;
	char line[8192];

	assert_non_null(f);
	sb_init(&sb, a, (size_t)4 << 20);
	while (fgets(line, sizeof(line), f) != NULL) {
		/* "\restrict" and its end carry a new word each time. */
		if (*line == '\\')
			continue;
		if (strncmp(line, "GRANT ", 6) == 0 && n < 2000)
			grants[n++] = arena_strdup(a, line);
		else
			sb_puts(&sb, line);
	}
	assert_int_equal(pclose(f), 0);
	qsort(grants, n, sizeof(*grants), by_text);
	for (size_t i = 0; i < n; i++)
		sb_puts(&sb, grants[i]);
	assert_true(sb_ok(&sb) && sb.n > 10000);
	return sb.p;
}

/* The first line that differs says it. */
static void
assert_same(const char *was, const char *is)
{
	while (*was != '\0' || *is != '\0') {
		size_t n = strcspn(was, "\n"), m = strcspn(is, "\n");

		if (n != m || memcmp(was, is, n) != 0)
			fail_msg("\"%.*s\" became \"%.*s\"", (int)n, was, (int)m, is);
		was += n + (was[n] != '\0');
		is += m + (is[m] != '\0');
	}
}

/* Functions, policies and grants are applied whole: once more changes nothing,
 * and takes back what somebody did by hand. */
static void
repeatables_can_be_repeated(void **state)
{
	const char *before = dump(tn->database);

	(void)state;
	fixture_sql(tn->database, "delete from schema_repeatable");
	assert_ok(provision_migrate(t, a, "harbour"));
	assert_same(before, dump(tn->database));
	fixture_sql(tn->database,
		"delete from schema_repeatable; grant delete on contact to praya_tenant; "
		"alter table contact no force row level security; "
		"drop policy visible on contact; "
		"create policy visible on contact to praya_tenant using (true)");
	assert_string_not_equal(dump(tn->database), before);
	assert_ok(provision_migrate(t, a, "harbour"));
	assert_same(before, dump(tn->database));
}

/* One that was made from the template, and one that came to the same by itself. */
static void
every_way_leads_to_the_same(void **state)
{
	struct tenant *other_tn = fixture_tenant("peak");

	(void)state;
	fixture_sql(other_tn->database,
		"drop schema public cascade; create schema public authorization pg_database_owner; "
		"comment on schema public is 'standard public schema'; "
		"comment on schema praya_sys is 'older'");
	assert_ok(provision_migrate(t, a, "peak"));
	assert_same(dump(tn->database), dump(other_tn->database));
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
		cmocka_unit_test(every_database_keeps_the_rules),
		cmocka_unit_test(a_workspace_keeps_its_rules),
		cmocka_unit_test(repeatables_can_be_repeated),
		cmocka_unit_test(every_way_leads_to_the_same),
	};

	return cmocka_run_group_tests_name("schema", tests, setup, fixture_teardown);
}

/* SPDX-License-Identifier: ISC */
#include "doctor.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cluster.h"
#include "doctor_machine.h"
#include "doctor_region.h"
#include "log.h"
#include "migrate.h"
#include "rewrite.h"
#include "sb.h"
#include "service.h"
#include "shape.h"
#include "tenancy.h"
#include "tx.h"

struct doctor {
	const struct settings *st;
	struct arena *a;
	struct findings to;
	struct conn_pool *pool;
	struct keyring ring;
	struct seal_key master;    /* the ring's current one */
	struct json_object *shape; /* what the template is like; NULL: not known */
};

STMT(superusers, "cluster.superusers", 0,
	"select string_agg(rolname, ', ' order by rolname) from pg_roles where rolsuper");
/* Roles of ours with more, or less, than they need. */
STMT(roles, "cluster.roles", 0,
	"select r.name, case when p.rolname is null then 'is missing' "
	"when p.rolcanlogin <> r.login then 'has the wrong LOGIN' "
	"else 'has the wrong BYPASSRLS' end "
	"from (values ('praya_owner', false, false), ('praya_tenant', false, false), "
	"('praya_directory', true, false), ('praya_cell', true, false), "
	"('praya_migrate', true, true), ('praya_backup', true, true)) r (name, login, bypass) "
	"left join pg_roles p on p.rolname = r.name "
	"where p.rolname is null or p.rolcanlogin <> r.login or p.rolbypassrls <> r.bypass");
STMT(powers, "cluster.powers", 0,
	"select rolname from pg_roles where rolname like 'praya\\_%' and (rolsuper or "
	"rolcreaterole "
	"or rolcreatedb or rolreplication or (rolbypassrls and rolname like 'praya\\_t\\_%')) "
	"union select m.rolname from pg_auth_members a join pg_roles m on m.oid = a.member "
	"join pg_roles g on g.oid = a.roleid "
	"where m.rolname like 'praya\\_t\\_%' and g.rolname <> 'praya_tenant' order by 1");
STMT(template_state, "cluster.template", 0,
	"select datistemplate and not datallowconn from pg_database "
	"where datname = 'praya_template'");
/* Databases of ours that somebody else can reach, or that are not praya_owner's. */
STMT(open_databases, "cluster.open_databases", 0,
	"select d.datname, case when pg_get_userbyid(d.datdba) <> 'praya_owner' then "
	"'does not belong to praya_owner' else 'lets other roles in' end "
	"from pg_database d where d.datname like 'praya\\_%' and ("
	"pg_get_userbyid(d.datdba) <> 'praya_owner' or exists (select from "
	"aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x "
	"left join pg_roles g on g.oid = x.grantee "
	"where x.grantee = 0 or (g.rolname like 'praya\\_t\\_%' and g.rolname <> d.datname))) "
	"order by 1");
STMT(databases_there, "cluster.databases", 0,
	"select substr(datname, 9) from pg_database where datname ~ '^praya_t_[0-9]+$' order by 1");
/* What PostgreSQL would write of statements, and of values, into its log. */
STMT(server_settings, "cluster.server_settings", 0,
	"select s.name, s.setting, w.want from (values ('log_statement', 'none'), "
	"('log_min_error_statement', 'panic'), ('log_error_verbosity', 'terse'), "
	"('log_parameter_max_length', '0'), ('log_parameter_max_length_on_error', '0'), "
	"('log_min_duration_statement', '-1'), ('log_min_duration_sample', '-1'), "
	"('fsync', 'on'), ('full_page_writes', 'on'), ('synchronous_commit', 'on'), "
	"('password_encryption', 'scram-sha-256')) w (name, want) "
	"join pg_settings s on s.name = w.name where s.setting <> w.want order by 1");
/* Tables that hold something of people, without forced row-level security or
 * without a policy, and rights that nobody should have. Such a table is an
 * entity's, names a contact, or refers, directly or not, to one that does. */
STMT(tables, "owner.tables", 0,
	"with recursive t as (select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, "
	"exists (select from pg_policy p where p.polrelid = c.oid and p.polroles && "
	"array[0::oid, 'praya_tenant'::regrole]) as policy from pg_class c "
	"where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') "
	"and not c.relispartition), "
	"held as (select t.oid from t where t.relname in (select entity from field) or exists "
	"(select from pg_attribute a where a.attrelid = t.oid "
	"and a.attname in ('contact_id', 'subject_ids') and not a.attisdropped) "
	"union select k.conrelid from pg_constraint k join held h on h.oid = k.confrelid "
	"where k.contype = 'f'), "
	"must as (select * from t where policy or relrowsecurity or oid in (select oid from held)) "
	"select distinct entity, 'is missing' from field "
	"where entity not in (select relname from t) "
	"union all select relname, 'has no forced row-level security' from must "
	"where not (relrowsecurity and relforcerowsecurity) "
	"union all select relname, 'has no policy' from must where not policy "
	"union all select c.relname, 'is open to every role' from pg_class c "
	"cross join aclexplode(c.relacl) x "
	"where c.relnamespace = 'public'::regnamespace and x.grantee = 0 "
	"union all select c.relname, 'can be changed by the workspace''s role' from pg_class c "
	"cross join aclexplode(c.relacl) x where c.relnamespace = 'public'::regnamespace "
	"and c.relname ~ '^audit_event' and x.grantee = 'praya_tenant'::regrole "
	"and (x.privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE') or c.relispartition) "
	"order by 1, 2");
/* Mail that nobody got: given up within a week, or waiting for longer than a
 * relay that is well lets it. */
STMT(mails, "owner.mails", 0,
	"select state, count(*), (array_agg(error order by outbox_id desc))[1] from outbox "
	"where (state = 'failed' and ended_at > now() - interval '7 days') "
	"or (state = 'waiting' and created_at < now() - interval '15 minutes') "
	"group by state order by state");
STMT(repack_there, "cluster.repack_there", 0,
	"select default_version from pg_available_extensions where name = 'pg_repack'");
STMT(unscrubbed, "owner.unscrubbed", 0,
	"select count(*), min(erased_at)::date::text from erasure "
	"where scrubbed_at is null and erased_at < now() - interval '1 day'");
/* As provision.c asks; worker and command line do not count as use. */
STMT(provision_used, "owner.used", 0,
	"select (extract(epoch from max(seen_at)) * 1000000)::bigint from session "
	"where isfinite(seen_at)");
#define note(d, level, about, mend, ...) \
	finding_add(&(d)->to, (level), (about), (mend), __VA_ARGS__)
#define OK(d, about, ...) note((d), FINDING_OK, (about), "", __VA_ARGS__)
#define FAULT(d, about, mend, ...) note((d), FINDING_FAULT, (about), (mend), __VA_ARGS__)

static const char *
detail(const struct err *e)
{
	return e->detail != NULL ? e->detail : err_name(e->kind);
}

/* A statement's rows; NULL, with a finding, when it failed. */
static struct rows *
ask(struct doctor *d, struct conn *c, const char *about, const struct stmt *stmt, struct vals vals)
{
	struct rows *rows = NULL;
	struct err *e = conn_query(c, d->a, stmt, vals, &rows);

	if (e != NULL) {
		FAULT(d, about, "see PostgreSQL's log", "cannot be looked at: %s", detail(e));
		return NULL;
	}
	return rows;
}

/* A rotation that was cut off, and old keys that nobody forgot. */
static void
check_ring(struct doctor *d)
{
	size_t old = 0, next = 0;

	for (size_t i = 0; i < d->ring.n; i++) {
		old += d->ring.at[i].origin == KEY_OLD;
		next += d->ring.at[i].origin == KEY_NEXT;
	}
	if (d->st->master_command != NULL)
		OK(d, "master key", "Keys.Command prints it");
	else
		OK(d, "master key", "%s is there and nobody else can read it", d->st->master_key);
	if (next > 0)
		FAULT(d, "master key", "praya key rotate", "a rotation has begun and not ended");
	if (old > 0)
		note(d, FINDING_NOTE, "master key", "",
			"%zu old ones are kept beside it: praya key rotate --forget-old when no "
			"backup needs them",
			old);
}

/* While a rotation goes on, either password may be the right one. */
static const char *
second_password(void *ctx, struct arena *a, const char *conninfo, size_t n)
{
	const struct doctor *d = ctx;

	return keyring_conninfo(&d->ring, a, conninfo, n);
}

static bool
check_master(struct doctor *d)
{
	const char *path = keyring_place(d->st);
	const char *why;

	if (keyring_read(d->st, &d->ring, &why)) {
		d->master = d->ring.at[0].key;
		check_ring(d);
		return true;
	}
	FAULT(d, "master key",
		"put the installation's key file back, chmod 600; on a new installation: praya "
		"init",
		"%s: %s", path, why);
	return false;
}

static const char *
reach_mend(const char *why)
{
	if (strstr(why, "others can read it") != NULL)
		return "chmod 600 that file, and have its password changed: somebody may know it";
	if (strstr(why, "password authentication failed") != NULL)
		return "put the installation's master key, or the password's file, back: roles "
		       "have "
		       "the password that comes of it";
	return "start PostgreSQL, look at the setting, or run praya init";
}

/* The connection, or NULL with a finding. */
static struct conn *
reach(struct doctor *d, const char *about, struct err *e, const char *info)
{
	struct conn *c = NULL;

	if (e == NULL)
		e = conn_get(d->pool, d->a, info, &c);
	if (e != NULL) {
		FAULT(d, about, reach_mend(detail(e)), "%s", detail(e));
		return NULL;
	}
	OK(d, about, "answers");
	return c;
}

static void
check_rows(struct doctor *d, struct conn *c, const char *about, const struct stmt *stmt,
	const char *mend)
{
	struct rows *rows = ask(d, c, about, stmt, NO_VALS);

	for (size_t i = 0; rows != NULL && i < rows_count(rows); i++)
		FAULT(d, about, mend, "%s %s", rows_text(rows, i, 0),
			rows_columns(rows) > 1 ? rows_text(rows, i, 1) : "may do too much");
	if (rows != NULL && rows_count(rows) == 0)
		OK(d, about, "as they should be");
}

static void
check_server(struct doctor *d, struct conn *admin)
{
	struct rows *rows = ask(d, admin, "superusers", &superusers, NO_VALS);

	if (rows != NULL)
		note(d, FINDING_NOTE, "superusers", "", "%s: they can read everything",
			rows_text(rows, 0, 0));
	check_rows(d, admin, "roles", &roles, "praya init");
	check_rows(d, admin, "rights of roles", &powers,
		"take them back: alter role NAME nosuperuser nocreaterole nocreatedb noreplication "
		"nobypassrls, "
		"revoke its other groups");
	rows = ask(d, admin, "template", &template_state, NO_VALS);
	if (rows != NULL && (rows_count(rows) == 0 || !rows_bool(rows, 0, 0)))
		FAULT(d, "template", "praya tenant migrate, or praya init",
			"praya_template is missing or lets connections in");
	else if (rows != NULL)
		OK(d, "template", "closed");
	check_rows(d, admin, "databases", &open_databases, "praya init, or revoke connect");
	rows = ask(d, admin, "server settings", &server_settings, NO_VALS);
	for (size_t i = 0; rows != NULL && i < rows_count(rows); i++)
		FAULT(d, "server settings",
			arena_printf(d->a, "%s = %s in postgresql.conf", rows_text(rows, i, 0),
				rows_text(rows, i, 2)),
			"%s is %s", rows_text(rows, i, 0), rows_text(rows, i, 1));
	if (rows != NULL && rows_count(rows) == 0)
		OK(d, "server settings", "nothing of a statement reaches the log, nothing is lost");
}

static void
check_mails(struct doctor *d, struct conn *c, const char *about)
{
	struct rows *rows = ask(d, c, about, &mails, NO_VALS);

	for (size_t i = 0; rows != NULL && i < rows_count(rows); i++) {
		const char *why = rows_text(rows, i, 2);
		long long n = (long long)rows_i64(rows, i, 1);

		if (why == NULL)
			why = "no attempt yet: does the worker run";
		if (strcmp(rows_text(rows, i, 0), "waiting") == 0)
			FAULT(d, about, "look at the relay, the settings Mail.*, the worker's log",
				"mails wait for more than 15 minutes: %lld, last: %s", n, why);
		else
			note(d, FINDING_NOTE, about, "", "mails given up this week: %lld, last: %s",
				n, why);
	}
}

/* What writes tables anew after an erasure. */
static void
check_repack(struct doctor *d, struct conn *admin)
{
	const char *ours = rewrite_program_version(d->a, d->st->repack), *theirs;
	struct rows *rows = ask(d, admin, "pg_repack", &repack_there, NO_VALS);

	if (rows == NULL)
		return;
	theirs = rows_count(rows) == 1 ? rows_text(rows, 0, 0) : NULL;
	if (theirs == NULL)
		FAULT(d, "pg_repack", "install postgresql-15-repack where PostgreSQL runs",
			"the server does not have it: erased data stays in its files");
	else if (ours == NULL)
		FAULT(d, "pg_repack", "install postgresql-15-repack, or set Paths.Repack",
			"%s cannot be run: erased data stays in the server's files", d->st->repack);
	else if (strcmp(ours, theirs) != 0)
		FAULT(d, "pg_repack", "install the same version here and where PostgreSQL runs",
			"%s is %s, the server has %s", d->st->repack, ours, theirs);
	else
		OK(d, "pg_repack", "%s, here and on the server", ours);
}

/* Erased, and a day later still in the files of the server. */
static void
check_scrubs(struct doctor *d, struct conn *c, const char *about)
{
	struct rows *rows = ask(d, c, about, &unscrubbed, NO_VALS);

	if (rows != NULL && rows_i64(rows, 0, 0) > 0)
		note(d, FINDING_NOTE, about, "",
			"of %lld erasures, the first of %s, the files of the server are still to "
			"be written anew",
			(long long)rows_i64(rows, 0, 0), rows_text(rows, 0, 1));
}

/* Another build of the same release has other policies and functions of its own. */
static void
check_shape(struct doctor *d, struct conn *c, const char *about, const char *slug)
{
	bool whole;
	struct err *e = migrate_whole(c, d->a, arena_printf(d->a, "%s/tenant", d->st->sql), &whole);

	if (e != NULL)
		FAULT(d, about, "see PostgreSQL's log", "cannot be looked at: %s", detail(e));
	else if (!whole)
		FAULT(d, about, arena_printf(d->a, "praya tenant migrate %s", slug),
			"has policies and functions of another build than this program");
	else if (d->shape != NULL)
		shape_check(&d->to, c, about, slug, d->shape);
}

static void
check_workspace(struct doctor *d, struct tenancy *t, const struct tenant *tn, int schema)
{
	const char *about = arena_printf(d->a, "workspace %s", tn->slug);
	struct conn *c = NULL;
	struct rows *rows;
	struct err *e;
	int version;

	if (tn->state == TENANT_CREATING)
		return;
	e = conn_get(d->pool, d->a, tn->conninfo, &c);
	if (e == NULL)
		e = migrate_version(c, d->a, &version);
	if (e == NULL && version != schema) {
		doctor_schema(&d->to, about, tn->slug, version, schema);
		return;
	}
	if (e == NULL)
		e = tenant_conn_migrate(t, d->a, tn, &c);
	if (e != NULL) {
		FAULT(d, about, "see PostgreSQL's log", "%s", detail(e));
		return;
	}
	rows = ask(d, c, about, &tables, NO_VALS);
	for (size_t i = 0; rows != NULL && i < rows_count(rows); i++)
		FAULT(d, about,
			arena_printf(d->a,
				"praya tenant migrate %s --again; what it says of a table that is "
				"not "
				"Praya's stays: drop that one",
				tn->slug),
			"table %s %s", rows_text(rows, i, 0), rows_text(rows, i, 1));
	if (rows != NULL && rows_count(rows) == 0)
		OK(d, about, "schema %d, row-level security forced on every table of records",
			version);
	check_shape(d, c, about, tn->slug);
	rows = ask(d, c, about, &provision_used, NO_VALS);
	if (rows != NULL)
		doctor_backup(&d->to, d->st, about, tn->id,
			rows_null(rows, 0, 0) ? 0 : rows_i64(rows, 0, 0));
	check_mails(d, c, about);
	check_scrubs(d, c, about);
	doctor_keys(&d->to, t, about, tn);
	conn_drop(d->pool, tn->conninfo);
}

/* Workspaces without a database, databases without a workspace. */
static void
check_pairs(struct doctor *d, struct conn *admin, struct tenant **list, size_t n)
{
	struct rows *rows = ask(d, admin, "databases of workspaces", &databases_there, NO_VALS);
	size_t orphans = 0;
	struct sb sb;

	if (rows == NULL)
		return;
	sb_init(&sb, d->a, (size_t)64 * 1024);
	for (size_t i = 0; i < rows_count(rows); i++) {
		bool found = false;

		for (size_t j = 0; j < n && !found; j++)
			found = strcmp(rows_text(rows, i, 0), list[j]->database + 8) == 0;
		if (found)
			continue;
		orphans++;
		sb_printf(&sb, " praya_t_%s", rows_text(rows, i, 0));
	}
	if (orphans > 0)
		note(d, FINDING_FAULT, "databases of workspaces",
			"praya tenant move SLUG --region R, R where it is, clears what a move that "
			"was cut off has left here, unless it looks alive: then find out which one "
			"is in use, as the directory may be older than a move",
			"belong to no workspace of region %s:%s", d->st->region, sb.p);
}

static void
check_workspaces(struct doctor *d, struct tenancy *t, struct conn *admin)
{
	int schema = migrate_latest(arena_printf(d->a, "%s/tenant", d->st->sql));
	struct tenant **list;
	struct err *e;
	size_t n;

	e = tenant_list(t, d->a, &list, &n);
	if (e != NULL) {
		FAULT(d, "workspaces", "see above", "cannot be listed: %s", detail(e));
		return;
	}
	e = admin != NULL ? shape_kept(admin, d->a, &d->shape) : NULL;
	if (e != NULL || (admin != NULL && d->shape == NULL))
		FAULT(d, "template", "praya tenant migrate",
			"what policies and functions it has is not written down");
	for (size_t i = 0; i < n; i++)
		check_workspace(d, t, list[i], schema);
	if (admin != NULL)
		check_pairs(d, admin, list, n);
	doctor_unfinished(&d->to, t);
}

static void
check_all(struct doctor *d)
{
	struct conn *admin;
	struct tenancy *t;
	const char *info = NULL;
	struct err *e;
	bool whole;

	doctor_machine(&d->to, d->st);
	e = admin_conninfo(d->st, d->a, "postgres", &info);
	admin = reach(d, "Database.Admin", e, info);
	if (admin != NULL) {
		check_server(d, admin);
		doctor_server(&d->to, d->st, admin);
		doctor_programs(&d->to, d->st, admin);
		check_repack(d, admin);
	}
	if (!check_master(d))
		return;
	e = service_conninfo(d->st, &d->master, d->a, SERVICE_DIRECTORY, NULL, &info);
	whole = reach(d, "Database.Directory", e, info) != NULL;
	e = service_conninfo(d->st, &d->master, d->a, SERVICE_CELL, NULL, &info);
	whole = reach(d, "Database.Cell", e, info) != NULL && whole;
	if (!whole)
		return;
	t = tenancy_new(d->st);
	e = tenancy_check_master(t, d->a);
	if (e != NULL) {
		FAULT(d, "master key", "put the installation's key file back", "%s", detail(e));
	} else {
		doctor_region(&d->to, t);
		check_workspaces(d, t, admin);
	}
	tenancy_free(&t);
}

struct finding *
doctor_run(const struct settings *st, struct arena *a)
{
	struct doctor d = {.st = st, .a = a, .to = {.a = a}, .pool = conn_pool_new(8)};

	d.to.end = &d.to.first;
	conn_pool_second(d.pool, second_password, &d);
	check_all(&d);
	explicit_bzero(&d.master, sizeof(d.master));
	keyring_wipe(&d.ring);
	conn_pool_free(&d.pool);
	return d.to.first;
}

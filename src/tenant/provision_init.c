/* SPDX-License-Identifier: ISC */
#include "provision.h"

#include <string.h>
#include <unistd.h>

#include "cluster.h"
#include "migrate.h"
#include "service.h"
#include "template.h"
#include "tenancy.h"
#include "tx.h"

STMT(check_table, "cell.check_table", 0, "select to_regclass('public.master_check') is not null");
STMT(check_read, "cell.check_read", 0, "select sealed from public.master_check");
STMT(check_write, "cell.check_write", 1,
	"insert into master_check (sealed) values ($1) on conflict do nothing");
STMT(region_add, "directory.add_region", 1,
	"insert into region (region) values ($1) on conflict do nothing");

struct init {
	const struct settings *st;
	struct arena *a;
	struct conn_pool *pool;
	struct conn *admin; /* to database postgres */
	struct seal_key master;
};

/* The value that only the right master key opens; p NULL when there is none. */
static struct err *
read_check(struct init *in, struct bytes *sealed_r)
{
	const char *cell = service_database(in->st, in->a, SERVICE_CELL);
	const char *info;
	struct rows *rows;
	struct conn *c;
	bool exists;

	sealed_r->p = NULL;
	TRY(cluster_database_exists(in->admin, in->a, cell, &exists));
	if (!exists)
		return NULL;
	TRY(admin_conninfo(in->st, in->a, cell, &info));
	TRY(conn_get(in->pool, in->a, info, &c));
	TRY(conn_query(c, in->a, &check_table, NO_VALS, &rows));
	if (rows_bool(rows, 0, 0)) {
		TRY(conn_query(c, in->a, &check_read, NO_VALS, &rows));
		if (rows_count(rows) > 0)
			*sealed_r = rows_bytes(in->a, rows, 0, 0);
	}
	return NULL;
}

/* As take_master(), of a key that is not ours to make. */
static struct err *
take_command(struct init *in, struct bytes sealed)
{
	struct keyring ring;
	struct bytes plain;
	const char *why;

	if (!keyring_read(in->st, &ring, &why))
		return err_internal(in->a, "master key %s: %s", keyring_place(in->st), why);
	in->master = ring.at[0].key;
	keyring_wipe(&ring);
	if (sealed.p != NULL && !unseal_value(in->a, &in->master, MASTER_CHECK_AAD, sealed, &plain))
		return err_internal(in->a,
			"Keys.Command does not print the master key that the cell database was set "
			"up with: praya key rotate when it is a new one; nothing was changed");
	return NULL;
}

/* Nothing has been changed before this says yes. */
static struct err *
take_master(struct init *in, bool *made_r)
{
	const char *path = in->st->master_key;
	struct bytes sealed;
	struct bytes plain;
	const char *why;

	*made_r = false;
	TRY(read_check(in, &sealed));
	if (in->st->master_command != NULL)
		return take_command(in, sealed);
	if (access(path, F_OK) != 0) {
		if (sealed.p != NULL)
			return err_internal(in->a,
				"master key %s is missing, but the cell database was set up with "
				"one: put that key back; a new one opens nothing",
				path);
		if (!key_file_create(path, &in->master, &why))
			return err_internal(in->a, "master key %s: %s", path, why);
		*made_r = true;
		return NULL;
	}
	if (!key_file_read(path, &in->master, &why))
		return err_internal(in->a, "master key %s: %s", path, why);
	if (sealed.p != NULL && !unseal_value(in->a, &in->master, MASTER_CHECK_AAD, sealed, &plain))
		return err_internal(in->a,
			"%s is not the master key that the cell database was set up with: put that "
			"key back, or praya key rotate when a rotation was cut off; nothing was "
			"changed",
			path);
	return NULL;
}

static struct err *
make_roles(struct init *in)
{
	const char *password;

	TRY(cluster_role(in->admin, in->a, "praya_owner", "nologin", NULL));
	TRY(cluster_role(in->admin, in->a, "praya_tenant", "nologin", NULL));
	for (enum service s = 0; s < SERVICE_MAX; s++) {
		TRY(service_password(in->st, &in->master, in->a, s, &password));
		TRY(cluster_role(
			in->admin, in->a, service_role(s), service_attributes(s), password));
	}
	return cluster_grant(in->admin, in->a, "praya_owner", "praya_migrate");
}

/* A service's database with its schema from `folder`. */
static struct err *
make_database(struct init *in, enum service s, const char *folder)
{
	const char *name = service_database(in->st, in->a, s);
	const char *info;
	struct conn *c;
	int version;

	TRY(cluster_database(in->admin, in->a, name, "template0", service_role(s), true));
	TRY(service_conninfo(in->st, &in->master, in->a, SERVICE_MIGRATE, name, &info));
	TRY(conn_get(in->pool, in->a, info, &c));
	return migrate(c, in->a, arena_printf(in->a, "%s/%s", in->st->sql, folder), &version);
}

struct err *
services_update(const struct settings *st, const struct seal_key *master, struct conn_pool *pool,
	struct conn *admin, struct arena *a)
{
	struct init in = {.st = st, .a = a, .pool = pool, .admin = admin, .master = *master};
	struct err *e = make_database(&in, SERVICE_CELL, "cell");

	if (e == NULL && !directory_elsewhere(in.st, a))
		e = make_database(&in, SERVICE_DIRECTORY, "directory");
	explicit_bzero(&in.master, sizeof(in.master));
	return e;
}

static struct err *
service_run(struct init *in, enum service s, const struct stmt *stmt, struct vals vals)
{
	const char *info;
	struct conn *c;

	TRY(service_conninfo(in->st, &in->master, in->a, s, NULL, &info));
	TRY(conn_get(in->pool, in->a, info, &c));
	return conn_query(c, in->a, stmt, vals, NULL);
}

static struct err *
init_locked(struct init *in, bool *key_made_r)
{
	struct bytes sealed;

	TRY(take_master(in, key_made_r));
	TRY(make_roles(in));
	TRY(make_database(in, SERVICE_CELL, "cell"));
	sealed = seal_value(
		in->a, &in->master, MASTER_CHECK_AAD, MASTER_CHECK_TEXT, strlen(MASTER_CHECK_TEXT));
	TRY(service_run(in, SERVICE_CELL, &check_write, VALS(val_bytes(sealed))));
	if (!directory_elsewhere(in->st, in->a))
		TRY(make_database(in, SERVICE_DIRECTORY, "directory"));
	TRY(service_run(in, SERVICE_DIRECTORY, &region_add, VALS(val_text(in->st->region))));
	return template_update(in->st, &in->master, in->pool, in->admin, in->a);
}

static struct err *
init_connected(struct init *in, bool *key_made_r)
{
	const char *info;
	struct err *e;

	TRY(admin_conninfo(in->st, in->a, "postgres", &info));
	TRY(conn_get(in->pool, in->a, info, &in->admin));
	TRY(cluster_check(in->admin, in->a));
	TRY(cluster_lock(in->admin, in->a));
	e = init_locked(in, key_made_r);
	cluster_unlock(in->admin, in->a);
	return e;
}

struct err *
provision_init(const struct settings *st, struct arena *a, bool *key_made_r)
{
	struct init in = {.st = st, .a = a, .pool = conn_pool_new(12)};
	struct err *e = init_connected(&in, key_made_r);

	explicit_bzero(&in.master, sizeof(in.master));
	conn_pool_free(&in.pool);
	return e;
}

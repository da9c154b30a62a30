/* SPDX-License-Identifier: ISC */
#include "template.h"

#include "cluster.h"
#include "migrate.h"
#include "service.h"
#include "shape.h"

static struct err *
update_as(const struct settings *st, struct conn_pool *pool, struct arena *a,
	const char *admin_info, const char *migrate_info)
{
	struct conn *c;
	int version;

	TRY(conn_get(pool, a, admin_info, &c));
	TRY(cluster_system(c, a, arena_printf(a, "%s/system", st->sql)));
	TRY(conn_get(pool, a, migrate_info, &c));
	return migrate(c, a, arena_printf(a, "%s/tenant", st->sql), &version);
}

struct err *
database_update(const struct settings *st, const struct seal_key *master, struct conn_pool *pool,
	struct arena *a, const char *database)
{
	const char *admin_info;
	const char *migrate_info;
	struct err *e;

	TRY(admin_conninfo(st, a, database, &admin_info));
	TRY(service_conninfo(st, master, a, SERVICE_MIGRATE, database, &migrate_info));
	e = update_as(st, pool, a, admin_info, migrate_info);
	/* A database with connections cannot be copied. */
	conn_drop(pool, admin_info);
	conn_drop(pool, migrate_info);
	return e == NULL
		       ? NULL
		       : err_detail(a, e->kind, __FILE__, __LINE__, "%s: %s", database, e->detail);
}

/* What every workspace is held against. */
static struct err *
keep_shape(const struct settings *st, const struct seal_key *master, struct conn_pool *pool,
	struct conn *admin, struct arena *a)
{
	const char *info;
	struct conn *c;
	struct err *e;

	TRY(service_conninfo(st, master, a, SERVICE_MIGRATE, TEMPLATE_DATABASE, &info));
	TRY(conn_get(pool, a, info, &c));
	e = shape_keep(c, admin, a);
	conn_drop(pool, info);
	return e;
}

struct err *
template_update(const struct settings *st, const struct seal_key *master, struct conn_pool *pool,
	struct conn *admin, struct arena *a)
{
	struct err *closed;
	struct err *e;

	TRY(cluster_database(admin, a, TEMPLATE_DATABASE, "template0", NULL, true));
	e = conn_script(admin, a, "alter database " TEMPLATE_DATABASE " is_template true");
	if (e == NULL)
		e = database_update(st, master, pool, a, TEMPLATE_DATABASE);
	if (e == NULL)
		e = keep_shape(st, master, pool, admin, a);
	closed = cluster_database_open(admin, a, TEMPLATE_DATABASE, false);
	return e != NULL ? e : closed;
}

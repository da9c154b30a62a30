/* SPDX-License-Identifier: ISC */
/* What was made of a workspace that nobody ever reached goes again. */
#include "cluster.h"
#include "destroy.h"
#include "provision.h"
#include "service.h"
#include "tenancy.h"
#include "undo.h"

static struct err *
script_in(struct tenancy *t, struct arena *a, enum service service, const char *sql)
{
	const char *info;
	struct conn *c;

	TRY(admin_conninfo(t->st, a, service_database(t->st, a, service), &info));
	TRY(conn_get(t->pool, a, info, &c));
	return conn_script(c, a, sql);
}

struct err *
undo_made(struct tenancy *t, struct arena *a, struct conn *admin, int64_t id)
{
	const char *name = tenant_database(a, id);

	cluster_database_drop(admin, a, name);
	TRY(conn_script(admin, a, arena_printf(a, "drop role if exists %s", name)));
	TRY(tenant_files_remove(t, a, id));
	TRY(script_in(t, a, SERVICE_CELL,
		arena_printf(a, "delete from tenant where tenant_id = %lld", (long long)id)));
	return script_in(t, a, SERVICE_DIRECTORY,
		arena_printf(a, "delete from tenant where tenant_id = %lld and state = 'creating'",
			(long long)id));
}

static struct err *
undo_locked(struct tenancy *t, struct arena *a, struct conn *admin, int64_t id)
{
	struct directory_row row;
	bool found;

	TRY(directory_find(t, a, NULL, id, &row, &found));
	if (!found || row.state != TENANT_CREATING)
		return err_busy(a, "workspace %lld is in use", (long long)id);
	return undo_made(t, a, admin, id);
}

struct err *
provision_undo(struct tenancy *t, struct arena *a, const struct tenant *tn)
{
	const char *info;
	struct conn *admin;
	struct err *e;

	TRY(admin_conninfo(t->st, a, "postgres", &info));
	TRY(conn_get(t->pool, a, info, &admin));
	TRY(cluster_lock_wait(admin, a, t->patience));
	e = undo_locked(t, a, admin, tn->id);
	cluster_unlock(admin, a);
	return e;
}

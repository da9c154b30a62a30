/* SPDX-License-Identifier: ISC */
/* A workspace is shut to everybody, with all that is in it, and opened again. */
#include "provision.h"
#include "tenancy.h"
#include "tx.h"
#include "wake.h"

STMT(suspend, "directory.suspend", 1,
	"update tenant set state = 'suspended', state_at = now() where tenant_id = $1::bigint "
	"and state in ('active', 'closing')");
/* What a restore replaced would bring back people who were erased since. */
STMT(resume, "directory.resume", 1,
	"update tenant set state = 'active', state_at = now() where tenant_id = $1::bigint "
	"and state = 'suspended' and slug !~ '^before-[0-9]+-'");

STMT(close_it, "directory.close", 2,
	"update tenant set state = case when $2::boolean then 'closing' else 'active' end, "
	"state_at = now() where tenant_id = $1::bigint "
	"and state = case when $2::boolean then 'active' else 'closing' end");

static struct err *
change(struct tenancy *t, struct arena *a, struct tenant *tn, const struct stmt *stmt,
	const char *refused)
{
	struct rows *rows;
	struct conn *c;

	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, stmt, VALS(val_i64(tn->id)), &rows));
	return rows_affected(rows) > 0 ? NULL : err_new(a, ERR_CONFLICT, refused);
}

struct err *
provision_suspend(struct tenancy *t, struct arena *a, struct tenant *tn)
{
	TRY(change(t, a, tn, &suspend, "error.suspend_not"));
	tn->state = TENANT_SUSPENDED;
	return NULL;
}

struct err *
provision_resume(struct tenancy *t, struct arena *a, struct tenant *tn)
{
	TRY(change(t, a, tn, &resume, "error.resume_not"));
	tn->state = TENANT_ACTIVE;
	wake_ring(t, a, tn);
	return NULL;
}

struct err *
provision_close(struct tenancy *t, struct arena *a, int64_t id, bool closing)
{
	struct conn *c;

	TRY(directory_conn(t, a, &c));
	return conn_query(c, a, &close_it, VALS(val_i64(id), val_bool(closing)), NULL);
}

/* SPDX-License-Identifier: ISC */
/* A workspace made out of an archive, beside whatever has its name. */
#include "restore.h"

#include <string.h>
#include <unistd.h>

#include "backup.h"
#include "cluster.h"
#include "log.h"
#include "provision.h"
#include "service.h"
#include "template.h"
#include "token.h"
#include "tx.h"
#include "undo.h"
#include "wake.h"

#define ROLE_ATTRIBUTES "login connection limit 200"

STMT(add_row, "directory.restore_add", 2,
	"insert into tenant (slug, region) values ($1, $2) returning tenant_id");
STMT(left_over, "directory.restore_left", 1,
	"select tenant_id from tenant where region = $1 and state = 'creating' "
	"and slug like 'restore-%'");
STMT(add_cell, "cell.restore_add", 3,
	"insert into tenant (tenant_id, name, region) values ($1::bigint, $2, $3)");
STMT(ordered, "cell.restore_ordered", 1,
	"select array_agg(contact_id)::text from erasure_ledger where tenant_id = $1::bigint");

/* Who was signed in then is not now; mails that waited then went out since; a closing of then
 * does not end what was just restored; the log goes on as another generation; a hold of then does
 * not keep back an erasure of since. */
static const char after_restore[] =
	"update session set ended_at = now() where ended_at is null;"
	"delete from sign_in_link;"
	"update outbox set state = 'failed', error = 'restored', sealed = null, ended_at = now() "
	"where state = 'waiting';"
	"do $$ begin if exists (select from closing where ended_at is null) then "
	"update closing set ended_at = now() where ended_at is null; end if; end $$;"
	"do $$ begin execute format('alter table audit_event alter column generation "
	"set default %s', (select coalesce(max(generation), 1) + 1 from audit_event)); end $$;";

static struct err *
remove_left_over(struct restoring *re)
{
	struct conn *c;
	struct rows *r;

	TRY(directory_conn(re->t, re->a, &c));
	TRY(conn_query(c, re->a, &left_over, VALS(val_text(re->t->st->region)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		TRY(undo_made(re->t, re->a, re->admin, rows_i64(r, i, 0)));
	return NULL;
}

/* Who has the name now; the one the archive is of, or another made of it. */
static struct err *
check_name(struct restoring *re, struct restored *r)
{
	struct directory_row row;
	bool found, holds = false;

	if (!slug_valid(r->slug))
		return err_sure(err_detail(re->a, ERR_INVALID, __FILE__, __LINE__,
			"%s cannot be the name of a workspace", r->slug));
	TRY(directory_find(re->t, re->a, r->slug, 0, &row, &found));
	if (!found && slug_reserved(re->t->st, re->a, r->slug))
		return err_sure(err_detail(re->a, ERR_INVALID, __FILE__, __LINE__,
			"%s is kept for Praya itself", r->slug));
	for (size_t i = 0; found && i < re->nfamily; i++)
		holds = holds || re->family[i] == row.id;
	if (found && !holds)
		return err_sure(err_detail(re->a, ERR_CONFLICT, __FILE__, __LINE__,
			"%s is the name of another workspace", r->slug));
	r->replaces = found ? row.id : 0;
	r->closing = found && row.state == TENANT_CLOSING;
	return NULL;
}

/* A row of the directory that nobody reaches, and the key in the cell. */
static struct err *
make_rows(struct restoring *re, struct directory_row *row)
{
	struct conn *c;
	struct rows *r;
	bool found;

	row->slug = arena_printf(re->a, "restore-%s", hex_encode(re->a, re->head.key.p + 9, 6));
	TRY(directory_conn(re->t, re->a, &c));
	TRY(conn_query(
		c, re->a, &add_row, VALS(val_text(row->slug), val_text(re->head.region)), &r));
	TRY(directory_find(re->t, re->a, NULL, rows_i64(r, 0, 0), row, &found));
	TRY(cell_conn(re->t, re->a, &c));
	TRY(conn_query(c, re->a, &add_cell,
		VALS(val_i64(row->id), val_text(re->head.name), val_text(re->head.region)), NULL));
	return versions_write(re->t, re->a, row->id, re->versions);
}

static struct err *
make_workspace(struct restoring *re, const struct directory_row *row)
{
	const char *name = tenant_database(re->a, row->id);
	const char *info;
	struct conn *c;
	struct err *e;

	TRY(cluster_role(re->admin, re->a, name, ROLE_ATTRIBUTES,
		role_password(&re->t->master, re->a, name)));
	TRY(cluster_grant(re->admin, re->a, "praya_tenant", name));
	TRY(restore_database(re, name, name));
	TRY(database_update(re->t->st, &re->t->master, re->t->pool, re->a, name));
	TRY(admin_conninfo(re->t->st, re->a, name, &info));
	TRY(conn_get(re->t->pool, re->a, info, &c));
	e = conn_script(c, re->a, after_restore);
	conn_drop(re->t->pool, info);
	TRY(e);
	re->files = arena_printf(re->a, "%s/%s", re->t->st->file_store, name);
	return restore_files(re);
}

/* Every erasure there ever was in it is ordered once more, and no hold of the
 * archive's time stands against it. */
static struct err *
order_erasures(struct restoring *re, const struct directory_row *row, int64_t *orders_r)
{
	const char *name = tenant_database(re->a, row->id);
	const char *info;
	struct conn *c;
	struct rows *r;

	TRY(ledger_order_again(
		re->t, re->a, row->id, re->family, re->nfamily, &re->ledger, orders_r));
	if (*orders_r == 0)
		return NULL;
	TRY(cell_conn(re->t, re->a, &c));
	TRY(conn_query(c, re->a, &ordered, VALS(val_i64(row->id)), &r));
	TRY(admin_conninfo(re->t->st, re->a, name, &info));
	TRY(conn_get(re->t->pool, re->a, info, &c));
	TRY(conn_script(c, re->a,
		arena_printf(re->a,
			"update contact set hold = false where hold and contact_id = any ('%s')",
			rows_text(r, 0, 0))));
	conn_drop(re->t->pool, info);
	return NULL;
}

static struct err *
make_locked(struct restoring *re, struct restored *r)
{
	struct directory_row row;

	(void)tenancy_read_keys(re->t);
	TRY(tenancy_check_master(re->t, re->a));
	TRY(remove_left_over(re));
	TRY(ledger_family(re->t, re->a, &re->root, re->head.id, &re->family, &re->nfamily));
	TRY(check_name(re, r));
	TRY(ledger_file_read(re->t, re->a, &re->root, re->family, re->nfamily, &re->ledger));
	TRY(make_rows(re, &row));
	TRY(make_workspace(re, &row));
	TRY(order_erasures(re, &row, &r->orders));
	r->lines = (int64_t)re->ledger.n;
	return tenancy_adopt(re->t, re->a, &row, &r->tenant);
}

struct err *
restore_make(struct tenancy *t, struct arena *a, const char *archive, const char *keys,
	const char *slug, struct restored *r)
{
	struct restoring re = {.t = t, .a = a};
	const char *info;
	struct err *e;

	memset(r, 0, sizeof(*r));
	r->slug = slug;
	TRY(restore_begin(&re, archive, keys));
	TRY(admin_conninfo(t->st, a, "postgres", &info));
	TRY(conn_get(t->pool, a, info, &re.admin));
	TRY(cluster_check(re.admin, a));
	TRY(cluster_lock(re.admin, a));
	e = make_locked(&re, r);
	if (e != NULL && remove_left_over(&re) != NULL)
		log_warn("what was made so far is removed by the next restore");
	cluster_unlock(re.admin, a);
	restore_forget(&re);
	return e;
}

struct err *
restore_open(struct tenancy *t, struct arena *a, struct restored *r)
{
	const char *before =
		arena_printf(a, "before-%lld-%.20s", (long long)r->tenant->id, r->slug);
	size_t n = strlen(before);
	struct conn *c;

	while (before[n - 1] == '-')
		n--;
	TRY(directory_conn(t, a, &c));
	/* One transaction. */
	TRY(conn_script(c, a,
		arena_printf(a,
			"update tenant set slug = '%.*s', state = 'suspended', state_at = now() "
			"where tenant_id = %lld;"
			"update tenant set slug = '%s', state = 'active', state_at = now() "
			"where tenant_id = %lld and state = 'creating'",
			(int)n, before, (long long)r->replaces, r->slug,
			(long long)r->tenant->id)));
	wake_ring(t, a, r->tenant);
	return NULL;
}

/* SPDX-License-Identifier: ISC */
#include "chores.h"

#include "backup.h"
#include "download.h"
#include "rotate.h"
#include "tenant.h"

STMT(audit_index, "owner.audit_index", 0, "select audit_index()");
STMT(expire, "owner.expire", 0,
	"with q as (delete from stored_query where created_at <= now() - interval '1 day'), "
	"r as (delete from replay where created_at <= now() - interval '1 day'), "
	"v as (delete from reveal where until <= now()), "
	"g as (delete from sign_in_guard where last_at <= now() - interval '1 day' "
	"and coalesce(locked_until, now()) <= now()), "
	"l as (delete from sign_in_link where expires_at <= now()), "
	"p as (delete from passkey_challenge where expires_at <= now()), "
	"t as (delete from support_entry where expires_at <= now()), "
	"s as (update support_grant g set closed_at = now() where g.closed_at is null "
	"and g.until_at <= now()), "
	"o as (delete from outbox where ended_at <= now() - interval '30 days') "
	"delete from session where coalesce(ended_at, expires_at) <= now() - interval '30 days'");
STMT(expire_next, "owner.expire_next", 0,
	"select ceil(extract(epoch from least("
	"(select min(created_at) + interval '1 day' from stored_query), "
	"(select min(created_at) + interval '1 day' from replay), "
	"(select min(until_at) from support_grant where closed_at is null), "
	"(select min(expires_at) from download where destroyed_at is null)) - now()))::bigint");

struct err *
chore_audit_index(struct job_run *run, int64_t *next_r)
{
	struct rows *rows;
	struct conn *owner;
	struct tx *tx;

	TRY(tenant_conn_migrate(run->tenancy, run->a, run->tenant, &owner));
	TRY(chore_begin_owner(run, owner, run->kind, &tx));
	TRY(tx_query(tx, &audit_index, NO_VALS, &rows));
	TRY(tx_commit(tx));
	/* Somebody is at work: what was not finished yet comes next time. */
	*next_r = rows_i64(rows, 0, 0) > 0 ? 60 : 0;
	return NULL;
}

struct err *
chore_expire(struct job_run *run, int64_t *next_r)
{
	struct conn *owner;
	struct rows *rows;
	struct tx *tx;

	TRY(download_destroy_expired(run));
	TRY(tenant_conn_migrate(run->tenancy, run->a, run->tenant, &owner));
	TRY(chore_begin_owner(run, owner, run->kind, &tx));
	tx_queue(tx, &expire, NO_VALS, NULL);
	TRY(tx_run(tx));
	TRY(tx_query(tx, &expire_next, NO_VALS, &rows));
	TRY(tx_commit(tx));
	if (!rows_null(rows, 0, 0))
		*next_r = rows_i64(rows, 0, 0) > 0 ? rows_i64(rows, 0, 0) : 1;
	return NULL;
}

struct err *
chore_backup(struct job_run *run, int64_t *next_r)
{
	return backup_due(run->tenancy, run->a, run->tenant, next_r);
}

struct err *
chore_rekey(struct job_run *run, int64_t *next_r)
{
	(void)next_r;
	return rekey_rest(run->tenancy, run->a, run->tenant);
}

/* SPDX-License-Identifier: ISC */
#include "cell_guard.h"

/* One after the other, or those that come at once are counted as none. */
STMT(hold, "cell.guard_hold", 1,
	"select pg_advisory_xact_lock(('x' || encode(substr($1::bytea, 1, 8), "
	"'hex'))::bit(64)::bigint)");
STMT(locked, "cell.guard_locked", 1,
	"select exists (select from operator_guard where key = $1 and locked_until > now())");
STMT(count_one, "cell.guard_count", 2,
	"insert into operator_guard as g (key) values ($1) on conflict (key) do update set "
	"failures = case when g.last_at < now() - interval '1 hour' then 1 else g.failures + 1 "
	"end, last_at = now(), "
	"locked_until = case when g.last_at >= now() - interval '1 hour' and g.failures + 1 >= "
	"$2::int then now() + least(interval '15 minutes', "
	"interval '30 seconds' * power(2, least(10, g.failures + 1 - $2::int))) end");
STMT(clear, "cell.guard_clear", 1, "delete from operator_guard where key = $1");

struct err *
cell_guard_locked(struct tx *tx, struct bytes key, bool *locked_r)
{
	struct rows *rows;

	tx_queue(tx, &hold, VALS(val_bytes(key)), NULL);
	TRY(tx_query(tx, &locked, VALS(val_bytes(key)), &rows));
	*locked_r = rows_bool(rows, 0, 0);
	return NULL;
}

void
cell_guard_count(struct tx *tx, struct bytes key, int64_t allowance)
{
	tx_queue(tx, &count_one, VALS(val_bytes(key), val_i64(allowance)), NULL);
}

void
cell_guard_clear(struct tx *tx, struct bytes key)
{
	tx_queue(tx, &clear, VALS(val_bytes(key)), NULL);
}

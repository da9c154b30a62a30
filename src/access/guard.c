/* SPDX-License-Identifier: ISC */
#include "guard.h"

#include "token.h"

/* One at a time: what is found out about an account is counted before the next one asks. */
STMT(hold, "guard.hold", 1,
	"select pg_advisory_xact_lock(('x' || encode(substr($1::bytea, 1, 8), "
	"'hex'))::bit(64)::bigint)");
STMT(read_guard, "guard.read", 1,
	"select coalesce(bool_or(locked_until > now()), false) from sign_in_guard where key = $1");
/* Those of the last hour. More than 64 lock no longer than 64 do. */
STMT(count, "guard.count", 2,
	"insert into sign_in_guard as g (key, failures, failed_at) values ($1, 1, array[now()]) "
	"on conflict (key) do update set (failed_at, failures, last_at, locked_until) = ("
	"select w.at, cardinality(w.at), now(), greatest(g.locked_until, "
	"case when cardinality(w.at) >= $2::int then now() + least(interval '15 minutes', "
	"interval '30 seconds' * power(2, least(10, cardinality(w.at) - $2::int))) end) "
	"from (select array(select t from unnest(g.failed_at || now()) t "
	"where t > now() - interval '1 hour' order by t desc limit 64) as at) w)");
STMT(take_back, "guard.take_back", 1,
	"update sign_in_guard set failed_at = failed_at[2:], "
	"failures = greatest(0, cardinality(failed_at) - 1) where key = $1");
STMT(clear, "guard.clear", 1, "delete from sign_in_guard where key = $1");

/* ASCII is enough: the database compares addresses in lower case too. */
static const char *
lower(struct arena *a, const char *s)
{
	char *p = arena_strdup(a, s);

	for (size_t i = 0; p[i] != '\0'; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 32);
	return p;
}

struct guard
guard_of(struct arena *a, const struct tenant *tn, const char *kind, const char *what,
	int64_t allowance)
{
	return (struct guard){blind_index(a, &tn->blind, kind, lower(a, what)), allowance};
}

void
guard_hold(struct tx *tx, const struct guard *g)
{
	tx_queue(tx, &hold, VALS(val_bytes(g->key)), NULL);
}

struct err *
guard_locked(struct tx *tx, const struct guard *g, bool *locked_r)
{
	struct rows *rows;

	guard_hold(tx, g);
	TRY(tx_query(tx, &read_guard, VALS(val_bytes(g->key)), &rows));
	*locked_r = rows_bool(rows, 0, 0);
	return NULL;
}

void
guard_count(struct tx *tx, const struct guard *g)
{
	tx_queue(tx, &count, VALS(val_bytes(g->key), val_i64(g->allowance)), NULL);
}

void
guard_take_back(struct tx *tx, const struct guard *g)
{
	tx_queue(tx, &take_back, VALS(val_bytes(g->key)), NULL);
}

void
guard_clear(struct tx *tx, const struct guard *g)
{
	tx_queue(tx, &clear, VALS(val_bytes(g->key)), NULL);
}

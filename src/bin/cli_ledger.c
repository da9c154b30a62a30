/* SPDX-License-Identifier: ISC */
/* praya ledger verify, apply, renew: the signed file of erasures outside of the cluster */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "date.h"
#include "erase.h"
#include "ledger_file.h"

/* Thousands in a row, as the owner, who sees everything without being asked each time. The
 * last word waits for the disk, and so for all before it. */
static const char in_a_row[] =
	"set synchronous_commit = off; set plan_cache_mode = force_generic_plan; analyze";
static const char on_disk[] =
	"set synchronous_commit = on; do $$ begin perform pg_current_xact_id(); end $$";

struct err *
cli_erase_again(struct cli *c, struct tenant *tn, size_t *left_r)
{
	struct ledger_entry *open;
	struct record_ctx cx;
	struct conn *conn;
	size_t n;

	*left_r = 0;
	TRY(tenant_conn_migrate(cli_tenancy(c), c->a, tn, &conn));
	TRY(conn_script(conn, c->a, in_a_row));
	for (;;) {
		struct arena_mark mark = arena_mark(c->a);

		TRY(ledger_open(cli_tenancy(c), c->a, tn, &open, &n));
		if (n == 0)
			return conn_script(conn, c->a, on_disk);
		TRY(record_ctx_system(conn, c->a, tn, "cli", 0, &cx));
		TRY(erase_resume(&cx, cli_tenancy(c), conn, left_r));
		if (*left_r > 0)
			return NULL;
		arena_release(c->a, mark);
	}
}

static struct json_object *
file_json(struct cli *c, const struct tenant *tn, const struct ledger_file *f)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "slug", json_object_new_string(tn->slug));
	json_object_object_add(o, "file", json_object_new_string(f->path));
	json_object_object_add(o, "erasures", json_object_new_int64((int64_t)f->n));
	json_object_object_add(o, "last_at",
		f->n > 0 ? json_object_new_string(time_rfc3339(c->a, f->list[f->n - 1].intent_at))
			 : NULL);
	return o;
}

static void
print_file(struct cli *c, const struct tenant *tn, const struct ledger_file *f)
{
	if (cli_flag(c, "json"))
		cli_json(file_json(c, tn, f));
	else
		printf("%s: %zu erasures, the last ordered %s: %s\n", tn->slug, f->n,
			f->n > 0 ? time_rfc3339(c->a, f->list[f->n - 1].intent_at) : "never",
			f->path);
}

static struct err *
read_file(
	struct cli *c, const struct tenant *tn, int64_t **ids_r, size_t *n_r, struct ledger_file *f)
{
	TRY(ledger_family(cli_tenancy(c), c->a, &tn->root, tn->id, ids_r, n_r));
	return ledger_file_read(cli_tenancy(c), c->a, &tn->root, *ids_r, *n_r, f);
}

static struct err *
run_verify(struct cli *c)
{
	struct ledger_file f;
	struct tenant *tn;
	int64_t *ids;
	size_t n;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	TRY(ledger_file_add(cli_tenancy(c), c->a, tn));
	TRY(read_file(c, tn, &ids, &n, &f));
	print_file(c, tn, &f);
	return NULL;
}

static struct err *
run_apply(struct cli *c)
{
	struct ledger_file f;
	struct tenant *tn;
	int64_t *ids, orders;
	size_t n, left;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	TRY(read_file(c, tn, &ids, &n, &f));
	TRY(ledger_order_again(cli_tenancy(c), c->a, tn->id, ids, n, &f, &orders));
	TRY(cli_erase_again(c, tn, &left));
	if (left > 0)
		return cli_fail(c, ERR_BUSY,
			"%zu erasures could not be done again, see above: the worker tries once a "
			"minute",
			left);
	if (cli_flag(c, "json")) {
		struct json_object *o = file_json(c, tn, &f);

		json_object_object_add(o, "applied", json_object_new_int64(orders));
		cli_json(o);
	} else {
		printf("%s: %lld erasures stand, each of them is done\n", tn->slug,
			(long long)orders);
	}
	return NULL;
}

static struct err *
run_renew(struct cli *c)
{
	struct ledger_file f;
	struct tenant *tn;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	TRY(ledger_file_renew(cli_tenancy(c), c->a, tn, &f));
	print_file(c, tn, &f);
	return NULL;
}

const struct cli_verb cli_ledger_verbs[] = {
	CLI_VERB("ledger verify", run_verify, 1, 1, "json", "SLUG [--json]",
		"is the signed file of erasures whole, and as long as the region's database "
		"knows"),
	CLI_VERB("ledger apply", run_apply, 1, 1, "json", "SLUG [--json]",
		"after databases were put back: erase again whoever file and region know as "
		"erased"),
	CLI_VERB("ledger renew", run_renew, 1, 1, "json", "SLUG [--json]",
		"where the file is lost and no copy is left: make it out of the region's "
		"database"),
	CLI_END,
};

/* SPDX-License-Identifier: ISC */
/* praya tenant move */
#include <stdio.h>
#include <string.h>

#include "cli_region.h"
#include "event.h"
#include "log.h"
#include "move.h"

/* What a move that was cut off left in the regions where it is not any more. */
static struct err *
clear_others(struct cli *c, const struct tenant *tn, bool *any_r)
{
	struct tenancy *there;
	struct err *e;
	size_t i = 0;
	bool any;

	*any_r = false;
	for (;;) {
		TRY(cli_region_next(c, &i, &there));
		if (there == NULL)
			return NULL;
		e = tenant_move_stores(cli_tenancy(c), there, c->a);
		if (e == NULL)
			e = tenant_move_clear(there, c->a, tn->id, false, &any);
		tenancy_free(&there);
		TRY(e);
		*any_r = *any_r || any;
	}
}

/* It is there already: a move to here is finished, one away from here taken back. */
static struct err *
stay(struct cli *c, const struct tenant *tn)
{
	bool any, undone = false;

	if (tn->state == TENANT_MOVING)
		TRY(tenant_move_undo(cli_tenancy(c), c->a, tn->slug, &undone));
	if (tn->state == TENANT_MOVING && !undone)
		return err_busy(c->a, "the move of %s has ended meanwhile", tn->slug);
	TRY(clear_others(c, tn, &any));
	printf("%s is in %s%s\n", tn->slug, c->st->region,
		tn->state == TENANT_MOVING ? " again, open to all"
		: any                      ? "; what was left of it elsewhere is destroyed"
					   : "");
	return NULL;
}

static void
print_moved(struct cli *c, const char *slug, const char *region, const struct moved *m)
{
	struct json_object *o;

	if (!cli_flag(c, "json")) {
		printf("%s is in %s: %lld tables with %lld rows and %lld files are the same; the "
		       "old ones are destroyed. It could not be changed for %.1f s, nor read for "
		       "%.1f s of these\n",
			slug, region, (long long)m->tables, (long long)m->rows, (long long)m->files,
			(double)m->window_ms / 1000, (double)m->closed_ms / 1000);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "slug", json_object_new_string(slug));
	json_object_object_add(o, "region", json_object_new_string(region));
	json_object_object_add(o, "tables", json_object_new_int64(m->tables));
	json_object_object_add(o, "rows", json_object_new_int64(m->rows));
	json_object_object_add(o, "files", json_object_new_int64(m->files));
	json_object_object_add(o, "window_ms", json_object_new_int64(m->window_ms));
	json_object_object_add(o, "closed_ms", json_object_new_int64(m->closed_ms));
	cli_json(o);
}

/* In the workspace's own log, which is in the new region by now. */
static struct err *
log_move(struct cli *c, const char *slug)
{
	struct audit_event e = {.action = "setting", .entity = "workspace", .reason = "moved"};
	struct tenant *tn;
	struct tx *tx;
	struct err *failed;

	TRY(cli_tenant(c, slug, &tn));
	TRY(cli_tx(c, tn, &tx));
	audit_queue(tx, c->a, &e);
	failed = tx_commit(tx);
	tx_end(&tx);
	return failed;
}

static struct err *
run_move(struct cli *c)
{
	const char *slug = cli_arg(c, 0), *region = cli_option(c, "region");
	const struct settings *other, *here = c->st;
	struct tenancy *from = cli_tenancy(c);
	struct tenant *tn;
	struct moved m;
	struct err *e;

	TRY(cli_tenant(c, slug, &tn));
	if (strcmp(region, here->region) == 0)
		return stay(c, tn);
	TRY(cli_region_settings(c, region, &other));
	if (other == NULL)
		return cli_fail(c, ERR_INVALID,
			"this machine has no configuration of region %s: set Regions.%s", region,
			region);
	c->st = other;
	c->tenancy = tenancy_new(other);
	e = tenant_move(from, c->tenancy, c->a, slug, &m);
	if (e == NULL)
		e = log_move(c, slug);
	tenancy_free(&from);
	TRY(e);
	print_moved(c, slug, region, &m);
	return NULL;
}

const struct cli_verb cli_move_verbs[] = {
	CLI_VERB("tenant move", run_move, 1, 1, "region=! json", "SLUG --region R [--json]",
		"take a workspace to another region, or finish or take back a move that was cut "
		"off"),
	CLI_END,
};

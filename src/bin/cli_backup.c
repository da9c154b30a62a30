/* SPDX-License-Identifier: ISC */
/* praya tenant backup, restore; praya backup verify, list */
#include <stdio.h>
#include <string.h>

#include "backup.h"
#include "cli.h"
#include "date.h"

static struct err *
run_backup(struct cli *c)
{
	struct backup_result r;
	struct json_object *o;
	struct tenant *tn;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	TRY(backup_take(cli_tenancy(c), c->a, tn, cli_option(c, "out"), &r));
	if (!cli_flag(c, "json")) {
		printf("%s: %lld rows, %lld files, %lld bytes\n", r.path, (long long)r.rows,
			(long long)r.files, (long long)r.bytes);
		return NULL;
	}
	o = json_object_new_object();
	json_object_object_add(o, "file", json_object_new_string(r.path));
	json_object_object_add(o, "rows", json_object_new_int64(r.rows));
	json_object_object_add(o, "files", json_object_new_int64(r.files));
	json_object_object_add(o, "keys", json_object_new_int64(r.keys));
	json_object_object_add(o, "bytes", json_object_new_int64(r.bytes));
	json_object_object_add(o, "resumed", json_object_new_boolean(r.resumed));
	cli_json(o);
	return NULL;
}

static struct err *
run_restore(struct cli *c)
{
	const char *slug = cli_option(c, "slug");
	struct json_object *o;
	struct restored r;
	size_t left;

	TRY(restore_make(cli_tenancy(c), c->a, cli_arg(c, 0), cli_option(c, "keys"), slug, &r));
	TRY(cli_erase_again(c, r.tenant, &left));
	if (left > 0)
		return cli_fail(c, ERR_BUSY,
			"%zu erasures could not be done again, see above: the workspace was not "
			"opened; restore once more",
			left);
	TRY(restore_open(cli_tenancy(c), c->a, &r));
	if (!cli_flag(c, "json")) {
		printf("%s is restored, as %s; %lld erasures were done again (the signed file has "
		       "%lld)\n",
			slug, r.tenant->database, (long long)r.orders, (long long)r.lines);
		if (r.replaces != 0)
			printf("what had the name is suspended: see praya tenant list\n");
		if (r.closing)
			printf("it was closing, and is not any more: praya tenant close %s begins "
			       "that anew\n",
				slug);
		return NULL;
	}
	o = json_object_new_object();
	json_object_object_add(o, "slug", json_object_new_string(slug));
	json_object_object_add(o, "id", json_object_new_int64(r.tenant->id));
	json_object_object_add(o, "database", json_object_new_string(r.tenant->database));
	json_object_object_add(o, "erased_again", json_object_new_int64(r.orders));
	json_object_object_add(o, "ledger_lines", json_object_new_int64(r.lines));
	json_object_object_add(
		o, "replaces", r.replaces != 0 ? json_object_new_int64(r.replaces) : NULL);
	json_object_object_add(o, "was_closing", json_object_new_boolean(r.closing));
	cli_json(o);
	return NULL;
}

static struct err *
print_verified(struct cli *c, const char *path, const struct verified *v)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "file", json_object_new_string(path));
	json_object_object_add(
		o, "taken_at", json_object_new_string(time_rfc3339(c->a, v->taken_at)));
	json_object_object_add(o, "tables", json_object_new_int64(v->tables));
	json_object_object_add(o, "rows", json_object_new_int64(v->rows));
	json_object_object_add(o, "files", json_object_new_int64(v->files));
	json_object_object_add(
		o, "differs", v->differs != NULL ? json_object_new_string(v->differs) : NULL);
	if (cli_flag(c, "json")) {
		cli_json(o);
	} else {
		json_object_put(o);
		if (v->differs == NULL)
			printf("%s of %s can be restored: %lld tables with %lld rows, %lld files\n",
				path, time_rfc3339(c->a, v->taken_at), (long long)v->tables,
				(long long)v->rows, (long long)v->files);
	}
	return v->differs == NULL
		       ? NULL
		       : cli_fail(c, ERR_CONFLICT,
				 "%s: table %s does not have as many rows as were counted when it "
				 "was taken",
				 path, v->differs);
}

static struct err *
run_verify(struct cli *c)
{
	const char *path = cli_option(c, "file");
	const char **list = NULL;
	struct verified v;
	struct tenant *tn;
	size_t n = 0;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	if (path == NULL) {
		TRY(backup_list(c->st, c->a, tn->id, &list, &n));
		if (n == 0)
			return cli_fail(c, ERR_NOT_FOUND,
				"there is no archive of %s in Backup.Folder: say --file FILE, or "
				"praya tenant backup %s",
				tn->slug, tn->slug);
		path = list[0];
	}
	TRY(restore_verify(cli_tenancy(c), c->a, path, cli_option(c, "keys"), &v));
	return print_verified(c, path, &v);
}

const struct cli_verb cli_backup_verbs[] = {
	CLI_VERB("tenant backup", run_backup, 1, 1, "out= json", "SLUG [--out FILE] [--json]",
		"an encrypted archive of a workspace; its keys go to a file of their own"),
	CLI_VERB("tenant restore", run_restore, 1, 1, "slug=! keys= json",
		"FILE --slug SLUG [--keys FILE] [--json]",
		"make a workspace out of an archive, erase again whoever was erased since, open "
		"it"),
	CLI_VERB("backup verify", run_verify, 1, 1, "file= keys= json",
		"SLUG [--file FILE] [--keys FILE] [--json]",
		"restore the newest archive into a scratch database, compare, remove it"),
	CLI_END,
};

/* SPDX-License-Identifier: ISC */
/* praya export: the same files as the pages give, without a job. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli_region.h"
#include "num.h"
#include "person_export.h"
#include "region_sign.h"
#include "sign.h"
#include "token.h"
#include "user.h"
#include "event.h"
#include "whole.h"
#include "whole_import.h"

#define PIECE ((size_t)65536)
/* The regions', and one that is named. */
#define KEYS_MAX (REGIONS + 1)

struct export_run {
	struct cli *c;
	struct conn *conn;
	struct tx *tx;
};

static struct err *
begin(void *ctx, struct arena *a, struct tx **tx_r)
{
	struct export_run *run = ctx;

	TRY(system_tx(run->conn, a, "cli", 0, "cli export contact", &run->tx));
	*tx_r = run->tx;
	return NULL;
}

static struct err *
commit(void *ctx, struct tx *tx)
{
	struct export_run *run = ctx;

	TRY(tx_commit(tx));
	run->tx = NULL;
	return NULL;
}

static struct err *
beat(void *ctx, int64_t done, int64_t total)
{
	(void)ctx;
	(void)done;
	(void)total;
	return NULL;
}

static struct err *
copy_out(struct cli *c, struct scratch *zip, const char *path, int fd)
{
	char *piece = arena_alloc(c->a, PIECE);
	int64_t at = 0;
	size_t got;

	do {
		TRY(scratch_read_at(zip, at, piece, PIECE, &got));
		for (size_t n = 0; n < got;) {
			ssize_t k = write(fd, piece + n, got - n);

			if (k < 0)
				return cli_fail(c, ERR_INTERNAL, "%s: %s", path, strerror(errno));
			n += (size_t)k;
		}
		at += (int64_t)got;
	} while (got > 0);
	if (fsync(fd) != 0)
		return cli_fail(c, ERR_INTERNAL, "%s: %s", path, strerror(errno));
	return NULL;
}

/* A new file that nobody else can read; an existing one is left alone. */
static struct err *
write_out(struct cli *c, struct scratch *zip, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct err *e;

	if (fd < 0)
		return cli_fail(c, ERR_CONFLICT, "%s: %s", path, strerror(errno));
	e = copy_out(c, zip, path, fd);
	if (close(fd) != 0 && e == NULL)
		e = cli_fail(c, ERR_INTERNAL, "%s: %s", path, strerror(errno));
	if (e != NULL)
		unlink(path);
	return e;
}

static struct err *
export_contact(struct cli *c)
{
	struct export_run run = {.c = c};
	struct person_export in = {.a = c->a,
		.via = "cli",
		.begin = begin,
		.commit = commit,
		.beat = beat,
		.ctx = &run};
	struct tenant *tn;
	struct scratch *zip;
	struct err *e;

	if (!num_parse_i64(cli_arg(c, 1), 1, INT64_MAX, &in.contact_id))
		return cli_fail(c, ERR_INVALID, "%s is no contact's number", cli_arg(c, 1));
	if (!cli_view(c))
		return cli_fail(c, ERR_INTERNAL, "no templates in %s", c->st->templates);
	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	if (cli_flag(c, "password-stdin"))
		TRY(cli_secret(c, &in.password));
	in.tenancy = cli_tenancy(c);
	in.tenant = tn;
	TRY(tenant_conn(in.tenancy, c->a, tn, &run.conn));
	in.conn = run.conn;
	e = person_export_build(&in, &zip);
	tx_end(&run.tx);
	if (e != NULL && e->kind == ERR_NOT_FOUND)
		return cli_fail(
			c, ERR_NOT_FOUND, "there is no contact %s in %s", cli_arg(c, 1), tn->slug);
	return e != NULL ? e : write_out(c, zip, cli_option(c, "out"));
}

/* F.zip, F-2.zip, F-3.zip */
static struct err *
write_volume(void *ctx, struct arena *a, int64_t n, int64_t of, struct scratch *zip)
{
	struct cli *c = ctx;
	const char *path = cli_option(c, "out");
	size_t k = strlen(path);

	(void)of;
	if (k > 4 && strcmp(path + k - 4, ".zip") == 0)
		k -= 4;
	if (n > 1)
		path = arena_printf(a, "%.*s-%lld.zip", (int)k, path, (long long)n);
	TRY(write_out(c, zip, path));
	printf("%s\n", path);
	return NULL;
}

/* Before the first byte is there. */
static struct err *
log_whole(struct cli *c, struct conn *conn)
{
	struct audit_event e = {.action = "export", .entity = "workspace"};
	struct tx *tx;
	struct err *failed;

	TRY(system_tx(conn, c->a, "cli", 0, "cli export workspace", &tx));
	audit_queue(tx, c->a, &e);
	failed = tx_commit(tx);
	tx_end(&tx);
	return failed;
}

static struct err *
export_workspace(struct cli *c)
{
	struct whole_export in = {
		.a = c->a, .via = "cli", .beat = beat, .volume = write_volume, .ctx = c};
	struct conn *conn;
	struct tenant *tn;
	struct tx *tx = NULL;
	struct err *e;

	if (cli_option(c, "entries") != NULL &&
		!num_parse_i64(cli_option(c, "entries"), 200, 50000, &in.entries))
		return cli_fail(c, ERR_INVALID, "--entries: 200 to 50000");
	if (!cli_view(c))
		return cli_fail(c, ERR_INTERNAL, "no templates in %s", c->st->templates);
	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	in.tenancy = cli_tenancy(c);
	in.tenant = tn;
	in.lang = lang_parse(cli_option(c, "language"));
	TRY(tenant_conn(in.tenancy, c->a, tn, &conn));
	TRY(conn_get(tenancy_pool(in.tenancy), c->a,
		arena_printf(c->a, "%s keepalives_idle=61", tn->conninfo), &in.conn));
	TRY(log_whole(c, conn));
	e = whole_build(&in, &tx);
	tx_end(&tx);
	return e;
}

/* This region's key, those of the regions whose configuration is here, and one that is named. */
static struct err *
known_keys(struct cli *c, const char **keys, size_t *n_r)
{
	struct tenancy *there;
	struct bytes key;
	size_t n = 0, i = 0;

	TRY(region_public(cli_tenancy(c), c->a, &keys[n++]));
	for (;;) {
		TRY(cli_region_next(c, &i, &there));
		if (there == NULL)
			break;
		/* One that does not answer signed nothing that counts here. */
		if (region_public(there, c->a, &keys[n]) == NULL)
			n++;
		tenancy_free(&there);
	}
	if (cli_option(c, "key") != NULL) {
		if (!hex_decode(c->a, cli_option(c, "key"), &key) || key.n != SIGN_PUBLIC)
			return cli_fail(c, ERR_INVALID,
				"--key: 64 hex digits, as praya key public prints them");
		keys[n++] = hex_encode(c->a, key.p, key.n);
	}
	*n_r = n;
	return NULL;
}

/* What can be called again is left as it is; what can never come in leaves nothing. */
static struct err *
fill(struct cli *c, struct whole_import *wi, struct tenant *tn, struct whole_imported *r)
{
	struct err *e = whole_import_run(wi, cli_tenancy(c), tn, r);

	if (e == NULL || e->kind == ERR_BUSY)
		return e;
	TRY(provision_undo(cli_tenancy(c), c->a, tn));
	return cli_fail(c, e->kind, "nothing is left of it: %s",
		e->detail != NULL ? e->detail : "the file cannot be taken");
}

static struct err *
import_workspace(struct cli *c)
{
	const char *keys[KEYS_MAX];
	struct whole_import_in in = {.paths = c->args,
		.n = (size_t)c->nargs,
		.keys = keys,
		.schema = tenancy_schema(cli_tenancy(c))};
	struct whole_imported r;
	struct whole_import *wi;
	struct tenant *tn;
	const char *name = cli_option(c, "name"), *region = cli_option(c, "region");
	struct err *e;

	TRY(known_keys(c, keys, &in.nkeys));
	e = whole_import_open(c->a, &in, &wi);
	if (e != NULL)
		return cli_fail(c, e->kind, "nothing was made: %s",
			e->detail != NULL ? e->detail : "the file cannot be read");
	if (name == NULL)
		name = whole_import_name(wi);
	TRY(provision_create(cli_tenancy(c), c->a, cli_option(c, "slug"), name,
		region != NULL ? region : c->st->region, &tn));
	TRY(fill(c, wi, tn, &r));
	TRY(provision_activate(cli_tenancy(c), c->a, tn));
	printf("%s\n%lld rows, %lld files; nobody has a password yet\n", tn->origin,
		(long long)r.rows, (long long)r.files);
	return NULL;
}

const struct cli_verb cli_export_verbs[] = {
	CLI_VERB("export contact", export_contact, 2, 2, "out=! password-stdin",
		"SLUG ID --out F.zip [--password-stdin]",
		"everything held on one person, as a ZIP"),
	CLI_VERB("export workspace", export_workspace, 1, 1, "out=! language= entries=",
		"SLUG --out F.zip [--language en|zh-Hant] [--entries N]",
		"everything in a workspace, as ZIP files of N entries at most"),
	CLI_VERB("tenant import-workspace", import_workspace, 1, CLI_ARGS_MAX,
		"slug=! name= region= key=",
		"F.zip [F-2.zip ...] --slug NEW [--name N] [--region R] [--key PUBLIC]",
		"make a workspace of its own export; all files of it are given"),
	CLI_END,
};

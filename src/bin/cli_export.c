/* SPDX-License-Identifier: ISC */
/* praya export contact: the same file as the page gives, without a job. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "num.h"
#include "person_export.h"
#include "user.h"

#define PIECE ((size_t)65536)

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
copy_out(struct cli *c, struct scratch *zip, int fd)
{
	char *piece = arena_alloc(c->a, PIECE);
	int64_t at = 0;
	size_t got;

	do {
		TRY(scratch_read_at(zip, at, piece, PIECE, &got));
		for (size_t n = 0; n < got;) {
			ssize_t k = write(fd, piece + n, got - n);

			if (k < 0)
				return cli_fail(c, ERR_INTERNAL, "%s: %s", cli_option(c, "out"),
					strerror(errno));
			n += (size_t)k;
		}
		at += (int64_t)got;
	} while (got > 0);
	if (fsync(fd) != 0)
		return cli_fail(c, ERR_INTERNAL, "%s: %s", cli_option(c, "out"), strerror(errno));
	return NULL;
}

/* A new file that nobody else can read; an existing one is left alone. */
static struct err *
write_out(struct cli *c, struct scratch *zip)
{
	const char *path = cli_option(c, "out");
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct err *e;

	if (fd < 0)
		return cli_fail(c, ERR_CONFLICT, "%s: %s", path, strerror(errno));
	e = copy_out(c, zip, fd);
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
	return e != NULL ? e : write_out(c, zip);
}

const struct cli_verb cli_export_verbs[] = {
	CLI_VERB("export contact", export_contact, 2, 2, "out=! password-stdin",
		"SLUG ID --out F.zip [--password-stdin]",
		"everything held on one person, as a ZIP"),
	CLI_END,
};

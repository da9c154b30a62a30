/* SPDX-License-Identifier: ISC */
/* praya log-book: the log book of refusals as CSV, for an inspection. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "date.h"
#include "event.h"
#include "log_book.h"
#include "user.h"
#include "view.h"

struct book_run {
	struct cli *c;
	struct conn *conn;
};

static struct err *
begin(void *ctx, struct tx **tx_r)
{
	struct book_run *run = ctx;

	return system_tx(run->conn, run->c->a, "cli", 0, "cli log-book", tx_r);
}

static struct err *
end(void *ctx, struct tx *tx)
{
	struct err *e = tx_commit(tx);

	(void)ctx;
	tx_end(&tx);
	return e;
}

static struct err *
put(void *ctx, const void *p, size_t n)
{
	struct book_run *run = ctx;

	if (fwrite(p, 1, n, stdout) != n || fflush(stdout) != 0)
		return cli_fail(run->c, ERR_INTERNAL, "standard output: %s", strerror(errno));
	return NULL;
}

static struct err *
day_of(struct cli *c, const char *name, const char **day_r)
{
	const char *typed = cli_option(c, name);
	char *day = arena_alloc(c->a, 11);

	*day_r = NULL;
	if (typed == NULL)
		return NULL;
	if (!date_normalise(typed, day))
		return cli_fail(c, ERR_INVALID, "--%s %s is no day", name, typed);
	*day_r = day;
	return NULL;
}

static struct err *
log_export(struct book_run *run)
{
	struct audit_event ev = {.action = "export", .entity = "log_book"};
	struct tx *tx;

	TRY(begin(run, &tx));
	audit_queue(tx, run->c->a, &ev);
	return end(run, tx);
}

static struct err *
log_book(struct cli *c)
{
	struct book_run run = {.c = c};
	struct log_book_file f = {
		.a = c->a, .begin = begin, .end = end, .put = put, .ctx = &run, .lang = LANG_EN};
	struct tenant *tn;

	TRY(day_of(c, "from", &f.from));
	TRY(day_of(c, "to", &f.to));
	if (cli_option(c, "language") != NULL)
		f.lang = lang_parse(cli_option(c, "language"));
	if (!cli_view(c))
		return cli_fail(c, ERR_INTERNAL, "no templates in %s", c->st->templates);
	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	f.tenant = tn;
	TRY(tenant_conn(cli_tenancy(c), c->a, tn, &run.conn));
	TRY(log_export(&run));
	return log_book_write(&f);
}

const struct cli_verb cli_log_book_verbs[] = {
	CLI_VERB("log-book", log_book, 1, 1, "from= to= language=",
		"SLUG [--from DAY] [--to DAY] [--language zh-Hant] > FILE.csv",
		"the log book of refusals (s.27), for an inspection"),
	CLI_END,
};

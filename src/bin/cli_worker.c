/* SPDX-License-Identifier: ISC */
/* praya worker [SLUG] --once: for cron, tests, and machines without a running worker. */
#include "cli.h"
#include "jobs.h"

static struct err *
run_once(struct cli *c)
{
	struct tenant *only = NULL;

	if (!cli_flag(c, "once"))
		return cli_fail(c, ERR_INVALID, "say --once; praya-worker is what goes on running");
	if (cli_arg(c, 0) != NULL)
		TRY(cli_tenant(c, cli_arg(c, 0), &only));
	if (!cli_view(c))
		return cli_fail(c, ERR_INTERNAL, "no templates in %s", c->st->templates);
	tenancy_start(cli_tenancy(c));
	praya_work_prepare(c->st, cli_tenancy(c));
	if (!worker_once(cli_tenancy(c), &praya_work, only))
		return cli_fail(c, ERR_BUSY, "not every workspace could be worked on: see above");
	return NULL;
}

const struct cli_verb cli_worker_verbs[] = {
	CLI_VERB("worker", run_once, 0, 1, "once", "[SLUG] --once",
		"runs all due jobs, or one workspace's, then exits"),
	CLI_END,
};

/* SPDX-License-Identifier: ISC */
/* praya tenant close, reopen: for an owner who cannot sign in. */
#include <stdio.h>

#include "cli.h"
#include "closing.h"
#include "date.h"
#include "wake.h"

static struct err *
change(struct cli *c, bool begin, int64_t *closes_at_r)
{
	struct tenant *tn;
	struct tx *tx;
	struct err *e;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	TRY(cli_tx(c, tn, &tx));
	e = begin ? closing_begin(tx, c->a, closes_at_r) : closing_end(tx, c->a);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	if (e == NULL)
		wake_ring(cli_tenancy(c), c->a, tn);
	return e;
}

static struct err *
run_close(struct cli *c)
{
	int64_t closes_at = 0;

	TRY(change(c, true, &closes_at));
	printf("%s\n", time_rfc3339(c->a, closes_at));
	return NULL;
}

static struct err *
run_reopen(struct cli *c)
{
	return change(c, false, NULL);
}

const struct cli_verb cli_closing_verbs[] = {
	CLI_VERB("tenant close", run_close, 1, 1, "", "SLUG",
		"begin the 30 days after which a workspace is destroyed; prints their end"),
	CLI_VERB("tenant reopen", run_reopen, 1, 1, "", "SLUG", "take that back"),
	CLI_END,
};

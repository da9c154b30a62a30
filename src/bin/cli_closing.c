/* SPDX-License-Identifier: ISC */
/* praya tenant close, reopen: for an owner who cannot sign in; suspend, resume. */
#include <stdio.h>

#include "cli.h"
#include "closing.h"
#include "date.h"
#include "event.h"
#include "provision.h"
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
	TRY(e);
	wake_ring(cli_tenancy(c), c->a, tn);
	return provision_close(cli_tenancy(c), c->a, tn->id, begin);
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

/* Its owner finds it in the log. */
static struct err *
shut(struct cli *c, bool suspend)
{
	struct audit_event ev = {.action = "setting",
		.entity = "workspace",
		.reason = suspend ? "suspended" : "resumed"};
	struct tenant *tn;
	struct tx *tx;
	struct err *e;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	TRY(cli_tx(c, tn, &tx));
	audit_queue(tx, c->a, &ev);
	e = tx_run(tx);
	if (e == NULL)
		e = suspend ? provision_suspend(cli_tenancy(c), c->a, tn)
			    : provision_resume(cli_tenancy(c), c->a, tn);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	return e;
}

static struct err *
run_suspend(struct cli *c)
{
	return shut(c, true);
}

static struct err *
run_resume(struct cli *c)
{
	return shut(c, false);
}

const struct cli_verb cli_closing_verbs[] = {
	CLI_VERB("tenant close", run_close, 1, 1, "", "SLUG",
		"begin the 30 days after which a workspace is destroyed; prints their end"),
	CLI_VERB("tenant reopen", run_reopen, 1, 1, "", "SLUG", "take that back"),
	CLI_VERB("tenant suspend", run_suspend, 1, 1, "", "SLUG",
		"shut a workspace to everybody; nothing in it runs until it is resumed"),
	CLI_VERB("tenant resume", run_resume, 1, 1, "", "SLUG", "open it again"),
	CLI_END,
};

/* SPDX-License-Identifier: ISC */
/* praya leaktest: every profile against every reading route. */
#include <stdio.h>

#include "cli.h"
#include "jobs.h"
#include "leak_kept.h"

static void
print(const struct leak_report *r)
{
	for (const struct leak_hit *h = r->hits; h != NULL; h = h->next)
		printf("%s: %s (%s): %s: %s, %s\n", h->profile, h->route, h->surface, h->how,
			h->what, h->where);
	printf("%lld leaks; %lld profiles, %lld routes, %lld answers; %lld values had to stay out "
	       "of sight, %lld were seen as they should be\n",
		(long long)r->leaks, (long long)r->profiles, (long long)r->routes,
		(long long)r->answers, (long long)r->canaries, (long long)r->seen);
	printf("not called, because they change something: %zu routes; called without a number of "
	       "ours: %zu\n",
		r->nnot_called, r->nblank);
}

/* Of all profiles: for the page. */
static struct err *
keep(struct cli *c, const struct tenant *tn, const struct leak_report *report)
{
	struct leak_kept k = {.report = leak_report_json(c->a, report)};
	struct err *e;
	struct tx *tx;

	TRY(cli_tx(c, tn, &tx));
	e = leak_kept_begin(tx, 0, &k.id);
	if (e == NULL) {
		leak_kept_update(tx, &k, true);
		e = tx_commit(tx);
	}
	tx_end(&tx);
	return e;
}

static struct err *
leaktest(struct cli *c)
{
	struct leak_order in = {.a = c->a};
	struct leak_report *report;
	struct tenant *tn;

	if (!cli_view(c))
		return cli_fail(c, ERR_INTERNAL, "no templates in %s", c->st->templates);
	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	in.tenancy = cli_tenancy(c);
	in.tenant = tn;
	in.profile = cli_option(c, "profile");
	in.routes = cli_option(c, "routes");
	praya_work_prepare(c->st, in.tenancy);
	TRY(leak_test(&in, &report));
	if (in.profile == NULL && in.routes == NULL)
		TRY(keep(c, tn, report));
	if (cli_flag(c, "json"))
		cli_json(json_object_get(leak_report_json(c->a, report)));
	else
		print(report);
	if (report->profiles == 0)
		return cli_fail(c, ERR_NOT_FOUND, "there is no such profile");
	if (report->routes == 0)
		return cli_fail(c, ERR_NOT_FOUND, "there is no such route that reads");
	if (report->leaks > 0)
		return cli_fail(c, ERR_CONFLICT, "%lld leaks", (long long)report->leaks);
	if (report->seen == 0)
		return cli_fail(c, ERR_INTERNAL, "nothing was seen at all: the test is blind");
	return NULL;
}

const struct cli_verb cli_leak_verbs[] = {
	CLI_VERB("leaktest", leaktest, 1, 1,
		"json profile= routes=", "SLUG [--profile NAME] [--routes PREFIX,..] [--json]",
		"every profile against every reading route"),
	CLI_END,
};

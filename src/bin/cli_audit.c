/* SPDX-License-Identifier: ISC */
/* praya audit: how long the log is kept */
#include <stdio.h>

#include "cli.h"
#include "month.h"
#include "num.h"
#include "response.h"

/* A transaction in the workspace of the first argument for `work`, which commits. */
static struct err *
in_workspace(struct cli *c, struct err *(*work)(struct cli *c, struct tx *tx))
{
	struct tenant *tn;
	struct err *e;
	struct tx *tx;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	TRY(cli_tx(c, tn, &tx));
	e = work(c, tx);
	tx_end(&tx);
	return e;
}

static const char *
text_of(struct json_object *o, const char *name)
{
	const char *text = json_object_get_string(json_object_object_get(o, name));

	return text != NULL ? text : "-";
}

static void
print_months(struct cli *c, struct json_object *o)
{
	struct json_object *items = json_object_object_get(o, "items");
	struct json_object *holds = json_object_object_get(o, "holds");

	if (cli_flag(c, "json")) {
		cli_json(json_object_get(o));
		return;
	}
	printf("kept: %s full months\n", text_of(o, "keep_months"));
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		struct json_object *m = json_object_array_get_idx(items, i);

		printf("%s  %-8s %12s events %12s bytes  goes %s\n", text_of(m, "month"),
			text_of(m, "state"), text_of(m, "events"), text_of(m, "bytes"),
			text_of(m, "goes_on"));
	}
	for (size_t i = 0; i < json_object_array_length(holds); i++) {
		struct json_object *h = json_object_array_get_idx(holds, i);

		printf("hold %s  %s to %s  %s\n", text_of(h, "id"), text_of(h, "from"),
			text_of(h, "to"), text_of(h, "reason"));
	}
}

static struct err *
work_months(struct cli *c, struct tx *tx)
{
	struct json_object *o = model_object(c->a);
	int64_t months;

	if (cli_option(c, "keep") != NULL) {
		TRY(cli_number(
			c, "keep", AUDIT_MONTHS_MIN, AUDIT_MONTHS_MAX, AUDIT_MONTHS_MIN, &months));
		TRY(audit_months_keep(tx, c->a, months));
	}
	TRY(audit_months_model(tx, c->a, o));
	TRY(tx_commit(tx));
	print_months(c, o);
	return NULL;
}

static struct err *
run_months(struct cli *c)
{
	return in_workspace(c, work_months);
}

static struct err *
work_hold(struct cli *c, struct tx *tx)
{
	int64_t id;
	struct err *e = audit_hold_set(
		tx, c->a, cli_option(c, "from"), cli_option(c, "to"), cli_option(c, "reason"), &id);

	if (e != NULL && e->kind == ERR_INVALID)
		return cli_fail(c, ERR_INVALID,
			"--from and --to are days (YYYY-MM-DD), --reason is investigation, "
			"dispute or authority");
	TRY(e);
	TRY(tx_commit(tx));
	printf("hold %lld\n", (long long)id);
	return NULL;
}

static struct err *
run_hold(struct cli *c)
{
	return in_workspace(c, work_hold);
}

static struct err *
work_release(struct cli *c, struct tx *tx)
{
	int64_t id;
	struct err *e;

	if (!num_parse_i64(cli_arg(c, 1), 1, INT64_MAX, &id))
		return cli_fail(c, ERR_INVALID, "%s is no hold's number", cli_arg(c, 1));
	e = audit_hold_end(tx, c->a, id);
	if (e != NULL && e->kind == ERR_NOT_FOUND)
		return cli_fail(c, ERR_NOT_FOUND,
			"no hold %s is in force: see praya audit months %s", cli_arg(c, 1),
			cli_arg(c, 0));
	return e != NULL ? e : tx_commit(tx);
}

static struct err *
run_release(struct cli *c)
{
	return in_workspace(c, work_release);
}

const struct cli_verb cli_audit_verbs[] = {
	CLI_VERB("audit months", run_months, 1, 1, "keep= json", "SLUG [--keep N] [--json]",
		"months of the audit log; with --keep how many full ones stay (12 to 120)"),
	CLI_VERB("audit hold", run_hold, 1, 1, "from=! to=! reason=!",
		"SLUG --from DAY --to DAY --reason investigation|dispute|authority",
		"keep the log of these days, however old it gets"),
	CLI_VERB("audit release", run_release, 2, 2, "", "SLUG HOLD", "end a hold"),
	CLI_END,
};

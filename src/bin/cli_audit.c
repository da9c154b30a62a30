/* SPDX-License-Identifier: ISC */
/* praya audit: how long the log is kept, and whether it is whole */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cli.h"
#include "month.h"
#include "num.h"
#include "response.h"

/* A head a day for thirty years; and what is sealed after a check. */
#define HEADS_MAX 11000
#define HEAD_LINE 1000
#define PIECES 10000

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

static struct err *
run_of(struct cli *c, struct chain_run *run)
{
	struct tenant *tn;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	*run = (struct chain_run){.tenancy = cli_tenancy(c),
		.tenant = tn,
		.a = c->a,
		.kind = "cli",
		.route = arena_printf(c->a, "cli %s", c->verb->words)};
	return tenant_conn_migrate(run->tenancy, c->a, tn, &run->conn);
}

/* Heads that somebody kept, one a line. */
static struct err *
read_heads(struct cli *c, struct audit_check *check)
{
	const char *path = cli_option(c, "head");
	const char **lines = ARENA_ARRAY(c->a, HEADS_MAX, const char *);
	char line[HEAD_LINE];
	FILE *f;

	if (path == NULL)
		return NULL;
	f = fopen(path, "re");
	if (f == NULL)
		return cli_fail(c, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
	while (check->nlines < HEADS_MAX && fgets(line, sizeof(line), f) != NULL)
		if (line[strspn(line, " \r\n")] != '\0')
			lines[check->nlines++] = arena_strdup(c->a, line);
	fclose(f);
	check->lines = lines;
	return check->nlines > 0 ? NULL : cli_fail(c, ERR_INVALID, "%s holds no head", path);
}

static void
print_check(struct cli *c, struct json_object *o)
{
	struct json_object *list = json_object_object_get(o, "findings");

	if (cli_flag(c, "json")) {
		cli_json(json_object_get(o));
		return;
	}
	printf("%s events compared in %s seals, the last of %s; %s younger events are not sealed "
	       "yet\n",
		text_of(o, "events"), text_of(o, "seals"), text_of(o, "sealed_at"),
		text_of(o, "unsealed"));
	printf("months that went in their time: %s; events that restores lost: %s\n",
		text_of(o, "months_gone"), text_of(o, "lost"));
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *f = json_object_array_get_idx(list, i);

		printf("%-12s month %s  seal %s of %s  sealed %s  found %s  %s\n",
			text_of(f, "kind"), text_of(f, "month"), text_of(f, "seal"),
			text_of(f, "sealed_at"), text_of(f, "sealed"), text_of(f, "found"),
			text_of(f, "where"));
	}
	printf("head: %s\n", text_of(o, "head"));
}

/* The result is kept, and what is younger is covered: the next look compares it. */
static struct err *
after_check(struct cli *c, struct audit_check *check, struct json_object *result)
{
	enum chain_state state;
	struct err *e;
	struct tx *tx;

	TRY(cli_tx(c, check->run.tenant, &tx));
	e = audit_check_keep(tx, c->a, 0, result);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	return e != NULL ? e : chain_seal_all(&check->run, PIECES, &state);
}

static struct err *
run_verify(struct cli *c)
{
	struct audit_check check = {.nlines = 0};
	struct json_object *result;

	TRY(run_of(c, &check.run));
	TRY(read_heads(c, &check));
	TRY(chain_take_over(&check.run));
	TRY(audit_check_run(&check, &result));
	print_check(c, result);
	TRY(after_check(c, &check, result));
	if (check.nfindings > 0)
		return cli_fail(c, ERR_CONFLICT,
			"the log of %s is not whole: %zu findings, listed above", cli_arg(c, 0),
			check.nfindings);
	return NULL;
}

static struct err *
run_resume(struct cli *c)
{
	struct chain_run run;
	int64_t lost;

	TRY(run_of(c, &run));
	TRY(chain_resume(&run, &lost));
	if (lost < 0)
		printf("the log ends where its published head is: nothing to do\n");
	else
		printf("%lld events are recorded as lost; the log goes on\n", (long long)lost);
	return NULL;
}

const struct cli_verb cli_audit_verbs[] = {
	CLI_VERB("audit months", run_months, 1, 1, "keep= json", "SLUG [--keep N] [--json]",
		"months of the audit log; with --keep how many full ones stay (12 to 120)"),
	CLI_VERB("audit hold", run_hold, 1, 1, "from=! to=! reason=!",
		"SLUG --from DAY --to DAY --reason investigation|dispute|authority",
		"keep the log of these days, however old it gets"),
	CLI_VERB("audit release", run_release, 2, 2, "", "SLUG HOLD", "end a hold"),
	CLI_VERB("audit verify", run_verify, 1, 1, "head= json", "SLUG [--head FILE] [--json]",
		"compare every event of the log with its seal, and the seals with heads kept "
		"elsewhere"),
	CLI_VERB("audit resume", run_resume, 1, 1, "", "SLUG",
		"after a backup was restored: record what the log lacks, and go on sealing"),
	CLI_END,
};

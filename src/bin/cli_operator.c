/* SPDX-License-Identifier: ISC */
/* praya operator add, list, remove, log: people of the operator, for support access. */
#include "operator.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "date.h"
#include "num.h"
#include "operator_event.h"
#include "support.h"
#include "text.h"
#include "token.h"
#include "user.h"

static struct err *
address(struct cli *c, const char **email_r)
{
	*email_r = text_email(c->a, cli_arg(c, 0));
	return *email_r != NULL ? NULL
				: cli_fail(c, ERR_INVALID, "%s is no email address", cli_arg(c, 0));
}

/* Shown this once: afterwards only their digest, and the sealed key, are left. */
static struct err *
show_secrets(struct cli *c, const char *email, const char *password, const unsigned char *totp)
{
	const char *key = totp_secret_text(c->a, totp);
	const char *uri = totp_uri(c->a, totp, "Praya operator", email);
	struct json_object *o;
	struct tenant *desk;

	TRY(tenancy_desk(cli_tenancy(c), c->a, &desk));
	if (!cli_flag(c, "json")) {
		if (password != NULL)
			printf("password, shown once: %s\n", password);
		printf("key for the authenticator app, shown once: %s\n%s\n", key, uri);
		printf("sign in at %s\n", desk->origin);
		return NULL;
	}
	o = json_object_new_object();
	json_object_object_add(o, "email", json_object_new_string(email));
	if (password != NULL)
		json_object_object_add(o, "password", json_object_new_string(password));
	json_object_object_add(o, "totp_key", json_object_new_string(key));
	json_object_object_add(o, "totp_uri", json_object_new_string(uri));
	json_object_object_add(o, "origin", json_object_new_string(desk->origin));
	cli_json(o);
	return NULL;
}

static struct err *
run_add(struct cli *c)
{
	unsigned char totp[TOTP_SECRET];
	const char *email, *password;
	struct err *e;

	TRY(address(c, &email));
	if (cli_flag(c, "password-stdin"))
		TRY(cli_secret(c, &password));
	else
		password = token_new(c->a, 16);
	TRY(cli_password(c, password, &(struct password_owner){.email = email}));
	e = operator_add(cli_tenancy(c), c->a, email, password, totp);
	if (e != NULL && e->kind == ERR_CONFLICT)
		return cli_fail(c, ERR_CONFLICT,
			"somebody has this address already: praya operator remove it first");
	if (e == NULL)
		e = show_secrets(c, email, cli_flag(c, "password-stdin") ? NULL : password, totp);
	secret_wipe(totp, sizeof(totp));
	return e;
}

static struct err *
run_list(struct cli *c)
{
	struct json_object *all = json_object_new_array();
	struct operator* list;
	size_t n;

	TRY(operator_list(cli_tenancy(c), c->a, &list, &n));
	for (size_t i = 0; i < n; i++) {
		const struct operator* op = & list[i];
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "id", json_object_new_int64(op->id));
		json_object_object_add(o, "email", json_object_new_string(op->email));
		json_object_object_add(o, "active", json_object_new_boolean(!op->removed));
		json_object_object_add(o, "created_at",
			json_object_new_string(time_rfc3339(c->a, op->created_at)));
		json_object_object_add(o, "last_sign_in_at",
			op->last_sign_in_at == 0
				? NULL
				: json_object_new_string(time_rfc3339(c->a, op->last_sign_in_at)));
		json_object_array_add(all, o);
		if (!cli_flag(c, "json"))
			printf("%-6lld %-40s %s\n", (long long)op->id, op->email,
				op->removed ? "removed" : "active");
	}
	if (cli_flag(c, "json"))
		cli_json(all);
	else
		json_object_put(all);
	return NULL;
}

static struct err *
end_grants(struct cli *c, int64_t tenant, int64_t operator_id, int64_t *n_r)
{
	struct tenant *tn;
	struct err *e;
	struct tx *tx;

	*n_r = 0;
	TRY(tenant_by_id(cli_tenancy(c), c->a, tenant, &tn));
	if (tn == NULL || tn->conninfo == NULL)
		return NULL;
	TRY(cli_tx(c, tn, &tx));
	e = grant_revoke_all(tx, c->a, operator_id, n_r);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	return e;
}

/* Who cannot sign in any more can ask for nothing; then what is open is ended. */
static struct err *
run_remove(struct cli *c)
{
	struct operator_case *list;
	int64_t id, n, ended = 0;
	const char *email;
	size_t cases;

	TRY(address(c, &email));
	TRY(operator_find(cli_tenancy(c), c->a, email, &id));
	if (id == 0)
		return cli_fail(
			c, ERR_NOT_FOUND, "no operator has this address: see praya operator list");
	TRY(operator_remove(cli_tenancy(c), c->a, id));
	TRY(operator_cases(cli_tenancy(c), c->a, id, CASES_ALL, &list, &cases));
	for (size_t i = 0; i < cases; i++) {
		if (list[i].tenant == 0)
			continue;
		TRY(end_grants(c, list[i].tenant, id, &n));
		ended += n;
	}
	printf("removed; %lld requests and grants ended\n", (long long)ended);
	return NULL;
}

#define LOG_LAST 100
#define LOG_MAX 100000

static struct json_object *
event_json(struct cli *c, const struct operator_event *e)
{
	struct json_object *o = json_object_new_object();
	const struct {
		const char *name, *text;
	} words[] = {
		{"at", time_rfc3339(c->a, e->at)},
		{"kind", e->kind},
		{"operator", e->email},
		{"ip", e->ip},
		{"workspace", e->slug},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		json_object_object_add(o, words[i].name,
			words[i].text != NULL ? json_object_new_string(words[i].text) : NULL);
	return o;
}

static struct err *
run_log(struct cli *c)
{
	struct json_object *all = json_object_new_array();
	struct operator_event *list;
	int64_t last = LOG_LAST;
	size_t n;

	if (cli_option(c, "last") != NULL &&
		!num_parse_i64(cli_option(c, "last"), 1, LOG_MAX, &last))
		return cli_fail(c, ERR_INVALID, "--last takes a number up to %d", LOG_MAX);
	TRY(operator_events(cli_tenancy(c), c->a, last, &list, &n));
	for (size_t i = 0; i < n; i++) {
		const struct operator_event *e = &list[i];

		json_object_array_add(all, event_json(c, e));
		if (!cli_flag(c, "json"))
			printf("%s  %-8s  %-40s  %-15s  %s\n", time_rfc3339(c->a, e->at), e->kind,
				e->email != NULL ? e->email : "(nobody)",
				e->ip != NULL ? e->ip : "-", e->slug != NULL ? e->slug : "");
	}
	if (cli_flag(c, "json"))
		cli_json(all);
	else
		json_object_put(all);
	return NULL;
}

const struct cli_verb cli_operator_verbs[] = {
	CLI_VERB("operator add", run_add, 1, 1, "password-stdin json",
		"EMAIL [--password-stdin] [--json]",
		"add somebody of the operator: password and authenticator key are shown once"),
	CLI_VERB("operator list", run_list, 0, 0, "json", "[--json]",
		"people of the operator, who reach a workspace only inside a grant of its "
		"administrator"),
	CLI_VERB("operator remove", run_remove, 1, 1, "", "EMAIL",
		"they sign in no more, and their grants end at once"),
	CLI_VERB("operator log", run_log, 0, 0, "last= json", "[--last N] [--json]",
		"what they did, newest first: sign-ins, failures, requests for access"),
	CLI_END,
};

/* SPDX-License-Identifier: ISC */
/* praya user add, list, reset; praya token create */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "event.h"
#include "text.h"
#include "token.h"
#include "user.h"

STMT(list_users, "cli.user_list", 0,
	"select u.user_id, u.email, u.name, p.name, u.active, "
	"to_char(u.last_sign_in_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
	"from app_user u join profile p using (profile_id) order by u.email, u.user_id");

struct job {
	struct cli *c;
	struct tx *tx;
	const char *secret; /* password or token, in or out */
};

/* Opens a transaction in the workspace of the first argument for `work`, which
 * commits it. */
static struct err *
in_workspace(struct job *j, struct err *(*work)(struct job *j))
{
	struct tenant *tn;
	struct err *e;

	TRY(cli_tenant(j->c, cli_arg(j->c, 0), &tn));
	TRY(cli_tx(j->c, tn, &j->tx));
	e = work(j);
	tx_end(&j->tx);
	return e;
}

static struct err *
user_of_argument(struct job *j, int64_t *user_r)
{
	const char *email = text_email(j->c->a, cli_arg(j->c, 1));

	*user_r = 0;
	if (email != NULL)
		TRY(user_by_email(j->tx, j->c->a, email, user_r));
	return *user_r != 0
		       ? NULL
		       : cli_fail(j->c, ERR_NOT_FOUND,
				 "no user of workspace %s has this address: see praya user list",
				 cli_arg(j->c, 0));
}

static struct err *
work_add(struct job *j)
{
	const char *email = cli_arg(j->c, 1);
	const char *name = cli_option(j->c, "name");
	const char *language = cli_option(j->c, "language");
	int64_t user;

	if (name == NULL)
		name = arena_strndup(j->c->a, email, strcspn(email, "@"));
	TRY(user_create(j->tx, j->c->a, email, name, cli_option(j->c, "profile"),
		language != NULL ? language : "en", j->secret, &user));
	return tx_commit(j->tx);
}

static struct err *
run_add(struct cli *c)
{
	struct job j = {.c = c};
	const char *language = cli_option(c, "language");
	struct err *e;

	if (language != NULL && strcmp(language, "en") != 0 && strcmp(language, "zh-Hant") != 0)
		return cli_fail(c, ERR_INVALID, "--language is en or zh-Hant");
	if (cli_flag(c, "password-stdin"))
		TRY(cli_secret(c, &j.secret));
	else
		j.secret = token_new(c->a, 16);
	e = in_workspace(&j, work_add);
	if (e != NULL && e->kind == ERR_CONFLICT)
		return cli_fail(c, ERR_CONFLICT,
			"a user of workspace %s has this address already: praya user reset sets a "
			"new password",
			cli_arg(c, 0));
	if (e == NULL && !cli_flag(c, "password-stdin"))
		printf("password, shown once: %s\n", j.secret);
	return e;
}

static struct err *
work_reset(struct job *j)
{
	int64_t user;

	TRY(user_of_argument(j, &user));
	TRY(user_set_password(j->tx, j->c->a, user, j->secret, 0));
	return tx_commit(j->tx);
}

static struct err *
run_reset(struct cli *c)
{
	struct job j = {.c = c};

	if (cli_flag(c, "password-stdin"))
		TRY(cli_secret(c, &j.secret));
	else
		j.secret = token_new(c->a, 16);
	TRY(in_workspace(&j, work_reset));
	if (!cli_flag(c, "password-stdin"))
		printf("password, shown once: %s\n", j.secret);
	return NULL;
}

static void
print_users(struct cli *c, const struct rows *rows)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < rows_count(rows); i++) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "id", json_object_new_int64(rows_i64(rows, i, 0)));
		json_object_object_add(o, "email", json_object_new_string(rows_text(rows, i, 1)));
		json_object_object_add(o, "name", json_object_new_string(rows_text(rows, i, 2)));
		json_object_object_add(o, "profile", json_object_new_string(rows_text(rows, i, 3)));
		json_object_object_add(o, "active", json_object_new_boolean(rows_bool(rows, i, 4)));
		json_object_object_add(o, "last_sign_in_at",
			rows_null(rows, i, 5) ? NULL
					      : json_object_new_string(rows_text(rows, i, 5)));
		json_object_array_add(all, o);
		if (!cli_flag(c, "json"))
			printf("%-32s %-16s %-8s %s\n", rows_text(rows, i, 1),
				rows_text(rows, i, 3), rows_bool(rows, i, 4) ? "active" : "off",
				rows_text(rows, i, 2));
	}
	if (cli_flag(c, "json"))
		cli_json(all);
	else
		json_object_put(all);
}

static struct err *
work_list(struct job *j)
{
	struct audit_event event = {.action = "list", .entity = "user"};
	struct rows *rows;

	TRY(tx_query(j->tx, &list_users, NO_VALS, &rows));
	event.count = (int64_t)rows_count(rows);
	audit_queue(j->tx, j->c->a, &event);
	TRY(tx_commit(j->tx));
	print_users(j->c, rows);
	return NULL;
}

static struct err *
run_list(struct cli *c)
{
	struct job j = {.c = c};

	return in_workspace(&j, work_list);
}

static struct err *
work_token(struct job *j)
{
	int64_t user;
	int64_t days;

	TRY(cli_number(j->c, "days", 1, 3650, 365, &days));
	TRY(user_of_argument(j, &user));
	TRY(token_create(j->tx, j->c->a, user, cli_option(j->c, "name"), (int)days, &j->secret));
	return tx_commit(j->tx);
}

static struct err *
run_token(struct cli *c)
{
	struct job j = {.c = c};

	TRY(in_workspace(&j, work_token));
	printf("%s\n", j.secret);
	return NULL;
}

const struct cli_verb cli_user_verbs[] = {
	CLI_VERB("user add", run_add, 2, 2, "profile=! name= language= password-stdin",
		"SLUG EMAIL --profile P [--name N] [--language en|zh-Hant] [--password-stdin]",
		"add somebody who signs in; without --password-stdin a password is made and shown"),
	CLI_VERB("user list", run_list, 1, 1, "json", "SLUG [--json]", "who can sign in"),
	CLI_VERB("user reset", run_reset, 2, 2, "password-stdin", "SLUG EMAIL [--password-stdin]",
		"a new password; open sessions end"),
	CLI_VERB("token create", run_token, 2, 2, "name=! days=", "SLUG EMAIL --name N [--days D]",
		"a bearer token for a program, with that user's rights, shown once"),
	CLI_END,
};

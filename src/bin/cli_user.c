/* SPDX-License-Identifier: ISC */
/* praya user add, list, reset; praya token create */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "event.h"
#include "factor.h"
#include "link.h"
#include "text.h"
#include "token.h"
#include "token_scope.h"
#include "user.h"
#include "wake.h"

STMT(list_users, "cli.user_list", 0,
	"select u.user_id, u.email, u.name, p.name, u.active, "
	"to_char(u.last_sign_in_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
	"from app_user u join profile p using (profile_id) order by u.email, u.user_id");

struct job {
	struct cli *c;
	const struct tenant *tn;
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
	bool ring;

	TRY(cli_tenant(j->c, cli_arg(j->c, 0), &tn));
	j->tn = tn;
	TRY(cli_tx(j->c, tn, &j->tx));
	e = work(j);
	ring = e == NULL && tx_rung(j->tx);
	tx_end(&j->tx);
	if (ring)
		wake_ring(cli_tenancy(j->c), j->c->a, tn);
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

/* The password from standard input, or one that is made; none with the flag that
 * sends a link instead. */
static struct err *
choose_secret(struct job *j, const char *link_flag, const char *email)
{
	struct cli *c = j->c;

	if (cli_flag(c, link_flag) && cli_flag(c, "password-stdin"))
		return cli_fail(c, ERR_INVALID, "--%s sends a link with which a password is set",
			link_flag);
	if (cli_flag(c, link_flag) && c->st->mail_relay == NULL)
		return cli_fail(c, ERR_CONFLICT, "Mail.Relay is not set: no mail goes out");
	if (cli_flag(c, link_flag) && !cli_view(c))
		return cli_fail(c, ERR_INTERNAL, "no templates in %s", c->st->templates);
	if (cli_flag(c, link_flag))
		return NULL;
	if (cli_flag(c, "password-stdin"))
		TRY(cli_secret(c, &j->secret));
	else
		j->secret = token_new(c->a, 16);
	return cli_password(c, j->secret, &(struct password_owner){.email = email});
}

static void
show_secret(const struct job *j)
{
	if (j->secret == NULL)
		printf("a mail with a link is on its way\n");
	else if (!cli_flag(j->c, "password-stdin"))
		printf("password, shown once: %s\n", j->secret);
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
	TRY(user_create(j->tx, j->c->a, j->tn, email, name, cli_option(j->c, "profile"),
		language != NULL ? language : "en", j->secret, &user));
	if (j->secret == NULL)
		TRY(link_send(j->tx, j->c->a, j->tn, j->c->st, LINK_INVITE, user, 0));
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
	TRY(choose_secret(&j, "invite", cli_arg(c, 1)));
	e = in_workspace(&j, work_add);
	if (e != NULL && e->kind == ERR_CONFLICT)
		return cli_fail(c, ERR_CONFLICT,
			"a user of workspace %s has this address already: praya user reset sets a "
			"new password",
			cli_arg(c, 0));
	if (e == NULL)
		show_secret(&j);
	return e;
}

static struct err *
work_two_step(struct job *j, int64_t user)
{
	bool had;

	TRY(factor_remove(j->tx, j->c->a, user, &had));
	if (!had)
		return cli_fail(
			j->c, ERR_CONFLICT, "%s signs in without a second step", cli_arg(j->c, 1));
	return tx_commit(j->tx);
}

static struct err *
work_reset(struct job *j)
{
	int64_t user;

	TRY(user_of_argument(j, &user));
	if (cli_flag(j->c, "two-step"))
		return work_two_step(j, user);
	if (j->secret != NULL)
		TRY(user_set_password(j->tx, j->c->a, j->tn, user, j->secret, 0, true));
	else
		TRY(link_send(j->tx, j->c->a, j->tn, j->c->st, LINK_RESET, user, 0));
	return tx_commit(j->tx);
}

static struct err *
run_reset(struct cli *c)
{
	struct job j = {.c = c};

	bool two_step = cli_flag(c, "two-step");

	if (two_step && (cli_flag(c, "mail") || cli_flag(c, "password-stdin")))
		return cli_fail(c, ERR_INVALID, "--two-step leaves the password as it is");
	if (!two_step)
		TRY(choose_secret(&j, "mail", cli_arg(c, 1)));
	TRY(in_workspace(&j, work_reset));
	if (!two_step)
		show_secret(&j);
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

/* "read,erase" */
static struct err *
read_scope(struct cli *c, struct token_new *new)
{
	const char *text = cli_option(c, "scope"), *bad;
	const char **words = ARENA_ARRAY(c->a, strlen(text) + 1, const char *);
	size_t n = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, ",");

		words[n++] = arena_strndup(c->a, text, len);
		text += len + (text[len] == ',');
	}
	new->scope = token_scope(c->a, words, n, NULL, &new->nscope, &bad);
	if (bad != NULL || n == 0)
		return cli_fail(c, ERR_INVALID,
			"--scope takes read, write, export, import and rights such as "
			"contact.view or erase, by commas: not %s",
			bad != NULL ? bad : "nothing");
	return NULL;
}

static struct err *
work_token(struct job *j)
{
	struct token_new new;
	int64_t user;
	int64_t days;

	TRY(cli_number(j->c, "days", 1, 365, 365, &days));
	TRY(user_of_argument(j, &user));
	new = (struct token_new){.user = user, .name = cli_option(j->c, "name"), .days = (int)days};
	if (cli_option(j->c, "scope") != NULL)
		TRY(read_scope(j->c, &new));
	TRY(token_create(j->tx, j->c->a, &new, &j->secret));
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
	CLI_VERB("user add", run_add, 2, 2, "profile=! name= language= password-stdin invite",
		"SLUG EMAIL --profile P [--name N] [--language en|zh-Hant] "
		"[--password-stdin | --invite]",
		"add somebody who signs in: with a password that is made and shown, or a link by "
		"mail"),
	CLI_VERB("user list", run_list, 1, 1, "json", "SLUG [--json]", "who can sign in"),
	CLI_VERB("user reset", run_reset, 2, 2, "password-stdin mail two-step",
		"SLUG EMAIL [--password-stdin | --mail | --two-step]",
		"a new password, open sessions end; or a link by mail to set one; or the second "
		"step of a lost telephone taken away"),
	CLI_VERB("token create", run_token, 2, 2,
		"name=! days= scope=", "SLUG EMAIL --name N [--days D] [--scope read,erase,...]",
		"a bearer token for a program, shown once; without --scope with all of the user's "
		"rights"),
	CLI_END,
};

/* SPDX-License-Identifier: ISC */
/* praya mail test */
#include <stdio.h>

#include "cli.h"
#include "outbox.h"
#include "response.h"
#include "text.h"
#include "user.h"
#include "wake.h"

/* Ten minutes are enough to see whether it goes. */
#define TEST_LIFE 600

static struct err *
write_test(struct cli *c, struct tx *tx, const struct tenant *tn, const char *to)
{
	struct json_object *data = model_object(c->a);
	const char *language = cli_option(c, "language");
	struct outgoing m = {.kind = "test",
		.to = to,
		.lang = lang_parse(language != NULL ? language : "en"),
		.data = data,
		.subject_arg = tn->name,
		.life = TEST_LIFE};

	model_text(data, "workspace", tn->name);
	TRY(outbox_add(tx, c->a, &tn->kek, &m));
	return tx_commit(tx);
}

static struct err *
run_test(struct cli *c)
{
	const char *to = text_email(c->a, cli_arg(c, 1));
	struct tenant *tn;
	struct tx *tx;
	struct err *e;

	if (to == NULL)
		return cli_fail(c, ERR_INVALID, "%s is no address of mail", cli_arg(c, 1));
	if (c->st->mail_relay == NULL)
		return cli_fail(c, ERR_CONFLICT, "Mail.Relay is not set: nothing is sent");
	if (!cli_view(c))
		return cli_fail(c, ERR_INTERNAL, "no templates in %s", c->st->templates);
	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	TRY(cli_tx(c, tn, &tx));
	e = write_test(c, tx, tn, to);
	tx_end(&tx);
	if (e != NULL)
		return e;
	wake_ring(cli_tenancy(c), c->a, tn);
	printf("the worker sends it; praya doctor says when it cannot\n");
	return NULL;
}

const struct cli_verb cli_mail_verbs[] = {
	CLI_VERB("mail test", run_test, 2, 2, "language=", "SLUG EMAIL [--language en|zh-Hant]",
		"send a mail that says that mail goes out"),
	CLI_END,
};

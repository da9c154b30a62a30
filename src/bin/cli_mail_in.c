/* SPDX-License-Identifier: ISC */
/* praya mail-in: the end of an MTA's pipe, with the exit statuses MTAs know. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "mail_in.h"
#include "sb.h"
#include "user.h"

/* sysexits.h: the message is at fault, there is no such workspace, come again. */
enum { STATUS_DATA = 65, STATUS_NO_USER = 67, STATUS_AGAIN = 75 };

static struct err *
read_message(struct cli *c, struct sb *sb)
{
	size_t max = (size_t)c->st->upload_max, size = 65536;
	char *piece = arena_alloc(c->a, size);
	ssize_t n;

	sb_init(sb, c->a, max);
	while ((n = read(STDIN_FILENO, piece, size)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cli_fail(
				c, ERR_BUSY, "standard input cannot be read: %s", strerror(errno));
		sb_add(sb, piece, (size_t)n);
		if (!sb_ok(sb))
			return cli_fail(c, ERR_TOO_LARGE, "the message is larger than %lld bytes",
				(long long)max);
	}
	if (sb->n == 0)
		return cli_fail(c, ERR_BAD_REQUEST, "there is no message on standard input");
	return NULL;
}

static void
print_result(const struct cli *c, const struct mail_in_result *r)
{
	if (cli_flag(c, "json")) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(
			o, "direction", json_object_new_string(r->outgoing ? "out" : "in"));
		json_object_object_add(o, "unproven", json_object_new_boolean(r->unproven));
		json_object_object_add(o, "stored", json_object_new_int64(r->stored));
		json_object_object_add(o, "known", json_object_new_int64(r->known));
		json_object_object_add(o, "files", json_object_new_int64(r->files));
		json_object_object_add(o, "created", json_object_new_int64(r->created));
		json_object_object_add(o, "ignored", json_object_new_boolean(r->ignored));
		json_object_object_add(o, "tray", json_object_new_boolean(r->tray));
		cli_json(o);
	} else if (r->tray) {
		puts("of somebody who was erased: it waits in the tray");
	} else if (r->ignored) {
		puts("automatic mail of nobody known: nothing stored");
	} else {
		printf("%s: stored for %lld, known already by %lld, files %lld, new contacts "
		       "%lld\n",
			r->outgoing   ? "sent"
			: r->unproven ? "received, of a user's address that nothing proves"
				      : "received",
			(long long)r->stored, (long long)r->known, (long long)r->files,
			(long long)r->created);
	}
}

static struct err *
take_in(struct cli *c, const struct sb *message, struct mail_in_result *result)
{
	struct record_ctx cx;
	struct tenant *tn;
	struct conn *conn;
	struct err *e;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	if (tn->state != TENANT_ACTIVE && tn->state != TENANT_CLOSING)
		return cli_fail(c, ERR_BUSY, "the workspace takes nothing in at present");
	TRY(tenant_conn(cli_tenancy(c), c->a, tn, &conn));
	TRY(record_ctx_system(conn, c->a, tn, "cli", 0, &cx));
	TRY(system_tx(conn, c->a, "cli", 0, "cli mail-in", &cx.tx));
	e = mail_in_store(&cx, c->st, message->p, message->n, result);
	tx_end(&cx.tx);
	return e;
}

static struct err *
run_mail_in(struct cli *c)
{
	struct mail_in_result result;
	struct sb message;
	struct err *e = read_message(c, &message);

	if (e == NULL)
		e = take_in(c, &message, &result);
	if (e == NULL) {
		print_result(c, &result);
		return NULL;
	}
	if (e->kind == ERR_NOT_FOUND)
		c->status = STATUS_NO_USER;
	else if (e->kind == ERR_BAD_REQUEST || e->kind == ERR_TOO_LARGE || e->kind == ERR_INVALID)
		c->status = STATUS_DATA;
	else
		c->status = STATUS_AGAIN;
	return e;
}

const struct cli_verb cli_mail_in_verbs[] = {
	CLI_VERB("mail-in", run_mail_in, 1, 1, "json", "SLUG [--json] < MESSAGE",
		"file a mail message under the people it is from or to; for an MTA's pipe"),
	CLI_END,
};

/* SPDX-License-Identifier: ISC */
/*
 * praya, the operators' command line: one row a verb.
 *
 * A verb's handler finds its arguments checked against its row. It prints its
 * answer on stdout (with --json as JSON where it lists something) and returns an
 * error for what went wrong: the command then ends with status 1 and one line on
 * stderr. Wrong usage ends with status 2 before the handler is called. A handler
 * needs no clean-up beyond its own files: arena and connections end with it.
 *
 * A new verb: a row in a table of its slice's cli_*.c, and that table's line in
 * praya.c.
 */
#ifndef PRAYA_CLI_H
#define PRAYA_CLI_H

#include <json-c/json.h>

#include "password_rule.h"
#include "provision.h"
#include "tx.h"

struct cli;
typedef struct err *cli_fn(struct cli *c);

struct cli_verb {
	const char *words; /* "tenant create" */
	cli_fn *run;
	int min_args;
	int max_args;
	/* Names without dashes by blanks: "name=!" takes a value and must be there,
	 * "days=" takes one, "json" is a flag. */
	const char *options;
	const char *usage; /* what stands behind the words */
	const char *does;  /* one line for praya --help */
};

#define CLI_VERB(words, run, min, max, options, usage, does) \
	{ \
		words, run, min, max, options, usage, does \
	}
#define CLI_END \
	{ \
		NULL, NULL, 0, 0, NULL, NULL, NULL \
	}

extern const struct cli_verb cli_audit_verbs[];
extern const struct cli_verb cli_import_verbs[];
extern const struct cli_verb cli_export_verbs[];
extern const struct cli_verb cli_backup_verbs[];
extern const struct cli_verb cli_closing_verbs[];
extern const struct cli_verb cli_key_verbs[];
extern const struct cli_verb cli_leak_verbs[];
extern const struct cli_verb cli_ledger_verbs[];
extern const struct cli_verb cli_log_book_verbs[];
extern const struct cli_verb cli_mail_in_verbs[];
extern const struct cli_verb cli_mail_verbs[];
extern const struct cli_verb cli_metrics_verbs[];
extern const struct cli_verb cli_move_verbs[];
extern const struct cli_verb cli_operator_verbs[];
extern const struct cli_verb cli_setup_verbs[];
extern const struct cli_verb cli_tenant_verbs[];
extern const struct cli_verb cli_user_verbs[];
extern const struct cli_verb cli_worker_verbs[];

#define CLI_ARGS_MAX 16
#define CLI_OPTIONS_MAX 16

struct cli {
	struct arena *a;
	const struct settings *st;
	const struct cli_verb *verb;
	const char *args[CLI_ARGS_MAX];
	int nargs;
	struct {
		const char *name;
		const char *value; /* "" for a flag */
	} options[CLI_OPTIONS_MAX];
	int noptions;
	struct tenancy *tenancy; /* opened by cli_tenancy() */
	int status;              /* exit status of an error; 0: the usual one */
};

/* NULL when it was not given. */
const char *cli_arg(const struct cli *c, int n);
const char *cli_option(const struct cli *c, const char *name);
bool cli_flag(const struct cli *c, const char *name);
/* A number option within bounds, `preset` when it was not given. */
struct err *cli_number(struct cli *c, const char *name, int64_t min, int64_t max, int64_t preset,
	int64_t *value_r);

/* An error in the operator's words: what failed and what to do. */
#define cli_fail(c, kind, ...) err_sure(err_detail((c)->a, (kind), __FILE__, __LINE__, __VA_ARGS__))

/* The first line of stdin, without its end: a password. */
struct err *cli_secret(struct cli *c, const char **secret_r);

/* Before a verb sets a password: the rules are loaded, and this one keeps them.
 * email: of whom; NULL: not known. */
struct err *cli_password(struct cli *c, const char *password, const struct password_owner *owner);

/* The tenancy, opened at its first use. Ends the process when it cannot be. */
struct tenancy *cli_tenancy(struct cli *c);
/* A workspace by slug; ERR_NOT_FOUND says so. */
struct err *cli_tenant(struct cli *c, const char *slug, struct tenant **tenant_r);
/* A transaction in its database that sees everything, as actor "cli". The
 * caller commits and ends it. */
struct err *cli_tx(struct cli *c, const struct tenant *tn, struct tx **tx_r);

/* Carries out what is open in the ledger until nothing is; *left_r: what could not be. */
struct err *cli_erase_again(struct cli *c, struct tenant *tn, size_t *left_r);

/* Loads catalogues and templates at the first call; false where none are installed. */
bool cli_view(struct cli *c);

/* Prints a JSON value on a line and gives it up. */
void cli_json(struct json_object *o);

/* Finds the verb, checks its arguments, runs it; the exit status. */
int cli_main(int argc, char **argv, const struct cli_verb *const *tables);

#endif

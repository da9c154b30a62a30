/* SPDX-License-Identifier: ISC */
#include "cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli_region.h"
#include "log.h"
#include "num.h"
#include "sb.h"
#include "user.h"
#include "utf8.h"
#include "view.h"

#define CLI_MEMORY ((size_t)1 << 30)
#define SECRET_MAX 1024

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

const char *
cli_arg(const struct cli *c, int n)
{
	return n < c->nargs ? c->args[n] : NULL;
}

const char *
cli_option(const struct cli *c, const char *name)
{
	for (int i = 0; i < c->noptions; i++)
		if (strcmp(c->options[i].name, name) == 0)
			return c->options[i].value;
	return NULL;
}

bool
cli_flag(const struct cli *c, const char *name)
{
	return cli_option(c, name) != NULL;
}

struct err *
cli_number(
	struct cli *c, const char *name, int64_t min, int64_t max, int64_t preset, int64_t *value_r)
{
	const char *text = cli_option(c, name);

	*value_r = preset;
	if (text != NULL && !num_parse_i64(text, min, max, value_r))
		return cli_fail(c, ERR_INVALID, "--%s takes a number from %lld to %lld", name,
			(long long)min, (long long)max);
	return NULL;
}

struct err *
cli_secret(struct cli *c, const char **secret_r)
{
	char *line = arena_alloc(c->a, SECRET_MAX);
	size_t n;

	if (fgets(line, SECRET_MAX, stdin) == NULL)
		return cli_fail(c, ERR_INVALID, "no password on standard input");
	n = strlen(line);
	if (n == SECRET_MAX - 1)
		return cli_fail(c, ERR_INVALID, "the password on standard input is too long");
	if (n > 0 && line[n - 1] == '\n')
		line[--n] = '\0';
	if (n > 0 && line[n - 1] == '\r')
		line[--n] = '\0';
	if (n == 0 || !utf8_valid(line, n))
		return cli_fail(c, ERR_INVALID, "no password in UTF-8 on standard input");
	*secret_r = line;
	return NULL;
}

struct err *
cli_password(struct cli *c, const char *password, const struct password_owner *owner)
{
	struct err *e = NULL;
	const char *why;

	if (!password_rules_load(c->st, &why))
		return cli_fail(c, ERR_INTERNAL, "%s: %s", c->st->passwords, why);
	password_rules_check(c->a, password, owner, &e);
	return e;
}

struct tenancy *
cli_tenancy(struct cli *c)
{
	if (c->tenancy == NULL)
		c->tenancy = tenancy_new(c->st);
	return c->tenancy;
}

struct err *
cli_tenant(struct cli *c, const char *slug, struct tenant **tenant_r)
{
	TRY(tenant_by_slug(cli_tenancy(c), c->a, slug, tenant_r));
	return *tenant_r != NULL
		       ? NULL
		       : cli_fail(c, ERR_NOT_FOUND,
				 "there is no workspace %s in region %s: see praya tenant list",
				 slug, c->st->region);
}

struct err *
cli_tx(struct cli *c, const struct tenant *tn, struct tx **tx_r)
{
	const char *route = arena_printf(c->a, "cli %s", c->verb->words);
	struct conn *conn;

	TRY(tenant_conn(cli_tenancy(c), c->a, tn, &conn));
	return system_tx(conn, c->a, "cli", 0, route, tx_r);
}

void
cli_json(struct json_object *o)
{
	puts(json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

bool
cli_view(struct cli *c)
{
	static bool loaded;
	const char *file = arena_printf(c->a, "%s/en.hdf", c->st->i18n);

	if (!loaded) {
		if (access(file, R_OK) != 0 || access(c->st->assets, R_OK) != 0)
			return false;
		view_init(c->st->templates, c->st->i18n, c->st->assets, false);
		loaded = true;
	}
	return true;
}

/* Text of a message key; the key itself where no catalogue is installed. */
static const char *
message(struct cli *c, const char *key, const char *arg)
{
	return cli_view(c) ? view_text(c->a, LANG_EN, key, arg) : key;
}

static void
report(struct cli *c, const struct err *e)
{
	struct sb sb;

	sb_init(&sb, c->a, (size_t)64 * 1024);
	for (const struct err_field *f = e->fields; f != NULL; f = f->next)
		sb_printf(&sb, "%s%s: %s", f == e->fields ? "" : "; ", f->name,
			message(c, f->key, f->arg));
	if (e->fields == NULL && e->key != NULL)
		sb_puts(&sb, message(c, e->key, e->arg));
	else if (e->fields == NULL && e->detail == NULL)
		sb_puts(&sb,
			message(c, arena_printf(c->a, "error.%s.text", err_name(e->kind)), NULL));
	if (e->detail != NULL)
		sb_printf(&sb, "%s%s", sb.n > 0 ? ": " : "", e->detail);
	/* Passwords come from the master key. */
	if (e->detail != NULL && strstr(e->detail, "password authentication failed") != NULL)
		sb_printf(&sb, " (is %s the master key of this installation?)", c->st->master_key);
	/* One line, whatever libpq or a catalogue says. */
	fprintf(stderr, "praya %s: ", c->verb->words);
	for (size_t i = 0; i < sb.n; i++)
		if (sb.p[i] != '\n')
			fputc(sb.p[i], stderr);
		else if (sb.p[i + 1] != '\0')
			fputc(' ', stderr);
	fputc('\n', stderr);
}

static void
print_verb(FILE *f, const struct cli_verb *v)
{
	fprintf(f, "praya %s%s%s\n", v->words, v->usage[0] != '\0' ? " " : "", v->usage);
}

static bool
begins_with(const struct cli_verb *v, const char *word)
{
	size_t n = strcspn(v->words, " ");

	return strlen(word) == n && strncmp(v->words, word, n) == 0;
}

/* first: what was typed, NULL: nothing. Where verbs begin with it, those alone. */
static void
print_help(FILE *f, const struct cli_verb *const *tables, const char *first)
{
	bool some = false;

	for (const struct cli_verb *const *t = tables; first != NULL && *t != NULL; t++)
		for (const struct cli_verb *v = *t; v->words != NULL; v++)
			some |= begins_with(v, first);
	fputs("usage: praya [--config FILE] VERB ...\n\n", f);
	for (; *tables != NULL; tables++) {
		for (const struct cli_verb *v = *tables; v->words != NULL; v++) {
			if (some && !begins_with(v, first))
				continue;
			print_verb(f, v);
			fprintf(f, "\t%s\n", v->does);
		}
	}
	fputs("\nExit status: 0 done, 1 failed (stderr says why), 2 wrong usage.\n", f);
}

/* How many of argv the verb's words take up; 0 when they differ. */
static int
words_match(const char *words, int argc, char **argv)
{
	int n = 0;

	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		if (n == argc || strlen(argv[n]) != len || strncmp(argv[n], words, len) != 0)
			return 0;
		words += len;
		words += strspn(words, " ");
		n++;
	}
	return n;
}

static int
find_verb(struct cli *c, int argc, char **argv, const struct cli_verb *const *tables)
{
	int best = 0;

	for (; *tables != NULL; tables++) {
		for (const struct cli_verb *v = *tables; v->words != NULL; v++) {
			int n = words_match(v->words, argc, argv);

			if (n > best) {
				best = n;
				c->verb = v;
			}
		}
	}
	return best;
}

/* The option's entry in a verb's list: "=" or "=!" or "" behind its name. */
static const char *
option_kind(const char *options, const char *name, size_t n)
{
	while (*options != '\0') {
		size_t len = strcspn(options, " ");

		if (len >= n && strncmp(options, name, n) == 0 && (len == n || options[n] == '='))
			return options + n;
		options += len;
		options += strspn(options, " ");
	}
	return NULL;
}

/* Takes argv[*at], and its value, as an option. What is wrong, or NULL. */
static const char *
take_option(struct cli *c, int argc, char **argv, int *at)
{
	const char *name = argv[*at] + 2;
	size_t n = strcspn(name, "=");
	const char *kind = option_kind(c->verb->options, name, n);
	const char *value = "";

	if (kind == NULL)
		return arena_printf(c->a, "there is no option --%.*s", (int)n, name);
	if (*kind != '=' && name[n] == '=')
		return arena_printf(c->a, "--%.*s takes no value", (int)n, name);
	if (*kind == '=' && name[n] == '=') {
		value = name + n + 1;
	} else if (*kind == '=') {
		if (++*at == argc)
			return arena_printf(c->a, "--%s needs a value", name);
		value = argv[*at];
	}
	if (c->noptions == CLI_OPTIONS_MAX)
		return "too many options";
	c->options[c->noptions].name = arena_strndup(c->a, name, n);
	c->options[c->noptions].value = value;
	if (cli_option(c, c->options[c->noptions++].name) != value)
		return arena_printf(c->a, "--%.*s is given twice", (int)n, name);
	return NULL;
}

/* Fills args and options. What is wrong, or NULL. */
static const char *
take_arguments(struct cli *c, int argc, char **argv)
{
	bool options = true;

	for (int i = 0; i < argc; i++) {
		if (!utf8_valid(argv[i], strlen(argv[i])))
			return "an argument is not UTF-8";
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && strncmp(argv[i], "--", 2) == 0) {
			const char *wrong = take_option(c, argc, argv, &i);

			if (wrong != NULL)
				return wrong;
		} else if (c->nargs == c->verb->max_args) {
			return "too many arguments";
		} else {
			c->args[c->nargs++] = argv[i];
		}
	}
	if (c->nargs < c->verb->min_args)
		return "too few arguments";
	for (const char *o = c->verb->options; *o != '\0';) {
		size_t len = strcspn(o, " ");

		if (len > 2 && o[len - 1] == '!' && !cli_flag(c, arena_strndup(c->a, o, len - 2)))
			return arena_printf(c->a, "--%.*s is missing", (int)len - 2, o);
		o += len;
		o += strspn(o, " ");
	}
	return NULL;
}

static int
run_verb(struct cli *c, const char *config, int argc, char **argv)
{
	const char *why;
	struct err *e;

	c->st = settings_load(config, &why);
	if (c->st == NULL) {
		fprintf(stderr, "praya %s: %s\n", c->verb->words, why);
		return EXIT_FAILED;
	}
	e = cli_region_go(c, argc, argv);
	if (e == NULL)
		e = c->verb->run(c);
	if (e == NULL && fflush(stdout) != 0)
		e = cli_fail(c, ERR_INTERNAL, "the answer could not be written");
	if (e != NULL)
		report(c, e);
	tenancy_free(&c->tenancy);
	if (e == NULL)
		return EXIT_DONE;
	return c->status != 0 ? c->status : EXIT_FAILED;
}

int
cli_main(int argc, char **argv, const struct cli_verb *const *tables)
{
	struct cli c = {.a = arena_new(CLI_MEMORY)};
	const char *config = NULL;
	const char *wrong;
	int words;
	int status;

	argc--;
	argv++;
	if (argc >= 2 && strcmp(argv[0], "--config") == 0) {
		config = argv[1];
		argc -= 2;
		argv += 2;
	}
	if (argc == 1 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "help") == 0)) {
		print_help(stdout, tables, NULL);
		arena_free(&c.a);
		return EXIT_DONE;
	}
	words = find_verb(&c, argc, argv, tables);
	if (words == 0) {
		print_help(stderr, tables, argc > 0 ? argv[0] : NULL);
		arena_free(&c.a);
		return EXIT_USAGE;
	}
	wrong = take_arguments(&c, argc - words, argv + words);
	if (wrong != NULL) {
		fprintf(stderr, "praya %s: %s; usage: ", c.verb->words, wrong);
		print_verb(stderr, c.verb);
		status = EXIT_USAGE;
	} else {
		status = run_verb(&c, config, argc, argv);
	}
	arena_free(&c.a);
	return status;
}

/* SPDX-License-Identifier: ISC */
/* praya tenant create, list, show, migrate, destroy, certificate */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "certificate_pdf.h"
#include "cli_region.h"
#include "date.h"
#include "destroy.h"
#include "log.h"
#include "migrate.h"
#include "password.h"
#include "text.h"
#include "token.h"
#include "user.h"
#include "utf8.h"

STMT(closing_end, "owner.closing_end", 0,
	"select (extract(epoch from closes_at) * 1000000)::bigint from closing "
	"where ended_at is null and begun_at is not null");

#define REASON_MAX 500
/* Several at once take turns. */
#define WAIT_SECONDS 120

static const char *
state_name(enum tenant_state s)
{
	static const char *const names[] = {[TENANT_ACTIVE] = "active",
		[TENANT_SUSPENDED] = "suspended",
		[TENANT_CLOSING] = "closing",
		[TENANT_CREATING] = "creating",
		[TENANT_DESTROYED] = "destroyed",
		[TENANT_MOVING] = "moving"};

	return names[s];
}

/* Before a database is made for them. */
static struct err *
check_admin(struct cli *c, const char *email)
{
	struct err *e = NULL;

	if (text_email(c->a, email) == NULL)
		err_add_field(c->a, &e, "admin-email", "error.email", NULL);
	return e;
}

/* An earlier call may have added the user and not lived to show the password. */
static struct err *
add_admin_in(struct cli *c, struct tx *tx, const struct tenant *tn, const char *email,
	const char *password)
{
	int64_t user;

	TRY(user_by_email(tx, c->a, text_email(c->a, email), &user));
	if (user != 0)
		TRY(user_set_password(tx, c->a, tn, user, password, 0, true));
	else
		TRY(user_create(tx, c->a, tn, email,
			arena_strndup(c->a, email, strcspn(email, "@")), "administrator", "en",
			password, &user));
	return tx_commit(tx);
}

static struct err *
add_admin(struct cli *c, const struct tenant *tn, const char *email, const char *password)
{
	struct tx *tx;
	struct err *e;

	TRY(cli_tx(c, tn, &tx));
	e = add_admin_in(c, tx, tn, email, password);
	tx_end(&tx);
	return e;
}

static struct err *
run_create(struct cli *c)
{
	const char *email = cli_option(c, "admin-email");
	const struct password_owner owner = {
		.email = email, .business = cli_option(c, "name"), .slug = cli_arg(c, 0)};
	const char *password = NULL;
	bool given = cli_flag(c, "admin-password-stdin");
	struct tenant *tn;

	if (given)
		TRY(cli_secret(c, &password));
	TRY(check_admin(c, email));
	if (!given)
		password = token_new(c->a, 16);
	TRY(cli_password(c, password, &owner));
	provision_wait(cli_tenancy(c), WAIT_SECONDS);
	TRY(provision_create(cli_tenancy(c), c->a, cli_arg(c, 0), cli_option(c, "name"),
		cli_option(c, "region"), &tn));
	TRY(add_admin(c, tn, email, password));
	TRY(provision_activate(cli_tenancy(c), c->a, tn));
	printf("%s\n", tn->origin);
	if (!given)
		printf("password of %s, shown once: %s\n", email, password);
	return NULL;
}

static struct json_object *
tenant_json(const struct tenant *tn)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "slug", json_object_new_string(tn->slug));
	json_object_object_add(o, "id", json_object_new_int64(tn->id));
	json_object_object_add(o, "uuid", json_object_new_string(tn->uuid));
	json_object_object_add(o, "name", json_object_new_string(tn->name));
	json_object_object_add(o, "region", json_object_new_string(tn->region));
	json_object_object_add(o, "state", json_object_new_string(state_name(tn->state)));
	json_object_object_add(o, "database", json_object_new_string(tn->database));
	json_object_object_add(o, "origin", json_object_new_string(tn->origin));
	return o;
}

/* When a workspace that closes is destroyed; NULL: it does not close. */
static struct err *
closes_at(struct cli *c, const struct tenant *tn, const char **at_r)
{
	struct conn *conn;
	struct rows *r;

	*at_r = NULL;
	if (tn->state != TENANT_CLOSING)
		return NULL;
	TRY(tenant_conn_migrate(cli_tenancy(c), c->a, tn, &conn));
	TRY(conn_query(conn, c->a, &closing_end, NO_VALS, &r));
	if (rows_count(r) > 0)
		*at_r = time_rfc3339(c->a, rows_i64(r, 0, 0));
	return NULL;
}

/* Sizes and last use; a workspace that is being made, or does not answer, has none. */
static struct err *
add_sizes(struct cli *c, struct json_object *o, const struct tenant *tn)
{
	struct json_object *sizes = json_object_new_object();
	int64_t database, files, used;
	const char *ends;

	json_object_object_add(o, "sizes", sizes);
	json_object_object_add(o, "last_used_at", NULL);
	json_object_object_add(o, "closes_at", NULL);
	TRY(provision_sizes(cli_tenancy(c), c->a, tn, &database, &files, &used));
	json_object_object_add(sizes, "database", json_object_new_int64(database));
	json_object_object_add(sizes, "files", json_object_new_int64(files));
	if (used != 0)
		json_object_object_add(
			o, "last_used_at", json_object_new_string(time_rfc3339(c->a, used)));
	TRY(closes_at(c, tn, &ends));
	if (ends != NULL)
		json_object_object_add(o, "closes_at", json_object_new_string(ends));
	return NULL;
}

static void
list_json(struct cli *c, struct json_object *all, struct tenant **list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = tenant_json(list[i]);
		struct err *e = add_sizes(c, o, list[i]);

		/* One that does not answer does not hide the others. */
		if (e != NULL)
			log_warn("workspace %s: %s", list[i]->slug, e->detail);
		json_object_array_add(all, o);
		/* An idle workspace keeps no connection. */
		if (list[i]->conninfo != NULL)
			conn_drop(tenancy_pool(cli_tenancy(c)), list[i]->conninfo);
	}
}

/* Of the region whose tenancy is open. */
static struct err *
list_region(struct cli *c, struct json_object *all)
{
	struct tenant **list;
	size_t n;

	TRY(tenant_list(cli_tenancy(c), c->a, &list, &n));
	if (cli_flag(c, "json")) {
		list_json(c, all, list, n);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		printf("%-24s %-10s %-8s %-16s %s\n", list[i]->slug, state_name(list[i]->state),
			list[i]->region, list[i]->database, list[i]->name);
	return NULL;
}

static struct err *
list_regions(struct cli *c, struct json_object *all)
{
	static const char *const regions[] = {"hk", "sg", "eu"};
	const struct settings *here = c->st, *other;

	TRY(list_region(c, all));
	for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		struct err *e;

		if (strcmp(regions[i], here->region) == 0)
			continue;
		TRY(cli_region_settings(c, regions[i], &other));
		if (other == NULL)
			continue;
		tenancy_free(&c->tenancy);
		c->st = other;
		e = list_region(c, all);
		c->st = here;
		TRY(e);
	}
	return NULL;
}

static struct err *
run_list(struct cli *c)
{
	struct json_object *all = json_object_new_array();
	struct err *e = list_regions(c, all);

	if (e == NULL && cli_flag(c, "json"))
		cli_json(all);
	else
		json_object_put(all);
	return e;
}

/* Whatever its version is: tenant_conn() would refuse an old one. */
static struct err *
schema_version(struct cli *c, const struct tenant *tn, int *version_r)
{
	struct conn *conn;

	*version_r = 0;
	if (tn->conninfo == NULL)
		return NULL;
	TRY(conn_get(tenancy_pool(cli_tenancy(c)), c->a, tn->conninfo, &conn));
	return migrate_version(conn, c->a, version_r);
}

static struct err *
run_show(struct cli *c)
{
	struct json_object *o;
	struct tenant *tn;
	int64_t database, files, used;
	const char *ends;
	int version;

	TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	TRY(closes_at(c, tn, &ends));
	TRY(provision_sizes(cli_tenancy(c), c->a, tn, &database, &files, &used));
	TRY(schema_version(c, tn, &version));
	if (cli_flag(c, "json")) {
		o = tenant_json(tn);
		json_object_object_add(o, "schema", json_object_new_int(version));
		TRY(add_sizes(c, o, tn));
		cli_json(o);
		return NULL;
	}
	printf("slug      %s\nname      %s\nid        %lld\nuuid      %s\n", tn->slug, tn->name,
		(long long)tn->id, tn->uuid);
	printf("origin    %s\nregion    %s\nstate     %s\ndatabase  %s\n", tn->origin, tn->region,
		state_name(tn->state), tn->database);
	printf("schema    %d\nsizes     database %lld bytes, files %lld bytes\n", version,
		(long long)database, (long long)files);
	printf("last used %s\n", used != 0 ? time_rfc3339(c->a, used) : "never");
	if (ends != NULL)
		printf("destroyed %s\n", ends);
	return NULL;
}

static struct err *
run_migrate(struct cli *c)
{
	struct tenant *tn;

	if (cli_arg(c, 0) != NULL)
		TRY(cli_tenant(c, cli_arg(c, 0), &tn));
	provision_wait(cli_tenancy(c), WAIT_SECONDS);
	if (cli_flag(c, "again"))
		provision_again(cli_tenancy(c));
	return provision_migrate(cli_tenancy(c), c->a, cli_arg(c, 0));
}

/* A court's order, or a workspace that a restore replaced: its owner had no say. */
static struct err *
run_destroy(struct cli *c)
{
	struct destroying in = {
		.slug = cli_arg(c, 0), .reason = cli_option(c, "reason"), .early = true};
	const char *certificate;
	struct err *e;

	if (strcmp(cli_option(c, "confirm"), in.slug) != 0)
		return cli_fail(
			c, ERR_INVALID, "--confirm has to repeat the name of the workspace");
	if (*in.reason == '\0' || strlen(in.reason) > REASON_MAX)
		return cli_fail(c, ERR_INVALID, "--reason: 1 to %d bytes", REASON_MAX);
	e = tenant_destroy(cli_tenancy(c), c->a, &in, &certificate);
	if (e != NULL && e->kind == ERR_NOT_FOUND)
		return cli_fail(c, ERR_NOT_FOUND, "there is no workspace %s here", in.slug);
	TRY(e);
	printf("%s\n", certificate);
	return NULL;
}

static struct err *
write_paper(struct cli *c, const char *certificate, const char *path)
{
	const char *language = cli_option(c, "language");
	struct bytes pdf;
	FILE *f;
	bool ok;

	if (!cli_view(c))
		return cli_fail(c, ERR_INTERNAL, "no templates in %s", c->st->templates);
	TRY(certificate_pdf(
		c->a, certificate, language != NULL ? lang_parse(language) : LANG_EN, &pdf));
	f = fopen(path, "wx");
	if (f == NULL)
		return cli_fail(c, ERR_INVALID, "%s: %s", path, strerror(errno));
	ok = fwrite(pdf.p, 1, pdf.n, f) == pdf.n;
	if (fclose(f) != 0 || !ok)
		return cli_fail(c, ERR_INTERNAL, "%s: %s", path, strerror(errno));
	return NULL;
}

static struct err *
run_certificate(struct cli *c)
{
	const char *certificate;
	bool good;

	TRY(tenant_certificate(cli_tenancy(c), c->a, cli_arg(c, 0), &certificate));
	if (certificate == NULL)
		return cli_fail(
			c, ERR_NOT_FOUND, "no workspace %s was destroyed here", cli_arg(c, 0));
	TRY(tenant_certificate_check(cli_tenancy(c), c->a, certificate, &good));
	if (!good)
		return cli_fail(c, ERR_CONFLICT, "this is not what was signed here");
	if (cli_option(c, "pdf") != NULL)
		return write_paper(c, certificate, cli_option(c, "pdf"));
	printf("%s\n", certificate);
	return NULL;
}

const struct cli_verb cli_tenant_verbs[] = {
	CLI_VERB("tenant create", run_create, 1, 1,
		"name=! region=! admin-email=! admin-password-stdin",
		"SLUG --name N --region R --admin-email E [--admin-password-stdin]",
		"make a workspace, or finish one whose creation was cut off"),
	CLI_VERB("tenant list", run_list, 0, 0, "json", "[--json]",
		"workspaces of this region, and of those whose configurations are here"),
	CLI_VERB("tenant show", run_show, 1, 1, "json", "SLUG [--json]",
		"a workspace's database, state and sizes"),
	CLI_VERB("tenant migrate", run_migrate, 0, 1, "again", "[SLUG] [--again]",
		"bring the region's database, the template and one or all workspaces to this "
		"program's "
		"schema; --again: put back functions, policies and rights, too"),
	CLI_VERB("tenant destroy", run_destroy, 1, 1, "confirm=! reason=!",
		"SLUG --confirm SLUG --reason WHY",
		"destroy a workspace before its time, or go on where that was cut off"),
	CLI_VERB("tenant certificate", run_certificate, 1, 1,
		"pdf= language=", "SLUG [--pdf FILE [--language zh-Hant]]",
		"the certificate of a workspace that was destroyed, checked; as a paper"),
	CLI_END,
};

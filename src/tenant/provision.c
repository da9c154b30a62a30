/* SPDX-License-Identifier: ISC */
#include "provision.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "cluster.h"
#include "log.h"
#include "migrate.h"
#include "service.h"
#include "template.h"
#include "tenancy.h"
#include "tx.h"
#include "utf8.h"

#define NAME_MAX_CHARS 100
/* Every process of the pool and every worker may hold one. */
#define ROLE_ATTRIBUTES "login connection limit 200"

STMT(region_known, "directory.region_known", 1, "select 1 from region where region = $1");
STMT(directory_add, "directory.add", 2,
	"insert into tenant (slug, region) values ($1, $2) on conflict (slug) do nothing");
/* A year after its workspace was destroyed a name is free again. */
STMT(directory_free, "directory.free", 1,
	"update tenant set slug = 'gone-' || tenant_id where slug = $1 and state = 'destroyed' "
	"and state_at < now() - interval '1 year'");
/* Also one that is only in the making: nobody else's first call is to be finished. */
STMT(slug_like, "directory.slug_like", 2,
	"select coalesce(bool_or(slug = $1), false), coalesce(bool_or(slug <> $1), false) "
	"from tenant where (slug = $1 or translate(replace(replace(slug, 'rn', 'm'), 'vv', 'w'), "
	"'0i13457-', 'olleast') = $2) "
	"and not (state = 'destroyed' and state_at < now() - interval '1 year')");
STMT(region_list, "directory.regions", 0, "select region from region order by region");
STMT(cell_add, "cell.add", 3,
	"insert into tenant (tenant_id, name, region) values ($1::bigint, $2, $3) "
	"on conflict (tenant_id) do update set name = excluded.name");
STMT(key_add, "cell.add_key", 2,
	"insert into tenant_key (tenant_id, kek_version, wrapped) values ($1::bigint, 1, $2) "
	"on conflict do nothing");
STMT(activate, "directory.activate", 1,
	"update tenant set state = 'active', state_at = now() "
	"where tenant_id = $1::bigint and state = 'creating'");
STMT(database_size, "workspace.size", 0,
	"select pg_database_size(current_database()), "
	"(select (extract(epoch from max(seen_at)) * 1000000)::bigint from session "
	"where isfinite(seen_at))");

/* Names that the product, or the mail and name service of a domain, may need. */
static const char *const reserved[] = {"about", "account", "accounts", "admin", "api", "app",
	"assets", "auth", "autoconfig", "autodiscover", "billing", "blog", "cdn", "docs", "ftp",
	"help", "imap", "legal", "localhost", "login", "mail", "mta-sts", "ns1", "ns2", "operator",
	"ops", "pop3", "praya", "privacy", "register", "root", "security", "sign-up", "signup",
	"smtp", "static", "status", "support", "system", "test", "trust", "webmail", "www"};

/* A host of Praya's own that is set in the configuration. */
static bool
slug_host(const struct settings *st, struct arena *a, const char *slug)
{
	const char *host = arena_printf(a, "%s.%s", slug, st->base_domain);

	return strcmp(host, st->operator_host) == 0 || strcmp(host, st->sign_up_host) == 0 ||
	       settings_sign_up_elsewhere(st, host);
}

bool
slug_reserved(const struct settings *st, struct arena *a, const char *slug)
{
	/* Names of workspaces that are being restored, and of what they replaced. */
	if (strncmp(slug, "restore-", 8) == 0 || strncmp(slug, "before-", 7) == 0 ||
		strncmp(slug, "gone-", 5) == 0)
		return true;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(reserved[i], slug) == 0)
			return true;
	return slug_host(st, a, slug);
}

/* What looks alike is the same here. */
static const char *
skeleton(struct arena *a, const char *slug)
{
	static const char from[] = "0i13457", to[] = "olleast";
	char *out = arena_alloc(a, strlen(slug) + 1), *p = out;

	for (const char *s = slug; *s != '\0'; s++) {
		const char *at = strchr(from, *s);

		if (strncmp(s, "rn", 2) == 0 || strncmp(s, "vv", 2) == 0)
			*p++ = *s++ == 'r' ? 'm' : 'w';
		else if (at != NULL)
			*p++ = to[at - from];
		else if (*s != '-')
			*p++ = *s;
	}
	*p = '\0';
	return out;
}

static bool
looks_reserved(struct arena *a, const char *slug)
{
	const char *mine = skeleton(a, slug);

	if (strncmp(mine, "praya", 5) == 0)
		return true;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(skeleton(a, reserved[i]), mine) == 0)
			return true;
	return false;
}

/* One line of text with something to see in it. */
static bool
name_valid(const char *name)
{
	bool seen = false;

	if (!utf8_valid(name, strlen(name)) || utf8_length(name) > NAME_MAX_CHARS)
		return false;
	for (const unsigned char *p = (const unsigned char *)name; *p != '\0'; p++) {
		if (*p < ' ' || *p == 0x7f)
			return false;
		seen = seen || *p != ' ';
	}
	return seen;
}

static struct err *
check_new(
	struct tenancy *t, struct arena *a, const char *slug, const char *name, const char *region)
{
	struct err *e = NULL;
	struct rows *rows;
	struct conn *c;

	if (!slug_valid(slug))
		err_add_field(a, &e, "slug", "error.slug", NULL);
	else if (slug_reserved(t->st, a, slug))
		err_add_field(a, &e, "slug", "error.slug_reserved", NULL);
	if (!name_valid(name))
		err_add_field(a, &e, "name", "error.workspace_name", NULL);
	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, &region_known, VALS(val_text(region)), &rows));
	if (rows_count(rows) == 0)
		err_add_field(a, &e, "region", "error.region_unknown", NULL);
	else if (strcmp(region, t->st->region) != 0)
		err_add_field(a, &e, "region", "error.region_elsewhere", t->st->region);
	return e;
}

/* The directory's row: a new one, or one whose creation was cut off. */
static struct err *
claim_slug(struct tenancy *t, struct arena *a, const char *slug, const char *region,
	struct directory_row *row)
{
	struct conn *c;
	bool found;

	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, &directory_free, VALS(val_text(slug)), NULL));
	TRY(conn_query(c, a, &directory_add, VALS(val_text(slug), val_text(region)), NULL));
	TRY(directory_find(t, a, slug, 0, row, &found));
	if (!found)
		return err_busy(a, "the directory lost workspace %s again", slug);
	if (row->state != TENANT_CREATING || strcmp(row->region, region) != 0)
		return err_arg(a, ERR_CONFLICT, "error.slug_taken", slug);
	return NULL;
}

struct err *
provision_check(
	struct tenancy *t, struct arena *a, const char *slug, const char *name, const char *region)
{
	struct err *e = check_new(t, a, slug, name, region);
	struct rows *rows;
	struct conn *c;

	if ((e != NULL && e->kind != ERR_INVALID) || !slug_valid(slug) ||
		slug_reserved(t->st, a, slug))
		return e;
	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, &slug_like, VALS(val_text(slug), val_text(skeleton(a, slug))), &rows));
	if (looks_reserved(a, slug))
		err_add_field(a, &e, "slug", "error.slug_reserved", NULL);
	else if (rows_bool(rows, 0, 0))
		err_add_field(a, &e, "slug", "error.slug_taken", slug);
	else if (rows_bool(rows, 0, 1))
		err_add_field(a, &e, "slug", "error.slug_like", NULL);
	return e;
}

struct err *
provision_regions(struct tenancy *t, struct arena *a, const char ***list_r, size_t *n_r)
{
	struct rows *rows;
	struct conn *c;

	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, &region_list, NO_VALS, &rows));
	*n_r = rows_count(rows);
	*list_r = ARENA_ARRAY(a, *n_r + 1, const char *);
	for (size_t i = 0; i < *n_r; i++)
		(*list_r)[i] = arena_strdup(a, rows_text(rows, i, 0));
	return NULL;
}

static struct err *
make_key(struct tenancy *t, struct arena *a, int64_t id, const char *name)
{
	struct bytes wrapped;
	struct seal_key kek;
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	TRY(conn_query(
		c, a, &cell_add, VALS(val_i64(id), val_text(name), val_text(t->st->region)), NULL));
	seal_key_random(&kek);
	kek.id = 1;
	wrapped = key_wrap(a, &t->master, tenant_key_purpose(a, id), &kek);
	explicit_bzero(&kek, sizeof(kek));
	/* An earlier, cut-off call may have made it: the first one stays. */
	return conn_query(c, a, &key_add, VALS(val_i64(id), val_bytes(wrapped)), NULL);
}

static struct err *
make_database(struct tenancy *t, struct conn *admin, struct arena *a, int64_t id)
{
	const char *name = tenant_database(a, id);

	TRY(cluster_role(admin, a, name, ROLE_ATTRIBUTES, role_password(&t->master, a, name)));
	TRY(cluster_grant(admin, a, "praya_tenant", name));
	TRY(cluster_database(admin, a, name, TEMPLATE_DATABASE, name, true));
	/* Nothing to do unless the template is older than this program. */
	return database_update(t->st, &t->master, t->pool, a, name);
}

static struct err *
create_locked(struct tenancy *t, struct conn *admin, struct arena *a, const char *slug,
	const char *name, const char *region, struct tenant **tenant_r)
{
	struct directory_row row;

	/* A rotation may have ended while we waited. */
	(void)tenancy_read_keys(t);
	TRY(tenancy_check_master(t, a));
	TRY(claim_slug(t, a, slug, region, &row));
	TRY(make_key(t, a, row.id, name));
	TRY(make_database(t, admin, a, row.id));
	return tenancy_adopt(t, a, &row, tenant_r);
}

/* The superuser's connection, and the lock that one of us has at a time. */
static struct err *
admin_lock(struct tenancy *t, struct arena *a, struct conn **admin_r)
{
	const char *info;

	TRY(admin_conninfo(t->st, a, "postgres", &info));
	TRY(conn_get(t->pool, a, info, admin_r));
	return cluster_lock_wait(*admin_r, a, t->patience);
}

void
provision_wait(struct tenancy *t, int64_t seconds)
{
	t->patience = seconds * 1000;
}

struct err *
provision_create(struct tenancy *t, struct arena *a, const char *slug, const char *name,
	const char *region, struct tenant **tenant_r)
{
	struct conn *admin;
	struct err *e;

	TRY(check_new(t, a, slug, name, region));
	TRY(admin_lock(t, a, &admin));
	e = create_locked(t, admin, a, slug, name, region, tenant_r);
	cluster_unlock(admin, a);
	return e;
}

struct err *
provision_activate(struct tenancy *t, struct arena *a, struct tenant *tn)
{
	struct rows *rows;
	struct conn *c;

	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, &activate, VALS(val_i64(tn->id)), &rows));
	if (rows_affected(rows) == 0)
		return err_arg(a, ERR_CONFLICT, "error.slug_taken", tn->slug);
	tn->state = TENANT_ACTIVE;
	return NULL;
}

void
provision_again(struct tenancy *t)
{
	t->again = true;
}

static struct err *
migrate_one(struct tenancy *t, struct arena *a, const struct tenant *tn)
{
	struct conn *c;

	if (t->again) {
		TRY(tenant_conn_migrate(t, a, tn, &c));
		TRY(migrate_again(c, a));
	}
	return database_update(t->st, &t->master, t->pool, a, tn->database);
}

static struct err *
migrate_all(struct tenancy *t, struct arena *a)
{
	struct tenant **list;
	size_t failed = 0;
	size_t n;

	TRY(tenant_list(t, a, &list, &n));
	for (size_t i = 0; i < n; i++) {
		struct err *e;

		/* Whoever finishes its creation migrates it too. */
		if (list[i]->state == TENANT_CREATING)
			continue;
		e = migrate_one(t, a, list[i]);
		if (e != NULL) {
			log_error("workspace %s: %s", list[i]->slug, e->detail);
			failed++;
		}
	}
	return failed == 0 ? NULL
			   : err_internal(a, "%zu of %zu workspaces were not migrated, see above",
				     failed, n);
}

static struct err *
migrate_locked(struct tenancy *t, struct conn *admin, struct arena *a, const char *slug)
{
	struct tenant *tn = NULL;

	TRY(services_update(t->st, &t->master, t->pool, admin, a));
	if (slug != NULL) {
		TRY(tenant_by_slug(t, a, slug, &tn));
		if (tn == NULL)
			return err_new(a, ERR_NOT_FOUND, NULL);
	}
	TRY(template_update(t->st, &t->master, t->pool, admin, a));
	if (tn == NULL)
		return migrate_all(t, a);
	return migrate_one(t, a, tn);
}

struct err *
provision_migrate(struct tenancy *t, struct arena *a, const char *slug)
{
	struct conn *admin;
	struct err *e;

	TRY(admin_lock(t, a, &admin));
	e = migrate_locked(t, admin, a, slug);
	cluster_unlock(admin, a);
	return e;
}

static struct err *
folder_size(struct arena *a, const char *folder, int64_t *bytes_r)
{
	char *const paths[] = {arena_strdup(a, folder), NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	*bytes_r = 0;
	if (fts == NULL)
		return err_internal(a, "%s: %s", folder, strerror(errno));
	while ((entry = fts_read(fts)) != NULL)
		if (entry->fts_info == FTS_F)
			*bytes_r += entry->fts_statp->st_size;
	fts_close(fts);
	return NULL;
}

struct err *
provision_sizes(struct tenancy *t, struct arena *a, const struct tenant *tn,
	int64_t *database_bytes_r, int64_t *file_bytes_r, int64_t *used_r)
{
	struct rows *rows;
	struct conn *c;

	*database_bytes_r = 0;
	*used_r = 0;
	if (tn->conninfo != NULL) {
		TRY(conn_get(t->pool, a, tn->conninfo, &c));
		TRY(conn_query(c, a, &database_size, NO_VALS, &rows));
		*database_bytes_r = rows_i64(rows, 0, 0);
		*used_r = rows_null(rows, 0, 1) ? 0 : rows_i64(rows, 0, 1);
	}
	return folder_size(a, tn->files, file_bytes_r);
}

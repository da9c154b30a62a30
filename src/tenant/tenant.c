/* SPDX-License-Identifier: ISC */
#include "tenancy.h"

#include <string.h>
#include <time.h>

#include "conninfo.h"
#include "log.h"
#include "migrate.h"
#include "service.h"
#include "token.h"
#include "tx.h"
#include "versions.h"

/* Names of some thousands of workspaces, and their keys. */
#define TENANCY_MEMORY ((size_t)64 * 1024 * 1024)
/* How long a workspace's name is not asked for again. */
#define LOADED_MS ((int64_t)300 * 1000)
/* A version of a key that is not known is looked for once in so long. */
#define ASKED_MS 1000

/* done_at by its name: a region's database that is still to be migrated has none, and nothing
 * was rotated there. */
STMT(cell_load, "cell.load", 1,
	"select t.name, k.kek_version, k.wrapped, j.k->>'done_at' is not null or not j.k ? "
	"'done_at' from tenant t left join tenant_key k using (tenant_id), lateral (select "
	"to_jsonb(k) as k) j where t.tenant_id = $1::bigint order by k.kek_version desc");

int64_t
tenancy_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

STMT(check_read, "cell.master_check", 0, "select sealed from master_check");

static void
must(struct err *e)
{
	if (e != NULL)
		log_fatal("%s", e->detail);
}

static void
use_master(struct tenancy *t)
{
	t->master = t->ring.at[0].key;
	t->keys++;
	must(service_conninfo(
		t->st, &t->master, t->mem, SERVICE_DIRECTORY, NULL, &t->directory_info));
	must(service_conninfo(t->st, &t->master, t->mem, SERVICE_CELL, NULL, &t->cell_info));
}

bool
tenancy_read_keys(struct tenancy *t)
{
	const char *why;

	if (!keyring_read(t->st, &t->ring, &why)) {
		log_warn("master key %s: %s", keyring_place(t->st), why);
		return false;
	}
	if (!equal_const_time(t->ring.at[0].key.key, t->master.key, KEY_BYTES))
		use_master(t);
	return true;
}

/* A password was not taken: the master key may be rotated right now. */
static const char *
second_password(void *ctx, struct arena *a, const char *conninfo, size_t n)
{
	struct tenancy *t = ctx;

	if (n == 0 && !tenancy_read_keys(t))
		return NULL;
	return keyring_conninfo(&t->ring, a, conninfo, n);
}

struct tenancy *
tenancy_new(const struct settings *st)
{
	struct arena *mem = arena_new(TENANCY_MEMORY);
	struct tenancy *t = ARENA_NEW(mem, struct tenancy);
	const char *why;

	t->st = st;
	t->mem = mem;
	if (!keyring_read(st, &t->ring, &why))
		log_fatal("master key %s: %s", keyring_place(st), why);
	use_master(t);
	t->schema = migrate_latest(arena_printf(mem, "%s/tenant", st->sql));
	if (t->schema == 0)
		log_fatal("%s/tenant holds no migration (setting Paths.Sql)", st->sql);
	t->pool = conn_pool_new((size_t)st->connections);
	conn_pool_second(t->pool, second_password, t);
	return t;
}

void
tenancy_start(struct tenancy *t)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct err *e = tenancy_check_master(t, a);
	int statements;
	long usec;

	/* Of no request. */
	tx_stats(&statements, &usec);
	if (e != NULL && e->kind != ERR_BUSY)
		log_fatal("%s", e->detail);
	if (e != NULL && strstr(e->detail, "password authentication failed") != NULL)
		log_fatal("%s: is %s the master key of this installation? Passwords come from it; "
			  "put that key back",
			e->detail, keyring_place(t->st));
	if (e != NULL)
		log_warn("the region's database is not there yet: %s", e->detail);
	arena_free(&a);
}

static void
wipe_known(struct known *k)
{
	version_wipe(k->versions);
	explicit_bzero(&k->tn, sizeof(k->tn));
}

void
tenancy_free(struct tenancy **tp)
{
	struct arena *mem;

	if (*tp == NULL)
		return;
	mem = (*tp)->mem;
	conn_pool_free(&(*tp)->pool);
	for (size_t i = 0; i < KNOWN_CHAINS; i++)
		for (struct known *k = (*tp)->chains[i]; k != NULL; k = k->next)
			wipe_known(k);
	explicit_bzero(&(*tp)->desk, sizeof((*tp)->desk));
	explicit_bzero(&(*tp)->door, sizeof((*tp)->door));
	explicit_bzero(&(*tp)->master, sizeof((*tp)->master));
	keyring_wipe(&(*tp)->ring);
	arena_free(&mem);
	*tp = NULL;
}

int
tenancy_schema(const struct tenancy *t)
{
	return t->schema;
}

struct conn_pool *
tenancy_pool(struct tenancy *t)
{
	return t->pool;
}

const struct settings *
tenancy_settings(const struct tenancy *t)
{
	return t->st;
}

const char *
tenant_database(struct arena *a, int64_t id)
{
	return arena_printf(a, "praya_t_%lld", (long long)id);
}

const char *
tenant_key_purpose(struct arena *a, int64_t id)
{
	return arena_printf(a, "workspace|%lld", (long long)id);
}

static const struct seal_key *find_version(void *ctx, int64_t id);

static struct known *
known_of(struct tenancy *t, int64_t id, bool make)
{
	struct known **chain = &t->chains[(uint64_t)id % KNOWN_CHAINS];
	struct known *k = *chain;

	while (k != NULL && k->tn.id != id)
		k = k->next;
	if (k == NULL && make) {
		k = ARENA_NEW(t->mem, struct known);
		k->tenancy = t;
		k->kin = (struct key_kin){find_version, k};
		k->tn.id = id;
		k->tn.database = tenant_database(t->mem, id);
		k->tn.files = arena_printf(t->mem, "%s/%s", t->st->file_store, k->tn.database);
		k->tn.name = "";
		k->next = *chain;
		*chain = k;
	}
	return k;
}

/* A text that lives for the process; the old one when it did not change. */
static void
keep(struct tenancy *t, const char **at, const char *text)
{
	if (*at == NULL || strcmp(*at, text) != 0)
		*at = arena_strdup(t->mem, text);
}

static void
take_row(struct tenancy *t, struct tenant *tn, const struct directory_row *row)
{
	const struct settings *st = t->st;

	tn->state = row->state;
	keep(t, &tn->uuid, row->uuid);
	keep(t, &tn->region, row->region);
	if (tn->slug != NULL && strcmp(tn->slug, row->slug) == 0)
		return;
	keep(t, &tn->slug, row->slug);
	tn->host = arena_printf(t->mem, "%s.%s", row->slug, st->base_domain);
	tn->origin = st->public_port == 443
			     ? arena_printf(t->mem, "https://%s", tn->host)
			     : arena_printf(t->mem, "https://%s:%d", tn->host, st->public_port);
}

static void
take_keys(struct tenancy *t, struct known *k)
{
	struct tenant *tn = &k->tn;
	const char *info = t->st->tenant_db;

	tn->kek = k->versions->key;
	tn->kek.kin = &k->kin;
	tn->root = version_root(k->versions)->key;
	key_derive(&tn->root, "blind:v1", &tn->blind);
	key_derive(&tn->root, "cursor", &tn->cursor);
	key_derive(&tn->root, "csrf", &tn->csrf);
	k->keys = t->keys;
	info = conninfo_set(t->mem, info, "dbname", tn->database);
	info = conninfo_set(t->mem, info, "user", tn->database);
	tn->conninfo = conninfo_set(
		t->mem, info, "password", role_password(&t->master, t->mem, tn->database));
}

/* With what this process knows of master keys, else with what is there now. */
bool
tenancy_unwrap(struct tenancy *t, struct arena *a, const char *purpose, struct bytes wrapped,
	int64_t version, struct seal_key *kek_r)
{
	return keyring_unwrap(a, &t->ring, purpose, wrapped, version, kek_r, NULL) ||
	       (tenancy_read_keys(t) &&
		       keyring_unwrap(a, &t->ring, purpose, wrapped, version, kek_r, NULL));
}

static struct err *
open_versions(struct tenancy *t, struct arena *a, struct known *k, const struct rows *rows)
{
	struct seal_key kek;

	for (size_t i = 0; i < rows_count(rows); i++) {
		if (version_find(k->versions, rows_i64(rows, i, 1)) != NULL)
			continue;
		if (!tenancy_unwrap(t, a, tenant_key_purpose(a, k->tn.id),
			    rows_bytes(a, rows, i, 2), rows_i64(rows, i, 1), &kek))
			return err_internal(a,
				"the key of workspace %lld does not open: %s is not the master key "
				"it was made with",
				(long long)k->tn.id, keyring_place(t->st));
		version_add(&k->versions, t->mem, &kek, rows_bool(rows, i, 3));
	}
	secret_wipe(&kek, sizeof(kek));
	return NULL;
}

/* Name and key, from the cell. A workspace that is still being made has none. */
static struct err *
load_cell(struct tenancy *t, struct arena *a, struct known *k)
{
	struct rows *rows;
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &cell_load, VALS(val_i64(k->tn.id)), &rows));
	if (rows_count(rows) == 0 || rows_null(rows, 0, 1))
		return k->tn.state == TENANT_CREATING || k->tn.state == TENANT_DESTROYED
			       ? NULL
			       : err_internal(a, "the cell database has no key of workspace %lld",
					 (long long)k->tn.id);
	keep(t, &k->tn.name, rows_text(rows, 0, 0));
	if (k->tn.conninfo == NULL || k->keys != t->keys || k->tn.kek.id != rows_i64(rows, 0, 1)) {
		TRY(open_versions(t, a, k, rows));
		take_keys(t, k);
	}
	k->loaded = tenancy_now();
	return NULL;
}

/* Something lies under a version that this process has not met: the key was rotated. */
static const struct seal_key *
find_version(void *ctx, int64_t id)
{
	struct known *k = ctx;
	const struct seal_key *key = version_find(k->versions, id);
	struct arena *a;
	struct err *e;

	if (key != NULL || tenancy_now() - k->asked < ASKED_MS)
		return key;
	k->asked = tenancy_now();
	a = arena_new((size_t)1 << 20);
	e = load_cell(k->tenancy, a, k);
	if (e != NULL)
		log_warn("a version of a workspace's key: %s", e->detail);
	arena_free(&a);
	return version_find(k->versions, id);
}

struct err *
tenancy_adopt(struct tenancy *t, struct arena *a, const struct directory_row *row,
	struct tenant **tenant_r)
{
	struct known *k = known_of(t, row->id, true);
	struct err *e;

	take_row(t, &k->tn, row);
	if (k->loaded == 0 || tenancy_now() - k->loaded > LOADED_MS) {
		e = load_cell(t, a, k);
		/* A name that may be old is better than no service. */
		if (e != NULL && (e->kind != ERR_BUSY || k->tn.conninfo == NULL))
			return e;
	}
	*tenant_r = &k->tn;
	return NULL;
}

/* One program serves its own schema and the one before it: databases are
 * migrated while both are in use. */
static struct err *
check_schema(struct tenancy *t, struct arena *a, struct conn *c, const struct tenant *tn)
{
	struct known *k = known_of(t, tn->id, false);
	int version;

	if (k == NULL || k->schema_fits)
		return NULL;
	TRY(migrate_version(c, a, &version));
	if (version != t->schema && version != t->schema - 1)
		return err_busy(a,
			"%s has schema version %d, this program serves %d and %d: praya tenant "
			"migrate",
			tn->database, version, t->schema - 1, t->schema);
	k->schema_fits = true;
	return NULL;
}

struct err *
tenant_conn(struct tenancy *t, struct arena *a, const struct tenant *tn, struct conn **conn_r)
{
	if (tn->conninfo == NULL)
		return err_detail(a, ERR_CONFLICT, __FILE__, __LINE__,
			"workspace %s is not finished: praya tenant create again", tn->slug);
	TRY(conn_get(t->pool, a, tn->conninfo, conn_r));
	return check_schema(t, a, *conn_r, tn);
}

struct err *
tenant_conn_migrate(
	struct tenancy *t, struct arena *a, const struct tenant *tn, struct conn **conn_r)
{
	const char *info;

	TRY(service_conninfo(t->st, &t->master, a, SERVICE_MIGRATE, tn->database, &info));
	return conn_get(t->pool, a, info, conn_r);
}

struct err *
tenant_conn_admin(struct tenancy *t, struct arena *a, const struct tenant *tn, struct conn **conn_r)
{
	const char *info;

	TRY(admin_conninfo(t->st, a, tn->database, &info));
	return conn_get(t->pool, a, info, conn_r);
}

struct seal_key
tenant_log_key(const struct tenant *tn)
{
	struct seal_key key = tn->root;

	key.id = 0;
	return key;
}

struct err *
cell_conn(struct tenancy *t, struct arena *a, struct conn **conn_r)
{
	return conn_get(t->pool, a, t->cell_info, conn_r);
}

struct err *
tenancy_check_master(struct tenancy *t, struct arena *a)
{
	struct bytes sealed;
	struct rows *rows;
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &check_read, NO_VALS, &rows));
	if (rows_count(rows) == 0)
		return err_internal(a, "the cell database is not set up: praya init");
	sealed = rows_bytes(a, rows, 0, 0);
	if (keyring_opens(a, &t->ring, MASTER_CHECK_AAD, sealed) < 0 &&
		(!tenancy_read_keys(t) || keyring_opens(a, &t->ring, MASTER_CHECK_AAD, sealed) < 0))
		return err_internal(a,
			"%s is not the master key that the cell database was set up with: put that "
			"key back",
			keyring_place(t->st));
	return NULL;
}

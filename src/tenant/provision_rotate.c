/* SPDX-License-Identifier: ISC */
#include "rotate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cluster.h"
#include "log.h"
#include "newfile.h"
#include "sb.h"
#include "scram.h"
#include "service.h"
#include "tenancy.h"
#include "token.h"
#include "tx.h"
#include "versions.h"

STMT(check_read, "cell.rotate_check", 0, "select sealed from public.master_check");
STMT(wrapped_keys, "cell.wrapped_keys", 0,
	"select tenant_id, kek_version::bigint, wrapped from public.tenant_key union all "
	"select 0, 1, wrapped from public.region_key order by 1, 2");
STMT(keys_of, "cell.keys_of", 1,
	"select kek_version, wrapped, done_at is not null from tenant_key "
	"where tenant_id = $1::bigint order by kek_version desc");
STMT(login_roles, "cluster.login_roles", 0,
	"select rolname from pg_roles where rolname ~ '^praya_t_[0-9]+$' order by rolname");
STMT(a_person, "owner.a_person_key", 0,
	"select k.key_id, k.wrapped from contact c join data_key k using (key_id) "
	"order by c.contact_id desc limit 1");

struct rotating {
	const struct settings *st;
	struct arena *a;
	struct conn_pool *pool;
	struct conn *admin; /* to database postgres */
	struct conn *cell;  /* to the cell's, as the superuser too: no password of ours */
	struct keyring ring;
	int target; /* the new key's place in the ring */
};

static bool
from_file(const struct settings *st)
{
	return st->master_command == NULL;
}

/* FILE.new belongs to whom FILE belongs, or Praya's processes could not read it. */
static struct err *
make_next(const struct settings *st, struct arena *a)
{
	const char *path = keyring_next_path(st, a);
	struct seal_key key;
	struct stat old;
	const char *why;

	if (stat(st->master_key, &old) != 0)
		return err_internal(a, "%s: %s", st->master_key, strerror(errno));
	if (!key_file_create(path, &key, &why))
		return err_internal(a, "%s: %s", path, why);
	secret_wipe(&key, sizeof(key));
	if (geteuid() == 0 && lchown(path, old.st_uid, old.st_gid) != 0)
		return err_internal(a, "%s: %s", path, strerror(errno));
	return NULL;
}

static struct err *
read_ring(struct rotating *ro)
{
	const char *why;

	if (!keyring_read(ro->st, &ro->ring, &why))
		return err_internal(ro->a, "master key %s: %s", keyring_place(ro->st), why);
	return NULL;
}

/* One of this machine's keys is the region's: else nothing is touched. */
static struct err *
check_ring(struct rotating *ro, int *with_r)
{
	struct rows *rows;

	TRY(conn_query(ro->cell, ro->a, &check_read, NO_VALS, &rows));
	if (rows_count(rows) == 0)
		return err_internal(ro->a, "the cell database is not set up: praya init");
	*with_r = keyring_opens(ro->a, &ro->ring, MASTER_CHECK_AAD, rows_bytes(ro->a, rows, 0, 0));
	if (*with_r < 0)
		return err_internal(ro->a,
			"%s is not the master key that the cell database was set up with: put that "
			"key back; nothing was changed",
			keyring_place(ro->st));
	return NULL;
}

static int
find_origin(const struct keyring *ring, enum key_origin origin)
{
	for (size_t i = 0; i < ring->n; i++)
		if (ring->at[i].origin == origin)
			return (int)i;
	return -1;
}

/* The key that is to be the current one; a file's is made when there is none. */
static struct err *
choose_target(struct rotating *ro)
{
	if (!from_file(ro->st)) {
		ro->target = 0;
		return NULL;
	}
	ro->target = find_origin(&ro->ring, KEY_NEXT);
	if (ro->target >= 0)
		return NULL;
	TRY(make_next(ro->st, ro->a));
	TRY(read_ring(ro));
	ro->target = find_origin(&ro->ring, KEY_NEXT);
	return ro->target >= 0 ? NULL
			       : err_internal(ro->a, "%s was made and cannot be read",
					 keyring_next_path(ro->st, ro->a));
}

static const struct seal_key *
target_key(const struct rotating *ro)
{
	return &ro->ring.at[ro->target].key;
}

/* One row of tenant_key, where it is not under the new key yet. It opens again
 * before it is written, and is only written over what was read. */
static struct err *
rewrap(struct rotating *ro, const struct rows *rows, size_t i, struct sb *script, bool *done_r)
{
	long long id = (long long)rows_i64(rows, i, 0), version = (long long)rows_i64(rows, i, 1);
	const char *purpose = tenant_key_purpose(ro->a, id);
	struct bytes old = rows_bytes(ro->a, rows, i, 2);
	struct seal_key kek, again;
	struct bytes wrapped;
	int with;

	*done_r = false;
	if (!keyring_unwrap(ro->a, &ro->ring, purpose, old, version, &kek, &with))
		return err_internal(ro->a,
			"the key of workspace %lld (0: the region's own) opens with no master key "
			"of this machine; the "
			"others are left as they were",
			id);
	if (with == ro->target)
		return NULL;
	wrapped = key_wrap(ro->a, target_key(ro), purpose, &kek);
	ASSERT(key_unwrap(ro->a, target_key(ro), purpose, wrapped, version, &again) &&
		equal_const_time(again.key, kek.key, KEY_BYTES));
	secret_wipe(&kek, sizeof(kek));
	secret_wipe(&again, sizeof(again));
	sb_printf(script, "update %s set wrapped = '\\x%s' where wrapped = '\\x%s'%s;",
		id == 0 ? "region_key" : "tenant_key", hex_encode(ro->a, wrapped.p, wrapped.n),
		hex_encode(ro->a, old.p, old.n),
		id == 0 ? ""
			: arena_printf(ro->a, " and tenant_id = %lld and kek_version = %lld", id,
				  version));
	*done_r = true;
	return NULL;
}

/* In one transaction: each row opens with the old key or the new one at any time. */
static struct err *
rewrap_all(struct rotating *ro, struct rotation *done)
{
	struct rows *rows;
	struct sb script;
	int64_t last = 0; /* the region's own is none of a workspace */
	bool did;

	TRY(conn_query(ro->cell, ro->a, &wrapped_keys, NO_VALS, &rows));
	sb_init(&script, ro->a, (size_t)64 * 1024 * 1024);
	for (size_t i = 0; i < rows_count(rows); i++) {
		TRY(rewrap(ro, rows, i, &script, &did));
		done->keys++;
		done->workspaces += rows_i64(rows, i, 0) != last;
		last = rows_i64(rows, i, 0);
		done->rewrapped += did;
	}
	return done->rewrapped == 0 ? NULL : conn_script(ro->cell, ro->a, script.p);
}

static struct err *
set_password(struct rotating *ro, const char *role)
{
	const char *password = role_password(target_key(ro), ro->a, role);

	return conn_script(ro->admin, ro->a,
		arena_printf(ro->a, "alter role %s with password '%s'", role,
			scram_verifier(ro->a, password)));
}

/* Whoever still knows the old one only is refused once, looks at the key files
 * and comes again; who is connected notices nothing. */
static struct err *
set_passwords(struct rotating *ro, struct rotation *done)
{
	struct rows *rows;

	for (enum service s = 0; s < SERVICE_MAX; s++) {
		if (!service_derived(ro->st, s))
			continue;
		TRY(set_password(ro, service_role(s)));
		done->roles++;
	}
	TRY(conn_query(ro->admin, ro->a, &login_roles, NO_VALS, &rows));
	for (size_t i = 0; i < rows_count(rows); i++) {
		struct arena_mark mark = arena_mark(ro->a);

		TRY(set_password(ro, rows_text(rows, i, 0)));
		arena_release(ro->a, mark);
		done->roles++;
	}
	return NULL;
}

static struct err *
set_check(struct rotating *ro)
{
	struct bytes sealed = seal_value(ro->a, target_key(ro), MASTER_CHECK_AAD, MASTER_CHECK_TEXT,
		strlen(MASTER_CHECK_TEXT));

	return conn_script(ro->cell, ro->a,
		arena_printf(ro->a, "update master_check set sealed = '\\x%s'",
			hex_encode(ro->a, sealed.p, sealed.n)));
}

static bool
same_file(const char *x, const char *y)
{
	struct stat sx, sy;

	return stat(x, &sx) == 0 && stat(y, &sy) == 0 && sx.st_dev == sy.st_dev &&
	       sx.st_ino == sy.st_ino;
}

/* The old content gets its second name before it loses the first. */
static struct err *
swap_files(struct rotating *ro, struct rotation *done)
{
	const char *path = ro->st->master_key;
	const char **old;
	int rc;
	size_t n;

	old = keyring_old_files(ro->st, ro->a, &n);
	for (size_t i = 0; i < n && done->kept == NULL; i++)
		if (same_file(old[i], path))
			done->kept = old[i];
	if (done->kept == NULL) {
		done->kept = keyring_old_path(ro->st, ro->a);
		if (link(path, done->kept) != 0)
			return err_internal(ro->a, "%s: %s", done->kept, strerror(errno));
	}
	rc = newfile_sync_parent(path);
	if (rc == 0 && rename(keyring_next_path(ro->st, ro->a), path) != 0)
		rc = errno;
	if (rc == 0)
		rc = newfile_sync_parent(path);
	return rc == 0 ? NULL : err_internal(ro->a, "%s: %s", path, strerror(rc));
}

static struct err *
rotate_locked(struct rotating *ro, struct rotation *done)
{
	int region;

	TRY(read_ring(ro));
	TRY(check_ring(ro, &region));
	TRY(choose_target(ro));
	TRY(rewrap_all(ro, done));
	TRY(set_passwords(ro, done));
	TRY(set_check(ro));
	return from_file(ro->st) ? swap_files(ro, done) : NULL;
}

static struct err *
prepare_locked(struct rotating *ro)
{
	int region;

	TRY(read_ring(ro));
	TRY(check_ring(ro, &region));
	return choose_target(ro);
}

static struct err *
connect_both(struct rotating *ro)
{
	const char *info;

	TRY(admin_conninfo(ro->st, ro->a, "postgres", &info));
	TRY(conn_get(ro->pool, ro->a, info, &ro->admin));
	TRY(cluster_check(ro->admin, ro->a));
	TRY(admin_conninfo(ro->st, ro->a, service_database(ro->st, ro->a, SERVICE_CELL), &info));
	return conn_get(ro->pool, ro->a, info, &ro->cell);
}

/* The steps with both connections and the lock that init, create and migrate
 * take too; done NULL: only what comes before them. */
static struct err *
run_locked(struct rotating *ro, struct rotation *done)
{
	struct err *e = connect_both(ro);

	if (e == NULL)
		e = cluster_lock(ro->admin, ro->a);
	if (e == NULL) {
		e = done != NULL ? rotate_locked(ro, done) : prepare_locked(ro);
		cluster_unlock(ro->admin, ro->a);
	}
	conn_pool_free(&ro->pool);
	keyring_wipe(&ro->ring);
	return e;
}

struct err *
rotate_prepare(const struct settings *st, struct arena *a, const char **path_r)
{
	struct rotating ro = {.st = st, .a = a};

	*path_r = keyring_next_path(st, a);
	if (!from_file(st))
		return err_internal(a, "the master key comes from Keys.Command: make the next one "
				       "there");
	ro.pool = conn_pool_new(2);
	return run_locked(&ro, NULL);
}

struct err *
rotate_master(const struct settings *st, struct arena *a, struct rotation *done_r)
{
	struct rotating ro = {.st = st, .a = a, .pool = conn_pool_new(2)};

	memset(done_r, 0, sizeof(*done_r));
	return run_locked(&ro, done_r);
}

/* Everything opens with the current key alone. */
static struct err *
check_alone(struct rotating *ro)
{
	struct seal_key kek;
	struct rows *rows;
	int with;

	TRY(read_ring(ro));
	TRY(check_ring(ro, &with));
	if (with != 0 || find_origin(&ro->ring, KEY_NEXT) >= 0)
		return err_detail(ro->a, ERR_CONFLICT, __FILE__, __LINE__,
			"a rotation was cut off: praya key rotate; nothing was destroyed");
	TRY(conn_query(ro->cell, ro->a, &wrapped_keys, NO_VALS, &rows));
	for (size_t i = 0; i < rows_count(rows); i++) {
		bool opens = key_unwrap(ro->a, &ro->ring.at[0].key,
			tenant_key_purpose(ro->a, rows_i64(rows, i, 0)),
			rows_bytes(ro->a, rows, i, 2), rows_i64(rows, i, 1), &kek);

		secret_wipe(&kek, sizeof(kek));
		if (!opens)
			return err_detail(ro->a, ERR_CONFLICT, __FILE__, __LINE__,
				"workspace %lld (0: the region itself) still needs an old key: "
				"praya key rotate; nothing "
				"was destroyed",
				(long long)rows_i64(rows, i, 0));
	}
	return NULL;
}

static struct err *
destroy_file(struct arena *a, const char *path)
{
	static const char nothing[65];
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	bool ok = fd >= 0 && write(fd, nothing, sizeof(nothing)) == sizeof(nothing) &&
		  fsync(fd) == 0 && unlink(path) == 0;
	struct err *e = ok ? NULL : err_internal(a, "%s: %s", path, strerror(errno));

	if (fd >= 0)
		close(fd);
	return e;
}

struct err *
rotate_forget(const struct settings *st, struct arena *a, size_t *files_r)
{
	struct rotating ro = {.st = st, .a = a, .pool = conn_pool_new(2)};
	struct err *e = connect_both(&ro);
	const char **old;
	size_t n;

	*files_r = 0;
	if (e == NULL)
		e = check_alone(&ro);
	conn_pool_free(&ro.pool);
	keyring_wipe(&ro.ring);
	old = keyring_old_files(st, a, &n);
	for (size_t i = 0; e == NULL && i < n; i++) {
		/* Cut off between its two names: it is the current key's file. */
		e = same_file(old[i], st->master_key) ? NULL : destroy_file(a, old[i]);
		*files_r += e == NULL;
	}
	return e;
}

static struct err *
check_person(struct tenancy *t, struct arena *a, const struct tenant *tn,
	const struct seal_key *kek, struct key_state *state)
{
	struct seal_key person;
	struct rows *rows;
	struct conn *c;

	TRY(tenant_conn_migrate(t, a, tn, &c));
	TRY(conn_query(c, a, &a_person, NO_VALS, &rows));
	if (rows_count(rows) == 0)
		return NULL;
	state->persons = true;
	state->person_opens = key_unwrap(
		a, kek, "person", rows_bytes(a, rows, 0, 1), rows_i64(rows, 0, 0), &person);
	secret_wipe(&person, sizeof(person));
	return NULL;
}

static const struct seal_key *
find_version(void *ctx, int64_t id)
{
	return version_find(ctx, id);
}

/* All versions, as far as they open; nothing is done to the others. */
static struct err *
open_versions(struct tenancy *t, struct arena *a, const struct tenant *tn,
	struct version **versions_r, struct key_state *state)
{
	const char *purpose = tenant_key_purpose(a, tn->id);
	struct seal_key key;
	struct rows *rows;
	struct conn *c;

	*versions_r = NULL;
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &keys_of, VALS(val_i64(tn->id)), &rows));
	state->opens = state->current = rows_count(rows) > 0;
	for (size_t i = 0; i < rows_count(rows); i++) {
		int with = -1;

		if (keyring_unwrap(a, &t->ring, purpose, rows_bytes(a, rows, i, 1),
			    rows_i64(rows, i, 0), &key, &with))
			version_add(versions_r, a, &key, rows_bool(rows, i, 2));
		state->opens = state->opens && with >= 0;
		state->current = state->current && with == 0;
	}
	secret_wipe(&key, sizeof(key));
	return NULL;
}

struct err *
rotate_check(struct tenancy *t, struct arena *a, const struct tenant *tn, struct key_state *state_r)
{
	struct version *versions;
	struct key_kin kin;
	struct seal_key kek;
	struct err *e;

	memset(state_r, 0, sizeof(*state_r));
	TRY(open_versions(t, a, tn, &versions, state_r));
	if (!state_r->opens || versions == NULL) {
		version_wipe(versions);
		return NULL;
	}
	kin = (struct key_kin){find_version, versions};
	kek = versions->key;
	kek.kin = &kin;
	state_r->version = kek.id;
	state_r->ended = versions->done || versions->next == NULL;
	e = check_person(t, a, tn, &kek, state_r);
	if (e == NULL && versions->next != NULL)
		e = rekey_older(t, a, tn, kek.id, &state_r->older);
	secret_wipe(&kek, sizeof(kek));
	version_wipe(versions);
	return e;
}

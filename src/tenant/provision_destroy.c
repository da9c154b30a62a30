/* SPDX-License-Identifier: ISC */
#include "destroy.h"

#include <errno.h>
#include <fts.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "backup.h"
#include "cluster.h"
#include "destroy_mail.h"
#include "log.h"
#include "move_part.h"
#include "provision.h"
#include "region_sign.h"
#include "service.h"
#include "tenancy.h"
#include "tx.h"

#define WHAT "certificate of destruction"

STMT(find_row, "directory.destroy_find", 2,
	"select tenant_id, state from tenant where slug = $1 and region = $2");
/* What a worker or a command had begun when it was killed. */
STMT(left_rows, "directory.destroy_left", 1,
	"select slug from tenant where region = $1 and state = 'destroying' order by slug");
STMT(begin_row, "directory.destroy_begin", 1,
	"update tenant set state = 'destroying', state_at = now() where tenant_id = $1::bigint "
	"and state not in ('destroying', 'destroyed')");
STMT(end_row, "directory.destroy_end", 1,
	"update tenant set state = 'destroyed', state_at = now() where tenant_id = $1::bigint "
	"and state = 'destroying'");
STMT(note, "cell.destroy_note", 7,
	"insert into destruction (tenant_id, slug, name, region, reason, early, facts, owners) "
	"select tenant_id, $2, name, $3, $4, $5::boolean, $6::jsonb || jsonb_build_object('keys', "
	"(select count(*) from tenant_key k where k.tenant_id = t.tenant_id)), $7 from tenant t "
	"where "
	"tenant_id = $1::bigint on conflict do nothing");
STMT(read_note, "cell.destroy_read", 2,
	"select slug, name, region, reason, early, facts::text, "
	"to_char(begun_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), certificate, "
	"to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), "
	"to_char((now() + make_interval(days => $2::int)) at time zone 'UTC', 'YYYY-MM-DD') "
	"from destruction where tenant_id = $1::bigint");
STMT(end_note, "cell.destroy_end", 2,
	"update destruction set ended_at = now(), certificate = $2 where tenant_id = $1::bigint "
	"and certificate is null");
/* Its owners get it by mail. */
STMT(ring, "cell.destroy_ring", 0, "select pg_notify('praya_wakeup', '')");
STMT(certificate_of, "cell.destroy_certificate", 1,
	"select certificate from destruction where slug = $1 and certificate is not null "
	"order by ended_at desc limit 1");

struct ending {
	struct tenancy *t;
	struct arena *a;
	struct conn *admin;
	const struct destroying *in;
	int64_t id;
};

/* What there is, as far as it can be counted, and who is sent the certificate: never a reason not
 * to go on. */
static const char *
facts(struct ending *g, struct bytes *owners_r)
{
	int64_t database = 0, files = 0, used = 0;
	const char **archives;
	struct tenant *tn = NULL;
	size_t n = 0;

	if (tenant_by_id(g->t, g->a, g->id, &tn) == NULL && tn != NULL)
		(void)!provision_sizes(g->t, g->a, tn, &database, &files, &used);
	(void)!backup_list(g->t->st, g->a, g->id, &archives, &n);
	*owners_r = (struct bytes){NULL, 0};
	if (tn != NULL && tn->conninfo != NULL) {
		/* What a restore replaced goes on under its name: nobody's workspace is gone. */
		if (strncmp(g->in->slug, "before-", 7) != 0)
			*owners_r = destroy_owners(g->t, g->a, tn);
		conn_drop(g->t->pool, tn->conninfo);
	}
	return arena_printf(g->a,
		"{\"database\": \"%s\", \"database_bytes\": %lld, \"file_bytes\": %lld, "
		"\"archives\": %zu}",
		tenant_database(g->a, g->id), (long long)database, (long long)files, n);
}

/* Closed to everybody from here on; what it was is noted first. */
static struct err *
begin(struct ending *g)
{
	struct bytes owners;
	const char *there = facts(g, &owners);
	struct tenant *tn;
	struct conn *c;

	TRY(cell_conn(g->t, g->a, &c));
	TRY(conn_query(c, g->a, &note,
		VALS(val_i64(g->id), val_text(g->in->slug), val_text(g->t->st->region),
			val_text(g->in->reason), val_bool(g->in->early), val_text(there),
			owners.p != NULL ? val_bytes(owners) : NO_VAL),
		NULL));
	TRY(directory_conn(g->t, g->a, &c));
	TRY(conn_query(c, g->a, &begin_row, VALS(val_i64(g->id)), NULL));
	/* This process knows it, too. */
	return tenant_by_id(g->t, g->a, g->id, &tn);
}

static struct err *
drop_database(struct ending *g)
{
	const char *name = tenant_database(g->a, g->id);
	bool there;

	TRY(cluster_database_exists(g->admin, g->a, name, &there));
	if (there) {
		TRY(cluster_database_open(g->admin, g->a, name, false));
		cluster_database_drop(g->admin, g->a, name);
		TRY(cluster_database_exists(g->admin, g->a, name, &there));
	}
	if (there)
		return err_busy(g->a, "%s is still there", name);
	return conn_script(g->admin, g->a, arena_printf(g->a, "drop role if exists %s", name));
}

struct err *
tenant_files_remove(struct tenancy *t, struct arena *a, int64_t id)
{
	const char *folder = arena_printf(a, "%s/%s", t->st->file_store, tenant_database(a, id));
	char *const paths[] = {arena_strdup(a, folder), NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *f;

	while (fts != NULL && (f = fts_read(fts)) != NULL)
		if (f->fts_info == FTS_DP)
			(void)rmdir(f->fts_path);
		else if (f->fts_info != FTS_D)
			(void)unlink(f->fts_path);
	if (fts != NULL)
		fts_close(fts);
	if (access(folder, F_OK) == 0 || errno != ENOENT)
		return err_internal(a, "%s is still there", folder);
	return NULL;
}

static struct err *
remove_file(struct ending *g, const char *path)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return NULL;
	return err_internal(g->a, "%s: %s", path, strerror(errno));
}

/* Keys of archives first: without them the archives are dark. */
static struct err *
remove_archives(struct ending *g)
{
	const char **paths;
	size_t n;

	if (g->t->st->backups == NULL)
		return NULL;
	TRY(remove_file(g, backup_keys_path(g->t->st, g->a, g->t->st->backups, g->id)));
	TRY(remove_file(g, backup_part(g->t->st, g->a, g->id)));
	TRY(backup_list(g->t->st, g->a, g->id, &paths, &n));
	for (size_t i = 0; i < n; i++)
		TRY(remove_file(g, paths[i]));
	return NULL;
}

/* Its key goes with its row, and what was to be erased in it. */
static struct err *
remove_keys(struct ending *g)
{
	const char *info;
	struct conn *c;

	TRY(admin_conninfo(g->t->st, g->a, service_database(g->t->st, g->a, SERVICE_CELL), &info));
	TRY(conn_get(g->t->pool, g->a, info, &c));
	return conn_script(c, g->a,
		arena_printf(g->a, "delete from tenant where tenant_id = %lld", (long long)g->id));
}

static void
put(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

static const char *
statement(struct ending *g, const struct rows *r)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	static const char *const what[] = {"the database", "its login role", "all stored files",
		"all archives of it and their keys", "its encryption keys", NULL};
	const char *text;

	put(o, "what", WHAT);
	put(o, "workspace", rows_text(r, 0, 1));
	put(o, "address", rows_text(r, 0, 0));
	put(o, "region", rows_text(r, 0, 2));
	put(o, "reason", rows_text(r, 0, 3));
	json_object_object_add(o, "early", json_object_new_boolean(rows_bool(r, 0, 4)));
	json_object_object_add(o, "there_was", json_tokener_parse(rows_text(r, 0, 5)));
	for (const char *const *w = what; *w != NULL; w++)
		json_object_array_add(list, json_object_new_string(*w));
	json_object_object_add(o, "destroyed", list);
	put(o, "begun_at", rows_text(r, 0, 6));
	put(o, "ended_at", rows_text(r, 0, 8));
	/* What the operator backs up of the whole cluster is not ours to delete. */
	put(o, "last_backup_ends_by", rows_text(r, 0, 9));
	text = arena_strdup(g->a, json_object_to_json_string_ext(o,
					  JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return text;
}

static struct err *
certify(struct ending *g, const char **certificate_r)
{
	const struct vals which = VALS(val_i64(g->id), val_i64(g->t->st->backup_keep));
	const char *text;
	struct conn *c;
	struct rows *r;

	TRY(cell_conn(g->t, g->a, &c));
	TRY(conn_query(c, g->a, &read_note, which, &r));
	if (rows_count(r) == 0)
		return err_internal(g->a, "nothing was noted of a destruction");
	if (rows_null(r, 0, 7)) {
		TRY(region_sign(g->t, g->a, statement(g, r), &text));
		TRY(conn_query(c, g->a, &end_note, VALS(val_i64(g->id), val_text(text)), NULL));
		TRY(conn_query(c, g->a, &ring, NO_VALS, NULL));
		TRY(conn_query(c, g->a, &read_note, which, &r));
	}
	*certificate_r = arena_strdup(g->a, rows_text(r, 0, 7));
	return NULL;
}

static struct err *
destroy_locked(struct ending *g, const char **certificate_r)
{
	struct conn *c;

	TRY(drop_database(g));
	TRY(tenant_files_remove(g->t, g->a, g->id));
	TRY(remove_archives(g));
	TRY(remove_keys(g));
	TRY(directory_conn(g->t, g->a, &c));
	TRY(conn_query(c, g->a, &end_row, VALS(val_i64(g->id)), NULL));
	return certify(g, certificate_r);
}

struct err *
tenant_destroy(
	struct tenancy *t, struct arena *a, const struct destroying *in, const char **certificate_r)
{
	struct ending g = {.t = t, .a = a, .in = in};
	const char *info, *state;
	struct conn *c;
	struct rows *r;
	struct err *e;

	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, &find_row, VALS(val_text(in->slug), val_text(t->st->region)), &r));
	if (rows_count(r) == 0)
		return err_new(a, ERR_NOT_FOUND, NULL);
	g.id = rows_i64(r, 0, 0);
	state = arena_strdup(a, rows_text(r, 0, 1));
	if (strcmp(state, "destroying") != 0 && strcmp(state, "destroyed") != 0)
		TRY(begin(&g));
	TRY(admin_conninfo(t->st, a, "postgres", &info));
	TRY(conn_get(t->pool, a, info, &g.admin));
	TRY(cluster_lock(g.admin, a));
	e = destroy_locked(&g, certificate_r);
	cluster_unlock(g.admin, a);
	return e;
}

/* Asked under the lock: who brings a workspace here has it until the directory says so. */
static struct err *
check_elsewhere(struct ending *g, bool known, struct directory_row *row, bool *key_r)
{
	bool found, live;

	TRY(directory_find(g->t, g->a, NULL, g->id, row, &found));
	if (!found || strcmp(row->region, g->t->st->region) == 0 || row->state == TENANT_MOVING)
		return err_busy(g->a, "workspace %lld is here, or on its way", (long long)g->id);
	TRY(move_may_live(g->t, g->a, g->id, key_r, &live));
	if (!live || known)
		return NULL;
	return err_sure(err_detail(g->a, ERR_CONFLICT, __FILE__, __LINE__,
		"%s lets people in here, in region %s, and its key is here: whatever the directory "
		"says, this may be the living one. If it is not: alter database %s connection "
		"limit 0, then again",
		tenant_database(g->a, g->id), g->t->st->region, tenant_database(g->a, g->id)));
}

static struct err *
destroy_parts(struct ending *g, bool known)
{
	struct directory_row row;
	struct tenant *tn;
	bool key;

	TRY(check_elsewhere(g, known, &row, &key));
	/* Signed files come with the key, which says their names. */
	if (key) {
		TRY(tenancy_adopt(g->t, g->a, &row, &tn));
		TRY(move_signed_end(g->t, g->a, tn));
	}
	TRY(tenant_files_remove(g->t, g->a, g->id));
	TRY(remove_archives(g));
	/* Database and key at last: by them the rest is found, however this ends. */
	TRY(drop_database(g));
	return remove_keys(g);
}

struct err *
tenant_destroy_parts(struct tenancy *t, struct arena *a, int64_t id, bool known)
{
	struct ending g = {.t = t, .a = a, .id = id};
	const char *info;
	struct err *e;

	TRY(admin_conninfo(t->st, a, "postgres", &info));
	TRY(conn_get(t->pool, a, info, &g.admin));
	TRY(cluster_lock(g.admin, a));
	e = destroy_parts(&g, known);
	cluster_unlock(g.admin, a);
	return e;
}

struct err *
tenant_destroy_left(struct tenancy *t, struct arena *a)
{
	const char *certificate;
	struct conn *c;
	struct rows *r;

	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, &left_rows, VALS(val_text(t->st->region)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		const struct destroying in = {.slug = rows_text(r, i, 0)};

		TRY(tenant_destroy(t, a, &in, &certificate));
	}
	return NULL;
}

struct err *
tenant_certificate(struct tenancy *t, struct arena *a, const char *slug, const char **certificate_r)
{
	struct conn *c;
	struct rows *r;

	*certificate_r = NULL;
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &certificate_of, VALS(val_text(slug)), &r));
	if (rows_count(r) > 0)
		*certificate_r = arena_strdup(a, rows_text(r, 0, 0));
	return NULL;
}

struct err *
tenant_certificate_check(struct tenancy *t, struct arena *a, const char *certificate, bool *good_r)
{
	static const char start[] = "{\"what\":\"" WHAT "\",";
	const char *key, *statement;

	*good_r = false;
	TRY(region_public(t, a, &key));
	statement = region_signed(a, certificate, &key, 1);
	*good_r = statement != NULL && strncmp(statement, start, sizeof(start) - 1) == 0;
	return NULL;
}

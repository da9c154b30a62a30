/* SPDX-License-Identifier: ISC */
#include "doctor_machine.h"

#include <errno.h>
#include <glob.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "backup.h"
#include "certificate.h"
#include "tx.h"

#define GIB ((int64_t)1 << 30)
#define CLOCK_MS 2000
#define CERTIFICATE_DAYS 14
#define DEPTH 4

STMT(server_now, "cluster.now", 0, "select (extract(epoch from clock_timestamp()) * 1000)::bigint");
STMT(data_folder, "cluster.data_folder", 0, "select current_setting('data_directory')");
STMT(replication, "cluster.replication", 0,
	"select 'in_recovery', null, null where pg_is_in_recovery() "
	"union all select 'standby', coalesce(nullif(application_name, ''), usename::text), "
	"state || ', ' || sync_state || ', ' || coalesce(pg_size_pretty(case when not "
	"pg_is_in_recovery() then pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) end), '?') || "
	"' behind' from pg_stat_replication "
	"union all select 'slot', slot_name::text, coalesce(wal_status, '?') "
	"from pg_replication_slots where not active");

void
finding_add(struct findings *to, enum finding_level level, const char *about, const char *mend,
	const char *fmt, ...)
{
	struct finding *f = ARENA_NEW(to->a, struct finding);
	va_list ap;

	va_start(ap, fmt);
	f->what = arena_vprintf(to->a, fmt, ap);
	va_end(ap);
	f->level = level;
	f->about = arena_strdup(to->a, about);
	f->mend = mend;
	*to->end = f;
	to->end = &f->next;
}

/* Whether the program would make it itself: it is not there, what it lies in is. */
static bool
makes_itself(const struct findings *to, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (slash == NULL || slash == path || stat(path, &st) == 0 || errno != ENOENT)
		return false;
	return access(arena_printf(to->a, "%.*s", (int)(slash - path), path), W_OK | X_OK) == 0;
}

static bool
check_folder(struct findings *to, const char *about, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		finding_add(to, FINDING_FAULT, about,
			arena_printf(to->a,
				"install -d -m 700 -o USER %s, USER being Praya's; where it is a "
				"volume of its own, mount it first",
				path),
			"%s is no folder", path);
	else if ((st.st_mode & 077) != 0)
		finding_add(to, FINDING_FAULT, about, arena_printf(to->a, "chmod 700 %s", path),
			"%s: others can look into it", path);
	else if (access(path, W_OK | X_OK) != 0)
		finding_add(to, FINDING_FAULT, about,
			arena_printf(to->a, "chown it to Praya's user: %s", path),
			"%s cannot be written to", path);
	else {
		finding_add(to, FINDING_OK, about, "", "%s", path);
		return true;
	}
	return false;
}

/* Where a setting names it. */
static void
check_made_folder(struct findings *to, const char *about, const char *path)
{
	if (path != NULL && !makes_itself(to, path))
		(void)check_folder(to, about, path);
}

static void
check_room(struct findings *to, const char *about, const char *path)
{
	struct statfs fs;
	int64_t left, all;

	if (statfs(path, &fs) != 0)
		return; /* that it is no folder has been said */
	left = (int64_t)fs.f_bavail * fs.f_bsize;
	all = (int64_t)fs.f_blocks * fs.f_bsize;
	/* Less than a tenth, and less than what a busy day may need. */
	if (left < all / 10 && left < 10 * GIB)
		finding_add(to, FINDING_FAULT, about, "make room, or enlarge the volume",
			"%s has %lld MiB left of %lld", path, (long long)(left >> 20),
			(long long)(all >> 20));
	else
		finding_add(to, FINDING_OK, about, "", "%s has %lld MiB left", path,
			(long long)(left >> 20));
}

/* The device, or one it lies on, is dm-crypt's. */
static bool
device_encrypted(struct arena *a, const char *sys, int depth)
{
	const char *file = arena_printf(a, "%s/dm/uuid", sys);
	FILE *f = fopen(file, "re");
	char uuid[8] = "";
	bool found = false;
	glob_t below = {.gl_pathc = 0};

	if (f != NULL) {
		found = fread(uuid, 1, 6, f) == 6 && memcmp(uuid, "CRYPT-", 6) == 0;
		fclose(f);
	}
	if (found || depth == 0)
		return found;
	(void)glob(arena_printf(a, "%s/slaves/*", sys), 0, NULL, &below);
	for (size_t i = 0; i < below.gl_pathc && !found; i++)
		found = device_encrypted(a, below.gl_pathv[i], depth - 1);
	globfree(&below);
	return found;
}

static void
check_encrypted(struct findings *to, const char *about, const char *path)
{
	struct statfs fs;
	struct stat st;

	if (stat(path, &st) != 0 || statfs(path, &fs) != 0)
		return;
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)
		finding_add(to, FINDING_OK, about, "", "%s is in memory", path);
	else if (device_encrypted(to->a,
			 arena_printf(
				 to->a, "/sys/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev)),
			 DEPTH))
		finding_add(to, FINDING_OK, about, "", "%s is on an encrypted volume", path);
	else
		finding_add(to, FINDING_NOTE, about, "",
			"%s: no encrypted volume is seen under it (LUKS would be; one of the "
			"hypervisor cannot be seen from here)",
			path);
}

static void
check_certificate(struct findings *to, const char *path)
{
	int64_t left;

	if (!certificate_left(path, &left))
		finding_add(to, FINDING_FAULT, "certificate", "look at Base.Certificate",
			"%s cannot be read, or holds no certificate", path);
	else if (left < (int64_t)CERTIFICATE_DAYS * 86400)
		finding_add(to, FINDING_FAULT, "certificate", "renew it, then reload nginx",
			left < 0 ? "%s ended %lld days ago" : "%s ends in %lld days", path,
			(long long)(left < 0 ? -left : left) / 86400);
	else
		finding_add(to, FINDING_OK, "certificate", "", "%s is good for %lld days", path,
			(long long)(left / 86400));
}

/* Any workspace's host, and those of the operator and of sign-up. */
static void
check_hosts(struct findings *to, const struct settings *st)
{
	const char *any = arena_printf(to->a, "any-workspace-at-all.%s", st->base_domain);
	const char *const hosts[] = {any, st->operator_host, st->sign_up_host};
	int64_t left;

	if (!certificate_left(st->certificate, &left))
		return;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		const char *shown =
			i == 0 ? arena_printf(to->a, "*.%s", st->base_domain) : hosts[i];

		if (hosts[i] != NULL && !certificate_covers(st->certificate, hosts[i]))
			finding_add(to, FINDING_FAULT, "certificate",
				arena_printf(to->a,
					"have one issued for %s too (docs/operation.md), then "
					"reload nginx",
					shown),
				"%s is not good for %s", st->certificate, shown);
		else if (hosts[i] != NULL)
			finding_add(to, FINDING_OK, "certificate", "", "it is good for %s", shown);
	}
}

static void
check_backups(struct findings *to, const struct settings *st)
{
	if (st->backups == NULL) {
		finding_add(to, FINDING_NOTE, "backups", "",
			"Backup.Folder is not set: the worker takes none");
		return;
	}
	if (!check_folder(to, "backups", st->backups))
		return;
	check_room(to, "backups", st->backups);
	check_encrypted(to, "backups", st->backups);
	check_made_folder(to, "keys of backups", st->backup_keys);
}

void
doctor_machine(struct findings *to, const struct settings *st)
{
	if (check_folder(to, "files", st->file_store)) {
		check_room(to, "files", st->file_store);
		check_encrypted(to, "files", st->file_store);
	}
	if (check_folder(to, "scratch", st->scratch)) {
		check_room(to, "scratch", st->scratch);
		check_encrypted(to, "scratch", st->scratch);
	}
	check_made_folder(to, "heads", st->heads);
	if (st->metrics != NULL)
		(void)check_folder(to, "metrics", st->metrics);
	if (st->certificate != NULL) {
		check_certificate(to, st->certificate);
		check_hosts(to, st);
	} else {
		finding_add(to, FINDING_NOTE, "certificate", "",
			"Base.Certificate is not set: when it ends, and which hosts it is for, is "
			"not looked at");
	}
	check_backups(to, st);
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
check_clock(struct findings *to, struct conn *admin)
{
	struct timex tx = {.modes = 0};
	int64_t before = now_ms(), theirs, off;
	struct rows *r;

	if (conn_query(admin, to->a, &server_now, NO_VALS, &r) != NULL)
		return;
	theirs = rows_i64(r, 0, 0);
	off = theirs < before ? before - theirs : theirs > now_ms() ? theirs - now_ms() : 0;
	if (off > CLOCK_MS)
		finding_add(to, FINDING_FAULT, "clock",
			"let both machines follow a time server (chrony)",
			"PostgreSQL's differs from this machine's by %lld s",
			(long long)(off / 1000));
	else if (adjtimex(&tx) == TIME_ERROR || (tx.status & STA_UNSYNC) != 0)
		finding_add(to, FINDING_NOTE, "clock", "",
			"as PostgreSQL's; the kernel does not know of a time server it follows");
	else
		finding_add(to, FINDING_OK, "clock", "", "follows a time server, as PostgreSQL's");
}

static void
check_replication(struct findings *to, struct conn *admin)
{
	struct rows *r;

	if (conn_query(admin, to->a, &replication, NO_VALS, &r) != NULL)
		return;
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *kind = rows_text(r, i, 0);

		if (strcmp(kind, "in_recovery") == 0)
			finding_add(to, FINDING_FAULT, "replication",
				"name all hosts, and target_session_attrs=read-write, in "
				"Database.*",
				"Database.Admin reaches a standby");
		else if (strcmp(kind, "slot") == 0)
			finding_add(to, FINDING_FAULT, "replication",
				"start its standby, or pg_drop_replication_slot(): the log it "
				"holds "
				"back fills the disk, and keeps erased data",
				"slot %s has no reader (%s)", rows_text(r, i, 1),
				rows_text(r, i, 2));
		else
			finding_add(to, FINDING_OK, "replication", "", "%s: %s", rows_text(r, i, 1),
				rows_text(r, i, 2));
	}
	if (rows_count(r) == 0)
		finding_add(to, FINDING_NOTE, "replication", "",
			"no standby: what is committed is on one machine");
}

void
doctor_server(struct findings *to, const struct settings *st, struct conn *admin)
{
	struct rows *r;

	(void)st;
	check_clock(to, admin);
	check_replication(to, admin);
	if (conn_query(admin, to->a, &data_folder, NO_VALS, &r) == NULL) {
		check_room(to, "database", rows_text(r, 0, 0));
		check_encrypted(to, "database", rows_text(r, 0, 0));
	}
}

void
doctor_backup(struct findings *to, const struct settings *st, const char *about, int64_t tenant_id,
	int64_t last_used)
{
	const char **list = NULL;
	int64_t newest, late = 2 * st->backup_every * 3600;
	size_t n = 0;

	if (st->backups == NULL || backup_list(st, to->a, tenant_id, &list, &n) != NULL)
		return;
	newest = n > 0 ? backup_time(list[0]) : 0;
	/* Who was not there since has nothing new in it. */
	if (last_used / 1000000 > newest && (int64_t)time(NULL) - last_used / 1000000 >= 0 &&
		(int64_t)time(NULL) - newest > late &&
		(newest > 0 || (int64_t)time(NULL) - last_used / 1000000 > st->backup_every * 3600))
		finding_add(to, FINDING_FAULT, about,
			arena_printf(to->a, "look whether the worker runs; praya tenant backup %s",
				strchr(about, ' ') != NULL ? strchr(about, ' ') + 1 : "SLUG"),
			n == 0 ? "was used and has no backup"
			       : "its newest backup is %lld hours old",
			(long long)(((int64_t)time(NULL) - newest) / 3600));
	else if (n > 0)
		finding_add(to, FINDING_OK, about, "", "%zu backups, the newest %lld hours old", n,
			(long long)(((int64_t)time(NULL) - newest) / 3600));
}

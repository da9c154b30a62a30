/* SPDX-License-Identifier: ISC */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ClearSilver.h>

#include "conninfo.h"
#include "log.h"
#include "num.h"
#include "text.h"
#include "utf8.h"

#define SETTINGS_MEMORY ((size_t)1 << 20)
#define CONF_DEFAULT "/etc/praya/praya.conf"

enum setting_type {
	TYPE_HOST,     /* lower-case name of a host */
	TYPE_REGION,   /* "hk" */
	TYPE_CONNINFO, /* user fixed by us */
	TYPE_ADMIN,    /* a connection string that may name its user */
	TYPE_PATH,     /* absolute */
	TYPE_COUNT,
	TYPE_PORT,    /* a count that is an int */
	TYPE_FLAG,    /* 1 or 0 */
	TYPE_RELAY,   /* host or host:port */
	TYPE_ADDRESS, /* of mail */
	TYPE_TLS,     /* required, implicit, none */
	TYPE_NAME,    /* one line of ASCII */
	TYPE_COMMAND, /* a program's path and its arguments, by blanks */
};

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset;
	const char *preset; /* NULL: has to be given; "": none */
	int64_t min;
	int64_t max;
};

#define AT(member) offsetof(struct settings, member)
#define KIB(n) ((int64_t)(n)*1024)
#define MIB(n) ((int64_t)(n)*1024 * 1024)

static const struct setting rows[] = {
	{"Base.Domain", TYPE_HOST, AT(base_domain), NULL, 0, 0},
	{"Base.OperatorHost", TYPE_HOST, AT(operator_host), "", 0, 0},
	{"Base.SignUpHost", TYPE_HOST, AT(sign_up_host), "", 0, 0},
	{"Base.Port", TYPE_PORT, AT(public_port), "443", 1, 65535},
	{"Base.Certificate", TYPE_PATH, AT(certificate), "", 0, 0},
	{"Region", TYPE_REGION, AT(region), "hk", 0, 0},
	{"Regions.hk", TYPE_PATH, AT(region_hk), "", 0, 0},
	{"Regions.sg", TYPE_PATH, AT(region_sg), "", 0, 0},
	{"Regions.eu", TYPE_PATH, AT(region_eu), "", 0, 0},
	{"Database.Directory", TYPE_CONNINFO, AT(directory_db), "host=/run/postgresql", 0, 0},
	{"Database.Cell", TYPE_CONNINFO, AT(cell_db), "host=/run/postgresql", 0, 0},
	{"Database.Tenant", TYPE_CONNINFO, AT(tenant_db), "host=/run/postgresql", 0, 0},
	{"Database.Migrate", TYPE_CONNINFO, AT(migrate_db), "host=/run/postgresql", 0, 0},
	{"Database.Admin", TYPE_ADMIN, AT(admin_db), "host=/run/postgresql user=postgres", 0, 0},
	{"Database.DirectoryPasswordFile", TYPE_PATH, AT(directory_password), "", 0, 0},
	{"Database.CellPasswordFile", TYPE_PATH, AT(cell_password), "", 0, 0},
	{"Database.MigratePasswordFile", TYPE_PATH, AT(migrate_password), "", 0, 0},
	{"Database.AdminPasswordFile", TYPE_PATH, AT(admin_password), "", 0, 0},
	{"Keys.Master", TYPE_PATH, AT(master_key), "/etc/praya/master.key", 0, 0},
	{"Keys.Command", TYPE_COMMAND, AT(master_command), "", 0, 0},
	{"Keys.PreviousCommand", TYPE_COMMAND, AT(previous_command), "", 0, 0},
	{"Files.Store", TYPE_PATH, AT(file_store), "/var/lib/praya/files", 0, 0},
	{"Files.Heads", TYPE_PATH, AT(heads), "", 0, 0},
	{"Files.Scratch", TYPE_PATH, AT(scratch), "/run/praya/scratch", 0, 0},
	{"Metrics.Folder", TYPE_PATH, AT(metrics), "", 0, 0},
	{"Backup.Folder", TYPE_PATH, AT(backups), "", 0, 0},
	{"Backup.Keys", TYPE_PATH, AT(backup_keys), "", 0, 0},
	{"Backup.Every", TYPE_COUNT, AT(backup_every), "24", 1, 744},
	{"Backup.Keep", TYPE_COUNT, AT(backup_keep), "35", 1, 3660},
	{"Paths.Templates", TYPE_PATH, AT(templates), PRAYA_DATADIR "/templates", 0, 0},
	{"Paths.I18n", TYPE_PATH, AT(i18n), PRAYA_DATADIR "/i18n", 0, 0},
	{"Paths.Assets", TYPE_PATH, AT(assets), PRAYA_DATADIR "/www/assets.hdf", 0, 0},
	{"Paths.Sql", TYPE_PATH, AT(sql), PRAYA_DATADIR "/sql", 0, 0},
	{"Paths.Passwords", TYPE_PATH, AT(passwords), PRAYA_DATADIR "/common_passwords", 0, 0},
	{"Paths.Postgres", TYPE_PATH, AT(postgres), "/usr/lib/postgresql/15/bin", 0, 0},
	{"Paths.Repack", TYPE_PATH, AT(repack), "/usr/lib/postgresql/15/bin/pg_repack", 0, 0},
	{"Development", TYPE_FLAG, AT(development), "0", 0, 1},
	{"Limits.Body", TYPE_COUNT, AT(body_max), "1048576", KIB(64), MIB(64)},
	{"Limits.Upload", TYPE_COUNT, AT(upload_max), "52428800", MIB(1), MIB(4096)},
	{"Limits.Fields", TYPE_COUNT, AT(fields_max), "200", 50, 10000},
	{"Limits.CsvRow", TYPE_COUNT, AT(csv_row_max), "65536", KIB(4), MIB(16)},
	{"Limits.RequestMemory", TYPE_COUNT, AT(request_memory), "67108864", MIB(16), MIB(4096)},
	{"Limits.Connections", TYPE_COUNT, AT(connections), "20", 8, 1000},
	{"Import.Keep", TYPE_COUNT, AT(import_keep), "30", 1, 3650},
	{"SignUp.Hosts.hk", TYPE_HOST, AT(sign_up_hk), "", 0, 0},
	{"SignUp.Hosts.sg", TYPE_HOST, AT(sign_up_sg), "", 0, 0},
	{"SignUp.Hosts.eu", TYPE_HOST, AT(sign_up_eu), "", 0, 0},
	{"SignUp.Open", TYPE_FLAG, AT(sign_up_open), "1", 0, 1},
	{"Session.Idle", TYPE_COUNT, AT(session_idle), "3600", 60, 86400},
	{"Session.Absolute", TYPE_COUNT, AT(session_absolute), "43200", 300, 604800},
	{"Mail.Relay", TYPE_RELAY, AT(mail_relay), "", 0, 0},
	{"Mail.From", TYPE_ADDRESS, AT(mail_from), "", 0, 0},
	{"Mail.TLS", TYPE_TLS, AT(mail_tls), "required", 0, 0},
	{"Mail.CA", TYPE_PATH, AT(mail_ca), "", 0, 0},
	{"Mail.User", TYPE_NAME, AT(mail_user), "", 0, 0},
	{"Mail.PasswordFile", TYPE_PATH, AT(mail_password), "", 0, 0},
	{"Mail.Results", TYPE_NAME, AT(mail_results), "", 0, 0},
	{"Directory.Cache", TYPE_COUNT, AT(directory_cache), "5", 0, 300},
	{"LeakTest.Hour", TYPE_COUNT, AT(leak_hour), "3", -1, 23},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const char *
settings_name(size_t n, const char **default_r, bool *required_r)
{
	if (n >= ROWS)
		return NULL;
	*default_r = rows[n].preset != NULL ? rows[n].preset : "";
	*required_r = rows[n].preset == NULL;
	return rows[n].name;
}

const char *
settings_region(const struct settings *st, const char *region)
{
	const struct {
		const char *name;
		const char *path;
	} known[] = {{"hk", st->region_hk}, {"sg", st->region_sg}, {"eu", st->region_eu}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, region) == 0)
			return known[i].path;
	return NULL;
}

const char *
settings_sign_up(const struct settings *st, const char *region)
{
	if (strcmp(region, st->region) == 0)
		return st->sign_up_host;
	return strcmp(region, "hk") == 0   ? st->sign_up_hk
	       : strcmp(region, "sg") == 0 ? st->sign_up_sg
	       : strcmp(region, "eu") == 0 ? st->sign_up_eu
					   : NULL;
}

bool
settings_sign_up_elsewhere(const struct settings *st, const char *host)
{
	const char *const others[] = {st->sign_up_hk, st->sign_up_sg, st->sign_up_eu};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i] != NULL && strcmp(others[i], host) == 0)
			return strcmp(host, st->sign_up_host) != 0;
	return false;
}

static bool
is_host(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 200 && s[0] != '.' && s[0] != '-' && s[n - 1] != '.' &&
	       strstr(s, "..") == NULL && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") == n;
}

/* host, host:port */
static bool
is_relay(struct arena *a, const char *s)
{
	const char *colon = strchr(s, ':');
	int64_t port;

	if (colon == NULL)
		return is_host(s);
	return is_host(arena_strndup(a, s, (size_t)(colon - s))) &&
	       num_parse_i64(colon + 1, 1, 65535, &port);
}

static bool
is_name(const char *s)
{
	size_t n = 0;

	while (s[n] >= '!' && s[n] <= '~')
		n++;
	return n > 0 && n <= 254 && s[n] == '\0';
}

static bool
is_region(const char *s)
{
	size_t n = strlen(s);

	return n >= 2 && n <= 16 && s[0] >= 'a' && s[0] <= 'z' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

/* What is wrong with a connection string, or NULL. */
static const char *
conninfo_fault(struct arena *a, const struct setting *row, const char *value)
{
	const char *user;

	if (!conninfo_valid(value))
		return "is not a list of name=value pairs";
	if (conninfo_get(a, value, "password") != NULL)
		return "holds a password: passwords are derived from the master key, or stand in a "
		       "file of their own (...PasswordFile)";
	if (row->offset != AT(directory_db) && row->offset != AT(cell_db) &&
		conninfo_get(a, value, "dbname") != NULL)
		return "names a database: Praya adds it";
	user = conninfo_get(a, value, "user");
	if (user == NULL || row->type == TYPE_ADMIN)
		return NULL;
	if ((row->offset == AT(directory_db) && strcmp(user, "praya_directory") == 0) ||
		(row->offset == AT(cell_db) && strcmp(user, "praya_cell") == 0) ||
		(row->offset == AT(migrate_db) && strcmp(user, "praya_migrate") == 0))
		return NULL;
	return "names a user: Praya adds its own";
}

/* Puts a value where its row says; what is wrong with it, or NULL. */
static const char *
store(struct arena *a, struct settings *st, const struct setting *row, const char *value)
{
	void *at = (char *)st + row->offset;
	int64_t n = 0;

	if (!utf8_valid(value, strlen(value)))
		return "is not UTF-8";
	switch (row->type) {
	case TYPE_COUNT:
	case TYPE_PORT:
	case TYPE_FLAG:
		if (!num_parse_i64(value, row->min, row->max, &n))
			return arena_printf(a, "is not a number from %lld to %lld",
				(long long)row->min, (long long)row->max);
		if (row->type == TYPE_COUNT)
			*(int64_t *)at = n;
		else if (row->type == TYPE_PORT)
			*(int *)at = (int)n;
		else
			*(bool *)at = n != 0;
		return NULL;
	case TYPE_HOST:
		if (!is_host(value))
			return "is not the name of a host in lower case";
		break;
	case TYPE_REGION:
		if (!is_region(value))
			return "is not the name of a region (hk, sg, eu)";
		break;
	case TYPE_PATH:
		if (value[0] != '/')
			return "is not an absolute path";
		break;
	case TYPE_COMMAND:
		if (value[0] != '/' || strpbrk(value, "\"'\\$`|&;<>\n") != NULL)
			return "is not the absolute path of a program and its arguments (no shell "
			       "reads it)";
		break;
	case TYPE_RELAY:
		if (!is_relay(a, value))
			return "is not the name of a host in lower case, with or without :port";
		break;
	case TYPE_ADDRESS:
		if (text_email(a, value) == NULL)
			return "is not an address of mail";
		break;
	case TYPE_TLS:
		if (strcmp(value, "required") != 0 && strcmp(value, "implicit") != 0 &&
			strcmp(value, "none") != 0)
			return "is not required, implicit or none";
		break;
	case TYPE_NAME:
		if (!is_name(value))
			return "is not one word of ASCII";
		break;
	case TYPE_CONNINFO:
	case TYPE_ADMIN:
		if (conninfo_fault(a, row, value) != NULL)
			return conninfo_fault(a, row, value);
		break;
	}
	*(const char **)at = arena_strdup(a, value);
	return NULL;
}

static const struct setting *
row_of(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* Every value below node has a row; fills st. What is wrong, or NULL. */
static const char *
take_values(struct arena *a, struct settings *st, HDF *node, const char *prefix, int depth)
{
	for (HDF *child = hdf_obj_child(node); child != NULL; child = hdf_obj_next(child)) {
		const char *name = arena_printf(a, "%s%s", prefix, hdf_obj_name(child));
		const char *value = hdf_obj_value(child);
		const struct setting *row = row_of(name);
		const char *fault;

		if (value != NULL && row == NULL)
			return arena_printf(a, "there is no setting %s", name);
		if (value != NULL) {
			fault = store(a, st, row, value);
			if (fault != NULL)
				return arena_printf(a, "%s %s", name, fault);
		}
		if (depth > 4)
			return arena_printf(a, "%s is nested too deep", name);
		fault = take_values(a, st, child, arena_printf(a, "%s.", name), depth + 1);
		if (fault != NULL)
			return fault;
	}
	return NULL;
}

/* What is wrong with the settings of mail taken together, or NULL. */
static const char *
mail_fault(const struct settings *st)
{
	static const char *const here[] = {"localhost", "127.0.0.1"};
	size_t n;

	if (st->mail_relay == NULL)
		return NULL;
	if (st->mail_from == NULL)
		return "Mail.Relay is given, Mail.From is missing";
	if ((st->mail_user == NULL) != (st->mail_password == NULL))
		return "Mail.User and Mail.PasswordFile go together";
	if (strcmp(st->mail_tls, "none") != 0)
		return NULL;
	n = strcspn(st->mail_relay, ":");
	for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++)
		if (strlen(here[i]) == n && strncmp(here[i], st->mail_relay, n) == 0)
			return NULL;
	return "Mail.TLS = none is for a relay on this machine only (localhost)";
}

/* Presets of what was not given. */
static const char *
fill_presets(struct arena *a, struct settings *st, HDF *top)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (hdf_get_value(top, rows[i].name, NULL) != NULL)
			continue;
		if (rows[i].preset == NULL)
			return arena_printf(a, "%s is missing", rows[i].name);
		if (rows[i].preset[0] != '\0')
			ASSERT(store(a, st, &rows[i], rows[i].preset) == NULL);
	}
	if (st->operator_host == NULL)
		st->operator_host = arena_printf(a, "ops.%s", st->base_domain);
	if (st->sign_up_host == NULL)
		st->sign_up_host = arena_printf(a, "app.%s", st->base_domain);
	if (st->session_idle > st->session_absolute)
		return "Session.Idle is longer than Session.Absolute";
	if (st->previous_command != NULL && st->master_command == NULL)
		return "Keys.PreviousCommand is given, Keys.Command is missing";
	return mail_fault(st);
}

static const char *
trouble_text(struct arena *a, NEOERR **trouble)
{
	STRING s;
	const char *text;

	string_init(&s);
	nerr_error_string(*trouble, &s);
	text = arena_strdup(a, s.buf != NULL ? s.buf : "cannot be read");
	string_clear(&s);
	nerr_ignore(trouble);
	return text;
}

static const char *
read_all(struct arena *a, struct settings *st, const char *path)
{
	NEOERR *trouble;
	HDF *top = NULL;
	const char *fault;

	if (access(path, R_OK) != 0)
		return strerror(errno);
	trouble = nerr_init();
	if (trouble == STATUS_OK)
		trouble = hdf_init(&top);
	if (trouble == STATUS_OK)
		trouble = hdf_read_file(top, path);
	if (trouble != STATUS_OK) {
		fault = trouble_text(a, &trouble);
	} else {
		fault = take_values(a, st, top, "", 0);
		if (fault == NULL)
			fault = fill_presets(a, st, top);
	}
	if (top != NULL)
		hdf_destroy(&top);
	return fault;
}

const struct settings *
settings_load(const char *path, const char **why_r)
{
	static struct arena *a; /* lives for the process */
	struct settings *st;
	const char *fault;

	if (a == NULL)
		a = arena_new(SETTINGS_MEMORY);
	st = ARENA_NEW(a, struct settings);
	if (path == NULL)
		path = getenv("PRAYA_CONF");
	if (path == NULL || *path == '\0')
		path = CONF_DEFAULT;
	fault = read_all(a, st, path);
	if (fault == NULL)
		return st;
	*why_r = arena_printf(a, "%s: %s", path, fault);
	return NULL;
}

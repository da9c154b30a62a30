/* SPDX-License-Identifier: ISC */
#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conninfo.h"
#include "log.h"
#include "scram.h"
#include "token.h"

struct service_row {
	const char *role;
	const char *attributes;
	size_t conninfo; /* of struct settings */
	size_t file;
	const char *database;
};

#define AT(member) offsetof(struct settings, member)
#define NO_FILE SIZE_MAX

static const struct service_row services[SERVICE_MAX] = {
	[SERVICE_DIRECTORY] = {"praya_directory", "login", AT(directory_db), AT(directory_password),
		"praya_directory"},
	[SERVICE_CELL] = {"praya_cell", "login", AT(cell_db), AT(cell_password), "praya_cell"},
	[SERVICE_MIGRATE] = {"praya_migrate", "login bypassrls", AT(migrate_db),
		AT(migrate_password), NULL},
	[SERVICE_BACKUP] = {"praya_backup", "login bypassrls", AT(migrate_db), NO_FILE, NULL},
};

const char *
service_role(enum service s)
{
	return services[s].role;
}

const char *
service_attributes(enum service s)
{
	return services[s].attributes;
}

static const char *
text_at(const struct settings *st, size_t offset)
{
	return *(const char *const *)((const char *)st + offset);
}

const char *
role_password(const struct seal_key *master, struct arena *a, const char *role)
{
	struct seal_key key;

	key_derive(master, arena_printf(a, "pgrole:%s", role), &key);
	return hex_encode(a, key.key, 16);
}

struct err *
password_file_read(struct arena *a, const char *path, const char **password_r)
{
	char text[SCRAM_PASSWORD_MAX + 2] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return err_internal(a, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
		close(fd);
		return err_internal(a, "%s: others can read it: chmod 600", path);
	}
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	if (n <= 0 || n > SCRAM_PASSWORD_MAX)
		return err_internal(a, "%s: holds no password of at most %d characters", path,
			SCRAM_PASSWORD_MAX);
	for (const char *p = text; *p != '\0'; p++)
		if (*p < '!' || *p > '~')
			return err_internal(a, "%s: a password is one line of ASCII", path);
	*password_r = arena_strdup(a, text);
	return NULL;
}

bool
service_derived(const struct settings *st, enum service s)
{
	return services[s].file == NO_FILE || text_at(st, services[s].file) == NULL;
}

struct err *
service_password(const struct settings *st, const struct seal_key *master, struct arena *a,
	enum service s, const char **password_r)
{
	const char *file = services[s].file == NO_FILE ? NULL : text_at(st, services[s].file);

	if (file != NULL)
		return password_file_read(a, file, password_r);
	*password_r = role_password(master, a, services[s].role);
	return NULL;
}

const char *
service_database(const struct settings *st, struct arena *a, enum service s)
{
	const char *given = conninfo_get(a, text_at(st, services[s].conninfo), "dbname");

	ASSERT(services[s].database != NULL);
	return given != NULL ? given : services[s].database;
}

struct err *
service_conninfo(const struct settings *st, const struct seal_key *master, struct arena *a,
	enum service s, const char *dbname, const char **conninfo_r)
{
	const char *info = text_at(st, services[s].conninfo);
	const char *password;

	TRY(service_password(st, master, a, s, &password));
	info = conninfo_set(
		a, info, "dbname", dbname != NULL ? dbname : service_database(st, a, s));
	info = conninfo_set(a, info, "user", services[s].role);
	*conninfo_r = conninfo_set(a, info, "password", password);
	return NULL;
}

struct err *
admin_conninfo(
	const struct settings *st, struct arena *a, const char *dbname, const char **conninfo_r)
{
	const char *info = conninfo_set(a, st->admin_db, "dbname", dbname);
	const char *password = NULL;

	if (st->admin_password != NULL)
		TRY(password_file_read(a, st->admin_password, &password));
	*conninfo_r = conninfo_set(a, info, "password", password);
	return NULL;
}

bool
directory_elsewhere(const struct settings *st, struct arena *a)
{
	static const char *const names[] = {"host", "hostaddr", "port"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *x = conninfo_get(a, st->directory_db, names[i]);
		const char *y = conninfo_get(a, st->admin_db, names[i]);

		if (strcmp(x != NULL ? x : "", y != NULL ? y : "") != 0)
			return true;
	}
	return false;
}

/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "object_format.h"

struct names {
	struct arena *a;
	const char **list;
	size_t n, room;
};

static void
names_add(struct names *names, const char *name)
{
	if (names->n == names->room) {
		const char **list;

		names->room = names->room == 0 ? 64 : 2 * names->room;
		list = ARENA_ARRAY(names->a, names->room, const char *);
		if (names->n > 0)
			memcpy(list, names->list, names->n * sizeof(*list));
		names->list = list;
	}
	names->list[names->n++] = arena_strdup(names->a, name);
}

static bool
is_object(const char *name)
{
	return strlen(name) == OBJECT_NAME - 1 &&
	       strspn(name, "0123456789abcdef") == OBJECT_NAME - 1;
}

/* Those of a folder that `wanted` takes, by their age. A folder that is not
 * there has none. */
static struct err *
list_folder(struct arena *a, const char *path, bool (*wanted)(const char *), time_t before,
	struct names *old, size_t *young)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	struct stat st;

	if (dir == NULL)
		return errno == ENOENT ? NULL : object_error(a, errno, "list");
	while ((d = readdir(dir)) != NULL) {
		if (!wanted(d->d_name) ||
			fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (st.st_mtime < before)
			names_add(old, d->d_name);
		else
			++*young;
	}
	closedir(dir);
	return NULL;
}

struct err *
object_list(struct arena *a, const char *dir, unsigned folder, time_t before, const char ***names_r,
	size_t *n_r, size_t *young)
{
	struct names old = {.a = a};

	ASSERT(folder < OBJECT_FOLDERS);
	*names_r = NULL;
	*n_r = 0;
	if (access(arena_printf(a, "%s/%02x", dir, folder), F_OK) != 0)
		return NULL;
	for (unsigned inner = 0; inner < OBJECT_FOLDERS; inner++)
		TRY(list_folder(a, arena_printf(a, "%s/%02x/%02x", dir, folder, inner), is_object,
			before, &old, young));
	*names_r = old.list;
	*n_r = old.n;
	return NULL;
}

static bool
is_unfinished(const char *name)
{
	return strncmp(name, ".new-", 5) == 0;
}

struct err *
object_unfinished(struct arena *a, const char *dir, time_t before, size_t *n_r)
{
	struct names old = {.a = a};
	size_t young = 0;

	TRY(list_folder(a, dir, is_unfinished, before, &old, &young));
	*n_r = 0;
	for (size_t i = 0; i < old.n; i++)
		*n_r += unlink(arena_printf(a, "%s/%s", dir, old.list[i])) == 0;
	return NULL;
}

bool
object_exists(struct arena *a, const char *dir, const char *name)
{
	const char *path;

	return object_path(a, dir, name, &path) == NULL && access(path, F_OK) == 0;
}

/* SPDX-License-Identifier: ISC */
#include "newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "encoding.h"
#include "log.h"
#include "token.h"

static int
open_named(struct newfile *f, const char *dir)
{
	unsigned char raw[16];
	char name[33];
	int n;

	random_bytes(raw, sizeof(raw));
	hex_write(raw, sizeof(raw), name);
	n = snprintf(f->part, sizeof(f->part), "%s/.new-%s", dir, name);
	if (n < 0 || (size_t)n >= sizeof(f->part))
		return ENAMETOOLONG;
	f->fd = open(f->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return f->fd < 0 ? errno : 0;
}

int
newfile_open(struct newfile *f, const char *dir, bool named)
{
	f->part[0] = '\0';
	if (!named) {
		f->fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
		if (f->fd >= 0)
			return 0;
		/* What kernels answer that do not know the flag, or whose file
		 * system does not. */
		if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
			return errno;
	}
	return open_named(f, dir);
}

int
newfile_write(struct newfile *f, const void *p, size_t n)
{
	const unsigned char *from = p;

	while (n > 0) {
		ssize_t done = write(f->fd, from, n);

		if (done < 0 && errno != EINTR)
			return errno;
		if (done > 0) {
			from += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

static int
link_to(const struct newfile *f, const char *path)
{
	char self[32];

	if (f->part[0] != '\0')
		return link(f->part, path) == 0 ? 0 : errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", f->fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

int
newfile_publish(struct newfile *f, const char *path)
{
	int rc;

	ASSERT(f->fd >= 0);
	rc = fsync(f->fd) == 0 ? 0 : errno;
	if (rc == 0)
		rc = link_to(f, path);
	newfile_abandon(f);
	if (rc != 0)
		return rc;
	rc = newfile_sync_parent(path);
	if (rc != 0)
		unlink(path);
	return rc;
}

void
newfile_abandon(struct newfile *f)
{
	if (f->fd < 0)
		return;
	if (f->part[0] != '\0')
		unlink(f->part);
	close(f->fd);
	f->fd = -1;
}

int
newfile_sync_parent(const char *path)
{
	char dir[NEWFILE_PATH];
	const char *slash = strrchr(path, '/');
	size_t n;
	int fd;
	int rc;

	if (slash == NULL) {
		path = ".";
		n = 1;
	} else {
		n = slash == path ? 1 : (size_t)(slash - path);
	}
	if (n >= sizeof(dir))
		return ENAMETOOLONG;
	memcpy(dir, path, n);
	dir[n] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	rc = fsync(fd) == 0 ? 0 : errno;
	close(fd);
	return rc;
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
make_one(const char *path)
{
	if (mkdir(path, 0700) == 0)
		return newfile_sync_parent(path);
	if (errno != EEXIST)
		return errno;
	return is_folder(path) ? 0 : ENOTDIR;
}

int
newfile_folder(const char *path)
{
	char copy[NEWFILE_PATH];
	size_t n = strlen(path);
	int rc = 0;

	if (n == 0 || n >= sizeof(copy))
		return n == 0 ? ENOENT : ENAMETOOLONG;
	if (is_folder(path))
		return 0;
	memcpy(copy, path, n + 1);
	for (char *p = copy + 1; rc == 0 && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		rc = make_one(copy);
		*p = '/';
	}
	return rc != 0 ? rc : make_one(copy);
}

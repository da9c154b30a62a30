/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "encoding.h"
#include "newfile.h"
#include "seal.h"
#include "token.h"

#define TEXT ((size_t)KEY_BYTES * 2)

static const char *
parse(const char *text, size_t n, unsigned char *key)
{
	unsigned char any = 0;

	if (n > 0 && text[n - 1] == '\n')
		n--;
	if (n != TEXT || !hex_read(text, KEY_BYTES, key))
		return "key file: must hold 64 hex digits and nothing else";
	for (size_t i = 0; i < KEY_BYTES; i++)
		any |= key[i];
	return any == 0 ? "key file: holds zeros, not a key" : NULL;
}

bool
key_text_read(const char *text, size_t n, struct seal_key *key_r)
{
	struct seal_key key = {.id = 0};
	bool ok = parse(text, n, key.key) == NULL;

	if (ok)
		*key_r = key;
	secret_wipe(&key, sizeof(key));
	return ok;
}

/* Asked of the open file, so that nobody can swap it after the question. */
static const char *
check_owner(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return "key file: is not a plain file";
	if ((st.st_mode & 077) != 0)
		return "key file: others may read it; chmod 600 it";
	if (st.st_uid != geteuid() && geteuid() != 0)
		return "key file: belongs to another user";
	return NULL;
}

bool
key_file_read(const char *path, struct seal_key *key_r, const char **why_r)
{
	char text[TEXT + 2];
	struct seal_key key = {.id = 0};
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold us up */

	if (fd < 0) {
		*why_r = errno == ENOENT   ? "key file: does not exist; put it back (praya init "
					     "makes one only where there never was one)"
			 : errno == EACCES ? "key file: this user may not read it"
					   : "key file: cannot be opened";
		return false;
	}
	*why_r = check_owner(fd);
	if (*why_r == NULL) {
		n = read(fd, text, sizeof(text));
		*why_r = n < 0 ? "key file: cannot be read" : parse(text, (size_t)n, key.key);
	}
	close(fd);
	if (*why_r == NULL)
		*key_r = key;
	secret_wipe(text, sizeof(text));
	secret_wipe(&key, sizeof(key));
	return *why_r == NULL;
}

static const char *
why_not_made(int rc)
{
	switch (rc) {
	case EEXIST:
		return "key file: exists already and is never overwritten";
	case ENOENT:
		return "key file: its folder does not exist";
	case EACCES:
	case EPERM:
	case EROFS:
		return "key file: this user may not write to its folder";
	case ENOSPC:
	case EDQUOT:
		return "key file: no space";
	default:
		return "key file: cannot be made";
	}
}

bool
key_file_create(const char *path, struct seal_key *key_r, const char **why_r)
{
	char text[TEXT + 2];
	char dir[NEWFILE_PATH];
	const char *slash = strrchr(path, '/');
	struct newfile f;
	struct seal_key key;
	int rc;

	seal_key_random(&key);
	hex_write(key.key, KEY_BYTES, text);
	text[TEXT] = '\n';
	snprintf(dir, sizeof(dir), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
		slash == NULL ? "." : path);
	rc = newfile_open(&f, dir, false);
	if (rc == 0) {
		rc = newfile_write(&f, text, TEXT + 1);
		if (rc == 0)
			rc = newfile_publish(&f, path);
		else
			newfile_abandon(&f);
	}
	if (rc == 0)
		*key_r = key;
	else
		*why_r = why_not_made(rc);
	secret_wipe(text, sizeof(text));
	secret_wipe(&key, sizeof(key));
	return rc == 0;
}

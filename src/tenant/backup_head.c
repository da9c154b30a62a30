/* SPDX-License-Identifier: ISC */
/* The lines in clear of a backup. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backup_part.h"
#include "num.h"
#include "sb.h"
#include "token.h"

#define HEAD_MAX ((size_t)16 * 1024)

/* As long as one another. */
static const char *const magics[BACKUP_VERSION] = {"praya backup 1\n", "praya backup 2\n"};

const char *
backup_head_text(struct arena *a, const struct backup_head *h)
{
	struct sb sb;

	sb_init(&sb, a, HEAD_MAX);
	sb_printf(&sb,
		"%skind=%s\nid=%lld\nslug=%s\nname=%s\nregion=%s\ntaken_at=%lld\n"
		"max_key=%lld\nkey=%s\n",
		magics[BACKUP_VERSION - 1], h->kind, (long long)h->id, h->slug, h->name, h->region,
		(long long)h->taken_at, (long long)h->max_key, hex_encode(a, h->key.p, h->key.n));
	for (size_t i = 0; i < h->nkeks; i++)
		sb_printf(&sb, "kek_version=%lld\nkek=%s\n", (long long)h->keks[i].version,
			hex_encode(a, h->keks[i].wrapped.p, h->keks[i].wrapped.n));
	sb_puts(&sb, "\n");
	return sb.p;
}

struct err *
backup_refuse(struct arena *a, const char *path, const char *why)
{
	return err_sure(err_detail(a, ERR_INVALID, __FILE__, __LINE__, "%s: %s", path, why));
}

/* The value of a line; NULL when there is none of that name. */
static const char *
line_of(struct arena *a, const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = text; *p != '\0' && *p != '\n'; p += strcspn(p, "\n") + 1)
		if (strncmp(p, name, n) == 0 && p[n] == '=')
			return arena_strndup(a, p + n + 1, strcspn(p + n + 1, "\n"));
	return NULL;
}

static bool
number_of(struct arena *a, const char *text, const char *name, int64_t *n_r)
{
	const char *value = line_of(a, text, name);

	return value != NULL && num_parse_i64(value, 0, INT64_MAX, n_r);
}

static bool
bytes_of(struct arena *a, const char *text, const char *name, struct bytes *bytes_r)
{
	const char *value = line_of(a, text, name);

	return value != NULL && hex_decode(a, value, bytes_r);
}

/* Pairs of lines, one for each version. */
static bool
keks_of(struct arena *a, const char *text, struct backup_head *h)
{
	h->nkeks = 0;
	while ((text = strstr(text, "\nkek_version=")) != NULL) {
		text++;
		if (h->nkeks == VERSIONS_MAX ||
			!number_of(a, text, "kek_version", &h->keks[h->nkeks].version) ||
			!bytes_of(a, text, "kek", &h->keks[h->nkeks].wrapped))
			return false;
		h->nkeks++;
	}
	return h->nkeks > 0;
}

static int
version_of(const char *text)
{
	for (int i = BACKUP_VERSION; i > 0; i--)
		if (strncmp(text, magics[i - 1], strlen(magics[i - 1])) == 0)
			return i;
	return 0;
}

struct err *
backup_head_read(struct arena *a, const char *path, struct backup_head *h)
{
	char *text = arena_alloc(a, HEAD_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *lines;
	char *end;
	ssize_t n;

	if (fd < 0)
		return backup_refuse(a, path, strerror(errno));
	n = pread(fd, text, HEAD_MAX, 0);
	close(fd);
	if (n < 0)
		return backup_refuse(a, path, strerror(errno));
	text[n] = '\0';
	end = strstr(text, "\n\n");
	h->version = version_of(text);
	if (h->version == 0 || end == NULL)
		return backup_refuse(a, path, "is not a backup that this program can read");
	end[1] = '\0';
	lines = text + strlen(magics[0]);
	h->bytes = (size_t)(end - text) + 2;
	h->kind = line_of(a, lines, "kind");
	h->slug = line_of(a, lines, "slug");
	h->name = line_of(a, lines, "name");
	h->region = line_of(a, lines, "region");
	if (h->kind == NULL || h->slug == NULL || h->name == NULL || h->region == NULL ||
		!number_of(a, lines, "id", &h->id) ||
		!number_of(a, lines, "taken_at", &h->taken_at) ||
		!number_of(a, lines, "max_key", &h->max_key) ||
		!bytes_of(a, lines, "key", &h->key) || !keks_of(a, lines, h))
		return backup_refuse(a, path, "is not a backup that this program can read");
	return NULL;
}

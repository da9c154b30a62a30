/* SPDX-License-Identifier: ISC */
#include "unpack.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "sb.h"
#include "utf8.h"

#define ENTRIES_MAX 50001
#define NAME_MAX_BYTES 1024
#define MANIFEST_MAX ((size_t)64 * 1024 * 1024)
/* What deflate can do at the most is 1 to 1032; what holds rows of a database stays far below. */
#define RATIO_MAX 1000
#define RATIO_FREE ((uint64_t)1024 * 1024)
/* Of all entries: more is no export of a workspace. */
#define TOTAL_MAX ((uint64_t)4 << 40)
#define PIECE ((size_t)65536)

struct unpack {
	struct arena *a;
	const char *path;
	zip_t *z;
	zip_int64_t n;
};

static struct err *
refuse(const struct unpack *u, const char *why)
{
	struct err *e = err_new(u->a, ERR_INVALID, "error.archive");

	e->detail = arena_printf(u->a, "%s: %s", u->path, why);
	return e;
}

static void
discard(void *arg)
{
	struct unpack *u = arg;

	if (u->z != NULL)
		zip_discard(u->z);
	u->z = NULL;
}

static bool
safe(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > NAME_MAX_BYTES || *name == '/' || name[n - 1] == '/' ||
		!utf8_valid(name, n) || strpbrk(name, "\\:\n\r") != NULL)
		return false;
	for (const char *p = name; p != NULL; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, "../", 3) == 0 || strcmp(p, "..") == 0 || strncmp(p, "./", 2) == 0 ||
			*p == '/')
			return false;
	}
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Regular, in clear, no larger than what packs it can hold. */
static const char *
fault_of(const struct unpack *u, zip_uint64_t i, zip_stat_t *st)
{
	const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
	zip_uint8_t system;
	zip_uint32_t attributes;

	if (zip_stat_index(u->z, i, 0, st) != 0 || (st->valid & needed) != needed)
		return "an entry without a size";
	if (!safe(st->name))
		return "an entry's name is not safe";
	if ((st->valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && st->encryption_method != ZIP_EM_NONE)
		return "an entry is encrypted";
	if (zip_file_get_external_attributes(u->z, i, 0, &system, &attributes) == 0 &&
		system == ZIP_OPSYS_UNIX && (attributes >> 16 & 0170000) != 0 &&
		(attributes >> 16 & 0170000) != 0100000)
		return "an entry is no file";
	if (st->size > RATIO_FREE && st->size / RATIO_MAX > st->comp_size)
		return "an entry is larger than what packs it";
	return NULL;
}

static struct err *
check_names(struct unpack *u)
{
	const char **names = ARENA_ARRAY(u->a, (size_t)u->n + 1, const char *);
	uint64_t total = 0;

	for (zip_int64_t i = 0; i < u->n; i++) {
		zip_stat_t st;
		const char *fault = fault_of(u, (zip_uint64_t)i, &st);

		if (fault != NULL)
			return refuse(u, fault);
		names[i] = st.name;
		total += st.size;
		if (total > TOTAL_MAX || st.size > TOTAL_MAX)
			return refuse(u, "it is too large");
	}
	qsort(names, (size_t)u->n, sizeof(*names), by_name);
	for (zip_int64_t i = 1; i < u->n; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			return refuse(u, "a name is used twice");
	return NULL;
}

struct err *
unpack_open(struct arena *a, const char *path, struct unpack **u_r)
{
	struct unpack *u = ARENA_NEW(a, struct unpack);
	int code;

	u->a = a;
	u->path = path;
	u->z = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
	if (u->z == NULL)
		return refuse(u, code == ZIP_ER_NOENT  ? "there is no such file"
				 : code == ZIP_ER_OPEN ? "it cannot be read"
						       : "it is no whole ZIP file");
	arena_on_reset(a, discard, u);
	u->n = zip_get_num_entries(u->z, 0);
	if (u->n < 1 || u->n > ENTRIES_MAX)
		return refuse(u, "it has no entries, or too many");
	*u_r = u;
	return check_names(u);
}

bool
unpack_has(const struct unpack *u, const char *name)
{
	return zip_name_locate(u->z, name, 0) >= 0;
}

struct err *
unpack_read(struct unpack *u, struct arena *a, const char *name, unpack_fn *fn, void *ctx)
{
	unsigned char *piece = arena_alloc(a, PIECE);
	zip_file_t *f = zip_fopen(u->z, name, 0);
	struct err *e = NULL;
	zip_int64_t n;

	if (f == NULL)
		return refuse(u, "an entry is missing");
	do {
		n = zip_fread(f, piece, PIECE);
		if (n < 0)
			e = refuse(u, "an entry is damaged");
		else if (n > 0)
			e = fn(ctx, piece, (size_t)n);
	} while (n > 0 && e == NULL);
	if (zip_fclose(f) != 0 && e == NULL)
		e = refuse(u, "an entry is damaged");
	return e;
}

struct text {
	char *p;
	size_t n, max;
	struct unpack *u;
};

static struct err *
add_text(void *ctx, const unsigned char *p, size_t n)
{
	struct text *t = ctx;

	if (n > t->max - t->n)
		return refuse(t->u, "an entry is too large");
	memcpy(t->p + t->n, p, n);
	t->n += n;
	return NULL;
}

struct err *
unpack_text(struct unpack *u, struct arena *a, const char *name, size_t max, const char **text_r)
{
	struct text t = {.u = u};
	zip_stat_t st;

	if (zip_stat(u->z, name, 0, &st) != 0 || (st.valid & ZIP_STAT_SIZE) == 0)
		return refuse(u, "an entry is missing");
	if (st.size > max)
		return refuse(u, "an entry is too large");
	t.max = (size_t)st.size;
	t.p = arena_alloc(a, t.max + 1);
	TRY(unpack_read(u, a, name, add_text, &t));
	*text_r = t.p;
	return NULL;
}

struct summing {
	struct digest *d;
	int64_t n;
};

static struct err *
sum(void *ctx, const unsigned char *p, size_t n)
{
	struct summing *s = ctx;

	digest_add(s->d, p, n);
	s->n += (int64_t)n;
	return NULL;
}

struct err *
unpack_sha256(
	struct unpack *u, struct arena *a, const char *name, unsigned char sha256[DIGEST_BYTES])
{
	struct summing s = {.d = digest_new(a)};

	TRY(unpack_read(u, a, name, sum, &s));
	digest_end(s.d, sha256);
	return NULL;
}

static struct err *
verify_one(struct unpack *u, struct arena *a, struct json_object *file)
{
	struct json_object *name, *size, *sha;
	unsigned char is[DIGEST_BYTES];
	struct summing s = {.d = digest_new(a)};

	if (!json_object_object_get_ex(file, "name", &name) ||
		!json_object_object_get_ex(file, "size", &size) ||
		!json_object_object_get_ex(file, "sha256", &sha) ||
		!json_object_is_type(name, json_type_string) ||
		!json_object_is_type(sha, json_type_string))
		return refuse(u, "its manifest cannot be read");
	TRY(unpack_read(u, a, json_object_get_string(name), sum, &s));
	digest_end(s.d, is);
	if (s.n != json_object_get_int64(size) ||
		strcmp(hex_encode(a, is, sizeof(is)), json_object_get_string(sha)) != 0)
		return refuse(u, "an entry is not what the manifest says");
	return NULL;
}

/* Then as many as there are entries are these entries. */
static bool
all_different(struct arena *a, struct json_object *files, size_t n)
{
	const char **names = ARENA_ARRAY(a, n + 1, const char *);

	for (size_t i = 0; i < n; i++) {
		struct json_object *name;

		if (!json_object_object_get_ex(json_object_array_get_idx(files, i), "name", &name))
			return false;
		names[i] = name != NULL ? json_object_get_string(name) : "";
		if (strcmp(names[i], "manifest.json") == 0 || strcmp(names[i], "manifest.sig") == 0)
			return false;
	}
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 1; i < n; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			return false;
	return true;
}

static void
let_go(void *arg)
{
	json_object_put(arg);
}

struct err *
unpack_verify(struct unpack *u, struct arena *a, struct json_object **manifest_r)
{
	struct json_object *m, *files;
	const char *text;
	size_t n;

	TRY(unpack_text(u, a, "manifest.json", MANIFEST_MAX, &text));
	m = json_tokener_parse(text);
	if (m == NULL)
		return refuse(u, "its manifest cannot be read");
	arena_on_reset(a, let_go, m);
	if (!json_object_object_get_ex(m, "files", &files) ||
		!json_object_is_type(files, json_type_array))
		return refuse(u, "its manifest cannot be read");
	n = json_object_array_length(files);
	if ((zip_int64_t)n + 1 + unpack_has(u, "manifest.sig") != u->n ||
		!all_different(a, files, n))
		return refuse(u, "its manifest lists something else");
	for (size_t i = 0; i < n; i++) {
		struct arena_mark mark = arena_mark(a);
		struct err *e = verify_one(u, a, json_object_array_get_idx(files, i));

		if (e != NULL)
			return e;
		arena_release(a, mark);
	}
	*manifest_r = m;
	return NULL;
}

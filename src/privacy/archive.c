/* SPDX-License-Identifier: ISC */
#include "archive.h"

#include <json-c/json.h>
#include <string.h>
#include <zip.h>

#include "log.h"
#include "response.h"

/* Fastest: twice the size of the slowest would still be little text. */
#define DEFLATE_LEVEL 1
/* A name, which has 64 KiB at most, and a digest. */
#define MANIFEST_ENTRY_MAX ((size_t)512 * 1024)

struct entry {
	struct archive *ar;
	const char *name;
	int64_t size;
	const unsigned char *sha256;
	bool pack;
	struct scratch *scratch; /* one of the two */
	int64_t from;            /* where it begins in the scratch */
	struct archive_object object;
	/* While it is read. */
	int64_t at;
	struct object_reader *reader;
	struct digest *digest;
	struct entry *next;
};

struct archive {
	struct arena *a;
	struct arena *reading; /* of the one entry that is open */
	const char *scratch;
	const char *password;
	const struct archive_watch *watch;
	struct scratch *out;
	int64_t out_at; /* where the next write goes */
	int64_t in_at;
	struct entry *head;
	struct entry **tail;
	struct json_object *about;
	archive_signer *sign;
	void *sign_ctx;
	int64_t done;
	struct err *e; /* what went wrong inside libzip's calls */
};

static void
reading_end(void *arg)
{
	struct archive *ar = arg;

	arena_free(&ar->reading);
}

struct err *
archive_new(struct arena *a, const char *scratch, const char *password,
	const struct archive_watch *watch, struct archive **ar_r)
{
	struct archive *ar = ARENA_NEW(a, struct archive);

	ar->a = a;
	ar->scratch = scratch;
	ar->password = password;
	ar->watch = watch;
	ar->tail = &ar->head;
	ar->reading = arena_new((size_t)1024 * 1024);
	arena_on_reset(a, reading_end, ar);
	*ar_r = ar;
	return scratch_new(a, scratch, &ar->out);
}

static struct entry *
add_entry(struct archive *ar, const char *name)
{
	struct entry *en = ARENA_NEW(ar->a, struct entry);

	en->ar = ar;
	en->name = arena_strdup(ar->a, name);
	*ar->tail = en;
	ar->tail = &en->next;
	return en;
}

void
archive_add_scratch(struct archive *ar, const char *name, struct scratch *s)
{
	struct entry *en = add_entry(ar, name);

	scratch_end(s);
	en->scratch = s;
	en->size = s->size;
	en->sha256 = s->sha256;
	en->pack = true;
}

void
archive_add_part(struct archive *ar, const char *name, struct scratch *s, int64_t at, int64_t size,
	const unsigned char *sha256)
{
	struct entry *en = add_entry(ar, name);

	en->scratch = s;
	en->from = at;
	en->size = size;
	en->sha256 = sha256;
	en->pack = true;
}

/* Types that are packed already: trying again costs time and gains nothing. */
static bool
is_packed(const char *type)
{
	static const char *const starts[] = {"image/", "video/", "audio/", "application/zip",
		"application/pdf", "application/gzip", "application/x-7z", "application/x-rar",
		"application/vnd.openxmlformats", "application/vnd.oasis",
		"application/octet-stream"};

	if (type == NULL)
		return true;
	if (strcmp(type, "image/bmp") == 0 || strcmp(type, "image/svg+xml") == 0)
		return false;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(type, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

void
archive_add_object(struct archive *ar, const char *name, const struct archive_object *o)
{
	struct entry *en = add_entry(ar, name);

	ASSERT(o->sha256.n == DIGEST_BYTES);
	en->object = *o;
	en->size = o->size;
	en->sha256 = o->sha256.p;
	en->pack = !is_packed(o->content_type);
}

int64_t
archive_size(const struct archive *ar)
{
	int64_t n = 0;

	for (const struct entry *en = ar->head; en != NULL; en = en->next)
		n += en->size;
	return n;
}

int64_t
archive_done(const struct archive *ar)
{
	return ar->done;
}

int64_t
archive_entries(const struct archive *ar)
{
	int64_t n = 0;

	for (const struct entry *en = ar->head; en != NULL; en = en->next)
		n++;
	return n;
}

void
archive_about(struct archive *ar, struct json_object *about)
{
	ar->about = about;
}

void
archive_sign(struct archive *ar, archive_signer *fn, void *ctx)
{
	ar->sign = fn;
	ar->sign_ctx = ctx;
}

static struct err *
entry_open(struct entry *en)
{
	struct archive *ar = en->ar;

	en->at = 0;
	if (en->scratch != NULL)
		return NULL;
	arena_reset(ar->reading);
	en->digest = digest_new(ar->reading);
	return object_open(
		ar->reading, en->object.store, en->object.object, &en->object.key, &en->reader);
}

/* The whole file came out as it was put in, or the archive is none. */
static struct err *
entry_check(struct entry *en)
{
	unsigned char sha[DIGEST_BYTES];

	if (en->digest == NULL)
		return NULL;
	digest_end(en->digest, sha);
	en->digest = NULL;
	if (en->at != en->size || memcmp(sha, en->sha256, DIGEST_BYTES) != 0)
		return err_internal(en->ar->a, "a stored file is not what was stored");
	return en->ar->watch != NULL ? en->ar->watch->tick(en->ar->watch->ctx, 1) : NULL;
}

static struct err *
entry_read(struct entry *en, void *p, size_t n, size_t *got_r)
{
	struct archive *ar = en->ar;

	if (ar->watch != NULL)
		TRY(ar->watch->tick(ar->watch->ctx, 0));
	if (en->scratch != NULL) {
		int64_t left = en->size - en->at;

		TRY(scratch_read_at(en->scratch, en->from + en->at, p,
			(int64_t)n < left ? n : (size_t)left, got_r));
	} else {
		TRY(object_read(en->reader, p, n, got_r));
		if (*got_r == 0)
			TRY(entry_check(en));
		else
			digest_add(en->digest, p, *got_r);
	}
	en->at += (int64_t)*got_r;
	ar->done += (int64_t)*got_r;
	return NULL;
}

static zip_int64_t
entry_stat(const struct entry *en, void *data, zip_uint64_t len)
{
	zip_stat_t *st = data;

	ASSERT(len >= sizeof(*st));
	zip_stat_init(st);
	st->size = (zip_uint64_t)en->size;
	st->valid = ZIP_STAT_SIZE;
	return sizeof(*st);
}

/* libzip wants its own kind of error; ours is kept beside it. */
static zip_int64_t
failed(struct archive *ar, struct err *e)
{
	if (ar->e == NULL)
		ar->e = e;
	return -1;
}

static zip_int64_t
error_of(const struct archive *ar, void *data, zip_uint64_t len)
{
	int *codes = data;

	ASSERT(len >= 2 * sizeof(int));
	codes[0] = ar->e != NULL ? ZIP_ER_READ : ZIP_ER_OK;
	codes[1] = 0;
	return 2 * sizeof(int);
}

static zip_int64_t
entry_source(void *ctx, void *data, zip_uint64_t len, zip_source_cmd_t cmd)
{
	struct entry *en = ctx;
	struct err *e;
	size_t got;

	switch (cmd) {
	case ZIP_SOURCE_OPEN:
		e = entry_open(en);
		return e == NULL ? 0 : failed(en->ar, e);
	case ZIP_SOURCE_READ:
		e = entry_read(en, data, (size_t)len, &got);
		return e == NULL ? (zip_int64_t)got : failed(en->ar, e);
	case ZIP_SOURCE_CLOSE:
	case ZIP_SOURCE_FREE:
		return 0;
	case ZIP_SOURCE_STAT:
		return entry_stat(en, data, len);
	case ZIP_SOURCE_ERROR:
		return error_of(en->ar, data, len);
	case ZIP_SOURCE_SUPPORTS:
		return ZIP_SOURCE_SUPPORTS_READABLE;
	default:
		return -1;
	}
}

static zip_int64_t
out_stat(const struct archive *ar, void *data, zip_uint64_t len)
{
	zip_stat_t *st = data;

	ASSERT(len >= sizeof(*st));
	zip_stat_init(st);
	st->size = (zip_uint64_t)ar->out->size;
	st->valid = ZIP_STAT_SIZE;
	return sizeof(*st);
}

static zip_int64_t
out_seek(struct archive *ar, int64_t *at, void *data, zip_uint64_t len)
{
	zip_error_t ze;
	zip_int64_t to;

	zip_error_init(&ze);
	to = zip_source_seek_compute_offset(
		(zip_uint64_t)*at, (zip_uint64_t)ar->out->size, data, len, &ze);
	zip_error_fini(&ze);
	if (to < 0)
		return -1;
	*at = to;
	return 0;
}

/* The archive itself: written from where libzip stands, read back when it looks
 * for an older archive in it. */
static zip_int64_t
out_source(void *ctx, void *data, zip_uint64_t len, zip_source_cmd_t cmd)
{
	struct archive *ar = ctx;
	struct err *e;
	size_t got;

	switch (cmd) {
	case ZIP_SOURCE_OPEN:
	case ZIP_SOURCE_BEGIN_WRITE:
		ar->in_at = ar->out_at = 0;
		return 0;
	case ZIP_SOURCE_READ:
		e = scratch_read_at(ar->out, ar->in_at, data, (size_t)len, &got);
		ar->in_at += (int64_t)got;
		return e == NULL ? (zip_int64_t)got : failed(ar, e);
	case ZIP_SOURCE_WRITE:
		e = scratch_write_at(ar->out, ar->out_at, data, (size_t)len);
		ar->out_at += (int64_t)len;
		return e == NULL ? (zip_int64_t)len : failed(ar, e);
	case ZIP_SOURCE_SEEK:
		return out_seek(ar, &ar->in_at, data, len);
	case ZIP_SOURCE_SEEK_WRITE:
		return out_seek(ar, &ar->out_at, data, len);
	case ZIP_SOURCE_TELL:
		return ar->in_at;
	case ZIP_SOURCE_TELL_WRITE:
		return ar->out_at;
	case ZIP_SOURCE_STAT:
		return out_stat(ar, data, len);
	case ZIP_SOURCE_ERROR:
		return error_of(ar, data, len);
	case ZIP_SOURCE_SUPPORTS:
		return ZIP_SOURCE_SUPPORTS_WRITABLE;
	case ZIP_SOURCE_CLOSE:
	case ZIP_SOURCE_COMMIT_WRITE:
	case ZIP_SOURCE_ROLLBACK_WRITE:
	case ZIP_SOURCE_REMOVE:
	case ZIP_SOURCE_FREE:
		return 0;
	default:
		return -1;
	}
}

static struct err *
zip_failed(struct archive *ar, const char *doing, zip_t *z)
{
	return err_internal(ar->a, "%s: %s", doing, zip_strerror(z));
}

static struct err *
zip_add_entry(struct archive *ar, zip_t *z, struct entry *en)
{
	zip_source_t *src = zip_source_function(z, entry_source, en);
	zip_int64_t i;

	if (src == NULL)
		return zip_failed(ar, "zip source", z);
	i = zip_file_add(z, en->name, src, ZIP_FL_ENC_UTF_8);
	if (i < 0) {
		zip_source_free(src);
		return zip_failed(ar, "zip entry", z);
	}
	/* No clock of ours decides anything; and when it was packed says nothing. */
	if (zip_file_set_dostime(z, (zip_uint64_t)i, 0, (1 << 5) | 1, 0) != 0 ||
		zip_set_file_compression(z, (zip_uint64_t)i,
			en->pack ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
			en->pack ? DEFLATE_LEVEL : 0) != 0)
		return zip_failed(ar, "zip compression", z);
	if (ar->password != NULL &&
		zip_file_set_encryption(z, (zip_uint64_t)i, ZIP_EM_AES_256, ar->password) != 0)
		return zip_failed(ar, "zip encryption", z);
	return NULL;
}

/* In pieces: an archive may have many entries, and each is little here. */
static struct err *
manifest_entry(struct archive *ar, const struct entry *en, struct scratch *s)
{
	struct json_object *o = json_object_new_object();
	struct err *e;
	struct sb sb;

	arena_reset(ar->reading);
	model_text(o, "name", en->name);
	model_i64(o, "size", en->size);
	model_text(o, "sha256", hex_encode(ar->reading, en->sha256, DIGEST_BYTES));
	sb_init(&sb, ar->reading, MANIFEST_ENTRY_MAX);
	sb_printf(&sb, "%s\n%s", en == ar->head ? "" : ",",
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_SPACED));
	e = scratch_add_sb(s, &sb);
	json_object_put(o);
	return e;
}

static struct err *
add_signature(struct archive *ar, const unsigned char *sha256)
{
	const char *text;
	struct scratch *s;

	TRY(ar->sign(ar->sign_ctx, ar->a, sha256, &text));
	TRY(scratch_new(ar->a, ar->scratch, &s));
	TRY(scratch_add(s, text, strlen(text)));
	archive_add_scratch(ar, "manifest.sig", s);
	return NULL;
}

static struct err *
add_manifest(struct archive *ar)
{
	const char *about = ar->about != NULL ? json_object_to_json_string_ext(
							ar->about, JSON_C_TO_STRING_PRETTY)
					      : "{\n}";
	struct scratch *s;

	TRY(scratch_new(ar->a, ar->scratch, &s));
	/* Without its closing brace. */
	TRY(scratch_add(s, about, strlen(about) - 2));
	if (ar->about != NULL)
		TRY(scratch_add(s, ",\n", 2));
	TRY(scratch_add(s, "\"files\": [", 10));
	for (const struct entry *en = ar->head; en != NULL; en = en->next)
		TRY(manifest_entry(ar, en, s));
	TRY(scratch_add(s, "\n]}\n", 4));
	archive_add_scratch(ar, "manifest.json", s);
	return ar->sign != NULL ? add_signature(ar, s->sha256) : NULL;
}

static struct err *
fill(struct archive *ar, zip_t *z)
{
	for (struct entry *en = ar->head; en != NULL; en = en->next)
		TRY(zip_add_entry(ar, z, en));
	if (zip_close(z) == 0)
		return NULL;
	return ar->e != NULL ? ar->e : zip_failed(ar, "zip", z);
}

struct err *
archive_write(struct archive *ar, struct scratch **out_r)
{
	zip_source_t *src;
	zip_error_t ze;
	struct err *e;
	zip_t *z;

	TRY(add_manifest(ar));
	zip_error_init(&ze);
	src = zip_source_function_create(out_source, ar, &ze);
	if (src == NULL)
		return err_internal(ar->a, "zip: %s", zip_error_strerror(&ze));
	z = zip_open_from_source(src, ZIP_CREATE | ZIP_TRUNCATE, &ze);
	if (z == NULL) {
		zip_source_free(src);
		return err_internal(ar->a, "zip: %s", zip_error_strerror(&ze));
	}
	e = fill(ar, z);
	if (e != NULL) {
		zip_discard(z);
		return e;
	}
	*out_r = ar->out;
	return NULL;
}

/* SPDX-License-Identifier: ISC */
/*
 * Attachments, and files of privacy requests. Their list is read with everything else, in the
 * snapshot, and kept on scratch: packing takes longer than a transaction may be idle.
 */
#include <string.h>

#include "model.h"
#include "whole_part.h"

/* object_at: what binds its key to its place. */
STMT(attachments, "whole.files", 1,
	"select attachment_id, contact_id, object, object_key, size, sha256, "
	"coalesce(content_type, ''), coalesce(file_name, ''), null::bytea, "
	"'attachment.object_key|' || attachment_id from attachment "
	"where attachment_id > $1::bigint and object is not null and object_key is not null "
	"and sha256 is not null order by attachment_id limit 200");
STMT(case_files, "whole.case_files", 1,
	"select file_id, request_id, object, object_key, size, sha256, content_type, '', name, "
	"'request.file.' || object || '|#' from request_file "
	"where file_id > $1::bigint and object is not null and object_key is not null "
	"order by file_id limit 200");

const struct whole_kind whole_kinds[] = {
	{"attachment", "attachments", "attachment_id", "contact_id", "file_name"},
	{"request_file", "requests", "file_id", "request_id", "name"},
	{NULL, NULL, NULL, NULL, NULL},
};

#define PIECE_FILES 200
/* A line of the list: number, names, key; a file's name has 255 characters at most. */
#define LINE_MAX_BYTES ((size_t)16384)

/* What some systems cannot have in a file's name; dots alone are no name. */
static const char *
safe_name(struct arena *a, const char *name)
{
	char *out = arena_strdup(a, name);

	for (char *p = out; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p == 0x7f ||
			strchr("\\/:*?\"<>|", *p) != NULL)
			*p = '_';
	return out;
}

const struct whole_kind *
whole_kind_of(const char *table)
{
	for (const struct whole_kind *k = whole_kinds; k->table != NULL; k++)
		if (strcmp(k->table, table) == 0)
			return k;
	return NULL;
}

const char *
whole_entry_name(struct arena *a, const struct whole_kind *kind, int64_t of, int64_t id,
	const char *file_name)
{
	if (file_name == NULL || *file_name == '\0')
		file_name = "file";
	return arena_printf(a, "%s/%lld/%lld-%s", kind->folder, (long long)of, (long long)id,
		safe_name(a, file_name));
}

/* Its name is encrypted in some tables; the column is empty then. */
static struct err *
name_of(struct whole *w, const struct whole_keys *keys, const struct rows *r, size_t i,
	const char **name_r)
{
	struct bytes plain;

	*name_r = rows_text(r, i, 7);
	if (rows_null(r, i, 8))
		return NULL;
	TRY(whole_unseal(
		w, keys, "sealed", "request.file_name|#", rows_bytes(w->piece, r, i, 8), &plain));
	*name_r = plain.p != NULL ? (const char *)plain.p : "";
	return NULL;
}

static struct err *
list_one(struct whole *w, const struct whole_kind *kind, const struct whole_keys *keys,
	const struct rows *r, size_t i)
{
	struct arena *a = w->piece;
	struct json_object *o = model_object(a);
	struct bytes sha = rows_bytes(a, r, i, 5), key;
	const char *name;
	struct sb sb;

	TRY(whole_unseal(w, keys, "sealed", rows_text(r, i, 9), rows_bytes(a, r, i, 3), &key));
	if (key.n != KEY_BYTES)
		return NULL;
	TRY(name_of(w, keys, r, i, &name));
	model_text(
		o, "entry", whole_entry_name(a, kind, rows_i64(r, i, 1), rows_i64(r, i, 0), name));
	model_text(o, "object", rows_text(r, i, 2));
	model_text(o, "key", hex_encode(a, key.p, key.n));
	model_text(o, "sha256", hex_encode(a, sha.p, sha.n));
	model_text(o, "type", rows_text(r, i, 6));
	model_i64(o, "size", rows_i64(r, i, 4));
	sb_init(&sb, a, LINE_MAX_BYTES);
	sb_puts(&sb, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	sb_putc(&sb, '\n');
	w->nfiles++;
	w->file_bytes += rows_i64(r, i, 4);
	return scratch_add_sb(w->files, &sb);
}

static struct err *
list_piece(struct whole *w, const struct whole_kind *kind, int64_t *after, size_t *n_r)
{
	int64_t ids[2 * PIECE_FILES];
	struct whole_keys keys;
	struct rows *r;
	size_t n = 0;

	TRY(tx_query(w->tx, strcmp(kind->table, "attachment") == 0 ? &attachments : &case_files,
		VALS(val_i64(*after)), &r));
	*n_r = rows_count(r);
	for (size_t i = 0; i < *n_r; i++) {
		ids[n++] = seal_key_id(rows_bytes(w->piece, r, i, 3));
		if (!rows_null(r, i, 8))
			ids[n++] = seal_key_id(rows_bytes(w->piece, r, i, 8));
		*after = rows_i64(r, i, 0);
	}
	TRY(whole_keys_load(w, ids, n, &keys));
	for (size_t i = 0; i < *n_r; i++)
		TRY(list_one(w, kind, &keys, r, i));
	return whole_tick(w);
}

static struct err *
list_kind(struct whole *w, const struct whole_kind *kind)
{
	int64_t after = 0;
	size_t n;

	do {
		struct arena_mark mark = arena_mark(w->piece);

		TRY(list_piece(w, kind, &after, &n));
		arena_release(w->piece, mark);
	} while (n == PIECE_FILES);
	return NULL;
}

struct err *
whole_list_files(struct whole *w)
{
	TRY(scratch_new(w->a, tenancy_settings(w->in->tenancy)->scratch, &w->files));
	for (const struct whole_kind *k = whole_kinds; k->table != NULL; k++)
		TRY(list_kind(w, k));
	return NULL;
}

static const char *
text_of(const struct whole *w, struct json_object *o, const char *name)
{
	struct json_object *v;

	return arena_strdup(
		w->volume, json_object_object_get_ex(o, name, &v) ? json_object_get_string(v) : "");
}

static struct err *
pack_one(struct whole *w, const char *line)
{
	struct json_object *o = json_tokener_parse(line), *v;
	struct archive_object in = {.store = w->in->tenant->files};
	struct bytes key;

	if (o == NULL)
		return err_internal(w->a, "the list of files is damaged");
	model_own(w->piece, o);
	if (!hex_decode(w->volume, text_of(w, o, "key"), &key) || key.n != KEY_BYTES ||
		!hex_decode(w->volume, text_of(w, o, "sha256"), &in.sha256) ||
		!json_object_object_get_ex(o, "size", &v))
		return err_internal(w->a, "the list of files is damaged");
	memcpy(in.key.key, key.p, KEY_BYTES);
	in.object = text_of(w, o, "object");
	in.content_type = text_of(w, o, "type");
	in.size = json_object_get_int64(v);
	archive_add_object(w->ar, text_of(w, o, "entry"), &in);
	return NULL;
}

/* Up to max of them, from *at of the list on. */
struct err *
whole_pack_files(struct whole *w, int64_t *at, int64_t max)
{
	for (int64_t i = 0; i < max; i++) {
		struct arena_mark mark = arena_mark(w->piece);
		char *line = arena_alloc(w->piece, LINE_MAX_BYTES + 1), *end;
		size_t got;

		TRY(scratch_read_at(w->files, *at, line, LINE_MAX_BYTES, &got));
		if (got == 0)
			break;
		line[got] = '\0';
		end = strchr(line, '\n');
		if (end == NULL)
			return err_internal(w->a, "the list of files is damaged");
		*end = '\0';
		TRY(pack_one(w, line));
		*at += end - line + 1;
		arena_release(w->piece, mark);
	}
	return NULL;
}

/* SPDX-License-Identifier: ISC */
/* The files of an export before anything is made of them: all of them, whole, and with no name in
 * them that is more than a name. */
#include <string.h>

#include "region_sign.h"
#include "whole.h"
#include "whole_import_part.h"

#define SIGNATURE_MAX ((size_t)65536)
#define SCHEMA_MAX ((size_t)16 * 1024 * 1024)
#define PIECE_MEMORY ((size_t)512 * 1024 * 1024)

struct err *
whole_refuse(const struct whole_import *wi, const char *why)
{
	struct err *e = err_new(wi->a, ERR_INVALID, "error.archive");

	e->detail = why;
	return e;
}

const char *
whole_text(struct json_object *o, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) && json_object_is_type(v, json_type_string)
		       ? json_object_get_string(v)
		       : "";
}

int64_t
whole_number(struct json_object *o, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) ? json_object_get_int64(v) : 0;
}

static void
end(void *arg)
{
	struct whole_import *wi = arg;

	arena_free(&wi->piece);
}

/* Volumes of one export, each once, all of them. */
static struct err *
take_volume(struct whole_import *wi, struct unpack *u, struct json_object *m,
	struct json_object **first)
{
	int64_t n = whole_number(m, "volume");

	if (strcmp(whole_text(m, "format"), WHOLE_FORMAT) != 0)
		return whole_refuse(wi, "it is no export of a workspace");
	if (whole_number(m, "format_version") != WHOLE_FORMAT_VERSION)
		return whole_refuse(wi, "it was made by another version");
	if (whole_number(m, "schema") > wi->newest)
		return whole_refuse(wi,
			arena_printf(wi->a,
				"it was made by a later release (schema %lld, here %lld): bring "
				"this one up to date first",
				(long long)whole_number(m, "schema"), (long long)wi->newest));
	if (*first == NULL)
		*first = m;
	if (strcmp(whole_text(m, "slug"), whole_text(*first, "slug")) != 0 ||
		strcmp(whole_text(m, "made_at"), whole_text(*first, "made_at")) != 0 ||
		whole_number(m, "volumes") != (int64_t)wi->n || n < 1 || n > (int64_t)wi->n ||
		wi->volumes[n - 1] != NULL)
		return whole_refuse(wi, "these are not all the files of one export");
	wi->volumes[n - 1] = u;
	if (n == 1)
		wi->manifest = m;
	return NULL;
}

/* Names of tables and columns stand in statements, so they must be no more than names. */
static bool
is_name(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n < 64 && *s >= 'a' && *s <= 'z' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static struct err *
check_field(struct whole_import *wi, const char *line)
{
	struct json_object *row = json_tokener_parse(line);
	bool good = json_object_is_type(row, json_type_object) &&
		    is_name(whole_text(row, "entity")) && is_name(whole_text(row, "name")) &&
		    is_name(whole_text(row, "column_name"));

	json_object_put(row);
	return good ? NULL : whole_refuse(wi, "a field has no proper name");
}

static struct err *
check_names(struct whole_import *wi, struct json_object *tables)
{
	const char *text;
	char *copy, *save = NULL;

	for (size_t i = 0; i < json_object_array_length(tables); i++)
		if (!is_name(whole_text(json_object_array_get_idx(tables, i), "name")))
			return whole_refuse(wi, "a table has no proper name");
	TRY(unpack_text(wi->volumes[0], wi->a, "data/field.jsonl", SCHEMA_MAX, &text));
	copy = arena_strdup(wi->a, text);
	for (char *l = strtok_r(copy, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save))
		TRY(check_field(wi, l));
	return NULL;
}

static struct err *
read_schema(struct whole_import *wi)
{
	const char *text;
	struct json_object *tables;

	TRY(unpack_text(wi->volumes[0], wi->a, "schema.json", SCHEMA_MAX, &text));
	wi->schema = json_tokener_parse(text);
	if (wi->schema == NULL)
		return whole_refuse(wi, "its schema cannot be read");
	model_own(wi->a, wi->schema);
	if (!json_object_object_get_ex(wi->schema, "tables", &tables) ||
		!json_object_is_type(tables, json_type_array))
		return whole_refuse(wi, "its schema cannot be read");
	return check_names(wi, tables);
}

/* Before anything else of it is believed. */
static struct err *
check_signature(struct whole_import *wi, struct unpack *u)
{
	unsigned char sha256[DIGEST_BYTES];
	const char *text, *statement;

	if (!unpack_has(u, "manifest.sig") || !unpack_has(u, "manifest.json"))
		return whole_refuse(wi, "its manifest is not signed");
	TRY(unpack_text(u, wi->a, "manifest.sig", SIGNATURE_MAX, &text));
	statement = region_signed(wi->a, text, wi->public, wi->npublic);
	if (statement == NULL)
		return whole_refuse(wi,
			"no region that is known here signed its manifest: name the "
			"key of the one that did (--key)");
	TRY(unpack_sha256(u, wi->a, "manifest.json", sha256));
	if (strcmp(statement, whole_statement(wi->a, sha256)) != 0)
		return whole_refuse(wi, "its manifest is not the one that was signed");
	return NULL;
}

struct err *
whole_import_open(struct arena *a, const struct whole_import_in *in, struct whole_import **wi_r)
{
	const size_t n = in->n;
	struct whole_import *wi = ARENA_NEW(a, struct whole_import);
	struct json_object *m, *first = NULL;

	wi->a = a;
	wi->n = n;
	wi->public = in->keys;
	wi->npublic = in->nkeys;
	wi->newest = in->schema;
	wi->piece = arena_new(PIECE_MEMORY);
	arena_on_reset(a, end, wi);
	wi->volumes = ARENA_ARRAY(a, n + 1, struct unpack *);
	for (size_t i = 0; i < n; i++) {
		struct unpack *u;

		TRY(unpack_open(a, in->paths[i], &u));
		TRY(check_signature(wi, u));
		TRY(unpack_verify(u, a, &m));
		TRY(take_volume(wi, u, m, &first));
	}
	*wi_r = wi;
	return read_schema(wi);
}

const char *
whole_import_name(const struct whole_import *wi)
{
	return whole_text(wi->manifest, "workspace");
}

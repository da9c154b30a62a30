/* SPDX-License-Identifier: ISC */
#include "import.h"

#include <string.h>

static const char *const modes[] = {"create", "update", "skip"};

const struct field *
import_editable(const struct record_ctx *cx, enum entity e, const char *name)
{
	enum field_level level;
	const struct field *f = catalogue_visible(cx->cat, cx->principal, e, name, &level);

	return f != NULL && level == LEVEL_EDIT && f->writable ? f : NULL;
}

bool
import_taken(const struct import_map *map, size_t n, const struct field *f)
{
	for (size_t k = 0; k < n; k++)
		if (map->fields[k] == f)
			return true;
	return false;
}

/* False when there is no such mode. */
static bool
mode_parse(const char *s, enum import_mode *mode_r)
{
	for (int m = IMPORT_CREATE; m <= IMPORT_SKIP; m++)
		if (strcmp(modes[m], s) == 0) {
			*mode_r = (enum import_mode)m;
			return true;
		}
	return false;
}

static struct err *
set_match(const struct record_ctx *cx, struct json_object *in, const char *mode,
	struct import_map *map)
{
	struct json_object *v;
	struct err *e = NULL;

	if (mode == NULL && json_object_object_get_ex(in, "mode", &v))
		mode = json_object_get_string(v);
	if (mode != NULL && !mode_parse(mode, &map->mode)) {
		err_add_field(cx->a, &e, "mode", "error.choice", NULL);
		return e;
	}
	if (!json_object_object_get_ex(in, "match", &v) || v == NULL ||
		*json_object_get_string(v) == '\0') {
		/* Nobody would be found, and everybody added once more. */
		if (map->mode == IMPORT_UPDATE)
			err_add_field(cx->a, &e, "match", "error.import_update", NULL);
		return e;
	}
	map->match = arena_strdup(cx->a, json_object_get_string(v));
	for (size_t i = 0; i < map->n; i++)
		if (map->fields[i] != NULL && strcmp(map->fields[i]->name, map->match) == 0 &&
			!map->fields[i]->sealed &&
			(map->fields[i]->type == FIELD_EMAIL ||
				map->fields[i]->type == FIELD_PHONE ||
				map->fields[i]->type == FIELD_TEXT))
			return NULL;
	err_add_field(cx->a, &e, "match", "error.import_match", NULL);
	return e;
}

/* The object of headers and fields, or the list of fields by position: "columns", or
 * the whole of a map that says nothing else. NULL: fields are guessed from the headers. */
static struct json_object *
columns_of(struct json_object *in)
{
	struct json_object *v;

	if (in == NULL)
		return NULL;
	if (json_object_object_get_ex(in, "columns", &v) &&
		(json_object_is_type(v, json_type_object) ||
			json_object_is_type(v, json_type_array)))
		return v;
	json_object_object_foreach(in, key, unused)
	{
		(void)unused;
		if (strcmp(key, "match") != 0 && strcmp(key, "mode") != 0)
			return in;
	}
	return NULL;
}

/* A column that the file does not have is a mistake, not an extra. */
static void
check_headers(const struct record_ctx *cx, struct json_object *columns, const char *const *headers,
	size_t n, struct err **e)
{
	if (columns == NULL)
		return;
	if (json_object_is_type(columns, json_type_array)) {
		if (json_object_array_length(columns) > n)
			err_add_field(cx->a, e, "columns", "error.import_no_column", NULL);
		return;
	}
	json_object_object_foreach(columns, key, unused)
	{
		bool there = false;

		(void)unused;
		for (size_t i = 0; i < n && !there; i++)
			there = strcmp(headers[i], key) == 0;
		if (!there)
			err_add_field(cx->a, e, key, "error.import_no_column", NULL);
	}
}

/* What the i-th column becomes, as it was said; NULL: nothing. */
static struct json_object *
said(struct json_object *columns, const char *header, size_t i)
{
	struct json_object *v;

	if (json_object_is_type(columns, json_type_array))
		return json_object_array_get_idx(columns, i);
	return json_object_object_get_ex(columns, header, &v) ? v : NULL;
}

struct err *
import_map_parse(const struct record_ctx *cx, enum entity e, const char *const *headers, size_t n,
	struct json_object *in, const char *mode, struct import_map *map)
{
	struct json_object *columns = columns_of(in), *v;
	struct err *err = NULL;
	bool named = false;

	memset(map, 0, sizeof(*map));
	for (size_t i = 0; i < n && !named; i++)
		named = *headers[i] != '\0';
	if (!named || n > IMPORT_COLUMNS) {
		err_add_field(cx->a, &err, "file", "error.import_columns", NULL);
		return err;
	}
	check_headers(cx, columns, headers, n, &err);
	map->n = n;
	for (size_t i = 0; i < n; i++)
		map->headers[i] = headers[i];
	if (columns == NULL)
		import_guess(cx, e, map);
	for (size_t i = 0; i < n && columns != NULL; i++) {
		const char *name;

		v = said(columns, headers[i], i);
		if (v == NULL)
			continue;
		name = json_object_get_string(v);
		if (*name == '\0')
			continue;
		map->fields[i] = import_editable(cx, e, name);
		if (map->fields[i] == NULL)
			err_add_field(cx->a, &err, headers[i], "error.unknown_field", NULL);
		else if (import_taken(map, i, map->fields[i]))
			err_add_field(cx->a, &err, headers[i], "error.import_twice", NULL);
	}
	if (err == NULL)
		err = set_match(cx, in, mode, map);
	for (size_t i = 0; i < n; i++)
		if (map->fields[i] != NULL)
			return err;
	if (err == NULL)
		err = err_new(cx->a, ERR_INVALID, "error.import_nothing");
	return err;
}

struct json_object *
import_map_json(struct arena *a, const struct import_map *map)
{
	struct json_object *o = model_object(a), *columns = model_list(o, "columns");

	for (size_t i = 0; i < map->n; i++)
		model_push_text(columns, map->fields[i] != NULL ? map->fields[i]->name : NULL);
	model_text(o, "match", map->match);
	model_text(o, "mode", modes[map->mode]);
	return o;
}

struct err *
import_map_load(
	const struct record_ctx *cx, enum entity e, const char *text, struct import_map *map)
{
	struct json_object *o = model_own(cx->a, json_tokener_parse(text)), *columns, *v;

	memset(map, 0, sizeof(*map));
	if (o == NULL || !json_object_object_get_ex(o, "columns", &columns))
		return err_internal(cx->a, "the import's map does not parse");
	map->n = json_object_array_length(columns);
	for (size_t i = 0; i < map->n && i < IMPORT_COLUMNS; i++) {
		v = json_object_array_get_idx(columns, i);
		map->headers[i] = "";
		/* A field that went meanwhile is left out. */
		map->fields[i] =
			v != NULL ? catalogue_find(cx->cat, e, json_object_get_string(v)) : NULL;
		if (map->fields[i] != NULL && !field_is_live(map->fields[i]))
			map->fields[i] = NULL;
	}
	if (json_object_object_get_ex(o, "match", &v) && v != NULL)
		map->match = json_object_get_string(v);
	if (json_object_object_get_ex(o, "mode", &v) && v != NULL)
		mode_parse(json_object_get_string(v), &map->mode);
	return NULL;
}

struct err *
import_map_allowed(
	const struct record_ctx *cx, const struct principal *p, const struct import_map *map)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->fields[i] != NULL && field_level(p, map->fields[i]) != LEVEL_EDIT)
			return err_new(cx->a, ERR_DENIED, "error.import_rights");
	return NULL;
}

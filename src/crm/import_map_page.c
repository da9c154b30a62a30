/* SPDX-License-Identifier: ISC */
/* Which column becomes which field: the form, and what the first rows become. */
#include "import_page.h"

#include <string.h>

/* The columns with a first value each and the fields they may become. */
static void
columns_form(struct request *rq, const struct record_ctx *cx, enum entity e,
	struct json_object *head, const struct import_map *map, struct json_object *o)
{
	struct json_object *list = model_list(o, "columns"),
			   *rows = json_object_object_get(head, "rows");

	for (size_t i = 0; i < map->n; i++) {
		struct json_object *c = model_item(list), *samples = model_list(c, "samples"),
				   *options;

		model_text(c, "header", map->headers[i]);
		model_i64(c, "place", (int64_t)i);
		for (size_t k = 0; k < json_object_array_length(rows) && k < 3; k++) {
			struct json_object *cell =
				json_object_array_get_idx(json_object_array_get_idx(rows, k), i);

			model_push_text(samples, cell != NULL ? json_object_get_string(cell) : "");
		}
		options = model_list(c, "options");
		for (size_t k = 0; k < cx->cat->n; k++) {
			const struct field *f = &cx->cat->fields[k];
			struct json_object *option;

			if (f->entity != e || !field_is_live(f) || !f->writable ||
				field_level(rq->principal, f) != LEVEL_EDIT)
				continue;
			option = model_item(options);
			model_text(option, "value", f->name);
			model_text(option, "label", field_label(f, cx->lang));
			if (map->fields[i] == f)
				model_bool(option, "selected", true);
		}
	}
}

/* By which of the chosen columns a record that is there already can be told. */
static void
match_form(const struct record_ctx *cx, const struct import_map *map, const char *match,
	struct json_object *o)
{
	struct json_object *list = model_list(o, "match_options");

	for (size_t i = 0; i < map->n; i++) {
		const struct field *f = map->fields[i];
		struct json_object *option;

		if (f == NULL || f->sealed ||
			(f->type != FIELD_EMAIL && f->type != FIELD_PHONE && f->type != FIELD_TEXT))
			continue;
		option = model_item(list);
		model_text(option, "value", f->name);
		model_text(option, "label", field_label(f, cx->lang));
		if (match != NULL && strcmp(match, f->name) == 0)
			model_bool(option, "selected", true);
	}
}

static const char *
preview_cell(const struct record_ctx *cx, const struct field *f, const struct value *v)
{
	if (f->sealed && !v->null)
		return value_mask(cx->a, f, v->text);
	return value_show(cx->a, f, cx->cat->currency, v, cx->lang);
}

const char *
import_wrong(const struct record_ctx *cx, enum entity e, const char *field, const char *words)
{
	enum field_level level;
	const struct field *f =
		field != NULL ? catalogue_visible(cx->cat, cx->principal, e, field, &level) : NULL;

	return f != NULL ? arena_printf(cx->a, "%s: %s", field_label(f, cx->lang), words) : words;
}

/* What the first rows become: values as they will be stored, or what is wrong. */
static struct err *
preview(struct request *rq, const struct record_ctx *cx, enum entity e, struct json_object *head,
	const struct import_map *map, struct json_object *o)
{
	struct json_object *list = model_list(o, "preview"),
			   *rows = json_object_object_get(head, "rows");
	struct json_object *names = model_list(o, "preview_columns");
	size_t n = json_object_array_length(rows);
	struct json_object **items = ARENA_ARRAY(rq->a, n, struct json_object *);
	struct import_row *checked = ARENA_ARRAY(rq->a, n, struct import_row);

	for (size_t i = 0; i < map->n; i++)
		if (map->fields[i] != NULL)
			model_push_text(names, field_label(map->fields[i], cx->lang));
	for (size_t k = 0; k < n; k++) {
		struct csv_row in = {.number = (int64_t)k + 2};
		struct json_object *cells;

		in.cells = import_cells(rq, json_object_array_get_idx(rows, k), &in.count);
		import_row_check(cx, map, &in, &checked[k]);
		items[k] = model_item(list);
		cells = model_list(items[k], "cells");
		for (size_t i = 0; i < map->n; i++)
			if (map->fields[i] != NULL)
				model_push_text(cells,
					preview_cell(cx, map->fields[i], &checked[k].values[i]));
	}
	/* Behind what is shown: it makes ids of addresses and names. */
	TRY(import_people(cx, e, rq->principal->user_id, map, checked, n));
	for (size_t k = 0; k < n; k++)
		if (checked[k].error != NULL)
			model_text(items[k], "error",
				import_wrong(cx, e, checked[k].field,
					view_text(rq->a, cx->lang, checked[k].error, NULL)));
	return NULL;
}

/* The page's choice of columns, by position: two can have one name. */
static struct json_object *
typed_map(struct request *rq, size_t n)
{
	struct json_object *list = request_value(rq, "columns"), *o, *columns;

	if (list == NULL)
		return NULL;
	o = model_object(rq->a);
	columns = model_list(o, "columns");
	for (size_t i = 0; i < n && i < json_object_array_length(list); i++) {
		struct json_object *v = json_object_array_get_idx(list, i);

		/* "-": left out; an empty value of a form is not in the list at all. */
		model_push_text(columns, v != NULL && strcmp(json_object_get_string(v), "-") != 0
						 ? json_object_get_string(v)
						 : "");
	}
	model_text(o, "match", request_text(rq, "match"));
	model_text(o, "mode", request_text(rq, "mode"));
	return o;
}

struct err *
import_map_page(struct request *rq, struct response *rp, const struct rows *r, bool start)
{
	struct record_ctx cx = record_ctx_of(rq);
	enum entity e = entity_parse(rows_text(r, 0, IMPORT_ENTITY));
	struct json_object *o = response_page(rp), *head;
	struct import_map map;
	const char **headers;
	struct err *err;
	size_t n;
	int64_t job;

	TRY(import_head(rq, r, &head));
	headers = import_cells(rq, json_object_object_get(head, "header"), &n);
	err = import_map_parse(&cx, e, headers, n, typed_map(rq, n), NULL, &map);
	if (err == NULL && start) {
		TRY(import_start(&cx, e, rows_i64(r, 0, IMPORT_ID), &map, &job));
		response_go(rp, rq, "/import/%lld", (long long)rows_i64(r, 0, IMPORT_ID));
		return NULL;
	}
	if (err != NULL && rq->method != METHOD_GET)
		response_errors(rp, rq, err);
	columns_form(rq, &cx, e, head, &map, o);
	TRY(preview(rq, &cx, e, head, &map, o));
	/* Nobody twice, unless one says so. */
	match_form(&cx, &map, rq->method == METHOD_GET ? "email" : request_text(rq, "match"), o);
	model_text(
		o, "mode", request_text(rq, "mode") != NULL ? request_text(rq, "mode") : "create");
	model_text(o, "encoding", rows_text(r, 0, IMPORT_ENCODING));
	import_model(rq, r, response_data(rp));
	rp->template = "import/map";
	return NULL;
}

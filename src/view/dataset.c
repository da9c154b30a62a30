/* SPDX-License-Identifier: ISC */
#include "dataset.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "log.h"

#define DEPTH_MAX 32

/* Numbers below this are list positions without a copy of their text. */
#define SMALL 256

static struct {
	char text[4];
	int length;
} small[SMALL];

static char yes[] = "1";
static char no[] = "0";

static char *
digits(struct arena *a, int64_t v, int *length_r)
{
	char buf[24];
	char *p = buf + sizeof(buf);
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u != 0);
	if (v < 0)
		*--p = '-';
	*length_r = (int)(buf + sizeof(buf) - p);
	return arena_strndup(a, p, (size_t)*length_r);
}

static void
set_position(struct arena *a, HDF *node, size_t i)
{
	if (i >= SMALL) {
		node->name = digits(a, (int64_t)i, &node->name_len);
		return;
	}
	if (small[i].length == 0) {
		size_t n = 0;

		if (i >= 100)
			small[i].text[n++] = (char)('0' + i / 100);
		if (i >= 10)
			small[i].text[n++] = (char)('0' + i / 10 % 10);
		small[i].text[n++] = (char)('0' + i % 10);
		small[i].length = (int)n;
	}
	node->name = small[i].text;
	node->name_len = small[i].length;
}

static void fill_node(struct arena *a, HDF *node, struct json_object *o, int depth);

static HDF *
append(struct arena *a, HDF *parent)
{
	HDF *node = ARENA_NEW(a, HDF);

	node->top = parent->top;
	if (parent->child == NULL)
		parent->child = node;
	else
		parent->last_child->next = node;
	parent->last_child = node;
	return node;
}

static HDF *
add_child(struct arena *a, HDF *parent, struct json_object *o, int depth)
{
	HDF *node = append(a, parent);

	fill_node(a, node, o, depth);
	return node;
}

static void
fill_node(struct arena *a, HDF *node, struct json_object *o, int depth)
{
	HDF *child;
	int n;

	ASSERT(depth < DEPTH_MAX);
	switch (json_object_get_type(o)) {
	case json_type_object: {
		json_object_object_foreach(o, key, value)
		{
			if (value == NULL)
				continue;
			child = add_child(a, node, value, depth + 1);
			child->name = key;
			child->name_len = (int)strlen(key);
		}
		break;
	}
	case json_type_array:
		for (size_t i = 0; i < json_object_array_length(o); i++) {
			child = add_child(a, node, json_object_array_get_idx(o, i), depth + 1);
			set_position(a, child, i);
		}
		break;
	case json_type_boolean:
		node->value = json_object_get_boolean(o) ? yes : no;
		break;
	case json_type_int:
		node->value = digits(a, json_object_get_int64(o), &n);
		break;
	case json_type_string:
		node->value = (char *)(uintptr_t)json_object_get_string(o);
		break;
	case json_type_double:
		node->value = arena_strdup(a, json_object_get_string(o));
		break;
	case json_type_null:
		break;
	}
}

void
dataset_link(struct arena *a, HDF *top, const char *name, struct json_object *o)
{
	HDF *node;

	if (o == NULL)
		return;
	node = add_child(a, top, o, 0);
	node->name = arena_strdup(a, name);
	node->name_len = (int)strlen(name);
}

static HDF *
find_child(HDF *parent, const char *name)
{
	HDF *n = parent != NULL ? parent->child : NULL;

	while (n != NULL && (n->name == NULL || strcmp(n->name, name) != 0))
		n = n->next;
	return n;
}

static HDF *
prepend(struct arena *a, HDF *parent, char *name, char *value)
{
	HDF *n = ARENA_NEW(a, HDF);

	n->top = parent->top;
	n->name = name;
	n->name_len = (int)strlen(name);
	n->value = value;
	n->next = parent->child;
	parent->child = n;
	return n;
}

/* A cell of nothing but text and kind. */
static bool
is_plain(const HDF *cell)
{
	for (const HDF *n = cell->child; n != NULL; n = n->next) {
		if (strcmp(n->name, "text") != 0 && strcmp(n->name, "kind") != 0)
			return false;
	}
	return true;
}

static void
join_row(struct arena *a, HDF *row, HDF *column)
{
	static char column_name[] = "column", link_name[] = "link";
	HDF *cells = find_child(row, "cells"), *url = find_child(row, "url");

	for (HDF *cell = cells != NULL ? cells->child : NULL; cell != NULL && column != NULL;
		cell = cell->next, column = column->next) {
		HDF *align = find_child(column, "align"), *text;
		bool plain = is_plain(cell);

		if (cell == cells->child && url != NULL)
			prepend(a, cell, link_name, url->value);
		else if (plain && (text = find_child(cell, "text")) != NULL)
			cell->value = text->value;
		prepend(a, cell, column_name, align != NULL ? align->value : NULL)->child =
			column->child;
	}
}

void
dataset_join_columns(struct arena *a, HDF *top, const char *page)
{
	HDF *columns = find_child(find_child(top, page), "columns");
	HDF *rows = find_child(find_child(top, page), "rows");

	for (HDF *row = columns != NULL && rows != NULL ? rows->child : NULL; row != NULL;
		row = row->next)
		join_row(a, row, columns->child);
}

static HDF *
add_named(struct arena *a, HDF *parent, const char *name, const char *value)
{
	HDF *node = append(a, parent);

	node->name = (char *)(uintptr_t)name;
	node->name_len = (int)strlen(name);
	node->value = (char *)(uintptr_t)value;
	return node;
}

/* Only what the cell's kind makes the templates look at. */
static void
add_cell(struct arena *a, HDF *cell, const struct view_cell *c, const char *link)
{
	if (link != NULL)
		add_named(a, cell, "link", link);
	else if (c->badge == NULL && c->ntags == 0 && !c->masked && c->url == NULL) {
		cell->value = (char *)(uintptr_t)c->text;
		return;
	}
	add_named(a, cell, "text", c->text);
	if (c->badge != NULL)
		add_named(a, cell, "badge", c->badge);
	if (c->url != NULL)
		add_named(a, cell, "url", c->url);
	if (c->masked)
		add_named(a, cell, "masked", yes);
	if (c->ntags > 0) {
		HDF *tags = add_named(a, cell, "tags", NULL);

		for (size_t i = 0; i < c->ntags; i++) {
			HDF *tag = append(a, tags);

			set_position(a, tag, i);
			tag->value = (char *)(uintptr_t)c->tags[i];
		}
	}
}

void
dataset_add_rows(struct arena *a, HDF *top, const char *page, const struct view_rows *rows)
{
	HDF *in = find_child(top, page), *columns = find_child(in, "columns");
	HDF *list = in != NULL ? add_named(a, in, "rows", NULL) : NULL;

	for (size_t i = 0; i < rows->n && list != NULL; i++) {
		const struct view_row *r = &rows->rows[i];
		HDF *column = columns != NULL ? columns->child : NULL, *row = append(a, list),
		    *cells;

		set_position(a, row, i);
		if (r->muted)
			add_named(a, row, "muted", yes);
		cells = add_named(a, row, "cells", NULL);
		for (size_t k = 0; k < rows->cells && column != NULL; k++, column = column->next) {
			HDF *cell = append(a, cells), *align = find_child(column, "align");

			set_position(a, cell, k);
			add_named(a, cell, "column", align != NULL ? align->value : NULL)->child =
				column->child;
			add_cell(a, cell, &r->cells[k], k == 0 ? r->url : NULL);
		}
	}
}

void
dataset_unlink(HDF *top, int linked)
{
	while (linked-- > 0 && top->child != NULL)
		top->child = top->child->next;
	top->last_hp = top->last_hs = top->last_child = NULL;
}

/* SPDX-License-Identifier: ISC */
/*
 * A JSON model as a ClearSilver data set, inside view/ only.
 *
 * Nodes, names of list items and numbers live in the arena; object keys and
 * strings are borrowed from the model. Nothing of it may reach hdf_destroy():
 * dataset_unlink() takes the nodes out of the data set first.
 */
#ifndef PRAYA_VIEW_DATASET_H
#define PRAYA_VIEW_DATASET_H

#include <ClearSilver.h>

#include <json-c/json.h>

#include "arena.h"
#include "view.h"

/* Appends o below top as `name`. NULL adds nothing. */
void dataset_link(struct arena *a, HDF *top, const char *name, struct json_object *o);
/* Makes the cells of a table (columns.N, rows.N.cells.N below page) cheap to
 * print: each gets `column`, with the children of its column and its align as
 * value; one of nothing but text and kind has the text as its own value; the
 * first of a row with a url gets `link`, the url. */
void dataset_join_columns(struct arena *a, HDF *top, const char *page);
/* Adds rows to page, as dataset_join_columns() would have left them. */
void dataset_add_rows(struct arena *a, HDF *top, const char *page, const struct view_rows *rows);
/* Leaves under top only what others (a template's set:) have put there; to be
 * called with the same number of dataset_link() calls that added a node. */
void dataset_unlink(HDF *top, int linked);

#endif

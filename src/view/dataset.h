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

/* Appends o below top as `name`. NULL adds nothing. */
void dataset_link(struct arena *a, HDF *top, const char *name, struct json_object *o);
/* Leaves under top only what others (a template's set:) have put there; to be
 * called with the same number of dataset_link() calls that added a node. */
void dataset_unlink(HDF *top, int linked);

#endif

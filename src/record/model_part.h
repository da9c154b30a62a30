/* SPDX-License-Identifier: ISC */
/* What details and forms share. Of model.c and model_form.c only. */
#ifndef PRAYA_MODEL_PART_H
#define PRAYA_MODEL_PART_H

#include "model.h"

/* The section of a field: the open one when it is the same, else a new one. */
struct json_object *
model_group(const struct record_ctx *cx, struct json_object *groups, const struct field *f);
void model_field_head(const struct record_ctx *cx, const struct field *f, struct json_object *o);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Values of fields: from what people send to what is stored, and back.
 */
#ifndef PRAYA_VALUE_H
#define PRAYA_VALUE_H

#include "catalogue.h"
#include "val.h"

struct value {
	bool null;
	struct val val; /* as bound to the field's column when it is not sealed */
	const char
		*text; /* canonical text: what is sealed, blindly indexed, logged; NULL when null */
	bool warn_check; /* an HKID number whose check character is wrong */
};

/* Reads one value. On refusal adds a field error to *e and returns false. A
 * JSON null, "" and [] clear the field. currency: for FIELD_MONEY. */
bool value_parse(struct arena *a, const struct field *f, const char *currency,
	struct json_object *in, struct value *out, struct err **e);

/* From a row: column `col` holds what value_column() selects. Never for sealed fields. */
void value_from_row(struct arena *a, const struct field *f, const struct rows *r, size_t row,
	size_t col, struct value *out);
/* A sealed field's value from its canonical text. */
void value_from_text(struct arena *a, const struct field *f, const char *text, struct value *out);

/* Into the API's model, typed. */
void value_json(struct arena *a, const struct field *f, const char *currency, const struct value *v,
	struct json_object *o, const char *name);
/* For people, in their language. "" when null. References show as their id: the caller knows names.
 */
const char *value_show(struct arena *a, const struct field *f, const char *currency,
	const struct value *v, enum lang l);
/* As an input field takes it. "" when null. */
const char *
value_input(struct arena *a, const struct field *f, const char *currency, const struct value *v);
/* The mask: A123XXX(X) for an HKID number, dots for the rest. */
const char *value_mask(struct arena *a, const struct field *f, const char *text);
/* The SQL expression that selects the field from a table alias, and the cast
 * of a parameter bound to it. */
const char *value_column(struct arena *a, const struct field *f, const char *alias);
const char *value_cast(const struct field *f);

#endif

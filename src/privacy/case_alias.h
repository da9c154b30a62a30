/* SPDX-License-Identifier: ISC */
/* A copy as it is read again: fields, marks, letters. Of case_copy*.c, case_review.c,
 * case_package.c. */
#ifndef PRAYA_CASE_ALIAS_H
#define PRAYA_CASE_ALIAS_H

#include "case_copy.h"

/* "Person A", "Staff B (Sales)" by number of the alias, and who it is for those who review:
 * {"12":{"label":...,"who":...,"consent":...}}. The letters of users are those of every export. */
struct err *alias_load(struct tx *tx, struct arena *a, enum lang l, int64_t request,
	struct json_object **aliases_r) ATTR_WARN_UNUSED;
const char *alias_label(struct json_object *aliases, int64_t id);
/* They consented to being named in it (s.20(1)(b)). */
bool alias_consents(struct json_object *aliases, int64_t id);
/* The same of a user, whether anybody marked them or not; NULL: nobody. */
struct err *staff_load(
	struct tx *tx, struct arena *a, enum lang l, struct json_object **staff_r) ATTR_WARN_UNUSED;

struct copy_mark {
	int64_t id, alias;
	const char *field, *kind, *state;
	size_t start, n;
};
struct copy_marks {
	struct copy_mark *list;
	size_t n;
};
/* Marks of copies: in order of copy, field and place; copies_r names the copy of each. */
struct err *marks_load(struct tx *tx, struct arena *a, const int64_t *copies, size_t n,
	struct copy_marks *marks_r, int64_t **copies_r) ATTR_WARN_UNUSED;

/* The text with what is accepted replaced, but for those who consented. */
const char *copy_redacted(struct arena *a, const char *text, const struct copy_mark *marks,
	size_t n, struct json_object *aliases);

#endif

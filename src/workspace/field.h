/* SPDX-License-Identifier: ISC */
/* Fields as settings: between the pages, the checks of what was sent and the jobs. Of workspace/
 * only. */
#ifndef PRAYA_FIELD_H
#define PRAYA_FIELD_H

#include "catalogue.h"
#include "gate.h"

/* Ended by NULL. */
extern const char *const field_new_types[];
extern const char *const field_categories[];
/* Grounds on which an HKID number may be collected (Code of Practice on the
 * Identity Card Number, para. 2.3). */
extern const char *const field_grounds[];

bool field_word_in(const char *const *list, const char *s);

/* A field somebody wants to add. */
struct field_wanted {
	enum entity entity;
	const char *name;
	const char *type;
	const char *label_en;
	const char *label_zh;
	const char *category;
	const char *purpose;
	const char *justification;
	const char *choices; /* as it is stored, or NULL */
};

/* ERR_INVALID with an error for each entry at fault. */
struct err *field_wanted_read(struct request *rq, struct field_wanted *w);
/* NULL when nothing was sent; a word that is none is an error in *e. */
const char *field_category_read(struct request *rq, struct err **e);
/* A label that was sent, cleaned; NULL when none was. */
const char *field_label_read(struct request *rq, const char *name, struct err **e);

/* The field that "{token}" of the path names, or NULL. */
const struct field *field_of(const struct request *rq);
/* Pages; also shown again after a refusal, with response_errors() before. */
handler_fn field_list_page;
handler_fn field_new_page;
handler_fn field_edit_page;

#endif

/* SPDX-License-Identifier: ISC */
/* Fields of forms and rows of tables, of pages that no catalogue fills. */
#ifndef PRAYA_CONTROLS_H
#define PRAYA_CONTROLS_H

#include "gate.h"

/* A text of the catalogue in the reader's language. */
const char *say(const struct request *rq, const char *key);
/* "PREFIX.WORD" of the catalogue; the word itself when there is no such text. */
const char *say_word(const struct request *rq, const char *prefix, const char *word);

/* "1,204" */
const char *number_text(struct arena *a, int64_t n);
/* "KEY.one" or "KEY.many", with the number as people write it: "1,204 contacts". */
const char *count_text(const struct request *rq, const char *key, int64_t n);
/* One field at the end of the list. When the form is shown again after a refusal
 * (a POST that sent the field) what was typed stands instead of the value, except
 * a password. */
struct json_object *form_field(struct request *rq, struct json_object *list, const char *type,
	const char *name, const char *label, const char *value);
void form_hint(const struct request *rq, struct json_object *f, const char *key);
/* The two languages, each in its own words. */
void form_languages(const struct request *rq, struct json_object *f);
const char *language_label(const struct request *rq, const char *tag);
void form_required(struct json_object *f);
void form_option(struct json_object *f, const char *value, const char *label);
/* One option for each word (NULL at the end), labelled by the text "PREFIX.WORD". */
void form_words(const struct request *rq, struct json_object *f, const char *const *words,
	const char *prefix);
/* Which of the words was sent; else NULL, and what is wrong at the field. For reasons that
 * are logged: free text could name somebody. */
const char *
form_word(struct request *rq, const char *name, const char *const *words, struct err **e);

/* Page.columns: one each call. */
void table_column(struct json_object *columns, const char *label);
/* A cell at the end of cells; badge: its kind, or NULL. Returns it. */
struct json_object *table_cell(struct json_object *cells, const char *text, const char *badge);

#endif

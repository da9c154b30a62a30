/* SPDX-License-Identifier: ISC */
/*
 * Letters of a request: written from templates that the workspace may change, in the
 * request's language, kept sealed with the case, sent by mail or printed and posted.
 *
 * A template holds {placeholders}; what is known of the case is put in when a letter is
 * begun, and whoever writes it may change every word. What nobody knows yet stands there
 * as LETTER_BLANK, and a letter with one in it is not written.
 */
#ifndef PRAYA_LETTER_H
#define PRAYA_LETTER_H

#include "case.h"

#define LETTER_BLANK "[\xe2\x80\xa6]"
#define LETTER_BODY_MAX 20000
#define LETTER_SUBJECT_MAX 200

extern const char *const letter_languages[];
/* All there are. */
extern const char *const letter_kinds[];
/* All that may stand in a template, without braces. */
extern const char *const letter_places[];

struct letter_head {
	const char *name;                        /* the workspace's where nothing was set */
	const char *address, *contact, *handler; /* or NULL */
	const char *statement;                   /* on collection, or NULL */
};
struct err *letter_head_of(struct request *rq, const char *language, struct letter_head *h);

struct letter_template {
	const char *subject, *body;
	bool own; /* not the one that ships */
};
struct err *letter_template_of(
	struct request *rq, const char *letter, const char *language, struct letter_template *t);
/* What ships with Praya. */
struct letter_template
letter_preset(const struct request *rq, const char *letter, const char *language);
/* Adds what is wrong with the placeholders of a text: one that nobody knows. NULL: nothing. */
const char *letter_unknown_place(struct arena *a, const char *text);
/* A placeholder that the law wants in this letter and neither text has; NULL. */
const char *letter_lacks_place(const char *letter, const char *subject, const char *body);

/* A letter begun: template filled with what is known. */
struct letter_draft {
	const char *to, *address, *email; /* or NULL */
	const char *subject, *body;
};
struct err *letter_begin(struct request *rq, const struct privacy_case *c, const char *letter,
	const char *language, struct letter_draft *d);

/* "request.WHAT|KEY": as case_seal() says it. For those who have no request. */
bool letter_unseal(struct arena *a, const struct seal_key *key, const char *what,
	struct bytes sealed, struct bytes *plain_r);
/* Where the PDF of a letter is sealed. */
const char *letter_pdf_place(struct arena *a, int64_t letter);

/* data.letters and data.letters_due; page.letters, page.letters_due, page.letter_new. */
struct err *case_letters(struct request *rq, const struct privacy_case *c, struct json_object *data,
	struct json_object *page);
/* What a step asks for in writing. */
struct step_letter {
	const char *letter; /* NULL: nothing */
	const char *text;   /* in words */
	bool first;         /* the step is taken once it went out */
};
struct err *letter_of_step(struct request *rq, const struct privacy_case *c, const char *action,
	struct step_letter *l);
/* The page on which it is written. */
const char *letter_new_url(struct request *rq, const struct privacy_case *c, const char *letter);

extern const struct route letter_routes[];
extern const struct route letter_new_routes[];
extern const struct route letter_set_routes[];

#endif

/* SPDX-License-Identifier: ISC */
/* What the pages of one letter share. Of letter_page.c and letter_new.c only. */
#ifndef PRAYA_LETTER_PART_H
#define PRAYA_LETTER_PART_H

#include "letter.h"

struct letter_row {
	int64_t id, created_at;
	const char *letter, *language, *who, *sent_how, *sent_on, *state;
	int64_t pages;
	struct json_object *text; /* what is sealed of it; NULL: its key is gone */
};

/* NOT_FOUND when the case has none of that number. */
struct err *
letter_load(struct request *rq, const struct privacy_case *c, int64_t id, struct letter_row *l);
void letter_model(struct request *rq, const struct letter_row *l, struct json_object *o);
const char *letter_url(const struct request *rq, int64_t request, int64_t letter);
void letter_crumbs(struct request *rq, const struct privacy_case *c, struct json_object *page);
/* On the case's timeline; how: mail, post, or NULL. */
void letter_note(struct request *rq, const struct privacy_case *c, const char *action, int64_t id,
	const char *letter, const char *how);

#endif

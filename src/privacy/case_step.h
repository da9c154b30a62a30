/* SPDX-License-Identifier: ISC */
/* The steps of a case, what each asks and what was sent with one. Of case_step*.c and case_ask.c
 * only. */
#ifndef PRAYA_CASE_STEP_H
#define PRAYA_CASE_STEP_H

#include "case_opinion.h"
#include "case_view.h"

#define STEP_TAKES 10

/* What a step takes; what it cannot do without has a "!" before its name. */
struct step {
	const char *action;
	const char *takes[STEP_TAKES];
};

/* All that any step takes. */
extern const struct param step_params[];
/* Kinds of evidence of who somebody is. */
extern const char *const step_hows[];

/* NULL: there is none of that name. */
const struct step *step_find(const char *action);
/* 0: does not take it, 1: takes it, 2: cannot do without. */
int step_takes(const struct step *s, const char *name);
/* Its letter alone is missing: what it will say can be entered, then the letter is written. */
bool step_awaits_letter(const char *lacks);

/* Where a step stands that the law wants notice of. */
struct step_notice {
	bool waits;     /* its letter has not gone out */
	bool late;      /* it would come after the last day that the law sets, and has to say why */
	const char *on; /* day of its notice: the letter's, else today */
	const char *letter;                      /* the letter, or NULL */
	const char *ground, *note, *late_reason; /* what was entered for it, or NULL */
	struct json_object *data;                /* NULL: nothing was */
	int64_t entry;                           /* the last of the log book; 0: none */
	const char *entry_ground, *entry_on;
	bool entry_late;
	bool undisclosed; /* the letter that went out says nothing (s.21(2)) */
};
struct err *step_notice(struct request *rq, const struct privacy_case *c, const struct step *s,
	struct step_notice *n);
/* s.21(2): nothing is said but that nothing need be disclosed. */
#define UNDISCLOSED "21(2)"

/* An event to be: texts are sealed later. */
struct step_sent {
	const struct step *step;
	struct step_notice notice;
	bool prepare; /* the letter first */
	const char *ground, *to_state, *late_reason;
	struct json_object *data;
	struct opinion opinion; /* id 0: none */
	struct sb note;
};
/* s->step, s->prepare and s->notice are there; what the sender has to mend is added to *e. */
struct err *
step_read(struct request *rq, const struct privacy_case *c, struct step_sent *s, struct err **e);
/* A text of the body without what surrounds it, or NULL. */
const char *step_text(struct request *rq, const char *name);

struct err *step_page(struct request *rq, struct response *rp, const struct privacy_case *c,
	const struct step *s, const struct step_notice *n);

#endif

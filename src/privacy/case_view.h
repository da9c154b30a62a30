/* SPDX-License-Identifier: ISC */
/* What the pages of cases share. Of case*.c only. */
#ifndef PRAYA_CASE_VIEW_H
#define PRAYA_CASE_VIEW_H

#include "case.h"

extern const char *const case_kinds[];
extern const char *const case_channels[];
extern const char *const case_capacities[];

/* A request to be recorded, checked. */
struct case_intake {
	const char *kind, *channel, *language, *capacity;
	int64_t now, received_at, message_id, access_id;
	int64_t *contacts, *users;
	size_t ncontacts, nusers;
	bool limb_a, limb_b, statutory_form;
	struct json_object *particulars;
	struct case_days days;
};
struct err *
case_insert(struct request *rq, const struct case_intake *in, int64_t *id_r) ATTR_WARN_UNUSED;

/* Microseconds: PostgreSQL's. */
struct err *case_now(struct request *rq, int64_t *now_r) ATTR_WARN_UNUSED;
/* received_at of a body, a day or a time of Hong Kong; preset where it is absent. */
void case_read_received(
	struct request *rq, int64_t now_at, int64_t preset, int64_t *at_r, struct err **e);

/* The audit event of one case: whose data it shows. */
void case_log(struct request *rq, const char *action, const struct privacy_case *c);
/* The page of a case, also as the answer to what was refused. */
struct err *case_show(struct request *rq, struct response *rp, const struct privacy_case *c);
/* What is typed when one is recorded. */
handler_fn case_form;
/* The way back to the board. */
void case_crumbs(struct request *rq, struct json_object *page);
/* Words for the codes that lists and the page show beside the API's object. */
void case_words(struct request *rq, const struct privacy_case *c, struct json_object *o);
/* Page.steps and Page.lacking: what can be done, and what the rest waits for. */
struct err *case_steps(struct request *rq, const struct privacy_case *c, struct json_object *page);
/* Mails to all administrators when the last step had a sole approver. */
struct err *case_tell_sole(struct request *rq, const struct privacy_case *c);
/* "s.20(3)(b) Not enough to find the data" */
const char *case_ground_word(const struct request *rq, const char *ground);
/* One field whose label is requests.NAME_title. */
struct json_object *case_field(struct request *rq, struct json_object *list, const char *type,
	const char *name, const char *value);
/* Active users who run requests, as options of a choice. */
struct err *case_runners(struct request *rq, struct json_object *field);

#endif

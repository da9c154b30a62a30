/* SPDX-License-Identifier: ISC */
/* Looking a copy through. Of case_review.c, case_decide.c and case_consent.c only. */
#ifndef PRAYA_CASE_REVIEW_H
#define PRAYA_CASE_REVIEW_H

#include "case_alias.h"

/* Columns of statements that read copies. */
enum {
	C_ID,
	C_ENTITY,
	C_RECORD,
	C_CONTACT,
	C_OWN,
	C_SEALED,
	C_PENDING,
	C_MARKS,
	C_REVIEWED,
	C_GROUND,
	C_TAKEN_DOWN
};

/* On which grounds a record is withheld. */
extern const char *const copy_grounds[];

/* How far it is. */
struct copy_state {
	bool copied, running, people;
	int64_t job, package, total, open, pending, unmarked, withheld;
};

struct err *copy_state(struct request *rq, int64_t request, struct copy_state *s) ATTR_WARN_UNUSED;
/* Why the copy or the package was not made, the last one asked for: data.copy_error as a code,
 * page.copy_error in words. */
struct err *copy_failed(struct request *rq, int64_t request, struct json_object *data,
	struct json_object *page) ATTR_WARN_UNUSED;
/* NULL: its key is gone. */
struct json_object *
copy_open(const struct request *rq, const struct privacy_case *c, struct bytes sealed);
/* Others in it, and where the consent of those who gave it is found. */
struct err *copy_people(struct request *rq, const struct privacy_case *c,
	struct json_object *aliases, struct json_object *list) ATTR_WARN_UNUSED;
struct err *copy_show(struct request *rq, struct response *rp, int64_t after, bool all);

#endif

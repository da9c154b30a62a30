/* SPDX-License-Identifier: ISC */
/*
 * What a change of rights means for people, before it is made: who gains or loses
 * how many records of which kind, and which fields. The numbers are those that the
 * policies will show (sql/tenant/repeatable/35_access_count.sql). Of workspace/ only.
 */
#ifndef PRAYA_EFFECT_H
#define PRAYA_EFFECT_H

#include "profile.h"

struct effect_count {
	int64_t before, after, gained, lost;
};

struct effect_user {
	int64_t id;
	const char *name;
	int64_t team_before, team_after; /* 0: none */
	struct effect_count counts[ENTITY_MAX];
};

struct effect {
	const struct profile *from, *to;
	struct profile_change *changes;
	size_t n;
	struct effect_user *users; /* active ones whom it concerns */
	size_t nusers;
	bool counted[ENTITY_MAX]; /* those whose visibility changes */
	bool late;                /* there were too many to count in time */
};

/* For all who have the profile; what they would have instead. */
struct err *effect_of_profile(struct request *rq, const struct profile *from,
	const struct profile *to, struct effect *fx);
/* For one user who moves to another profile or team (0: none). */
struct err *effect_of_user(struct request *rq, int64_t user, const struct profile *to, int64_t team,
	struct effect *fx);
/* How many records of each kind a user sees now: before and after are the same. */
struct err *
effect_now(struct request *rq, int64_t user, const struct profile *p, struct effect *fx);

void effect_model(struct request *rq, const struct effect *fx, struct json_object *o);
void effect_page(struct request *rq, const struct effect *fx, struct json_object *page);
/* What is to be confirmed travels on in hidden fields: those parameters (ended by
 * NULL) of the body that were sent. */
void effect_carry(struct request *rq, const char *const *names, struct json_object *page);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * What a route demands of whoever calls it. UNSET is zero and refused at
 * start-up; PUBLIC has to be spelled, and tests/lint/public_routes lists them.
 */
#ifndef PRAYA_RIGHT_H
#define PRAYA_RIGHT_H

enum right {
	RIGHT_UNSET = 0,
	RIGHT_PUBLIC,   /* nobody is signed in */
	RIGHT_ENTRY,    /* signed in, before the second step is set up that the profile demands */
	RIGHT_SELF,     /* any signed-in user, on own things */
	RIGHT_OPERATOR, /* of the operator's people, at their own host; no user has it */
	/* on the route's entity: own, team, all */
	RIGHT_VIEW,
	RIGHT_CREATE,
	RIGHT_EDIT,
	RIGHT_DELETE,
	RIGHT_EXPORT,
	RIGHT_IMPORT,
	/* special rights: had or not had */
	RIGHT_MANAGE_USERS,
	RIGHT_MANAGE_PROFILES,
	RIGHT_MANAGE_FIELDS,
	RIGHT_MANAGE_WORKSPACE,
	RIGHT_RUN_REQUESTS, /* and a person's whole file with it, hidden fields included */
	RIGHT_APPROVE_REQUESTS,
	RIGHT_VIEW_AUDIT,
	RIGHT_ERASE,
	RIGHT_SEND_MARKETING,
	RIGHT_APPROVE_EXPORTS,
	RIGHT_CLOSE_WORKSPACE,
	RIGHT_SEE_VIP, /* VIP records like any other, as far as the scope goes */
	RIGHT_MAX
};

#define RIGHT_IS_SPECIAL(r) ((r) >= RIGHT_MANAGE_USERS)

/* "view", "manage_users": the names in the database and in `praya routes`. */
const char *right_name(enum right r);
/* RIGHT_UNSET when there is no such name. */
enum right right_parse(const char *name);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * The catalogue of actions: what an event can say was done, and in which view of the
 * log it stands. An action that is not in it cannot be logged (audit_queue()), nor
 * be named by a row of the route table.
 */
#ifndef PRAYA_ACTION_H
#define PRAYA_ACTION_H

#include <stdbool.h>
#include <stddef.h>

/* Each action is in one view besides "all"; AUDIT_ALL: in no other. */
enum audit_view {
	AUDIT_ALL,
	AUDIT_CHANGES,
	AUDIT_SIGN_INS,
	AUDIT_SECURITY,
	AUDIT_EXPORTS,
	AUDIT_PRIVACY,
	AUDIT_VIEWS
};

struct audit_action {
	const char *name; /* label: "audit.action.NAME" of the messages */
	enum audit_view view;
	const char *kind; /* of its badge: what leaves the house or cannot be undone stands out */
};

/* NULL at the end. */
extern const struct audit_action *const audit_actions[];

/* NULL: there is none of that name. */
const struct audit_action *audit_action_find(const char *name);

/* "all", "sign_ins", ...; AUDIT_VIEWS: there is none of that name. */
const char *audit_view_name(enum audit_view v);
enum audit_view audit_view_parse(const char *name);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Which passwords are taken. Length counts, mixtures of signs do not: 12
 * characters or more; no common password or word, whatever its letters are
 * replaced by and whatever digits stand around it; no run and no repetition; not
 * made of one's own address, nor of the name of the business or its workspace's address.
 */
#ifndef PRAYA_PASSWORD_RULE_H
#define PRAYA_PASSWORD_RULE_H

#include "err.h"
#include "settings.h"

/* Once a process, before the first password is looked at. False: *why_r. */
bool password_rules_load(const struct settings *st, const char **why_r);
/* Whose it is to be; NULL: not known. */
struct password_owner {
	const char *email;
	const char *business; /* the workspace's name */
	const char *slug;
};

/* Adds to *e, at the field "password", why it is not taken. */
void password_rules_check(
	struct arena *a, const char *password, const struct password_owner *owner, struct err **e);

#endif

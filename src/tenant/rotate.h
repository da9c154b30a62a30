/* SPDX-License-Identifier: ISC */
/*
 * Another master key, while everything runs.
 *
 * FILE.new is made; each workspace's key is wrapped by it, each role gets the
 * password that comes from it, and at the end it takes FILE's place, whose old
 * content stays as FILE.old-TIME. Running processes open things with whichever
 * fits (tenant/keyring.h). Every step can be done again: a rotation that was
 * killed is finished by the next call. With Keys.Command there is no file to be
 * made: the command's key takes over from Keys.PreviousCommand's, or the file's.
 *
 * Nothing is changed when no key of this machine is the region's own.
 */
#ifndef PRAYA_ROTATE_H
#define PRAYA_ROTATE_H

#include "tenant.h"

struct rotation {
	size_t keys;      /* of workspaces, now wrapped by the new key */
	size_t rewrapped; /* of those, by this call */
	size_t roles;     /* with a password that comes from it */
	const char *kept; /* file of the key before; NULL: a command's */
};

/* Only makes FILE.new, for hosts that share the databases: each needs it first. */
struct err *rotate_prepare(const struct settings *st, struct arena *a, const char **path_r);
struct err *rotate_master(const struct settings *st, struct arena *a, struct rotation *done_r);
/* Destroys the files of old keys: ERR_CONFLICT while anything still needs one. */
struct err *rotate_forget(const struct settings *st, struct arena *a, size_t *files_r);

/* What a workspace's keys are like. */
struct key_state {
	bool opens;        /* its own key, under a master key of this machine */
	bool current;      /* under the current one */
	bool persons;      /* it has people with keys */
	bool person_opens; /* the one that was tried */
};
struct err *rotate_check(
	struct tenancy *t, struct arena *a, const struct tenant *tn, struct key_state *state_r);

#endif

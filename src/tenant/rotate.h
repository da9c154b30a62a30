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
	size_t keys;       /* of workspaces in all versions, and the region's, now wrapped by it */
	size_t workspaces; /* whose keys those are */
	size_t rewrapped;  /* of the keys, by this call */
	size_t roles;      /* with a password that comes from it */
	const char *kept;  /* file of the key before; NULL: a command's */
};

/* Only makes FILE.new, for hosts that share the databases: each needs it first. */
struct err *rotate_prepare(const struct settings *st, struct arena *a, const char **path_r);
struct err *rotate_master(const struct settings *st, struct arena *a, struct rotation *done_r);
/* Destroys the files of old keys: ERR_CONFLICT while anything still needs one. */
struct err *rotate_forget(const struct settings *st, struct arena *a, size_t *files_r);

/*
 * Another key for one workspace. A version is added to those in the region's database
 * (tenant/versions.h); then every key that lies under an older one is wrapped by it, a
 * piece a transaction, while everybody works: a process that meets what is under a
 * version it does not know asks for it. Cut off anywhere both are there, and the next
 * call goes on.
 */
struct rekeyed {
	int64_t version;
	int64_t rewrapped;
	int64_t lost; /* open with no version of the workspace's key, left as they were */
	bool resumed; /* the version is one that a call before began */
};

/* ERR_CONFLICT, in words: it is moving, not finished, or gone. Nothing is changed when the
 * master key is not the region's own. */
struct err *rekey_workspace(
	struct tenancy *t, struct arena *a, const struct tenant *tn, struct rekeyed *done_r);
/* What was added meanwhile under an older version, by whoever did not know of the new one. */
struct err *rekey_rest(struct tenancy *t, struct arena *a, const struct tenant *tn);
/* How many keys do not lie under that version. */
struct err *rekey_older(
	struct tenancy *t, struct arena *a, const struct tenant *tn, int64_t version, int64_t *n_r);

/* What a workspace's keys are like. */
struct key_state {
	int64_t version;   /* of its own key; 1: it was never rotated */
	int64_t older;     /* keys that lie under a version before */
	bool ended;        /* the last rotation came to its end */
	bool opens;        /* its own key in all versions, under a master key of this machine */
	bool current;      /* under the current one */
	bool persons;      /* it has people with keys */
	bool person_opens; /* the one that was tried */
};
struct err *rotate_check(
	struct tenancy *t, struct arena *a, const struct tenant *tn, struct key_state *state_r);

#endif

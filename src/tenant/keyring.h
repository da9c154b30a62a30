/* SPDX-License-Identifier: ISC */
/*
 * The master keys of this machine: the current one first, then those that what
 * is stored may still lie under while, and after, a rotation went on.
 *
 * From files: Keys.Master; FILE.new, which a rotation makes and moves there at its
 * end; FILE.old-TIME, what stood there before, newest first. Or from a command
 * (Keys.Command): its output, then that of Keys.PreviousCommand, then the file.
 * A command runs once a process; files are read again whenever a key does
 * not fit, so that no process has to be told of a rotation.
 */
#ifndef PRAYA_KEYRING_H
#define PRAYA_KEYRING_H

#include "err.h"
#include "seal.h"
#include "settings.h"

#define KEYRING_MAX 8

enum key_origin {
	KEY_CURRENT,
	KEY_NEXT, /* FILE.new: a rotation has begun and not ended */
	KEY_OLD,
};

struct keyring {
	const struct settings *st;
	size_t n; /* at least 1 once it was read */
	struct {
		struct seal_key key;
		enum key_origin origin;
	} at[KEYRING_MAX];
};

/* False: there is no current key; *why_r (a constant) says why, and the ring stays
 * as it was. Files beside the current one that cannot be read are logged. */
bool keyring_read(const struct settings *st, struct keyring *ring, const char **why_r);
/* Where the current key comes from: the file's path, or "Keys.Command". */
const char *keyring_place(const struct settings *st);
/* The one that opens a sealed value, as its place in the ring; -1: none does. */
int
keyring_opens(struct arena *a, const struct keyring *ring, const char *aad, struct bytes sealed);
/* key_unwrap() with the first that fits; *with_r, unless NULL: its place. */
bool keyring_unwrap(struct arena *a, const struct keyring *ring, const char *purpose,
	struct bytes wrapped, int64_t id, struct seal_key *key_r, int *with_r);
/* For a role whose password comes from the master key: the connection string with
 * that of another key of the ring, the n-th from 0 on; NULL past the last. */
const char *
keyring_conninfo(const struct keyring *ring, struct arena *a, const char *conninfo, size_t n);
void keyring_wipe(struct keyring *ring);

/* FILE.new; and FILE.old-TIME of now, which is not there yet. */
const char *keyring_next_path(const struct settings *st, struct arena *a);
const char *keyring_old_path(const struct settings *st, struct arena *a);
/* The files of old keys, newest first. */
const char **keyring_old_files(const struct settings *st, struct arena *a, size_t *n_r);

#endif

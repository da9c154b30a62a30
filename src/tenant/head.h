/* SPDX-License-Identifier: ISC */
/*
 * Heads of the chain over a workspace's log, published where whoever changes the
 * workspace's database does not reach: in the region's database and in files
 * outside of the cluster (Files.Heads). A head is a line of text,
 *
 *	praya-audit 1 PUBLIC SEAL GENERATION TOTAL MICROSECONDS HEAD SIGNATURE
 *
 * (keys, head and signature in hex), signed with the workspace's Ed25519 key, which is
 * derived from the workspace's own, so that a workspace made out of a backup has it, too.
 * UUID.head has the newest, and is replaced whole; UUID.heads one of each day, and is only
 * added to.
 */
#ifndef PRAYA_HEAD_H
#define PRAYA_HEAD_H

#include "sign.h"
#include "tenant.h"

#define HEAD_BYTES 32

struct head {
	int64_t seal;
	int64_t generation;
	int64_t total; /* events sealed so far */
	int64_t at;    /* microseconds */
	unsigned char head[HEAD_BYTES];
	unsigned char signature[SIGN_BYTES];
	bool good; /* head_parse(), head_published(): signed with the workspace's key */
	const char *where;
};

struct head_key {
	struct seal_key key;
	unsigned char public[SIGN_PUBLIC];
};

/* The caller wipes it. */
void head_key(const struct tenant *tn, struct head_key *key_r);
void head_sign(struct arena *a, const struct head_key *key, struct head *h);
const char *head_line(struct arena *a, const struct head_key *key, const struct head *h);
/* False: no such line, or of another key. One whose signature is wrong is read, and not
 * good. */
bool head_parse(struct arena *a, const struct head_key *key, const char *line, struct head *h);
/* Never goes back: an older head than what is there changes nothing. */
struct err *head_publish(struct tenancy *t, struct arena *a, const struct tenant *tn,
	const struct head_key *key, const struct head *h);
/* What the region's database and the newest file say; those that are missing are not
 * in the list. A file that cannot be read as a head is in it, and not good. */
struct err *head_published(struct tenancy *t, struct arena *a, const struct tenant *tn,
	const struct head_key *key, struct head list[2], size_t *n_r);

/* The farthest head of any workspace of this key: of the one that a backup was made of.
 * Its seal is 0 where there is none. */
struct err *
head_kin_of(struct tenancy *t, struct arena *a, const struct head_key *key, struct head *h);

#endif

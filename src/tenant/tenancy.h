/* SPDX-License-Identifier: ISC */
/* What the files of tenant/ know of a tenancy. Not for other rooms. */
#ifndef PRAYA_TENANCY_H
#define PRAYA_TENANCY_H

#include "keyring.h"
#include "tenant.h"

#define SLUG_MAX 40

/* A row of the directory, as text of the arena it was asked for. */
struct directory_row {
	int64_t id;
	const char *uuid;
	const char *slug;
	const char *region;
	enum tenant_state state;
};

struct version;

/* A tenant this process has met. Never freed: requests hold pointers to it. */
struct known {
	struct tenant tn;
	struct tenancy *tenancy;
	struct version *versions; /* of its key */
	struct key_kin kin;       /* over those */
	int64_t asked;            /* ms; when a version was looked for that is not among them */
	struct known *next;
	unsigned long keys; /* of the tenancy when conninfo was made */
	int64_t loaded;     /* ms; when the cell's row was read, 0: not yet */
	bool schema_fits;
};

/* What the directory said about a slug; tn NULL: not here. */
struct host_entry {
	char slug[SLUG_MAX + 1]; /* "": the entry is free */
	struct tenant *tn;
	bool other_region;
	int64_t asked; /* ms; the last attempt */
	int64_t known; /* ms; the last answer */
	unsigned long used;
};

#define HOST_SETS 256
#define HOST_WAYS 4
#define KNOWN_CHAINS 256

struct tenancy {
	const struct settings *st;
	struct arena *mem;
	struct conn_pool *pool;
	struct keyring ring;
	struct seal_key master; /* the ring's current one */
	unsigned long keys;     /* moves when another key became the current one */
	const char *directory_info;
	const char *cell_info;
	int schema;         /* the version this program was built for */
	struct tenant desk; /* the operators' own host */
	struct tenant door; /* the host where workspaces are asked for */
	struct known *chains[KNOWN_CHAINS];
	struct host_entry hosts[HOST_SETS][HOST_WAYS];
	unsigned long turn;
	int64_t patience; /* ms that provisioning waits for another one */
	bool again;       /* migrating applies what is not new, too */
};

/* Milliseconds of a clock that never jumps. */
int64_t tenancy_now(void);
struct err *directory_conn(struct tenancy *t, struct arena *a, struct conn **conn_r);
/* One row by slug or, slug NULL, by id; *found_r false when there is none. */
struct err *directory_find(struct tenancy *t, struct arena *a, const char *slug, int64_t id,
	struct directory_row *row_r, bool *found_r);
/* Makes or updates what the process knows of a row of its own region, with keys
 * from the cell when they are there. */
struct err *tenancy_adopt(struct tenancy *t, struct arena *a, const struct directory_row *row,
	struct tenant **tenant_r);
/* "praya_t_12" */
const char *tenant_database(struct arena *a, int64_t id);
/* 3 to 40 of a-z 0-9 and single '-', not at an end. */
bool slug_valid(const char *slug);
/* Kept for Praya's own hosts, and for what is being restored, replaced or destroyed. */
bool slug_reserved(const struct settings *st, struct arena *a, const char *slug);
/* What the key of a workspace is wrapped for; 0: the region's own (region_key). */
const char *tenant_key_purpose(struct arena *a, int64_t id);

/* The cell database keeps MASTER_CHECK_TEXT sealed for this place: whether a
 * master key is the region's own shows before it is used for anything. */
#define MASTER_CHECK_AAD "master_check"
#define MASTER_CHECK_TEXT "praya"
/* Opens a key that the master key wraps, also while that one is rotated. */
bool tenancy_unwrap(struct tenancy *t, struct arena *a, const char *purpose, struct bytes wrapped,
	int64_t version, struct seal_key *kek_r);
/* Reads the key files again; false, and a line in the log: they cannot be. */
bool tenancy_read_keys(struct tenancy *t);
struct err *tenancy_check_master(struct tenancy *t, struct arena *a);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Who asks, and what the profile lets them do. Loaded once a session and kept
 * by the process until an epoch moves (a change of users, profiles, fields);
 * every request's transaction compares the epochs, so a change holds from the
 * very next request on.
 */
#ifndef PRAYA_PRINCIPAL_H
#define PRAYA_PRINCIPAL_H

#include "right.h"
#include "tenant.h"
#include "tx.h"

enum entity {
	ENTITY_CONTACT,
	ENTITY_COMPANY,
	ENTITY_ACTIVITY,
	ENTITY_MESSAGE,
	ENTITY_ATTACHMENT,
	ENTITY_INVOICE,
	ENTITY_MAX,
	ENTITY_NONE = ENTITY_MAX
};

enum scope { SCOPE_NONE, SCOPE_OWN, SCOPE_TEAM, SCOPE_ALL };
enum field_level { LEVEL_HIDDEN, LEVEL_MASKED, LEVEL_READ, LEVEL_EDIT, LEVEL_MAX };

/* "contact"; ENTITY_NONE when there is no such name. */
const char *entity_name(enum entity e);
enum entity entity_parse(const char *name);
const char *scope_name(enum scope s); /* "" own team all */
/* SCOPE_NONE when there is no such word, and for "none". */
enum scope scope_parse(const char *name);
const char *field_level_name(enum field_level l); /* hidden masked read edit */
/* LEVEL_MAX when there is no such word. */
enum field_level field_level_parse(const char *name);

struct principal {
	int64_t session_id;
	int64_t user_id;
	int64_t team_id;
	const char *via; /* cookie, token, view_as, grant, operator, worker, cli */
	const char *email;
	const char *name;
	const char *language;
	const char *profile;
	bool builtin;
	int64_t access_epoch;
	int64_t catalogue_epoch;
	enum scope scopes[ENTITY_MAX][RIGHT_MAX]; /* never wider than view, where it needs it */
	bool special[RIGHT_MAX];
	bool narrow;                       /* some right ends with own or the team's records */
	enum field_level caps[ENTITY_MAX]; /* no field's level is above its entity's */
	const char *levels; /* a letter (h m r e) a field of the catalogue; NULL: all edit */
	size_t nlevels;
	bool second_step;       /* signs in with one */
	bool passkey;           /* has one */
	bool needs_second_step; /* the profile demands one, of whoever sits at a browser */
	bool self_write;        /* changes own things too; a token that only reads does not */
	bool must_enrol;        /* and there is none: nothing else goes before */
	int64_t operator_id; /* of the operator's people, inside a grant or at their own host; else
				0 */
	int64_t grant_id;    /* via grant: which; else 0 */
	const char *grant_scope; /* read_masked, read, read_write; else "" */
	const char *support;     /* why the operator's people may look now; "": they may not */
	int64_t closes_at; /* when the workspace will be destroyed, microseconds; 0: it goes on */
	int64_t support_until;  /* how long, microseconds */
	int64_t support_left;   /* the same by a clock that never jumps, milliseconds */
	int64_t viewer_id;      /* who looks, via view_as, at what user_id sees; else 0 */
	const char *viewer;     /* their name */
	int64_t until;          /* the session's end at the latest, microseconds */
	unsigned char hash[32]; /* of the session's secret */
};

/* entity is ignored for special rights. RIGHT_SELF, RIGHT_ENTRY and RIGHT_PUBLIC are always had
 * by users, RIGHT_OPERATOR by nobody else than operators at their host. */
bool principal_may(const struct principal *p, enum entity e, enum right r);
/* On some kind of records or other; r: a right on records. */
bool principal_may_some(const struct principal *p, enum right r);
/* May the operator's people look at this moment? Not asked of the database: for what is told,
 * never for what is allowed. */
bool principal_supported(const struct principal *p);
/* Sees no personal field but its mask, and of free text nothing. */
bool principal_masks(const struct principal *p);
/* The most a field of records can be on which one has these rights. */
enum field_level scopes_cap(const enum scope scopes[RIGHT_MAX]);
/* What the profile makes of the field at that place in the catalogue of the
 * principal's epoch (record/ asks with field_level()). HIDDEN when it knows none. */
enum field_level principal_level(const struct principal *p, enum entity e, size_t place);

/* The principal of a session's hash; *p_r NULL when the session is over. Lives
 * until the next call that reloads it: copy nothing, keep it for one request. */
struct err *principal_load(struct conn *c, struct arena *a, const struct tenant *tn,
	const unsigned char hash[32], bool fresh, struct principal **p_r);
/* Of somebody for whom a job works, as the rights are at this moment; no session.
 * *p_r NULL when that user cannot sign in. */
struct err *principal_of_user(
	struct tx *tx, struct arena *a, int64_t user, struct principal **p_r) ATTR_WARN_UNUSED;
/* All rights on everything: the worker and the operator's commands. */
struct principal *principal_system(struct arena *a, const char *via, int64_t user);

#endif

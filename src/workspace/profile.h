/* SPDX-License-Identifier: ISC */
/*
 * Profiles as settings: what one says of every right and every field, how two of
 * them differ, and what a difference means for people. Of workspace/ only.
 */
#ifndef PRAYA_PROFILE_H
#define PRAYA_PROFILE_H

#include "record.h"

/* A profile as it is stored, or as somebody wants it. Lives in the request. */
struct profile {
	int64_t id; /* 0: a new one */
	int64_t version;
	int64_t users; /* who have it, active or not */
	const char *name;
	bool builtin;
	bool require_totp;                       /* its users need a second step of signing in */
	enum field_level new_fields, new_sealed; /* of fields it has never heard of */
	enum scope scopes[ENTITY_MAX][RIGHT_MAX];
	bool special[RIGHT_MAX];
	char *levels; /* a letter (h m r e) a field of the request's catalogue */
};

/* The rights on an entity, in the order of the screens; then the special ones. */
#define PROFILE_RIGHTS 6
extern const enum right profile_rights[PROFILE_RIGHTS];

/* The administrator's has everything and stays as it is, but for require_totp. */
bool profile_is_fixed(const struct profile *p);
/* CONFLICT of that one, DENIED of the own one. */
struct err *
profile_refuse_fixed(struct request *rq, const struct profile *p, const struct profile *own);
/* The name for people. */
const char *profile_title(const struct request *rq, const struct profile *p);
enum field_level profile_level(const struct profile *p, size_t place);
/* What holds: no right reaches further than viewing where it needs that, no level
 * further than what may be done with the records. */
enum scope profile_scope_held(const struct profile *p, enum entity e, enum right r);
enum field_level profile_level_held(const struct profile *p, const struct field *f);
/* "none" own team all */
const char *profile_scope_word(enum scope s);

/* All of them in the order of the screens, or one: NOT_FOUND when there is none of
 * that number. levels: with those of fields. BUSY when the catalogue moved while
 * they were read. */
struct err *profile_load_all(struct request *rq, bool levels, struct profile **list_r, size_t *n_r);
struct err *profile_load(struct request *rq, int64_t id, struct profile *p);
/* The one of whoever asks; the one of a user. */
struct err *profile_load_own(struct request *rq, struct profile *p);
struct err *profile_load_of(struct request *rq, int64_t user, struct profile *p);
/* Until the end of the transaction nobody else changes it; NOT_FOUND, STALE. */
struct err *profile_lock(struct request *rq, int64_t id, int64_t version);

/* One thing in which two profiles differ. */
struct profile_change {
	const struct field *field; /* or NULL: a right */
	enum entity entity;        /* ENTITY_NONE: a special right, the name, new fields */
	enum right right;          /* RIGHT_UNSET: not a right */
	const char *key;           /* "rights.contact.view", "fields.contact.hkid", ... */
	const char *was, *becomes; /* words of the database: own, edit, yes, ... */
	bool more;                 /* becomes more than it was */
};

/* In the order of the screens. */
struct profile_change *
profile_compare(struct request *rq, const struct profile *a, const struct profile *b, size_t *n_r);
/* What that key is called, and a word of it, in the reader's language. NULL: a
 * field that is gone. */
const char *profile_key_label(const struct record_ctx *cx, const char *key);
const char *profile_word(const struct record_ctx *cx, const char *key, const char *word);
/* One change of an event of the log, as far as its reader knows the field. */
void profile_log_model(const struct record_ctx *cx, const char *key, struct json_object *pair,
	struct json_object *o);

/* Puts what the body says over *p, which holds what there is, and takes back what
 * would reach further than viewing. ERR_INVALID with fields named like
 * "rights.contact.view". */
struct err *profile_read(struct request *rq, struct profile *p);
/* DENIED, with the same names, where `to` gives more than `from` and than the one
 * who asks has: `own`. */
struct err *profile_check_reach(struct request *rq, const struct profile *from,
	const struct profile *to, const struct profile *own);

/* Is a second step of signing in all that changes? It gives nobody anything. */
bool profile_only_totp(struct request *rq, const struct profile *from, const struct profile *to);

/* Whatever there may be: 200 own fields of each kind of record, and the built-in ones. */
#define FIELDS_MAX 2000
#define RIGHTS_MAX 200
#define SPECIAL_MAX 100
/* What is sent of a profile but its name, by whichever form or program. */
#define PROFILE_PARAMS \
	{"rights", P_FILTERS, IN_BODY, 0, RIGHTS_MAX, false}, \
		{"special", P_FILTERS, IN_BODY, 0, SPECIAL_MAX, false}, \
		{"fields", P_FILTERS, IN_BODY, 0, FIELDS_MAX, false}, \
		{"require_totp", P_BOOL, IN_BODY, 0, 0, false}, \
		{"new_fields", P_TEXT, IN_BODY, 0, 10, false}, \
	{ \
		"new_sealed", P_TEXT, IN_BODY, 0, 10, false \
	}

/* Write, with their event. from: what is stored (locked). */
struct err *profile_create(struct request *rq, const struct profile *p, int64_t *id_r);
struct err *profile_save(struct request *rq, const struct profile *from, const struct profile *to);
struct err *profile_remove(struct request *rq, const struct profile *p);

/* The event of a change of rights: diff is {"what": {"old": "word", "new": "word"}}. It lies
 * under the workspace's own key: it is about nobody's person. */
void profile_log(struct request *rq, const char *entity, int64_t id, const char *reason,
	struct json_object *diff);

/* Models. whole: with its fields. */
void profile_model(struct request *rq, const struct profile *p, bool whole, struct json_object *o);
/* own: what of it could be given; NULL: nothing can be changed. errors, typed: shown again. */
struct err *profile_form(struct request *rq, struct response *rp, const struct profile *p,
	const struct profile *own, const struct err *errors);
void profile_crumbs(const struct request *rq, struct json_object *page, bool profiles);

#endif

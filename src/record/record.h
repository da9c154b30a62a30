/* SPDX-License-Identifier: ISC */
/*
 * The one gate for reading and changing records.
 *
 * Every read composes a statement that selects only what the principal may
 * see and writes its audit event in the same statement; every change writes
 * its event, with old and new values sealed under the person's key, in the
 * same transaction. Row visibility is the database's (policies).
 */
#ifndef PRAYA_RECORD_H
#define PRAYA_RECORD_H

#include "catalogue.h"
#include "entity.h"
#include "gate.h"
#include "value.h"

/* On whose behalf and in which transaction. */
struct record_ctx {
	struct arena *a;
	struct tx *tx;
	const struct tenant *tenant;
	const struct principal *principal;
	const struct catalogue *cat;
	enum lang lang;
	const char *currency; /* of the invoice whose amounts are read; NULL: the workspace's */
};

struct record_ctx record_ctx_of(struct request *rq);
/* For the worker and commands (via "worker", "cli"): all rights, the current
 * catalogue, no transaction yet. None may be open on c. user: on whose behalf. */
struct err *record_ctx_system(struct conn *c, struct arena *a, const struct tenant *tn,
	const char *via, int64_t user, struct record_ctx *cx);

/* The columns of a read, in order of the catalogue. */
struct layout {
	const struct entity_def *def;
	const struct field **fields;
	enum field_level *levels;
	size_t n;
	const char **names; /* for the event: "hkid~" when shown masked */
	bool labels;        /* names of references are selected too */
};

/* listed: only the columns of the list page; labels: with names of references.
 * Always all that the principal may see otherwise. */
struct layout *layout_of(const struct record_ctx *cx, enum entity e, bool listed, bool labels);

/* What a person disputes of an opinion (Cap. 486 s.25(2)): read wherever the opinion is. */
bool field_is_note(const struct field *f);
bool layout_has_opinion(const struct layout *l);

struct record {
	int64_t id;
	int64_t version;
	int64_t contact_id;                                     /* its person, or itself; 0: none */
	int64_t created_at, updated_at, archived_at, erased_at; /* microseconds; 0: not */
	const char *title;
	const struct layout *layout;
	struct value *values; /* by layout; sealed and not revealed: text NULL */
	const char **shown;   /* mask or label of references; NULL: value_show() */
	bool *masked;
	const char *currency;
	enum scope reach; /* the narrowest scope it is in, after record_read() */
};

struct record_query {
	enum entity entity;
	const char *q;
	struct json_object *filter; /* {field: text}; "a..b" is a range of dates or times */
	const char *sort;           /* NULL: default */
	const char *after;          /* cursor, NULL: first page */
	int64_t limit;              /* 1 to 200 */
	int64_t contact_id;         /* children of one contact; 0: all */
	bool marketing;             /* an export for marketing: without those for whom it stopped */
	bool archived;              /* the archive instead of what is current */
	bool listed;
	bool labels;
};

struct record_page {
	struct layout *layout;
	struct record *records;
	size_t n;
	const char *next; /* cursor of the next page, NULL at the end */
	const char *sort; /* in force */
};

/* Queues the read with its event, runs and commits: one round trip. The commit is
 * under way when the records are there (tx_commit_begin). Errors of
 * q, filter, sort and after are ERR_BAD_REQUEST with fields; a field that is
 * hidden or masked is as unknown as one that does not exist. */
struct err *
record_list(const struct record_ctx *cx, const struct record_query *q, struct record_page *page_r);

/* What is wrong with such a question, without asking it. */
struct err *record_list_check(const struct record_ctx *cx, const struct record_query *q);

/* One record with its event ("view"). NOT_FOUND when it is not there for the
 * principal. Does not commit: what else the page needs can follow. */
struct err *record_read(const struct record_ctx *cx, enum entity e, int64_t id, bool labels,
	struct record **record_r);

/* Does the profile's right reach this record (read with record_read())? For what a
 * page offers; whatever changes a record checks for itself. */
bool record_may(const struct record_ctx *cx, const struct record *rec, enum right r);
/* NOT_FOUND when it is not there for the principal, DENIED when it is there but
 * the right ends with own records, or the team's. */
struct err *record_allowed(const struct record_ctx *cx, enum entity e, int64_t id, enum right r);
/* The same, of a contact or company, without what was only shared with the principal. */
struct err *record_held(const struct record_ctx *cx, enum entity e, int64_t id, enum right r);
/* What decides who sees a contact or company, as the policies take it; 0: nobody. */
struct record_holder {
	int64_t owner, team;
	bool vip, shared; /* with the one who asks */
};
#define HOLDER_FIELDS 3
extern const char *const holder_fields[HOLDER_FIELDS];
bool holder_sees(const struct principal *p, enum entity e, const struct record_holder *h);
/* May the principal, who edits it, say who sees it? Not when it was only shared. */
bool holder_gives(const struct principal *p, enum entity e, const struct record_holder *h);
/* The same for adding something to a contact, read or not. */
bool record_may_add(const struct record_ctx *cx, const struct record *contact, enum entity child);
struct err *record_add_allowed(const struct record_ctx *cx, enum entity child, int64_t contact);
/* May the principal read the field: not hidden, not masked, and the view right? */
bool record_reads(const struct record_ctx *cx, enum entity e, const char *field);
/* Are all records of the kind visible to the principal, VIP ones, too? */
bool record_sees_all(const struct record_ctx *cx, enum entity e);
/* What names a record, of the fields that may be read: an expression on the alias. */
const char *record_title_sql(const struct record_ctx *cx, enum entity e, const char *alias);
/* People were named beside something else that is shown (by record_title_sql() or the like,
 * which has no event of its own): queues theirs, with the names that may be read. */
void record_named(const struct record_ctx *cx, const char *action, const int64_t *people, size_t n);
/* Is there a field that words can be looked for in? */
bool record_may_search(const struct record_ctx *cx, enum entity e);

/* One row with one boolean: does the field hold this value? By blind index for a
 * sealed one; nothing is shown and no event is written. No row: not there. */
struct err *record_equals(const struct record_ctx *cx, enum entity e, int64_t id,
	const struct field *f, const struct value *v, struct rows **rows_r);

/* Values to write, by field. */
struct change {
	const struct field *field;
	struct value value;
};

struct changes {
	struct change *list;
	size_t n;
	struct json_object *warnings; /* {field: key}, NULL when none */
};

/* Reads the body's fields of an entity: unknown, hidden, read-only and
 * malformed ones are collected into an ERR_INVALID. `skip` names the body's
 * other parameters, NULL-terminated. creating: required fields must be there. */
struct err *changes_parse(const struct record_ctx *cx, enum entity e, struct json_object *body,
	const char *const *skip, bool creating, struct changes *out);
const struct change *changes_find(const struct changes *c, const char *field);
void changes_set_text(const struct record_ctx *cx, struct changes *c, enum entity e,
	const char *field, const char *text);
/* Adds or replaces the value of a field. */
void changes_put(const struct record_ctx *cx, struct changes *c, enum entity e, const char *field,
	struct value v);
void changes_drop(struct changes *c, const char *field);
/* An id as a value. */
struct value value_id(struct arena *a, int64_t id);

/* Inserts with event "create". contact_id of children is among the changes. Whose
 * right to create ends with own or the team's records becomes the owner of what
 * names none; INVALID at owner_id, or DENIED at a contact, outside of it. */
struct err *
record_create(const struct record_ctx *cx, enum entity e, struct changes *c, int64_t *id_r);
/* Changes what differs, with event "update". STALE when version has moved
 * (version 0: not compared). *version_r: the new one. CONFLICT when erased. DENIED
 * when it is visible but not within the right to edit (archive: to delete). */
struct err *record_update(const struct record_ctx *cx, enum entity e, int64_t id, int64_t version,
	struct changes *c, int64_t *version_r);
struct err *record_archive(const struct record_ctx *cx, enum entity e, int64_t id, int64_t version,
	bool restore, int64_t *version_r);

/* A person's data key; NOT_FOUND when invisible, CONFLICT when erased. */
struct err *person_key(const struct record_ctx *cx, int64_t contact_id, struct seal_key *key_r);
/* "contact.hkid|1042": what binds a sealed value to its place. */
const char *seal_place(struct arena *a, const struct field *f, int64_t id);
/* The canonical text as blind indexes take it. */
struct bytes field_blind(const struct record_ctx *cx, const struct field *f, const char *text);
/* A new data key, wrapped; the caller inserts it. Purposes: person, bill_to, kept, import. */
struct bytes data_key_new(const struct record_ctx *cx, const char *purpose, struct seal_key *key_r);

#endif

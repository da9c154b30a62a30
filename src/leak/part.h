/* SPDX-License-Identifier: ISC */
/* What the files of leak/ share. Not for other rooms. */
#ifndef PRAYA_LEAK_PART_H
#define PRAYA_LEAK_PART_H

#include "leak.h"
#include "object.h"
#include "record.h"

#define LEAK_DIGEST 32
#define LEAK_SENT 8
#define BEFORE_CHAINS 1024

/* Where a record with an owner stands, seen by the one who asks. */
enum stand {
	STAND_OWN,
	STAND_TEAM,        /* a colleague's of the same team */
	STAND_OTHERS,      /* of another team */
	STAND_VIP,         /* the same, marked VIP */
	STAND_OWN_VIP,     /* VIP records of one's own */
	STAND_TEAM_VIP,    /* of a colleague */
	STAND_SHARED,      /* of another team, shared with the one who asks */
	STAND_TEAM_SHARED, /* a VIP record of another team, shared with the team */
	STAND_MAX
};

enum author { BY_ME, BY_MATE, BY_OTHER, BY_NOBODY };

/* A record of the scratch set. */
struct thing {
	enum entity entity;
	enum stand stand;       /* its own, or its contact's */
	size_t contact;         /* of a child: which thing */
	enum author author;     /* of a child */
	const char *private_to; /* author, team, people; NULL: not private */
	bool named;             /* private to people: the one who asks is among them */
	bool quiet;             /* a contact with private notes only */
	bool early;             /* is there from the beginning, although it is not visible */
	bool withheld;          /* was taken down: shown to nobody */
	bool visible;
	int64_t id; /* 0: not made yet */
};

/* A row of the scratch set that is no record, but comes of work with records. */
enum aside_kind {
	ASIDE_IMPORT,
	ASIDE_JOB,
	ASIDE_EXPORT,
	ASIDE_DOWNLOAD,
	ASIDE_REQUEST, /* a privacy request */
	ASIDE_GRANT,   /* of support access */
	ASIDE_LETTER,  /* of a request, as is the next */
	ASIDE_FILE,
	ASIDE_HANDOVER,
	ASIDE_OVER, /* a hand-over that has ended */
	ASIDE_INCIDENT,
	ASIDE_LIST, /* of an incident: who was exposed */
	ASIDE_TAKEDOWN,
	ASIDE_EVIDENCE, /* of a takedown: the copy of one item */
	ASIDE_ALERT,    /* of watching the log */
	ASIDE_WHOLE,    /* an export of everything */
	ASIDE_KINDS
};

struct aside {
	enum aside_kind kind;
	enum author author;     /* me, or somebody else */
	size_t about;           /* of a job: which contact; THINGS_MAX: none */
	const struct aside *of; /* what it hangs on; NULL: nothing */
	const char *link;       /* the secret of its link; NULL: it has none */
	bool visible;
	int64_t id; /* 0: not made yet */
};

struct canary {
	size_t thing;
	const struct field *field;
	const struct aside *aside; /* of such a row; then there is no thing and no field */
	const char *sent;          /* as a form takes it */
	bool forbidden;
	bool seen;
};

struct leak_file {
	char object[OBJECT_NAME];
	struct seal_key key;
	int64_t size;
	unsigned char sha256[LEAK_DIGEST];
};

struct needle {
	const char *text;
	size_t n;
	size_t canary;
	struct needle *next;
};

#define NEEDLE_CHAINS 4096
#define THINGS_MAX 200
#define CANARIES_MAX 8000
#define ASIDES_MAX 40

/* What one profile may do, by its rows. */
struct expect {
	int64_t profile;
	const char *name;
	bool token; /* it demands a second step: a program's session, which has none */
	enum scope view[ENTITY_MAX];
	bool see_vip;
	bool knows_fields; /* is in charge of them: their names are no secret */
	bool manages;      /* the workspace */
	bool approves_exports;
	bool runs_requests;
	bool reads_log;
	bool requests;                  /* runs or approves privacy requests */
	bool team;                      /* the one who asks is in a team */
	const enum field_level *levels; /* by place in the catalogue */
	bool narrow_team;               /* some scope is the team's */
};

struct leak {
	const struct leak_order *in;
	struct leak_report *report;
	struct leak_hit **last_hit;
	struct arena *work; /* of one profile */
	struct arena *ask;  /* of one question */
	struct conn *conn;
	struct record_ctx cx; /* the whole workspace's, for making records */
	struct expect expect;
	/* Who asks, a colleague, somebody of another team. */
	int64_t user, mate, other, team, other_team, session, share;
	const char *secret;
	struct thing things[THINGS_MAX];
	size_t nthings;
	struct aside asides[ASIDES_MAX];
	size_t nasides;
	struct canary *canaries;
	size_t ncanaries;
	struct needle *chains[NEEDLE_CHAINS];
	unsigned serial;          /* of the words */
	const char *word;         /* one that stands nowhere */
	const char *const *fresh; /* such a value for each field, by place; NULL: none */
	char mark[9];             /* that all words of this profile end with */
	int status;               /* of the last answer */
	bool after;               /* the invisible records are there */
	struct before *before[BEFORE_CHAINS];
	/* Two files: of what is visible, and of what is not, with a word in it. */
	struct leak_file files[2];
	const char *content;
	bool content_named;
};

/* expect.c */
struct err *expect_profiles(struct leak *l, int64_t **ids_r, size_t *n_r);
struct err *expect_load(struct leak *l, int64_t profile, bool team);
bool expect_visible(const struct leak *l, const struct thing *t);
enum field_level expect_level(const struct leak *l, const struct field *f);

/* value.c: a value of the field's type that stands nowhere else, and the forms it
 * is shown in. NULL: the type has none. */
const char *canary_value(struct leak *l, const struct field *f);
/* The forms a value is shown and typed in. */
size_t canary_forms(
	struct leak *l, const struct field *f, const struct value *v, const char *forms[LEAK_SENT]);
void canary_add(struct leak *l, size_t thing, const struct field *f, const char *sent,
	const struct value *v);

/* needle.c */
void needles_clear(struct leak *l);
void needle_add(struct leak *l, size_t canary, const char *text);
typedef void needle_found(void *ctx, size_t canary, size_t at);
void needles_find(const struct leak *l, const char *text, size_t n, needle_found *found, void *ctx);

/* scratch.c: people first, then what is visible, then the rest. */
struct err *scratch_people(struct leak *l);
/* The files are the only thing that is outside of the trial: scratch_tidy() removes them,
 * and what a killed process leaves is for the sweep of the store. */
struct err *scratch_files(struct leak *l);
void scratch_tidy(struct leak *l);
void scratch_plan(struct leak *l);
struct err *scratch_make(struct leak *l, bool visible);
/* A transaction of the scratch set's author, in which rows are made; and its end. */
struct err *scratch_begin(struct leak *l, int64_t author);
struct err *scratch_finish(struct leak *l, struct err *e);

/* aside.c: after the records; those that are visible, or the others. */
void aside_plan(struct leak *l);
struct err *aside_make(struct leak *l, bool wanted);
/* How a path leads to it: by its number at the beginning, behind that of what it hangs on,
 * or by its link. */
enum aside_way { WAY_FIRST, WAY_BEHIND, WAY_LINK };
bool aside_at(const struct aside *s, enum aside_way way, const char *segment, size_t n);
/* What can stand for {token} behind its number; NULL: no path has one. */
const char *aside_word(const struct aside *s);
const char *aside_name(struct leak *l, const struct aside *s);
/* A word that the row alone has. */
const char *aside_canary(struct leak *l, const struct aside *s);

/* aside_law.c */
struct err *aside_request(struct leak *l, struct aside *s);
struct err *aside_letter(struct leak *l, struct aside *s);
struct err *aside_file(struct leak *l, struct aside *s);
struct err *aside_handover(struct leak *l, struct aside *s);
struct err *aside_incident(struct leak *l, struct aside *s);
struct err *aside_list(struct leak *l, struct aside *s);
struct err *aside_alert(struct leak *l, struct aside *s);
/* Within the transaction that made the record. */
struct err *aside_take_down(struct leak *l, const struct thing *t);

/* ask.c */
struct question {
	const struct route *route;
	bool api;
	const char *uri;             /* with the query */
	struct json_object *body;    /* of a POST */
	const char *sent[LEAK_SENT]; /* what the answer may repeat: values and numbers */
	const char *what;            /* for the report */
	const char *about;           /* canaries with this value were asked for: no news; or NULL */
	bool everywhere;             /* the answer may hold anything */
};

struct answer {
	int status;
	const char *text; /* head and body */
	size_t n, head;
	bool whole; /* else it was too long to be kept, and only looked through */
};

/* Asks, follows a page's redirect, looks through the answer, takes back what it wrote. */
struct err *leak_ask(struct leak *l, const struct question *q, struct answer *answer_r);
void leak_hit(struct leak *l, const struct question *q, const char *how, const char *what,
	const char *where);

/* same.c */
/* Both must be answered alike; b is about what never was. */
struct err *leak_same(struct leak *l, const struct question *a, const struct question *b);
/* The answer must be the one of before the invisible records came. */
struct err *leak_still(struct leak *l, const struct question *q);
void leak_still_forget(struct leak *l);

/* walk.c, vary.c */
struct err *walk_routes(struct leak *l);
/* With the declared parameters, at an address: questions by what is not to be known,
 * beside the same by what never was; */
struct err *vary(struct leak *l, const struct question *at);
/* those that only ask for more of the same; */
struct err *vary_plain(struct leak *l, const struct question *at);
/* a POST at two addresses that are to be answered alike. */
struct err *vary_twins(struct leak *l, const struct question *a, const struct question *b);
const char *leak_encode(struct leak *l, const char *s);

int64_t leak_missing(const struct leak *l);
const char *leak_thing_name(struct leak *l, size_t thing);

#endif

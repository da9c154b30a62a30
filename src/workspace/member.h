/* SPDX-License-Identifier: ISC */
/* Users as settings: what pages and API share. Of workspace/ only. */
#ifndef PRAYA_MEMBER_H
#define PRAYA_MEMBER_H

#include "gate.h"
#include "hand_over.h"

/* A user as the settings know one. Lives in the request. */
struct member {
	int64_t id;
	int64_t version;
	const char *email;
	const char *name;
	const char *language;
	const char *profile; /* its name in the database */
	int64_t profile_id;
	int64_t team_id;  /* 0: none */
	const char *team; /* its name, or NULL */
	bool builtin;     /* the profile ships with Praya: it has a name in each language */
	bool active;
	bool password;                       /* one is set */
	bool two_step;                       /* signs in with a second step */
	bool invited;                        /* a link to set the first one is good */
	int64_t created_at, last_sign_in_at; /* microseconds; 0: never */
	int64_t tokens, sessions;            /* alive now */
};

#define MEMBER_COLUMNS \
	"u.user_id, u.version, u.email, u.name, u.language, p.name, u.profile_id, p.builtin, " \
	"u.active, " \
	"u.password_hash is not null, (extract(epoch from u.created_at) * 1000000)::bigint, " \
	"(extract(epoch from u.last_sign_in_at) * 1000000)::bigint, " \
	"(select count(*) from session s where s.user_id = u.user_id and s.kind = 'token' " \
	"and s.ended_at is null and s.expires_at > now()), " \
	"(select count(*) from session s where s.user_id = u.user_id and s.kind = 'cookie' " \
	"and s.ended_at is null and s.expires_at > now() " \
	"and (s.idle is null or s.seen_at > now() - s.idle)), " \
	"exists (select from sign_in_link l where l.user_id = u.user_id and l.kind = 'invite' " \
	"and l.expires_at > now()), " \
	"coalesce((select true from factor f where f.user_id = u.user_id " \
	"and f.confirmed_at is not null limit 1), false), " \
	"coalesce(u.team_id, 0), (select t.name from team t where t.team_id = u.team_id) "

void member_from_row(const struct rows *r, size_t i, struct member *m);
void member_model(const struct request *rq, const struct member *m, struct json_object *o);
/* What it means that the user gets another profile or team, for programs, and as a page
 * to confirm it on: the values that were sent travel on. ERR_INVALID at team_id. */
struct err *member_effect(struct request *rq, struct response *rp, const struct member *m,
	int64_t profile, int64_t team);
/* The name of a profile for people. */
const char *profile_label(const struct request *rq, const char *name, bool builtin);

struct err *member_load(struct request *rq, int64_t id, struct member *m);
/* Nobody hands out, or takes over, rights they have not got: DENIED. */
struct err *member_within(struct request *rq, int64_t profile);

/* What is to become of a user; NULL: stays. */
struct wish {
	const char *email, *name, *language, *profile, *password;
	int64_t profile_id; /* 0: stays */
	bool teams;         /* team_id, team: what it becomes, else it stays */
	int64_t team_id;
	const char *team;
	struct val active;
	int64_t hand_over_to; /* of one who leaves; 0: nobody named */
	struct owned handed;  /* what went there */
};

/* ERR_INVALID with an error for each entry at fault; m NULL: a new user. */
struct err *wish_read(struct request *rq, const struct member *m, struct wish *w);
/* Another profile or team? Does somebody leave? */
bool wish_moves(const struct member *m, const struct wish *w);
bool wish_leaves(const struct member *m, const struct wish *w);
/* Writes it, with its events and the mails that tell of it. STALE when the user is no longer
 * the version that m is. */
struct err *wish_apply(struct request *rq, const struct member *m, struct wish *w);

/* Pages; also shown again after a refusal. The form of one user needs `m` NULL for
 * a new one. */
struct err *member_form(struct request *rq, struct response *rp, const struct member *m);
void member_table(const struct request *rq, struct json_object *page, const struct member *list,
	size_t n, const char *next);

#endif

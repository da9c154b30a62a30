/* SPDX-License-Identifier: ISC */
#include "principal.h"

#include <string.h>
#include <time.h>

#include "log.h"

/* As many as a process of a hundred workspaces meets; some 40 KiB each once used. */
#define CACHE_SLOTS 512
#define PRINCIPAL_MEMORY ((size_t)256 * 1024)

/* Process lifetime: one slot a session that was seen lately. */
static struct slot {
	struct arena *a;
	int64_t tenant;
	struct principal *p;
	unsigned long used;
} cache[CACHE_SLOTS];
static unsigned long tick;

static const char *const entity_names[ENTITY_MAX] = {
	"contact", "company", "activity", "message", "attachment", "invoice"};
static const char *const scope_names[] = {"", "own", "team", "all"};
static const char *const level_names[LEVEL_MAX] = {"hidden", "masked", "read", "edit"};

STMT(load, "principal.load", 1,
	"select session_id, user_id, kind, email, name, language, team_id, profile, builtin, "
	"access, "
	"catalogue, rights, levels, second_step, needs_second_step, self_write, "
	"viewer_id, viewer, until, passkey, grant_id, operator_id, grant_scope, support, "
	"support_until, support_left, closes from "
	"session_principal($1)");

STMT(load_user, "principal.load_user", 1,
	"select session_id, user_id, kind, email, name, language, team_id, profile, builtin, "
	"access, "
	"catalogue, rights, levels from user_principal($1::bigint)");

const char *
entity_name(enum entity e)
{
	ASSERT(e < ENTITY_MAX);
	return entity_names[e];
}

enum entity
entity_parse(const char *name)
{
	for (int i = 0; i < ENTITY_MAX; i++)
		if (strcmp(entity_names[i], name) == 0)
			return (enum entity)i;
	return ENTITY_NONE;
}

const char *
scope_name(enum scope s)
{
	return scope_names[s];
}

enum scope
scope_parse(const char *s)
{
	for (int i = SCOPE_OWN; i <= SCOPE_ALL; i++)
		if (strcmp(scope_names[i], s) == 0)
			return (enum scope)i;
	return SCOPE_NONE;
}

const char *
field_level_name(enum field_level l)
{
	ASSERT(l < LEVEL_MAX);
	return level_names[l];
}

enum field_level
field_level_parse(const char *name)
{
	int l = LEVEL_HIDDEN;

	while (l < LEVEL_MAX && strcmp(level_names[l], name) != 0)
		l++;
	return (enum field_level)l;
}

bool
principal_may(const struct principal *p, enum entity e, enum right r)
{
	if (r == RIGHT_OPERATOR || strcmp(p->via, "operator") == 0)
		return strcmp(p->via, "operator") == 0 &&
		       (r == RIGHT_OPERATOR || r == RIGHT_PUBLIC);
	if (r == RIGHT_PUBLIC || r == RIGHT_ENTRY || r == RIGHT_SELF)
		return true;
	if (RIGHT_IS_SPECIAL(r))
		return p->special[r];
	return r != RIGHT_UNSET && e < ENTITY_MAX && p->scopes[e][r] != SCOPE_NONE;
}

bool
principal_may_some(const struct principal *p, enum right r)
{
	for (int e = 0; e < ENTITY_MAX; e++)
		if (principal_may(p, (enum entity)e, r))
			return true;
	return false;
}

enum field_level
principal_level(const struct principal *p, enum entity e, size_t place)
{
	enum field_level level = LEVEL_HIDDEN;

	if (p->levels == NULL)
		return LEVEL_EDIT;
	if (place >= p->nlevels)
		return LEVEL_HIDDEN;
	switch (p->levels[place]) {
	case 'e':
		level = LEVEL_EDIT;
		break;
	case 'r':
		level = LEVEL_READ;
		break;
	case 'm':
		level = LEVEL_MASKED;
		break;
	default:
		break;
	}
	return level < p->caps[e] ? level : p->caps[e];
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool
principal_supported(const struct principal *p)
{
	return *p->support != '\0' && now_ms() < p->support_left;
}

bool
principal_masks(const struct principal *p)
{
	return p->grant_id != 0 && strcmp(p->grant_scope, "read_masked") == 0;
}

/* "contact.view=all", ".erase=all" for special rights. */
static void
add_right(struct arena *a, struct principal *p, const char *text)
{
	const char *dot = strchr(text, '.'), *eq = strchr(text, '=');
	enum right r;

	ASSERT(dot != NULL && eq != NULL && dot < eq);
	r = right_parse(arena_strndup(a, dot + 1, (size_t)(eq - dot - 1)));
	if (dot == text) {
		if (RIGHT_IS_SPECIAL(r))
			p->special[r] = true;
		return;
	}
	enum entity e = entity_parse(arena_strndup(a, text, (size_t)(dot - text)));
	if (e != ENTITY_NONE && r != RIGHT_UNSET && !RIGHT_IS_SPECIAL(r))
		p->scopes[e][r] = scope_parse(eq + 1);
}

/* A field of records that may not be written is not written. */
enum field_level
scopes_cap(const enum scope scopes[RIGHT_MAX])
{
	if (scopes[RIGHT_CREATE] != SCOPE_NONE || scopes[RIGHT_IMPORT] != SCOPE_NONE ||
		scopes[RIGHT_EDIT] != SCOPE_NONE)
		return LEVEL_EDIT;
	return scopes[RIGHT_VIEW] != SCOPE_NONE ? LEVEL_READ : LEVEL_HIDDEN;
}

/* What cannot be seen cannot be changed or taken along. */
static void
clamp(struct principal *p)
{
	static const enum right needs_view[] = {RIGHT_EDIT, RIGHT_DELETE, RIGHT_EXPORT};

	for (int e = 0; e < ENTITY_MAX; e++) {
		enum scope *s = p->scopes[e];

		for (size_t i = 0; i < sizeof(needs_view) / sizeof(needs_view[0]); i++)
			if (s[needs_view[i]] > s[RIGHT_VIEW])
				s[needs_view[i]] = s[RIGHT_VIEW];
		p->caps[e] = scopes_cap(s);
		for (int r = RIGHT_VIEW; r <= RIGHT_IMPORT; r++)
			p->narrow |= s[r] == SCOPE_OWN || s[r] == SCOPE_TEAM;
	}
}

/* Who, and with what rights: the first columns of both statements. */
static struct principal *
rights_from_row(struct arena *a, const struct rows *rows)
{
	struct principal *p = ARENA_NEW(a, struct principal);
	size_t n;
	const char **rights = rows_texts(a, rows, 0, 11, &n);

	p->viewer = p->grant_scope = p->support = "";
	p->session_id = rows_i64(rows, 0, 0);
	p->user_id = rows_i64(rows, 0, 1);
	p->via = arena_strdup(a, rows_text(rows, 0, 2));
	p->email = arena_strdup(a, rows_text(rows, 0, 3));
	p->name = arena_strdup(a, rows_text(rows, 0, 4));
	p->language = arena_strdup(a, rows_text(rows, 0, 5));
	p->team_id = rows_i64(rows, 0, 6);
	p->profile = arena_strdup(a, rows_text(rows, 0, 7));
	p->builtin = rows_bool(rows, 0, 8);
	p->access_epoch = rows_i64(rows, 0, 9);
	p->catalogue_epoch = rows_i64(rows, 0, 10);
	for (size_t i = 0; i < n; i++)
		add_right(a, p, rights[i]);
	p->levels = arena_strdup(a, rows_null(rows, 0, 12) ? "" : rows_text(rows, 0, 12));
	p->nlevels = strlen(p->levels);
	clamp(p);
	return p;
}

static struct principal *
from_row(struct arena *a, const struct rows *rows, const unsigned char hash[32])
{
	struct principal *p = rights_from_row(a, rows);

	p->second_step = rows_bool(rows, 0, 13);
	p->needs_second_step = rows_bool(rows, 0, 14);
	p->self_write = rows_bool(rows, 0, 15);
	p->must_enrol = p->needs_second_step && !p->second_step;
	p->viewer_id = rows_null(rows, 0, 16) ? 0 : rows_i64(rows, 0, 16);
	p->viewer = arena_strdup(a, rows_null(rows, 0, 17) ? "" : rows_text(rows, 0, 17));
	p->until = rows_i64(rows, 0, 18);
	p->passkey = rows_bool(rows, 0, 19);
	p->grant_id = rows_i64(rows, 0, 20);
	p->operator_id = rows_i64(rows, 0, 21);
	p->grant_scope = arena_strdup(a, rows_text(rows, 0, 22));
	p->support = arena_strdup(a, rows_null(rows, 0, 23) ? "" : rows_text(rows, 0, 23));
	p->support_until = rows_i64(rows, 0, 24);
	p->closes_at = rows_i64(rows, 0, 26);
	p->support_left = now_ms() + rows_i64(rows, 0, 25);
	memcpy(p->hash, hash, sizeof(p->hash));
	return p;
}

static struct slot *
slot_find(int64_t tenant, const unsigned char hash[32])
{
	struct slot *oldest = &cache[0];

	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		struct slot *s = &cache[i];

		if (s->p != NULL && s->tenant == tenant &&
			memcmp(s->p->hash, hash, sizeof(s->p->hash)) == 0) {
			s->used = ++tick;
			return s;
		}
		if (s->used < oldest->used)
			oldest = s;
	}
	oldest->p = NULL;
	oldest->tenant = tenant;
	oldest->used = ++tick;
	return oldest;
}

struct err *
principal_load(struct conn *c, struct arena *a, const struct tenant *tn,
	const unsigned char hash[32], bool fresh, struct principal **p_r)
{
	struct slot *s = slot_find(tn->id, hash);
	struct bytes h = {hash, 32};
	struct rows *rows;

	*p_r = NULL;
	if (s->p != NULL && !fresh) {
		*p_r = s->p;
		return NULL;
	}
	s->p = NULL;
	TRY(conn_query(c, a, &load, VALS(val_bytes(h)), &rows));
	if (rows_count(rows) == 0) {
		s->used = 0;
		return NULL;
	}
	if (s->a == NULL)
		s->a = arena_new(PRINCIPAL_MEMORY);
	arena_reset(s->a);
	s->p = *p_r = from_row(s->a, rows, hash);
	return NULL;
}

struct err *
principal_of_user(struct tx *tx, struct arena *a, int64_t user, struct principal **p_r)
{
	struct rows *rows;

	*p_r = NULL;
	TRY(tx_query(tx, &load_user, VALS(val_i64(user)), &rows));
	if (rows_count(rows) == 0)
		return NULL;
	*p_r = rights_from_row(a, rows);
	(*p_r)->viewer = "";
	(*p_r)->self_write = true;
	return NULL;
}

struct principal *
principal_system(struct arena *a, const char *via, int64_t user)
{
	struct principal *p = ARENA_NEW(a, struct principal);

	p->via = via;
	p->user_id = user;
	p->email = p->name = p->profile = "";
	p->language = "en";
	p->grant_scope = p->support = p->viewer = "";
	p->self_write = true;
	for (int r = 0; r < RIGHT_MAX; r++) {
		p->special[r] = RIGHT_IS_SPECIAL(r);
		for (int e = 0; e < ENTITY_MAX; e++)
			p->scopes[e][r] = SCOPE_ALL;
	}
	return p;
}

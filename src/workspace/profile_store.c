/* SPDX-License-Identifier: ISC */
/* Profiles in and out of the database. A save writes what differs, row by row, so
 * that the guards there (sql/tenant/repeatable/15_profile.sql) see each raise. */
#include "profile.h"

#include <string.h>

#include "event.h"
#include "log.h"
#include "model.h"
#include "seal.h"

#define PROFILE_COLUMNS \
	"p.profile_id, p.version, p.name, p.builtin, p.new_fields, p.new_sealed, " \
	"(select count(*) from app_user u where u.profile_id = p.profile_id), " \
	"array(select r.entity || '.' || r.\"right\" || '=' || r.scope from profile_right r " \
	"where r.profile_id = p.profile_id), l.levels, (select catalogue from epoch), " \
	"p.require_totp "
#define LEVELS_ONE "cross join lateral (select profile_levels(p.profile_id) as levels) l "

/* Levels as "12e13h": the number of a field in the catalogue and its letter. Of 200
 * profiles and 150 fields half the time of profile_levels(). */
STMT(load_all, "profile.load_all", 1,
	"with f as materialized (select entity, name, row_number() over (order by entity, "
	"position, field_id) as n from field where $1::boolean), "
	"l as (select x.profile_id, string_agg(f.n || left(x.level, 1), '') as levels "
	"from profile_field x join f on f.entity = x.entity and f.name = x.field "
	"group by x.profile_id) "
	"select " PROFILE_COLUMNS
	"from profile p left join l using (profile_id) order by p.builtin desc, p.profile_id");
STMT(load_one, "profile.load", 1,
	"select " PROFILE_COLUMNS "from profile p " LEVELS_ONE "where p.profile_id = $1::bigint");
STMT(load_of, "profile.load_of", 1,
	"select " PROFILE_COLUMNS "from profile p " LEVELS_ONE
	"where p.profile_id = (select profile_id from app_user where user_id = $1::bigint)");
STMT(lock_one, "profile.lock", 1,
	"select version from profile where profile_id = $1::bigint for update");

STMT(insert_one, "profile.insert", 4,
	"insert into profile (name, new_fields, new_sealed, require_totp) "
	"values ($1, $2, $3, $4::boolean) returning profile_id");
STMT(insert_rights, "profile.insert_rights", 4,
	"insert into profile_right (profile_id, entity, \"right\", scope) "
	"select $1::bigint, x.e, x.r, x.s from unnest($2::text[], $3::text[], $4::text[]) "
	"x (e, r, s)");
STMT(update_rights, "profile.update_rights", 4,
	"update profile_right p set scope = x.s from unnest($2::text[], $3::text[], $4::text[]) "
	"x (e, r, s) where p.profile_id = $1::bigint and p.entity = x.e and p.\"right\" = x.r");
STMT(delete_rights, "profile.delete_rights", 4,
	"delete from profile_right p using unnest($2::text[], $3::text[], $4::text[]) x (e, r, s) "
	"where p.profile_id = $1::bigint and p.entity = x.e and p.\"right\" = x.r");
/* From now on fields that there are stay as they are, whatever new ones will be. */
STMT(insert_levels, "profile.insert_levels", 4,
	"insert into profile_field (profile_id, entity, field, level) "
	"select $1::bigint, x.e, x.f, x.l from unnest($2::text[], $3::text[], $4::text[]) "
	"x (e, f, l) where exists (select from field f where f.entity = x.e and f.name = x.f) "
	"and not exists (select from profile_field p where p.profile_id = $1::bigint "
	"and p.entity = x.e and p.field = x.f)");
STMT(update_levels, "profile.update_levels", 4,
	"update profile_field p set level = x.l from unnest($2::text[], $3::text[], $4::text[]) "
	"x (e, f, l) where p.profile_id = $1::bigint and p.entity = x.e and p.field = x.f");
STMT(update_one, "profile.update", 5,
	"update profile set name = $2, new_fields = $3, new_sealed = $4, "
	"require_totp = $5::boolean, version = version + 1 where profile_id = $1::bigint");
STMT(update_totp, "profile.update_totp", 2,
	"update profile set require_totp = $2::boolean, version = version + 1 "
	"where profile_id = $1::bigint");
STMT(delete_one, "profile.delete", 1, "delete from profile where profile_id = $1::bigint");

/* Of levels, in their order. */
static const char LETTERS[] = "hmre";

const enum right profile_rights[PROFILE_RIGHTS] = {
	RIGHT_VIEW, RIGHT_CREATE, RIGHT_EDIT, RIGHT_DELETE, RIGHT_EXPORT, RIGHT_IMPORT};

bool
profile_is_fixed(const struct profile *p)
{
	return p->builtin && strcmp(p->name, "administrator") == 0;
}

enum field_level
profile_level(const struct profile *p, size_t place)
{
	const char *at = strchr(LETTERS, p->levels[place]);

	return at != NULL ? (enum field_level)(at - LETTERS) : LEVEL_HIDDEN;
}

enum field_level
profile_level_held(const struct profile *p, const struct field *f)
{
	enum field_level l = profile_level(p, f->place), cap = scopes_cap(p->scopes[f->entity]);

	/* Whoever reads the record reads it (Cap. 486 s.25(2)); nobody writes it. */
	if (field_is_note(f))
		return p->scopes[f->entity][RIGHT_VIEW] != SCOPE_NONE ? LEVEL_READ : LEVEL_HIDDEN;
	return l < cap ? l : cap;
}

enum scope
profile_scope_held(const struct profile *p, enum entity e, enum right r)
{
	enum scope s = p->scopes[e][r], view = p->scopes[e][RIGHT_VIEW];
	bool needs_view = r == RIGHT_EDIT || r == RIGHT_DELETE || r == RIGHT_EXPORT;

	return needs_view && view < s ? view : s;
}

const char *
profile_scope_word(enum scope s)
{
	return s == SCOPE_NONE ? "none" : scope_name(s);
}

/* "contact.view=all", ".erase=all" */
static void
read_right(struct arena *a, struct profile *p, const char *text)
{
	const char *dot = strchr(text, '.'), *eq = strchr(text, '=');
	enum right r = right_parse(arena_strndup(a, dot + 1, (size_t)(eq - dot - 1)));
	enum entity e = entity_parse(arena_strndup(a, text, (size_t)(dot - text)));

	if (dot == text && RIGHT_IS_SPECIAL(r))
		p->special[r] = true;
	else if (e != ENTITY_NONE && r != RIGHT_UNSET && !RIGHT_IS_SPECIAL(r))
		p->scopes[e][r] = scope_parse(eq + 1);
}

/* All of them in order, or those that are said by number; the others are what new
 * fields are. */
static struct err *
read_levels(struct request *rq, struct profile *p, const char *text)
{
	const struct catalogue *cat = rq->catalogue;
	char plain = LETTERS[p->new_fields], sealed = LETTERS[p->new_sealed];

	p->levels = arena_alloc(rq->a, cat->n + 1);
	for (size_t i = 0; i < cat->n; i++)
		p->levels[i] = cat->fields[i].sealed ? sealed : plain;
	p->levels[cat->n] = '\0';
	if (*text >= 'a' && strlen(text) == cat->n)
		memcpy(p->levels, text, cat->n);
	while (*text >= '0' && *text <= '9') {
		size_t n = 0;

		for (; *text >= '0' && *text <= '9'; text++)
			n = n * 10 + (size_t)(*text - '0');
		if (n == 0 || n > cat->n)
			return err_busy(rq->a, "the catalogue moved");
		p->levels[n - 1] = *text++;
	}
	return NULL;
}

static struct err *
from_row(struct request *rq, const struct rows *r, size_t i, struct profile *p)
{
	size_t n;
	const char **rights = rows_texts(rq->a, r, i, 7, &n);

	memset(p, 0, sizeof(*p));
	p->id = rows_i64(r, i, 0);
	p->version = rows_i64(r, i, 1);
	p->name = rows_text(r, i, 2);
	p->builtin = rows_bool(r, i, 3);
	p->new_fields = field_level_parse(rows_text(r, i, 4));
	p->new_sealed = field_level_parse(rows_text(r, i, 5));
	p->users = rows_i64(r, i, 6);
	for (size_t k = 0; k < n; k++)
		read_right(rq->a, p, rights[k]);
	p->require_totp = rows_bool(r, i, 10);
	return rows_i64(r, i, 9) == rq->catalogue->epoch
		       ? read_levels(rq, p, rows_null(r, i, 8) ? "" : rows_text(r, i, 8))
		       : err_busy(rq->a, "the catalogue moved");
}

struct err *
profile_load_all(struct request *rq, bool levels, struct profile **list_r, size_t *n_r)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &load_all, VALS(val_bool(levels)), &r));
	*n_r = rows_count(r);
	*list_r = ARENA_ARRAY(rq->a, *n_r + 1, struct profile);
	for (size_t i = 0; i < *n_r; i++)
		TRY(from_row(rq, r, i, &(*list_r)[i]));
	return NULL;
}

static struct err *
load(struct request *rq, const struct stmt *s, int64_t id, struct profile *p)
{
	struct rows *r;

	TRY(tx_query(rq->tx, s, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	return from_row(rq, r, 0, p);
}

struct err *
profile_load(struct request *rq, int64_t id, struct profile *p)
{
	return load(rq, &load_one, id, p);
}

struct err *
profile_load_of(struct request *rq, int64_t user, struct profile *p)
{
	return load(rq, &load_of, user, p);
}

struct err *
profile_load_own(struct request *rq, struct profile *p)
{
	return load(rq, &load_of, rq->principal->user_id, p);
}

struct err *
profile_lock(struct request *rq, int64_t id, int64_t version)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &lock_one, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	return rows_i64(r, 0, 0) == version ? NULL : err_new(rq->a, ERR_STALE, NULL);
}

/* Three columns for unnest(). */
struct triples {
	const char **entities, **names, **words;
	size_t n;
};

static struct triples
triples_new(struct arena *a, size_t max)
{
	return (struct triples){ARENA_ARRAY(a, max, const char *),
		ARENA_ARRAY(a, max, const char *), ARENA_ARRAY(a, max, const char *), 0};
}

static void
triples_add(struct triples *t, const char *entity, const char *name, const char *word)
{
	t->entities[t->n] = entity;
	t->names[t->n] = name;
	t->words[t->n++] = word;
}

static void
triples_queue(struct request *rq, const struct stmt *s, int64_t id, const struct triples *t)
{
	if (t->n > 0)
		tx_queue(rq->tx, s,
			VALS(val_i64(id), val_texts(t->entities, t->n), val_texts(t->names, t->n),
				val_texts(t->words, t->n)),
			NULL);
}

/* What becomes of the rights: rows that go, change, come. */
static void
write_rights(struct request *rq, int64_t id, const struct profile *from, const struct profile *to)
{
	size_t max = (size_t)ENTITY_MAX * PROFILE_RIGHTS + RIGHT_MAX;
	struct triples gone = triples_new(rq->a, max), changed = triples_new(rq->a, max),
		       added = triples_new(rq->a, max);

	for (int e = 0; e < ENTITY_MAX; e++)
		for (size_t i = 0; i < PROFILE_RIGHTS; i++) {
			enum right r = profile_rights[i];
			enum scope was = from->scopes[e][r], now = to->scopes[e][r];

			if (was != now)
				triples_add(now == SCOPE_NONE   ? &gone
					    : was == SCOPE_NONE ? &added
								: &changed,
					entity_name((enum entity)e), right_name(r),
					scope_name(now));
		}
	for (int r = RIGHT_UNSET + 1; r < RIGHT_MAX; r++)
		if (RIGHT_IS_SPECIAL(r) && from->special[r] != to->special[r])
			triples_add(to->special[r] ? &added : &gone, "", right_name((enum right)r),
				"all");
	triples_queue(rq, &delete_rights, id, &gone);
	triples_queue(rq, &update_rights, id, &changed);
	triples_queue(rq, &insert_rights, id, &added);
}

static void
write_levels(struct request *rq, int64_t id, const struct profile *from, const struct profile *to)
{
	struct triples all = triples_new(rq->a, rq->catalogue->n),
		       changed = triples_new(rq->a, rq->catalogue->n);

	for (size_t i = 0; i < rq->catalogue->n; i++) {
		const struct field *f = &rq->catalogue->fields[i];

		triples_add(&all, entity_name(f->entity), f->name,
			field_level_name(profile_level(from, i)));
		if (from->levels[i] != to->levels[i])
			triples_add(&changed, entity_name(f->entity), f->name,
				field_level_name(profile_level(to, i)));
	}
	triples_queue(rq, &insert_levels, id, &all);
	triples_queue(rq, &update_levels, id, &changed);
}

void
profile_log(struct request *rq, const char *entity, int64_t id, const char *reason,
	struct json_object *diff)
{
	struct audit_event ev = {.action = "permission", .entity = entity, .reason = reason};
	const char *text = json_object_to_json_string_ext(diff, JSON_C_TO_STRING_PLAIN);
	struct seal_key key = tenant_log_key(rq->tenant);

	ev.records = arena_memdup(rq->a, &id, sizeof(id));
	ev.nrecords = 1;
	ev.changes = seal_value(rq->a, &key, "audit.changes|0", text, strlen(text));
	audit_queue(rq->tx, rq->a, &ev);
}

static void
log_difference(struct request *rq, int64_t id, const char *reason, const struct profile *from,
	const struct profile *to)
{
	struct json_object *diff = model_object(rq->a);
	size_t n;
	struct profile_change *list = profile_compare(rq, from, to, &n);

	for (size_t i = 0; i < n; i++) {
		struct json_object *pair = model_child(diff, list[i].key);

		model_text(pair, "old", list[i].was);
		model_text(pair, "new", list[i].becomes);
	}
	profile_log(rq, "profile", id, reason, diff);
}

/* Nothing at all: what a profile is before it is made and after it is gone. */
static struct profile
nothing(struct request *rq, const struct profile *like)
{
	struct profile p = {.name = "", .users = like->users};

	p.levels = arena_strdup(rq->a, like->levels);
	memset(p.levels, 'h', strlen(p.levels));
	return p;
}

struct err *
profile_create(struct request *rq, const struct profile *p, int64_t *id_r)
{
	struct profile none = nothing(rq, p);
	struct rows *r;

	TRY(tx_query(rq->tx, &insert_one,
		VALS(val_text(p->name), val_text(field_level_name(p->new_fields)),
			val_text(field_level_name(p->new_sealed)), val_bool(p->require_totp)),
		&r));
	*id_r = rows_i64(r, 0, 0);
	write_rights(rq, *id_r, &none, p);
	write_levels(rq, *id_r, p, p);
	log_difference(rq, *id_r, "profile_created", &none, p);
	return tx_run(rq->tx);
}

struct err *
profile_save(struct request *rq, const struct profile *from, const struct profile *to)
{
	if (profile_only_totp(rq, from, to)) {
		tx_queue(rq->tx, &update_totp, VALS(val_i64(from->id), val_bool(to->require_totp)),
			NULL);
		log_difference(rq, from->id, "profile_changed", from, to);
		return tx_run(rq->tx);
	}
	write_rights(rq, from->id, from, to);
	write_levels(rq, from->id, from, to);
	tx_queue(rq->tx, &update_one,
		VALS(val_i64(from->id), val_text(to->name),
			val_text(field_level_name(to->new_fields)),
			val_text(field_level_name(to->new_sealed)), val_bool(to->require_totp)),
		NULL);
	log_difference(rq, from->id, "profile_changed", from, to);
	return tx_run(rq->tx);
}

struct err *
profile_remove(struct request *rq, const struct profile *p)
{
	struct profile none = nothing(rq, p);

	tx_queue(rq->tx, &delete_one, VALS(val_i64(p->id)), NULL);
	log_difference(rq, p->id, "profile_removed", p, &none);
	return tx_run(rq->tx);
}

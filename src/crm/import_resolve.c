/* SPDX-License-Identifier: ISC */
/* Who and what the cells of a batch mean: records that are there already, companies by
 * their names, users by their addresses. */
#include <stdint.h>
#include <string.h>

#include "import.h"
#include "sqlb.h"

/* $1 and $2: the names looked for in each language, none in one that the sender may not read. */
STMT(find_companies, "import.companies", 2,
	"select company_id, case when cardinality($1::text[]) > 0 then name_en end, "
	"case when cardinality($2::text[]) > 0 then name_zh end from company "
	"where (name_en = any ($1::text[]) or name_zh = any ($2::text[])) and archived_at is null "
	"order by company_id");
/* By whoever may add companies themselves. */
STMT(make_companies, "import.new_companies", 3,
	"with made as (insert into company (name_en, created_by, import_id, owner_id, team_id) "
	"select n, $2::bigint, $3::bigint, case when s.scope <> 'all' then s.user_id end, "
	"case when s.scope <> 'all' then s.team_id end from unnest($1::text[]) n "
	"left join (select u.user_id, u.team_id, r.scope from app_user u join profile_right r "
	"using (profile_id) where r.entity = 'company' and r.\"right\" = 'view') s "
	"on s.user_id = $2::bigint where exists (select from app_user u join profile_right r "
	"using (profile_id) where u.user_id = $2::bigint and r.entity = 'company' "
	"and r.\"right\" in ('create', 'import')) returning company_id, name_en), "
	"a as (insert into audit_event (action, entity, record_ids, field_set_id) "
	"select 'import', 'company', array_agg(company_id), field_set_of('company', '{name_en}') "
	"from made having count(*) > 0) select company_id, name_en from made");
STMT(as_sender, "import.as_sender", 2, "select gate_narrow($1::bigint, $2)");
STMT(as_before, "import.as_before", 0, "select gate_widen()");
STMT(find_users, "import.users", 1,
	"select u.user_id, x.email from unnest($1::text[]) x (email) join app_user u "
	"on lower(u.email) = lower(x.email)");
STMT(find_teams, "import.teams", 1,
	"select team_id, name, team_id::text from team where name = any ($1::text[]) or "
	"team_id::text = any ($1::text[]) order by name = any ($1::text[]) desc, team.team_id");
/* Of these users those whom the sender may make the owner of a record: when the right to
 * see or to take in ends with one's own or the team's, nobody beyond (record/scope.c). */
STMT(find_within, "import.owners", 3,
	"select u.user_id from unnest($1::text[]) x (email) join app_user u on lower(u.email) = "
	"lower(x.email) join app_user me on me.user_id = $2::bigint where u.user_id = me.user_id "
	"or not exists (select from profile_right r where r.profile_id = me.profile_id and "
	"r.entity = $3 and r.\"right\" in ('view', 'import') and (r.scope = 'own' or (r.scope = "
	"'team' and (u.team_id = me.team_id) is not true)))");

size_t
import_column(const struct import_map *map, const char *name)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->fields[i] != NULL && strcmp(map->fields[i]->name, name) == 0)
			return i;
	return SIZE_MAX;
}

/* The records with one of the texts on which the sender has this right. What one sees
 * because it was shared to be read is beyond the right to edit, unless one owns it or the
 * right's own scope reaches it (record/scope.c). */
static void
queue_match(const struct record_ctx *cx, const struct entity_def *d, const struct field *f,
	int64_t user, const char *right, struct val texts, struct rows **rows)
{
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b, "select %s, %s from %s x where %s = any (%s) and archived_at is null", d->pk,
		f->column, d->table, f->column, sqlb_val(&b, texts, "text[]"));
	if (strcmp(right, "edit") == 0)
		sqlb_add(&b,
			" and (x.owner_id = %s or exists (select from shared_with_me m where "
			"m.entity = '%s' and m.record_id = x.%s and m.level = 'edit') or ((not "
			"x.vip or current_setting('praya.vip', true) = '1') and case "
			"current_setting('praya.%s', true) when 'all' then true when 'team' then "
			"x.team_id = nullif(current_setting('praya.team_id', true), '')::bigint "
			"else false end))",
			sqlb_val(&b, val_i64(user), "bigint"), d->table, d->pk, d->table);
	sqlb_add(&b, " order by %s", d->pk);
	tx_queue(cx->tx, &as_sender, VALS(val_i64(user), val_text(right)), NULL);
	sqlb_queue(&b, cx->tx, "import.match", rows);
}

static bool
has_id(const struct rows *rows, int64_t id)
{
	for (size_t i = 0; i < rows_count(rows); i++)
		if (rows_i64(rows, i, 0) == id)
			return true;
	return false;
}

/* Which rows are there already, by the match field. */
static struct err *
find_existing(const struct record_ctx *cx, enum entity e, int64_t user,
	const struct import_map *map, struct import_row *rows, size_t n)
{
	size_t col = map->match != NULL ? import_column(map, map->match) : SIZE_MAX, k = 0;
	const struct entity_def *d = entity_def(e);
	const char **texts = ARENA_ARRAY(cx->a, n, const char *);
	struct rows *found, *mine = NULL;

	if (col == SIZE_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (rows[i].error == NULL && !rows[i].values[col].null)
			texts[k++] = rows[i].values[col].text;
	if (k == 0)
		return NULL;
	/* Of what is there, it meets what the one who sent the file sees, and
	 * changes what is within that user's right to edit. */
	queue_match(cx, d, map->fields[col], user, "view", val_texts(texts, k), &found);
	if (map->mode == IMPORT_UPDATE)
		queue_match(cx, d, map->fields[col], user, "edit", val_texts(texts, k), &mine);
	tx_queue(cx->tx, &as_before, NO_VALS, NULL);
	TRY(tx_run(cx->tx));
	for (size_t i = 0; i < n; i++)
		for (size_t m = 0; m < rows_count(found) && rows[i].existing == 0; m++)
			if (rows[i].error == NULL && !rows[i].values[col].null &&
				strcmp(rows_text(found, m, 1), rows[i].values[col].text) == 0)
				rows[i].existing = rows_i64(found, m, 0);
	for (size_t i = 0; i < n && mine != NULL; i++)
		if (rows[i].existing != 0 && !has_id(mine, rows[i].existing)) {
			rows[i].error = "error.import_not_yours";
			rows[i].field = map->match;
		}
	/* The second row of a file with the same key is the same person, too. */
	for (size_t i = 0; i < n; i++)
		for (size_t m = 0; m < i && rows[i].error == NULL && rows[i].existing == 0; m++)
			if (rows[m].error == NULL && !rows[i].values[col].null &&
				!rows[m].values[col].null &&
				strcmp(rows[m].values[col].text, rows[i].values[col].text) == 0) {
				rows[i].error = "error.import_same_row";
				rows[i].field = map->match;
			}
	return NULL;
}

/* The record that a name stands for; 0: for none. */
static void
take_id(const struct record_ctx *cx, const struct import_map *map, size_t col,
	struct import_row *row, int64_t id)
{
	const struct field *f = map->fields[col];
	struct value *v = &row->values[col];

	if (id == 0) {
		row->field = f->name;
		row->error = f->type == FIELD_USER   ? "error.import_user"
			     : f->type == FIELD_TEAM ? "error.import_team"
						     : "error.import_company";
		return;
	}
	v->val = val_i64(id);
	v->text = arena_printf(cx->a, "%lld", (long long)id);
}

static int64_t
lookup(const struct rows *found, const char *text)
{
	for (size_t i = 0; i < rows_count(found); i++)
		for (size_t c = 1; c < rows_columns(found); c++)
			if (rows_text(found, i, c) != NULL &&
				strcmp(rows_text(found, i, c), text) == 0)
				return rows_i64(found, i, 0);
	return 0;
}

/* The different texts of a column that no row of `found` has (NULL: all). */
static size_t
different(const struct record_ctx *cx, struct import_row *rows, size_t n, size_t col,
	const struct rows *found, const char ***texts_r)
{
	const char **texts = ARENA_ARRAY(cx->a, n, const char *);
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		const struct value *v = &rows[i].values[col];
		bool seen = rows[i].error != NULL || v->null ||
			    (found != NULL && lookup(found, v->text) != 0);

		for (size_t m = 0; m < k && !seen; m++)
			seen = strcmp(texts[m], v->text) == 0;
		if (!seen)
			texts[k++] = v->text;
	}
	*texts_r = texts;
	return k;
}

static enum field_level
company_level(const struct record_ctx *cx, const struct principal *p, const char *name)
{
	const struct field *f = catalogue_find(cx->cat, ENTITY_COMPANY, name);

	return f != NULL ? field_level(p, f) : LEVEL_HIDDEN;
}

/* Names of companies become companies: those that are there, or new ones. By a name that
 * the sender may not read none is found, or a file would be a way to guess it. */
static struct err *
resolve_companies(const struct record_ctx *cx, int64_t import_id, int64_t user,
	const struct import_map *map, size_t col, struct import_row *rows, size_t n)
{
	const char **texts;
	struct rows *found, *made = NULL;
	size_t k = different(cx, rows, n, col, NULL, &texts);
	enum field_level en, zh;
	struct principal *p;

	if (k == 0)
		return NULL;
	TRY(principal_of_user(cx->tx, cx->a, user, &p));
	if (p == NULL)
		return err_new(cx->a, ERR_DENIED, "error.job_right");
	en = company_level(cx, p, "name_en");
	zh = company_level(cx, p, "name_zh");
	tx_queue(cx->tx, &as_sender, VALS(val_i64(user), val_text("view")), NULL);
	tx_queue(cx->tx, &find_companies,
		VALS(val_texts(texts, en >= LEVEL_READ ? k : 0),
			val_texts(texts, zh >= LEVEL_READ ? k : 0)),
		&found);
	TRY(tx_query(cx->tx, &as_before, NO_VALS, NULL));
	k = different(cx, rows, n, col, found, &texts);
	if (k > 0 && en == LEVEL_EDIT)
		TRY(tx_query(cx->tx, &make_companies,
			VALS(val_texts(texts, k), val_i64(user), val_i64(import_id)), &made));
	for (size_t i = 0; i < n; i++) {
		struct value *v = &rows[i].values[col];
		int64_t id;

		if (rows[i].error != NULL || v->null)
			continue;
		id = lookup(found, v->text);
		if (id == 0 && made != NULL)
			id = lookup(made, v->text);
		take_id(cx, map, col, &rows[i], id);
	}
	return NULL;
}

/* Addresses of users become users, as far as the sender may make records theirs. */
static struct err *
resolve_users(const struct record_ctx *cx, enum entity e, int64_t user,
	const struct import_map *map, size_t col, struct import_row *rows, size_t n)
{
	const struct field *f = map->fields[col];
	const char **texts;
	struct rows *found, *within;
	size_t k = different(cx, rows, n, col, NULL, &texts);

	if (k == 0)
		return NULL;
	tx_queue(cx->tx, &find_users, VALS(val_texts(texts, k)), &found);
	tx_queue(cx->tx, &find_within,
		VALS(val_texts(texts, k), val_i64(user), val_text(entity_name(e))), &within);
	TRY(tx_run(cx->tx));
	for (size_t i = 0; i < n; i++) {
		struct value *v = &rows[i].values[col];

		if (rows[i].error != NULL || v->null)
			continue;
		take_id(cx, map, col, &rows[i], lookup(found, v->text));
		if (rows[i].error == NULL && strcmp(f->name, "owner_id") == 0 &&
			!has_id(within, v->val.u.i64)) {
			rows[i].field = f->name;
			rows[i].error = "error.not_for_others";
		}
	}
	return NULL;
}

/* Names of teams, or their numbers as our own files have them, become teams. */
static struct err *
resolve_teams(const struct record_ctx *cx, const struct import_map *map, size_t col,
	struct import_row *rows, size_t n)
{
	const char **texts;
	struct rows *found;
	size_t k = different(cx, rows, n, col, NULL, &texts);

	if (k == 0)
		return NULL;
	TRY(tx_query(cx->tx, &find_teams, VALS(val_texts(texts, k)), &found));
	for (size_t i = 0; i < n; i++) {
		struct value *v = &rows[i].values[col];

		if (rows[i].error == NULL && !v->null)
			take_id(cx, map, col, &rows[i], lookup(found, v->text));
	}
	return NULL;
}

struct err *
import_people(const struct record_ctx *cx, enum entity e, int64_t user,
	const struct import_map *map, struct import_row *rows, size_t n)
{
	for (size_t i = 0; i < map->n; i++) {
		if (map->fields[i] != NULL && map->fields[i]->type == FIELD_USER)
			TRY(resolve_users(cx, e, user, map, i, rows, n));
		if (map->fields[i] != NULL && map->fields[i]->type == FIELD_TEAM)
			TRY(resolve_teams(cx, map, i, rows, n));
	}
	return NULL;
}

struct err *
import_resolve(const struct record_ctx *cx, enum entity e, int64_t import_id, int64_t user,
	const struct import_map *map, struct import_row *rows, size_t n)
{
	TRY(find_existing(cx, e, user, map, rows, n));
	/* First, so that no company is made for a row that they refuse. */
	TRY(import_people(cx, e, user, map, rows, n));
	for (size_t i = 0; i < map->n; i++)
		if (map->fields[i] != NULL && map->fields[i]->type == FIELD_COMPANY)
			TRY(resolve_companies(cx, import_id, user, map, i, rows, n));
	return import_sight(cx, e, user, map, rows, n);
}

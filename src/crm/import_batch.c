/* SPDX-License-Identifier: ISC */
/* One batch of an import: as few statements as one insert of all its rows allows. */
#include "import.h"

#include <stdint.h>
#include <string.h>

#include "event.h"
#include "log.h"
#include "sqlb.h"
#include "suppress.h"

STMT(new_ids, "import.ids", 1,
	"select nextval('contact_contact_id_seq'), nextval('data_key_key_id_seq') "
	"from generate_series(1, $1::int)");
STMT(insert_keys, "import.keys", 3,
	"insert into data_key (key_id, contact_id, purpose, wrapped) overriding system value "
	"select k, c, 'person', w from unnest($1::bigint[], $2::bigint[], $3::bytea[]) x (k, c, "
	"w)");
STMT(insert_failed, "import.failed", 6,
	"insert into import_failed (import_id, row_number, field, error, cells, blocked_on) "
	"select $1::bigint, n, f, e, c, b::date from unnest($2::bigint[], $3::text[], $4::text[], "
	"$5::bytea[], $6::text[]) "
	"x (n, f, e, c, b) on conflict do nothing");
STMT(stop_marketing, "import.stop_marketing", 1,
	"update contact set marketing_stopped_at = now() where contact_id = any ($1::bigint[])");
STMT(find_companies, "import.companies", 1,
	"select company_id, name_en, name_zh from company "
	"where (name_en = any ($1::text[]) or name_zh = any ($1::text[])) and archived_at is null "
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
/* Whose scope is own or team owns what has no owner, so as to see what was taken in. */
STMT(own_people, "import.own_contacts", 2,
	"update contact c set owner_id = u.user_id, team_id = coalesce(c.team_id, u.team_id) "
	"from app_user u join profile_right r using (profile_id) where u.user_id = $1::bigint "
	"and r.entity = 'contact' and r.\"right\" = 'view' and r.scope <> 'all' "
	"and c.contact_id = any ($2::bigint[]) and c.owner_id is null");
STMT(own_companies, "import.own_companies", 2,
	"update company c set owner_id = u.user_id, team_id = coalesce(c.team_id, u.team_id) "
	"from app_user u join profile_right r using (profile_id) where u.user_id = $1::bigint "
	"and r.entity = 'company' and r.\"right\" = 'view' and r.scope <> 'all' "
	"and c.company_id = any ($2::bigint[]) and c.owner_id is null");
STMT(find_users, "import.users", 1,
	"select u.user_id, x.email from unnest($1::text[]) x (email) join app_user u "
	"on lower(u.email) = lower(x.email)");

void
import_row_check(const struct record_ctx *cx, const struct import_map *map,
	const struct csv_row *in, struct import_row *out)
{
	const char **cells = ARENA_ARRAY(cx->a, in->count, const char *);
	bool named = false;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < in->count; i++)
		cells[i] = arena_strdup(cx->a, in->cells[i]);
	out->number = in->number;
	out->cells = cells;
	out->ncells = in->count;
	out->values = ARENA_ARRAY(cx->a, map->n, struct value);
	for (size_t i = 0; i < map->n; i++)
		out->values[i].null = true;
	if (in->error != CSV_ROW_OK)
		out->error = in->error == CSV_ROW_TOO_LONG ? "error.import_row_long"
							   : "error.import_row_text";
	for (size_t i = map->n; i < in->count && out->error == NULL; i++)
		if (*cells[i] != '\0')
			out->error = "error.import_more_cells";
	for (size_t i = 0; i < map->n && out->error == NULL; i++) {
		const struct field *f = map->fields[i];
		struct err *e = NULL;
		struct json_object *v;

		if (f == NULL || i >= in->count || *cells[i] == '\0') {
			out->values[i].null = true;
			continue;
		}
		/* Companies and owners come by name and address, not by our ids. */
		if (f->type == FIELD_COMPANY || f->type == FIELD_USER) {
			value_from_text(cx->a, f, cells[i], &out->values[i]);
			continue;
		}
		v = json_object_new_string(cells[i]);
		if (!value_parse(cx->a, f, cx->cat->currency, v, &out->values[i], &e)) {
			out->values[i].null = true;
			out->field = f->name;
			out->error = e->fields->key;
		}
		json_object_put(v);
		named |= !out->values[i].null &&
			 (strncmp(f->name, "name_", 5) == 0 || strcmp(f->name, "surname_en") == 0 ||
				 strcmp(f->name, "given_en") == 0);
	}
	if (out->error == NULL && !named) {
		out->field = "name_en";
		out->error = "error.name_needed";
	}
}

static size_t
column_of(const struct import_map *map, const char *name)
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
	size_t col = map->match != NULL ? column_of(map, map->match) : SIZE_MAX, k = 0;
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
	struct value *v = &row->values[col];

	if (id == 0) {
		row->field = map->fields[col]->name;
		row->error = "error.reference";
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

/* Names of companies become companies: those that are there, or new ones. */
static struct err *
resolve_companies(const struct record_ctx *cx, int64_t import_id, int64_t user,
	const struct import_map *map, size_t col, struct import_row *rows, size_t n)
{
	const char **texts;
	struct rows *found, *made = NULL;
	size_t k = different(cx, rows, n, col, NULL, &texts);

	if (k == 0)
		return NULL;
	tx_queue(cx->tx, &as_sender, VALS(val_i64(user), val_text("view")), NULL);
	tx_queue(cx->tx, &find_companies, VALS(val_texts(texts, k)), &found);
	TRY(tx_query(cx->tx, &as_before, NO_VALS, NULL));
	k = different(cx, rows, n, col, found, &texts);
	if (k > 0)
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

static struct err *
resolve_users(const struct record_ctx *cx, const struct import_map *map, size_t col,
	struct import_row *rows, size_t n)
{
	const char **texts;
	struct rows *found;
	size_t k = different(cx, rows, n, col, NULL, &texts);

	if (k == 0)
		return NULL;
	TRY(tx_query(cx->tx, &find_users, VALS(val_texts(texts, k)), &found));
	for (size_t i = 0; i < n; i++) {
		struct value *v = &rows[i].values[col];

		if (rows[i].error == NULL && !v->null)
			take_id(cx, map, col, &rows[i], lookup(found, v->text));
	}
	return NULL;
}

/* An element of an array that is cast row by row. */
static const char *
element(struct arena *a, const struct field *f, size_t c)
{
	if (f->type == FIELD_TAGS)
		return arena_printf(a,
			"(select array_agg(t) from jsonb_array_elements_text(x.c%zu::jsonb) t)", c);
	if (f->sealed)
		return arena_printf(a, "x.c%zu", c);
	return arena_printf(a, "x.c%zu::%s", c, value_cast(f));
}

/* What is being inserted: rows without error that match nothing. */
struct fresh {
	struct import_row **rows;
	size_t n;
	int64_t *ids;
	int64_t *key_ids;
	struct seal_key *keys;
};

static struct err *
make_people(const struct record_ctx *cx, struct fresh *fr)
{
	struct bytes *wrapped = ARENA_ARRAY(cx->a, fr->n, struct bytes);
	struct rows *ids;

	fr->ids = ARENA_ARRAY(cx->a, fr->n, int64_t);
	fr->key_ids = ARENA_ARRAY(cx->a, fr->n, int64_t);
	fr->keys = ARENA_ARRAY(cx->a, fr->n, struct seal_key);
	TRY(tx_query(cx->tx, &new_ids, VALS(val_i64((int64_t)fr->n)), &ids));
	for (size_t i = 0; i < fr->n; i++) {
		fr->ids[i] = rows_i64(ids, i, 0);
		fr->key_ids[i] = rows_i64(ids, i, 1);
		wrapped[i] = data_key_new(cx, "person", &fr->keys[i]);
		fr->keys[i].id = fr->key_ids[i];
	}
	tx_queue(cx->tx, &insert_keys,
		VALS(val_i64s(fr->key_ids, fr->n), val_i64s(fr->ids, fr->n),
			val_byteses(wrapped, fr->n)),
		NULL);
	return NULL;
}

/* The column of a field as an array, sealed where it has to be. */
static const char *
bind_column(struct sqlb *b, const struct record_ctx *cx, const struct fresh *fr, size_t col,
	const struct field *f, bool blind)
{
	struct bytes *bytes = ARENA_ARRAY(cx->a, fr->n, struct bytes);
	const char **texts = ARENA_ARRAY(cx->a, fr->n, const char *);

	for (size_t i = 0; i < fr->n; i++) {
		const struct value *v = &fr->rows[i]->values[col];

		texts[i] = v->null ? NULL : v->text;
		if (v->null || !f->sealed)
			continue;
		ASSERT(fr->ids != NULL && fr->keys != NULL); /* only people have such fields */
		bytes[i] = blind ? field_blind(cx, f, v->text)
				 : seal_value(cx->a, &fr->keys[i], seal_place(cx->a, f, fr->ids[i]),
					   v->text, strlen(v->text));
	}
	return f->sealed ? sqlb_val(b, val_byteses(bytes, fr->n), "bytea[]")
			 : sqlb_val(b, val_texts(texts, fr->n), "text[]");
}

/* The English name follows from its parts where it is not given. */
static const char *
name_default(const struct import_map *map)
{
	if (column_of(map, "name_en") != SIZE_MAX)
		return NULL;
	return "nullif(concat_ws(', ', nullif(concat_ws(' ', surname_en, given_en), ''), "
	       "english_name), '')";
}

static struct err *
insert_fresh(const struct record_ctx *cx, enum entity e, int64_t import_id, int64_t user,
	const struct import_map *map, struct fresh *fr)
{
	const struct entity_def *d = entity_def(e);
	bool contact = e == ENTITY_CONTACT;
	struct sqlb b, columns, names, select;
	struct rows *made;
	size_t c = 0;

	if (contact)
		TRY(make_people(cx, fr));
	sqlb_init(&b, cx->a);
	sqlb_init(&columns, cx->a);
	sqlb_init(&names, cx->a);
	sqlb_init(&select, cx->a);
	sqlb_add(&select, "%s, ", sqlb_val(&b, val_i64(user), "bigint"));
	sqlb_add(&select, "%s", sqlb_val(&b, val_i64(import_id), "bigint"));
	sqlb_add(&columns, "%s",
		contact ? sqlb_val(&b, val_i64s(fr->ids, fr->n), "bigint[]")
			: sqlb_val(&b, val_i64s(ARENA_ARRAY(cx->a, fr->n, int64_t), fr->n),
				  "bigint[]"));
	sqlb_add(&names, "c0");
	if (contact) {
		sqlb_add(&columns, ", %s", sqlb_val(&b, val_i64s(fr->key_ids, fr->n), "bigint[]"));
		sqlb_add(&names, ", k0");
		sqlb_add(&select, ", x.c0, x.k0");
	}
	sqlb_add(&b, "insert into %s (created_by, import_id%s", d->table,
		contact ? ", contact_id, key_id" : "");
	for (size_t i = 0; i < map->n; i++) {
		const struct field *f = map->fields[i];

		if (f == NULL)
			continue;
		for (int blind = 0; blind <= (f->sealed ? 1 : 0); blind++) {
			c++;
			sqlb_add(&columns, ", %s", bind_column(&b, cx, fr, i, f, blind != 0));
			sqlb_add(&names, ", c%zu", c);
			sqlb_add(&b, ", %s%s", f->column, blind != 0 ? "_bi" : "");
			sqlb_add(&select, ", %s", element(cx->a, f, c));
		}
	}
	sqlb_add(&b, ") overriding system value select %s from unnest(%s) x (%s) returning %s",
		select.sql.p, columns.sql.p, names.sql.p, d->pk);
	sqlb_queue(&b, cx->tx, "import.insert", &made);
	TRY(tx_run(cx->tx));
	if (!contact) {
		fr->ids = ARENA_ARRAY(cx->a, fr->n, int64_t);
		for (size_t i = 0; i < fr->n; i++)
			fr->ids[i] = rows_i64(made, i, 0);
	} else if (name_default(map) != NULL) {
		struct sqlb u;

		sqlb_init(&u, cx->a);
		sqlb_add(&u, "update contact set name_en = %s where contact_id = any (%s)",
			name_default(map), sqlb_val(&u, val_i64s(fr->ids, fr->n), "bigint[]"));
		sqlb_queue(&u, cx->tx, "import.names", NULL);
	}
	return NULL;
}

static void
queue_stopped(const struct record_ctx *cx, const struct fresh *fr)
{
	int64_t *ids = ARENA_ARRAY(cx->a, fr->n, int64_t);
	size_t n = 0;

	for (size_t i = 0; i < fr->n; i++)
		if (fr->rows[i]->stopped)
			ids[n++] = fr->ids[i];
	if (n > 0)
		tx_queue(cx->tx, &stop_marketing, VALS(val_i64s(ids, n)), NULL);
}

static void
log_batch(const struct record_ctx *cx, enum entity e, const struct import_map *map,
	const struct fresh *fr)
{
	struct audit_event ev = {.action = "import", .entity = entity_name(e)};
	const char **names = ARENA_ARRAY(cx->a, map->n, const char *);
	size_t n = 0;

	for (size_t i = 0; i < map->n; i++)
		if (map->fields[i] != NULL)
			names[n++] = map->fields[i]->name;
	ev.records = fr->ids;
	ev.nrecords = fr->n;
	ev.subjects = fr->ids;
	ev.nsubjects = e == ENTITY_CONTACT ? fr->n : 0;
	ev.fields = names;
	ev.nfields = n;
	audit_queue(cx->tx, cx->a, &ev);
}

static struct err *
update_row(const struct record_ctx *cx, enum entity e, const struct import_map *map,
	struct import_row *row)
{
	struct changes c = {.list = ARENA_ARRAY(cx->a, map->n, struct change)};
	struct err *err;
	int64_t version;

	for (size_t i = 0; i < map->n; i++)
		if (map->fields[i] != NULL && !row->values[i].null) {
			c.list[c.n].field = map->fields[i];
			c.list[c.n++].value = row->values[i];
		}
	err = record_update(cx, e, row->existing, 0, &c, &version);
	if (!suppress_refused(err))
		return err;
	row->error = "error.blocked";
	row->field = err->fields->name;
	row->blocked_on = err->fields->arg;
	return NULL;
}

static void
keep_failed(const struct record_ctx *cx, int64_t import_id, const struct seal_key *key,
	struct import_row *rows, size_t n)
{
	int64_t *numbers = ARENA_ARRAY(cx->a, n, int64_t);
	const char **fields = ARENA_ARRAY(cx->a, n, const char *);
	const char **errors = ARENA_ARRAY(cx->a, n, const char *);
	const char **days = ARENA_ARRAY(cx->a, n, const char *);
	struct bytes *cells = ARENA_ARRAY(cx->a, n, struct bytes);
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *list;
		const char *text;

		if (rows[i].error == NULL)
			continue;
		list = model_own(cx->a, json_object_new_array());
		for (size_t c = 0; c < rows[i].ncells; c++)
			json_object_array_add(list, json_object_new_string(rows[i].cells[c]));
		text = json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN);
		numbers[k] = rows[i].number;
		fields[k] = rows[i].field;
		errors[k] = rows[i].error;
		days[k] = rows[i].blocked_on;
		cells[k++] = seal_value(cx->a, key,
			arena_printf(cx->a, "import_failed|%lld|%lld", (long long)import_id,
				(long long)rows[i].number),
			text, strlen(text));
	}
	if (k > 0)
		tx_queue(cx->tx, &insert_failed,
			VALS(val_i64(import_id), val_i64s(numbers, k), val_texts(fields, k),
				val_texts(errors, k), val_byteses(cells, k), val_texts(days, k)),
			NULL);
}

struct err *
import_batch(const struct record_ctx *cx, enum entity e, int64_t import_id, int64_t user,
	const struct seal_key *key, const struct import_map *map, struct import_row *rows, size_t n,
	struct import_counts *counts)
{
	struct fresh fr = {.rows = ARENA_ARRAY(cx->a, n, struct import_row *)};

	TRY(find_existing(cx, e, user, map, rows, n));
	for (size_t i = 0; i < map->n; i++) {
		if (map->fields[i] != NULL && map->fields[i]->type == FIELD_COMPANY)
			TRY(resolve_companies(cx, import_id, user, map, i, rows, n));
		if (map->fields[i] != NULL && map->fields[i]->type == FIELD_USER)
			TRY(resolve_users(cx, map, i, rows, n));
	}
	if (e == ENTITY_CONTACT)
		TRY(import_block(cx, map, rows, n));
	for (size_t i = 0; i < n; i++) {
		if (rows[i].error == NULL && rows[i].existing == 0)
			fr.rows[fr.n++] = &rows[i];
		else if (rows[i].error == NULL && map->mode == IMPORT_UPDATE) {
			TRY(update_row(cx, e, map, &rows[i]));
			counts->updated += rows[i].error == NULL;
			counts->failed += rows[i].error != NULL;
		} else if (rows[i].error == NULL)
			counts->skipped++;
		else
			counts->failed++;
	}
	if (fr.n > 0) {
		TRY(insert_fresh(cx, e, import_id, user, map, &fr));
		tx_queue(cx->tx, e == ENTITY_CONTACT ? &own_people : &own_companies,
			VALS(val_i64(user), val_i64s(fr.ids, fr.n)), NULL);
		queue_stopped(cx, &fr);
		log_batch(cx, e, map, &fr);
	}
	keep_failed(cx, import_id, key, rows, n);
	counts->created += (int64_t)fr.n;
	counts->done += (int64_t)n;
	return NULL;
}

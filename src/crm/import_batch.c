/* SPDX-License-Identifier: ISC */
/* One batch of an import: as few statements as one insert of all its rows allows. */
#include "import.h"

#include <stdint.h>
#include <string.h>

#include "event.h"
#include "hold.h"
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
/* Whose scope is own or team: what was taken in is in it (import_resolve()). A VIP record
 * has somebody who sees it. */
STMT(own_people, "import.own_contacts", 2,
	"update contact x set owner_id = coalesce(x.owner_id, u.user_id), team_id = case when "
	"u.narrow then coalesce(x.team_id, u.team_id) else x.team_id end from (select m.user_id, "
	"m.team_id, exists (select from profile_right r where r.profile_id = m.profile_id and "
	"r.entity = 'contact' and r.\"right\" in ('view', 'import') and r.scope <> 'all') as "
	"narrow, exists (select from profile_right r where r.profile_id = m.profile_id and "
	"r.entity = '' and r.\"right\" = 'see_vip') as sees from app_user m where m.user_id = "
	"$1::bigint) u where x.contact_id = any ($2::bigint[]) and ((u.narrow and (x.owner_id is "
	"null "
	"or x.team_id is null)) or (x.vip and x.owner_id is null and not u.sees))");
STMT(own_companies, "import.own_companies", 2,
	"update company x set owner_id = coalesce(x.owner_id, u.user_id), team_id = case when "
	"u.narrow then coalesce(x.team_id, u.team_id) else x.team_id end from (select m.user_id, "
	"m.team_id, exists (select from profile_right r where r.profile_id = m.profile_id and "
	"r.entity = 'company' and r.\"right\" in ('view', 'import') and r.scope <> 'all') as "
	"narrow, exists (select from profile_right r where r.profile_id = m.profile_id and "
	"r.entity = '' and r.\"right\" = 'see_vip') as sees from app_user m where m.user_id = "
	"$1::bigint) u where x.company_id = any ($2::bigint[]) and ((u.narrow and (x.owner_id is "
	"null "
	"or x.team_id is null)) or (x.vip and x.owner_id is null and not u.sees))");

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
		/* Companies, owners and teams come by name and address, not by our ids. */
		if (f->type == FIELD_COMPANY || f->type == FIELD_USER || f->type == FIELD_TEAM) {
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

/* An element of an array that is cast row by row. */
static const char *
element(struct arena *a, const struct field *f, size_t c)
{
	if (f->type == FIELD_TAGS)
		return arena_printf(a,
			"(select array_agg(t) from jsonb_array_elements_text(x.c%zu::jsonb) t)", c);
	if (f->sealed)
		return arena_printf(a, "x.c%zu", c);
	/* An empty cell of what is always yes or no. */
	if (f->type == FIELD_BOOLEAN && f->builtin)
		return arena_printf(a, "coalesce(x.c%zu::boolean, false)", c);
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
	if (import_column(map, "name_en") != SIZE_MAX)
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
	if (!suppress_refused(err) && !hold_refused(err))
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

	TRY(import_resolve(cx, e, import_id, user, map, rows, n));
	if (e == ENTITY_CONTACT)
		TRY(import_block(cx, map, rows, n));
	/* Nobody new is held without saying why. */
	for (size_t i = 0; e == ENTITY_CONTACT && i < n; i++)
		if (rows[i].error == NULL && rows[i].existing == 0)
			rows[i].error =
				hold_wrong(map->fields, rows[i].values, map->n, &rows[i].field);
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

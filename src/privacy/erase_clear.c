/* SPDX-License-Identifier: ISC */
/* The person's own columns and records. */
#include <string.h>

#include "erase_part.h"
#include "sqlb.h"

STMT(drop_key, "erase.drop_key", 1,
	"delete from data_key where contact_id = $1::bigint and purpose = 'person'");
STMT(end_downloads, "erase.downloads", 1,
	"update download set expires_at = now() where contact_id = $1::bigint and destroyed_at is "
	"null");
/* Answers to requests that are over, of which the person is one of those they were about: they lie
 * under the key of another. */
STMT(end_packages, "erase.packages", 1,
	"update download set expires_at = now(), object_key = '' where kind = 'request_package' "
	"and destroyed_at is null and download_id in (select r.package_id from request_subject s "
	"join privacy_request r using (request_id) where s.contact_id = $1::bigint and r.closed_at "
	"is not null)");
/* Lists that hold the person, and exports of everything: finished ones cannot be read any more, one
 * that is being made is made anew without, one that waits goes on without. */
STMT(end_lists, "erase.lists", 1,
	"with e as materialized (select export_id, job_id, state from export where export_id "
	"in (select export_id from export_record where contact_id = $1::bigint) "
	"union all select export_id, job_id, state from export where kind = 'workspace'), "
	"d as (update download set expires_at = now() where job_id in "
	"(select job_id from e) and destroyed_at is null returning key_id), "
	"k as (delete from data_key where key_id in (select key_id from d)), "
	"s as (update export set spoiled = true where export_id in "
	"(select export_id from e where state = 'running')), "
	"r as (delete from export_record where contact_id = $1::bigint and export_id in "
	"(select export_id from e where state in ('running', 'waiting'))) "
	"select count(*) from d");
/* Letters about an incident that are still there to be fetched. */
STMT(end_letters, "erase.letters", 1,
	"with d as (update download set expires_at = now() where kind = 'breach_letters' and "
	"destroyed_at is null and exists (select from incident_letter l where l.contact_id = "
	"$1::bigint) returning key_id) delete from data_key where key_id in (select key_id from "
	"d)");
/* Copies of what was taken down go dark with their person. */
STMT(end_evidence, "erase.evidence", 1,
	"delete from data_key where key_id in (select key_id from takedown_item where contact_id = "
	"$1::bigint)");
STMT(end_files, "erase.exports", 1,
	"update export set state = 'cancelled', secret = null where contact_id = $1::bigint "
	"and state = 'waiting'");
STMT(drop_questions, "erase.questions", 0,
	"update export set query = null where state = 'waiting'");
/* Searches may hold the name in words; they live a day at most, so all go. */
STMT(drop_queries, "erase.queries", 0, "delete from stored_query");
STMT(drop_replays, "erase.replays", 1, "delete from replay where contact_id = $1::bigint");
STMT(drop_reveals, "erase.reveals", 1, "delete from reveal where contact_id = $1::bigint");
STMT(drop_kept, "erase.kept_rows", 1, "delete from kept_field where contact_id = $1::bigint");

/* Of closed requests the bare case stays; of the one that asks for this, all until it is closed. */
STMT(drop_requests, "erase.request_keys", 1,
	"delete from data_key k using privacy_request r, request_subject s where s.contact_id = "
	"$1::bigint and r.request_id = s.request_id and r.closed_at is not null and k.key_id = "
	"r.key_id and k.purpose = 'request'");

static bool
is_text(const struct field *f)
{
	return f->type == FIELD_TEXT || f->type == FIELD_LONG_TEXT || f->type == FIELD_EMAIL ||
	       f->type == FIELD_PHONE || f->type == FIELD_URL || f->type == FIELD_TAGS ||
	       f->type == FIELD_HKID;
}

/* Personal by its tag, or text, which can always name somebody, or sealed under
 * the key that goes. Switched off or not: what holds values is erased. */
static bool
is_erasable(const struct field *f)
{
	return f->entity == ENTITY_CONTACT && strcmp(f->state, "adding") != 0 &&
	       (field_is_personal(f) || f->sealed || is_text(f));
}

void
erase_values_queue(struct erasing *er)
{
	const struct record_ctx *cx = er->cx;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b, "select 1");
	for (size_t i = 0; i < cx->cat->n; i++)
		if (is_erasable(&cx->cat->fields[i]))
			sqlb_add(&b, ", %s", value_column(cx->a, &cx->cat->fields[i], "r"));
	sqlb_add(&b, " from contact r where r.contact_id = %s",
		sqlb_val(&b, val_i64(er->contact_id), "bigint"));
	sqlb_queue(&b, cx->tx, "erase.values", &er->columns);
}

void
erase_values(struct erasing *er)
{
	const struct record_ctx *cx = er->cx;
	const struct rows *rows = er->columns;
	size_t col = 0;

	er->values = model_object(cx->a);
	er->cleared = model_own(cx->a, json_object_new_array());
	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];
		struct value v;

		if (!is_erasable(f))
			continue;
		col++;
		if (rows_null(rows, 0, col))
			continue;
		if (f->sealed) {
			struct bytes plain = {NULL, 0};

			if (er->has_key)
				unseal_value(cx->a, &er->key, seal_place(cx->a, f, er->contact_id),
					rows_bytes(cx->a, rows, 0, col), &plain);
			value_from_text(cx->a, f, (const char *)plain.p, &v);
		} else {
			value_from_row(cx->a, f, rows, 0, col, &v);
		}
		model_text(er->values, f->name, v.text);
		model_push_text(er->cleared, f->name);
	}
}

/* Columns become neutral; the name a code that says nothing of the person. */
static void
neutralise(const struct erasing *er)
{
	const struct record_ctx *cx = er->cx;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b,
		"update contact set key_id = null, hold = false, vip = false, import_id = null, "
		"version = version + 1, updated_at = now(), erased_at = now(), "
		"archived_at = coalesce(archived_at, now()), "
		"marketing_stopped_at = coalesce(marketing_stopped_at, now())");
	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];

		if (!is_erasable(f))
			continue;
		if (strcmp(f->name, "name_en") == 0)
			sqlb_add(&b, ", name_en = %s",
				sqlb_val(&b,
					val_text(arena_printf(cx->a, "Erased person %lld",
						(long long)er->contact_id)),
					"text"));
		else if (f->type == FIELD_BOOLEAN && !f->sealed)
			sqlb_add(&b, ", %s = %s", f->column, f->builtin ? "false" : "null");
		else
			sqlb_add(&b, ", %s = null", f->column);
		if (f->sealed)
			sqlb_add(&b, ", %s_bi = null", f->column);
	}
	sqlb_add(&b, " where contact_id = %s", sqlb_val(&b, val_i64(er->contact_id), "bigint"));
	sqlb_queue(&b, cx->tx, "erase.contact", NULL);
}

void
erase_clear(struct erasing *er)
{
	struct erase_counts *n = &er->counts;
	struct tx *tx = er->cx->tx;
	const struct vals id = VALS(val_i64(er->contact_id));

	tx_queue(tx, &drop_key, id, NULL);
	neutralise(er);
	erase_end_terms(tx, er->contact_id, n);
	tx_queue(tx, &end_downloads, id, &n->downloads);
	tx_queue(tx, &end_packages, id, NULL);
	tx_queue(tx, &end_lists, id, &n->lists);
	tx_queue(tx, &end_letters, id, NULL);
	tx_queue(tx, &end_evidence, id, NULL);
	tx_queue(tx, &end_files, id, NULL);
	tx_queue(tx, &drop_queries, NO_VALS, NULL);
	tx_queue(tx, &drop_questions, NO_VALS, NULL);
	tx_queue(tx, &drop_replays, id, NULL);
	tx_queue(tx, &drop_reveals, id, NULL);
	tx_queue(tx, &drop_kept, id, NULL);
	tx_queue(tx, &drop_requests, id, NULL);
	erase_stays_queue(tx, er->contact_id, &n->stays);
}

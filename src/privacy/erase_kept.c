/* SPDX-License-Identifier: ISC */
/*
 * What a law keeps of an erased person. A field, a file and the text of a message or
 * a note lie under a key that dies after the law's last day, and nowhere else; an
 * invoice stays for good as an amount, its bill-to block and the words of its lines
 * until its own keep_until. kept_law.c reads it.
 */
#include <string.h>

#include "attachment.h"
#include "erase_part.h"

/* Both name the person only by number. Emptied, closed: once in stage 1, and
 * again whenever a term has ended. */
STMT(end_messages, "erase.messages", 1,
	"update message set subject = null, body = null, sender = null, recipients = null, "
	"opinion_note = null, mail_key = null, kept_until = null, kept_law = null, version = "
	"version + 1, "
	"updated_at = now() where contact_id = $1::bigint "
	"and (kept_until is null or kept_until < hk_today()) and (subject is not null "
	"or body is not null or sender is not null or recipients is not null "
	"or mail_key is not null or opinion_note is not null or kept_until is not null)");
STMT(end_activities, "erase.activities", 1,
	"update activity set subject = null, body = null, kept_until = null, kept_law = null, "
	"opinion_note = null, version = version + 1, updated_at = now() where contact_id = "
	"$1::bigint "
	"and (kept_until is null or kept_until < hk_today()) "
	"and (subject is not null or body is not null or opinion_note is not null or kept_until "
	"is not null)");
STMT(end_files, "erase.files", 1,
	"update attachment set file_name = null, content_type = null, sha256 = null, "
	"object_key = null, kept_until = null, kept_law = null, version = version + 1, "
	"updated_at = now() where contact_id = $1::bigint "
	"and (kept_until is null or kept_until < hk_today()) "
	"and (file_name is not null or object_key is not null or kept_until is not null)");
/* Amounts, quantities and the number of lines are the book; words can name somebody. */
STMT(end_lines, "erase.invoice_lines", 1,
	"update invoice_line l set description = null from invoice i "
	"where i.contact_id = $1::bigint and i.invoice_id = l.invoice_id "
	"and i.keep_until < hk_today() and l.description is not null");
STMT(end_bill_to, "erase.bill_to", 1,
	"with i as (update invoice set bill_to = null, version = version + 1, updated_at = now() "
	"where contact_id = $1::bigint and bill_to is not null and keep_until < hk_today() "
	"returning bill_to_key_id) "
	"delete from data_key where key_id in (select bill_to_key_id from i)");
STMT(what_stays, "erase.stays", 1,
	"select what, law, count(*), min(kept_until)::text, max(kept_until)::text "
	"from retention_of($1::bigint) where kept_until is not null and record_id is not null "
	"group by what, law "
	"union all select 'invoice', null, count(*), null, null from invoice "
	"where contact_id = $1::bigint having count(*) > 0");
STMT(kept_files, "erase.kept_files", 1,
	"select attachment_id, object_key, kept_until::text from attachment "
	"where contact_id = $1::bigint and kept_until >= hk_today() and object_key is not null "
	"order by kept_until");
STMT(rekey_file, "erase.rekey_file", 2,
	"update attachment set object_key = $2 where attachment_id = $1::bigint");
/* Every text that somebody wrote; of a row without any the number alone. */
STMT(kept_texts, "erase.kept_texts", 1,
	"select entity, id, until::text, texts::text from ("
	"select 'message' as entity, message_id as id, kept_until as until, "
	"jsonb_strip_nulls(jsonb_build_object('subject', subject, 'body', body, "
	"'sender', sender, 'recipients', recipients, 'opinion_note', opinion_note)) as texts from "
	"message "
	"where contact_id = $1::bigint and kept_until >= hk_today() "
	"union all select 'activity', activity_id, kept_until, jsonb_strip_nulls("
	"jsonb_build_object('subject', subject, 'body', body, 'opinion_note', opinion_note)) from "
	"activity "
	"where contact_id = $1::bigint and kept_until >= hk_today() "
	"union all select 'attachment', attachment_id, kept_until, jsonb_strip_nulls("
	"jsonb_build_object('file_name', file_name, 'content_type', content_type)) from attachment "
	"where contact_id = $1::bigint and kept_until >= hk_today()) x "
	"order by until, entity, id");
STMT(empty_messages, "erase.empty_messages", 1,
	"update message set subject = null, body = null, sender = null, recipients = null, "
	"opinion_note = null, mail_key = null, version = version + 1, updated_at = now() "
	"where contact_id = $1::bigint and kept_until >= hk_today()");
STMT(empty_activities, "erase.empty_activities", 1,
	"update activity set subject = null, body = null, opinion_note = null, version = version + "
	"1, "
	"updated_at = now() where contact_id = $1::bigint and kept_until >= hk_today()");
STMT(empty_files, "erase.empty_files", 1,
	"update attachment set file_name = null, content_type = null, sha256 = null, "
	"version = version + 1, updated_at = now() "
	"where contact_id = $1::bigint and kept_until >= hk_today()");
STMT(insert_text, "erase.kept_text", 5,
	"insert into erasure_text (erasure_id, until, entity, record_id, sealed) "
	"values ($1::bigint, $2::date, $3, $4::bigint, $5)");
STMT(insert_key, "erase.kept_key", 3,
	"insert into data_key (contact_id, purpose, wrapped, keep_until) values ($1::bigint, "
	"'kept', $2, $3::date) returning key_id");
STMT(insert_kept, "erase.kept_day", 4,
	"insert into erasure_term (erasure_id, until, key_id, fields) "
	"values ($1::bigint, $2::date, $3::bigint, $4)");

void
erase_end_terms(struct tx *tx, int64_t contact_id, struct erase_counts *n)
{
	const struct vals id = VALS(val_i64(contact_id));

	tx_queue(tx, &end_messages, id, &n->messages);
	tx_queue(tx, &end_activities, id, &n->activities);
	tx_queue(tx, &end_files, id, &n->files);
	tx_queue(tx, &end_lines, id, NULL);
	tx_queue(tx, &end_bill_to, id, &n->invoices);
}

void
erase_stays_queue(struct tx *tx, int64_t contact_id, struct rows **rows_r)
{
	tx_queue(tx, &what_stays, VALS(val_i64(contact_id)), rows_r);
}

/* The key of a day, made at its first use. */
static struct err *
day_of(struct erasing *er, const char *until, struct erase_kept **day_r)
{
	const struct record_ctx *cx = er->cx;
	struct bytes wrapped;
	struct rows *made;

	for (size_t i = 0; i < er->ndays; i++)
		if (strcmp(er->by_day[i].until, until) == 0) {
			*day_r = &er->by_day[i];
			return NULL;
		}
	*day_r = &er->by_day[er->ndays];
	(*day_r)->until = until;
	wrapped = data_key_new(cx, "kept", &(*day_r)->key);
	TRY(tx_query(cx->tx, &insert_key,
		VALS(val_i64(er->contact_id), val_bytes(wrapped), val_text(until)), &made));
	(*day_r)->key.id = rows_i64(made, 0, 0);
	er->ndays++;
	return NULL;
}

static struct err *
keep_fields(struct erasing *er, struct erase_kept *day)
{
	const struct record_ctx *cx = er->cx;
	struct json_object *o = model_object(cx->a), *v;
	const char *text;

	for (size_t i = 0; i < rows_count(er->kept); i++)
		if (strcmp(rows_text(er->kept, i, 1), day->until) == 0 &&
			json_object_object_get_ex(er->values, rows_text(er->kept, i, 0), &v) &&
			v != NULL)
			json_object_object_add(o, rows_text(er->kept, i, 0), json_object_get(v));
	if (json_object_object_length(o) == 0)
		return NULL;
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	day->fields = seal_value(cx->a, &day->key,
		arena_printf(cx->a, "erasure.kept|%lld", (long long)er->contact_id), text,
		strlen(text));
	return NULL;
}

const char *
erase_text_place(struct arena *a, const char *entity, int64_t record_id)
{
	return arena_printf(a, "erasure.text|%s|%lld", entity, (long long)record_id);
}

static struct err *
keep_texts(struct erasing *er, const struct rows *r)
{
	const struct record_ctx *cx = er->cx;
	const struct vals id = VALS(val_i64(er->contact_id));
	struct erase_kept *day;

	if (rows_count(r) == 0)
		return NULL;
	er->texts = ARENA_ARRAY(cx->a, rows_count(r), struct erase_text);
	for (size_t i = 0; i < rows_count(r); i++) {
		struct erase_text *t = &er->texts[er->ntexts];
		const char *text = rows_text(r, i, 3);

		if (strcmp(text, "{}") == 0)
			continue;
		er->ntexts++;
		*t = (struct erase_text){
			rows_text(r, i, 0), rows_i64(r, i, 1), rows_text(r, i, 2), {NULL, 0}};
		TRY(day_of(er, t->until, &day));
		t->sealed = seal_value(cx->a, &day->key,
			erase_text_place(cx->a, t->entity, t->record_id), text, strlen(text));
	}
	tx_queue(cx->tx, &empty_messages, id, NULL);
	tx_queue(cx->tx, &empty_activities, id, NULL);
	tx_queue(cx->tx, &empty_files, id, NULL);
	return NULL;
}

void
erase_keep_queue(struct erasing *er)
{
	const struct vals id = VALS(val_i64(er->contact_id));

	tx_queue(er->cx->tx, &kept_texts, id, &er->words);
	tx_queue(er->cx->tx, &kept_files, id, &er->kept_files);
}

struct err *
erase_keep(struct erasing *er)
{
	const struct record_ctx *cx = er->cx;
	const struct rows *files = er->kept_files;
	struct erase_kept *day;

	er->by_day = ARENA_ARRAY(cx->a,
		rows_count(er->kept) + rows_count(files) + rows_count(er->words) + 1,
		struct erase_kept);
	TRY(keep_texts(er, er->words));
	if (!er->has_key)
		return NULL;
	for (size_t i = 0; i < rows_count(er->kept); i++)
		TRY(day_of(er, rows_text(er->kept, i, 1), &day));
	for (size_t i = 0; i < er->ndays; i++)
		TRY(keep_fields(er, &er->by_day[i]));
	for (size_t i = 0; i < rows_count(files); i++) {
		const char *place = attachment_key_place(cx->a, rows_i64(files, i, 0));
		struct bytes plain;

		TRY(day_of(er, rows_text(files, i, 2), &day));
		if (!unseal_value(cx->a, &er->key, place, rows_bytes(cx->a, files, i, 1), &plain))
			continue;
		tx_queue(cx->tx, &rekey_file,
			VALS(val_i64(rows_i64(files, i, 0)),
				val_bytes(seal_value(cx->a, &day->key, place, plain.p, plain.n))),
			NULL);
	}
	return NULL;
}

void
erase_keep_store(const struct erasing *er, int64_t erasure)
{
	for (size_t i = 0; i < er->ndays; i++)
		tx_queue(er->cx->tx, &insert_kept,
			VALS(val_i64(erasure), val_text(er->by_day[i].until),
				val_i64(er->by_day[i].key.id), val_bytes(er->by_day[i].fields)),
			NULL);
	for (size_t i = 0; i < er->ntexts; i++)
		tx_queue(er->cx->tx, &insert_text,
			VALS(val_i64(erasure), val_text(er->texts[i].until),
				val_text(er->texts[i].entity), val_i64(er->texts[i].record_id),
				val_bytes(er->texts[i].sealed)),
			NULL);
}

static void
earliest(const char **day, const char *other)
{
	if (other != NULL && (*day == NULL || strcmp(other, *day) < 0))
		*day = other;
}

static void
latest(const char **day, const char *other)
{
	if (other != NULL && (*day == NULL || strcmp(other, *day) > 0))
		*day = other;
}

static struct json_object *
add_kept(struct json_object *kept, const char *what, int64_t count, const char *law,
	const char *next, const char *until)
{
	struct json_object *o = model_item(kept);

	model_text(o, "what", what);
	model_i64(o, "count", count);
	model_text(o, "law", law);
	model_text(o, "until", until);
	if (until == NULL)
		return o;
	model_i64(o, "left", count);
	model_text(o, "next", next);
	model_null(o, "erased_at");
	return o;
}

void
erase_kept_list(const struct erasing *er, const struct rows *stays, struct json_object *kept,
	const char **next_r, const char **until_r)
{
	*next_r = *until_r = NULL;
	for (size_t i = 0; i < rows_count(er->kept); i++) {
		const char *name = rows_text(er->kept, i, 0), *until = rows_text(er->kept, i, 1);

		/* Marked, but empty. */
		if (!json_object_object_get_ex(er->values, name, NULL))
			continue;
		add_kept(kept, arena_printf(er->cx->a, "field:%s", name), 1,
			rows_text(er->kept, i, 2), until, until);
		earliest(next_r, until);
		latest(until_r, until);
	}
	for (size_t i = 0; i < rows_count(stays); i++) {
		add_kept(kept, rows_text(stays, i, 0), rows_i64(stays, i, 2),
			rows_text(stays, i, 1), rows_text(stays, i, 3), rows_text(stays, i, 4));
		earliest(next_r, rows_text(stays, i, 3));
		latest(until_r, rows_text(stays, i, 4));
	}
}

static const char *
text_at(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
update_one(struct json_object *o, const struct rows *stays, const char *today, const char *at)
{
	const char *what = text_at(o, "what"), *until = text_at(o, "until"), *next = NULL;
	int64_t left = 0;

	if (strncmp(what, "field:", 6) == 0) {
		left = strcmp(until, today) >= 0;
		next = left ? until : NULL;
	}
	for (size_t i = 0; i < rows_count(stays); i++)
		if (strcmp(rows_text(stays, i, 0), what) == 0 &&
			same_text(rows_text(stays, i, 1), text_at(o, "law"))) {
			left = rows_i64(stays, i, 2);
			next = rows_text(stays, i, 3);
		}
	model_i64(o, "left", left);
	if (left > 0) {
		model_text(o, "next", next);
		return;
	}
	model_null(o, "next");
	if (text_at(o, "erased_at") == NULL)
		model_text(o, "erased_at", at);
}

void
erase_kept_update(struct json_object *kept, const struct rows *stays, const char *today,
	const char *at, const char **next_r)
{
	*next_r = NULL;
	for (size_t i = 0; i < json_object_array_length(kept); i++) {
		struct json_object *o = json_object_array_get_idx(kept, i);

		if (text_at(o, "until") == NULL)
			continue;
		update_one(o, stays, today, at);
		earliest(next_r, text_at(o, "next"));
	}
}

/* SPDX-License-Identifier: ISC */
/* Texts that lie sealed under keys of their own: of incidents, and of notices to take down. */
#include <string.h>

#include "erase_scan.h"
#include "outbox.h"

#define PIECE 20

STMT(incident_texts, "erase_scan.incidents", 2,
	"select i.incident_id, i.key_id, k.wrapped, t.what, t.sealed from (select * from incident "
	"where incident_id > $1::bigint order by incident_id limit $2::bigint) i join data_key k "
	"using (key_id) cross join lateral (select 'particulars' as what, i.particulars as sealed "
	"union all select case when e.action in ('letters', 'form') then e.action else 'note' end, "
	"e.note from "
	"incident_event e where e.incident_id = i.incident_id and e.note is not null) t order by "
	"1");
STMT(takedown_texts, "erase_scan.takedowns", 2,
	"select t.takedown_id, t.key_id, k.wrapped, 'particulars', t.particulars from takedown t "
	"join data_key k using (key_id) where t.takedown_id > $1::bigint order by 1 limit "
	"$2::bigint");

STMT(waiting_mails, "erase_scan.outbox", 2,
	"select o.outbox_id, o.key_id, k.wrapped, o.sealed from outbox o join data_key k using "
	"(key_id) where o.outbox_id > $1::bigint and o.state = 'waiting' and o.sealed is not null "
	"order by o.outbox_id limit $2::bigint");

/* A note is a text; the others are objects of texts. */
static bool
holds(const struct scanned *p, struct arena *a, const char *what, const char *text)
{
	struct json_object *o;

	if (strcmp(what, "note") == 0)
		return needles_in(&p->needles, a, text);
	o = model_own(a, json_tokener_parse(text));
	if (!json_object_is_type(o, json_type_object))
		return false;
	json_object_object_foreach(o, name, v)
	{
		(void)name;
		if (v != NULL && needles_in(&p->needles, a, json_object_get_string(v)))
			return true;
	}
	return false;
}

void
scan_found(struct scanned *p, const char *entity, int64_t id)
{
	size_t n = json_object_array_length(p->remains);
	struct json_object *o, *last = n > 0 ? json_object_array_get_idx(p->remains, n - 1) : NULL;

	if (n >= SCAN_REMAINS)
		return;
	if (last != NULL && json_object_get_int64(json_object_object_get(last, "id")) == id &&
		strcmp(json_object_get_string(json_object_object_get(last, "entity")), entity) == 0)
		return;
	o = model_item(p->remains);
	model_text(o, "entity", entity);
	model_i64(o, "id", id);
}

/* NULL: it does not open. */
static const char *
row_text(const struct scan *s, const char *entity, const struct rows *r, size_t i)
{
	struct arena *a = s->run->a;
	const char *place = arena_printf(
		a, "%s.%s|%lld", entity, rows_text(r, i, 3), (long long)rows_i64(r, i, 1));
	struct seal_key key;
	struct bytes plain;

	if (!key_unwrap(a, &s->run->tenant->kek, entity, rows_bytes(a, r, i, 2), rows_i64(r, i, 1),
		    &key) ||
		!unseal_value(a, &key, place, rows_bytes(a, r, i, 4), &plain))
		return NULL;
	return (const char *)plain.p;
}

/* *after: 0 when that was the last piece. */
static struct err *
texts_piece(struct scan *s, const char *entity, const struct stmt *list, int64_t *after)
{
	struct job_run *run = s->run;
	struct arena_mark mark = arena_mark(run->a);
	int64_t last = 0;
	struct rows *r;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	TRY(tx_query(tx, list, VALS(val_i64(*after), val_i64(PIECE)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *text = row_text(s, entity, r, i);

		last = rows_i64(r, i, 0);
		for (size_t p = 0; text != NULL && p < s->n; p++)
			if (holds(&s->people[p], run->a, rows_text(r, i, 3), text))
				scan_found(&s->people[p], entity, last);
	}
	TRY(job_commit(run, tx));
	arena_release(run->a, mark);
	*after = last;
	return NULL;
}

struct err *
scan_texts(struct scan *s)
{
	static const struct {
		const char *entity;
		const struct stmt *list;
	} kinds[] = {{"incident", &incident_texts}, {"takedown", &takedown_texts}};

	if (s->all.n + s->all.nnumbers == 0)
		return NULL;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		int64_t after = 0;

		do {
			TRY(texts_piece(s, kinds[k].entity, kinds[k].list, &after));
			if (*s->run->stop)
				return NULL;
		} while (after != 0);
	}
	return NULL;
}

/* Of whom one mail tells. */
static void
look_into_mail(const struct scan *s, const struct rows *r, size_t i)
{
	struct arena *a = s->run->a;
	struct json_object *mail;

	if (!outbox_open(a, &s->run->tenant->kek, rows_i64(r, i, 0), rows_i64(r, i, 1),
		    rows_bytes(a, r, i, 2), rows_bytes(a, r, i, 3), &mail))
		return;
	json_object_object_foreach(mail, name, v)
	{
		(void)name;
		for (size_t p = 0; v != NULL && p < s->n; p++)
			if (needles_in(&s->people[p].needles, a, json_object_get_string(v)))
				scan_found(&s->people[p], "outbox", rows_i64(r, i, 0));
	}
}

struct err *
scan_outbox(struct scan *s)
{
	struct job_run *run = s->run;
	int64_t last = 0;
	size_t n = 0;

	if (s->all.n + s->all.nnumbers == 0)
		return NULL;
	do {
		struct arena_mark mark = arena_mark(run->a);
		struct rows *r;
		struct tx *tx;

		TRY(job_begin(run, &tx));
		TRY(tx_query(tx, &waiting_mails, VALS(val_i64(last), val_i64(PIECE)), &r));
		n = rows_count(r);
		for (size_t i = 0; i < n; i++) {
			last = rows_i64(r, i, 0);
			look_into_mail(s, r, i);
		}
		TRY(job_commit(run, tx));
		arena_release(run->a, mark);
	} while (n == PIECE && !*run->stop);
	return NULL;
}

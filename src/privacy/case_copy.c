/* SPDX-License-Identifier: ISC */
/* Putting the copy together: records as at receipt, and what in them is to be looked at. */
#include "case_copy_part.h"

#include <string.h>

#include "case_people.h"
#include "date.h"
#include "export.h"
#include "invoice.h"
#include "token.h"

#define PIECE_MEMORY ((size_t)64 * 1024 * 1024)
#define PAST_MEMORY ((size_t)4 * 1024 * 1024)
#define PIECE 200

STMT(find_key, "copy.key", 1,
	"select r.key_id, k.wrapped from privacy_request r left join data_key k using (key_id) "
	"where r.request_id = $1::bigint");
STMT(about, "copy.about", 1,
	"select (extract(epoch from r.received_at) * 1000000)::bigint, (extract(epoch from "
	"r.recorded_at) * 1000000)::bigint, r.received_at::text, r.language, r.copied_at is not "
	"null, r.closed_at is not null or r.approved_at is not null, array(select s.contact_id "
	"from "
	"request_subject s where s.request_id = r.request_id and s.contact_id is not null order by "
	"1) from privacy_request r where r.request_id = $1::bigint for update");
STMT(clear_marks, "copy.clear_marks", 1, "delete from request_mark where request_id = $1::bigint");
STMT(clear, "copy.clear", 1, "delete from request_copy where request_id = $1::bigint");
STMT(clear_aliases, "copy.clear_aliases", 1,
	"delete from request_alias where request_id = $1::bigint");
/* Whom they hang on together: what was changed is looked up once for each. */
STMT(others, "copy.others", 5,
	"select x.entity, x.record_id, coalesce(x.contact_id, 0) from request_record x where "
	"x.request_id = $1::bigint and (coalesce(x.contact_id, 0), x.entity, x.record_id) > "
	"($2::bigint, $3, $4::bigint) and not exists (select from request_copy c where "
	"c.request_id = x.request_id and c.entity = x.entity and c.record_id = x.record_id) order "
	"by 3, 1, 2 limit $5::bigint");
STMT(add_copies, "copy.add", 6,
	"insert into request_copy (request_id, entity, record_id, contact_id, own, sealed) select "
	"$1::bigint, $2, r, nullif(c, 0), $5::boolean, s from unnest($3::bigint[], $4::bigint[], "
	"$6::bytea[]) x (r, c, s) on conflict do nothing returning copy_id, record_id");
STMT(add_marks, "copy.add_marks", 7,
	"with m as (insert into request_mark (request_id, copy_id, alias_id, field, start, size, "
	"kind) select $1::bigint, c, a, f, s::int, n::int, k from unnest($2::bigint[], "
	"$3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[]) x (c, a, f, s, n, k) "
	"returning copy_id) update request_copy t set marks = x.n, pending = x.n from (select "
	"copy_id, count(*)::int as n from m group by 1) x where t.copy_id = x.copy_id");
STMT(done, "copy.done", 1,
	"update privacy_request set copied_at = now(), version = version + 1, updated_at = now() "
	"where request_id = $1::bigint");

struct err *
case_key(struct job_run *run, struct tx *tx, int64_t request, struct seal_key *key_r)
{
	struct bytes wrapped;
	struct rows *r;

	TRY(tx_query(tx, &find_key, VALS(val_i64(request)), &r));
	if (rows_count(r) == 0)
		return err_new(run->a, ERR_NOT_FOUND, NULL);
	wrapped = rows_bytes(run->a, r, 0, 1);
	if (wrapped.p == NULL || !key_unwrap(run->a, &run->tenant->kek, "request", wrapped,
					 rows_i64(r, 0, 0), key_r))
		return err_new(run->a, ERR_CONFLICT, "error.request_closed");
	return NULL;
}

const char *
copy_place(struct arena *a, const struct seal_key *key)
{
	return arena_printf(a, "request.copy|%lld", (long long)key->id);
}

struct err *
copy_begin(struct copying *c)
{
	struct arena *step = c->run->a;
	struct err *e;

	c->run->a = c->piece;
	e = job_begin(c->run, &c->cx.tx);
	c->run->a = step;
	return e;
}

struct err *
copy_commit(struct copying *c, int64_t more)
{
	TRY(job_commit(c->run, c->cx.tx));
	c->cx.tx = NULL;
	c->done += more;
	arena_reset(c->piece);
	return job_beat(c->run, c->done, c->total);
}

/* ---- a piece: stored, and what in it is to be looked at */

struct piece {
	enum entity entity;
	bool own;
	size_t n;
	int64_t *ids, *contacts;
	struct json_object **data;
	struct bytes *sealed;
};

static struct piece *
piece_new(struct copying *c, enum entity e, bool own, size_t n)
{
	struct piece *p = ARENA_NEW(c->piece, struct piece);

	*p = (struct piece){.entity = e, .own = own};
	p->ids = ARENA_ARRAY(c->piece, n + 1, int64_t);
	p->contacts = ARENA_ARRAY(c->piece, n + 1, int64_t);
	p->data = ARENA_ARRAY(c->piece, n + 1, struct json_object *);
	p->sealed = ARENA_ARRAY(c->piece, n + 1, struct bytes);
	return p;
}

static struct err *
piece_add(
	struct copying *c, struct piece *p, const struct record *rec, const struct invoice_rows *x)
{
	struct json_object *o = model_object(c->piece);
	const char *text;

	/* What came later is no part of what was held at receipt. */
	if (rec->created_at > c->received)
		return NULL;
	TRY(copy_record(c, rec, x, o));
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	p->ids[p->n] = rec->id;
	p->contacts[p->n] = rec->contact_id;
	p->data[p->n] = o;
	p->sealed[p->n++] =
		seal_value(c->piece, &c->key, copy_place(c->piece, &c->key), text, strlen(text));
	return NULL;
}

/* The texts of a piece, and whose they are. */
struct texts {
	struct people_text *list;
	const char **fields;
	size_t *records;
	size_t n;
};

static void
collect(struct copying *c, const struct piece *p, struct texts *t)
{
	size_t room = 0;

	for (size_t i = 0; i < p->n; i++)
		room += json_object_array_length(json_object_object_get(p->data[i], "fields"));
	t->list = ARENA_ARRAY(c->piece, room + 1, struct people_text);
	t->fields = ARENA_ARRAY(c->piece, room + 1, const char *);
	t->records = ARENA_ARRAY(c->piece, room + 1, size_t);
	for (size_t i = 0; i < p->n; i++) {
		struct json_object *list = json_object_object_get(p->data[i], "fields");

		for (size_t k = 0; k < json_object_array_length(list); k++) {
			struct json_object *o = json_object_array_get_idx(list, k), *v;

			if (!json_object_object_get_ex(o, "v", &v) || v == NULL ||
				json_object_object_get_ex(o, "s", NULL))
				continue;
			t->list[t->n].text = json_object_get_string(v);
			t->fields[t->n] = json_object_get_string(json_object_object_get(o, "n"));
			t->records[t->n++] = i;
		}
	}
}

/* Rows of marks on their way. */
struct marks {
	int64_t *copies, *aliases, *starts, *sizes;
	const char **fields, **kinds;
	size_t n;
};

static void
mark_text(struct copying *c, const struct people_text *t, const char *field, int64_t copy,
	struct marks *m)
{
	size_t end = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct redact_hit *h = &t->hits[i];
		int64_t alias = people_alias(c->people, c->piece, h);

		if (h->start < end || alias == 0)
			continue;
		end = h->start + h->n;
		if (alias < 0)
			continue;
		m->copies[m->n] = copy;
		m->aliases[m->n] = alias;
		m->fields[m->n] = field;
		m->kinds[m->n] = people_kind(h->kind);
		m->starts[m->n] = (int64_t)h->start;
		m->sizes[m->n++] = (int64_t)h->n;
	}
}

static int64_t
copy_of_record(const struct rows *r, int64_t record)
{
	for (size_t i = 0; i < rows_count(r); i++)
		if (rows_i64(r, i, 1) == record)
			return rows_i64(r, i, 0);
	return 0;
}

static struct err *
store_marks(struct copying *c, const struct piece *p, const struct rows *copies)
{
	struct texts t = {0};
	struct marks m = {0};
	size_t hits = 0;

	collect(c, p, &t);
	TRY(people_look(c->people, &c->cx, t.list, t.n));
	for (size_t i = 0; i < t.n; i++)
		hits += t.list[i].n;
	m.copies = ARENA_ARRAY(c->piece, hits + 1, int64_t);
	m.aliases = ARENA_ARRAY(c->piece, hits + 1, int64_t);
	m.starts = ARENA_ARRAY(c->piece, hits + 1, int64_t);
	m.sizes = ARENA_ARRAY(c->piece, hits + 1, int64_t);
	m.fields = ARENA_ARRAY(c->piece, hits + 1, const char *);
	m.kinds = ARENA_ARRAY(c->piece, hits + 1, const char *);
	for (size_t i = 0; i < t.n; i++) {
		int64_t copy = copy_of_record(copies, p->ids[t.records[i]]);

		if (copy != 0)
			mark_text(c, &t.list[i], t.fields[i], copy, &m);
	}
	if (m.n > 0)
		tx_queue(c->cx.tx, &add_marks,
			VALS(val_i64(c->request), val_i64s(m.copies, m.n), val_i64s(m.aliases, m.n),
				val_texts(m.fields, m.n), val_i64s(m.starts, m.n),
				val_i64s(m.sizes, m.n), val_texts(m.kinds, m.n)),
			NULL);
	return tx_run(c->cx.tx);
}

static struct err *
store(struct copying *c, const struct piece *p)
{
	struct rows *r;

	if (p->n == 0)
		return NULL;
	TRY(tx_query(c->cx.tx, &add_copies,
		VALS(val_i64(c->request), val_text(entity_name(p->entity)), val_i64s(p->ids, p->n),
			val_i64s(p->contacts, p->n), val_bool(p->own),
			val_byteses(p->sealed, p->n)),
		&r));
	return store_marks(c, p, r);
}

/* ---- all of it */

static struct err *
copy_piece(struct copying *c, enum entity e, int64_t contact, struct record_cursor *cursor)
{
	struct invoice_rows **x = NULL;
	struct record_page page;
	struct piece *p;

	TRY(copy_begin(c));
	TRY(record_export(&c->cx, e, contact, PIECE, cursor, &page));
	if (e == ENTITY_INVOICE) {
		x = ARENA_ARRAY(c->piece, page.n + 1, struct invoice_rows *);
		for (size_t i = 0; i < page.n; i++)
			x[i] = invoice_rows_queue(&c->cx, page.records[i].id, "export");
		TRY(tx_run(c->cx.tx));
	}
	p = piece_new(c, e, true, page.n);
	for (size_t i = 0; i < page.n; i++)
		TRY(piece_add(c, p, &page.records[i], x != NULL ? x[i] : NULL));
	TRY(store(c, p));
	return copy_commit(c, (int64_t)page.n);
}

static struct err *
copy_person(struct copying *c, int64_t contact)
{
	static const enum entity order[] = {
		ENTITY_CONTACT, ENTITY_INVOICE, ENTITY_ACTIVITY, ENTITY_MESSAGE, ENTITY_ATTACHMENT};

	TRY(copy_undo(c, contact, true));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		struct record_cursor cursor = {.id = 0};

		while (!cursor.ended) {
			TRY(copy_piece(c, order[i], contact, &cursor));
			if (order[i] == ENTITY_CONTACT)
				break;
		}
	}
	return NULL;
}

static struct err *
copy_other(struct copying *c, enum entity e, int64_t id)
{
	struct piece *p = piece_new(c, e, false, 1);
	struct invoice_rows *x = NULL;
	struct record *rec;

	TRY(record_read(&c->cx, e, id, true, &rec));
	if (e == ENTITY_INVOICE)
		x = invoice_rows_queue(&c->cx, rec->id, "export");
	TRY(tx_run(c->cx.tx));
	TRY(piece_add(c, p, rec, x));
	return store(c, p);
}

/* A record of others that was found. */
struct found {
	int64_t contact, id;
	enum entity entity;
};

static struct err *
find_others(struct copying *c, const struct found *last, struct found *list, size_t *n_r)
{
	struct rows *r;

	TRY(copy_begin(c));
	TRY(tx_query(c->cx.tx, &others,
		VALS(val_i64(c->request), val_i64(last->contact),
			val_text(last->id != 0 ? entity_name(last->entity) : ""), val_i64(last->id),
			val_i64(PIECE)),
		&r));
	*n_r = rows_count(r);
	for (size_t i = 0; i < *n_r; i++)
		list[i] = (struct found){
			rows_i64(r, i, 2), rows_i64(r, i, 1), entity_parse(rows_text(r, i, 0))};
	return copy_commit(c, 0);
}

/* Records of others that were found to speak of the person: as they were then, too. What hangs
 * on one of them shares a transaction. */
static struct err *
copy_others(struct copying *c)
{
	struct found list[PIECE], last = {.contact = -1};
	size_t n;

	do {
		TRY(find_others(c, &last, list, &n));
		for (size_t i = 0, from = 0; i < n; from = i) {
			if (list[i].contact != last.contact)
				TRY(copy_undo(c, list[i].contact, false));
			TRY(copy_begin(c));
			for (; i < n && list[i].contact == list[from].contact; i++)
				TRY(copy_other(c, list[i].entity, list[i].id));
			last = list[i - 1];
			TRY(copy_commit(c, (int64_t)(i - from)));
		}
	} while (n > 0);
	return NULL;
}

/* A copy that was begun is begun anew: what it was made of may have moved on. */
static struct err *
start(struct copying *c)
{
	const struct vals id = VALS(val_i64(c->request));
	struct rows *r;

	TRY(copy_begin(c));
	TRY(tx_query(c->cx.tx, &about, id, &r));
	if (rows_count(r) == 0 || rows_bool(r, 0, 5))
		return err_new(c->a, ERR_CONFLICT, "error.request_closed");
	c->received = rows_i64(r, 0, 0);
	c->recorded = rows_i64(r, 0, 1);
	c->received_at = arena_strdup(c->a, rows_text(r, 0, 2));
	c->cx.lang = lang_parse(rows_text(r, 0, 3));
	c->contacts = rows_i64s(c->a, r, 0, 6, &c->n);
	TRY(case_key(c->run, c->cx.tx, c->request, &c->key));
	tx_queue(c->cx.tx, &clear_marks, id, NULL);
	tx_queue(c->cx.tx, &clear, id, NULL);
	tx_queue(c->cx.tx, &clear_aliases, id, NULL);
	TRY(people_new(c->a, &c->cx, c->request, c->contacts, c->n, &c->people));
	for (size_t i = 0; i < c->n; i++) {
		int64_t counts[ENTITY_MAX];

		TRY(record_export_counts(&c->cx, c->contacts[i], counts));
		for (int e = 0; e < ENTITY_MAX; e++)
			c->total += counts[e];
	}
	return copy_commit(c, 0);
}

static void
end_arena(void *arg)
{
	struct arena *a = arg;

	arena_free(&a);
}

struct err *
case_copy_step(struct job_run *run)
{
	struct copying *c = ARENA_NEW(run->a, struct copying);
	struct json_object *result = model_object(run->a);
	struct tx *tx;

	c->run = run;
	c->a = run->a;
	c->request = job_arg_i64(run, "request");
	c->piece = arena_new(PIECE_MEMORY);
	arena_on_reset(run->a, end_arena, c->piece);
	c->past = arena_new(PAST_MEMORY);
	arena_on_reset(run->a, end_arena, c->past);
	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &c->cx));
	c->cx.a = c->piece;
	TRY(start(c));
	for (size_t i = 0; i < c->n; i++)
		TRY(copy_person(c, c->contacts[i]));
	TRY(copy_others(c));
	secret_wipe(&c->key, sizeof(c->key));
	TRY(job_begin(run, &tx));
	tx_queue(tx, &done, VALS(val_i64(c->request)), NULL);
	model_text(result, "url",
		arena_printf(run->a, "/privacy/requests/%lld/copy", (long long)c->request));
	job_finish(run, tx, result);
	return job_commit(run, tx);
}

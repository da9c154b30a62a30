/* SPDX-License-Identifier: ISC */
/* The search itself: a statement for each kind of record, all in one trip. */
#include "case_find.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "event.h"
#include "hkid.h"
#include "phone.h"
#include "utf8.h"

/* What is looked for, as an index has it, and what has to stand in one piece. Nothing to look
 * for finds nothing. */
#define TOKENS "(select nullif(praya_sys.query_tokens($1), '{}'))"
#define HOLDS(texts) \
	"((select cardinality(praya_sys.query_patterns($1, false))) = 0 or " \
	"praya_sys.fold(concat_ws(' ', " texts ")) like all ((select " \
	"praya_sys.query_patterns($1, false))::text[])) "
#define HAS(texts) \
	"praya_sys.tokens(" texts ") operator(praya_sys.@>>) " TOKENS " and " HOLDS(texts)
#define NAMED(texts) \
	"r.grams operator(praya_sys.@>>) (select praya_sys.query_grams($1)) and " \
	"praya_sys.fold(concat_ws(' ', " texts ")) like all ((select " \
	"praya_sys.query_patterns($1, true))::text[]) "
#define SINCE(at) \
	"and ($2::date is null or " at " >= $2::date::timestamp at time zone 'Asia/Hong_Kong') " \
	"and ($3::date is null or " at \
	" < ($3::date + 1)::timestamp at time zone 'Asia/Hong_Kong') "
#define USEC(at) "(extract(epoch from " at ") * 1000000)::bigint"
#define LIMIT "limit 1001"
#define PAGE "order by at desc, id desc limit 25 offset $4::bigint"
#define NAME \
	"coalesce(c.name_en, c.name_zh) || coalesce(' ' || case when c.name_en is not null then " \
	"c.name_zh end, '')"
#define OURS \
	"exists (select from request_subject s where s.request_id = $5::bigint and s.contact_id " \
	"= c.contact_id)"
#define ADDED(entity) \
	"exists (select from request_record x where x.request_id = $5::bigint and x.entity = " \
	"'" entity "' and x.record_id = p.id)"
/* Number of hits, id, contact, when, whose, kind, text, belongs to a chosen person, was
 * added by itself, private. */
#define SHOWN(kind, text, entity, private) \
	"(select count(*) from h), p.id, c.contact_id, " USEC( \
		"p.at") ", " NAME ", " kind ", " text ", " OURS \
			", " ADDED(entity) ", " private " from p "

STMT(widen, "find.widen", 0, "select gate_widen()");
/* A text that nobody looks for is not read: the index decides, whatever is guessed, and there is
 * room for every row that it names. Of a page that is named as a whole each text would be taken
 * apart again: 64 MB hold the rows of a table of 8 GB. */
STMT(by_index, "find.by_index", 0,
	"select set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', "
	"'force_generic_plan', true), set_config('work_mem', '64MB', true)");
STMT(question, "find.question", 1,
	"select cardinality(praya_sys.query_tokens($1))::bigint, cardinality(praya_sys.query_grams"
	"($1))::bigint");
/* By name, telephone, address or identity card number; $6: blind index. */
STMT(find_contacts, "find.contacts", 6,
	"with h as materialized ((select r.contact_id as id, r.updated_at as at from contact r "
	"where " NAMED("r.name_en, r.preferred_name, r.surname_en, r.given_en, r.english_name, "
		       "r.name_zh, r.email, r.email2, r.phone, r.phone2, r.whatsapp") //
	"and r.erased_at is null " LIMIT
	") union (select r.contact_id, r.updated_at from contact r "
	"where r.hkid_bi = $6::bytea and r.erased_at is null " LIMIT
	")), p as (select * from h " PAGE
	") select (select count(*) from h), p.id, p.id, null::bigint, " NAME
	", c.lifecycle, concat_ws(' ', c.english_name, c.preferred_name, (select "
	"coalesce(y.name_en, y.name_zh) from company y where y.company_id = c.company_id)), " OURS
	", false, false, $2::date, $3::date from p join contact c on c.contact_id = p.id "
	"order by p.at desc, p.id desc");
STMT(find_texts, "find.texts", 5,
	"with h as materialized (select r.contact_id as id, r.updated_at as at from contact r "
	"where " HAS("r.bio, r.address, r.linkedin_url") //
	SINCE("r.updated_at") "and r.erased_at is null " LIMIT "), p as (select * from h " PAGE
			      ") select " SHOWN("null::text",
				      "concat_ws(' ', c.bio, c.address, c.linkedin_url)", "contact",
				      "false") "join contact c on c.contact_id = p.id order by "
					       "p.at desc, p.id desc");
STMT(find_messages, "find.messages", 5,
	"with h as materialized (select r.message_id as id, r.happened_at as at from message r "
	"where " HAS("r.subject, r.body, r.sender, r.recipients") //
	SINCE("r.happened_at") LIMIT "), p as (select * from h " PAGE ") select " SHOWN("m.channel",
		"concat_ws(' ', m.subject, m.body, m.sender, m.recipients)", "message", "false") //
	"join message m on m.message_id = p.id join contact c on c.contact_id = m.contact_id "
	"order by p.at desc, p.id desc");
STMT(find_activities, "find.activities", 5,
	"with h as materialized (select r.activity_id as id, r.happened_at as at from activity r "
	"where " HAS("r.subject, r.body") //
	SINCE("r.happened_at") LIMIT "), p as (select * from h " PAGE ") select " SHOWN("m.kind",
		"concat_ws(' ', m.subject, m.body)", "activity", "m.private_to is not null") //
	"join activity m on m.activity_id = p.id join contact c on c.contact_id = m.contact_id "
	"order by p.at desc, p.id desc");
STMT(find_files, "find.files", 5,
	"with h as materialized (select r.attachment_id as id, r.created_at as at from attachment "
	"r where " HAS("r.file_name") //
	SINCE("r.created_at") LIMIT "), p as (select * from h " PAGE
				    ") select " SHOWN("null::text", "m.file_name", "attachment",
					    "exists (select from activity n where n.activity_id = "
					    "m.activity_id and n.private_to is not null)") //
	"join attachment m on m.attachment_id = p.id join contact c on c.contact_id = "
	"m.contact_id order by p.at desc, p.id desc");
STMT(find_invoices, "find.invoices", 5,
	"with l as materialized (select distinct r.invoice_id from invoice_line r where " HAS(
		"r.description") LIMIT
	"), h as materialized (select r.invoice_id as id, "
	"r.issued_on::timestamp at time zone 'Asia/Hong_Kong' as at from l join invoice r using "
	"(invoice_id) where ($2::date is null or r.issued_on >= $2::date) and ($3::date is null "
	"or r.issued_on <= $3::date)), p as (select * from h " PAGE ") select " SHOWN("m.number",
		"(select string_agg(x.description, ' ' order by x.position) from invoice_line x "
		"where x.invoice_id = p.id)",
		"invoice", "false") "join invoice m on m.invoice_id = p.id join contact c on "
				    "c.contact_id = m.contact_id order by p.at desc, p.id desc");
STMT(find_companies, "find.companies", 5,
	"with h as materialized ((select r.company_id as id, r.updated_at as at from company r "
	"where " NAMED("r.name_en, r.name_zh, r.br_number, r.phone, r.email") LIMIT
	") union (select r.company_id, r.updated_at from company r where " HAS(
		"r.remarks, r.address, r.website") LIMIT
	"))"
	", p as (select * from h " PAGE ") select (select count(*) from h), p.id, null::bigint, "
	"null::bigint, coalesce(m.name_en, m.name_zh), null::text, concat_ws(' ', m.remarks, "
	"m.address, m.email), false, " ADDED("company") //
	", false, $2::date, $3::date from p join company m on m.company_id = p.id order by p.at "
	"desc, p.id desc");
/* Those who work here are few; of them the log tells what they did. */
STMT(find_people, "find.users", 5,
	"with h as materialized (select r.user_id as id, r.created_at as at from app_user r where "
	"praya_sys.fold(concat_ws(' ', r.name, r.email)) like all ((select "
	"praya_sys.query_patterns($1, true))::text[]) " LIMIT "), p as (select * from h " PAGE
	") select (select count(*) from h), p.id, null::bigint, null::bigint, m.name, null::text, "
	"m.email, exists (select from request_subject s where s.request_id = $5::bigint and "
	"s.user_id = p.id), false, false, $2::date, $3::date from p join app_user m on m.user_id "
	"= p.id order by p.at desc, p.id desc");

enum { H_COUNT, H_ID, H_CONTACT, H_AT, H_NAME, H_KIND, H_TEXT, H_OURS, H_ADDED, H_PRIVATE };

static const struct kind {
	const char *name; /* of a hit */
	const char *path; /* of its page, or NULL */
	enum entity entity;
	const char *field; /* a choice: what H_KIND holds */
	const struct stmt *find;
} kinds[] = {
	{"contact", "/contacts", ENTITY_CONTACT, "lifecycle", &find_contacts},
	{"user", NULL, ENTITY_NONE, NULL, &find_people},
	{"company", "/companies", ENTITY_COMPANY, NULL, &find_companies},
	{"message", "/messages", ENTITY_MESSAGE, "channel", &find_messages},
	{"activity", "/activities", ENTITY_ACTIVITY, "kind", &find_activities},
	{"attachment", "/attachments", ENTITY_ATTACHMENT, NULL, &find_files},
	{"invoice", "/invoices", ENTITY_INVOICE, NULL, &find_invoices},
	{"text", "/contacts", ENTITY_CONTACT, NULL, &find_texts},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

bool
find_is_kind(const char *kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].name, kind) == 0)
			return true;
	return false;
}

/* However a number is written, its last eight digits are looked for. */
static const char *
telephone(struct arena *a, const char *words)
{
	char digits[64];
	size_t n;

	if (!phone_search_digits(words, digits, sizeof(digits)))
		return words;
	n = strlen(digits);
	return n < 8 ? words : arena_strdup(a, digits + n - 8);
}

struct err *
find_check(struct request *rq, struct find_question *q)
{
	struct err *e = NULL;
	struct rows *r = NULL;

	if (q->words == NULL) {
		err_add_field(rq->a, &e, "q", "error.required", NULL);
		return e;
	}
	if (q->from != NULL && q->to != NULL && strcmp(q->from, q->to) > 0) {
		err_add_field(rq->a, &e, "to", "error.period", NULL);
		return e;
	}
	q->words = telephone(rq->a, q->words);
	TRY(tx_query(rq->tx, &question, VALS(val_text(q->words)), &r));
	if (rows_i64(r, 0, 0) == 0 || rows_i64(r, 0, 1) == 0)
		err_add_field(rq->a, &e, "q", "error.find_short", NULL);
	return e;
}

/* ---- hits */

#define BEFORE 60
#define AFTER 140

static const char *
back(const char *text, const char *p, size_t chars)
{
	for (; p > text && chars > 0; chars--)
		do
			p--;
		while (p > text && ((unsigned char)*p & 0xc0) == 0x80);
	return p;
}

static const char *
ahead(const char *p, size_t chars)
{
	for (; *p != '\0' && chars > 0; chars--)
		do
			p++;
		while (((unsigned char)*p & 0xc0) == 0x80);
	return p;
}

/* The text around the first of the words that stands in it, else its beginning. */
static const char *
excerpt(struct arena *a, const char *text, const char *words)
{
	const char *at = NULL, *from, *to;

	for (const char *w = words; *w != '\0' && at == NULL;) {
		size_t n = strcspn(w, " ,;");

		if (n > 1)
			at = strcasestr(text, arena_strndup(a, w, n));
		w += n + (w[n] != '\0');
	}
	from = back(text, at != NULL ? at : text, BEFORE);
	to = ahead(at != NULL ? at : text, AFTER);
	return arena_printf(a, "%s%.*s%s", from > text ? "\xe2\x80\xa6" : "", (int)(to - from),
		from, *to != '\0' ? "\xe2\x80\xa6" : "");
}

/* "WhatsApp", "Customer", or the text as it is: an invoice's number. */
static const char *
word_of(const struct request *rq, const struct kind *k, const char *code)
{
	const struct field *f =
		k->field != NULL ? catalogue_find(rq->catalogue, k->entity, k->field) : NULL;
	const struct choice *ch = f != NULL && code != NULL ? field_choice(f, code) : NULL;

	if (ch == NULL)
		return code;
	return request_lang(rq) == LANG_ZH ? ch->label_zh : ch->label_en;
}

/* What hangs on a private note of somebody who is not chosen is not read here. */
static void
put_hit(struct request *rq, const struct kind *k, const struct rows *r, size_t i,
	const struct find_question *q, struct json_object *o)
{
	const char *tag = lang_tag(request_lang(rq));
	bool closed = rows_bool(r, i, H_PRIVATE) && !rows_bool(r, i, H_OURS);
	int64_t id = rows_i64(r, i, H_ID);

	model_text(o, "kind", k->name);
	model_i64(o, "id", id);
	if (rows_null(r, i, H_CONTACT))
		model_null(o, "contact_id");
	else
		model_i64(o, "contact_id", rows_i64(r, i, H_CONTACT));
	model_text(o, "name", rows_text(r, i, H_NAME));
	model_text(
		o, "at", rows_null(r, i, H_AT) ? NULL : time_rfc3339(rq->a, rows_i64(r, i, H_AT)));
	model_text(o, "text",
		closed || rows_null(r, i, H_TEXT)
			? NULL
			: excerpt(rq->a, rows_text(r, i, H_TEXT), q->words));
	model_bool(o, "private", rows_bool(r, i, H_PRIVATE));
	model_bool(o, "chosen", rows_bool(r, i, H_OURS));
	model_bool(o, "added", rows_bool(r, i, H_ADDED));
	if (rq->api)
		return;
	model_text(o, "hit", arena_printf(rq->a, "%s:%lld", k->name, (long long)id));
	if (k->path != NULL)
		model_text(o, "url", arena_printf(rq->a, "%s/%lld", k->path, (long long)id));
	model_text(o, "when",
		rows_null(r, i, H_AT) ? NULL : time_show(rq->a, rows_i64(r, i, H_AT), tag));
	model_text(o, "word", word_of(rq, k, rows_text(r, i, H_KIND)));
}

static void
put_group(struct request *rq, const struct privacy_case *c, const struct kind *k,
	const struct rows *r, const struct find_question *q, struct json_object *o)
{
	int64_t n = rows_count(r) > 0 ? rows_i64(r, 0, H_COUNT) : 0;
	int64_t shown = q->after + (int64_t)rows_count(r);
	struct json_object *items;

	model_text(o, "kind", k->name);
	model_i64(o, "count", n > FIND_MAX ? FIND_MAX : n);
	model_bool(o, "more", n > FIND_MAX);
	if (shown < n && shown < FIND_MAX)
		model_i64(o, "next", shown);
	else
		model_null(o, "next");
	items = model_list(o, "items");
	for (size_t i = 0; i < rows_count(r); i++)
		put_hit(rq, k, r, i, q, model_item(items));
	if (rq->api)
		return;
	model_text(o, "label", say_word(rq, "find.kind", k->name));
	model_text(o, "count_text",
		view_text(rq->a, request_lang(rq), n > FIND_MAX ? "find.more_than" : "find.count",
			number_text(rq->a, n > FIND_MAX ? FIND_MAX : n)));
	if (q->query != NULL && shown < n && shown < FIND_MAX)
		model_text(o, "next_url",
			arena_printf(rq->a,
				"/privacy/requests/%lld/find?query=%s&entity=%s&after=%lld",
				(long long)c->id, q->query, k->name, (long long)shown));
}

/* The people that hits show, each once as far as they stand beside each other. */
static void
log_search(struct request *rq, const struct privacy_case *c, struct rows *const *found)
{
	struct audit_event ev = {
		.action = "search", .entity = "request", .records = &c->id, .nrecords = 1};
	int64_t *people = ARENA_ARRAY(rq->a, KINDS * FIND_PAGE + 1, int64_t);
	size_t n = 0;

	for (size_t k = 0; k < KINDS; k++)
		for (size_t i = 0; found[k] != NULL && i < rows_count(found[k]); i++) {
			int64_t id = rows_i64(found[k], i, H_CONTACT);
			bool known = id == 0;

			for (size_t j = 0; j < n && !known; j++)
				known = people[j] == id;
			if (!known)
				people[n++] = id;
		}
	ev.subjects = people;
	ev.nsubjects = n;
	audit_queue(rq->tx, rq->a, &ev);
}

/* As blind indexes have it; nothing: no such number, which finds nobody. */
static struct bytes
card_number(struct request *rq, const char *words)
{
	struct record_ctx cx = record_ctx_of(rq);
	const struct field *f = catalogue_find(rq->catalogue, ENTITY_CONTACT, "hkid");
	char number[HKID_SIZE];

	if (f == NULL || !f->sealed || hkid_normalise(words, number) == HKID_MALFORMED)
		return (struct bytes){NULL, 0};
	return field_blind(&cx, f, number);
}

struct err *
find_run(struct request *rq, const struct privacy_case *c, const struct find_question *q,
	struct json_object *data)
{
	struct val v[6] = {val_text(q->words), val_text(q->from), val_text(q->to),
		val_i64(q->after), val_i64(c->id), val_bytes(card_number(rq, q->words))};
	struct rows *found[KINDS] = {NULL};
	struct json_object *groups;

	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	tx_queue(rq->tx, &by_index, NO_VALS, NULL);
	for (size_t k = 0; k < KINDS; k++)
		if (q->entity == NULL || strcmp(q->entity, kinds[k].name) == 0)
			tx_queue(rq->tx, kinds[k].find, (struct vals){v, kinds[k].find->params},
				&found[k]);
	TRY(tx_run(rq->tx));
	groups = model_list(data, "groups");
	for (size_t k = 0; k < KINDS; k++)
		if (found[k] != NULL)
			put_group(rq, c, &kinds[k], found[k], q, model_item(groups));
	log_search(rq, c, found);
	return tx_run(rq->tx);
}

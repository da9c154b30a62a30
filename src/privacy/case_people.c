/* SPDX-License-Identifier: ISC */
#include "case_people.h"

#include <string.h>

#include "text.h"
#include "token.h"
#include "utf8.h"

#define OWN (-1)

STMT(own_values, "people.own", 1,
	"select concat_ws(' ', name_en, preferred_name, surname_en, given_en, english_name), "
	"name_zh, "
	"email, email2, phone, phone2, whatsapp, contact_id, hkid_bi from contact where contact_id "
	"= "
	"any ($1::bigint[]) order by 8");
STMT(users, "people.users", 0,
	"select user_id, lower(name), lower(email) from app_user order by user_id desc limit 2000");
STMT(by_email, "people.by_email", 1,
	"select v, c.contact_id from unnest($1::text[]) v join contact c on c.email_lower = v "
	"where "
	"c.erased_at is null union all select v, c.contact_id from unnest($1::text[]) v join "
	"contact "
	"c on c.email2_lower = v where c.erased_at is null");
STMT(by_phone, "people.by_phone", 1,
	"select v, c.contact_id from unnest($1::text[]) v join contact c on c.phone = v where "
	"c.erased_at is null union all select v, c.contact_id from unnest($1::text[]) v join "
	"contact "
	"c on c.phone2 = v where c.erased_at is null union all select v, c.contact_id from "
	"unnest($1::text[]) v join contact c on c.whatsapp = v where c.erased_at is null");
STMT(by_card, "people.by_card", 2,
	"select v.t, c.contact_id from unnest($1::text[], $2::bytea[]) v (t, b) join contact c on "
	"c.hkid_bi = v.b where c.erased_at is null");
STMT(by_name_zh, "people.by_name_zh", 1,
	"select v, c.contact_id from unnest($1::text[]) v join contact c on c.name_zh = v where "
	"c.erased_at is null");
STMT(by_name, "people.by_name", 1, "select name, person from people_named($1::text[])");
STMT(new_alias, "people.alias", 5,
	"insert into request_alias (request_id, number, contact_id, user_id, digest) values "
	"($1::bigint, $2::bigint::int, $3::bigint, $4::bigint, $5) returning alias_id");

struct people {
	struct arena *a;
	int64_t request_id;
	const int64_t *contacts;
	size_t ncontacts;
	struct json_object *seen;    /* what was looked up: alias, 0 or OWN */
	struct json_object *aliases; /* "contact|12", "user|3": alias */
	struct json_object *users;   /* name or address in lower case: user */
	struct json_object *words;   /* of one's own names, lower case */
	const char **own_zh;
	size_t nown_zh;
	int64_t number;
};

static const char *
lower(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text);

	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return out;
}

const char *
people_kind(enum redact_kind kind)
{
	static const char *const names[REDACT_KIND_MAX] = {
		"email", "phone", "hkid", "name", "name", "name"};

	return names[kind];
}

static const char *
key_of(struct arena *a, const struct redact_hit *h)
{
	bool name = h->kind == REDACT_NAME || h->kind == REDACT_TITLED;

	return arena_printf(a, "%d|%s", (int)h->kind, name ? lower(a, h->value) : h->value);
}

static void
put(struct json_object *o, const char *key, int64_t v)
{
	json_object_object_add(o, key, json_object_new_int64(v));
}

static int64_t
get(struct json_object *o, const char *key)
{
	return json_object_get_int64(json_object_object_get(o, key));
}

/* ---- whom it is about */

static void
own_words(struct people *p, const char *text)
{
	const char *low = text != NULL ? lower(p->a, text) : "";

	while (*low != '\0') {
		size_t n = strcspn(low, " ,.-");

		if (n > 0)
			put(p->words, arena_strndup(p->a, low, n), 1);
		low += n + (low[n] != '\0');
	}
}

static void
own_value(struct people *p, enum redact_kind kind, const char *value)
{
	struct redact_hit h = {.kind = kind};

	if (value == NULL)
		return;
	h.value = kind == REDACT_EMAIL ? lower(p->a, value) : value;
	put(p->seen, key_of(p->a, &h), OWN);
}

static void
take_own(struct people *p, const struct rows *r)
{
	p->own_zh = ARENA_ARRAY(p->a, rows_count(r) + 1, const char *);
	for (size_t i = 0; i < rows_count(r); i++) {
		own_words(p, rows_text(r, i, 0));
		if (!rows_null(r, i, 1))
			p->own_zh[p->nown_zh++] = arena_strdup(p->a, rows_text(r, i, 1));
		own_value(p, REDACT_EMAIL, rows_text(r, i, 2));
		own_value(p, REDACT_EMAIL, rows_text(r, i, 3));
		for (size_t k = 4; k < 7; k++)
			own_value(p, REDACT_PHONE, rows_text(r, i, k));
	}
}

static bool
all_own(const struct people *p, struct arena *a, const char *value)
{
	const char *low = lower(a, value);
	size_t words = 0;

	while (*low != '\0') {
		size_t n = strcspn(low, " ,.-");

		if (n > 0 && get(p->words, arena_strndup(a, low, n)) == 0)
			return false;
		words += n > 0;
		low += n + (low[n] != '\0');
	}
	return words > 0;
}

/* "陳大文", "大文", and "陳" of "陳先生". */
static bool
is_own_name(const struct people *p, struct arena *a, const struct redact_hit *h)
{
	if (h->kind == REDACT_NAME || (h->kind == REDACT_TITLED && (unsigned char)*h->value < 0x80))
		return all_own(p, a, h->value);
	if (h->kind != REDACT_NAME_ZH && h->kind != REDACT_TITLED)
		return false;
	for (size_t i = 0; i < p->nown_zh; i++) {
		if (strstr(p->own_zh[i], h->value) != NULL)
			return true;
		/* The name and what comes behind it: "陳大文的". */
		if (strncmp(h->value, p->own_zh[i], strlen(p->own_zh[i])) == 0)
			return true;
	}
	return false;
}

struct err *
people_new(struct arena *a, const struct record_ctx *cx, int64_t request_id,
	const int64_t *contacts, size_t n, struct people **p_r)
{
	struct people *p = ARENA_NEW(a, struct people);
	struct rows *own, *r;

	*p = (struct people){
		.a = a, .request_id = request_id, .contacts = contacts, .ncontacts = n};
	p->seen = model_object(a);
	p->aliases = model_object(a);
	p->users = model_object(a);
	p->words = model_object(a);
	tx_queue(cx->tx, &users, NO_VALS, &r);
	TRY(tx_query(cx->tx, &own_values, VALS(val_i64s(contacts, n)), &own));
	take_own(p, own);
	for (size_t i = 0; i < rows_count(r); i++)
		for (size_t k = 1; k < 3; k++)
			if (!rows_null(r, i, k) && *rows_text(r, i, k) != '\0')
				put(p->users, rows_text(r, i, k), rows_i64(r, i, 0));
	*p_r = p;
	return NULL;
}

/* ---- others */

static struct err *
alias_of(struct people *p, const struct record_ctx *cx, const char *what, int64_t contact,
	int64_t user, struct bytes digest, int64_t *alias_r)
{
	struct rows *r;

	*alias_r = get(p->aliases, what);
	if (*alias_r != 0)
		return NULL;
	TRY(tx_query(cx->tx, &new_alias,
		VALS(val_i64(p->request_id), val_i64(user != 0 ? 0 : p->number), val_id(contact),
			val_id(user), val_bytes(digest)),
		&r));
	if (user == 0)
		p->number++;
	*alias_r = rows_i64(r, 0, 0);
	put(p->aliases, what, *alias_r);
	return NULL;
}

static bool
is_subject(const struct people *p, int64_t contact)
{
	for (size_t i = 0; i < p->ncontacts; i++)
		if (p->contacts[i] == contact)
			return true;
	return false;
}

/* What is to be looked up, by kind; each once. */
struct wanted {
	const char **values[REDACT_KIND_MAX];
	size_t n[REDACT_KIND_MAX];
};

/* A user by name or address, or whom it is about; else it has to be looked up. */
static struct err *
first_look(
	struct people *p, const struct record_ctx *cx, const struct redact_hit *h, struct wanted *w)
{
	const char *key = key_of(cx->a, h);
	int64_t user = get(p->users, lower(cx->a, h->value)), alias = 0;

	if (json_object_object_get_ex(p->seen, key, NULL))
		return NULL;
	if (is_own_name(p, cx->a, h))
		alias = OWN;
	else if (user != 0)
		TRY(alias_of(p, cx, arena_printf(cx->a, "user|%lld", (long long)user), 0, user,
			(struct bytes){NULL, 0}, &alias));
	put(p->seen, key, alias);
	if (alias == 0)
		w->values[h->kind][w->n[h->kind]++] = h->value;
	return NULL;
}

/* Rows of value and contact: whoever has it; of several, whom the case is about. */
static struct err *
take_known(
	struct people *p, const struct record_ctx *cx, enum redact_kind kind, const struct rows *r)
{
	for (size_t i = 0; r != NULL && i < rows_count(r); i++) {
		struct redact_hit h = {.kind = kind, .value = rows_text(r, i, 0)};
		const char *key = key_of(cx->a, &h);
		int64_t contact = rows_i64(r, i, 1), alias = OWN;

		if (!is_subject(p, contact)) {
			if (get(p->seen, key) != 0)
				continue;
			TRY(alias_of(p, cx, arena_printf(cx->a, "contact|%lld", (long long)contact),
				contact, 0, (struct bytes){NULL, 0}, &alias));
		}
		put(p->seen, key, alias);
	}
	return NULL;
}

/* A number, an address, a name behind a title is somebody's, whoever it is. */
static struct err *
take_unknown(struct people *p, const struct record_ctx *cx, enum redact_kind kind,
	const struct wanted *w)
{
	for (size_t i = 0; i < w->n[kind]; i++) {
		struct redact_hit h = {.kind = kind, .value = w->values[kind][i]};
		const char *key = key_of(cx->a, &h);
		int64_t alias;

		if (get(p->seen, key) != 0)
			continue;
		TRY(alias_of(p, cx, arena_printf(cx->a, "value|%s", key), 0, 0,
			blind_index(cx->a, &cx->tenant->blind, "request.alias", key), &alias));
		put(p->seen, key, alias);
	}
	return NULL;
}

static struct err *
look_up(struct people *p, const struct record_ctx *cx, const struct wanted *w)
{
	const struct field *f = catalogue_find(cx->cat, ENTITY_CONTACT, "hkid");
	struct bytes *cards = ARENA_ARRAY(cx->a, w->n[REDACT_HKID] + 1, struct bytes);
	struct rows *found[REDACT_KIND_MAX] = {NULL};
	static const struct stmt *const finds[REDACT_KIND_MAX] = {
		&by_email, &by_phone, NULL, NULL, &by_name, &by_name_zh};

	for (size_t i = 0; f != NULL && i < w->n[REDACT_HKID]; i++)
		cards[i] = field_blind(cx, f, w->values[REDACT_HKID][i]);
	for (size_t k = 0; k < REDACT_KIND_MAX; k++)
		if (finds[k] != NULL && w->n[k] > 0)
			tx_queue(cx->tx, finds[k], VALS(val_texts(w->values[k], w->n[k])),
				&found[k]);
	if (f != NULL && w->n[REDACT_HKID] > 0)
		tx_queue(cx->tx, &by_card,
			VALS(val_texts(w->values[REDACT_HKID], w->n[REDACT_HKID]),
				val_byteses(cards, w->n[REDACT_HKID])),
			&found[REDACT_HKID]);
	TRY(tx_run(cx->tx));
	for (size_t k = 0; k < REDACT_KIND_MAX; k++)
		TRY(take_known(p, cx, (enum redact_kind)k, found[k]));
	for (size_t k = REDACT_EMAIL; k <= REDACT_TITLED; k++)
		TRY(take_unknown(p, cx, (enum redact_kind)k, w));
	return NULL;
}

struct err *
people_look(struct people *p, const struct record_ctx *cx, struct people_text *texts, size_t n)
{
	struct wanted w = {{NULL}, {0}};
	size_t hits = 0;

	for (size_t i = 0; i < n; i++) {
		texts[i].n = redact_scan(cx->a, texts[i].text, &texts[i].hits);
		hits += texts[i].n;
	}
	for (size_t k = 0; k < REDACT_KIND_MAX; k++)
		w.values[k] = ARENA_ARRAY(cx->a, hits + 1, const char *);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < texts[i].n; k++)
			TRY(first_look(p, cx, &texts[i].hits[k], &w));
	return look_up(p, cx, &w);
}

int64_t
people_alias(const struct people *p, struct arena *a, const struct redact_hit *h)
{
	return get(p->seen, key_of(a, h));
}

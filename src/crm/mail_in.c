/* SPDX-License-Identifier: ISC */
#include "mail_in.h"

#include <string.h>

#include "attachment.h"
#include "card.h"
#include "child.h"
#include "date.h"
#include "mail.h"
#include "mail_tray.h"
#include "object.h"
#include "suppress.h"
#include "token.h"
#include "utf8.h"

/* One message at a time a workspace: two of one stranger make one contact, and
 * the same one delivered twice at once is stored once. */
STMT(lock, "mail_in.lock", 0,
	"select (extract(epoch from now()) * 1000000)::bigint, "
	"pg_advisory_xact_lock(7208002)::text");
STMT(users, "mail_in.users", 1,
	"select a from unnest($1::text[]) a join app_user u "
	"on u.email_key = sha256(convert_to(lower(a), 'UTF8'))");
/* Those who are current before those in the archive. */
STMT(people, "mail_in.people", 1,
	"with x as (select array(select lower(a) from unnest($1::text[]) a) as list) "
	"select contact_id, archived_at is null from contact where erased_at is null "
	"and (email_lower = any ((select list from x)::text[]) "
	"or email2_lower = any ((select list from x)::text[])) "
	"order by archived_at is not null, updated_at desc, contact_id limit 20");
STMT(seen, "mail_in.seen", 2,
	"select contact_id from message where mail_key = $1 and contact_id = any ($2::bigint[])");
STMT(mark, "mail_in.mark", 3,
	"update message set source = case when $3 then 'mail_unproven' else 'mail' end, "
	"mail_key = $2 where message_id = $1::bigint");

#define PEOPLE_MAX 20
/* A clock that is this far ahead is wrong. */
#define DAY_USEC (86400LL * 1000000)

struct taking {
	const struct record_ctx *cx;
	const struct mail *m;
	struct mail_in_result *result;
	struct bytes mail_key;
	int64_t now;
	int64_t people[PEOPLE_MAX];
	size_t npeople;
	const struct mail_address *stranger; /* of whom a contact was to be made */
	const char **objects; /* made in the store, to be destroyed when it comes to nothing */
	size_t nobjects;
};

static struct json_object *
text_value(struct arena *a, const char *s)
{
	return model_own(a, json_object_new_string(s));
}

/* The first `max` characters. */
static const char *
cut(struct arena *a, const char *s, int64_t max)
{
	const char *p = s, *end = s + strlen(s);
	uint32_t cp;

	while (p < end && max-- > 0)
		p += utf8_next(p, end, &cp);
	return *p == '\0' ? s : arena_strndup(a, s, (size_t)(p - s));
}

/* A field as far as it takes the text. False: not kept. */
static bool
put_field(const struct record_ctx *cx, struct changes *c, enum entity e, const char *field,
	const char *text)
{
	const struct field *f = catalogue_find(cx->cat, e, field);
	struct err *refused = NULL;
	struct value v;

	if (text == NULL || f == NULL || !field_is_live(f))
		return false;
	text = cut(cx->a, text, f->max_length);
	if (!value_parse(cx->a, f, cx->cat->currency, text_value(cx->a, text), &v, &refused) ||
		v.null)
		return false;
	changes_put(cx, c, e, field, v);
	return true;
}

static bool
has_han(const char *s)
{
	const char *end = s + strlen(s);
	uint32_t cp;

	for (size_t n; s < end && (n = utf8_next(s, end, &cp)) > 0; s += n)
		if (utf8_is_han(cp))
			return true;
	return false;
}

/* Somebody who wrote, or was written to, for the first time. */
static struct err *
create_lead(struct taking *t, const struct mail_address *who)
{
	const struct record_ctx *cx = t->cx;
	const char *local = arena_strndup(cx->a, who->address, strcspn(who->address, "@"));
	struct changes c = {0};
	bool named;

	named = who->name != NULL && put_field(cx, &c, ENTITY_CONTACT,
					     has_han(who->name) ? "name_zh" : "name_en", who->name);
	if (!named && !put_field(cx, &c, ENTITY_CONTACT, "name_en", local))
		put_field(cx, &c, ENTITY_CONTACT, "name_en", strchr(who->address, '@') + 1);
	put_field(cx, &c, ENTITY_CONTACT, "email", who->address);
	put_field(cx, &c, ENTITY_CONTACT, "lifecycle", "lead");
	put_field(cx, &c, ENTITY_CONTACT, "source", "email");
	t->stranger = who;
	TRY(record_create(cx, ENTITY_CONTACT, &c, &t->people[0]));
	t->npeople = 1;
	t->result->created = 1;
	return NULL;
}

static bool
among(const struct rows *r, const char *address)
{
	for (size_t i = 0; i < rows_count(r); i++)
		if (strcmp(rows_text(r, i, 0), address) == 0)
			return true;
	return false;
}

static struct err *
find_people(struct taking *t, const char *const *addresses, size_t n)
{
	struct rows *r;
	bool current;

	if (n == 0)
		return NULL;
	TRY(tx_query(t->cx->tx, &people, VALS(val_texts(addresses, n)), &r));
	current = rows_count(r) > 0 && rows_bool(r, 0, 1);
	for (size_t i = 0; i < rows_count(r); i++)
		if (rows_bool(r, i, 1) == current)
			t->people[t->npeople++] = rows_i64(r, i, 0);
	return NULL;
}

/* Whose message this is; makes them when nobody is known. */
static struct err *
find_or_make_people(struct taking *t)
{
	const struct record_ctx *cx = t->cx;
	const struct mail *m = t->m;
	const char **addresses = ARENA_ARRAY(cx->a, m->nto + 1, const char *);
	const struct mail_address *stranger = &m->from;
	struct rows *users_of;
	size_t n = 0;
	bool ours;

	if (m->from.address == NULL)
		return err_detail(
			cx->a, ERR_INVALID, __FILE__, __LINE__, "the message has no sender");
	for (size_t i = 0; i < m->nto; i++)
		addresses[n++] = m->to[i].address;
	addresses[n++] = m->from.address;
	TRY(tx_query(cx->tx, &users, VALS(val_texts(addresses, n)), &users_of));
	ours = among(users_of, m->from.address);
	t->result->outgoing = ours && m->proven;
	t->result->unproven = ours && !m->proven;
	n = 0;
	if (ours) {
		stranger = NULL;
		for (size_t i = 0; i < m->nto; i++)
			if (!among(users_of, m->to[i].address)) {
				if (stranger == NULL && m->proven)
					stranger = &m->to[i];
				addresses[n++] = m->to[i].address;
			}
	} else {
		addresses[n++] = m->from.address;
	}
	TRY(find_people(t, addresses, n));
	if (t->npeople > 0)
		return NULL;
	if (stranger == NULL)
		return err_detail(cx->a, ERR_INVALID, __FILE__, __LINE__,
			t->result->unproven
				? "of a user's address, which nothing proves, to nobody known"
				: "no recipient it could be filed under");
	t->result->ignored = m->automatic;
	return m->automatic ? NULL : create_lead(t, stranger);
}

/* Message-ID, or the whole message where it has none. */
static void
make_key(struct taking *t, const void *p, size_t n)
{
	const struct record_ctx *cx = t->cx;
	const char *id = t->m->message_id;
	unsigned char digest[DIGEST_BYTES];

	if (id == NULL) {
		sha256(p, n, digest);
		id = hex_encode(cx->a, digest, sizeof(digest));
	}
	t->mail_key = blind_index(cx->a, &cx->tenant->blind, "message.mail_key", id);
}

/* "Chan Tai Man <chan@example.com>" */
static const char *
address_text(struct arena *a, const struct mail_address *m)
{
	return m->name != NULL ? arena_printf(a, "%s <%s>", m->name, m->address) : m->address;
}

static const char *
recipients_text(struct taking *t)
{
	struct sb sb;

	sb_init(&sb, t->cx->a, (size_t)256 * 1024);
	for (size_t i = 0; i < t->m->nto; i++) {
		if (i > 0)
			sb_puts(&sb, ", ");
		sb_puts(&sb, address_text(t->cx->a, &t->m->to[i]));
	}
	return t->m->nto > 0 ? sb.p : NULL;
}

static struct err *
write_object(void *ctx, const void *p, size_t n)
{
	return object_write(ctx, p, n);
}

/* text: when not NULL, this instead of a file of the message. */
static struct err *
store_file(struct taking *t, int64_t contact, int64_t message, const struct mail_file *f,
	const char *text)
{
	const struct record_ctx *cx = t->cx;
	struct attachment_new in = {.contact_id = contact, .message_id = message};
	char *name = arena_alloc(cx->a, OBJECT_NAME);
	unsigned char *digest = arena_alloc(cx->a, DIGEST_BYTES);
	struct object_writer *w;
	struct changes c = {0};
	int64_t id;

	TRY(object_create(cx->a, cx->tenant->files, &w));
	if (text != NULL)
		TRY(object_write(w, text, strlen(text)));
	else
		TRY(mail_file_read(f, write_object, w));
	TRY(object_commit(w, name, &in.object_key, &in.size, digest));
	t->objects[t->nobjects++] = name;
	if (in.size == 0) {
		t->nobjects--;
		return object_destroy(cx->a, cx->tenant->files, name);
	}
	in.file_name = text != NULL ? "message.txt" : f->file_name;
	if (card_found(in.file_name))
		in.file_name = "file";
	in.content_type = text != NULL ? "text/plain" : f->content_type;
	in.object = name;
	in.sha256 = digest;
	t->result->files++;
	return attachment_create(cx, &in, &c, &id);
}

static struct err *
store_files(struct taking *t, int64_t contact, int64_t message)
{
	const struct field *body = catalogue_find(t->cx->cat, ENTITY_MESSAGE, "body");

	for (size_t i = 0; i < t->m->nfiles; i++)
		TRY(store_file(t, contact, message, &t->m->files[i], NULL));
	/* What a message cannot show it still keeps. */
	if (!t->m->text_cut && body != NULL && (int64_t)utf8_length(t->m->text) > body->max_length)
		TRY(store_file(t, contact, message, NULL, t->m->text));
	return NULL;
}

static struct err *
store_message(struct taking *t, int64_t contact)
{
	const struct record_ctx *cx = t->cx;
	const struct mail *m = t->m;
	struct changes c = {0};
	int64_t id;

	changes_put(cx, &c, ENTITY_MESSAGE, "contact_id", value_id(cx->a, contact));
	put_field(cx, &c, ENTITY_MESSAGE, "channel", "email");
	put_field(cx, &c, ENTITY_MESSAGE, "direction", t->result->outgoing ? "out" : "in");
	put_field(cx, &c, ENTITY_MESSAGE, "sender", address_text(cx->a, &m->from));
	put_field(cx, &c, ENTITY_MESSAGE, "recipients", recipients_text(t));
	put_field(cx, &c, ENTITY_MESSAGE, "subject", m->subject);
	put_field(cx, &c, ENTITY_MESSAGE, "body", m->text);
	if (m->date != 0 && m->date < t->now + DAY_USEC)
		put_field(cx, &c, ENTITY_MESSAGE, "happened_at", time_rfc3339(cx->a, m->date));
	TRY(record_create(cx, ENTITY_MESSAGE, &c, &id));
	TRY(tx_query(cx->tx, &mark,
		VALS(val_i64(id), val_bytes(t->mail_key), val_bool(t->result->unproven)), NULL));
	t->result->stored++;
	return store_files(t, contact, id);
}

/* Nobody is made anew of somebody who was erased. */
static struct err *
put_aside(struct taking *t, const struct err *refused, const void *p, size_t n)
{
	const struct mail *m = t->m;
	struct mail_tray_new in = {.address = t->stranger->address,
		.name = t->stranger->name,
		.subject = m->subject,
		.date = m->date,
		.outgoing = t->result->outgoing,
		.erased_on = refused->fields->arg,
		.p = p,
		.n = n};
	bool kept;

	make_key(t, p, n);
	in.mail_key = t->mail_key;
	TRY(mail_tray_put(t->cx, &in, &kept));
	t->result->tray = true;
	t->result->known = !kept;
	return NULL;
}

static struct err *
take_in(struct taking *t, const void *p, size_t n)
{
	const struct record_ctx *cx = t->cx;
	struct rows *r;
	struct err *e;

	TRY(tx_query(cx->tx, &lock, NO_VALS, &r));
	t->now = rows_i64(r, 0, 0);
	e = find_or_make_people(t);
	if (t->stranger != NULL && suppress_refused(e))
		return put_aside(t, e, p, n);
	TRY(e);
	if (t->npeople == 0)
		return NULL;
	make_key(t, p, n);
	TRY(tx_query(
		cx->tx, &seen, VALS(val_bytes(t->mail_key), val_i64s(t->people, t->npeople)), &r));
	t->objects = ARENA_ARRAY(cx->a, t->npeople * (t->m->nfiles + 1), const char *);
	for (size_t i = 0; i < t->npeople; i++) {
		bool known = false;

		for (size_t k = 0; k < rows_count(r); k++)
			known |= rows_i64(r, k, 0) == t->people[i];
		t->result->known += known;
		if (!known)
			TRY(store_message(t, t->people[i]));
	}
	return NULL;
}

struct err *
mail_in_store(const struct record_ctx *cx, const struct settings *st, const void *p, size_t n,
	struct mail_in_result *result)
{
	struct taking t = {.cx = cx, .result = result};
	struct mail *m;
	struct err *e;

	memset(result, 0, sizeof(*result));
	switch (mail_parse(cx->a, p, n, st->mail_results, &m)) {
	case MAIL_OK:
		break;
	case MAIL_UNREADABLE:
		return err_detail(
			cx->a, ERR_BAD_REQUEST, __FILE__, __LINE__, "this is no mail message");
	case MAIL_TOO_MANY_PARTS:
		return err_detail(cx->a, ERR_BAD_REQUEST, __FILE__, __LINE__,
			"the message has more than %d parts", MAIL_PARTS_MAX);
	}
	t.m = m;
	e = take_in(&t, p, n);
	if (e == NULL)
		return tx_commit(cx->tx);
	for (size_t i = 0; i < t.nobjects; i++) {
		struct err *left = object_destroy(cx->a, cx->tenant->files, t.objects[i]);

		/* What stays is sealed under a key nobody has. */
		(void)left;
	}
	return e;
}

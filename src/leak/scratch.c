/* SPDX-License-Identifier: ISC */
/* The scratch set: people, and records of every kind on both sides of every rule. */
#include <string.h>

#include "attachment.h"
#include "log.h"
#include "part.h"
#include "session.h"
#include "token.h"
#include "user.h"

STMT(add_team, "leak.team", 1, "insert into team (name) values ($1) returning team_id");
STMT(add_user, "leak.user", 4,
	"insert into app_user (email, email_key, name, profile_id, team_id) values ($1, "
	"sha256(convert_to(lower($1), 'UTF8')), $2, $3::bigint, $4::bigint) returning user_id");
STMT(add_session, "leak.session", 3,
	"insert into session (hash, user_id, kind, verified_at, expires_at) values ($1, "
	"$2::bigint, $3, now(), now() + interval '1 day') returning session_id");
STMT(add_share, "leak.share", 4,
	"insert into record_share (entity, record_id, user_id, team_id, level) values ($1, "
	"$2::bigint, $3::bigint, $4::bigint, 'read') returning share_id");
STMT(touch, "leak.touch", 1,
	"update contact set last_activity_at = now() where contact_id = $1::bigint");
STMT(note_team, "leak.note_team", 2,
	"update activity set private_team_id = $2::bigint where activity_id = $1::bigint");
STMT(note_reader, "leak.note_reader", 3,
	"insert into activity_reader (activity_id, user_id, author_id) values ($1::bigint, "
	"$2::bigint, $3::bigint)");
/* One line that makes up all of the amount. */
STMT(add_line, "leak.line", 1,
	"insert into invoice_line (invoice_id, position, description, quantity, unit_amount, "
	"amount) select invoice_id, 1, 'x', 1000, amount, amount from invoice where invoice_id = "
	"$1::bigint and amount is not null");

static struct err *
new_team(struct leak *l, const char *name, int64_t *id_r)
{
	struct rows *rows;

	TRY(tx_query(l->cx.tx, &add_team, VALS(val_text(name)), &rows));
	*id_r = rows_i64(rows, 0, 0);
	return NULL;
}

static struct err *
new_user(struct leak *l, const char *name, int64_t team, int64_t *id_r)
{
	const char *email = arena_printf(l->work, "%s@%s.invalid", name, l->mark);
	struct rows *rows;

	TRY(tx_query(l->cx.tx, &add_user,
		VALS(val_text(email), val_text(name), val_i64(l->expect.profile), val_id(team)),
		&rows));
	*id_r = rows_i64(rows, 0, 0);
	return NULL;
}

static struct err *
new_session(struct leak *l)
{
	unsigned char *hash = arena_alloc(l->work, DIGEST_BYTES);
	struct rows *rows;

	l->secret = token_new(l->work, 32);
	session_hash(l->secret, hash);
	TRY(tx_query(l->cx.tx, &add_session,
		VALS(val_bytes((struct bytes){hash, DIGEST_BYTES}), val_i64(l->user),
			val_text(l->expect.token ? "token" : "cookie")),
		&rows));
	l->session = rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
scratch_begin(struct leak *l, int64_t author)
{
	l->cx.a = l->work;
	l->cx.principal = principal_system(l->work, "worker", author);
	return system_tx(l->conn, l->work, "worker", author, "leak.scratch", &l->cx.tx);
}

struct err *
scratch_finish(struct leak *l, struct err *e)
{
	if (e == NULL)
		e = tx_commit(l->cx.tx);
	tx_end(&l->cx.tx);
	return e;
}

static struct err *
people(struct leak *l)
{
	TRY(new_team(l, "ours", &l->team));
	TRY(new_team(l, "theirs", &l->other_team));
	TRY(new_user(l, "me", l->expect.team ? l->team : 0, &l->user));
	TRY(new_user(l, "mate", l->team, &l->mate));
	TRY(new_user(l, "other", l->other_team, &l->other));
	return new_session(l);
}

struct err *
scratch_people(struct leak *l)
{
	TRY(scratch_begin(l, 0));
	return scratch_finish(l, people(l));
}

struct err *
scratch_files(struct leak *l)
{
	l->content = arena_printf(l->work, "q%04u%s", ++l->serial, l->mark);
	for (int i = 0; i < 2; i++) {
		const char *text = i == 0 ? "to be seen" : l->content;
		struct leak_file *file = &l->files[i];
		struct object_writer *w;

		TRY(object_create(l->work, l->in->tenant->files, &w));
		TRY(object_write(w, text, strlen(text)));
		TRY(object_commit(w, file->object, &file->key, &file->size, file->sha256));
	}
	return NULL;
}

void
scratch_tidy(struct leak *l)
{
	for (int i = 0; i < 2; i++) {
		struct err *e =
			l->files[i].object[0] == '\0'
				? NULL
				: object_destroy(l->work, l->in->tenant->files, l->files[i].object);

		if (e != NULL)
			log_warn("a file of the leak test stays for the sweep");
		l->files[i].object[0] = '\0';
	}
}

static size_t
plan(struct leak *l, struct thing t)
{
	ASSERT(l->nthings < THINGS_MAX);
	t.visible = expect_visible(l, &t);
	l->things[l->nthings] = t;
	return l->nthings++;
}

static void
plan_notes(struct leak *l, enum stand stand)
{
	const struct thing person = {.entity = ENTITY_CONTACT, .stand = stand, .quiet = true};
	size_t contact = plan(l, person);
	const struct thing notes[] = {
		{.private_to = "author", .author = BY_OTHER},
		{.private_to = "author", .author = BY_ME},
		{.private_to = "team", .author = BY_OTHER},
		{.private_to = "team", .author = BY_MATE},
		{.private_to = "people", .author = BY_OTHER},
		{.private_to = "people", .author = BY_OTHER, .named = true},
	};

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		struct thing t = notes[i];

		t.entity = ENTITY_ACTIVITY;
		t.stand = stand;
		t.contact = contact;
		plan(l, t);
	}
}

/* Of a person that one sees; what is taken down at once may be there from the beginning
 * with whoever sees that something was. */
static void
plan_taken_down(struct leak *l, size_t contact)
{
	static const enum entity entities[] = {ENTITY_ACTIVITY, ENTITY_MESSAGE};

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		plan(l, (struct thing){.entity = entities[i],
				.stand = STAND_OWN,
				.contact = contact,
				.author = BY_ME,
				.withheld = true,
				.early = l->expect.requests});
}

static void
plan_children(struct leak *l, size_t contact, enum stand stand)
{
	static const enum author authors[] = {BY_OTHER, BY_ME, BY_NOBODY};
	bool plain = stand == STAND_OWN || stand == STAND_TEAM || stand == STAND_OTHERS;

	for (int e = 0; e < ENTITY_MAX; e++)
		for (size_t i = 0; entity_def((enum entity)e)->child && i < (plain ? 3 : 1); i++)
			plan(l, (struct thing){.entity = (enum entity)e,
					.stand = stand,
					.contact = contact,
					.author = authors[i]});
	if (plain)
		plan_notes(l, stand);
	if (stand == STAND_OWN)
		plan_taken_down(l, contact);
}

void
scratch_plan(struct leak *l)
{
	l->nthings = 0;
	/* Contacts name companies, so these come first: also one that is not seen. */
	for (int s = 0; s < STAND_MAX; s++)
		plan(l, (struct thing){.entity = ENTITY_COMPANY,
				.stand = (enum stand)s,
				.early = s == STAND_OTHERS});
	for (int s = 0; s < STAND_MAX; s++) {
		size_t contact =
			plan(l, (struct thing){.entity = ENTITY_CONTACT, .stand = (enum stand)s});

		plan_children(l, contact, (enum stand)s);
	}
	aside_plan(l);
}

static void
put_i64(struct json_object *body, const struct leak *l, enum entity e, const char *field, int64_t v)
{
	if (v != 0 && catalogue_find(l->cx.cat, e, field) != NULL)
		model_i64(body, field, v);
}

static int64_t
user_of(const struct leak *l, enum author by)
{
	return by == BY_ME ? l->user : by == BY_MATE ? l->mate : by == BY_OTHER ? l->other : 0;
}

/* Who a record with an owner belongs to. */
static void
put_place(struct leak *l, const struct thing *t, struct json_object *body)
{
	bool own = t->stand == STAND_OWN || t->stand == STAND_OWN_VIP;
	bool team = t->stand == STAND_TEAM || t->stand == STAND_TEAM_VIP;

	put_i64(body, l, t->entity, "owner_id", own ? l->user : team ? l->mate : l->other);
	put_i64(body, l, t->entity, "team_id", own || team ? l->team : l->other_team);
	if (t->stand == STAND_VIP || t->stand == STAND_OWN_VIP || t->stand == STAND_TEAM_VIP ||
		t->stand == STAND_TEAM_SHARED)
		model_bool(body, "vip", true);
	/* A company of others: whoever does not see it does not read its name here. */
	if (t->entity == ENTITY_CONTACT)
		put_i64(body, l, t->entity, "company_id", l->things[STAND_OTHERS].id);
}

/* A note rather than anything else: only that can be private. */
static const char *
first_choice(const struct field *f)
{
	for (size_t i = 0; i < f->nchoices; i++)
		if (strcmp(f->choices[i].value, "note") == 0)
			return "note";
	return f->nchoices > 0 ? f->choices[0].value : NULL;
}

static struct json_object *
body_of(struct leak *l, const struct thing *t)
{
	struct json_object *body = model_object(l->work);

	for (size_t i = 0; i < l->cx.cat->n; i++) {
		const struct field *f = &l->cx.cat->fields[i];
		const char *v = NULL;

		/* Particulars of a hold come with one, and who is held is not erased. */
		if (f->entity != t->entity || !f->writable || !field_is_live(f) ||
			strncmp(f->name, "hold_", 5) == 0)
			continue;
		if (f->type == FIELD_CHOICE || f->type == FIELD_CURRENCY)
			v = strcmp(f->name, "private_to") == 0 ? t->private_to
			    : f->type == FIELD_CURRENCY        ? l->cx.cat->currency
							       : first_choice(f);
		else
			v = canary_value(l, f);
		if (v != NULL)
			model_text(body, f->name, v);
	}
	if (entity_def(t->entity)->owned)
		put_place(l, t, body);
	else
		put_i64(body, l, t->entity, "contact_id", l->things[t->contact].id);
	return body;
}

/* What the catalogue would not take is left out: the rest is still a record. */
static struct err *
parse(struct leak *l, enum entity e, struct json_object *body, struct changes *out)
{
	struct err *wrong;

	for (int attempt = 0; attempt < 4; attempt++) {
		wrong = changes_parse(&l->cx, e, body, NULL, true, out);
		if (wrong == NULL || wrong->fields == NULL)
			break;
		for (const struct err_field *f = wrong->fields; f != NULL; f = f->next)
			json_object_object_del(body, f->name);
	}
	return wrong;
}

static struct err *
create(struct leak *l, struct thing *t, struct changes *c)
{
	struct attachment_new in = {.content_type = "text/plain"};
	const struct leak_file *file = &l->files[!t->visible];

	if (t->entity != ENTITY_ATTACHMENT)
		return record_create(&l->cx, t->entity, c, &t->id);
	in.contact_id = l->things[t->contact].id;
	in.file_name = "leak.txt";
	in.object = file->object;
	in.object_key = file->key;
	in.size = file->size;
	in.sha256 = file->sha256;
	return attachment_create(&l->cx, &in, c, &t->id);
}

static struct err *
let_in(struct leak *l, const struct thing *t)
{
	struct rows *rows;

	if (t->withheld)
		return aside_take_down(l, t);
	if (t->entity == ENTITY_INVOICE)
		return tx_query(l->cx.tx, &add_line, VALS(val_i64(t->id)), NULL);
	if (t->private_to != NULL && strcmp(t->private_to, "team") == 0)
		return tx_query(l->cx.tx, &note_team,
			VALS(val_i64(t->id),
				val_i64(t->author == BY_MATE ? l->team : l->other_team)),
			NULL);
	if (t->private_to != NULL && strcmp(t->private_to, "people") == 0)
		return tx_query(l->cx.tx, &note_reader,
			VALS(val_i64(t->id), val_i64(t->named ? l->user : l->mate),
				val_i64(l->other)),
			NULL);
	if (!entity_def(t->entity)->owned ||
		(t->stand != STAND_SHARED && t->stand != STAND_TEAM_SHARED))
		return NULL;
	TRY(tx_query(l->cx.tx, &add_share,
		VALS(val_text(entity_name(t->entity)), val_i64(t->id),
			val_id(t->stand == STAND_SHARED ? l->user : 0),
			val_id(t->stand == STAND_SHARED ? 0 : l->team)),
		&rows));
	l->share = rows_i64(rows, 0, 0);
	return NULL;
}

static struct err *
make(struct leak *l, size_t n)
{
	struct thing *t = &l->things[n];
	struct json_object *body = body_of(l, t);
	struct changes c;

	TRY(parse(l, t->entity, body, &c));
	TRY(create(l, t, &c));
	TRY(let_in(l, t));
	/* When something last happened with a person is told by a field of its own, whoever
	 * sees what it was. Of a private note nobody is told anything. */
	if (t->entity == ENTITY_CONTACT && !t->quiet)
		tx_queue(l->cx.tx, &touch, VALS(val_i64(t->id)), NULL);
	for (size_t i = 0; i < c.n; i++) {
		const struct field *f = c.list[i].field;
		const char *sent = json_object_get_string(json_object_object_get(body, f->name));

		if (f->type < FIELD_USER && f->type != FIELD_CHOICE && f->type != FIELD_BOOLEAN &&
			f->type != FIELD_CURRENCY && sent != NULL &&
			strcmp(sent, "2199-12-31") != 0)
			canary_add(l, n, f, sent, &c.list[i].value);
	}
	if (t->entity == ENTITY_ATTACHMENT && !t->visible && !l->content_named &&
		l->canaries[l->ncanaries - 1].thing == n) {
		needle_add(l, l->ncanaries - 1, l->content);
		l->content_named = true;
	}
	return NULL;
}

struct err *
scratch_make(struct leak *l, bool visible)
{
	for (size_t i = 0; i < l->nthings; i++) {
		struct thing *t = &l->things[i];

		if (t->id != 0 || (!t->visible && !t->early && visible))
			continue;
		TRY(scratch_begin(l, user_of(l, t->author)));
		TRY(scratch_finish(l, make(l, i)));
		arena_reset(l->ask);
	}
	return aside_make(l, visible);
}

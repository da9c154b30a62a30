/* SPDX-License-Identifier: ISC */
#include "sign_up.h"

#include <string.h>

#include "cell_guard.h"
#include "encoding.h"
#include "operator.h"
#include "response.h"
#include "tenancy.h"
#include "token.h"
#include "tx.h"

#define COLUMNS \
	"sign_up_id, kind = 'find', state, sealed, slug, password_hash, tenant_id, attempts, " \
	"extract(epoch from now())::bigint, visitor"

STMT(add, "cell.sign_up_add", 3, "insert into sign_up (kind, hash, sealed) values ($1, $2, $3)");
STMT(ring, "cell.sign_up_ring", 0, "select pg_notify('praya_wakeup', '')");
STMT(find, "cell.sign_up_find", 1,
	"select " COLUMNS " from sign_up where hash = $1 and kind = 'new' and expires_at > now()");
/* Two at once: the second waits here, and finds it confirmed. */
STMT(confirm, "cell.sign_up_confirm", 4,
	"update sign_up set state = 'confirmed', slug = $2, password_hash = $3, visitor = $4, "
	"attempts = 0, run_at = now() where sign_up_id = $1::bigint and state = 'mailed' "
	"and expires_at > now()");
STMT(sweep, "cell.sign_up_sweep", 0, "delete from sign_up where expires_at <= now()");
STMT(take, "cell.sign_up_take", 0,
	"update sign_up set attempts = attempts + 1, run_at = now() + interval '1 minute' "
	"where sign_up_id = (select sign_up_id from sign_up where state in ('asked', 'confirmed') "
	"and run_at <= now() order by state = 'confirmed' desc, run_at limit 1 "
	"for update skip locked) returning " COLUMNS);
STMT(mailed, "cell.sign_up_mailed", 2,
	"update sign_up set state = 'mailed', sealed = $2 where sign_up_id = $1::bigint "
	"and state = 'asked'");
STMT(made, "cell.sign_up_made", 2,
	"update sign_up set state = 'made', tenant_id = $2::bigint, sealed = null, "
	"password_hash = null where sign_up_id = $1::bigint");
STMT(failed, "cell.sign_up_failed", 1,
	"update sign_up set state = 'failed', sealed = null, password_hash = null, slug = null "
	"where sign_up_id = $1::bigint");
STMT(drop, "cell.sign_up_drop", 1, "delete from sign_up where sign_up_id = $1::bigint");
STMT(later, "cell.sign_up_later", 2,
	"update sign_up set run_at = now() + make_interval(secs => $2::bigint) "
	"where sign_up_id = $1::bigint");

/* Places of COLUMNS. */
enum { ID, FIND, STATE, SEALED, SLUG, PASSWORD, TENANT, ATTEMPTS, NOW, VISITOR };

/* An hour, to one letter-box. */
#define MAILS 4
#define PLACE "sign_up.sealed"

const char *
door_origin(const struct settings *st, struct arena *a, const char *host)
{
	return st->public_port == 443 ? arena_printf(a, "https://%s", host)
				      : arena_printf(a, "https://%s:%d", host, st->public_port);
}

struct err *
tenancy_door(struct tenancy *t, struct arena *a, struct tenant **door_r)
{
	struct tenant *d = &t->door, *desk;
	const struct settings *st = t->st;

	*door_r = d;
	if (d->host != NULL)
		return NULL;
	TRY(tenancy_desk(t, a, &desk));
	*d = *desk;
	key_derive(&d->kek, "door:csrf", &d->csrf);
	key_derive(&d->kek, "door:cursor", &d->cursor);
	d->origin = door_origin(st, t->mem, st->sign_up_host);
	d->host = st->sign_up_host;
	return NULL;
}

static struct bytes
digest_of(struct arena *a, const char *token)
{
	unsigned char *hash = arena_alloc(a, DIGEST_BYTES);

	sha256(token, strlen(token), hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

static struct bytes
seal_typed(struct tenancy *t, struct arena *a, const struct sign_up *s, const char *token)
{
	struct json_object *o = model_object(a);
	const char *text;

	model_text(o, "email", s->email);
	model_text(o, "lang", s->lang);
	model_text(o, "name", s->name);
	model_text(o, "slug", s->slug);
	model_text(o, "token", token);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	return seal_value(a, &t->door.kek, PLACE, text, strlen(text));
}

/* Letter case does not make another letter-box. */
static const char *
small(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text);

	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return out;
}

static struct err *
ask_in(struct tenancy *t, struct tx *tx, struct arena *a, const struct sign_up *new, const char *ip,
	bool *locked_r)
{
	struct bytes from = blind_index(a, &t->door.blind, "sign_up.address", ip);
	struct bytes to = blind_index(a, &t->door.blind,
		new->find ? "sign_up.find" : "sign_up.account", small(a, new->email));
	const char *token = token_new(a, 32);
	bool full;

	TRY(cell_guard_locked(tx, from, locked_r));
	TRY(cell_guard_locked(tx, to, &full));
	if (*locked_r)
		return NULL;
	cell_guard_count(tx, from, SIGN_UP_ASKS);
	cell_guard_count(tx, to, MAILS);
	if (full)
		return tx_run(tx);
	tx_queue(tx, &add,
		VALS(val_text(new->find ? "find" : "new"), val_bytes(digest_of(a, token)),
			val_bytes(seal_typed(t, a, new, token))),
		NULL);
	tx_queue(tx, &ring, NO_VALS, NULL);
	return tx_run(tx);
}

struct err *
sign_up_ask(struct tenancy *t, struct arena *a, const struct sign_up *new, const char *ip,
	bool *locked_r)
{
	struct tenant *door;
	struct conn *c;
	struct err *e;
	struct tx *tx;

	TRY(tenancy_door(t, a, &door));
	TRY(cell_conn(t, a, &c));
	TRY(tx_begin(c, a, NULL, NO_VALS, &tx));
	e = ask_in(t, tx, a, new, ip, locked_r);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	return e;
}

static const char *
text_in(struct json_object *o, struct arena *a, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) && v != NULL
		       ? arena_strdup(a, json_object_get_string(v))
		       : NULL;
}

static enum sign_up_state
state_parse(const char *name)
{
	static const char *const names[] = {[SIGN_UP_ASKED] = "asked",
		[SIGN_UP_MAILED] = "mailed",
		[SIGN_UP_CONFIRMED] = "confirmed",
		[SIGN_UP_MADE] = "made"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum sign_up_state)i;
	return SIGN_UP_FAILED;
}

static struct err *
read_row(struct tenancy *t, struct arena *a, const struct rows *r, struct sign_up *s)
{
	struct json_object *o;
	struct bytes plain;

	*s = (struct sign_up){.id = rows_i64(r, 0, ID),
		.find = rows_bool(r, 0, FIND),
		.state = state_parse(rows_text(r, 0, STATE)),
		.tenant_id = rows_i64(r, 0, TENANT),
		.attempts = rows_i64(r, 0, ATTEMPTS),
		.now = rows_i64(r, 0, NOW)};
	if (!rows_null(r, 0, PASSWORD))
		s->password_hash = arena_strdup(a, rows_text(r, 0, PASSWORD));
	if (!rows_null(r, 0, SLUG))
		s->slug = arena_strdup(a, rows_text(r, 0, SLUG));
	if (rows_null(r, 0, SEALED))
		return NULL;
	if (!unseal_value(a, &t->door.kek, PLACE, rows_bytes(a, r, 0, SEALED), &plain))
		return err_internal(a, "what was asked for a workspace does not open");
	o = json_tokener_parse((const char *)plain.p);
	if (!json_object_is_type(o, json_type_object))
		return err_internal(a, "what was asked for a workspace is no object");
	model_own(a, o);
	s->email = text_in(o, a, "email");
	s->lang = text_in(o, a, "lang");
	s->name = text_in(o, a, "name");
	s->slug = text_in(o, a, "slug");
	s->token = text_in(o, a, "token");
	return NULL;
}

static struct bytes
visitor_of(struct tenancy *t, struct arena *a, const char *visitor)
{
	return blind_index(a, &t->door.blind, "sign_up.visitor", visitor);
}

struct err *
sign_up_find(struct tenancy *t, struct arena *a, const char *token, const char *visitor,
	struct sign_up *s_r, bool *found_r)
{
	struct tenant *door;
	struct bytes is, want;
	struct rows *r;
	struct conn *c;

	*found_r = false;
	TRY(tenancy_door(t, a, &door));
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &find, VALS(val_bytes(digest_of(a, token))), &r));
	if (rows_count(r) == 0)
		return NULL;
	*found_r = true;
	TRY(read_row(t, a, r, s_r));
	if (visitor == NULL || rows_null(r, 0, VISITOR))
		return NULL;
	is = visitor_of(t, a, visitor);
	want = rows_bytes(a, r, 0, VISITOR);
	s_r->same = is.n == want.n && equal_const_time(is.p, want.p, is.n);
	return NULL;
}

struct err *
sign_up_confirm(struct tenancy *t, struct arena *a, const struct sign_up *s,
	const char *password_hash, const char *visitor, bool *done_r)
{
	struct rows *r;
	struct conn *c;
	struct err *e;

	TRY(cell_conn(t, a, &c));
	e = conn_query(c, a, &confirm,
		VALS(val_i64(s->id), val_text(s->slug), val_text(password_hash),
			visitor != NULL ? val_bytes(visitor_of(t, a, visitor)) : NO_VAL),
		&r);
	if (e != NULL && e->kind == ERR_CONFLICT)
		return err_arg(a, ERR_CONFLICT, "error.slug_taken", s->slug);
	TRY(e);
	*done_r = rows_affected(r) > 0;
	return conn_query(c, a, &ring, NO_VALS, NULL);
}

const char *
sign_up_ticket(struct tenancy *t, struct arena *a, int64_t id)
{
	const char *text = arena_printf(a, "ticket|%lld", (long long)id);
	unsigned char mac[DIGEST_BYTES];

	hmac_sha256(&t->door.cursor, text, strlen(text), mac);
	return base64url_encode(a, mac, sizeof(mac));
}

struct err *
sign_up_take(struct tenancy *t, struct arena *a, struct sign_up *s_r, bool *found_r)
{
	struct tenant *door;
	struct rows *r;
	struct conn *c;

	TRY(tenancy_door(t, a, &door));
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &sweep, NO_VALS, NULL));
	TRY(conn_query(c, a, &take, NO_VALS, &r));
	*found_r = rows_count(r) > 0;
	return *found_r ? read_row(t, a, r, s_r) : NULL;
}

static struct err *
change(struct tenancy *t, struct arena *a, const struct stmt *stmt, struct vals v)
{
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	return conn_query(c, a, stmt, v, NULL);
}

struct err *
sign_up_mailed(struct tenancy *t, struct arena *a, const struct sign_up *s)
{
	return change(t, a, &mailed, VALS(val_i64(s->id), val_bytes(seal_typed(t, a, s, NULL))));
}

struct err *
sign_up_made(struct tenancy *t, struct arena *a, int64_t id, int64_t tenant_id)
{
	return change(t, a, &made, VALS(val_i64(id), val_i64(tenant_id)));
}

struct err *
sign_up_failed(struct tenancy *t, struct arena *a, int64_t id)
{
	return change(t, a, &failed, VALS(val_i64(id)));
}

struct err *
sign_up_drop(struct tenancy *t, struct arena *a, int64_t id)
{
	return change(t, a, &drop, VALS(val_i64(id)));
}

struct err *
sign_up_later(struct tenancy *t, struct arena *a, int64_t id, int64_t seconds)
{
	return change(t, a, &later, VALS(val_i64(id), val_i64(seconds)));
}

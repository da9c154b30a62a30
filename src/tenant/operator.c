/* SPDX-License-Identifier: ISC */
#include "operator.h"

#include <string.h>

#include "cell_guard.h"
#include "conninfo.h"
#include "operator_event.h"
#include "operator_part.h"
#include "password.h"
#include "tenancy.h"
#include "token.h"
#include "tx.h"

STMT(key_read, "cell.region_key", 0, "select wrapped from region_key");
STMT(key_add, "cell.region_key_add", 1,
	"insert into region_key (wrapped) values ($1) on conflict do nothing");
STMT(add_one, "cell.operator_add", 4,
	"with o as (insert into operator (email_key, email, password_hash, totp) "
	"values ($1, $2, $3, $4) on conflict (email_key) do nothing returning operator_id) "
	"insert into operator_event (operator_id, kind) select operator_id, 'added' from o "
	"returning operator_id");
STMT(list_all, "cell.operator_list", 0,
	"select operator_id, email, removed_at is not null, "
	"(extract(epoch from created_at) * 1000000)::bigint, "
	"(extract(epoch from last_sign_in_at) * 1000000)::bigint from operator "
	"order by removed_at is not null, operator_id");
STMT(find_one, "cell.operator_find", 1,
	"select operator_id from operator where email_key = $1 and removed_at is null");
STMT(email_of, "cell.operator_email", 1,
	"select email from operator where operator_id = $1::bigint");
STMT(remove_one, "cell.operator_remove", 1,
	"with s as (update operator_session set ended_at = now() where operator_id = $1::bigint "
	"and ended_at is null), "
	"e as (insert into operator_event (operator_id, kind) select operator_id, 'removed' "
	"from operator where operator_id = $1::bigint and removed_at is null) "
	"update operator set email_key = null, password_hash = null, totp = null, "
	"removed_at = now() where operator_id = $1::bigint");
STMT(find_account, "cell.operator_sign_in", 1,
	"select operator_id, password_hash, totp, totp_step, extract(epoch from now())::bigint "
	"from operator where email_key = $1 and removed_at is null");
/* Two requests with one code: the second waits here and then changes nothing. */
STMT(use_code, "cell.operator_code", 2,
	"update operator set totp_step = $2::bigint, last_sign_in_at = now() "
	"where operator_id = $1::bigint and totp_step < $2::bigint");
STMT(open_session, "cell.operator_open", 4,
	"insert into operator_session (hash, operator_id, expires_at, idle) values ($1, "
	"$2::bigint, "
	"now() + make_interval(secs => $3::bigint), make_interval(secs => $4::bigint)) "
	"returning session_id");
STMT(load, "cell.operator_session", 1,
	"with s as (select s.session_id, s.operator_id, s.seen_at, o.email from operator_session s "
	"join operator o using (operator_id) where s.hash = $1 and s.ended_at is null "
	"and s.expires_at > now() and s.seen_at > now() - s.idle and o.removed_at is null), "
	"u as (update operator_session x set seen_at = now() from s "
	"where x.session_id = s.session_id and s.seen_at < now() - interval '1 minute') "
	"select session_id, operator_id, email from s");
STMT(end_one, "cell.operator_sign_out", 2,
	"with s as (update operator_session set ended_at = now() where session_id = $1::bigint "
	"and ended_at is null returning operator_id) "
	"insert into operator_event (operator_id, kind, ip) "
	"select operator_id, 'sign_out', $2::inet from s");
STMT(case_add, "cell.case_add", 7,
	"with c as (insert into operator_case (operator_id, tenant_id, grant_id, slug, scope, "
	"hours) values ($1::bigint, $2::bigint, $3::bigint, $4, $5, $6::int) "
	"returning operator_id, case_id) "
	"insert into operator_event (operator_id, kind, ip, case_id) select operator_id, "
	"case when $7::inet is null then 'offered' else 'asked' end, $7::inet, case_id from c "
	"returning case_id");
STMT(case_count, "cell.case_count", 1,
	"select count(*) from operator_case where operator_id = $1::bigint "
	"and created_at > now() - interval '1 hour'");
/* One after the other, or those that ask at once are counted as none. */
STMT(case_hold, "cell.case_hold", 1, "select pg_advisory_xact_lock(7208008, $1::bigint::integer)");
STMT(case_grant, "cell.case_grant", 2,
	"update operator_case set grant_id = $2::bigint where case_id = $1::bigint");
STMT(case_list, "cell.case_list", 3,
	"select case_id, tenant_id, grant_id, slug, scope, hours, "
	"(extract(epoch from created_at) * 1000000)::bigint, "
	"created_at > now() - interval '12 hours' from operator_case "
	"where operator_id = $1::bigint and ($2::bigint is null or case_id = $2::bigint) "
	"order by case_id desc limit $3::bigint");

#define ACCOUNT_FAILURES 5
#define ADDRESS_FAILURES 50
#define CASES_AN_HOUR 20
#define CASES_SHOWN 100
#define PLACE_TOTP "operator.totp"

/* Two processes that make it at once: the first one's is kept. */
static struct err *
load_key(struct tenancy *t, struct arena *a, struct seal_key *key_r)
{
	const char *purpose = tenant_key_purpose(a, 0);
	struct rows *rows;
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &key_read, NO_VALS, &rows));
	if (rows_count(rows) == 0) {
		seal_key_random(key_r);
		TRY(conn_query(c, a, &key_add,
			VALS(val_bytes(key_wrap(a, &t->master, purpose, key_r))), NULL));
		TRY(conn_query(c, a, &key_read, NO_VALS, &rows));
	}
	if (!tenancy_unwrap(t, a, purpose, rows_bytes(a, rows, 0, 0), 1, key_r))
		return err_internal(a, "the key of the region does not open with its master key");
	return NULL;
}

static struct err *
ready(struct tenancy *t, struct arena *a)
{
	struct tenant *d = &t->desk;
	const struct settings *st = t->st;

	if (d->host != NULL)
		return NULL;
	TRY(load_key(t, a, &d->kek));
	d->root = d->kek;
	key_derive(&d->kek, "blind:v1", &d->blind);
	key_derive(&d->kek, "cursor", &d->cursor);
	key_derive(&d->kek, "csrf", &d->csrf);
	d->slug = d->uuid = d->name = "";
	d->region = st->region;
	d->state = TENANT_ACTIVE;
	d->origin = st->public_port == 443 ? arena_printf(t->mem, "https://%s", st->operator_host)
					   : arena_printf(t->mem, "https://%s:%d",
						     st->operator_host, st->public_port);
	d->host = st->operator_host;
	return NULL;
}

struct err *
tenancy_desk(struct tenancy *t, struct arena *a, struct tenant **desk_r)
{
	TRY(ready(t, a));
	*desk_r = &t->desk;
	return NULL;
}

/* Keyed, and in lower case; ASCII is enough. */
static struct bytes
blind_of(struct tenancy *t, struct arena *a, const char *place, const char *text)
{
	char *p = arena_strdup(a, text);

	for (size_t i = 0; p[i] != '\0'; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 32);
	return blind_index(a, &t->desk.blind, place, p);
}

struct err *
operator_add(struct tenancy *t, struct arena *a, const char *email, const char *password,
	unsigned char totp_r[TOTP_SECRET])
{
	const struct seal_key *key = &t->desk.kek;
	struct rows *rows;
	struct conn *c;

	TRY(ready(t, a));
	random_bytes(totp_r, TOTP_SECRET);
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &add_one,
		VALS(val_bytes(blind_of(t, a, OPERATOR_EMAIL, email)),
			val_bytes(seal_value(a, key, OPERATOR_EMAIL, email, strlen(email))),
			val_text(password_hash(a, password)),
			val_bytes(seal_value(a, key, PLACE_TOTP, totp_r, TOTP_SECRET))),
		&rows));
	return rows_count(rows) > 0 ? NULL : err_new(a, ERR_CONFLICT, NULL);
}

struct err *
operator_open(const struct tenant *desk, struct arena *a, const char *place, struct bytes sealed,
	const char **text_r)
{
	struct bytes plain;

	if (!unseal_value(a, &desk->kek, place, sealed, &plain))
		return err_internal(a, "a sealed %s does not open", place);
	*text_r = (const char *)plain.p;
	return NULL;
}

static struct err *
open_email(struct tenancy *t, struct arena *a, struct bytes sealed, const char **email_r)
{
	return operator_open(&t->desk, a, OPERATOR_EMAIL, sealed, email_r);
}

struct err *
operator_list(struct tenancy *t, struct arena *a, struct operator** list_r, size_t *n_r)
{
	struct rows *rows;
	struct conn *c;

	TRY(ready(t, a));
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &list_all, NO_VALS, &rows));
	*n_r = rows_count(rows);
	*list_r = ARENA_ARRAY(a, *n_r + 1, struct operator);
	for (size_t i = 0; i < *n_r; i++) {
		struct operator* op = &(*list_r)[i];

		op->id = rows_i64(rows, i, 0);
		TRY(open_email(t, a, rows_bytes(a, rows, i, 1), &op->email));
		op->removed = rows_bool(rows, i, 2);
		op->created_at = rows_i64(rows, i, 3);
		op->last_sign_in_at = rows_i64(rows, i, 4);
	}
	return NULL;
}

struct err *
operator_find(struct tenancy *t, struct arena *a, const char *email, int64_t *id_r)
{
	struct rows *rows;
	struct conn *c;

	TRY(ready(t, a));
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(
		c, a, &find_one, VALS(val_bytes(blind_of(t, a, OPERATOR_EMAIL, email))), &rows));
	*id_r = rows_count(rows) > 0 ? rows_i64(rows, 0, 0) : 0;
	return NULL;
}

struct err *
operator_email(struct tenancy *t, struct arena *a, int64_t id, const char **email_r)
{
	struct rows *rows;
	struct conn *c;

	TRY(ready(t, a));
	*email_r = NULL;
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &email_of, VALS(val_i64(id)), &rows));
	return rows_count(rows) > 0 ? open_email(t, a, rows_bytes(a, rows, 0, 0), email_r) : NULL;
}

struct err *
operator_remove(struct tenancy *t, struct arena *a, int64_t id)
{
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	return conn_query(c, a, &remove_one, VALS(val_i64(id)), NULL);
}

/* Blanks between the digits are taken as they are typed. */
static const char *
digits(struct arena *a, const char *typed)
{
	char *out = arena_strdup(a, typed), *to = out;

	for (const char *p = typed; *p != '\0'; p++)
		if (*p != ' ')
			*to++ = *p;
	*to = '\0';
	return out;
}

static struct err *
try_code(struct tenancy *t, struct tx *tx, struct arena *a, const struct rows *row,
	const char *code, bool *good_r)
{
	struct bytes secret;
	struct rows *rows;
	int64_t step;

	*good_r = false;
	if (!unseal_value(a, &t->desk.kek, PLACE_TOTP, rows_bytes(a, row, 0, 2), &secret) ||
		secret.n != TOTP_SECRET)
		return err_internal(a, "the second step of an operator does not open");
	if (!totp_matches(
		    secret.p, rows_i64(row, 0, 4), rows_i64(row, 0, 3), digits(a, code), &step))
		return NULL;
	TRY(tx_query(tx, &use_code, VALS(val_i64(rows_i64(row, 0, 0)), val_i64(step)), &rows));
	*good_r = rows_affected(rows) == 1;
	return NULL;
}

static struct err *
let_in(struct tenancy *t, struct tx *tx, struct arena *a, int64_t id, struct bytes account,
	const char *ip, const char **secret_r, int64_t *session_r)
{
	unsigned char hash[DIGEST_BYTES];
	struct rows *rows;

	*secret_r = token_new(a, 32);
	sha256(*secret_r, strlen(*secret_r), hash);
	cell_guard_clear(tx, account);
	operator_event_add(tx, id, "sign_in", ip, 0);
	TRY(tx_query(tx, &open_session,
		VALS(val_bytes((struct bytes){hash, sizeof(hash)}), val_i64(id),
			val_i64(t->st->session_absolute), val_i64(t->st->session_idle)),
		&rows));
	*session_r = rows_i64(rows, 0, 0);
	return NULL;
}

/* Who it is, what they have, and what came of it: all in one transaction of the region's. */
static struct err *
attempt(struct tenancy *t, struct tx *tx, struct arena *a, const char *email, const char *password,
	const char *code, const char *ip, const char **secret_r, int64_t *session_r)
{
	struct bytes account = blind_of(t, a, "sign_in.account", email);
	struct bytes address = blind_of(t, a, "sign_in.address", ip);
	bool good, there, locked, shut;
	struct rows *row;

	TRY(tx_query(
		tx, &find_account, VALS(val_bytes(blind_of(t, a, OPERATOR_EMAIL, email))), &row));
	there = rows_count(row) > 0;
	good = password_matches(there ? rows_text(row, 0, 1) : NULL, password) && there;
	TRY(cell_guard_locked(tx, account, &locked));
	TRY(cell_guard_locked(tx, address, &shut));
	good = good && !locked && !shut;
	if (good)
		TRY(try_code(t, tx, a, row, code, &good));
	if (good)
		return let_in(t, tx, a, rows_i64(row, 0, 0), account, ip, secret_r, session_r);
	operator_event_add(tx, there ? rows_i64(row, 0, 0) : 0, "failed", ip, 0);
	cell_guard_count(tx, account, ACCOUNT_FAILURES);
	cell_guard_count(tx, address, ADDRESS_FAILURES);
	return tx_run(tx);
}

struct err *
operator_sign_in(struct tenancy *t, struct arena *a, const char *email, const char *password,
	const char *code, const char *ip, const char **secret_r, int64_t *session_r)
{
	struct conn *c;
	struct err *e;
	struct tx *tx;

	TRY(ready(t, a));
	*secret_r = NULL;
	*session_r = 0;
	TRY(cell_conn(t, a, &c));
	TRY(tx_begin(c, a, NULL, NO_VALS, &tx));
	e = attempt(t, tx, a, email, password, code, ip, secret_r, session_r);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	return e;
}

struct err *
operator_session(struct tenancy *t, struct arena *a, const unsigned char hash[32],
	struct operator** op_r, int64_t *session_r)
{
	struct rows *rows;
	struct conn *c;

	TRY(ready(t, a));
	*op_r = NULL;
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &load, VALS(val_bytes((struct bytes){hash, DIGEST_BYTES})), &rows));
	if (rows_count(rows) == 0)
		return NULL;
	*op_r = ARENA_NEW(a, struct operator);
	*session_r = rows_i64(rows, 0, 0);
	(*op_r)->id = rows_i64(rows, 0, 1);
	return open_email(t, a, rows_bytes(a, rows, 0, 2), &(*op_r)->email);
}

struct err *
operator_sign_out(struct tenancy *t, struct arena *a, int64_t session, const char *ip)
{
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	return conn_query(c, a, &end_one, VALS(val_i64(session), val_text(ip)), NULL);
}

static struct err *
add_case(struct tenancy *t, struct tx *tx, struct arena *a, int64_t operator_id,
	const struct operator_case *new, int64_t *id_r)
{
	struct bytes slug =
		seal_value(a, &t->desk.kek, OPERATOR_SLUG, new->slug, strlen(new->slug));
	struct rows *rows;

	if (new->ip != NULL) {
		tx_queue(tx, &case_hold, VALS(val_i64(operator_id)), NULL);
		TRY(tx_query(tx, &case_count, VALS(val_i64(operator_id)), &rows));
		if (rows_i64(rows, 0, 0) >= CASES_AN_HOUR)
			return err_new(a, ERR_TOO_MANY, NULL);
	}
	TRY(tx_query(tx, &case_add,
		VALS(val_i64(operator_id), val_id(new->tenant), val_id(new->grant), val_bytes(slug),
			val_text(new->scope), val_i64(new->hours), val_text(new->ip)),
		&rows));
	*id_r = rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
operator_case_add(struct tenancy *t, struct arena *a, int64_t operator_id,
	const struct operator_case *new, int64_t *id_r)
{
	struct conn *c;
	struct err *e;
	struct tx *tx;

	TRY(ready(t, a));
	TRY(cell_conn(t, a, &c));
	TRY(tx_begin(c, a, NULL, NO_VALS, &tx));
	e = add_case(t, tx, a, operator_id, new, id_r);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	return e;
}

struct err *
operator_case_grant(struct tenancy *t, struct arena *a, int64_t id, int64_t grant)
{
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	return conn_query(c, a, &case_grant, VALS(val_i64(id), val_i64(grant)), NULL);
}

struct err *
operator_cases(struct tenancy *t, struct arena *a, int64_t operator_id, int64_t id,
	struct operator_case **list_r, size_t *n_r)
{
	struct rows *rows;
	struct conn *c;

	TRY(ready(t, a));
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &case_list,
		VALS(val_i64(operator_id), val_id(id > 0 ? id : 0),
			val_i64(id == CASES_ALL ? INT64_MAX : CASES_SHOWN)),
		&rows));
	*n_r = rows_count(rows);
	*list_r = ARENA_ARRAY(a, *n_r + 1, struct operator_case);
	for (size_t i = 0; i < *n_r; i++) {
		struct operator_case *k = &(*list_r)[i];

		k->id = rows_i64(rows, i, 0);
		k->tenant = rows_i64(rows, i, 1);
		k->grant = rows_i64(rows, i, 2);
		TRY(operator_open(&t->desk, a, OPERATOR_SLUG, rows_bytes(a, rows, i, 3), &k->slug));
		k->scope = arena_strdup(a, rows_text(rows, i, 4));
		k->hours = rows_i64(rows, i, 5);
		k->created_at = rows_i64(rows, i, 6);
		k->young = rows_bool(rows, i, 7);
	}
	return NULL;
}

/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <string.h>

#include "event.h"
#include "guard.h"
#include "password.h"
#include "token.h"

STMT(find_user, "sign_in.user", 1,
	"select user_id, password_hash from app_user "
	"where email_key = sha256(convert_to(lower($1), 'UTF8')) and active");
STMT(insert_session, "sign_in.session", 6,
	"insert into session (hash, user_id, kind, verified_at, expires_at, idle, ip, agent) "
	"values ($1, $2::bigint, 'cookie', now(), now() + make_interval(secs => $3::bigint), "
	"make_interval(secs => $4::bigint), $5::inet, $6) returning session_id");
STMT(renew, "session.renew", 2,
	"update session set hash = $2, verified_at = now() where session_id = $1::bigint");
STMT(verified, "session.verified", 1,
	"select coalesce(verified_at > now() - interval '5 minutes', false) from session "
	"where session_id = $1::bigint and kind = 'cookie'");
STMT(mark_user, "sign_in.mark", 1,
	"update app_user set last_sign_in_at = now() where user_id = $1::bigint");
STMT(end_session, "session.end", 1,
	"update session set ended_at = now() where session_id = $1::bigint");

/* Addresses get ten times the allowance of an account. */
#define ACCOUNT_FAILURES 5
#define ADDRESS_FAILURES 50

void
session_hash(const char *secret, unsigned char hash[32])
{
	sha256(secret, strlen(secret), hash);
}

static const char *
csrf_token(struct arena *a, const struct tenant *tn, const char *text)
{
	unsigned char mac[DIGEST_BYTES];

	hmac_sha256(&tn->csrf, text, strlen(text), mac);
	return base64url_encode(a, mac, sizeof(mac));
}

const char *
csrf_of_session(struct arena *a, const struct tenant *tn, int64_t session_id)
{
	return csrf_token(a, tn, arena_printf(a, "session|%lld", (long long)session_id));
}

const char *
csrf_of_visitor(struct arena *a, const struct tenant *tn, const char *nonce)
{
	return csrf_token(a, tn, arena_printf(a, "visitor|%s", nonce));
}

static struct err *
refuse(struct tx *tx, struct arena *a, int64_t user, const struct guard *account,
	const struct guard *address, const char *reason)
{
	struct audit_event e = {.action = "sign_in_failed", .outcome = "failed", .entity = "user"};

	e.records = arena_memdup(a, &user, sizeof(user));
	e.nrecords = user != 0;
	e.reason = reason;
	guard_count(tx, account);
	guard_count(tx, address);
	audit_queue(tx, a, &e);
	return tx_run(tx);
}

/* *user_r 0: refused, which is queued and run. reason: for the log, NULL: a sign-in. */
static struct err *
check(struct tx *tx, struct arena *a, const struct tenant *tn, const char *email,
	const struct proof *proof, const char *ip, const char *reason, int64_t *user_r)
{
	struct guard account = guard_of(a, tn, "sign_in.account", email, ACCOUNT_FAILURES);
	struct guard address = guard_of(a, tn, "sign_in.address", ip, ADDRESS_FAILURES);
	bool account_locked, address_locked;
	struct rows *users;
	const char *stored = NULL;
	int64_t user = 0;
	bool good;

	*user_r = 0;
	TRY(guard_locked(tx, &account, &account_locked));
	TRY(guard_locked(tx, &address, &address_locked));
	TRY(tx_query(tx, &find_user, VALS(val_text(email)), &users));
	if (rows_count(users) > 0) {
		user = rows_i64(users, 0, 0);
		stored = rows_text(users, 0, 1);
	}
	/* Locked or not, the same work is done. */
	good = password_matches(stored, proof->password);
	if (!good || account_locked || address_locked)
		return refuse(tx, a, user, &account, &address, reason);
	*user_r = user;
	guard_clear(tx, &account);
	return NULL;
}

static struct bytes
new_secret(struct arena *a, const char **secret_r)
{
	unsigned char *hash = arena_alloc(a, DIGEST_BYTES);

	*secret_r = token_new(a, 32);
	session_hash(*secret_r, hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

struct err *
session_sign_in(struct tx *tx, struct arena *a, const struct tenant *tn, const struct settings *st,
	const char *email, const struct proof *proof, const char *ip, const char *agent,
	struct session_made *made_r)
{
	const char *secret;
	struct rows *rows;
	struct bytes hash;
	int64_t user;

	*made_r = (struct session_made){NULL, 0};
	TRY(check(tx, a, tn, email, proof, ip, NULL, &user));
	if (user == 0)
		return NULL;
	hash = new_secret(a, &secret);
	tx_queue(tx, &mark_user, VALS(val_i64(user)), NULL);
	audit_queue_one(tx, a, "sign_in", "user", user, 0, NULL);
	TRY(tx_query(tx, &insert_session,
		VALS(val_bytes(hash), val_i64(user), val_i64(st->session_absolute),
			val_i64(st->session_idle), val_text(ip), val_text(agent)),
		&rows));
	*made_r = (struct session_made){secret, rows_i64(rows, 0, 0)};
	return NULL;
}

struct err *
session_prove(struct tx *tx, struct arena *a, const struct tenant *tn, const struct principal *p,
	const struct proof *proof, const char *ip, bool *good_r)
{
	int64_t user;

	TRY(check(tx, a, tn, p->email, proof, ip, "identity", &user));
	*good_r = user == p->user_id;
	return tx_run(tx);
}

struct err *
session_renew(struct tx *tx, struct arena *a, const struct principal *p, const char **secret_r)
{
	struct bytes hash = new_secret(a, secret_r);

	tx_queue(tx, &renew, VALS(val_i64(p->session_id), val_bytes(hash)), NULL);
	audit_queue_one(tx, a, "sign_in", "user", p->user_id, 0, "identity");
	return tx_run(tx);
}

struct err *
session_verified(struct conn *c, struct arena *a, const struct principal *p, bool *verified_r)
{
	struct rows *rows;

	TRY(conn_query(c, a, &verified, VALS(val_i64(p->session_id)), &rows));
	*verified_r = rows_count(rows) > 0 && rows_bool(rows, 0, 0);
	return NULL;
}

void
session_sign_out(struct tx *tx, struct arena *a, const struct principal *p)
{
	tx_queue(tx, &end_session, VALS(val_i64(p->session_id)), NULL);
	audit_queue_one(tx, a, "sign_out", "user", p->user_id, 0, NULL);
}

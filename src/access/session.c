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
	"insert into session (hash, user_id, kind, expires_at, idle, ip, agent) "
	"values ($1, $2::bigint, 'cookie', now() + make_interval(secs => $3::bigint), "
	"make_interval(secs => $4::bigint), $5::inet, $6)");
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

const char *
csrf_token(struct arena *a, const struct tenant *tn, const void *p, size_t n)
{
	unsigned char mac[DIGEST_BYTES];

	hmac_sha256(&tn->csrf, p, n, mac);
	return base64url_encode(a, mac, sizeof(mac));
}

static struct err *
refuse(struct tx *tx, struct arena *a, int64_t user, const struct guard *account,
	const struct guard *address)
{
	struct audit_event e = {.action = "sign_in_failed", .outcome = "failed", .entity = "user"};

	e.records = arena_memdup(a, &user, sizeof(user));
	e.nrecords = user != 0;
	guard_count(tx, account);
	guard_count(tx, address);
	audit_queue(tx, a, &e);
	return tx_run(tx);
}

/* *user_r 0: refused, which is queued and run. */
static struct err *
check(struct tx *tx, struct arena *a, const struct tenant *tn, const char *email,
	const char *password, const char *ip, int64_t *user_r)
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
	good = password_matches(stored, password);
	if (!good || account_locked || address_locked)
		return refuse(tx, a, user, &account, &address);
	*user_r = user;
	guard_clear(tx, &account);
	return NULL;
}

struct err *
session_sign_in(struct tx *tx, struct arena *a, const struct tenant *tn, const struct settings *st,
	const char *email, const char *password, const char *ip, const char *agent,
	const char **secret_r)
{
	unsigned char *hash = arena_alloc(a, DIGEST_BYTES);
	struct bytes h = {hash, DIGEST_BYTES};
	int64_t user;

	*secret_r = NULL;
	TRY(check(tx, a, tn, email, password, ip, &user));
	if (user == 0)
		return NULL;
	*secret_r = token_new(a, 32);
	session_hash(*secret_r, hash);
	tx_queue(tx, &mark_user, VALS(val_i64(user)), NULL);
	tx_queue(tx, &insert_session,
		VALS(val_bytes(h), val_i64(user), val_i64(st->session_absolute),
			val_i64(st->session_idle), val_text(ip), val_text(agent)),
		NULL);
	audit_queue_one(tx, a, "sign_in", "user", user, 0, NULL);
	return tx_run(tx);
}

struct err *
session_check_password(struct tx *tx, struct arena *a, const struct tenant *tn,
	const struct principal *p, const char *password, const char *ip, bool *good_r)
{
	int64_t user;

	TRY(check(tx, a, tn, p->email, password, ip, &user));
	*good_r = user == p->user_id;
	return tx_run(tx);
}

void
session_sign_out(struct tx *tx, struct arena *a, const struct principal *p)
{
	tx_queue(tx, &end_session, VALS(val_i64(p->session_id)), NULL);
	audit_queue_one(tx, a, "sign_out", "user", p->user_id, 0, NULL);
}

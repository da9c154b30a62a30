/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <string.h>

#include "event.h"
#include "factor.h"
#include "guard.h"
#include "link.h"
#include "num.h"
#include "password.h"
#include "token.h"

#define USER_COLUMNS \
	"u.user_id, u.password_hash, u.version, u.email, exists (select from factor f " \
	"where f.user_id = u.user_id and f.confirmed_at is not null), " \
	"extract(epoch from now())::bigint "

STMT(find_by_email, "sign_in.by_email", 1,
	"select " USER_COLUMNS "from app_user u "
	"where u.email_key = sha256(convert_to(lower($1), 'UTF8')) and u.active");
STMT(find_by_id, "sign_in.by_id", 1,
	"select " USER_COLUMNS "from app_user u where u.user_id = $1::bigint and u.active");
STMT(insert_session, "sign_in.session", 6,
	"insert into session (hash, user_id, kind, verified_at, expires_at, idle, ip, agent) "
	"values ($1, $2::bigint, 'cookie', now(), now() + make_interval(secs => $3::bigint), "
	"make_interval(secs => $4::bigint), $5::inet, $6) returning session_id");
STMT(look_welcome, "sign_in.welcome_look", 1,
	"select exists (select from sign_in_link where hash = $1 and kind = 'welcome' "
	"and expires_at > now())");
STMT(take_welcome, "sign_in.welcome", 1,
	"delete from sign_in_link where hash = $1 and kind = 'welcome' and expires_at > now() "
	"returning user_id");
/* From here on the transaction is whoever signs in, and their event says so. */
STMT(signed_in, "sign_in.enter", 2, "select gate_signed_in($1::bigint, $2::bigint)");
STMT(renew, "session.renew", 2,
	"update session set hash = $2, verified_at = now() where session_id = $1::bigint");
STMT(verified, "session.verified", 1,
	"select coalesce(verified_at > now() - interval '5 minutes', false) from session "
	"where session_id = $1::bigint and kind = 'cookie'");
STMT(keeps_out, "sign_in.closing", 1, "select closing_keeps_out($1::bigint)");
STMT(mark_user, "sign_in.mark", 1,
	"update app_user set last_sign_in_at = now() where user_id = $1::bigint");
STMT(end_session, "session.end", 1,
	"update session set ended_at = now() where session_id = $1::bigint or session_id = "
	"(select back_id from session where session_id = $1::bigint)");

/* Addresses get ten times the allowance of an account. */
#define ACCOUNT_FAILURES 5
#define ADDRESS_FAILURES 50
/* Seconds between the password and the second step. */
#define TICKET_LIFE 300

/* Somebody at the door: who they say they are, and how often it went wrong. */
struct attempt {
	const struct sign_in *in;
	struct guard account;
	struct guard address;
	bool locked;
	bool shut;          /* to the address, whoever it is */
	bool keyed;         /* by a passkey: what nobody guesses */
	int64_t user;       /* 0: there is no such user */
	const char *stored; /* hash of the password */
	int64_t version;    /* of the user */
	const char *email;
	bool second_step;
	int64_t now;
};

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

const char *
session_bound(struct arena *a, const struct principal *p)
{
	return arena_printf(a, "session|%lld", (long long)p->session_id);
}

/* Whoever is at this account or address at the same time waits from here on: so what takes long,
 * the hash of a password, comes before. */
static struct err *
look_at_guards(struct attempt *at)
{
	TRY(guard_locked(at->in->tx, &at->account, &at->locked));
	TRY(guard_locked(at->in->tx, &at->address, &at->shut));
	at->locked |= at->shut;
	return NULL;
}

/* By address, or (email NULL) by number. */
static struct err *
begin(const struct sign_in *in, const char *email, int64_t id, struct attempt *at)
{
	struct rows *rows;

	*at = (struct attempt){.in = in, .email = email};
	if (email != NULL)
		TRY(tx_query(in->tx, &find_by_email, VALS(val_text(email)), &rows));
	else
		TRY(tx_query(in->tx, &find_by_id, VALS(val_i64(id)), &rows));
	if (rows_count(rows) > 0) {
		at->user = rows_i64(rows, 0, 0);
		at->stored = rows_text(rows, 0, 1);
		at->version = rows_i64(rows, 0, 2);
		at->second_step = rows_bool(rows, 0, 4);
		at->now = rows_i64(rows, 0, 5);
		if (email == NULL)
			at->email = rows_text(rows, 0, 3);
	}
	at->account = guard_of(in->a, in->tn, "sign_in.account", at->email != NULL ? at->email : "",
		ACCOUNT_FAILURES);
	at->address = guard_of(in->a, in->tn, "sign_in.address", in->ip, ADDRESS_FAILURES);
	return NULL;
}

/* Counted and logged. reason: a word of the log, NULL: a password. */
static struct err *
refuse(const struct attempt *at, const char *reason)
{
	struct audit_event e = {.action = "sign_in_failed",
		.outcome = "failed",
		.entity = "user",
		.reason = reason,
		.records = &at->user,
		.nrecords = at->user != 0};

	if (!at->keyed)
		guard_count(at->in->tx, &at->account);
	guard_count(at->in->tx, &at->address);
	audit_queue(at->in->tx, at->in->a, &e);
	return tx_run(at->in->tx);
}

/* *word_r: what the code was, for the log; NULL: not right. A recovery code that was
 * used is news to its owner. */
static struct err *
try_code(const struct attempt *at, const char *code, const char **word_r)
{
	const struct sign_in *in = at->in;
	enum factor_used used = FACTOR_NONE;

	*word_r = NULL;
	if (at->locked || at->user == 0)
		return NULL;
	TRY(factor_check(in->tx, in->a, in->tn, at->user, code, &used));
	if (used == FACTOR_TOTP)
		*word_r = "totp";
	if (used != FACTOR_RECOVERY)
		return NULL;
	*word_r = "recovery_code";
	return notice_send(in->tx, in->a, in->tn, in->st, at->user, "recovery_code");
}

static struct bytes
new_secret(struct arena *a, const char **secret_r)
{
	unsigned char *hash = arena_alloc(a, DIGEST_BYTES);

	*secret_r = token_new(a, 32);
	session_hash(*secret_r, hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

/* Still as whoever had it, who may be somebody else. */
static void
end_before(const struct sign_in *in)
{
	const struct principal *p = in->before;

	if (p == NULL || strcmp(p->via, "cookie") != 0)
		return;
	tx_queue(in->tx, &end_session, VALS(val_i64(p->session_id)), NULL);
	audit_queue_one(in->tx, in->a, "sign_out", "user", p->user_id, 0, "signed_in_again");
}

/* A workspace that closes lets only some people in. Nothing is counted: the proof was right. */
static struct err *
refuse_closing(const struct attempt *at, struct session_made *made_r)
{
	audit_queue(at->in->tx, at->in->a,
		&(struct audit_event){.action = "sign_in_failed",
			.outcome = "failed",
			.entity = "user",
			.reason = "closing",
			.records = &at->user,
			.nrecords = 1});
	*made_r = (struct session_made){.closing = true};
	return tx_run(at->in->tx);
}

static struct err *
open_session(const struct attempt *at, const char *word, struct session_made *made_r)
{
	const struct sign_in *in = at->in;
	struct bytes hash;
	struct rows *rows;

	TRY(tx_query(in->tx, &keeps_out, VALS(val_i64(at->user)), &rows));
	if (rows_bool(rows, 0, 0))
		return refuse_closing(at, made_r);
	hash = new_secret(in->a, &made_r->secret);
	end_before(in);
	guard_clear(in->tx, &at->account);
	tx_queue(in->tx, &mark_user, VALS(val_i64(at->user)), NULL);
	TRY(tx_query(in->tx, &insert_session,
		VALS(val_bytes(hash), val_i64(at->user), val_i64(in->st->session_absolute),
			val_i64(in->st->session_idle), val_text(in->ip), val_text(in->agent)),
		&rows));
	made_r->id = rows_i64(rows, 0, 0);
	tx_queue(in->tx, &signed_in, VALS(val_i64(at->user), val_i64(made_r->id)), NULL);
	audit_queue_one(in->tx, in->a, "sign_in", "user", at->user, 0, word);
	return tx_run(in->tx);
}

static const char *
ticket_place(const struct sign_in *in)
{
	return arena_printf(in->a, "sign_in.ticket|%s", in->visitor != NULL ? in->visitor : "");
}

/* Says that the password was right, to the same visitor, for five minutes, and for
 * as long as nothing about the user has changed. */
static const char *
ticket_of(const struct attempt *at)
{
	struct arena *a = at->in->a;
	const char *text = arena_printf(a, "%lld|%lld|%lld", (long long)at->user,
		(long long)at->version, (long long)at->now);
	struct bytes sealed =
		seal_value(a, &at->in->tn->cursor, ticket_place(at->in), text, strlen(text));

	return base64url_encode(a, sealed.p, sealed.n);
}

struct err *
session_sign_in(const struct sign_in *in, const char *email, const struct proof *proof,
	struct session_made *made_r)
{
	const char *word = NULL;
	struct attempt at;
	bool good;

	*made_r = (struct session_made){.secret = NULL};
	TRY(begin(in, email, 0, &at));
	/* Locked or not, there or not, the same work is done. */
	good = password_matches(at.stored, proof->password);
	TRY(look_at_guards(&at));
	if (!good || at.locked)
		return refuse(&at, NULL);
	if (at.second_step && proof->code == NULL) {
		made_r->ticket = ticket_of(&at);
		made_r->user = at.user;
		return NULL;
	}
	if (at.second_step) {
		TRY(try_code(&at, proof->code, &word));
		if (word == NULL)
			return refuse(&at, "second_step");
	}
	return open_session(&at, word, made_r);
}

/* False: no ticket of ours. */
static bool
read_ticket(const struct sign_in *in, const char *ticket, int64_t v[3])
{
	struct bytes raw, plain;
	const char *p;

	if (!base64url_decode(in->a, ticket, &raw) ||
		!unseal_value(in->a, &in->tn->cursor, ticket_place(in), raw, &plain))
		return false;
	p = (const char *)plain.p;
	for (int i = 0; i < 3; i++) {
		size_t n = strcspn(p, "|");

		if (!num_parse_i64(arena_strndup(in->a, p, n), 0, INT64_MAX, &v[i]))
			return false;
		p += n + (p[n] == '|');
	}
	return true;
}

/* The attempt that a ticket goes on with; at->user 0: there is none, or it is over. */
static struct err *
resume(const struct sign_in *in, const char *ticket, struct attempt *at)
{
	int64_t v[3];

	*at = (struct attempt){.in = in};
	if (!read_ticket(in, ticket, v))
		return NULL;
	TRY(begin(in, NULL, v[0], at));
	if (at->version != v[1] || at->now - v[2] > TICKET_LIFE)
		at->user = 0;
	return NULL;
}

/* Of the network's address: one that was answered is taken back. */
static struct guard
challenges(const struct sign_in *in)
{
	return guard_of(in->a, in->tn, "passkey.address", in->ip, ADDRESS_FAILURES);
}

struct err *
session_challenge(const struct sign_in *in, bool *locked_r)
{
	struct guard asked = challenges(in),
		     failed = guard_of(in->a, in->tn, "sign_in.address", in->ip, ADDRESS_FAILURES);

	TRY(guard_locked(in->tx, &failed, locked_r));
	if (!*locked_r)
		TRY(guard_locked(in->tx, &asked, locked_r));
	if (!*locked_r)
		guard_count(in->tx, &asked);
	return NULL;
}

struct err *
session_ticket_user(const struct sign_in *in, const char *ticket, int64_t *user_r)
{
	struct attempt at;

	TRY(resume(in, ticket, &at));
	*user_r = at.user;
	return NULL;
}

struct err *
session_second_step(
	const struct sign_in *in, const char *ticket, const char *code, struct session_made *made_r)
{
	struct attempt at;
	const char *word;

	*made_r = (struct session_made){.secret = NULL};
	TRY(resume(in, ticket, &at));
	if (at.user == 0)
		return NULL;
	TRY(look_at_guards(&at));
	made_r->ticket = ticket;
	made_r->user = at.user;
	TRY(try_code(&at, code, &word));
	return word != NULL ? open_session(&at, word, made_r) : refuse(&at, "second_step");
}

/* *good_r: signed for this use and place, by a passkey of at->user. */
static struct err *
try_passkey(
	struct attempt *at, enum passkey_use use, const struct passkey_found *found, bool *good_r)
{
	const struct sign_in *in = at->in;

	at->keyed = true;
	*good_r = found->good && found->user == at->user && !at->shut;
	if (*good_r)
		return NULL;
	if (found->went_back && found->user == at->user && !at->shut)
		TRY(notice_send(in->tx, in->a, in->tn, in->st, at->user, "passkey_copied"));
	if (found->went_back)
		return refuse(at, "passkey_copied");
	return refuse(at, use == PASSKEY_SIGN_IN ? "passkey" : "identity");
}

struct err *
session_passkey(
	const struct sign_in *in, const struct passkey_sent *sent, struct session_made *made_r)
{
	struct guard asked = challenges(in);
	struct passkey_found found;
	struct attempt at;
	bool good;

	*made_r = (struct session_made){.secret = NULL};
	TRY(passkey_check(in->tx, in->a, in->tn, PASSKEY_SIGN_IN, in->visitor, sent, &found));
	TRY(begin(in, NULL, found.user, &at));
	TRY(look_at_guards(&at));
	TRY(try_passkey(&at, PASSKEY_SIGN_IN, &found, &good));
	if (!good)
		return NULL;
	guard_take_back(in->tx, &asked);
	return open_session(&at, "passkey", made_r);
}

struct err *
session_welcome_look(struct tx *tx, const char *ticket, bool *good_r)
{
	unsigned char hash[DIGEST_BYTES];
	struct rows *rows;

	session_hash(ticket, hash);
	TRY(tx_query(
		tx, &look_welcome, VALS(val_bytes((struct bytes){hash, sizeof(hash)})), &rows));
	*good_r = rows_bool(rows, 0, 0);
	return NULL;
}

struct err *
session_welcome(const struct sign_in *in, const char *ticket, struct session_made *made_r)
{
	unsigned char hash[DIGEST_BYTES];
	struct attempt at;
	struct rows *rows;

	*made_r = (struct session_made){.secret = NULL};
	session_hash(ticket, hash);
	TRY(tx_query(
		in->tx, &take_welcome, VALS(val_bytes((struct bytes){hash, sizeof(hash)})), &rows));
	TRY(begin(in, NULL, rows_count(rows) > 0 ? rows_i64(rows, 0, 0) : 0, &at));
	TRY(look_at_guards(&at));
	if (at.user != 0 && !at.shut)
		return open_session(&at, "sign_up", made_r);
	at.keyed = true;
	return refuse(&at, "link");
}

/* By a password or a code: *good_r, also when there is a lock. */
static struct err *
try_words(struct attempt *at, const struct proof *proof, bool *good_r)
{
	const char *word = NULL;

	if (proof->password != NULL) {
		*good_r = password_matches(at->stored, proof->password);
		return look_at_guards(at);
	}
	TRY(look_at_guards(at));
	if (proof->code != NULL)
		TRY(try_code(at, proof->code, &word));
	*good_r = word != NULL;
	return NULL;
}

struct err *
session_prove(const struct sign_in *in, const struct principal *p, const struct proof *proof,
	bool *good_r)
{
	struct passkey_found found;
	struct attempt at;

	TRY(begin(in, NULL, p->user_id, &at));
	if (proof->password == NULL && proof->passkey != NULL) {
		TRY(passkey_check(in->tx, in->a, in->tn, PASSKEY_IDENTITY, session_bound(in->a, p),
			proof->passkey, &found));
		TRY(look_at_guards(&at));
		TRY(try_passkey(&at, PASSKEY_IDENTITY, &found, good_r));
		return tx_run(in->tx);
	}
	TRY(try_words(&at, proof, good_r));
	*good_r = *good_r && !at.locked && at.user == p->user_id;
	if (!*good_r)
		return refuse(&at, "identity");
	guard_clear(in->tx, &at.account);
	return tx_run(in->tx);
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

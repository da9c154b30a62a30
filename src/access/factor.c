/* SPDX-License-Identifier: ISC */
#include "factor.h"

#include <string.h>

#include "event.h"
#include "token.h"

#define KEY_PURPOSE "factor"
/* 60 bits: more than anybody can try, here or on a stolen database. */
#define CODE_CHARS 12

STMT(find, "factor.find", 2,
	"select f.factor_id, k.key_id, k.wrapped, f.sealed, f.used_step, "
	"extract(epoch from now())::bigint from factor f join data_key k using (key_id) "
	"where f.user_id = $1::bigint and f.kind = 'totp' "
	"and (f.confirmed_at is not null) = $2::boolean");
/* Two requests with one code: the second waits here and then changes nothing. */
STMT(use, "factor.use", 2,
	"update factor set used_step = $2::bigint, last_used_at = now() "
	"where factor_id = $1::bigint and used_step < $2::bigint");
STMT(use_code, "factor.use_code", 2,
	"update recovery_code set used_at = now() "
	"where user_id = $1::bigint and hash = $2 and used_at is null");
STMT(state, "factor.state", 1,
	"select exists (select from factor where user_id = $1::bigint and kind = 'totp' "
	"and confirmed_at is not null), "
	"exists (select from factor where user_id = $1::bigint and confirmed_at is null), "
	"(select count(*) from recovery_code where user_id = $1::bigint and used_at is null), "
	"(select (extract(epoch from max(confirmed_at)) * 1000000)::bigint from factor "
	"where user_id = $1::bigint and kind = 'totp'), "
	"(select (extract(epoch from max(last_used_at)) * 1000000)::bigint from factor "
	"where user_id = $1::bigint and kind = 'totp'), "
	"(select count(*) from factor where user_id = $1::bigint and kind = 'passkey')");
STMT(drop_pending, "factor.drop_pending", 1,
	"with f as (delete from factor where user_id = $1::bigint and kind = 'totp' "
	"and confirmed_at is null returning key_id) "
	"delete from data_key where key_id in (select key_id from f)");
STMT(begin_one, "factor.begin", 2,
	"with k as (insert into data_key (purpose, wrapped) values ('factor', $2) "
	"returning key_id) "
	"insert into factor (user_id, kind, key_id) select $1::bigint, 'totp', key_id from k "
	"returning factor_id, key_id");
STMT(put, "factor.put", 2, "update factor set sealed = $2 where factor_id = $1::bigint");
STMT(drop_old, "factor.drop_old", 2,
	"with f as (delete from factor where user_id = $1::bigint and kind = 'totp' "
	"and factor_id <> $2::bigint returning key_id) "
	"delete from data_key where key_id in (select key_id from f)");
STMT(confirm, "factor.confirm", 2,
	"update factor set confirmed_at = now(), used_step = $2::bigint, last_used_at = now() "
	"where factor_id = $1::bigint");
STMT(drop_codes, "factor.drop_codes", 1, "delete from recovery_code where user_id = $1::bigint");
STMT(add_codes, "factor.add_codes", 2,
	"insert into recovery_code (user_id, hash) select $1::bigint, unnest($2::bytea[])");
STMT(drop_app, "factor.drop_app", 1,
	"with f as (delete from factor where user_id = $1::bigint and kind = 'totp' "
	"returning key_id), "
	"k as (delete from data_key where key_id in (select key_id from f)), "
	"c as (delete from recovery_code where user_id = $1::bigint and not exists (select from "
	"factor where user_id = $1::bigint and kind <> 'totp' and confirmed_at is not null)) "
	"select count(*) from f");
STMT(drop_all, "factor.drop_all", 1,
	"with c as (delete from recovery_code where user_id = $1::bigint), "
	"f as (delete from factor where user_id = $1::bigint returning key_id), "
	"k as (delete from data_key where key_id in (select key_id from f)) "
	"select count(*) from f");

/* A totp as the database has it. */
struct totp_row {
	int64_t id;
	int64_t used_step;
	int64_t now;
	unsigned char secret[TOTP_SECRET];
};

static const char *
place(struct arena *a, int64_t id)
{
	return arena_printf(a, "factor.sealed|%lld", (long long)id);
}

static struct err *
load(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user, bool confirmed,
	struct totp_row *row_r, bool *found_r)
{
	struct seal_key key;
	struct bytes plain;
	struct rows *rows;

	TRY(tx_query(tx, &find, VALS(val_i64(user), val_bool(confirmed)), &rows));
	*found_r = rows_count(rows) > 0;
	if (!*found_r)
		return NULL;
	row_r->id = rows_i64(rows, 0, 0);
	row_r->used_step = rows_i64(rows, 0, 4);
	row_r->now = rows_i64(rows, 0, 5);
	if (!key_unwrap(a, &tn->kek, KEY_PURPOSE, rows_bytes(a, rows, 0, 2), rows_i64(rows, 0, 1),
		    &key))
		return err_internal(a, "the key of a second step does not open");
	if (!unseal_value(a, &key, place(a, row_r->id), rows_bytes(a, rows, 0, 3), &plain) ||
		plain.n != TOTP_SECRET)
		return err_internal(a, "the secret of a second step does not open");
	memcpy(row_r->secret, plain.p, TOTP_SECRET);
	secret_wipe(&key, sizeof(key));
	return NULL;
}

/* As typed, without blanks and hyphens, in lower case. */
static const char *
clean(struct arena *a, const char *typed)
{
	char *out = arena_strdup(a, typed), *to = out;

	for (const char *p = typed; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*to++ = (char)(*p + 32);
		else if (*p != ' ' && *p != '-')
			*to++ = *p;
	*to = '\0';
	return out;
}

static struct bytes
code_hash(struct arena *a, int64_t user, const char *code)
{
	unsigned char *hash = arena_alloc(a, DIGEST_BYTES);
	const char *text = arena_printf(a, "%lld|%s", (long long)user, clean(a, code));

	sha256(text, strlen(text), hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

static struct err *
check_totp(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user, const char *code,
	bool *good_r)
{
	struct totp_row row;
	struct rows *rows;
	int64_t step;
	bool found;

	*good_r = false;
	TRY(load(tx, a, tn, user, true, &row, &found));
	if (!found || !totp_matches(row.secret, row.now, row.used_step, code, &step))
		return NULL;
	TRY(tx_query(tx, &use, VALS(val_i64(row.id), val_i64(step)), &rows));
	*good_r = rows_affected(rows) == 1;
	return NULL;
}

struct err *
factor_check(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	const char *typed, enum factor_used *used_r)
{
	const char *code = clean(a, typed);
	struct rows *rows;
	bool good;

	*used_r = FACTOR_NONE;
	if (strlen(code) == TOTP_DIGITS) {
		TRY(check_totp(tx, a, tn, user, code, &good));
		if (good)
			*used_r = FACTOR_TOTP;
		return NULL;
	}
	TRY(tx_query(
		tx, &use_code, VALS(val_i64(user), val_bytes(code_hash(a, user, code))), &rows));
	if (rows_affected(rows) == 1)
		*used_r = FACTOR_RECOVERY;
	return NULL;
}

struct err *
factor_state(struct tx *tx, int64_t user, struct factor_state *state_r)
{
	struct rows *rows;

	TRY(tx_query(tx, &state, VALS(val_i64(user)), &rows));
	state_r->totp = rows_bool(rows, 0, 0);
	state_r->pending = rows_bool(rows, 0, 1);
	state_r->codes = rows_i64(rows, 0, 2);
	state_r->since = rows_i64(rows, 0, 3);
	state_r->used = rows_i64(rows, 0, 4);
	state_r->passkeys = rows_i64(rows, 0, 5);
	return NULL;
}

struct err *
factor_begin(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	unsigned char secret[TOTP_SECRET])
{
	struct seal_key key;
	struct bytes sealed;
	struct rows *rows;
	int64_t id;

	random_bytes(secret, TOTP_SECRET);
	seal_key_random(&key);
	tx_queue(tx, &drop_pending, VALS(val_i64(user)), NULL);
	TRY(tx_query(tx, &begin_one,
		VALS(val_i64(user), val_bytes(key_wrap(a, &tn->kek, KEY_PURPOSE, &key))), &rows));
	id = rows_i64(rows, 0, 0);
	key.id = rows_i64(rows, 0, 1);
	sealed = seal_value(a, &key, place(a, id), secret, TOTP_SECRET);
	secret_wipe(&key, sizeof(key));
	tx_queue(tx, &put, VALS(val_i64(id), val_bytes(sealed)), NULL);
	return tx_run(tx);
}

struct err *
factor_pending(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	unsigned char secret[TOTP_SECRET], bool *found_r)
{
	struct totp_row row;

	TRY(load(tx, a, tn, user, false, &row, found_r));
	if (*found_r)
		memcpy(secret, row.secret, TOTP_SECRET);
	return NULL;
}

struct err *
factor_confirm(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	const char *typed, bool *good_r)
{
	struct totp_row row;
	int64_t step;

	TRY(load(tx, a, tn, user, false, &row, good_r));
	if (!*good_r)
		return err_new(a, ERR_CONFLICT, "error.two_step_not_begun");
	*good_r = totp_matches(row.secret, row.now, 0, clean(a, typed), &step);
	if (!*good_r)
		return NULL;
	tx_queue(tx, &drop_old, VALS(val_i64(user), val_i64(row.id)), NULL);
	tx_queue(tx, &confirm, VALS(val_i64(row.id), val_i64(step)), NULL);
	audit_queue_one(tx, a, "permission", "user", user, 0, "two_step_on");
	return tx_run(tx);
}

struct err *
factor_new_codes(struct tx *tx, struct arena *a, int64_t user, const char *codes_r[RECOVERY_CODES])
{
	struct bytes hashes[RECOVERY_CODES];

	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		codes_r[i] = totp_random_code(a, CODE_CHARS);
		hashes[i] = code_hash(a, user, codes_r[i]);
	}
	tx_queue(tx, &drop_codes, VALS(val_i64(user)), NULL);
	tx_queue(tx, &add_codes, VALS(val_i64(user), val_byteses(hashes, RECOVERY_CODES)), NULL);
	audit_queue_one(tx, a, "permission", "user", user, 0, "recovery_codes");
	return tx_run(tx);
}

static struct err *
removed(struct tx *tx, struct arena *a, int64_t user, const struct stmt *st, bool *had_r)
{
	struct rows *rows;

	TRY(tx_query(tx, st, VALS(val_i64(user)), &rows));
	*had_r = rows_i64(rows, 0, 0) > 0;
	if (*had_r)
		audit_queue_one(tx, a, "permission", "user", user, 0, "two_step_off");
	return tx_run(tx);
}

struct err *
factor_remove_app(struct tx *tx, struct arena *a, int64_t user, bool *had_r)
{
	return removed(tx, a, user, &drop_app, had_r);
}

struct err *
factor_remove(struct tx *tx, struct arena *a, int64_t user, bool *had_r)
{
	return removed(tx, a, user, &drop_all, had_r);
}

/* SPDX-License-Identifier: ISC */
#include "passkey_store.h"

#include <string.h>

#include "client_data.h"
#include "event.h"
#include "passkey.h"
#include "token.h"

STMT(add_challenge, "passkey.challenge", 2,
	"insert into passkey_challenge (hash, expires_at) "
	"values ($1, now() + make_interval(secs => $2::bigint))");
/* Two answers to one challenge: the second waits here and then finds nothing. */
STMT(take_challenge, "passkey.take_challenge", 1,
	"with d as (delete from passkey_challenge where hash = $1 returning expires_at) "
	"select expires_at > now() from d");
STMT(find, "passkey.find", 1,
	"select f.factor_id, f.user_id, f.alg, f.public_key from factor f "
	"join app_user u using (user_id) "
	"where f.credential_id = $1 and f.kind = 'passkey' and u.active");
/* An authenticator that does not count says 0 for ever. */
STMT(count_up, "passkey.use", 2,
	"update factor set sign_count = $2::bigint, last_used_at = now() "
	"where factor_id = $1::bigint and (sign_count < $2::bigint or "
	"(sign_count = 0 and $2::bigint = 0))");
STMT(add, "passkey.add", 6,
	"insert into factor (user_id, kind, credential_id, public_key, alg, sign_count, name, "
	"confirmed_at) select $1::bigint, 'passkey', $2, $3, $4::bigint, $5::bigint, $6, now() "
	"where (select count(*) from factor where user_id = $1::bigint and kind = 'passkey') < 20 "
	"on conflict (credential_id) where kind = 'passkey' do nothing returning factor_id");
STMT(rename_one, "passkey.rename", 3,
	"update factor set name = $3 where factor_id = $2::bigint and user_id = $1::bigint "
	"and kind = 'passkey'");
STMT(remove_one, "passkey.remove", 2,
	"delete from factor where factor_id = $2::bigint and user_id = $1::bigint "
	"and kind = 'passkey'");
STMT(drop_codes, "passkey.drop_codes", 1,
	"delete from recovery_code where user_id = $1::bigint and not exists "
	"(select from factor where user_id = $1::bigint and confirmed_at is not null)");
STMT(list, "passkey.list", 1,
	"select factor_id, name, credential_id, "
	"(extract(epoch from confirmed_at) * 1000000)::bigint, "
	"(extract(epoch from last_used_at) * 1000000)::bigint from factor "
	"where user_id = $1::bigint and kind = 'passkey' order by factor_id");

_Static_assert(PASSKEYS_MAX == 20, "the statement passkey.add says how many");

static struct bytes
challenge_hash(struct arena *a, enum passkey_use use, const char *bound, const char *challenge)
{
	unsigned char *hash = arena_alloc(a, DIGEST_BYTES);
	const char *text = arena_printf(a, "%d|%s|%s", use, bound != NULL ? bound : "", challenge);

	sha256(text, strlen(text), hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

struct err *
passkey_challenge(struct tx *tx, struct arena *a, enum passkey_use use, const char *bound,
	const char **challenge_r)
{
	*challenge_r = token_new(a, DIGEST_BYTES);
	tx_queue(tx, &add_challenge,
		VALS(val_bytes(challenge_hash(a, use, bound, *challenge_r)),
			val_i64(PASSKEY_SECONDS)),
		NULL);
	return tx_run(tx);
}

static bool
decode(struct arena *a, const char *text, struct bytes *raw_r)
{
	return text != NULL && base64url_decode(a, text, raw_r);
}

/* The browser's part: of our page, and to a challenge that is still good, which it uses
 * up. *good_r false: not so. */
static struct err *
check_client(struct tx *tx, struct arena *a, const struct tenant *tn, enum passkey_use use,
	const char *bound, const char *client_data, unsigned char hash[DIGEST_BYTES], bool *good_r)
{
	const char *type = use == PASSKEY_NEW ? CLIENT_DATA_CREATE : CLIENT_DATA_GET;
	const char *challenge;
	struct bytes raw;
	struct rows *rows;

	*good_r = false;
	if (!decode(a, client_data, &raw) ||
		!client_data_read(a, raw, type, tn->origin, &challenge))
		return NULL;
	sha256(raw.p, raw.n, hash);
	TRY(tx_query(tx, &take_challenge, VALS(val_bytes(challenge_hash(a, use, bound, challenge))),
		&rows));
	*good_r = rows_count(rows) > 0 && rows_bool(rows, 0, 0);
	return NULL;
}

const char *
passkey_user_handle(struct arena *a, const struct tenant *tn, int64_t user)
{
	struct bytes b = blind_index(
		a, &tn->blind, "passkey.user", arena_printf(a, "%lld", (long long)user));

	return base64url_encode(a, b.p, b.n);
}

struct err *
passkey_check(struct tx *tx, struct arena *a, const struct tenant *tn, enum passkey_use use,
	const char *bound, const struct passkey_sent *sent, struct passkey_found *found_r)
{
	unsigned char hash[DIGEST_BYTES];
	struct passkey key = {.alg = 0};
	struct passkey_proof proof = {.client_hash = hash};
	struct bytes id;
	struct rows *rows;
	int64_t count, factor;
	bool fresh, signed_well;

	*found_r = (struct passkey_found){.user = 0};
	TRY(check_client(tx, a, tn, use, bound, sent->client_data, hash, &fresh));
	if (!fresh || !decode(a, sent->id, &id) || !decode(a, sent->auth_data, &proof.auth_data) ||
		!decode(a, sent->signature, &proof.signature))
		return NULL;
	TRY(tx_query(tx, &find, VALS(val_bytes(id)), &rows));
	if (rows_count(rows) == 0) {
		/* As much work as for one that is known. */
		passkey_proves(tn->host, NULL, &proof, &count);
		return NULL;
	}
	factor = rows_i64(rows, 0, 0);
	found_r->user = rows_i64(rows, 0, 1);
	key.alg = (int)rows_i64(rows, 0, 2);
	key.key = rows_bytes(a, rows, 0, 3);
	signed_well = passkey_proves(tn->host, &key, &proof, &count);
	if (signed_well && sent->user_handle != NULL)
		signed_well =
			strcmp(sent->user_handle, passkey_user_handle(a, tn, found_r->user)) == 0;
	if (!signed_well)
		return NULL;
	TRY(tx_query(tx, &count_up, VALS(val_i64(factor), val_i64(count)), &rows));
	found_r->good = rows_affected(rows) == 1;
	found_r->went_back = !found_r->good;
	return NULL;
}

struct err *
passkey_add(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	const char *bound, const struct passkey_new *sent, int64_t *id_r)
{
	unsigned char hash[DIGEST_BYTES];
	struct bytes attestation;
	struct passkey key;
	struct rows *rows;
	bool fresh;

	*id_r = 0;
	TRY(check_client(tx, a, tn, PASSKEY_NEW, bound, sent->client_data, hash, &fresh));
	if (!fresh || !decode(a, sent->attestation, &attestation) ||
		!passkey_read(a, tn->host, attestation, &key))
		return NULL;
	TRY(tx_query(tx, &add,
		VALS(val_i64(user), val_bytes(key.id), val_bytes(key.key), val_i64(key.alg),
			val_i64(key.count), val_text(sent->name)),
		&rows));
	if (rows_count(rows) == 0)
		return err_new(a, ERR_CONFLICT, "error.passkey_known");
	*id_r = rows_i64(rows, 0, 0);
	audit_queue_one(tx, a, "permission", "user", user, 0, "passkey_added");
	return tx_run(tx);
}

struct err *
passkey_rename(struct tx *tx, int64_t user, int64_t id, const char *name, bool *done_r)
{
	struct rows *rows;

	TRY(tx_query(tx, &rename_one, VALS(val_i64(user), val_i64(id), val_text(name)), &rows));
	*done_r = rows_affected(rows) == 1;
	return NULL;
}

struct err *
passkey_remove(struct tx *tx, struct arena *a, int64_t user, int64_t id, bool *done_r)
{
	struct rows *rows;

	TRY(tx_query(tx, &remove_one, VALS(val_i64(user), val_i64(id)), &rows));
	*done_r = rows_affected(rows) == 1;
	if (!*done_r)
		return NULL;
	tx_queue(tx, &drop_codes, VALS(val_i64(user)), NULL);
	audit_queue_one(tx, a, "permission", "user", user, 0, "passkey_removed");
	return tx_run(tx);
}

struct err *
passkey_list(struct tx *tx, struct arena *a, int64_t user, struct passkey_row **rows_r, size_t *n_r)
{
	struct rows *r;

	TRY(tx_query(tx, &list, VALS(val_i64(user)), &r));
	*n_r = rows_count(r);
	*rows_r = ARENA_ARRAY(a, *n_r + 1, struct passkey_row);
	for (size_t i = 0; i < *n_r; i++) {
		struct bytes id = rows_bytes(a, r, i, 2);

		(*rows_r)[i] = (struct passkey_row){.id = rows_i64(r, i, 0),
			.name = rows_text(r, i, 1),
			.credential = base64url_encode(a, id.p, id.n),
			.since = rows_i64(r, i, 3),
			.used = rows_i64(r, i, 4)};
	}
	return NULL;
}

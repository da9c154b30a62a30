/* SPDX-License-Identifier: ISC */
#include "user.h"

#include <string.h>

#include "event.h"
#include "password.h"
#include "password_rule.h"
#include "text.h"
#include "token.h"
#include "utf8.h"

STMT(enter_system, "gate.system", 3, "select gate_system($1, $2::bigint, $3)");
STMT(by_email, "user.by_email", 1,
	"select user_id from app_user where email_key = sha256(convert_to(lower($1), 'UTF8'))");
STMT(active_by_email, "user.active_by_email", 1,
	"select user_id from app_user where email_key = sha256(convert_to(lower($1), 'UTF8')) "
	"and active");
STMT(insert, "user.create", 5,
	"insert into app_user (email, email_key, name, language, profile_id, password_hash, "
	"password_at) "
	"select $1, sha256(convert_to(lower($1), 'UTF8')), $2, $3, profile_id, $5, "
	"case when $5::text is null then null else now() end "
	"from profile where name = $4 returning user_id");
STMT(email_of, "user.email", 1, "select email from app_user where user_id = $1::bigint");
STMT(end_links, "user.end_links", 1, "delete from sign_in_link where user_id = $1::bigint");
STMT(set_password, "user.set_password", 2,
	"update app_user set password_hash = $2, password_at = now(), version = version + 1 "
	"where user_id = $1::bigint");
/* A token that was not made by whoever sets the password is the next way in. */
STMT(end_sessions, "user.end_sessions", 3,
	"update session set ended_at = now() where user_id = $1::bigint and ended_at is null "
	"and (kind = 'cookie' or $3::boolean) and session_id is distinct from $2::bigint");
STMT(welcome, "user.welcome", 2,
	"insert into sign_in_link (hash, user_id, kind, expires_at) "
	"values ($1, $2::bigint, 'welcome', now() + interval '15 minutes')");
STMT(first_is, "user.first_is", 1,
	"select exists (select from app_user where email_key = sha256(convert_to(lower($1), "
	"'UTF8')) and user_id = (select min(user_id) from app_user))");
/* seen_at says when it was used: not yet. */
STMT(insert_token, "token.create", 5,
	"insert into session (hash, user_id, kind, name, seen_at, expires_at, scope) "
	"values ($1, $2::bigint, 'token', $3, '-infinity', "
	"now() + make_interval(days => $4::int), $5::text[]) "
	"returning session_id");

struct err *
system_tx(struct conn *c, struct arena *a, const char *kind, int64_t user, const char *route,
	struct tx **tx_r)
{
	return tx_begin(
		c, a, &enter_system, VALS(val_text(kind), val_id(user), val_text(route)), tx_r);
}

static void
check_password(struct arena *a, const struct tenant *tn, const char *email, const char *password,
	struct err **e)
{
	const struct password_owner owner = {
		.email = email, .business = tn->name, .slug = tn->slug};

	password_rules_check(a, password, &owner, e);
}

struct err *
user_create(struct tx *tx, struct arena *a, const struct tenant *tn, const char *email,
	const char *name, const char *profile, const char *language, const char *password,
	int64_t *user_r)
{
	const char *clean = email != NULL ? text_email(a, email) : NULL;
	const char *shown = name != NULL ? text_clean(a, name, false) : NULL;
	struct err *e = NULL;
	struct rows *rows;

	if (clean == NULL)
		err_add_field(a, &e, "email", "error.email", NULL);
	if (shown == NULL || utf8_length(shown) > 100)
		err_add_field(a, &e, "name", "error.required", NULL);
	if (password != NULL)
		check_password(a, tn, clean, password, &e);
	if (e != NULL)
		return e;
	TRY(tx_query(tx, &insert,
		VALS(val_text(clean), val_text(shown), val_text(language), val_text(profile),
			val_text(password != NULL ? password_hash(a, password) : NULL)),
		&rows));
	if (rows_count(rows) == 0) {
		err_add_field(a, &e, "profile", "error.choice", NULL);
		return e;
	}
	*user_r = rows_i64(rows, 0, 0);
	audit_queue_one(tx, a, "permission", "user", *user_r, 0, "user_created");
	return NULL;
}

struct err *
user_set_password(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	const char *password, int64_t keep, bool tokens)
{
	struct err *e = NULL;
	struct rows *rows;

	TRY(tx_query(tx, &email_of, VALS(val_i64(user)), &rows));
	if (rows_count(rows) == 0)
		return err_new(a, ERR_NOT_FOUND, NULL);
	check_password(a, tn, rows_text(rows, 0, 0), password, &e);
	if (e != NULL)
		return e;
	tx_queue(tx, &end_sessions, VALS(val_i64(user), val_id(keep), val_bool(tokens)), NULL);
	tx_queue(tx, &end_links, VALS(val_i64(user)), NULL);
	TRY(tx_query(tx, &set_password, VALS(val_i64(user), val_text(password_hash(a, password))),
		NULL));
	audit_queue_one(tx, a, "permission", "user", user, 0, "password_set");
	return NULL;
}

struct err *
user_create_first(struct tx *tx, struct arena *a, const struct tenant *tn, const char *email,
	const char *language, const char *hash, const char *ticket)
{
	unsigned char digest[DIGEST_BYTES];
	int64_t user;

	TRY(user_by_email(tx, a, email, &user));
	if (user != 0)
		return NULL;
	TRY(user_create(tx, a, tn, email, arena_strndup(a, email, strcspn(email, "@")),
		"administrator", language, NULL, &user));
	TRY(tx_query(tx, &set_password, VALS(val_i64(user), val_text(hash)), NULL));
	sha256(ticket, strlen(ticket), digest);
	return tx_query(tx, &welcome,
		VALS(val_bytes((struct bytes){digest, sizeof(digest)}), val_i64(user)), NULL);
}

struct err *
user_is_first(struct tx *tx, struct arena *a, const char *email, bool *is_r)
{
	struct rows *rows;

	(void)a;
	TRY(tx_query(tx, &first_is, VALS(val_text(email)), &rows));
	*is_r = rows_bool(rows, 0, 0);
	return NULL;
}

struct err *
user_by_email(struct tx *tx, struct arena *a, const char *email, int64_t *user_r)
{
	struct rows *rows;

	(void)a;
	*user_r = 0;
	TRY(tx_query(tx, &by_email, VALS(val_text(email)), &rows));
	if (rows_count(rows) > 0)
		*user_r = rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
user_active_by_email(struct tx *tx, const char *email, int64_t *user_r)
{
	struct rows *rows;

	TRY(tx_query(tx, &active_by_email, VALS(val_text(email)), &rows));
	*user_r = rows_count(rows) > 0 ? rows_i64(rows, 0, 0) : 0;
	return NULL;
}

struct err *
token_create(struct tx *tx, struct arena *a, const struct token_new *new, const char **token_r)
{
	const char *token = token_new(a, 32);
	unsigned char *hash = arena_alloc(a, DIGEST_BYTES);
	struct bytes h = {hash, DIGEST_BYTES};
	struct rows *rows;

	sha256(token, strlen(token), hash);
	TRY(tx_query(tx, &insert_token,
		VALS(val_bytes(h), val_i64(new->user), val_text(new->name), val_i64(new->days),
			new->scope != NULL ? val_texts(new->scope, new->nscope) : NO_VAL),
		&rows));
	audit_queue_one(tx, a, "permission", "token", rows_i64(rows, 0, 0), 0, "token_created");
	*token_r = token;
	return NULL;
}

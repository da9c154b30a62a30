/* SPDX-License-Identifier: ISC */
#include "link.h"

#include <string.h>

#include "event.h"
#include "outbox.h"
#include "response.h"
#include "token.h"
#include "user.h"

STMT(find_user, "link.user", 1,
	"select email, name, language from app_user where user_id = $1::bigint and active");
STMT(insert, "link.insert", 5,
	"with old as (delete from sign_in_link where user_id = $2::bigint) "
	"insert into sign_in_link (hash, user_id, kind, created_by, expires_at) "
	"values ($1, $2::bigint, $3, $4::bigint, now() + make_interval(secs => $5::bigint))");
STMT(find, "link.find", 2,
	"select l.user_id, u.email from sign_in_link l join app_user u using (user_id) "
	"where l.hash = $1 and l.kind = $2 and l.expires_at > now() and u.active");
/* Two that come at the same time: the second waits here and finds nothing. */
STMT(take, "link.take", 2,
	"select l.user_id from sign_in_link l join app_user u using (user_id) "
	"where l.hash = $1 and l.kind = $2 and l.expires_at > now() and u.active for update of l");

static const struct {
	const char *name;
	const char *path;
	int64_t life;
	const char *reason;
} kinds[] = {
	[LINK_INVITE] = {"invite", "/invite", (int64_t)7 * 86400, "invited"},
	[LINK_RESET] = {"reset", "/password/reset", 3600, "reset_sent"},
};

static struct bytes
digest_of(struct arena *a, const char *token)
{
	unsigned char *hash = arena_alloc(a, DIGEST_BYTES);

	sha256(token, strlen(token), hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

/* *row_r NULL: there is no such user who can sign in. */
static struct err *
letter_to(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user, struct outgoing *m,
	bool *found_r)
{
	struct rows *rows;

	TRY(tx_query(tx, &find_user, VALS(val_i64(user)), &rows));
	*found_r = rows_count(rows) > 0;
	if (!*found_r)
		return NULL;
	m->to = rows_text(rows, 0, 0);
	m->name = rows_text(rows, 0, 1);
	m->lang = lang_parse(rows_text(rows, 0, 2));
	m->user_id = user;
	m->subject_arg = tn->name;
	m->data = model_object(a);
	model_text(m->data, "workspace", tn->name);
	model_text(m->data, "name", m->name);
	model_text(m->data, "email", m->to);
	model_text(m->data, "origin", tn->origin);
	return NULL;
}

struct err *
link_send(struct tx *tx, struct arena *a, const struct tenant *tn, const struct settings *st,
	enum link_kind kind, int64_t user, int64_t by)
{
	struct outgoing m = {.kind = kinds[kind].name, .created_by = by, .life = kinds[kind].life};
	const char *token = token_new(a, 32);
	bool found;

	if (st->mail_relay == NULL)
		return err_new(a, ERR_CONFLICT, "error.no_mail");
	TRY(letter_to(tx, a, tn, user, &m, &found));
	if (!found)
		return err_new(a, ERR_CONFLICT, "error.user_inactive");
	model_text(m.data, "link", arena_printf(a, "%s%s/%s", tn->origin, kinds[kind].path, token));
	tx_queue(tx, &insert,
		VALS(val_bytes(digest_of(a, token)), val_i64(user), val_text(kinds[kind].name),
			val_id(by), val_i64(kinds[kind].life)),
		NULL);
	audit_queue_one(tx, a, "permission", "user", user, 0, kinds[kind].reason);
	return outbox_add(tx, a, &tn->kek, &m);
}

struct err *
link_find(struct tx *tx, struct arena *a, enum link_kind kind, const char *token, int64_t *user_r,
	const char **email_r)
{
	struct rows *rows;

	*user_r = 0;
	*email_r = NULL;
	TRY(tx_query(tx, &find, VALS(val_bytes(digest_of(a, token)), val_text(kinds[kind].name)),
		&rows));
	if (rows_count(rows) == 0)
		return NULL;
	*user_r = rows_i64(rows, 0, 0);
	*email_r = rows_text(rows, 0, 1);
	return NULL;
}

struct err *
link_use(struct tx *tx, struct arena *a, const struct tenant *tn, const struct settings *st,
	enum link_kind kind, const char *token, const char *password, bool *done_r)
{
	struct rows *rows;
	int64_t user;

	TRY(tx_query(tx, &take, VALS(val_bytes(digest_of(a, token)), val_text(kinds[kind].name)),
		&rows));
	*done_r = rows_count(rows) > 0;
	if (!*done_r) {
		struct audit_event e = {.action = "sign_in_failed",
			.outcome = "failed",
			.entity = "user",
			.reason = "link"};

		audit_queue(tx, a, &e);
		return tx_run(tx);
	}
	user = rows_i64(rows, 0, 0);
	/* Which ends the link. */
	TRY(user_set_password(tx, a, tn, user, password, 0, true));
	return notice_send(tx, a, tn, st, user, "password_changed");
}

struct err *
notice_send(struct tx *tx, struct arena *a, const struct tenant *tn, const struct settings *st,
	int64_t user, const char *what)
{
	struct outgoing m = {.kind = "notice"};
	bool found;

	if (st->mail_relay == NULL)
		return NULL;
	TRY(letter_to(tx, a, tn, user, &m, &found));
	if (!found)
		return NULL;
	model_text(m.data, "what", what);
	return outbox_add(tx, a, &tn->kek, &m);
}

/* SPDX-License-Identifier: ISC */
#include "head.h"

#include <fcntl.h>
#include <string.h>

#include "signed.h"
#include "token.h"
#include "tx.h"

#define DAY ((int64_t)86400 * 1000000)

STMT(head_kin, "cell.audit_head_kin", 1,
	"select line from audit_head where public = $1 order by seal_id desc limit 1");
STMT(head_read, "cell.audit_head", 1, "select line from audit_head where tenant_id = $1::bigint");
STMT(head_write, "cell.audit_head_write", 4,
	"insert into audit_head (tenant_id, seal_id, line, public) "
	"values ($1::bigint, $2::bigint, $3, $4) "
	"on conflict (tenant_id) do update set seal_id = excluded.seal_id, line = excluded.line, "
	"at = now() where audit_head.seal_id < excluded.seal_id");

void
head_key(const struct tenant *tn, struct head_key *key_r)
{
	key_derive(&tn->root, "audit:v1", &key_r->key);
	sign_public(&key_r->key, key_r->public);
}

/* What is signed. */
static const char *
body(struct arena *a, const struct head_key *key, const struct head *h)
{
	return arena_printf(a, "praya-audit 1 %s %lld %lld %lld %lld %s",
		hex_encode(a, key->public, SIGN_PUBLIC), (long long)h->seal,
		(long long)h->generation, (long long)h->total, (long long)h->at,
		hex_encode(a, h->head, HEAD_BYTES));
}

void
head_sign(struct arena *a, const struct head_key *key, struct head *h)
{
	sign_text(&key->key, body(a, key, h), h->signature);
	h->good = true;
}

const char *
head_line(struct arena *a, const struct head_key *key, const struct head *h)
{
	return arena_printf(a, "%s %s", body(a, key, h), hex_encode(a, h->signature, SIGN_BYTES));
}

bool
head_parse(struct arena *a, const struct head_key *key, const char *line, struct head *h)
{
	const char *start =
		arena_printf(a, "praya-audit 1 %s ", hex_encode(a, key->public, SIGN_PUBLIC));

	*h = (struct head){0};
	if (strncmp(line, start, strlen(start)) != 0)
		return false;
	line += strlen(start);
	if (!signed_take_i64(a, &line, &h->seal) || !signed_take_i64(a, &line, &h->generation) ||
		!signed_take_i64(a, &line, &h->total) || !signed_take_i64(a, &line, &h->at) ||
		!signed_take_bytes(a, &line, h->head, HEAD_BYTES) ||
		!signed_take_bytes(a, &line, h->signature, SIGN_BYTES))
		return false;
	h->good = sign_check(key->public, body(a, key, h), h->signature);
	return true;
}

static struct err *
publish_file(struct tenancy *t, struct arena *a, const struct tenant *tn,
	const struct head_key *key, const struct head *h)
{
	const char *dir = signed_folder(t, a),
		   *line = arena_printf(a, "%s\n", head_line(a, key, h));
	const char *path = arena_printf(a, "%s/%s.head", dir, tn->uuid), *old;
	struct head before;
	bool there = signed_line(a, path, &old) && head_parse(a, key, old, &before);

	if (there && before.good && before.seal >= h->seal)
		return NULL;
	TRY(signed_folder_make(a, dir));
	if (!there || before.at / DAY != h->at / DAY)
		TRY(signed_write(a, arena_printf(a, "%ss", path), O_APPEND, line));
	return signed_replace(a, path, line);
}

struct err *
head_publish(struct tenancy *t, struct arena *a, const struct tenant *tn,
	const struct head_key *key, const struct head *h)
{
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &head_write,
		VALS(val_i64(tn->id), val_i64(h->seal), val_text(head_line(a, key, h)),
			val_bytes((struct bytes){key->public, SIGN_PUBLIC})),
		NULL));
	return publish_file(t, a, tn, key, h);
}

static void
add(struct arena *a, const struct head_key *key, const char *line, const char *where,
	struct head *h)
{
	if (!head_parse(a, key, line, h))
		*h = (struct head){0};
	h->where = where;
}

struct err *
head_published(struct tenancy *t, struct arena *a, const struct tenant *tn,
	const struct head_key *key, struct head list[2], size_t *n_r)
{
	const char *path = arena_printf(a, "%s/%s.head", signed_folder(t, a), tn->uuid), *line;
	struct rows *rows;
	struct conn *c;

	*n_r = 0;
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &head_read, VALS(val_i64(tn->id)), &rows));
	if (rows_count(rows) > 0)
		add(a, key, rows_text(rows, 0, 0), "region", &list[(*n_r)++]);
	if (signed_line(a, path, &line))
		add(a, key, line, "file", &list[(*n_r)++]);
	return NULL;
}

struct err *
head_kin_of(struct tenancy *t, struct arena *a, const struct head_key *key, struct head *h)
{
	struct rows *rows;
	struct conn *c;

	*h = (struct head){0};
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(
		c, a, &head_kin, VALS(val_bytes((struct bytes){key->public, SIGN_PUBLIC})), &rows));
	if (rows_count(rows) > 0)
		add(a, key, rows_text(rows, 0, 0), "region", h);
	return NULL;
}

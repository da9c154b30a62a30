/* SPDX-License-Identifier: ISC */
#include "destroy_mail.h"

#include <string.h>

#include "operator.h"
#include "seal.h"
#include "tenancy.h"
#include "tx.h"

#define MAIL_USE "certificate.mail:v1"

STMT(administrators, "destroy.administrators", 0,
	"select coalesce(json_agg(json_build_object('email', u.email, 'name', u.name, 'language', "
	"u.language) order by u.user_id), '[]')::text from app_user u join profile_right r using "
	"(profile_id) where u.active and r.entity = '' and r.\"right\" = 'close_workspace'");
STMT(forget, "cell.destroy_forget", 0,
	"update destruction set owners = null where owners is not null "
	"and ended_at < now() - interval '7 days'");
STMT(take, "cell.destroy_mail", 0,
	"update destruction set mail_tries = mail_tries + 1, mail_at = now() + make_interval(mins "
	"=> least(60, mail_tries + 1)) where tenant_id = (select tenant_id from destruction where "
	"owners is not null and certificate is not null and mail_at <= now() order by mail_at "
	"limit 1 for update skip locked) returning tenant_id, name, slug, certificate, owners, "
	"extract(epoch from now())::bigint");
STMT(keep, "cell.destroy_owners", 2,
	"update destruction set owners = $2, mail_at = now() where tenant_id = $1::bigint");

static struct err *
mail_key(struct tenancy *t, struct arena *a, struct seal_key *key_r)
{
	struct tenant *desk;

	TRY(tenancy_desk(t, a, &desk));
	key_derive(&desk->kek, MAIL_USE, key_r);
	return NULL;
}

static const char *
place_of(struct arena *a, int64_t id)
{
	return arena_printf(a, "destruction|%lld", (long long)id);
}

struct bytes
destroy_owners(struct tenancy *t, struct arena *a, const struct tenant *tn)
{
	struct bytes none = {NULL, 0};
	struct seal_key key;
	struct conn *c;
	struct rows *r;
	const char *text;

	if (tenant_conn(t, a, tn, &c) != NULL ||
		conn_query(c, a, &administrators, NO_VALS, &r) != NULL ||
		mail_key(t, a, &key) != NULL)
		return none;
	text = rows_text(r, 0, 0);
	return strcmp(text, "[]") == 0
		       ? none
		       : seal_value(a, &key, place_of(a, tn->id), text, strlen(text));
}

struct err *
destroy_mail_take(struct tenancy *t, struct arena *a, struct destroy_mail *m_r, bool *found_r)
{
	struct bytes plain;
	struct seal_key key;
	struct conn *c;
	struct rows *r;

	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &forget, NO_VALS, NULL));
	TRY(conn_query(c, a, &take, NO_VALS, &r));
	*found_r = rows_count(r) > 0;
	if (!*found_r)
		return NULL;
	*m_r = (struct destroy_mail){.tenant_id = rows_i64(r, 0, 0),
		.name = rows_text(r, 0, 1),
		.slug = rows_text(r, 0, 2),
		.certificate = rows_text(r, 0, 3),
		.now = rows_i64(r, 0, 5)};
	TRY(mail_key(t, a, &key));
	if (unseal_value(a, &key, place_of(a, m_r->tenant_id), rows_bytes(a, r, 0, 4), &plain))
		m_r->owners = json_tokener_parse((const char *)plain.p);
	if (m_r->owners != NULL)
		return NULL;
	/* Of another key's time: nobody can read who it was. */
	*found_r = false;
	return conn_query(c, a, &keep, VALS(val_i64(m_r->tenant_id), NO_VAL), NULL);
}

struct err *
destroy_mail_done(struct tenancy *t, struct arena *a, const struct destroy_mail *m, size_t n)
{
	size_t all = json_object_array_length(m->owners);
	struct bytes sealed = {NULL, 0};
	struct json_object *left;
	struct seal_key key;
	const char *text;
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	TRY(mail_key(t, a, &key));
	if (n < all) {
		left = json_object_new_array();
		for (size_t i = n; i < all; i++)
			json_object_array_add(
				left, json_object_get(json_object_array_get_idx(m->owners, i)));
		text = json_object_to_json_string(left);
		sealed = seal_value(a, &key, place_of(a, m->tenant_id), text, strlen(text));
		json_object_put(left);
	}
	return conn_query(c, a, &keep,
		VALS(val_i64(m->tenant_id), sealed.p != NULL ? val_bytes(sealed) : NO_VAL), NULL);
}

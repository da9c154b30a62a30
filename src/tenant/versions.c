/* SPDX-License-Identifier: ISC */
#include "versions.h"

#include "token.h"
#include "tx.h"

STMT(read_all, "cell.key_versions", 1,
	"select kek_version, wrapped, done_at is not null from tenant_key "
	"where tenant_id = $1::bigint order by kek_version desc");
STMT(write_one, "cell.key_version_add", 4,
	"insert into tenant_key (tenant_id, kek_version, wrapped, done_at) values ($1::bigint, "
	"$2::bigint::integer, $3, case when $4::boolean then now() end)");

const struct seal_key *
version_find(const struct version *list, int64_t id)
{
	while (list != NULL && list->key.id != id)
		list = list->next;
	return list != NULL ? &list->key : NULL;
}

const struct version *
version_root(const struct version *list)
{
	while (list->next != NULL)
		list = list->next;
	return list;
}

size_t
version_count(const struct version *list)
{
	size_t n = 0;

	for (; list != NULL; list = list->next)
		n++;
	return n;
}

void
version_add(struct version **list, struct arena *a, const struct seal_key *key, bool done)
{
	struct version *v;

	while (*list != NULL && (*list)->key.id > key->id)
		list = &(*list)->next;
	if (*list != NULL && (*list)->key.id == key->id) {
		(*list)->done = done;
		return;
	}
	v = ARENA_NEW(a, struct version);
	v->key = *key;
	v->done = done;
	v->next = *list;
	*list = v;
}

void
version_wipe(struct version *list)
{
	for (; list != NULL; list = list->next)
		secret_wipe(&list->key, sizeof(list->key));
}

struct err *
versions_read(struct tenancy *t, struct arena *a, int64_t tenant_id, struct version **list_r)
{
	struct rows *r;
	struct conn *c;
	struct seal_key key;

	*list_r = NULL;
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &read_all, VALS(val_i64(tenant_id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		if (!tenancy_unwrap(t, a, tenant_key_purpose(a, tenant_id), rows_bytes(a, r, i, 1),
			    rows_i64(r, i, 0), &key))
			return err_internal(a,
				"the key of workspace %lld does not open: %s is not the master key "
				"it was made with",
				(long long)tenant_id, keyring_place(t->st));
		version_add(list_r, a, &key, rows_bool(r, i, 2));
	}
	secret_wipe(&key, sizeof(key));
	return NULL;
}

struct err *
versions_write(struct tenancy *t, struct arena *a, int64_t tenant_id, const struct version *list)
{
	const char *purpose = tenant_key_purpose(a, tenant_id);
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	for (; list != NULL; list = list->next)
		TRY(conn_query(c, a, &write_one,
			VALS(val_i64(tenant_id), val_i64(list->key.id),
				val_bytes(key_wrap(a, &t->master, purpose, &list->key)),
				val_bool(list->done)),
			NULL));
	return NULL;
}

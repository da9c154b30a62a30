/* SPDX-License-Identifier: ISC */
#include "tenancy.h"

#include <string.h>

#include "log.h"
#include "tx.h"

STMT(by_slug, "directory.by_slug", 1,
	"select tenant_id, uuid::text, slug, region, state from tenant where slug = $1");
STMT(by_id, "directory.by_id", 1,
	"select tenant_id, uuid::text, slug, region, state from tenant where tenant_id = "
	"$1::bigint");
STMT(of_region, "directory.of_region", 1,
	"select tenant_id, uuid::text, slug, region, state from tenant where region = $1 "
	"and state not in ('destroying', 'destroyed') order by "
	"slug");

bool
slug_valid(const char *slug)
{
	size_t n = strlen(slug);

	return n >= 3 && n <= SLUG_MAX && slug[0] != '-' && slug[n - 1] != '-' &&
	       strstr(slug, "--") == NULL &&
	       strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static enum tenant_state
state_parse(const char *name)
{
	static const char *const names[] = {[TENANT_ACTIVE] = "active",
		[TENANT_SUSPENDED] = "suspended",
		[TENANT_CLOSING] = "closing",
		[TENANT_CREATING] = "creating",
		[TENANT_DESTROYED] = "destroyed",
		[TENANT_MOVING] = "moving"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum tenant_state)i;
	/* Nothing of it is to be reached any more. */
	if (strcmp(name, "destroying") == 0)
		return TENANT_DESTROYED;
	/* What a later version may add is not open for business here. */
	return TENANT_CREATING;
}

static void
row_read(struct arena *a, const struct rows *rows, size_t i, struct directory_row *row_r)
{
	row_r->id = rows_i64(rows, i, 0);
	row_r->uuid = arena_strdup(a, rows_text(rows, i, 1));
	row_r->slug = arena_strdup(a, rows_text(rows, i, 2));
	row_r->region = arena_strdup(a, rows_text(rows, i, 3));
	row_r->state = state_parse(rows_text(rows, i, 4));
}

struct err *
directory_conn(struct tenancy *t, struct arena *a, struct conn **conn_r)
{
	return conn_get(t->pool, a, t->directory_info, conn_r);
}

struct err *
directory_find(struct tenancy *t, struct arena *a, const char *slug, int64_t id,
	struct directory_row *row_r, bool *found_r)
{
	struct rows *rows;
	struct conn *c;

	*found_r = false;
	TRY(directory_conn(t, a, &c));
	if (slug != NULL)
		TRY(conn_query(c, a, &by_slug, VALS(val_text(slug)), &rows));
	else
		TRY(conn_query(c, a, &by_id, VALS(val_i64(id)), &rows));
	if (rows_count(rows) == 0)
		return NULL;
	row_read(a, rows, 0, row_r);
	*found_r = true;
	return NULL;
}

/* In this region only; NULL for any other. */
static struct err *
tenant_find(
	struct tenancy *t, struct arena *a, const char *slug, int64_t id, struct tenant **tenant_r)
{
	struct directory_row row;
	bool found;

	*tenant_r = NULL;
	TRY(directory_find(t, a, slug, id, &row, &found));
	if (!found || strcmp(row.region, t->st->region) != 0)
		return NULL;
	return tenancy_adopt(t, a, &row, tenant_r);
}

struct err *
tenant_by_slug(struct tenancy *t, struct arena *a, const char *slug, struct tenant **tenant_r)
{
	*tenant_r = NULL;
	return slug_valid(slug) ? tenant_find(t, a, slug, 0, tenant_r) : NULL;
}

struct err *
tenant_by_id(struct tenancy *t, struct arena *a, int64_t id, struct tenant **tenant_r)
{
	return tenant_find(t, a, NULL, id, tenant_r);
}

struct err *
tenant_region(struct tenancy *t, struct arena *a, const char *slug, const char **region_r)
{
	struct directory_row row;
	bool found = false;

	*region_r = NULL;
	if (slug_valid(slug))
		TRY(directory_find(t, a, slug, 0, &row, &found));
	if (found)
		*region_r = row.region;
	return NULL;
}

struct err *
tenant_list(struct tenancy *t, struct arena *a, struct tenant ***list_r, size_t *n_r)
{
	struct directory_row row;
	struct rows *rows;
	struct conn *c;

	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, &of_region, VALS(val_text(t->st->region)), &rows));
	*n_r = rows_count(rows);
	*list_r = ARENA_ARRAY(a, *n_r + 1, struct tenant *);
	for (size_t i = 0; i < *n_r; i++) {
		row_read(a, rows, i, &row);
		TRY(tenancy_adopt(t, a, &row, &(*list_r)[i]));
	}
	return NULL;
}

/* SPDX-License-Identifier: ISC */
/* Hostname to tenant: the directory's answers, remembered for a while. */
#include "tenancy.h"

#include <string.h>

#include "log.h"

/* A directory that cannot be reached leaves its answers in force for so long. */
#define STALE_MS ((int64_t)300 * 1000)

/* The label in front of the base domain, when it can be a slug. */
static bool
host_slug(const struct settings *st, const char *host, char slug[SLUG_MAX + 1])
{
	const char *dot = strchr(host, '.');
	size_t n = dot != NULL ? (size_t)(dot - host) : 0;

	if (n == 0 || n > SLUG_MAX || strcmp(dot + 1, st->base_domain) != 0)
		return false;
	memcpy(slug, host, n);
	slug[n] = '\0';
	return slug_valid(slug);
}

/* The entry of a slug; without one, the oldest of its set, emptied. */
static struct host_entry *
entry_of(struct tenancy *t, const char *slug)
{
	struct host_entry *set;
	struct host_entry *oldest;
	unsigned h = 2166136261u;

	for (const char *p = slug; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	oldest = set = t->hosts[h % HOST_SETS];
	for (int i = 0; i < HOST_WAYS; i++) {
		if (strcmp(set[i].slug, slug) == 0) {
			set[i].used = ++t->turn;
			return &set[i];
		}
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->slug, slug, strlen(slug) + 1);
	oldest->used = ++t->turn;
	return oldest;
}

/* What the directory and the cell say now. */
static struct err *
ask(struct tenancy *t, struct arena *a, const char *slug, struct tenant **tenant_r,
	bool *other_region_r)
{
	struct directory_row row;
	bool found;

	*tenant_r = NULL;
	*other_region_r = false;
	TRY(directory_find(t, a, slug, 0, &row, &found));
	if (!found)
		return NULL;
	if (strcmp(row.region, t->st->region) != 0) {
		*other_region_r = true;
		return NULL;
	}
	if (row.state == TENANT_CREATING || row.state == TENANT_DESTROYED)
		return NULL;
	return tenancy_adopt(t, a, &row, tenant_r);
}

struct err *
tenant_by_host(struct tenancy *t, struct arena *a, const char *host, struct tenant **tenant_r,
	bool *other_region_r)
{
	char slug[SLUG_MAX + 1];
	struct host_entry *entry;
	struct tenant *tn;
	struct err *e;
	int64_t now = tenancy_now();
	bool other;

	*tenant_r = NULL;
	*other_region_r = false;
	if (!host_slug(t->st, host, slug))
		return NULL;
	entry = entry_of(t, slug);
	if (entry->asked == 0 || now - entry->asked >= t->st->directory_cache * 1000) {
		e = ask(t, a, slug, &tn, &other);
		entry->asked = now;
		if (e == NULL) {
			entry->tn = tn;
			entry->other_region = other;
			entry->known = now;
			/* Such an answer holds for a moment: a move may be over. */
			if (other || (tn != NULL && tn->state == TENANT_MOVING))
				entry->asked = 0;
		} else if (e->kind != ERR_BUSY || entry->known == 0 ||
			   now - entry->known > STALE_MS) {
			entry->slug[0] = '\0';
			entry->used = 0;
			return e;
		} else {
			log_warn("the directory does not answer, an older answer is used: %s",
				e->detail);
		}
	}
	*tenant_r = entry->tn;
	*other_region_r = entry->other_region;
	return NULL;
}

/* SPDX-License-Identifier: ISC */
#include "metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "token.h"

#define ROUTES_MAX 1024 /* the last one: no route */
#define SLOTS_MAX 1024
#define CLASSES 5
/* Asking the heap costs some microseconds. */
#define HEAP_EVERY 16

/* Upper bounds in microseconds; the last bucket takes what is above. */
static const long bounds[] = {
	1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 10000000};

#define BUCKETS (sizeof(bounds) / sizeof(bounds[0]))

struct route_counts {
	uint64_t status[CLASSES]; /* 1xx .. 5xx */
	uint64_t us, db_us;
	uint64_t buckets[BUCKETS + 1];
};

struct slot {
	unsigned char routes_sha[DIGEST_BYTES]; /* of the names that the indexes mean */
	uint64_t busy;
	struct route_counts counts[ROUTES_MAX];
	uint64_t heap; /* bytes in use between two requests */
};

static struct slot *mine;
static unsigned begun;

/* Another version's routes are other routes: its file is begun anew. */
static void
names_digest(unsigned char sha[DIGEST_BYTES])
{
	struct arena *a = arena_new((size_t)64 * 1024);
	struct digest *d = digest_new(a);
	const struct route *const *list;
	size_t n = routes_all(&list);

	for (size_t i = 0; i < n; i++)
		digest_add(d, list[i]->name, strlen(list[i]->name) + 1);
	digest_end(d, sha);
	arena_free(&a);
}

/* The first file that nobody holds, made when there is none; the lock ends with us. */
static int
take_file(const char *folder)
{
	char path[4096];

	for (int i = 0; i < SLOTS_MAX; i++) {
		int fd;

		snprintf(path, sizeof(path), "%s/web.%d", folder, i);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		close(fd);
	}
	errno = ENFILE;
	return -1;
}

void
metrics_open(const char *folder)
{
	unsigned char sha[DIGEST_BYTES];
	int fd;

	if (folder == NULL)
		return;
	ASSERT(routes_all(&(const struct route *const *){NULL}) < ROUTES_MAX);
	fd = take_file(folder);
	if (fd < 0 || ftruncate(fd, sizeof(struct slot)) != 0) {
		log_warn("Metrics.Folder %s: %s; nothing is counted", folder, strerror(errno));
		return;
	}
	mine = mmap(NULL, sizeof(*mine), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mine == MAP_FAILED) {
		mine = NULL;
		return;
	}
	names_digest(sha);
	if (memcmp(sha, mine->routes_sha, sizeof(sha)) != 0) {
		memset(mine, 0, sizeof(*mine));
		memcpy(mine->routes_sha, sha, sizeof(sha));
	}
	mine->busy = mine->heap = 0;
}

void
metrics_begin(void)
{
	struct mallinfo2 heap;

	if (mine == NULL)
		return;
	mine->busy = 1;
	if (begun++ % HEAP_EVERY != 0)
		return;
	heap = mallinfo2();
	mine->heap = heap.uordblks + heap.hblkhd;
}

static size_t
index_of(const struct route *route)
{
	const struct route *const *list;
	size_t low = 0, high = routes_all(&list);

	if (route == NULL)
		return ROUTES_MAX - 1;
	/* Few enough, but it is asked at every request: remembered. */
	static struct {
		const struct route *route;
		size_t at;
	} known[256];
	size_t k = ((uintptr_t)route / sizeof(*route)) % 256;

	if (known[k].route == route)
		return known[k].at;
	while (low < high && list[low] != route)
		low++;
	known[k].route = route;
	known[k].at = low < high ? low : ROUTES_MAX - 1;
	return known[k].at;
}

void
metrics_end(const struct route *route, int status, long us, long db_us)
{
	struct route_counts *c;
	size_t b = 0;

	if (mine == NULL)
		return;
	c = &mine->counts[index_of(route)];
	while (b < BUCKETS && us > bounds[b])
		b++;
	c->buckets[b]++;
	c->us += (uint64_t)us;
	c->db_us += (uint64_t)db_us;
	if (status >= 100 && status < 600)
		c->status[status / 100 - 1]++;
	mine->busy = 0;
}

struct sums {
	struct route_counts counts[ROUTES_MAX];
	uint64_t processes, busy, heap;
};

/* A file that is not ours, or of another version, is left out. */
static void
add_file(struct sums *to, const char *path, const unsigned char *sha)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	struct slot *s = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size == (off_t)sizeof(*s))
		s = mmap(NULL, sizeof(*s), PROT_READ, MAP_SHARED, fd, 0);
	if (s != MAP_FAILED && memcmp(s->routes_sha, sha, DIGEST_BYTES) == 0) {
		const uint64_t *from = (const uint64_t *)s->counts;
		uint64_t *at = (uint64_t *)to->counts;
		const size_t bytes = sizeof(to->counts);

		for (size_t i = 0; i < bytes / sizeof(*at); i++)
			at[i] += from[i];
		if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
			to->processes++;
			to->busy += s->busy != 0;
			to->heap += s->heap;
		}
	}
	if (s != MAP_FAILED)
		munmap(s, sizeof(*s));
	if (fd >= 0)
		close(fd);
}

static uint64_t
total(const struct route_counts *c)
{
	uint64_t n = 0;

	for (size_t b = 0; b <= BUCKETS; b++)
		n += c->buckets[b];
	return n;
}

static const char *
name_of(size_t i)
{
	const struct route *const *list;
	size_t n = routes_all(&list);

	return i < n ? list[i]->name : "none";
}

static void
print_histogram(struct sb *sb, const char *name, const struct route_counts *c)
{
	uint64_t sum = 0;

	for (size_t b = 0; b < BUCKETS; b++) {
		sum += c->buckets[b];
		sb_printf(sb, "praya_request_seconds_bucket{route=\"%s\",le=\"%g\"} %llu\n", name,
			(double)bounds[b] / 1e6, (unsigned long long)sum);
	}
	sb_printf(sb,
		"praya_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %llu\n"
		"praya_request_seconds_sum{route=\"%s\"} %.6f\n"
		"praya_request_seconds_count{route=\"%s\"} %llu\n",
		name, (unsigned long long)total(c), name, (double)c->us / 1e6, name,
		(unsigned long long)total(c));
}

static void
print_sums(struct sb *sb, const struct sums *s)
{
	sb_puts(sb, "# HELP praya_requests_total Requests by route and class of status.\n"
		    "# TYPE praya_requests_total counter\n");
	for (size_t i = 0; i < ROUTES_MAX; i++)
		for (size_t k = 0; k < CLASSES; k++)
			if (s->counts[i].status[k] > 0)
				sb_printf(sb,
					"praya_requests_total{route=\"%s\",status=\"%zuxx\"} "
					"%llu\n",
					name_of(i), k + 1,
					(unsigned long long)s->counts[i].status[k]);
	sb_puts(sb, "# HELP praya_request_seconds Time from accept to answer.\n"
		    "# TYPE praya_request_seconds histogram\n");
	for (size_t i = 0; i < ROUTES_MAX; i++)
		if (total(&s->counts[i]) > 0)
			print_histogram(sb, name_of(i), &s->counts[i]);
	sb_puts(sb, "# HELP praya_request_database_seconds_total Of that, waiting for PostgreSQL.\n"
		    "# TYPE praya_request_database_seconds_total counter\n");
	for (size_t i = 0; i < ROUTES_MAX; i++)
		if (total(&s->counts[i]) > 0)
			sb_printf(sb, "praya_request_database_seconds_total{route=\"%s\"} %.6f\n",
				name_of(i), (double)s->counts[i].db_us / 1e6);
	sb_printf(sb,
		"# HELP praya_web_processes Web processes that run.\n"
		"# TYPE praya_web_processes gauge\npraya_web_processes %llu\n"
		"# HELP praya_web_busy Of those, with a request in hand.\n"
		"# TYPE praya_web_busy gauge\npraya_web_busy %llu\n"
		"# HELP praya_web_heap_bytes Memory in use between requests, of all processes.\n"
		"# TYPE praya_web_heap_bytes gauge\npraya_web_heap_bytes %llu\n",
		(unsigned long long)s->processes, (unsigned long long)s->busy,
		(unsigned long long)s->heap);
}

bool
metrics_print(const char *folder, struct sb *sb)
{
	unsigned char sha[DIGEST_BYTES];
	static struct sums sums;
	char pattern[4096];
	glob_t found = {.gl_pathc = 0};

	if (access(folder, R_OK | X_OK) != 0)
		return false;
	names_digest(sha);
	memset(&sums, 0, sizeof(sums));
	snprintf(pattern, sizeof(pattern), "%s/web.*", folder);
	(void)glob(pattern, GLOB_NOESCAPE, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		add_file(&sums, found.gl_pathv[i], sha);
	globfree(&found);
	print_sums(sb, &sums);
	return true;
}

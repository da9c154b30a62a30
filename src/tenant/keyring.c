/* SPDX-License-Identifier: ISC */
#include "keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "conninfo.h"
#include "log.h"
#include "service.h"
#include "token.h"

#define COMMAND_MS 30000
#define COMMAND_WORDS 32
#define SAID_MAX 200
#define SMALL ((size_t)64 * 1024)

extern char **environ;

/* What a command said, for the life of the process. */
struct said {
	bool asked;
	const char *why;
	struct seal_key key;
};

static struct said said_now, said_before;

/* All of its output; the length, or -1 when it took too long. */
static ssize_t
read_all(int fd, char *text, size_t max)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t n = 0;

	for (;;) {
		ssize_t got;

		if (poll(&p, 1, COMMAND_MS) <= 0)
			return -1;
		got = read(fd, text + n, max - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || n + (size_t)got == max)
			return (ssize_t)(n + (size_t)(got > 0 ? got : 0));
		n += (size_t)got;
	}
}

static const char *
run(const char *const *argv, struct seal_key *key_r)
{
	char text[SAID_MAX];
	struct child child;
	const char *why;
	int out[2], status = -1;
	ssize_t n = -1;
	bool started;

	if (pipe2(out, O_CLOEXEC) != 0)
		return "its command cannot be run: no pipe";
	started = child_start(&child, argv, (const char *const *)environ, out[1]);
	close(out[1]);
	if (started)
		n = read_all(out[0], text, sizeof(text));
	close(out[0]);
	if (!started)
		return "its command cannot be run";
	if (n < 0 || !child_wait(&child, COMMAND_MS, &status))
		why = "its command did not answer within 30 seconds";
	else if (status == 127)
		why = "its command cannot be run";
	else if (status != 0)
		why = "its command failed";
	else
		why = key_text_read(text, (size_t)n, key_r)
			      ? NULL
			      : "its command says something else than 64 hex digits";
	child_stop(&child);
	secret_wipe(text, sizeof(text));
	return why;
}

/* Words by blanks, without a shell. */
static const char *
ask_command(const char *command, struct said *said)
{
	const char *argv[COMMAND_WORDS + 1];
	struct arena *a;
	char *save = NULL;
	size_t n = 0;

	if (said->asked)
		return said->why;
	a = arena_new(SMALL);
	for (char *word = strtok_r(arena_strdup(a, command), " \t", &save);
		word != NULL && n < COMMAND_WORDS; word = strtok_r(NULL, " \t", &save))
		argv[n++] = word;
	argv[n] = NULL;
	said->why = run(argv, &said->key);
	said->asked = true;
	arena_free(&a);
	return said->why;
}

const char *
keyring_place(const struct settings *st)
{
	return st->master_command != NULL ? "Keys.Command" : st->master_key;
}

const char *
keyring_next_path(const struct settings *st, struct arena *a)
{
	return arena_printf(a, "%s.new", st->master_key);
}

const char *
keyring_old_path(const struct settings *st, struct arena *a)
{
	struct timespec now;
	struct tm tm;
	char text[32];

	/* To the microsecond: a second is enough for two rotations. */
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%Y%m%dT%H%M%S", &tm);
	return arena_printf(a, "%s.old-%s.%06ldZ", st->master_key, text, now.tv_nsec / 1000);
}

const char **
keyring_old_files(const struct settings *st, struct arena *a, size_t *n_r)
{
	glob_t found = {.gl_pathc = 0};
	const char **list;
	size_t n = 0;

	if (glob(arena_printf(a, "%s.old-*", st->master_key), GLOB_NOESCAPE, NULL, &found) == 0)
		n = found.gl_pathc;
	list = ARENA_ARRAY(a, n + 1, const char *);
	/* Their names end in a time: in order already. */
	for (size_t i = 0; i < n; i++)
		list[i] = arena_strdup(a, found.gl_pathv[n - 1 - i]);
	globfree(&found);
	*n_r = n;
	return list;
}

static void
add(struct keyring *ring, const struct seal_key *key, enum key_origin origin)
{
	if (ring->n == KEYRING_MAX)
		return;
	ring->at[ring->n].key = *key;
	ring->at[ring->n++].origin = origin;
}

/* A key beside the current one. */
static void
add_file(struct keyring *ring, const char *path, enum key_origin origin)
{
	struct seal_key key;
	const char *why;

	if (access(path, F_OK) != 0)
		return;
	if (key_file_read(path, &key, &why))
		add(ring, &key, origin);
	else
		log_warn("%s: %s", path, why);
	secret_wipe(&key, sizeof(key));
}

static const char *
read_ring(struct keyring *ring, struct arena *a)
{
	const struct settings *st = ring->st;
	struct seal_key key;
	const char **old;
	const char *why = NULL;
	size_t n;

	if (st->master_command != NULL) {
		why = ask_command(st->master_command, &said_now);
		if (why != NULL)
			return why;
		add(ring, &said_now.key, KEY_CURRENT);
		if (st->previous_command != NULL) {
			why = ask_command(st->previous_command, &said_before);
			if (why == NULL)
				add(ring, &said_before.key, KEY_OLD);
			else
				log_warn("Keys.PreviousCommand: %s", why);
		}
		add_file(ring, st->master_key, KEY_OLD);
	} else {
		if (!key_file_read(st->master_key, &key, &why))
			return why;
		add(ring, &key, KEY_CURRENT);
		secret_wipe(&key, sizeof(key));
		add_file(ring, keyring_next_path(st, a), KEY_NEXT);
	}
	old = keyring_old_files(st, a, &n);
	for (size_t i = 0; i < n; i++)
		add_file(ring, old[i], KEY_OLD);
	return NULL;
}

bool
keyring_read(const struct settings *st, struct keyring *ring, const char **why_r)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct keyring read = {.st = st};

	*why_r = read_ring(&read, a);
	if (*why_r == NULL)
		*ring = read;
	keyring_wipe(&read);
	arena_free(&a);
	return *why_r == NULL;
}

int
keyring_opens(struct arena *a, const struct keyring *ring, const char *aad, struct bytes sealed)
{
	struct bytes plain;

	for (size_t i = 0; i < ring->n; i++)
		if (unseal_value(a, &ring->at[i].key, aad, sealed, &plain))
			return (int)i;
	return -1;
}

bool
keyring_unwrap(struct arena *a, const struct keyring *ring, const char *purpose,
	struct bytes wrapped, int64_t id, struct seal_key *key_r, int *with_r)
{
	for (size_t i = 0; i < ring->n; i++) {
		if (!key_unwrap(a, &ring->at[i].key, purpose, wrapped, id, key_r))
			continue;
		if (with_r != NULL)
			*with_r = (int)i;
		return true;
	}
	return false;
}

const char *
keyring_conninfo(const struct keyring *ring, struct arena *a, const char *conninfo, size_t n)
{
	const char *role = conninfo_get(a, conninfo, "user");
	const char *tried = conninfo_get(a, conninfo, "password");

	if (role == NULL || tried == NULL || strncmp(role, "praya_", 6) != 0)
		return NULL;
	for (size_t i = 0; i < ring->n; i++) {
		const char *password = role_password(&ring->at[i].key, a, role);

		if (strcmp(password, tried) == 0)
			continue;
		if (n-- == 0)
			return conninfo_set(a, conninfo, "password", password);
	}
	return NULL;
}

void
keyring_wipe(struct keyring *ring)
{
	secret_wipe(ring->at, sizeof(ring->at));
	ring->n = 0;
}

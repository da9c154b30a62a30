/* SPDX-License-Identifier: ISC */
/*
 * The PHC string is written and read here, not by libargon2's own functions,
 * because only argon2_ctx() lets the caller provide the memory. With malloc the
 * second 19 MiB block of a process comes from the heap (glibc raises its
 * threshold for mmap after the first free) and would stay with it for good.
 */
#include "password.h"

#include <argon2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "encoding.h"
#include "log.h"
#include "token.h"

#define MEMORY_KIB 19456
#define PASSES 2
#define LANES 1
#define SALT 16
#define SALT_MIN 8
#define SALT_MAX 32
#define HASH 32
/* What a stored hash may ask for, so that a planted one cannot stop the machine. */
#define MEMORY_LIMIT_KIB 65536
#define PASSES_LIMIT 8

struct phc {
	uint32_t memory;
	uint32_t passes;
	size_t salt_n;
	unsigned char salt[BASE64_BYTES(BASE64_CHARS(SALT_MAX))];
	unsigned char hash[BASE64_BYTES(BASE64_CHARS(HASH))];
};

static int
memory_get(uint8_t **p_r, size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*p_r = p == MAP_FAILED ? NULL : p;
	return 0;
}

static void
memory_put(uint8_t *p, size_t n)
{
	munmap(p, n);
}

static void
work(const char *password, struct phc *in, unsigned char out[HASH])
{
	argon2_context ctx = {.out = out,
		.outlen = HASH,
		.salt = in->salt,
		.saltlen = (uint32_t)in->salt_n,
		.pwd = (uint8_t *)(uintptr_t)password,
		.pwdlen = (uint32_t)strlen(password),
		.t_cost = in->passes,
		.m_cost = in->memory,
		.lanes = LANES,
		.threads = 1,
		.version = ARGON2_VERSION_13,
		.allocate_cbk = memory_get,
		.free_cbk = memory_put,
		.flags = ARGON2_DEFAULT_FLAGS};
	int rc;

	rc = argon2_ctx(&ctx, Argon2_id);
	if (rc != ARGON2_OK)
		log_fatal("Argon2id: %s", argon2_error_message(rc));
}

const char *
password_hash(struct arena *a, const char *password)
{
	struct phc new = {.memory = MEMORY_KIB, .passes = PASSES, .salt_n = SALT};
	char salt[BASE64_CHARS(SALT) + 1];
	char hash[BASE64_CHARS(HASH) + 1];

	random_bytes(new.salt, SALT);
	work(password, &new, new.hash);
	base64_write(BASE64_STD, new.salt, SALT, salt);
	base64_write(BASE64_STD, new.hash, HASH, hash);
	return arena_printf(a, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", ARGON2_VERSION_13, MEMORY_KIB,
		PASSES, LANES, salt, hash);
}

static bool
take_text(const char **s, const char *text)
{
	size_t n = strlen(text);

	if (strncmp(*s, text, n) != 0)
		return false;
	*s += n;
	return true;
}

static bool
take_number(const char **s, uint32_t min, uint32_t max, uint32_t *out)
{
	uint32_t v = 0;

	if (**s < '1' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		v = v * 10 + (uint32_t)(**s - '0');
		if (v > max)
			return false;
	}
	*out = v;
	return v >= min;
}

static bool
take_base64(const char **s, size_t max, unsigned char *out, size_t *n_r)
{
	size_t n = strcspn(*s, "$");

	if (n > BASE64_CHARS(max) || !base64_read(BASE64_STD, *s, n, out, n_r))
		return false;
	*s += n;
	return true;
}

static bool
parse(const char *s, struct phc *out)
{
	size_t hash_n;

	return take_text(&s, "$argon2id$v=19$m=") &&
	       take_number(&s, 8 * LANES, MEMORY_LIMIT_KIB, &out->memory) && take_text(&s, ",t=") &&
	       take_number(&s, 1, PASSES_LIMIT, &out->passes) && take_text(&s, ",p=1$") &&
	       take_base64(&s, SALT_MAX, out->salt, &out->salt_n) && out->salt_n >= SALT_MIN &&
	       take_text(&s, "$") && take_base64(&s, HASH, out->hash, &hash_n) && hash_n == HASH &&
	       *s == '\0';
}

bool
password_matches(const char *hash, const char *password)
{
	struct phc stored;
	unsigned char made[HASH];
	bool known = hash != NULL && parse(hash, &stored);
	bool same;

	if (!known)
		stored = (struct phc){.memory = MEMORY_KIB, .passes = PASSES, .salt_n = SALT};
	work(password, &stored, made);
	same = equal_const_time(made, stored.hash, HASH);
	secret_wipe(made, sizeof(made));
	return known && same;
}

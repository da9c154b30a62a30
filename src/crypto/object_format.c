/* SPDX-License-Identifier: ISC */
#include "object_format.h"

#include <errno.h>
#include <string.h>

#define NONCE_PREFIX 7

static void
gcm_free(void *ctx)
{
	EVP_CIPHER_CTX_free(ctx);
}

EVP_CIPHER_CTX *
object_gcm(struct arena *a, bool sealing, const struct seal_key *key)
{
	EVP_CIPHER_CTX *ctx = gcm_new(sealing, key->key);

	arena_on_reset(a, gcm_free, ctx);
	return ctx;
}

static void
chunk_nonce(const struct object_chunk *c, unsigned char nonce[GCM_NONCE])
{
	memcpy(nonce, c->header + OBJECT_HEADER - NONCE_PREFIX, NONCE_PREFIX);
	for (int i = 0; i < 4; i++)
		nonce[NONCE_PREFIX + i] = (unsigned char)(c->index >> (24 - 8 * i) & 0xff);
	nonce[NONCE_PREFIX + 4] = c->last ? 1 : 0;
}

void
object_chunk_seal(const struct object_chunk *c, unsigned char *buf, size_t n)
{
	unsigned char nonce[GCM_NONCE];

	chunk_nonce(c, nonce);
	gcm_seal(&(struct gcm){.ctx = c->gcm, .nonce = nonce, .aad = {{c->header, OBJECT_HEADER}}},
		buf, n, buf);
}

bool
object_chunk_open(const struct object_chunk *c, unsigned char *buf, size_t n)
{
	unsigned char nonce[GCM_NONCE];

	chunk_nonce(c, nonce);
	return gcm_open(
		&(struct gcm){.ctx = c->gcm, .nonce = nonce, .aad = {{c->header, OBJECT_HEADER}}},
		buf, n, buf);
}

struct err *
object_path(struct arena *a, const char *dir, const char *name, const char **path_r)
{
	if (strlen(name) != OBJECT_NAME - 1 || strspn(name, "0123456789abcdef") != OBJECT_NAME - 1)
		return err_internal(a, "file store: not the name of an object");
	*path_r = arena_printf(a, "%s/%.2s/%.2s/%s", dir, name, name + 2, name);
	return NULL;
}

struct err *
object_error(struct arena *a, int rc, const char *doing)
{
	/* EFBIG is the process's own limit on file sizes: no room either. */
	if (rc == ENOSPC || rc == EDQUOT || rc == EFBIG)
		return err_no_space(a, "file store");
	return err_internal(a, "file store: cannot %s: %s", doing, strerror(rc));
}

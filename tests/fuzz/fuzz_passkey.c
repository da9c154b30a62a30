/* SPDX-License-Identifier: ISC */
/* What authenticators and browsers send: the first byte says whether the rest is an
 * attestationObject, authenticator data with a signature, or clientDataJSON. */
#include "fuzz.h"

#include <string.h>

#include "cbor.h"
#include "client_data.h"
#include "passkey.h"

#define SIGNATURE 72

static void
credential(struct arena *a, struct bytes b)
{
	struct passkey k;

	if (!passkey_read(a, "crm.example.com", b, &k))
		return;
	CHECK(cbor_is_map(b.p, b.n));
	CHECK(k.id.n > 0 && k.id.n <= PASSKEY_ID_MAX && k.key.n > 0 && k.count >= 0);
	CHECK(memmem(b.p, b.n, k.id.p, k.id.n) != NULL);
}

/* Nobody can sign for a key that was made up from the input's own bytes. */
static void
proof(struct bytes b)
{
	unsigned char hash[32] = {0}, key[64] = {0};
	struct passkey k = {.alg = PASSKEY_ES256, .key = {key, sizeof(key)}};
	size_t n = b.n < SIGNATURE ? b.n : SIGNATURE;
	struct passkey_proof p = {hash, {b.p, b.n - n}, {b.p + b.n - n, n}};
	int64_t count = -1;

	CHECK(!passkey_proves("crm.example.com", &k, &p, &count));
	CHECK(!passkey_proves("crm.example.com", NULL, &p, &count));
	CHECK(count == -1);
}

static void
client(struct arena *a, struct bytes b)
{
	const char *challenge = NULL;

	if (client_data_read(a, b, CLIENT_DATA_GET, "https://crm.example.com", &challenge))
		CHECK(challenge != NULL && b.n > 0 && b.p[b.n - 1] != '\0');
	else
		CHECK(challenge == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct bytes b;

	if (size == 0)
		return 0;
	/* A copy of its own, so that a byte beyond it is seen. */
	b = (struct bytes){arena_memdup(a, data + 1, size - 1), size - 1};
	CHECK(cbor_item(b.p, b.n) <= b.n);
	if (data[0] == 'c')
		credential(a, b);
	else if (data[0] == 'p')
		proof(b);
	else
		client(a, b);
	return 0;
}

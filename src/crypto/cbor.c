/* SPDX-License-Identifier: ISC */
#include "cbor.h"

#include <stdint.h>
#include <string.h>

enum major { CBOR_UINT, CBOR_NEGATIVE, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_TAG };

/* The first byte or bytes of an item. */
struct head {
	unsigned major;
	uint64_t value; /* a number, or how many bytes or members follow */
	size_t size;
};

static bool
read_head(const unsigned char *p, size_t n, struct head *h)
{
	unsigned low;
	size_t more;

	if (n == 0)
		return false;
	h->major = p[0] >> 5;
	low = p[0] & 31;
	more = low < 24 ? 0 : (size_t)1 << ((low - 24) & 3);
	/* 28 to 30 mean nothing, 31 an end that is yet to come. */
	if (low > 27 || n - 1 < more)
		return false;
	h->size = 1 + more;
	h->value = low < 24 ? low : 0;
	for (size_t i = 0; i < more; i++)
		h->value = h->value << 8 | p[1 + i];
	return true;
}

static size_t
item_within(const unsigned char *p, size_t n, int depth)
{
	struct head h;
	uint64_t members;
	size_t at;

	if (depth > CBOR_DEPTH || !read_head(p, n, &h) || h.major == CBOR_TAG)
		return 0;
	at = h.size;
	if (h.major == CBOR_BYTES || h.major == CBOR_TEXT)
		return h.value <= n - at ? at + (size_t)h.value : 0;
	if (h.major != CBOR_ARRAY && h.major != CBOR_MAP)
		return at;
	/* Each member takes a byte at least. */
	if (h.value > (n - at) / (h.major == CBOR_MAP ? 2 : 1))
		return 0;
	members = h.major == CBOR_MAP ? 2 * h.value : h.value;
	for (uint64_t i = 0; i < members; i++) {
		size_t size = item_within(p + at, n - at, depth + 1);

		if (size == 0)
			return 0;
		at += size;
	}
	return at;
}

size_t
cbor_item(const unsigned char *p, size_t n)
{
	return item_within(p, n, 0);
}

bool
cbor_is_map(const unsigned char *p, size_t n)
{
	return n > 0 && p[0] >> 5 == CBOR_MAP && cbor_item(p, n) == n;
}

bool
cbor_map_bytes(struct bytes map, const char *name, struct bytes *value_r)
{
	const unsigned char *p = map.p;
	size_t left = map.n, length = strlen(name);
	struct head h, key;

	if (!cbor_is_map(p, left) || !read_head(p, left, &h))
		return false;
	p += h.size;
	left -= h.size;
	for (uint64_t i = 0; i < h.value; i++) {
		size_t size = cbor_item(p, left), value = cbor_item(p + size, left - size);
		bool found = read_head(p, left, &key) && key.major == CBOR_TEXT &&
			     key.value == length && memcmp(p + key.size, name, length) == 0;

		p += size;
		if (found) {
			if (!read_head(p, value, &key) || key.major != CBOR_BYTES)
				return false;
			*value_r = (struct bytes){p + key.size, value - key.size};
			return true;
		}
		p += value;
		left -= size + value;
	}
	return false;
}

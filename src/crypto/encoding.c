/* SPDX-License-Identifier: ISC */
#include "encoding.h"

#include <stdint.h>
#include <string.h>

#include "token.h"

static const char hex_digits[] = "0123456789abcdef";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

void
hex_write(const void *p, size_t n, char *out)
{
	const unsigned char *in = p;

	for (size_t i = 0; i < n; i++) {
		*out++ = hex_digits[in[i] >> 4];
		*out++ = hex_digits[in[i] & 15];
	}
	*out = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
hex_read(const char *s, size_t n, unsigned char *out)
{
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(s[i * 2]);
		int low = hex_value(s[i * 2 + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void
base64_write(const char *last, const void *p, size_t n, char *out)
{
	const unsigned char *in = p;
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | in[i];
		for (have += 8; have >= 6;) {
			unsigned v = bits >> (have -= 6) & 63;

			*out++ = v < 62 ? alphabet[v] : last[v - 62];
		}
	}
	if (have > 0) {
		unsigned v = bits << (6 - have) & 63;

		*out++ = v < 62 ? alphabet[v] : last[v - 62];
	}
	*out = '\0';
}

static int
base64_value(const char *last, char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == last[0])
		return 62;
	return c == last[1] ? 63 : -1;
}

bool
base64_read(const char *last, const char *s, size_t n, unsigned char *out, size_t *n_r)
{
	size_t done = 0;
	uint32_t bits = 0;
	int have = 0;

	if (n % 4 == 1)
		return false;
	for (size_t i = 0; i < n; i++) {
		int v = base64_value(last, s[i]);

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[done++] = (unsigned char)(bits >> have & 0xff);
		}
	}
	*n_r = done;
	return (bits & ((1U << have) - 1)) == 0;
}

const char *
hex_encode(struct arena *a, const void *p, size_t n)
{
	char *out = arena_alloc(a, n * 2 + 1);

	hex_write(p, n, out);
	return out;
}

bool
hex_decode(struct arena *a, const char *s, struct bytes *out)
{
	size_t n = strlen(s);
	unsigned char *p = arena_alloc(a, n / 2 + 1);

	if (n % 2 != 0 || !hex_read(s, n / 2, p))
		return false;
	*out = (struct bytes){p, n / 2};
	return true;
}

const char *
base64url_encode(struct arena *a, const void *p, size_t n)
{
	char *out = arena_alloc(a, BASE64_CHARS(n) + 1);

	base64_write(BASE64_URL, p, n, out);
	return out;
}

bool
base64url_decode(struct arena *a, const char *s, struct bytes *out)
{
	size_t n = strlen(s);
	unsigned char *p = arena_alloc(a, BASE64_BYTES(n));
	size_t done;

	if (!base64_read(BASE64_URL, s, n, p, &done))
		return false;
	*out = (struct bytes){p, done};
	return true;
}

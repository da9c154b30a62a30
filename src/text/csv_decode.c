/* SPDX-License-Identifier: ISC */
#include "csv_decode.h"

#include <errno.h>
#include <string.h>

#include "log.h"
#include "utf8.h"

#define BOM 0xfeff
/* More than one step can write: a character, or a byte for what was bad. */
#define STEP_ROOM 8

void
csv_decoder_init(struct csv_decoder *d, enum csv_encoding encoding)
{
	memset(d, 0, sizeof(*d));
	d->encoding = encoding;
	if (encoding != CSV_BIG5)
		return;
	d->big5 = iconv_open("UTF-8", "BIG5-HKSCS");
	if (d->big5 == (iconv_t)-1)
		log_fatal("iconv knows no BIG5-HKSCS: the C library is incomplete");
}

void
csv_decoder_close(struct csv_decoder *d)
{
	if (d->encoding == CSV_BIG5)
		iconv_close(d->big5);
}

/* A step reads one character from p and returns the bytes it took, 0 when there
 * may be more of it to come. *cp_r 0: it could not be read. */

static size_t
step_utf8(const unsigned char *p, size_t n, bool last, uint32_t *cp_r)
{
	size_t want = p[0] < 0xc2 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 1;
	size_t k = utf8_next((const char *)p, (const char *)p + n, cp_r);

	if (k > 0)
		return k;
	for (k = 1; k < n && k < want && (p[k] & 0xc0) == 0x80; k++)
		;
	if (k == n && k < want && !last)
		return 0;
	*cp_r = 0;
	return 1;
}

static size_t
step_utf16(const unsigned char *p, size_t n, bool last, bool big, uint32_t *cp_r)
{
	uint32_t unit, low;

	*cp_r = 0;
	if (n < 2)
		return last ? 1 : 0;
	unit = big ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
	if (unit < 0xd800 || unit > 0xdfff) {
		*cp_r = unit;
		return 2;
	}
	if (unit >= 0xdc00)
		return 2;
	if (n < 4)
		return last ? 2 : 0;
	low = big ? (uint32_t)(p[2] << 8 | p[3]) : (uint32_t)(p[3] << 8 | p[2]);
	if (low < 0xdc00 || low > 0xdfff)
		return 2;
	*cp_r = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	return 4;
}

static size_t
step(const struct csv_decoder *d, const unsigned char *p, size_t n, bool last, uint32_t *cp_r)
{
	if (d->encoding == CSV_UTF8)
		return step_utf8(p, n, last, cp_r);
	return step_utf16(p, n, last, d->encoding == CSV_UTF16BE, cp_r);
}

static size_t
put(struct csv_decoder *d, char *out, uint32_t cp)
{
	bool begun = d->begun;

	d->begun = true;
	if (cp == BOM && !begun)
		return 0;
	if (cp == 0) {
		*out = CSV_BAD;
		return 1;
	}
	return utf8_put(out, cp);
}

/* Plain ASCII is most of most files. */
static size_t
copy_ascii(const unsigned char *p, size_t n, char *out, size_t size)
{
	size_t k = 0;

	while (k < n && k < size && p[k] - 1U < 0x7f) {
		out[k] = (char)p[k];
		k++;
	}
	return k;
}

static size_t
decode_unicode(struct csv_decoder *d, const unsigned char **pp, size_t *np, bool last, char *out,
	size_t size)
{
	size_t k = 0, took;
	uint32_t cp;

	while (size - k >= STEP_ROOM) {
		if (d->carried > 0) {
			took = step(d, d->carry, d->carried, last && *np == 0, &cp);
			if (took == 0 && *np > 0) {
				d->carry[d->carried++] = *(*pp)++;
				--*np;
			} else if (took == 0) {
				break;
			} else {
				k += put(d, out + k, cp);
				d->carried -= took;
				memmove(d->carry, d->carry + took, d->carried);
			}
			continue;
		}
		if (*np == 0)
			break;
		took = d->encoding == CSV_UTF8 ? copy_ascii(*pp, *np, out + k, size - k) : 0;
		if (took > 0) {
			d->begun = true;
			k += took;
			*pp += took;
			*np -= took;
			continue;
		}
		took = step(d, *pp, *np, last, &cp);
		if (took > 0) {
			k += put(d, out + k, cp);
		} else {
			took = *np;
			memcpy(d->carry, *pp, took);
			d->carried = took;
		}
		*pp += took;
		*np -= took;
	}
	return k;
}

/* One call of iconv over p; what it could not read is a CSV_BAD each byte. */
static size_t
convert(struct csv_decoder *d, const unsigned char **pp, size_t *np, bool last, char *out,
	size_t size)
{
	char *in = (char *)(uintptr_t)*pp, *o = out;
	size_t rc;

	errno = 0;
	rc = iconv(d->big5, &in, np, &o, &size);
	*pp = (const unsigned char *)in;
	if (rc == (size_t)-1 && *np > 0 && size > 0 &&
		(errno == EILSEQ || (errno == EINVAL && last))) {
		++*pp;
		--*np;
		*o++ = CSV_BAD;
	}
	for (char *c = out; c < o; c++)
		if (*c == '\0')
			*c = CSV_BAD;
	return (size_t)(o - out);
}

static size_t
decode_big5(struct csv_decoder *d, const unsigned char **pp, size_t *np, bool last, char *out,
	size_t size)
{
	size_t k = 0;

	while (size - k >= STEP_ROOM && (*np > 0 || (d->carried > 0 && last))) {
		const unsigned char *p = d->carry;
		size_t before = *np, n;

		if (d->carried > 0) {
			/* A lead byte from before, with the byte that follows it. */
			n = 1;
			if (*np > 0)
				d->carry[n++] = **pp;
			k += convert(d, &p, &n, n == 1, out + k, size - k);
			/* Both were read, or the lead byte alone was bad. */
			if (n == 0 && before > 0) {
				++*pp;
				--*np;
			}
			d->carried = 0;
			continue;
		}
		k += convert(d, pp, np, last, out + k, size - k);
		if (*np == 1 && before == 1 && !last) {
			d->carry[0] = *(*pp)++;
			*np = 0;
			d->carried = 1;
		}
	}
	return k;
}

size_t
csv_decode(struct csv_decoder *d, const unsigned char **p_r, size_t *n_r, bool last, char *out,
	size_t size)
{
	if (d->encoding == CSV_BIG5)
		return decode_big5(d, p_r, n_r, last, out, size);
	return decode_unicode(d, p_r, n_r, last, out, size);
}

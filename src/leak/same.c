/* SPDX-License-Identifier: ISC */
/* Whether two answers tell the same, or one tells more. */
#include <string.h>

#include "log.h"
#include "part.h"
#include "token.h"

/* Random tokens of a page are this long and longer; no word of ours is. */
#define TOKEN_MIN 22

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
token_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
	       c == '_';
}

/* Length of what was sent, if it is repeated here. */
static size_t
repeated(const struct question *q, const char *text, size_t i, size_t n)
{
	for (size_t k = 0; k < LEAK_SENT; k++) {
		const char *s = q->sent[k];
		size_t len = s != NULL ? strlen(s) : 0;

		if (len == 0 || len > n - i || memcmp(text + i, s, len) != 0)
			continue;
		/* A number only where it is not part of a longer one. */
		if (strspn(s, "0123456789") == len &&
			((i > 0 && is_digit(text[i - 1])) ||
				(i + len < n && is_digit(text[i + len]))))
			continue;
		return len;
	}
	return 0;
}

static size_t
repeated_of(
	const struct question *q, const struct question *twin, const char *text, size_t i, size_t n)
{
	size_t len = repeated(q, text, i, n);

	return len == 0 && twin != NULL ? repeated(twin, text, i, n) : len;
}

static size_t
token_length(const char *text, size_t i, size_t n)
{
	size_t len = 0;

	while (i + len < n && token_char(text[i + len]))
		len++;
	return len;
}

/* The body, without what was sent with either question, and without what is random. */
static void
add_body(struct sb *sb, const struct question *q, const struct question *twin, const char *text,
	size_t n)
{
	for (size_t i = 0; i < n;) {
		bool starts = i == 0 || !token_char(text[i - 1]);
		size_t token = starts ? token_length(text, i, n) : 0;
		size_t len = repeated_of(q, twin, text, i, n);

		/* A random token may hold anything; what was sent may be as long as one. */
		if (token >= TOKEN_MIN && len < token) {
			sb_putc(sb, '~');
			i += token;
		} else if (len > 0) {
			sb_putc(sb, '@');
			i += len;
		} else {
			sb_putc(sb, text[i++]);
		}
	}
}

static struct bytes
same_form(struct leak *l, const struct question *q, const struct question *twin,
	const struct answer *answer)
{
	struct sb sb;

	sb_init(&sb, l->ask, answer->n * 2 + 1024);
	sb_printf(&sb, "%d\n", answer->status);
	add_body(&sb, q, twin, answer->text + answer->head, answer->n - answer->head);
	ASSERT(sb_ok(&sb));
	return (struct bytes){(const unsigned char *)sb.p, sb.n};
}

static const char *
difference(struct leak *l, struct bytes a, struct bytes b)
{
	size_t i = 0, line = 0;

	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		line += a.p[i++] == '\n';
	return arena_printf(
		l->ask, "status %.3s, else %.3s; from line %zu", a.p, b.p, line > 0 ? line : 1);
}

/* Answers of before, by question. */
struct before {
	unsigned char asked[LEAK_DIGEST];
	unsigned char said[LEAK_DIGEST];
	struct before *next;
};

void
leak_still_forget(struct leak *l)
{
	memset(l->before, 0, sizeof(l->before));
}

static void
digest_of(const struct question *q, unsigned char out[LEAK_DIGEST], struct leak *l)
{
	const char *asked = arena_printf(l->ask, "%s %d %s %s", q->route->name, q->api, q->uri,
		q->body != NULL ? json_object_to_json_string_ext(q->body, JSON_C_TO_STRING_PLAIN)
				: "");

	sha256(asked, strlen(asked), out);
}

static struct before **
chain_of(struct leak *l, const unsigned char asked[LEAK_DIGEST])
{
	return &l->before[(asked[0] << 8 | asked[1]) % BEFORE_CHAINS];
}

static const struct before *
recall(struct leak *l, const unsigned char asked[LEAK_DIGEST])
{
	const struct before *b = *chain_of(l, asked);

	while (b != NULL && memcmp(b->asked, asked, LEAK_DIGEST) != 0)
		b = b->next;
	return b;
}

static void
remember(struct leak *l, const unsigned char asked[LEAK_DIGEST], struct bytes form)
{
	struct before *b = ARENA_NEW(l->work, struct before), **chain = chain_of(l, asked);

	memcpy(b->asked, asked, LEAK_DIGEST);
	sha256(form.p, form.n, b->said);
	b->next = *chain;
	*chain = b;
}

/* The same question has been answered so, and nothing came in between. */
static bool
known_answer(struct leak *l, const struct question *q, struct bytes form)
{
	unsigned char asked[LEAK_DIGEST], said[LEAK_DIGEST];
	const struct before *b;

	digest_of(q, asked, l);
	b = recall(l, asked);
	if (b == NULL)
		return false;
	sha256(form.p, form.n, said);
	return memcmp(said, b->said, LEAK_DIGEST) == 0;
}

struct err *
leak_same(struct leak *l, const struct question *a, const struct question *b)
{
	unsigned char asked[LEAK_DIGEST];
	struct answer first, second;
	struct bytes fa, fb;

	TRY(leak_ask(l, a, &first));
	if (!first.whole)
		return NULL;
	fa = same_form(l, a, b, &first);
	if (known_answer(l, b, fa))
		return NULL;
	TRY(leak_ask(l, b, &second));
	if (!second.whole)
		return NULL;
	fb = same_form(l, b, a, &second);
	if (fa.n == fb.n && memcmp(fa.p, fb.p, fa.n) == 0) {
		digest_of(b, asked, l);
		remember(l, asked, fb);
	} else {
		leak_hit(l, a, "told", a->what, difference(l, fa, fb));
	}
	return NULL;
}

struct err *
leak_still(struct leak *l, const struct question *q)
{
	unsigned char asked[LEAK_DIGEST], said[LEAK_DIGEST];
	const struct before *b;
	struct answer answer;
	struct bytes form;

	TRY(leak_ask(l, q, &answer));
	if (!answer.whole)
		return NULL;
	form = same_form(l, q, NULL, &answer);
	digest_of(q, asked, l);
	if (!l->after) {
		remember(l, asked, form);
		return NULL;
	}
	b = recall(l, asked);
	sha256(form.p, form.n, said);
	if (b != NULL && memcmp(b->said, said, LEAK_DIGEST) != 0)
		leak_hit(l, q, "moved", "records that came and are not visible",
			arena_printf(l->ask, "status %d", answer.status));
	return NULL;
}

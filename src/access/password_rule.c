/* SPDX-License-Identifier: ISC */
#include "password_rule.h"

#include <string.h>

#include "wordlist.h"
#include "log.h"
#include "password.h"
#include "utf8.h"

#define TEXT_OF(n) #n
#define TEXT(n) TEXT_OF(n)
/* Local parts shorter than this are in many words. */
#define OWN_MIN 4

static bool loaded;

bool
password_rules_load(const struct settings *st, const char **why_r)
{
	loaded = loaded || wordlist_load(st->passwords, why_r);
	return loaded;
}

static const char *
lower(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return out;
}

/* What is written for a letter: "p4$$w0rd". */
static char
letter(char c)
{
	static const char signs[] = "0134578@$!|+", letters[] = "oieastbasiit";
	const char *at = c != '\0' ? strchr(signs, c) : NULL;

	return at != NULL ? letters[at - signs] : c;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Without what is not a letter at both ends. */
static const char *
core_of(struct arena *a, const char *s)
{
	size_t n = strlen(s);

	while (n > 0 && !is_letter(s[n - 1]))
		n--;
	while (n > 0 && !is_letter(*s)) {
		s++;
		n--;
	}
	return arena_strndup(a, s, n);
}

static char *
letters_of(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p != '\0'; p++)
		*p = letter(*p);
	return out;
}

/* As it is, without what stands around the word, and with signs read as letters,
 * before that and after. */
static bool
is_common(struct arena *a, const char *low)
{
	const char *core = core_of(a, low), *read = letters_of(a, low);

	return wordlist_has(low) || wordlist_has(core) || wordlist_has(letters_of(a, core)) ||
	       wordlist_has(read) || wordlist_has(core_of(a, read));
}

/* "123456789012", "aaaaaaaaaaaa", "abcdabcdabcd": most signs follow from the one
 * before. */
static bool
is_run(const char *low, size_t n)
{
	size_t steps = 0;

	for (size_t i = 1; i < n; i++) {
		int step = low[i] - low[i - 1];

		steps += step >= -1 && step <= 1;
	}
	return steps * 3 >= (n - 1) * 2;
}

static bool
is_repeated(const char *low, size_t n)
{
	for (size_t piece = 1; piece * 2 <= n; piece++) {
		size_t same = piece;

		while (same < n && low[same] == low[same - piece])
			same++;
		if (same == n)
			return true;
	}
	return false;
}

/* The address, or mostly the name in front of its @. */
static bool
is_own(struct arena *a, const char *low, size_t n, const char *email)
{
	size_t own = email != NULL ? strcspn(email, "@") : 0;
	const char *address;

	if (own < OWN_MIN)
		return false;
	address = lower(a, email);
	return strstr(low, address) != NULL ||
	       (own * 2 >= n && strstr(low, arena_strndup(a, address, own)) != NULL);
}

/* Letters and digits alone, signs that are written for letters read as them. */
static const char *
squashed(struct arena *a, const char *low)
{
	char *out = letters_of(a, low), *to = out;

	for (const char *p = out; *p != '\0'; p++)
		if (is_letter(*p) || (*p >= '0' && *p <= '9'))
			*to++ = *p;
	*to = '\0';
	return out;
}

/* Mostly the name, however its words are joined and whatever stands around them. */
static bool
is_made_of(struct arena *a, const char *low, const char *name)
{
	const char *is = squashed(a, low);
	const char *own = name != NULL ? squashed(a, lower(a, name)) : "";

	return strlen(own) >= OWN_MIN && strlen(own) * 2 >= strlen(is) && strstr(is, own) != NULL;
}

void
password_rules_check(
	struct arena *a, const char *password, const struct password_owner *owner, struct err **e)
{
	size_t n = strlen(password);
	const char *low = lower(a, password);

	ASSERT(loaded);
	if (utf8_length(password) < PASSWORD_MIN)
		err_add_field(a, e, "password", "error.password_short", TEXT(PASSWORD_MIN));
	else if (utf8_length(password) > PASSWORD_MAX)
		err_add_field(a, e, "password", "error.too_long", TEXT(PASSWORD_MAX));
	else if (is_run(low, n) || is_repeated(low, n))
		err_add_field(a, e, "password", "error.password_run", NULL);
	else if (is_own(a, low, n, owner->email))
		err_add_field(a, e, "password", "error.password_own", NULL);
	else if (is_made_of(a, low, owner->business) || is_made_of(a, low, owner->slug))
		err_add_field(a, e, "password", "error.password_business", NULL);
	else if (is_common(a, low))
		err_add_field(a, e, "password", "error.password_common", NULL);
}

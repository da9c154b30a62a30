/* SPDX-License-Identifier: ISC */
#include "money.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fold.h"

#define AMOUNT_MAX 128 /* bytes of text, full-width */

/* ISO 4217, funds and metals left out. */
static const char two_decimals[] =
	"AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN "
	"BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
	"GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR "
	"LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD "
	"PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
	"SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW";
static const char no_decimals[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
static const char three_decimals[] = "BHD IQD JOD KWD LYD OMR TND";

/* What people write for a currency; the first is what we show. */
static const struct {
	char code[4];
	const char *signs[5];
} signs[] = {
	{"HKD", {"HK$", "$", "港幣"}},
	{"CNY", {"CN¥", "¥", "￥", "RMB"}},
	{"USD", {"US$", "$"}},
	{"MOP", {"MOP$", "$"}},
	{"TWD", {"NT$", "$"}},
	{"SGD", {"S$", "$"}},
	{"AUD", {"A$", "$"}},
	{"CAD", {"C$", "$"}},
	{"NZD", {"NZ$", "$"}},
	{"JPY", {"JP¥", "¥", "￥"}},
	{"EUR", {"€"}},
	{"GBP", {"£"}},
};

static bool
listed(const char *list, const char *code)
{
	const char *at = strstr(list, code);

	return at != NULL && (at - list) % 4 == 0;
}

int
money_scale(const char *currency)
{
	if (strlen(currency) != 3)
		return -1;
	if (listed(two_decimals, currency))
		return 2;
	if (listed(no_decimals, currency))
		return 0;
	return listed(three_decimals, currency) ? 3 : -1;
}

static const char *const *
signs_of(const char *currency)
{
	static const char *const none[1];

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strcmp(signs[i].code, currency) == 0)
			return signs[i].signs;
	return none;
}

static bool
take_text(const char **s, const char *text)
{
	size_t n = strlen(text);

	if (strncasecmp(*s, text, n) != 0)
		return false;
	*s += n;
	return true;
}

/* The code or a sign of this currency. Another currency's is left standing, so
 * that US$12 never becomes HK$12. */
static bool
take_currency(const char **s, const char *currency)
{
	if (take_text(s, currency))
		return true;
	for (const char *const *sign = signs_of(currency); *sign != NULL; sign++)
		if (take_text(s, *sign))
			return true;
	return false;
}

static void
skip_blanks(const char **s)
{
	while (**s == ' ')
		(*s)++;
}

/* Appends the digits that stand there to the number. False: too large. */
static bool
add_digits(const char **s, size_t n, int64_t *v)
{
	for (; n > 0; n--, (*s)++)
		if (__builtin_mul_overflow(*v, 10, v) || __builtin_add_overflow(*v, **s - '0', v))
			return false;
	return true;
}

static size_t
digits_at(const char *s)
{
	return strspn(s, "0123456789");
}

/* "1234", "1,234", "1,234.5", ".5": in minor units. */
static bool
take_number(const char **s, int scale, int64_t *out)
{
	size_t whole = digits_at(*s);
	size_t part = 0;
	int64_t v = 0;

	if (!add_digits(s, whole, &v))
		return false;
	if (**s == ',' && (whole == 0 || whole > 3))
		return false;
	while (take_text(s, ","))
		if (digits_at(*s) != 3 || !add_digits(s, 3, &v))
			return false;
	if (take_text(s, ".")) {
		part = digits_at(*s);
		if (part == 0 || part > (size_t)scale || !add_digits(s, part, &v))
			return false;
	}
	if (whole + part == 0)
		return false;
	for (; part < (size_t)scale; part++)
		if (__builtin_mul_overflow(v, 10, &v))
			return false;
	*out = v;
	return true;
}

bool
money_parse(const char *text, const char *currency, int64_t *minor_r)
{
	char folded[AMOUNT_MAX];
	const char *s = folded;
	int scale = money_scale(currency);
	int64_t v;
	bool negative;
	bool named;

	if (scale < 0 || strlen(text) >= AMOUNT_MAX)
		return false;
	fold_copy(text, folded);
	skip_blanks(&s);
	negative = take_text(&s, "-");
	named = take_currency(&s, currency);
	skip_blanks(&s);
	if (!negative && named)
		negative = take_text(&s, "-");
	if (!take_number(&s, scale, &v))
		return false;
	skip_blanks(&s);
	if (!named)
		take_currency(&s, currency);
	if (*s != '\0')
		return false;
	*minor_r = negative ? -v : v;
	return true;
}

/* Digits of the whole units with groups of three, when asked for. */
static const char *
whole_text(struct arena *a, uint64_t whole, bool grouped)
{
	char *s = arena_printf(a, "%llu", (unsigned long long)whole);
	size_t n = strlen(s);
	char *out = arena_alloc(a, n + n / 3 + 1);
	char *to = out;

	if (!grouped)
		return s;
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			*to++ = ',';
		*to++ = s[i];
	}
	return out;
}

static const char *
money_text(struct arena *a, int64_t minor, const char *currency, const char *sign, bool grouped)
{
	/* Unsigned, since the lowest int64_t has no positive twin. */
	uint64_t v = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
	const char *minus = minor < 0 ? "-" : "";
	int scale = money_scale(currency);
	uint64_t unit = 1;

	for (int i = 0; i < scale; i++)
		unit *= 10;
	if (scale <= 0)
		return arena_printf(a, "%s%s%s", minus, sign, whole_text(a, v, grouped));
	return arena_printf(a, "%s%s%s.%0*llu", minus, sign, whole_text(a, v / unit, grouped),
		scale, (unsigned long long)(v % unit));
}

const char *
money_plain(struct arena *a, int64_t minor, const char *currency)
{
	return money_text(a, minor, currency, "", false);
}

const char *
money_show(struct arena *a, int64_t minor, const char *currency)
{
	const char *sign = signs_of(currency)[0];

	return money_text(
		a, minor, currency, sign != NULL ? sign : arena_printf(a, "%s ", currency), true);
}

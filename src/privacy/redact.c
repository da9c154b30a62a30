/* SPDX-License-Identifier: ISC */
#include "redact.h"

#include <string.h>

#include "hkid.h"
#include "phone.h"
#include "text.h"
#include "utf8.h"

struct scan {
	struct arena *a;
	const char *text;
	struct redact_hit *hits;
	size_t n, room;
};

static void
add(struct scan *s, enum redact_kind kind, size_t start, size_t n, const char *value)
{
	if (s->n == s->room) {
		struct redact_hit *more = ARENA_ARRAY(s->a, 2 * s->room + 16, struct redact_hit);

		if (s->n > 0)
			memcpy(more, s->hits, s->n * sizeof(*more));
		s->hits = more;
		s->room = 2 * s->room + 16;
	}
	s->hits[s->n++] = (struct redact_hit){start, n, kind, value};
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_letter(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool
is_word(char c)
{
	return is_letter(c) || is_digit(c);
}

/* ---- addresses */

static bool
in_local(char c)
{
	return is_word(c) || (c != '\0' && strchr("._%+-'", c) != NULL);
}

static bool
in_domain(char c)
{
	return is_word(c) || c == '.' || c == '-';
}

static void
scan_emails(struct scan *s)
{
	for (const char *at = strchr(s->text, '@'); at != NULL; at = strchr(at + 1, '@')) {
		const char *from = at, *to = at + 1, *value;

		while (from > s->text && in_local(from[-1]))
			from--;
		while (in_domain(*to))
			to++;
		while (to > at + 1 && (to[-1] == '.' || to[-1] == '-'))
			to--;
		while (from < at && (*from == '.' || *from == '\''))
			from++;
		value = text_email(s->a, arena_strndup(s->a, from, (size_t)(to - from)));
		if (from == at || value == NULL)
			continue;
		for (char *p = arena_strdup(s->a, value), *q = (char *)(value = p); *q != '\0'; q++)
			if (is_upper(*q))
				*q = (char)(*q - 'A' + 'a');
		add(s, REDACT_EMAIL, (size_t)(from - s->text), (size_t)(to - from), value);
	}
}

/* ---- numbers */

/* Bytes of what may stand between the digits of one number, 0: nothing of it. */
static size_t
grouping(const char *p)
{
	if (*p == ' ' || *p == '-' || *p == '.' || *p == '(' || *p == ')')
		return 1;
	return (unsigned char)p[0] == 0xc2 && (unsigned char)p[1] == 0xa0 ? 2 : 0;
}

#define GROUPS_MAX 12

/* "2026-01-31" is a day. */
static bool
is_day(const char *p, size_t n)
{
	return n == 10 && (strncmp(p, "19", 2) == 0 || strncmp(p, "20", 2) == 0) && p[4] == '-' &&
	       p[7] == '-';
}

/* Runs of digits with little between them: the longest number that begins at a group. */
static const char *
phone_at(struct scan *s, const char *from)
{
	const char *ends[GROUPS_MAX], *p = from;
	size_t n = 0;

	if (*p == '+')
		p++;
	while (n < GROUPS_MAX) {
		size_t between = 0;

		while (is_digit(*p))
			p++;
		ends[n++] = p;
		for (size_t k; between < 3 && (k = grouping(p)) > 0; between++)
			p += k;
		if (!is_digit(*p))
			break;
	}
	for (; n > 0; n--) {
		size_t len = (size_t)(ends[n - 1] - from);
		char number[PHONE_SIZE];

		if (len > 30 || is_day(from, len) ||
			!phone_normalise(arena_strndup(s->a, from, len), number))
			continue;
		add(s, REDACT_PHONE, (size_t)(from - s->text), len, arena_strdup(s->a, number));
		return ends[n - 1];
	}
	while (is_digit(*from) || *from == '+')
		from++;
	return from;
}

static void
scan_phones(struct scan *s)
{
	const char *p = s->text;

	while (*p != '\0') {
		bool first = p == s->text || (!is_word(p[-1]) && p[-1] != '+');

		if (first && (is_digit(*p) || (*p == '+' && is_digit(p[1]))))
			p = phone_at(s, p);
		else
			p++;
	}
}

/* One or two letters, six digits, a check character that is right. */
static void
scan_cards(struct scan *s)
{
	for (const char *p = s->text; *p != '\0'; p++) {
		const char *q = p;
		char number[HKID_SIZE];
		size_t letters = 0, digits = 0;

		if (!is_letter(*p) || (p > s->text && is_word(p[-1])))
			continue;
		for (; is_letter(*q) && letters < 3; q++)
			letters++;
		q += *q == ' ';
		for (; is_digit(*q) && digits < 6; q++)
			digits++;
		if (letters > 2 || digits != 6)
			continue;
		q += *q == ' ';
		q += *q == '(';
		if (!is_digit(*q) && *q != 'A' && *q != 'a')
			continue;
		q++;
		q += *q == ')';
		if (is_word(*q) || hkid_normalise(arena_strndup(s->a, p, (size_t)(q - p)),
					   number) != HKID_VALID)
			continue;
		add(s, REDACT_HKID, (size_t)(p - s->text), (size_t)(q - p),
			arena_strdup(s->a, number));
	}
}

/* ---- names */

struct word {
	const char *p;
	size_t n;
};

#define RUN_MAX 6
#define NAME_WORDS 4

/* A word that begins with a capital: "CHAN", "Tai-man", "O'Brien". */
static size_t
capital_word(const char *p)
{
	size_t n = 0;

	if (!is_upper(*p))
		return 0;
	while (is_letter(p[n]) || ((p[n] == '-' || p[n] == '\'') && is_letter(p[n + 1])))
		n++;
	return is_digit(p[n]) ? 0 : n;
}

static bool
is_title(const struct word *w)
{
	static const char *const titles[] = {
		"Mr", "Mrs", "Ms", "Miss", "Dr", "Prof", "Madam", "Sir"};

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (strlen(titles[i]) == w->n && strncmp(titles[i], w->p, w->n) == 0)
			return true;
	return false;
}

static void
add_words(struct scan *s, enum redact_kind kind, const struct word *from, const struct word *to)
{
	size_t n = (size_t)(to->p + to->n - from->p);

	add(s, kind, (size_t)(from->p - s->text), n, arena_strndup(s->a, from->p, n));
}

/* Every two to four words beside each other; all behind a title. */
static void
add_run(struct scan *s, const struct word *w, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		if (is_title(&w[i])) {
			size_t last = n - 1 < i + NAME_WORDS ? n - 1 : i + NAME_WORDS;

			add_words(s, REDACT_TITLED, &w[i + 1], &w[last]);
			continue;
		}
		for (size_t k = 1; k < NAME_WORDS && i + k < n; k++)
			add_words(s, REDACT_NAME, &w[i], &w[i + k]);
	}
}

/* What parts two words of one name: a blank, a comma and a blank, "Mr." and a blank. */
static size_t
gap(const struct word *w)
{
	const char *p = w->p + w->n;

	if (*p == ' ')
		return 1;
	if ((*p == ',' || (*p == '.' && is_title(w))) && p[1] == ' ')
		return 2;
	return 0;
}

static void
scan_names(struct scan *s)
{
	const char *p = s->text;

	while (*p != '\0') {
		struct word run[RUN_MAX];
		size_t n = 0, len;

		if (p > s->text && (is_word(p[-1]) || p[-1] == '@')) {
			p++;
			continue;
		}
		while (n < RUN_MAX && (len = capital_word(p)) > 0) {
			run[n] = (struct word){p, len};
			p += len;
			len = gap(&run[n++]);
			if (len == 0 || capital_word(p + len) == 0)
				break;
			p += len;
		}
		add_run(s, run, n);
		p += n == 0;
	}
}

/* The most common surnames, which nine of ten people have, in both forms. */
static const char surnames[] = "陳陈林黃黄張张李王吳吴劉刘蔡楊杨許许鄭郑謝谢郭洪邱曾廖賴赖徐周葉叶"
			       "蘇苏莊庄呂吕江何蕭萧羅罗高潘簡简朱"
			       "鍾钟彭游詹胡施沈余盧卢梁趙赵顏颜柯翁魏孫孙戴范方宋鄧邓杜傅侯曹薛丁"
			       "卓馬马阮董唐溫温藍蓝蔣蒋石古紀纪"
			       "姚連连馮冯歐欧程湯汤田康姜白汪鄒邹尤巫鐘涂龔龚嚴严韓韩袁金童陸陆夏"
			       "柳凌邵錢钱伍倪黎譚谭區区關关岑霍"
			       "鄺邝麥麦莫龍龙文甘尹易孔崔屈冼勞劳駱骆鮑鲍熊殷崔史聶聂符饒饶招利雷"
			       "容茹葛賀贺管練练祝項项芦盤";

static bool
is_surname(const char *p, size_t n)
{
	for (const char *q = surnames; *q != '\0'; q += 3)
		if (n == 3 && memcmp(q, p, 3) == 0)
			return true;
	return false;
}

static const char *const honorifics[] = {"先生", "小姐", "女士", "太太", "醫生", "医生", "老師",
	"老师", "經理", "经理", "律師", "律师", "教授", "博士"};

static bool
is_honorific(const char *p)
{
	for (size_t i = 0; i < sizeof(honorifics) / sizeof(honorifics[0]); i++)
		if (strncmp(p, honorifics[i], strlen(honorifics[i])) == 0)
			return true;
	return false;
}

/* Bytes of the Han character at p; 0: it is none. */
static size_t
han(const char *p)
{
	uint32_t cp;
	size_t n = *p != '\0' ? utf8_next(p, p + strnlen(p, 4), &cp) : 0;

	return n > 0 && utf8_is_han(cp) ? n : 0;
}

static void
scan_han(struct scan *s)
{
	for (const char *p = s->text; *p != '\0';) {
		size_t n = han(p), len = n;

		if (n == 0 || !is_surname(p, n)) {
			p += n > 0 ? n : 1;
			continue;
		}
		if (is_honorific(p + len))
			add(s, REDACT_TITLED, (size_t)(p - s->text), len,
				arena_strndup(s->a, p, len));
		for (int k = 0; k < 3; k++) {
			size_t more = han(p + len);

			if (more == 0)
				break;
			len += more;
			add(s, REDACT_NAME_ZH, (size_t)(p - s->text), len,
				arena_strndup(s->a, p, len));
			if (k < 2 && is_honorific(p + len))
				add(s, REDACT_TITLED, (size_t)(p - s->text), len,
					arena_strndup(s->a, p, len));
		}
		p += n;
	}
}

/* By start; of one start, the longest first; of one place, what may be known. */
static bool
comes_later(const struct redact_hit *x, const struct redact_hit *y)
{
	if (x->start != y->start)
		return x->start > y->start;
	return x->n != y->n ? x->n < y->n : x->kind < y->kind;
}

/* Insertion: they come nearly in order. */
static void
sort(struct scan *s)
{
	for (size_t i = 1; i < s->n; i++) {
		struct redact_hit h = s->hits[i];
		size_t k = i;

		for (; k > 0 && comes_later(&s->hits[k - 1], &h); k--)
			s->hits[k] = s->hits[k - 1];
		s->hits[k] = h;
	}
}

size_t
redact_scan(struct arena *a, const char *text, struct redact_hit **hits_r)
{
	struct scan s = {.a = a, .text = text};

	scan_emails(&s);
	scan_phones(&s);
	scan_cards(&s);
	scan_names(&s);
	scan_han(&s);
	sort(&s);
	*hits_r = s.hits;
	return s.n;
}

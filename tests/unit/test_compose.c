/* SPDX-License-Identifier: ISC */
/* Mails of Praya's own, read back by the reader of incoming ones. */
#include "unit.h"

#include <stdlib.h>

#include "compose.h"
#include "mail.h"

static struct arena *a;

static const struct letter plain = {.from = "praya@crm.example",
	.from_name = "Harbour Trading Company",
	.to = "ling@example.com",
	.to_name = "CHAN Siu Ling",
	.subject = "Hello",
	.html = "<p>Hello &amp; welcome</p><p><a href=\"https://a.example/x?y=1\">"
		"https://a.example/x?y=1</a></p>",
	.lang = "en",
	.message_id = "abc-123",
	.domain = "crm.example",
	.date = 1795651200};

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)16 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static const char *
made(const struct letter *l)
{
	struct bytes out;

	assert_true(compose(a, l, &out));
	return arena_strndup(a, (const char *)out.p, out.n);
}

static struct mail *
read_back(const struct letter *l)
{
	const char *text = made(l);
	struct mail *m;

	assert_int_equal(mail_parse(a, text, strlen(text), NULL, &m), MAIL_OK);
	return m;
}

/* The text, its CRLF as LF. */
static const char *
text_in(const struct mail *m)
{
	char *out = arena_strdup(a, m->text), *to = out;

	for (const char *p = out; *p != '\0'; p++)
		if (*p != '\r')
			*to++ = *p;
	*to = '\0';
	return out;
}

/* Names of the headers above the first empty line, in order. */
static const char *
header_names(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	char *out = arena_alloc(a, 4096), *to = out;

	assert_non_null(end);
	for (const char *line = text; line < end; line = strstr(line, "\r\n") + 2) {
		size_t n = strcspn(line, ":\r");

		if (*line == ' ' || *line == '\t')
			continue;
		to = (char *)mempcpy(to, line, n);
		*to++ = ' ';
	}
	*to = '\0';
	return out;
}

#define HEADERS \
	"Date From Subject To Message-Id Auto-Submitted Content-Language MIME-Version " \
	"Content-Type "

static void
test_plain(void **state)
{
	struct mail *m = read_back(&plain);

	(void)state;
	assert_string_equal(m->from.address, "praya@crm.example");
	assert_string_equal(m->from.name, "Harbour Trading Company");
	assert_int_equal(m->nto, 1);
	assert_string_equal(m->to[0].address, "ling@example.com");
	assert_string_equal(m->to[0].name, "CHAN Siu Ling");
	assert_string_equal(m->subject, "Hello");
	assert_string_equal(text_in(m), "Hello & welcome\n\nhttps://a.example/x?y=1\n");
	assert_string_equal(m->message_id, "abc-123@crm.example");
	assert_true(m->date == (int64_t)1795651200 * 1000000);
	assert_true(m->automatic);
	assert_string_equal(header_names(made(&plain)), HEADERS);
}

static void
test_chinese(void **state)
{
	struct letter l = plain;
	struct mail *m;

	(void)state;
	l.lang = "zh-Hant";
	l.from_name = "海港貿易有限公司";
	l.to_name = "陳小玲";
	l.subject = "海港貿易有限公司邀請您使用 Praya，請於七日之內設定密碼以便登入系統";
	l.html = "<p>您好，歡迎。</p>";
	m = read_back(&l);
	assert_string_equal(m->from.name, l.from_name);
	assert_string_equal(m->to[0].name, l.to_name);
	assert_string_equal(m->subject, l.subject);
	assert_string_equal(text_in(m), "您好，歡迎。\n");
	assert_string_equal(header_names(made(&l)), HEADERS);
}

/* What is typed as a name, or comes out of a database, stays in its header. */
static void
test_no_header_comes_from_a_text(void **state)
{
	static const char *const evil[] = {
		"Ling\r\nBcc: all@example.com",
		"Ling\nBcc: all@example.com\n\nAnother body",
		"Ling\rBcc: all@example.com",
		"\r\n\r\n<p>body</p>",
		"Ling\xe2\x80\xa8"
		"Bcc: all@example.com",
		"=?utf-8?q?Ling=0D=0ABcc=3A_all=40example.com?=",
		"\"Ling\" <all@example.com>, ",
		"Ling\x0b"
		"Bcc: all@example.com",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		struct letter l = plain;
		struct mail *m;

		l.to_name = l.from_name = l.subject = evil[i];
		m = read_back(&l);
		assert_string_equal(header_names(made(&l)), HEADERS);
		assert_null(strstr(made(&l), "=?utf-8?q?Ling"));
		assert_int_equal(m->nto, 1);
		assert_string_equal(m->to[0].address, "ling@example.com");
		assert_string_equal(m->from.address, "praya@crm.example");
		assert_string_equal(text_in(m), "Hello & welcome\n\nhttps://a.example/x?y=1\n");
	}
}

static void
test_no_address_no_mail(void **state)
{
	static const char *const wrong[] = {"", "ling", "ling@", "ling@example.com, b@example.com",
		"ling@example.com\r\nBcc: b@example.com", "<ling@example.com>",
		"ling@example.com> RCPT TO:<b@example.com"};
	struct bytes out;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct letter l = plain;

		l.to = wrong[i];
		assert_false(compose(a, &l, &out));
		l = plain;
		l.from = wrong[i];
		assert_false(compose(a, &l, &out));
	}
}

static void
test_lines_end_as_relays_want_them(void **state)
{
	const char *text = made(&plain);

	(void)state;
	for (const char *p = strchr(text, '\n'); p != NULL; p = strchr(p + 1, '\n'))
		assert_int_equal(p[-1], '\r');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_chinese),
		cmocka_unit_test(test_no_header_comes_from_a_text),
		cmocka_unit_test(test_no_address_no_mail),
		cmocka_unit_test(test_lines_end_as_relays_want_them),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

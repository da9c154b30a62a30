/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "charset.h"
#include "html.h"
#include "mail.h"
#include "sb.h"
#include "text.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)256 << 20);
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
read_file(const char *name, size_t *n_r)
{
	const char *path = arena_printf(a, "%s/%s", CORPUS, name);
	FILE *f = fopen(path, "rb");
	char *buf = arena_alloc(a, 1 << 20);

	assert_non_null(f);
	*n_r = fread(buf, 1, 1 << 20, f);
	fclose(f);
	return buf;
}

static struct err *
add(void *ctx, const void *p, size_t n)
{
	sb_add(ctx, p, n);
	return NULL;
}

static void
add_address(struct sb *sb, const struct mail_address *m)
{
	sb_printf(
		sb, "%s<%s>", m->name != NULL ? m->name : "", m->address != NULL ? m->address : "");
}

/* "From to To: Subject | text [file type bytes]" */
static const char *
taken_apart(const char *name)
{
	size_t n;
	const char *p = read_file(name, &n);
	const char *body;
	struct mail *m;
	struct sb sb;

	sb_init(&sb, a, 1 << 20);
	switch (mail_parse(a, p, n, NULL, &m)) {
	case MAIL_UNREADABLE:
		return "unreadable";
	case MAIL_TOO_MANY_PARTS:
		return "too many parts";
	case MAIL_OK:
		break;
	}
	add_address(&sb, &m->from);
	for (size_t i = 0; i < m->nto; i++) {
		sb_puts(&sb, i == 0 ? " to " : ", ");
		add_address(&sb, &m->to[i]);
	}
	body = text_clean(a, m->text, true);
	sb_printf(
		&sb, ": %s | %s", m->subject != NULL ? m->subject : "-", body != NULL ? body : "-");
	for (size_t i = 0; i < m->nfiles; i++) {
		struct sb bytes;

		sb_init(&bytes, a, 1 << 20);
		assert_null(mail_file_read(&m->files[i], add, &bytes));
		sb_printf(&sb, " [%s %s %zu]", m->files[i].file_name, m->files[i].content_type,
			bytes.n);
	}
	return sb.p;
}
static const struct {
	const char *file;
	const char *expected;
} messages[] = {
	{"plain", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: Meeting on Friday | "
		  "See you at ten."},
	{"big5_base64",
		"陳大文<chan@example.com> to <sales@example.org>: 報價單 | 多謝查詢，請見附件。"},
	{"big5_hkscs", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: hkscs | "
		       "佢哋喺深水埗食嘢"},
	{"gb2312_qp",
		"Chan Tai Man<chan@example.com> to Sales<sales@example.org>: 合同 | 请查收合同"},
	{"raw_big5", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: 查詢價錢 | "
		     "請問幾多錢？我想買兩個。"},
	{"raw_utf8", "李小姐<lee@example.com> to <sales@example.org>: 約見時間 | 星期五見。"},
	{"mislabelled",
		"Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | 其實是UTF-8文字"},
	{"ascii_label_8bit",
		"Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | naïve café"},
	{"unknown_charset",
		"Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | 未知編碼"},
	{"evil_charset",
		"Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | still read"},
	{"iso2022jp", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: お見積り | "
		      "ありがとう"},
	{"utf16", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | 十六位元"},
	{"qp_broken", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | A=ZZ b=4 "
		      "c== 你好 soft break"},
	{"base64_broken",
		"Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | Hello wor"},
	{"bad_encoding",
		"Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | as it stands"},
	{"no_boundary", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | "
			"--what\nContent-Type: text/plain\n\nThe text stands here.\n--what--"},
	{"boundary_never_comes", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | "
				 "There is no such boundary, but this text."},
	{"boundary_not_closed", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | "
				"First part [a.pdf application/pdf 9]"},
	{"boundary_prefix",
		"Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | Inner text"},
	{"boundary_same_nested",
		"Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | Whose is this?"},
	{"nested_message", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: Fwd: old | "
			   "See below. [message.eml message/rfc822 84]"},
	{"message_only", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | - "
			 "[message.eml message/rfc822 58]"},
	{"message_empty", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | -"},
	{"deep_9", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: deep | bottom"},
	{"deep_15", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: deep | - "
		    "[message.mime multipart/mixed 272]"},
	{"deep_messages_2000", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: deep | "
			       "- [message.eml message/rfc822 59994]"},
	{"parts_150", "too many parts"},
	{"no_from", "<> to <sales@example.org>: anonymous | who am I?"},
	{"from_reply_to", "Reply Person<reply@example.com> to <sales@example.org>: x | x"},
	{"from_return_path", "<path@example.com> to <sales@example.org>: x | x"},
	{"from_garbage", "<>: x | x"},
	{"from_two", "One<one@example.com> to <sales@example.org>: x | x"},
	{"from_twice", "<one@example.com> to <sales@example.org>: x | x"},
	{"from_case", "Chan, Tai Man<chan.tai.man@example.com> to <sales@example.org>: x | x"},
	{"groups",
		"<chan@example.com> to <a@example.com>, B<b@example.com>, <c@example.com>: x | x"},
	{"groups_nested", "unreadable"},
	{"groups_nested_inside", "unreadable"},
	{"nul", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: a | beforeafter\nend"},
	{"nul_head", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: ok | body"},
	{"rfc2231", "<chan@example.com> to <sales@example.org>: x | hi [報價-final.pdf "
		    "application/pdf 4]"},
	{"rfc2047_name", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | - "
			 "[合約.doc application/octet-stream 3]"},
	{"html_only", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: Offer | Dear Ms "
		      "Lee & Co,\n\nprice: HK$100, 報價\n\n- one\n- two\n\na\nbc"},
	{"html_broken", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | open "
			"never closed y\n\nmore\n\n&unknown; &#0; &#xD800; &amp"},
	{"alternative", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | plain "
			"version [logo.png image/png 8]"},
	{"alternative_empty",
		"Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | only here"},
	{"text_attached", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | body "
			  "[log.txt text/plain 13] [page.html text/html 11]"},
	{"uuencoded", "<chan@example.com> to <sales@example.org>: x | - [hi.txt "
		      "application/octet-stream 5]"},
	{"signed", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | signed words"},
	{"report", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: Undelivered | It "
		   "failed. [file message/delivery-status 38]"},
	{"partial", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | - [file "
		    "message/partial 6]"},
	{"external", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | - [passwd "
		     "message/external-body 26]"},
	{"envelope", "<chan@example.com> to <sales@example.org>: x | with an envelope line"},
	{"crlf", "<chan@example.com> to <sales@example.org>: x | lines\nend"},
	{"cr_only", "<chan@example.com> to <a@example.com>: x | body"},
	{"head_only", "<chan@example.com> to <sales@example.org>: nothing else | -"},
	{"body_only", "<>: - | just words, no header"},
	{"no_colon", "<chan@example.com>: late | body"},
	{"delivered_to", "<chan@example.com> to <other@example.net>: x | x"},
	{"type_file_odd", "Chan Tai Man<chan@example.com> to Sales<sales@example.org>: x | - [odd "
			  "application/octet-stream 3]"},
	{"empty", "unreadable"},
	{"zeros", "unreadable"},
	{"random", "unreadable"},
	{"one_line", "unreadable"},
};

static void
test_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		const char *got = taken_apart(messages[i].file);

		if (strcmp(got, messages[i].expected) != 0)
			print_error("%s\n", messages[i].file);
		assert_string_equal(got, messages[i].expected);
		arena_reset(a);
	}
}

static struct mail *
parse_file(const char *name)
{
	struct mail *m = NULL;
	size_t n;
	const char *p = read_file(name, &n);

	assert_int_equal(mail_parse(a, p, n, NULL, &m), MAIL_OK);
	return m;
}

static void
test_dates(void **state)
{
	(void)state;
	assert_int_equal(parse_file("plain")->date, 1793585700LL * 1000000);
	assert_int_equal(parse_file("date_nonsense")->date, 0);
	assert_int_equal(parse_file("date_old")->date, 0);
	assert_int_equal(parse_file("date_far")->date, 253402300799LL * 1000000);
}

static void
test_machines(void **state)
{
	(void)state;
	assert_true(parse_file("newsletter")->automatic);
	assert_true(parse_file("report")->automatic);
	assert_false(parse_file("plain")->automatic);
}

static void
test_limits(void **state)
{
	struct mail *m;

	(void)state;
	assert_int_equal(parse_file("parts_99")->nfiles, 99);
	assert_int_equal(parse_file("many_recipients")->nto, MAIL_ADDRESSES_MAX);
	assert_int_equal(parse_file("groups_many")->nto, 150);
	assert_string_equal(parse_file("plain")->message_id, "plain@example.com");
	assert_null(parse_file("envelope")->message_id);
	m = parse_file("name_path");
	assert_int_equal(m->nfiles, 4);
	assert_string_equal(m->files[0].file_name, "evil");
	assert_string_equal(m->files[1].file_name, "pic.png");
	assert_string_equal(m->files[2].file_name, "file");
	assert_int_equal(strlen(m->files[3].file_name), 200);
}

/* Ten million characters: the first ones are text, all of them are a file. */
static void
test_long_text(void **state)
{
	static const char head[] = "From: chan@example.com\nContent-Type: text/plain\n\n";
	size_t n = 10000000;
	char *p = arena_alloc(a, sizeof(head) + n);
	struct mail *m;
	struct sb bytes;

	(void)state;
	memcpy(p, head, sizeof(head) - 1);
	memset(p + sizeof(head) - 1, 'x', n);
	assert_int_equal(mail_parse(a, p, sizeof(head) - 1 + n, NULL, &m), MAIL_OK);
	assert_true(m->text_cut);
	assert_int_equal(strlen(m->text), MAIL_TEXT_MAX);
	assert_int_equal(m->nfiles, 1);
	assert_string_equal(m->files[0].file_name, "message.txt");
	sb_init(&bytes, a, n + 1);
	assert_null(mail_file_read(&m->files[0], add, &bytes));
	assert_int_equal(bytes.n, n);
}

/* A sink that refuses ends the reading with its own error. */
static struct err *
refuse(void *ctx, const void *p, size_t n)
{
	(void)p;
	(void)n;
	return err_new(ctx, ERR_BUSY, NULL);
}

static void
test_sink_refuses(void **state)
{
	struct err *e;

	(void)state;
	e = mail_file_read(&parse_file("rfc2231")->files[0], refuse, a);
	assert_non_null(e);
	assert_int_equal(e->kind, ERR_BUSY);
	e = mail_file_read(&parse_file("nested_message")->files[0], refuse, a);
	assert_non_null(e);
}

static void
test_charset(void **state)
{
	(void)state;
	assert_string_equal(charset_text(a, "abc", 3, NULL), "abc");
	assert_string_equal(charset_text(a, "a\0b", 3, "utf-8"), "ab");
	assert_string_equal(charset_text(a, "", 0, "big5"), "");
	/* One bad byte in a text that says what it is stays one bad byte. */
	assert_string_equal(charset_text(a, "\xa4\xa4\xff\xa4\xe5", 5, "big5"), "中\xef\xbf\xbd文");
	/* A character cut off at the end is dropped. */
	assert_string_equal(charset_text(a, "\xa4\xa4\xa4", 3, "big5"), "中");
	assert_string_equal(charset_text(a, "\xd6\xd0\xce\xc4", 4, "gb2312"), "中文");
	assert_string_equal(charset_text(a, "\x93quote\x94", 7, "iso-8859-1"), "“quote”");
}

static void
test_html(void **state)
{
	(void)state;
	assert_string_equal(html_text(a, ""), "");
	assert_string_equal(html_text(a, "a  b\n c"), "a b c");
	assert_string_equal(html_text(a, "1 < 2 && 3 > 2"), "1 < 2 && 3 > 2");
	assert_string_equal(html_text(a, "<p>a</p><p>b</p>"), "a\n\nb");
	assert_string_equal(html_text(a, "<pre>a\n b</pre>"), "a\n b");
	assert_string_equal(html_text(a, "a<!-- <p>x -->b<!-- never closed"), "ab");
	assert_string_equal(html_text(a, "<STYLE>x</STYLE>a<script>y"), "a");
	assert_string_equal(html_text(a, "<a title=\"1 > 2\">link</a>"), "link");
	assert_string_equal(
		html_text(a, "&lt;b&gt; &#38; &#x4e2d; &#1114112;"), "<b> & 中 &#1114112;");
	assert_string_equal(html_text(a, "<"), "<");
	assert_string_equal(html_text(a, "<p"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dates, setup, teardown),
		cmocka_unit_test_setup_teardown(test_machines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sink_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_charset, setup, teardown),
		cmocka_unit_test_setup_teardown(test_html, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

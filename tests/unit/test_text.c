/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"
#include "utf8.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(8 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

typedef const char *text_fn(struct arena *a, const char *s);

static const char *
one_line(struct arena *to, const char *s)
{
	return text_clean(to, s, false);
}

static const char *
many_lines(struct arena *to, const char *s)
{
	return text_clean(to, s, true);
}

/* Pairs of input and outcome; an outcome of NULL is a refusal. */
static void
try_all(text_fn *fn, const char *const cases[][2], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = fn(a, cases[i][0]);

		if (cases[i][1] == NULL) {
			if (got != NULL)
				fail_msg("\"%s\" gave \"%s\"", cases[i][0], got);
			continue;
		}
		if (got == NULL)
			fail_msg("\"%s\" was refused", cases[i][0]);
		assert_string_equal(got, cases[i][1]);
	}
}

static void
text_is_cleaned(void **state)
{
	static const char *const cases[][2] = {
		{"Chan Tai Man", "Chan Tai Man"},
		{"  Chan \t Tai   Man  ", "Chan Tai Man"},
		{"陳大文", "陳大文"},
		{"　陳　大文　", "陳 大文"},
		{"a\xc2\xa0\xe2\x80\x89\xe3\x80\x80"
		 "b",
			"a b"},
		{"a\nb", "a b"},
		{"a\r\n\r\nb\n", "a b"},
		{"a\x01\x02"
		 "b\x7f",
			"ab"},
		{"\x1b[31mred", "[31mred"},
		{"a\xc2\x85"
		 "b",
			"a b"}, /* NEL */
		{"a\xc2\x9b"
		 "b",
			"ab"}, /* C1 */
		{"a\xe2\x80\x8b"
		 "b",
			"ab"}, /* zero-width blank */
		{"a\xe2\x80\xae"
		 "txt.exe",
			"atxt.exe"}, /* direction override */
		{"\xef\xbb\xbf"
		 "a",
			"a"}, /* byte order mark */
		{"a\xef\xbf\xbf"
		 "b",
			"ab"},                                /* no character */
		{"葛\xf3\xa0\x84\x80", "葛\xf3\xa0\x84\x80"}, /* a variation selector stays */
		{"👨\xe2\x80\x8d👩", "👨\xe2\x80\x8d👩"},         /* and a joiner */
		{"\xe2\x80\x8d \xef\xb8\x8f", NULL},          /* by themselves they are nothing */
		{"a\xd8\x9c"
		 "b",
			"ab"}, /* the Arabic letter mark is a direction mark */
		{"a\xe2\x81\xa3\xe2\x81\xaf"
		 "b",
			"ab"}, /* invisible separator, deprecated shapes */
		{"a\xef\xbf\xb9"
		 "b\xf3\xa0\x81\x81",
			"ab"},                      /* annotations and tags */
		{"\xe3\x85\xa4\xe2\xa0\x80", NULL}, /* fillers show nothing */
		{"a\xe3\x85\xa4"
		 "b",
			"a b"},
		{"𠮷野家", "𠮷野家"},
		{"a\xff\xfe"
		 "b\xe4\xb8",
			"ab"},
		{"", NULL},
		{" \t\r\n　", NULL},
		{"\x01\xe2\x80\x8b\xff", NULL},
	};

	(void)state;
	try_all(one_line, cases, COUNT(cases));
}

static void
lines_are_kept_when_asked_for(void **state)
{
	static const char *const cases[][2] = {
		{"a\nb", "a\nb"},
		{"a\r\nb\rc\n", "a\nb\nc"},
		{"a\n\nb", "a\n\nb"},
		{"\n\n a \n\n", "a"},
		{"a  \n  b", "a\nb"},
		{"a \n \n b", "a\n\nb"},
		{"a  b\tc", "a b c"},
		{"a\xe2\x80\xa8"
		 "b\xe2\x80\xa9"
		 "c\xc2\x85"
		 "d\fe",
			"a\nb\nc\nd\ne"},
		{"\r\n \r\n", NULL},
	};

	(void)state;
	try_all(many_lines, cases, COUNT(cases));
}

static void
cleaning_twice_changes_nothing(void **state)
{
	char text[64];
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		static const char *const bits[] = {" ", "\n", "\r", "a", "陳", "\xe3\x80\x80",
			"\x01", "\xe2\x80\x8b", "\xff", "\t", "\xc2\xa0", "𠮷", "\xe2\x80", "\r\n"};
		const char *once;
		const char *twice;
		bool lines = round % 2 == 0;

		text[0] = '\0';
		for (int i = 0; i < 12; i++) {
			seed = seed * 1664525 + 1013904223;
			strcat(text, bits[(seed >> 16) % COUNT(bits)]);
		}
		once = text_clean(a, text, lines);
		if (once == NULL)
			continue;
		assert_true(utf8_valid(once, strlen(once)));
		assert_true(strlen(once) <= strlen(text));
		twice = text_clean(a, once, lines);
		assert_non_null(twice);
		assert_string_equal(once, twice);
	}
}

static void
addresses_of_mail(void **state)
{
	static char local65[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com";
	static char label64[] =
		"a@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.com";
	static const char *const cases[][2] = {
		{"peter@example.com", "peter@example.com"},
		{" peter@example.com ", "peter@example.com"},
		{"Peter.Chan@Example.COM", "Peter.Chan@example.com"},
		{"peter+crm@mail.example.com.hk", "peter+crm@mail.example.com.hk"},
		{"o'neil_1-2/3=4@example.com", "o'neil_1-2/3=4@example.com"},
		{"ｐｅｔｅｒ＠ｅｘａｍｐｌｅ．ｃｏｍ", "peter@example.com"},
		{"陳@example.com", "陳@example.com"},
		{"peter@例子.香港", "peter@例子.香港"},
		{"a@b.c", "a@b.c"},
		{local65 + 1, local65 + 1},
		{"", NULL},
		{" ", NULL},
		{"@", NULL},
		{"peter", NULL},
		{"peter@", NULL},
		{"@example.com", NULL},
		{"peter@example", NULL},
		{"peter@@example.com", NULL},
		{"peter@a@example.com", NULL},
		{"peter @example.com", NULL},
		{"peter@ example.com", NULL},
		{"peter@exam ple.com", NULL},
		{"peter@example.com, paul@example.com", NULL},
		{"peter@example.com;paul@example.com", NULL},
		{"peter@example.com\nBcc: x@example.com", NULL},
		{"Peter <peter@example.com>", NULL},
		{"mailto:peter@example.com", NULL},
		{"\"peter chan\"@example.com", NULL},
		{"\"peter\"@example.com", NULL},
		{"peter\\@example.com", NULL},
		{"peter(x)@example.com", NULL},
		{"peter@.example.com", NULL},
		{"peter@example..com", NULL},
		{"peter@example.com.", NULL},
		{"peter@-example.com", NULL},
		{"peter@example-.com", NULL},
		{"peter@exam_ple.com", NULL},
		{"peter@example.com/x", NULL},
		{"peter@[192.0.2.1]", NULL},
		{"peter@192.0.2.1", NULL},
		{local65, NULL},
		{label64, NULL},
	};
	char *longest = arena_alloc(a, 400);

	(void)state;
	try_all(text_email, cases, COUNT(cases));
	/* 254 bytes pass, 255 do not. */
	memcpy(longest, "a@", 2);
	for (size_t i = 2; i < 250; i++)
		longest[i] = (i - 2) % 60 == 59 ? '.' : 'b';
	memcpy(longest + 250, ".com", 5);
	assert_int_equal(strlen(longest), 254);
	assert_non_null(text_email(a, longest));
	memcpy(longest + 250, ".info", 6);
	assert_null(text_email(a, longest));
}

static void
addresses_of_the_web(void **state)
{
	static const char *const cases[][2] = {
		{"https://example.com", "https://example.com"},
		{"http://example.com/", "http://example.com/"},
		{"HTTPS://WWW.Example.COM/Path?Q=1#F", "https://www.example.com/Path?Q=1#F"},
		{"example.com", "https://example.com"},
		{" www.example.com.hk/a/b ", "https://www.example.com.hk/a/b"},
		{"example.com:8443/x", "https://example.com:8443/x"},
		{"http://localhost:8080", "http://localhost:8080"},
		{"http://intranet/", "http://intranet/"},
		{"linkedin.com/in/chan-tai-man", "https://linkedin.com/in/chan-tai-man"},
		{"https://例子.香港/路徑", "https://例子.香港/路徑"},
		{"https://192.0.2.1/x", "https://192.0.2.1/x"},
		{"example.com?next=http://other.example/",
			"https://example.com?next=http://other.example/"},
		{"example.com/a:b", "https://example.com/a:b"},
		{"https://example.com/it's", "https://example.com/it's"},
		{"https://example.com/a@b", "https://example.com/a@b"},
		{"", NULL},
		{" ", NULL},
		{"hello", NULL},
		{"https://", NULL},
		{"https:///path", NULL},
		{"//example.com", NULL},
		{"/path", NULL},
		{"?q=1", NULL},
		{"://example.com", NULL},
		{"javascript:alert(1)", NULL},
		{"JavaScript:alert(1)", NULL},
		{"java\tscript:alert(1)", NULL},
		{"javascript://example.com/%0aalert(1)", NULL},
		{"data:text/html,x", NULL},
		{"vbscript:x", NULL},
		{"file:///etc/passwd", NULL},
		{"ftp://example.com", NULL},
		{"mailto:peter@example.com", NULL},
		{"tel:+85291234567", NULL},
		{"https:example.com", NULL},
		{"https:/example.com", NULL},
		{"https://user@example.com", NULL},
		{"https://user:pass@example.com", NULL},
		{"https://example.com:80@evil.example", NULL},
		{"example.com@evil.example", NULL},
		{"https://example.com\\@evil.example", NULL},
		{"https:\\\\example.com", NULL},
		{"https://exam ple.com", NULL},
		{"https://example.com/a b", NULL},
		{"https://example.com/\"onclick", NULL},
		{"https://example.com/<script>", NULL},
		{"https://example..com", NULL},
		{"https://.example.com", NULL},
		{"https://example.com.", NULL},
		{"https://-example.com", NULL},
		{"https://exam_ple.com", NULL},
		{"https://example.com:", NULL},
		{"https://example.com:0", NULL},
		{"https://example.com:65536", NULL},
		{"https://example.com:99999999999", NULL},
		{"https://example.com:8x", NULL},
		{"https://example.com:80:80", NULL},
		{"https://[::1]/", NULL},
		{"https://%65xample.com", NULL},
	};

	(void)state;
	try_all(text_url, cases, COUNT(cases));
}

static void
english_names_follow_from_their_parts(void **state)
{
	static const char *const cases[][4] = {
		{"Kuo", "Chi Yung", "Peter", "KUO Chi Yung, Peter"},
		{"CHAN", "Tai Man", NULL, "CHAN Tai Man"},
		{"Chan", "Tai Man", "", "CHAN Tai Man"},
		{"Chan", NULL, "Peter", "CHAN, Peter"},
		{NULL, "Tai Man", "Peter", "Tai Man, Peter"},
		{"", "Tai Man", "", "Tai Man"},
		{"Chan", "", "", "CHAN"},
		{"", "", "Peter", "Peter"},
		{"O'Neil-Smith", "Ann", NULL, "O'NEIL-SMITH Ann"},
		{"Gar\xc3\xa7on",
			"Ren\xc3\xa9"
			"e",
			NULL,
			"GAR\xc3\x87ON Ren\xc3\xa9"
			"e"},
		{"Stra\xc3\x9f", NULL, NULL, "STRA\xc3\x9f"},
		{"\xc3\xb7\xc3\xbe", NULL, NULL, "\xc3\xb7\xc3\x9e"},
		{"陳", "大文", NULL, "陳 大文"},
		{"au yeung", "siu ming", NULL, "AU YEUNG siu ming"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(
			text_name_en(a, cases[i][0], cases[i][1], cases[i][2]), cases[i][3]);
	assert_null(text_name_en(a, NULL, NULL, NULL));
	assert_null(text_name_en(a, "", "", ""));
}

static void
file_names_are_safe(void **state)
{
	static const char *const cases[][2] = {
		{"report.pdf", "report.pdf"},
		{"年報 2026.pdf", "年報 2026.pdf"},
		{"/etc/passwd", "passwd"},
		{"../../etc/passwd", "passwd"},
		{"C:\\Users\\chan\\report.pdf", "report.pdf"},
		{"a/b\\c/d.txt", "d.txt"},
		{".htaccess", "htaccess"},
		{"...hidden", "hidden"},
		{". . x", "x"},
		{"report.pdf...", "report.pdf"},
		{"report.pdf ", "report.pdf"},
		{"  my   report.pdf", "my report.pdf"},
		{"a:b*c?d\"e<f>g|h.txt", "a_b_c_d_e_f_g_h.txt"},
		{"a\r\nSet-Cookie: x.txt", "a Set-Cookie_ x.txt"},
		{"a\x01\x7f"
		 "b.txt",
			"ab.txt"},
		{"invoice\xe2\x80\xae"
		 "fdp.exe",
			"invoicefdp.exe"},
		{"bad\xff\xfe.txt", "bad.txt"},
		{"", "file"},
		{"/", "file"},
		{"a/", "file"},
		{"..", "file"},
		{".", "file"},
		{"../..", "file"},
		{"   ", "file"},
		{"\x01\x02", "file"},
		{". .", "file"},
	};

	(void)state;
	try_all(text_file_name, cases, COUNT(cases));
}

static void
long_file_names_keep_their_ending(void **state)
{
	char name[1000];
	const char *cut;

	(void)state;
	for (size_t shift = 0; shift < 3; shift++) {
		memset(name, 'x', shift);
		name[shift] = '\0';
		for (int i = 0; i < 100; i++)
			strcat(name, "陳");
		strcat(name, ".pdf");
		cut = text_file_name(a, name);
		assert_true(strlen(cut) <= 200 && strlen(cut) > 196);
		assert_true(utf8_valid(cut, strlen(cut)));
		assert_string_equal(cut + strlen(cut) - 4, ".pdf");
	}
	memset(name, 'x', 999);
	name[999] = '\0';
	assert_int_equal(strlen(text_file_name(a, name)), 200);
	name[500] = '.'; /* what follows is too long to be an ending */
	assert_int_equal(strlen(text_file_name(a, name)), 200);
	name[200] = '\0';
	name[100] = 'x';
	assert_int_equal(strlen(text_file_name(a, name)), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cleaned),
		cmocka_unit_test(lines_are_kept_when_asked_for),
		cmocka_unit_test(cleaning_twice_changes_nothing),
		cmocka_unit_test(addresses_of_mail),
		cmocka_unit_test(addresses_of_the_web),
		cmocka_unit_test(english_names_follow_from_their_parts),
		cmocka_unit_test(file_names_are_safe),
		cmocka_unit_test(long_file_names_keep_their_ending),
	};

	return cmocka_run_group_tests_name("text", tests, setup, teardown);
}

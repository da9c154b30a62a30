/* SPDX-License-Identifier: ISC */
/* Which passwords are taken, by the list that the build has made. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "password_rule.h"
#include "wordlist.h"

static struct arena *a;

static int
setup(void **state)
{
	struct settings st = {.passwords = "made/common_passwords"};
	const char *why = "";

	(void)state;
	a = arena_new((size_t)1 << 20);
	if (!password_rules_load(&st, &why))
		fail_msg("%s", why);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* The key of what is wrong, "" when it is taken. */
static const char *
said_to(const char *password, const struct password_owner *owner)
{
	struct err *e = NULL;

	password_rules_check(a, password, owner, &e);
	if (e == NULL)
		return "";
	assert_int_equal(e->kind, ERR_INVALID);
	assert_string_equal(e->fields->name, "password");
	assert_null(e->fields->next);
	return e->fields->key;
}

static const char *
said_of(const char *password, const char *email)
{
	return said_to(password, &(struct password_owner){.email = email});
}

static void
test_taken(void **state)
{
	static const char *const good[] = {"junk-sails-at-dusk-17", "correct horse battery",
		"cable-car-over-mist-08", "九龍半島的晚風吹過海面", "qS7w-xTz_4hK1mP",
		"three blind mice and a cheese", "harbour lantern teacup"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (i != 3)
			assert_string_equal(said_of(good[i], "ling@example.com"), "");
	/* Eleven characters are not twelve, whatever their bytes. */
	assert_string_equal(said_of(good[3], NULL), "error.password_short");
	assert_string_equal(said_of("九龍半島的晚風吹過海面。", NULL), "");
}

static void
test_length(void **state)
{
	unsigned seed = 1;
	char text[200];

	(void)state;
	assert_string_equal(said_of("", NULL), "error.password_short");
	assert_string_equal(said_of("tram-bell-5", NULL), "error.password_short");
	assert_string_equal(said_of("tram-bell-52", NULL), "");
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('a' + ((seed = seed * 1103515245 + 12345) >> 16) % 26);
	text[128] = '\0';
	assert_string_equal(said_of(text, NULL), "");
	text[128] = 'x';
	text[129] = '\0';
	assert_string_equal(said_of(text, NULL), "error.too_long");
}

static void
test_common(void **state)
{
	static const char *const bad[] = {"password1234", "Password1234", "P4ssw0rd2026",
		"p@$$w0rd!!!!", "!!!!letmein!!!!", "administrator", "Administrator1",
		"constantinople", "unbelievable!", "PrayaCRM2026!", "..dragon......99"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (strcmp(said_of(bad[i], NULL), "error.password_common") != 0)
			fail_msg("%s: %s", bad[i], said_of(bad[i], NULL));
}

static void
test_runs(void **state)
{
	static const char *const bad[] = {"aaaaaaaaaaaa", "123456789012", "abcdefghijklm",
		"zyxwvutsrqpon", "abcabcabcabc", "qwerty12qwerty12", "xK9!xK9!xK9!", "            ",
		"zq7p4zq7p4zq7p4zq", "112233445566"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (strcmp(said_of(bad[i], NULL), "error.password_run") != 0)
			fail_msg("%s: %s", bad[i], said_of(bad[i], NULL));
}

static void
test_own_address(void **state)
{
	(void)state;
	assert_string_equal(
		said_of("Siuling.Wong12", "siuling.wong@example.com"), "error.password_own");
	assert_string_equal(
		said_of("SIULING.WONG!9", "SiuLing.Wong@example.com"), "error.password_own");
	assert_string_equal(
		said_of("siuling.wong and her teacups", "siuling.wong@example.com"), "");
	assert_string_equal(said_of("Siuling.Wong12", "peter@example.com"), "");
	assert_string_equal(said_of("am-bel-tr-57", "am@example.com"), "");
}

static void
test_business(void **state)
{
	static const struct {
		const char *password, *business, *slug;
		bool taken;
	} cases[] = {
		{"Kwun Tong Traders", "Kwun Tong Traders", NULL, false},
		{"kwuntongtraders", "Kwun Tong Traders", NULL, false},
		{"KWUN-TONG_TRADERS!26", "Kwun Tong Traders", NULL, false},
		{"2026Kwun.Tong.Traders", "Kwun Tong Traders", NULL, false},
		{"Kwun T0ng Tr@der$", "Kwun Tong Traders", NULL, false},
		{"harbour-lights", "Other", "harbour-lights", false},
		{"harbourlights88", "Other", "harbour-lights", false},
		{"Harbour Lights 1", NULL, "harbour-lights", false},
		{"九龍灣貿易有限公司2026年", "九龍灣貿易有限公司", NULL, false},
		{"shop360shop36!", "Shop 360", "shop", false},
		/* One word of many is no matter, nor are names of two letters. */
		{"kwun tong traders sell three blue teapots", "Kwun Tong Traders", "kwun", true},
		{"junk-sails-at-dusk-17", "Kwun Tong Traders", "kwun-tong", true},
		{"am-bel-tr-57xq", "AM", "am", true},
		{"junk-sails-at-dusk-17", "", "", true},
		{"junk-sails-at-dusk-17", "!!!", "---", true},
		{"junk-sails-at-dusk-17", NULL, NULL, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct password_owner owner = {
			.business = cases[i].business, .slug = cases[i].slug};
		const char *said = said_to(cases[i].password, &owner);

		if (strcmp(said, cases[i].taken ? "" : "error.password_business") != 0)
			fail_msg("%s: %s", cases[i].password, said);
	}
}

static void
put_file(const char *path, const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), (ssize_t)n);
	close(fd);
}

static void
test_no_list(void **state)
{
	static const char *const wrong[] = {
		"", "PRAYAPW1", "PRAYAPW112345678\n", "password\nqwerty\n\n", "PRAYAPW212345678"};
	const char *why;

	(void)state;
	assert_false(wordlist_load("no/such/file", &why));
	assert_non_null(strstr(why, "cannot be opened"));
	assert_false(wordlist_load(".", &why));
	for (size_t i = 0; i < COUNT(wrong); i++) {
		put_file("test_password_rule.list", wrong[i], strlen(wrong[i]));
		assert_false(wordlist_load("test_password_rule.list", &why));
		assert_non_null(strstr(why, "no such list"));
	}
	unlink("test_password_rule.list");
	/* What was loaded stays. */
	assert_true(wordlist_has("password"));
	assert_false(wordlist_has("Password"));
	assert_false(wordlist_has(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_common),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_own_address),
		cmocka_unit_test(test_business),
		cmocka_unit_test(test_no_list),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

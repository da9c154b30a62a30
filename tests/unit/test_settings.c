/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conninfo.h"
#include "scratch.h"
#include "settings.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))
#define BASE "Base.Domain = praya.example\n"

static char dir[] = "test_settings.XXXXXX";
static char path[64];
static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	scratch_make(dir);
	snprintf(path, sizeof(path), "%s/praya.conf", dir);
	a = arena_new(1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scratch_remove(dir);
	arena_free(&a);
	return 0;
}

static const struct settings *
load(const char *text, const char **why_r)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	*why_r = NULL;
	return settings_load(path, why_r);
}

static void
test_presets(void **state)
{
	const char *why;
	const struct settings *st = load(BASE, &why);

	(void)state;
	assert_non_null(st);
	assert_string_equal(st->base_domain, "praya.example");
	assert_int_equal(st->public_port, 443);
	assert_string_equal(st->region, "hk");
	assert_int_equal(st->body_max, 1048576);
	assert_int_equal(st->upload_max, 50 * 1048576);
	assert_int_equal(st->connections, 20);
	assert_int_equal(st->directory_cache, 5);
	assert_false(st->development);
	assert_null(st->admin_password);
	assert_string_equal(st->sql, PRAYA_DATADIR "/sql");
}

static void
test_given(void **state)
{
	const char *why;
	const struct settings *st = load("Base {\n Domain = praya.localhost\n Port = 8443\n}\n"
					 "# a comment\nRegion = sg\nDevelopment = 1\n"
					 "Database.Cell = host=a,b dbname=praya_cell_sg\n"
					 "Database.AdminPasswordFile = /etc/x\n",
		&why);

	(void)state;
	assert_non_null(st);
	assert_string_equal(st->base_domain, "praya.localhost");
	assert_int_equal(st->public_port, 8443);
	assert_string_equal(st->region, "sg");
	assert_true(st->development);
	assert_string_equal(st->cell_db, "host=a,b dbname=praya_cell_sg");
	assert_string_equal(st->admin_password, "/etc/x");
}

/* Of each region there is one such host; its own is not another's. */
static void
test_sign_up_hosts(void **state)
{
	const char *why;
	const struct settings *st = load(BASE
		"Base.SignUpHost = join.praya.example\nSignUp.Hosts.hk = x.praya.example\n"
		"SignUp.Hosts.sg = app-sg.praya.example\n",
		&why);

	(void)state;
	assert_non_null(st);
	assert_string_equal(settings_sign_up(st, "hk"), "join.praya.example");
	assert_string_equal(settings_sign_up(st, "sg"), "app-sg.praya.example");
	assert_null(settings_sign_up(st, "eu"));
	assert_null(settings_sign_up(st, "mars"));
	assert_true(settings_sign_up_elsewhere(st, "app-sg.praya.example"));
	assert_false(settings_sign_up_elsewhere(st, "join.praya.example"));
	assert_false(settings_sign_up_elsewhere(st, "harbour.praya.example"));
	assert_null(load(BASE "SignUp.Hosts.sg = https://x\n", &why));
	assert_non_null(strstr(why, "SignUp.Hosts.sg is not the name of a host"));
}

static void
test_refused(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{"", "Base.Domain is missing"},
		{BASE "Base.Domian = x\n", "there is no setting Base.Domian"},
		{BASE "Limits.Body.Max = 1\n", "there is no setting Limits.Body.Max"},
		{BASE "limits.body = 70000\n", "there is no setting limits.body"},
		{BASE "Base = x\n", "there is no setting Base"},
		{BASE "Base.Port = 0\n", "Base.Port is not a number from 1 to 65535"},
		{BASE "Base.Port = 65536\n", "Base.Port is not a number"},
		{BASE "Base.Port = 80x\n", "Base.Port is not a number"},
		{BASE "Base.Port = \n", "Base.Port is not a number"},
		{BASE "Development = yes\n", "Development is not a number from 0 to 1"},
		{BASE "Limits.Body = 1\n", "Limits.Body is not a number from 65536"},
		{BASE "Limits.Body = 99999999999999999999\n", "Limits.Body is not a number"},
		{BASE "Limits.Connections = 3\n", "Limits.Connections is not a number from 8"},
		{BASE "Session.Idle = 7200\nSession.Absolute = 3600\n", "Session.Idle is longer"},
		{"Base.Domain = Praya.Example\n", "Base.Domain is not the name of a host"},
		{"Base.Domain = .praya\n", "Base.Domain is not"},
		{"Base.Domain = a..b\n", "Base.Domain is not"},
		{"Base.Domain = https://praya\n", "Base.Domain is not"},
		{BASE "Region = HK\n", "Region is not the name of a region"},
		{BASE "Region = h k\n", "Region is not"},
		{BASE "Keys.Master = master.key\n", "Keys.Master is not an absolute path"},
		{BASE "Database.Tenant = host=x password=secret\n",
			"Database.Tenant holds a password"},
		{BASE "Database.Admin = host=x password = 'secret'\n",
			"Database.Admin holds a password"},
		{BASE "Database.Tenant = host=x dbname=y\n", "Database.Tenant names a database"},
		{BASE "Database.Tenant = user=me\n", "Database.Tenant names a user"},
		{BASE "Database.Cell = user=praya_directory\n", "Database.Cell names a user"},
		{BASE "Database.Cell = postgresql://h/d\n",
			"Database.Cell is not a list of name=value"},
		{BASE "Database.Cell = host='x\n", "Database.Cell is not a list"},
		{BASE "Database.Cell = host\n", "Database.Cell is not a list"},
		{BASE "Files.Store = /a\xff\n", "Files.Store is not UTF-8"},
		{"Base {\n", "praya.conf"},
		{"just words\n", "praya.conf"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *why;

		if (load(cases[i].text, &why) != NULL)
			fail_msg("accepted: %s", cases[i].text);
		if (strstr(why, cases[i].says) == NULL)
			fail_msg("\"%s\" is not in: %s", cases[i].says, why);
		assert_null(strstr(why, "secret"));
		assert_null(strchr(why, '\n'));
	}
}

static void
test_which_file(void **state)
{
	const char *why;

	(void)state;
	assert_non_null(load(BASE "Region = eu\n", &why));
	assert_int_equal(setenv("PRAYA_CONF", path, 1), 0);
	assert_string_equal(settings_load(NULL, &why)->region, "eu");
	assert_int_equal(setenv("PRAYA_CONF", "/nonexistent/praya.conf", 1), 0);
	assert_null(settings_load(NULL, &why));
	assert_non_null(strstr(why, "/nonexistent/praya.conf: "));
	assert_string_equal(settings_load(path, &why)->region, "eu");
}

/* The example has every setting, with its preset, and nothing else. */
static void
test_example(void **state)
{
	static char text[32768];
	FILE *f = fopen(SOURCE "/conf/praya.conf.example", "r");
	const char *preset;
	const char *name;
	const char *why;
	bool required;
	size_t n;

	(void)state;
	assert_non_null(f);
	text[0] = '\n';
	n = fread(text + 1, 1, sizeof(text) - 2, f);
	text[n + 1] = '\0';
	fclose(f);
	if (settings_load(SOURCE "/conf/praya.conf.example", &why) == NULL)
		fail_msg("%s", why);
	for (size_t i = 0; (name = settings_name(i, &preset, &required)) != NULL; i++) {
		const char *line = arena_printf(a, "\n%s = ", name);
		const char *off = arena_printf(a, "\n#%s = ", name);
		const char *at = strstr(text, line);

		if (at == NULL && strstr(text, off) == NULL)
			fail_msg("the example lacks %s", name);
		if (required && at == NULL)
			fail_msg("the example has %s switched off, but it is required", name);
		if (at != NULL && !required &&
			strncmp(at + strlen(line), arena_printf(a, "%s\n", preset),
				strlen(preset) + 1) != 0)
			fail_msg("the example's %s is not the preset %s", name, preset);
	}
}

static void
test_conninfo(void **state)
{
	static const struct {
		const char *info;
		const char *name;
		const char *value;
	} cases[] = {
		{"", "host", NULL},
		{"host=a", "host", "a"},
		{" host = a  port= 1 ", "port", "1"},
		{"host='a b' port=1", "host", "a b"},
		{"host=''", "host", ""},
		{"x='it\\'s' host=a", "x", "it's"},
		{"x=a\\ b", "x", "a b"},
		{"host=a host=b", "host", "b"},
		{"xhost=a", "host", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got = conninfo_get(a, cases[i].info, cases[i].name);

		assert_true(conninfo_valid(cases[i].info));
		if (cases[i].value == NULL)
			assert_null(got);
		else
			assert_string_equal(got, cases[i].value);
	}
	assert_false(conninfo_valid("host"));
	assert_false(conninfo_valid("=a"));
	assert_false(conninfo_valid("host=a b"));
	assert_false(conninfo_valid("host='a'b=c"));
	assert_false(conninfo_valid("host='a"));
}

static void
test_conninfo_set(void **state)
{
	const char *hard = "it's a \\ 'day' password=x";
	const char *info = conninfo_set(a, "host=a user=me", "user", hard);

	(void)state;
	assert_true(conninfo_valid(info));
	assert_string_equal(conninfo_get(a, info, "user"), hard);
	assert_string_equal(conninfo_get(a, info, "host"), "a");
	assert_null(conninfo_get(a, info, "password"));
	assert_string_equal(conninfo_set(a, "host=a", "password", NULL), "host=a");
	assert_string_equal(conninfo_set(a, "", "host", "a"), "host='a'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_presets),
		cmocka_unit_test(test_given),
		cmocka_unit_test(test_sign_up_hosts),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_which_file),
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_conninfo),
		cmocka_unit_test(test_conninfo_set),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: ISC */
/* Hostname to workspace: what is remembered, for how long, and what is not. */
#include "tenant_fixture.h"

static struct tenant *harbour;

static int
setup(void **state)
{
	fixture_setup(state);
	harbour = fixture_tenant("harbour");
	fixture_sql("praya_directory", "insert into region values ('sg');"
				       "insert into tenant (slug, region, state) values "
				       "('lantau', 'sg', 'active'), ('newborn', 'hk', 'creating')");
	return 0;
}

static struct tenant *
find(struct tenancy *in, const char *host)
{
	struct tenant *tn;
	bool elsewhere;

	assert_ok(tenant_by_host(in, a, host, &tn, &elsewhere));
	assert_false(elsewhere);
	return tn;
}

static struct tenancy *
caching(const char *seconds)
{
	return tenancy_new(fixture_settings(arena_printf(a, "Directory.Cache = %s\n", seconds)));
}

static void
test_hosts(void **state)
{
	static const char *const unknown[] = {"", ".", "praya.localhost", "app.praya.localhost",
		"nobody.praya.localhost", "harbour", "harbour.", "harbour.praya.localhost.",
		"x.harbour.praya.localhost", "harbour.praya.localhostx", "harbour.evil.example",
		"Harbour.praya.localhost", "harbour'--.praya.localhost", "-.praya.localhost",
		"newborn.praya.localhost", "harbour.praya.localhost:8443",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.praya.localhost"};

	(void)state;
	assert_ptr_equal(find(t, "harbour.praya.localhost"), harbour);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		if (find(t, unknown[i]) != NULL)
			fail_msg("found: %s", unknown[i]);
}

static void
test_other_region(void **state)
{
	struct tenant *tn;
	bool elsewhere;

	(void)state;
	assert_ok(tenant_by_host(t, a, "lantau.praya.localhost", &tn, &elsewhere));
	assert_null(tn);
	assert_true(elsewhere);
	assert_ok(tenant_by_slug(t, a, "lantau", &tn));
	assert_null(tn);
}

static void
test_by_id_and_list(void **state)
{
	struct tenant **list;
	struct tenant *tn;
	size_t n;

	(void)state;
	assert_ok(tenant_by_id(t, a, harbour->id, &tn));
	assert_ptr_equal(tn, harbour);
	assert_ok(tenant_by_id(t, a, 999999, &tn));
	assert_null(tn);
	assert_ok(tenant_list(t, a, &list, &n));
	assert_int_equal(n, 2);
	assert_ptr_equal(list[0], harbour);
	assert_string_equal(list[1]->slug, "newborn");
	assert_int_equal(list[1]->state, TENANT_CREATING);
}

/* An answer is used for its time, then asked for again: also "nobody". */
static void
test_remembered(void **state)
{
	struct tenancy *remembers = caching("300");
	struct tenancy *asks = caching("0");
	struct tenant *tn = find(remembers, "harbour.praya.localhost");

	(void)state;
	assert_non_null(tn);
	assert_null(find(remembers, "soon.praya.localhost"));
	assert_null(find(asks, "soon.praya.localhost"));
	fixture_sql(
		"praya_directory", "update tenant set state = 'suspended' where slug = 'harbour'");
	fixture_tenant("soon");
	assert_int_equal(find(remembers, "harbour.praya.localhost")->state, TENANT_ACTIVE);
	assert_int_equal(find(asks, "harbour.praya.localhost")->state, TENANT_SUSPENDED);
	assert_null(find(remembers, "soon.praya.localhost"));
	assert_non_null(find(asks, "soon.praya.localhost"));
	fixture_sql("praya_directory", "update tenant set state = 'active' where slug = 'harbour'");
	tenancy_free(&remembers);
	tenancy_free(&asks);
}

/* The same object under a new slug, with the new address. */
static void
test_renamed(void **state)
{
	struct tenant *tn;

	(void)state;
	fixture_sql("praya_directory", "update tenant set slug = 'haven' where slug = 'harbour'");
	assert_null(find(t, "harbour.praya.localhost"));
	tn = find(t, "haven.praya.localhost");
	assert_ptr_equal(tn, harbour);
	assert_string_equal(tn->origin, "https://haven.praya.localhost:8443");
	fixture_sql("praya_directory", "update tenant set slug = 'harbour' where slug = 'haven'");
	assert_ptr_equal(find(t, "harbour.praya.localhost"), harbour);
	assert_string_equal(harbour->host, "harbour.praya.localhost");
}

/* More hosts than there is room for: answers stay right, memory is bounded. */
static void
test_flood(void **state)
{
	struct tenancy *remembers = caching("300");
	struct tenant *tn = find(remembers, "harbour.praya.localhost");
	struct arena *kept = a;

	(void)state;
	a = arena_new((size_t)64 << 20);
	for (int i = 0; i < 3000; i++) {
		struct arena_mark mark = arena_mark(a);

		assert_null(find(remembers, arena_printf(a, "flood-%d.praya.localhost", i)));
		arena_release(a, mark);
	}
	arena_free(&a);
	a = kept;
	assert_ptr_equal(find(remembers, "harbour.praya.localhost"), tn);
	tenancy_free(&remembers);
}

/* An outage is never "no such workspace". What was known goes on to work. */
static void
test_outage(void **state)
{
	struct tenancy *asks = caching("0");
	struct tenant *tn;
	bool elsewhere;

	(void)state;
	assert_non_null(find(asks, "harbour.praya.localhost"));
	db_server("stop");
	assert_non_null(find(asks, "harbour.praya.localhost"));
	assert_err(tenant_by_host(asks, a, "never-asked.praya.localhost", &tn, &elsewhere),
		ERR_BUSY, "no connection");
	assert_err(tenant_by_slug(asks, a, "harbour", &tn), ERR_BUSY, "no connection");
	db_server("start");
	assert_null(find(asks, "never-asked.praya.localhost"));
	assert_non_null(find(asks, "harbour.praya.localhost"));
	tenancy_free(&asks);
}

static void
test_key_is_wanted(void **state)
{
	struct tenancy *fresh;
	struct tenant *tn;
	bool elsewhere;

	(void)state;
	fixture_sql("praya_cell",
		arena_printf(a,
			"create table aside as select * from tenant_key; delete from tenant_key"));
	fresh = tenancy_new(st);
	assert_err(tenant_by_host(fresh, a, "harbour.praya.localhost", &tn, &elsewhere),
		ERR_INTERNAL, "no key of workspace");
	fixture_sql("praya_cell", "insert into tenant_key select * from aside; drop table aside;"
				  "update tenant_key set wrapped = set_byte(wrapped, 20, "
				  "get_byte(wrapped, 20) # 1)");
	assert_err(tenant_by_host(fresh, a, "harbour.praya.localhost", &tn, &elsewhere),
		ERR_INTERNAL, "does not open");
	fixture_sql("praya_cell", "update tenant_key set wrapped = set_byte(wrapped, 20, "
				  "get_byte(wrapped, 20) # 1)");
	assert_non_null(find(fresh, "harbour.praya.localhost"));
	assert_memory_equal(
		find(fresh, "harbour.praya.localhost")->kek.key, harbour->kek.key, KEY_BYTES);
	tenancy_free(&fresh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_other_region),
		cmocka_unit_test(test_by_id_and_list),
		cmocka_unit_test(test_remembered),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_outage),
		cmocka_unit_test(test_key_is_wanted),
	};

	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}

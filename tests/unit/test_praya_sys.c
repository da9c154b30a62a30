/* SPDX-License-Identifier: ISC */
/* Search: folding, n-grams, and that they use an index under row-level security. */
#include "cluster.h"
#include "db_fixture.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

static int
setup(void **state)
{
	db_setup(state);
	assert_ok(cluster_system(c, a, "made/sql/system"));
	return 0;
}

#define sys_test(fn) cmocka_unit_test_setup_teardown(fn, setup, db_teardown)

STMT(fold, "test.fold", 1, "select praya_sys.fold($1)");
STMT(grams, "test.grams", 1, "select array_to_string(praya_sys.grams($1), '|')");
STMT(query_grams, "test.query_grams", 1, "select array_to_string(praya_sys.query_grams($1), '|')");
STMT(tokens, "test.tokens", 1,
	"select array_to_string(array(select distinct t from unnest(praya_sys.tokens($1)) t order "
	"by "
	"t), '|')");
STMT(query_tokens, "test.query_tokens", 1,
	"select array_to_string(praya_sys.query_tokens($1), '|')");
STMT(query_patterns, "test.query_patterns", 1,
	"select array_to_string(praya_sys.query_patterns($1, false), '|')");
STMT(finds, "test.finds", 2,
	"select praya_sys.grams($1) operator(praya_sys.@>>) "
	"(select praya_sys.query_grams($2))");
STMT(explain, "test.explain", 1,
	"select id from person where grams operator(praya_sys.@>>) "
	"(select praya_sys.query_grams($1)) order by id limit 25");

static const char *
one(const struct stmt *s, const char *x)
{
	struct rows *rows;

	assert_ok(conn_query(c, a, s, VALS(val_text(x)), &rows));
	return rows_text(rows, 0, 0);
}

static void
test_fold(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"CHAN Tai Man", "chan tai man"},
		{"陳大文", "陈大文"},
		{"陈大文", "陈大文"},
		{"香港上海滙豐銀行", "香港上海汇丰银行"},
		{"衞衛", "卫卫"},
		{"啓啟", "启启"},
		{"羣群峯峰", "群群峰峰"},
		{"恆恒溫温", "恒恒温温"},
		{"嶽岳", "岳岳"},
		{"ＡＢＣ　１２３", "abc 123"},
		{"José Müller Łukasz", "jose muller lukasz"},
		{"約翰·史密夫，陳", "约翰 史密夫,陈"},
		{"𠮷野家", "𠮷野家"},
		{"И Ж", "и ж"},
		{"😀 ok", "😀 ok"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(one(&fold, cases[i][0]), cases[i][1]);
		/* Folding twice is folding once. */
		assert_string_equal(one(&fold, cases[i][1]), cases[i][1]);
	}
	assert_null(one(&fold, NULL));
}

static void
test_grams(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"   ", ""},
		{"Ng", "  n| ng|ng "},
		{"ng NG Ng", "  n| ng|ng "},
		{"Chan", "  c| ch|an |cha|han"},
		{"a.b", "  a|  b| a | b "},
		{"漢", "汉"},
		{"陳大文", "大|大文|文|陈|陈大"},
		{"陳", "陈"},
		{"陳 大文", "大|大文|文|陈"},
		{"陳A", "  a| a |陈"},
		{"𠮷野", "野|𠮷|𠮷野"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(one(&grams, cases[i][0]), cases[i][1]);
	assert_string_equal(one(&grams, NULL), "");
}

static void
test_tokens(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"Chan, TAI-MAN!", "chan|man|tai"},
		{"陳大文 and 黎明", "and|大文|陈大|黎明"},
		{"陳", ""},
		{"call 9123 4567 now", "4567|9123|call|n:91234567|now"},
		{"+852 (9123)-4567", "4567|852|9123|n:91234567"},
		{"91234567 61234567", "61234567|91234567|n:61234567|n:91234567"},
		{"A123456(3)", "3|a123456|h:a123456"},
		{"AB 987654 (3).", "3|987654|ab|h:ab987654"},
		{"1234 567", "1234|567"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(one(&tokens, cases[i][0]), cases[i][1]);
	/* No text is too long for an entry of an index, and none fails. */
	db_script("create table t (x text); create index on t using gin (praya_sys.tokens(x) "
		  "praya_sys.text_array_ops); insert into t values (null), (repeat('x', 100000)), "
		  "(repeat('陳', 30000)), (repeat('1 ', 20000)), (repeat('9', 50000)), "
		  "(repeat('a123456(3)', 3000)), (e'\\x01\\x7f')");
	assert_string_equal(db_text(c, "select max(length(w))::text from t, "
				       "unnest(praya_sys.tokens(x)) w"),
		"40");
}

static void
test_query_tokens(void **state)
{
	static const char *const cases[][3] = {
		{"", "", ""},
		{"x", "", ""},
		{"陳", "", "%陈%"},
		{"Tai Man CHAN", "chan|man|tai", ""},
		{"陳大文", "大文|陈大", "%陈大文%"},
		{"+852 9123-4567", "n:91234567", ""},
		{"ab 987654(3)", "h:ab987654", ""},
		{"a_b@x.example", "example", "%a\\_b@x.example%"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(one(&query_tokens, cases[i][0]), cases[i][1]);
		assert_string_equal(one(&query_patterns, cases[i][0]), cases[i][2]);
	}
}

static void
test_query_grams(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{" , ", ""},
		{"@", ""},
		{"Ng", " ng"},
		{"n", "  n"},
		{"Chan", "cha|han"},
		{"陳", "陈"},
		{"陳大文", "大文|陈大"},
		{"9123 4567", "123|456|567|912"},
		{"ng@", "ng "},
		{"r陳", "陈"},
		{"陳r", "  r|陈"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(one(&query_grams, cases[i][0]), cases[i][1]);
	assert_string_equal(one(&query_grams, NULL), "");
}

static void
test_finds(void **state)
{
	static const char row[] = "NG Wai Ling, Maria 吳慧玲 吴小姐 maria.ng@harbour-trade.hk "
				  "+85291234567 José 𠮷田";
	static const char *const yes[] = {"", "ng", "NG", "n", "Ng Wai", "wai ng", "maria", "mar",
		"ma", "ari", "吳慧玲", "吴慧玲", "慧玲", "慧", "吳小姐", "maria.ng@", "ng@harbour",
		"@harbour", "bour-tra", "trade.hk", "hk", "91234567", "9123 4567", "234567",
		"+85291234567", "+852", "jose", "JOSÉ", "ｍａｒｉａ", "𠮷", "𠮷田", "玲 maria",
		"ng@harbour-trade.hk", "a.ng@h", "，maria"};
	static const char *const no[] = {"lin2", "ling2", "陳", "玲慧", "慧吳", "92345678", "xng",
		"maria lo", "田𠮷", "joseph", "chan", "ai", "g"};
	struct rows *rows;

	(void)state;
	for (size_t i = 0; i < COUNT(yes); i++) {
		assert_ok(conn_query(c, a, &finds, VALS(val_text(row), val_text(yes[i])), &rows));
		if (!rows_bool(rows, 0, 0))
			fail_msg("does not find: %s", yes[i]);
	}
	for (size_t i = 0; i < COUNT(no); i++) {
		assert_ok(conn_query(c, a, &finds, VALS(val_text(row), val_text(no[i])), &rows));
		if (rows_bool(rows, 0, 0))
			fail_msg("finds: %s", no[i]);
	}
}

/* Any piece of three or more characters of a word, or of two of Han, is found. */
static void
test_every_piece(void **state)
{
	static const char *const sql =
		"select count(*)::text from (select unnest(array["
		"'ho.wing-yan+hr@pacific.example', '+85298765432', 'O''Brien-Chan', "
		"'何詠欣', '司徒浩然', 'Ａｂｃｄ', '𠮷田𠮷子', 'x陳y王z', '12345678-000'])) w "
		"(word), "
		"generate_series(1, length(word)) i, generate_series(3, 6) n "
		"where i + n - 1 <= length(word) and not praya_sys.grams('foo ' || word || ' bar') "
		"operator(praya_sys.@>>) praya_sys.query_grams(substr(word, i, n))";

	(void)state;
	assert_string_equal(db_text(c, sql), "0");
}

static void
test_long_texts(void **state)
{
	(void)state;
	assert_string_equal(
		db_text(c, "select (cardinality(praya_sys.grams(repeat('陳大文', 40000))) "
			   "< 10)::text"),
		"true");
	assert_string_equal(
		db_text(c, "select (cardinality(praya_sys.grams(repeat('x', 100000))) = 4)::text"),
		"true");
}

/* As a workspace's role, under forced row-level security, with a plan made for
 * any value: the index, not a scan. */
static void
test_index_under_policy(void **state)
{
	struct rows *rows;
	const char *plan;

	(void)state;
	db_script(
		"create role reader; create table person (id bigint generated always as identity, "
		"name text, grams text[] not null generated always as (praya_sys.grams(name)) "
		"stored);"
		"insert into person (name) select md5(i::text) || ' ' || chr(20000 + i % 3000) || "
		"chr(21000 + i % 997) from generate_series(1, 5000) i;"
		"create index person_grams on person using gin (grams praya_sys.text_array_ops);"
		"alter table person enable row level security;"
		"alter table person force row level security;"
		"create policy p on person to reader using "
		"((select current_setting('praya.x', true)) = 'all');"
		"grant select on person to reader; analyze person");
	db_script("set role reader; set praya.x = 'all'; set plan_cache_mode = force_generic_plan");
	assert_ok(conn_query(c, a, &explain,
		VALS(val_text(db_text(c, "select chr(20001) || chr(21001)"))), &rows));
	assert_int_equal(rows_count(rows), 1);
	db_script("prepare p (text) as select id from person where grams operator(praya_sys.@>>) "
		  "(select praya_sys.query_grams($1)) order by id limit 25");
	assert_ok(conn_query(c, a,
		stmt_composed(a, "test.plan", "explain (costs off) execute p('陈大')", 0), NO_VALS,
		&rows));
	plan = "";
	for (size_t i = 0; i < rows_count(rows); i++)
		plan = arena_printf(a, "%s%s\n", plan, rows_text(rows, i, 0));
	if (strstr(plan, "Bitmap Index Scan on person_grams") == NULL ||
		strstr(plan, "Seq Scan") != NULL)
		fail_msg("%s", plan);
	/* Without the setting there is nothing. */
	db_script("reset praya.x");
	assert_ok(conn_query(c, a, &explain, VALS(val_text("a")), &rows));
	assert_int_equal(rows_count(rows), 0);
	db_script("reset role; drop table person; drop role reader");
}

/* Files run once, and again only when one changed. */
static void
test_run_again(void **state)
{
	const char *before;

	(void)state;
	before = db_text(c, "select obj_description('praya_sys'::regnamespace)");
	db_script("drop function praya_sys.query_grams(text)");
	assert_ok(cluster_system(c, a, "made/sql/system"));
	assert_string_equal(
		db_text(c, "select (to_regproc('praya_sys.query_grams') is null)::text"), "true");
	db_script("comment on schema praya_sys is 'older'");
	assert_ok(cluster_system(c, a, "made/sql/system"));
	assert_string_equal(
		db_text(c, "select (to_regproc('praya_sys.query_grams') is null)::text"), "false");
	assert_string_equal(
		db_text(c, "select obj_description('praya_sys'::regnamespace)"), before);
	assert_err(cluster_system(c, a, "made/nothing"), ERR_INTERNAL, "made/nothing");
	assert_err(cluster_system(c, a, "made/sql"), ERR_INTERNAL, "no SQL");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		sys_test(test_fold),
		sys_test(test_grams),
		sys_test(test_query_grams),
		sys_test(test_tokens),
		sys_test(test_query_tokens),
		sys_test(test_finds),
		sys_test(test_every_piece),
		sys_test(test_long_texts),
		sys_test(test_index_under_policy),
		sys_test(test_run_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

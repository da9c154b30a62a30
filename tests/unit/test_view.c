/* SPDX-License-Identifier: ISC */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "squeeze.h"
#include "view.h"

static char dir[] = "/tmp/praya-view-XXXXXX";
static struct arena *a;

static const char layout[] =
	"<?cs def:page_begin(title) ?><title><?cs var:title ?></title><?cs /def ?>"
	"<?cs def:page_end() ?><?cs /def ?>";
static const char macros[] =
	"<?cs def:cell(c) ?><td title=\"<?cs var:c.hint ?>\"><?cs var:c.text ?></td>"
	"<?cs /def ?>";

/* ClearSilver forgets 32 bytes of its own with each template that does not
 * parse, which only happens in development. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:cs_parse_string\n";
}

static const char *
in_dir(const char *name)
{
	static char path[8][256];
	static int turn;

	turn = (turn + 1) % 8;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
start(bool development)
{
	view_init(in_dir("templates"), in_dir("i18n"), in_dir("assets"), development);
}

/* Renders into a text of the arena; the JSON is a whole {"data","page","chrome"}. */
static struct err *
render_max(const char *template, enum lang l, const char *json, size_t max, const char **out_r)
{
	struct json_object *o = json_tokener_parse(json);
	struct sb sb;
	struct err *e;

	assert_non_null(o);
	sb_init(&sb, a, max);
	e = view_page(a, template, l, json_object_object_get(o, "data"),
		json_object_object_get(o, "page"), json_object_object_get(o, "chrome"), &sb);
	*out_r = sb.p;
	json_object_put(o);
	return e;
}

static const char *
render(const char *template, enum lang l, const char *json)
{
	const char *out;

	assert_null(render_max(template, l, json, 1 << 20, &out));
	return out;
}

/* A page of this one test. */
static const char *
render_text(const char *text, const char *json)
{
	write_file("templates/t.cs", text);
	start(false);
	return render("t", LANG_EN, json);
}

static void
values_are_escaped_wherever_they_stand(void **state)
{
	const char *out = render_text(
		"<?cs call:cell(Data.c) ?>|<?cs var:Data.c.text ?>|"
		"<?cs var:fill(T.hello, Data.c.text) ?>|"
		"<?cs set:Var.x = Data.c.text ?><?cs var:Var.x ?>|"
		"<?cs var:url_escape(Data.c.text) ?>|<?cs var:thousands(Data.c.text) ?>|"
		"<?cs each:x = Data.list ?><?cs var:x ?><?cs var:name(x) ?><?cs /each ?>",
		"{\"data\":{\"c\":{\"text\":\"<a href='x' y=\\\"z\\\">&\",\"hint\":\"\\\" "
		"onclick=\\\"\"},"
		"\"list\":{\"<k>\":\"<v>\"}}}");

	(void)state;
	assert_string_equal(out, "<td title=\"&quot; onclick=&quot;\">&lt;a href=&#39;x&#39; "
				 "y=&quot;z&quot;&gt;&amp;</td>|"
				 "&lt;a href=&#39;x&#39; y=&quot;z&quot;&gt;&amp;|"
				 "Hello &lt;a href=&#39;x&#39; y=&quot;z&quot;&gt;&amp;!|"
				 "&lt;a href=&#39;x&#39; y=&quot;z&quot;&gt;&amp;|"
				 "%3Ca+href%3D%27x%27+y%3D%22z%22%3E%26|&lt;a href=&#39;x&#39; "
				 "y=&quot;z&quot;&gt;&amp;|"
				 "&lt;v&gt;&lt;k&gt;");
}

static void
template_code_in_values_stays_text(void **state)
{
	const char *out = render_text(
		"<?cs var:Data.x ?>|<?cs call:cell(Data) ?>|<?cs var:fill(Data.x, Data.x) ?>",
		"{\"data\":{\"x\":\"<?cs var:Chrome.csrf ?>%s\",\"text\":\"<?cs var:Chrome.csrf "
		"?>\"},"
		"\"chrome\":{\"csrf\":\"SECRET\"}}");

	(void)state;
	assert_null(strstr(out, "SECRET"));
	assert_non_null(strstr(out, "&lt;?cs var:Chrome.csrf ?&gt;"));
}

static void
addresses_stay_on_the_site(void **state)
{
	static const char *const bad[] = {"//evil.example", "/\\\\evil.example",
		"/\\t/evil.example", "javascript:alert(1)", "https://evil.example/", "", "contacts",
		"/a\\u007fb", "\\n/a"};
	static const char *const bad_web[] = {"javascript:alert(1)", "data:text/html,x",
		"//evil.example", "/a", " https://a.example", "https:/a.example",
		"https://a.example/\\u0001", "https://a\\\\@b.example", ""};
	char json[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(json, sizeof(json), "{\"data\":{\"u\":\"%s\"}}", bad[i]);
		assert_string_equal(render_text("<?cs var:path(Data.u) ?>", json), "#");
	}
	for (size_t i = 0; i < sizeof(bad_web) / sizeof(bad_web[0]); i++) {
		snprintf(json, sizeof(json), "{\"data\":{\"u\":\"%s\"}}", bad_web[i]);
		assert_string_equal(render_text("<?cs var:weburl(Data.u) ?>", json), "#");
	}
	assert_string_equal(
		render_text("<?cs var:path(Data.u) ?>", "{\"data\":{\"u\":\"/a?b=1&c\"}}"),
		"/a?b=1&amp;c");
	assert_string_equal(render_text("<?cs var:weburl(Data.u) ?>",
				    "{\"data\":{\"u\":\"HTTPS://a.example/?q='\"}}"),
		"HTTPS://a.example/?q=&#39;");
}

static void
numbers_are_shown_and_dialled(void **state)
{
	static const struct {
		const char *in, *shown, *dialled;
	} v[] = {{"", "", ""}, {"0", "0", "0"}, {"999", "999", "999"}, {"1000", "1,000", "1000"},
		{"-1000", "-1,000", "1000"}, {"-", "-", ""}, {"12.5", "12.5", "125"},
		{"+852 9123 4567", "+852 9123 4567", "+85291234567"}, {"1+2", "1+2", "12"},
		{"9223372036854775807", "9,223,372,036,854,775,807", "9223372036854775807"},
		{"12345678901234567890123456789012345678901",
			"12345678901234567890123456789012345678901",
			"12345678901234567890123456789012"}};
	char json[256];

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(json, sizeof(json), "{\"data\":{\"x\":\"%s\"}}", v[i].in);
		assert_string_equal(render_text("<?cs var:thousands(Data.x) ?>", json), v[i].shown);
		assert_string_equal(render_text("<?cs var:dial(Data.x) ?>", json), v[i].dialled);
	}
}

static void
cells_know_their_columns(void **state)
{
	const char *page = "<?cs each:r = Page.rows ?><?cs each:c = r.cells ?>"
			   "<?cs var:c.column.label ?>(<?cs var:c.column ?>)=<?cs var:c ?>/<?cs "
			   "var:c.text ?>/<?cs var:c.link ?>;"
			   "<?cs /each ?><?cs /each ?>";

	(void)state;
	assert_string_equal(
		render_text(page,
			"{\"page\":{\"columns\":[{\"label\":\"A\"},{\"label\":\"B\",\"align\":"
			"\"end\"}],"
			"\"rows\":[{\"url\":\"/"
			"1\",\"cells\":[{\"text\":\"1\"},{\"text\":\"2\"},{\"text\":\"3\"}]},"
			"{\"cells\":[]},{},{\"cells\":[{\"text\":\"4\"},{\"text\":\"5\",\"url\":\"/"
			"5\"}]}]}}"),
		"A()=/1//1;B(end)=2/2/;()=/3/;A()=4/4/;B(end)=/5/;");
	assert_string_equal(render("t", LANG_EN, "{\"page\":{\"columns\":[]}}"), "");
	assert_string_equal(
		render("t", LANG_EN, "{\"page\":{\"rows\":[{\"cells\":[{\"text\":\"5\"}]}]}}"),
		"()=/5/;");
}

static const char *
render_rows(const char *json, const struct view_rows *rows)
{
	struct json_object *o = json_tokener_parse(json);
	struct sb sb;

	sb_init(&sb, a, 10000);
	assert_null(view_page_rows(a, "t", LANG_EN, NULL, o, NULL, rows, &sb));
	json_object_put(o);
	return sb.p;
}

static void
rows_as_they_are_look_like_rows_of_json(void **state)
{
	static const char page[] =
		"<?cs each:r = Page.rows ?><?cs var:r.muted ?>[<?cs each:c = r.cells ?>"
		"<?cs var:c.column.label ?>(<?cs var:c.column ?>)<?cs if:?c ?>=<?cs var:c ?>"
		"<?cs else ?> <?cs var:c.text ?> <?cs var:path(c.link) ?> <?cs var:c.badge ?> "
		"<?cs var:c.url ?> <?cs var:c.masked ?> <?cs each:t = c.tags ?><?cs var:t ?>,"
		"<?cs /each ?><?cs /if ?>;<?cs /each ?>]<?cs /each ?>";
	static const char columns[] = "{\"columns\":[{\"label\":\"A\"},{\"label\":\"B\","
				      "\"align\":\"end\"},{\"label\":\"C\"}]}";
	static const char json[] =
		"{\"page\":{\"columns\":[{\"label\":\"A\"},{\"label\":\"B\",\"align\":\"end\"},"
		"{\"label\":\"C\"}],\"rows\":[{\"url\":\"/1\",\"cells\":[{\"text\":\"<a>\"},"
		"{\"text\":\"2&\"},{\"text\":\"\"}]},{\"muted\":true,\"url\":\"javascript:x\","
		"\"cells\":[{\"text\":\"b\",\"badge\":\"info\"},{\"text\":\"c\",\"badge\":\"\\\"\"}"
		","
		"{\"text\":\"d\",\"url\":\"/d\"}]},{\"cells\":[{\"text\":\"m\",\"masked\":true},"
		"{\"text\":\"t\",\"tags\":[\"<x>\",\"y\"]}]}]}}";
	static const char *const tags[] = {"<x>", "y"};
	static const struct view_cell first[] = {{.text = "<a>"}, {.text = "2&"}, {.text = ""}};
	static const struct view_cell second[] = {{.text = "b", .badge = "info"},
		{.text = "c", .badge = "\""}, {.text = "d", .url = "/d"}};
	static const struct view_cell third[] = {
		{.text = "m", .masked = true}, {.text = "t", .tags = tags, .ntags = 2}};
	static const struct view_row list[] = {
		{"/1", false, first}, {"javascript:x", true, second}, {NULL, false, third}};
	const struct view_rows two = {2, 3, list}, last = {1, 2, list + 2};
	const char *all = render_text(page, json), *most = render_rows(columns, &two);

	(void)state;
	assert_non_null(strstr(all, "A() &lt;a&gt; /1"));
	assert_memory_equal(all, most, strlen(most));
	assert_string_equal(all + strlen(most), render_rows(columns, &last));
	/* No cell without a column, no rows without a page. */
	assert_string_equal(render_rows("{}", &two), "[]1[]");
	assert_string_equal(render_rows("null", &two), "");
}

static void
a_model_becomes_a_tree(void **state)
{
	const char *out = render_text(
		"<?cs var:Data.t ?><?cs var:Data.f ?>[<?cs var:Data.none ?>]<?cs if:?Data.none "
		"?>!<?cs /if ?>"
		" <?cs var:Data.n ?> <?cs var:Data.min ?> <?cs var:Data.max ?> <?cs var:Data.l.2.x "
		"?>"
		" <?cs var:subcount(Data.l) ?> <?cs var:Data.empty ?><?cs if:Data.f ?>!<?cs /if ?>"
		"<?cs if:Data.t ?>ok<?cs /if ?>",
		"{\"data\":{\"t\":true,\"f\":false,\"none\":null,\"n\":0,\"min\":-"
		"9223372036854775808,"
		"\"max\":9223372036854775807,\"l\":[1,null,{\"x\":\"third\"}],\"empty\":\"\"}}");

	(void)state;
	assert_string_equal(out, "10[] 0 -9223372036854775808 9223372036854775807 third 3 ok");
}

static void
long_lists_keep_order_and_names(void **state)
{
	struct json_object *data = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct sb sb, want;

	(void)state;
	write_file("templates/t.cs",
		"<?cs each:x = Data.l ?><?cs var:name(x) ?>=<?cs var:x ?> <?cs /each ?>"
		"<?cs var:Data.l.1234 ?>");
	start(false);
	sb_init(&sb, a, 1 << 20);
	sb_init(&want, a, 1 << 20);
	for (int i = 0; i < 1500; i++) {
		json_object_array_add(list, json_object_new_int(i * 7));
		sb_printf(&want, "%d=%d ", i, i * 7);
	}
	sb_printf(&want, "%d", 1234 * 7);
	json_object_object_add(data, "l", list);
	assert_null(view_page(a, "t", LANG_EN, data, NULL, NULL, &sb));
	assert_string_equal(sb.p, want.p);
	json_object_put(data);
}

static void
a_reused_parse_forgets_the_request(void **state)
{
	const char *page =
		"<?cs if:Data.x ?><?cs set:Var.secret = Data.x ?><?cs set:Var.deep.y = Data.x ?>"
		"<?cs /if ?>[<?cs var:Var.secret ?><?cs var:Var.deep.y ?><?cs var:Data.x ?>"
		"<?cs var:Page.p ?><?cs call:cell(Chrome.c) ?><?cs each:i = Data.l ?><?cs var:i "
		"?><?cs /each ?>]";

	(void)state;
	assert_string_equal(
		render_text(page, "{\"data\":{\"x\":\"s\",\"l\":[1]},\"page\":{\"p\":\"p\"},"
				  "\"chrome\":{\"c\":{\"text\":\"c\"}}}"),
		"[sssp<td title=\"\">c</td>1]");
	assert_string_equal(render("t", LANG_EN, "{}"), "[<td title=\"\"></td>]");
	assert_string_equal(
		render("t", LANG_EN, "{\"page\":{\"p\":\"q\"}}"), "[q<td title=\"\"></td>]");
}

static void
a_reused_parse_keeps_no_memory(void **state)
{
	const char *json = "{\"data\":{\"l\":[{\"text\":\"<one>\"},{\"text\":\"two\",\"hint\":"
			   "\"h\"}],\"x\":\"v\"}}";
	size_t before = 0;

	(void)state;
	render_text(
		"<?cs each:c = Data.l ?><?cs set:Var.n = c.text + \"-\" + Data.x ?><?cs "
		"call:cell(c) ?>"
		"<?cs var:fill(T.hello, Var.n) ?><?cs loop:i = #1, #3 ?><?cs var:i ?><?cs /loop ?>"
		"<?cs with:w = c ?><?cs var:w.text ?><?cs /with ?><?cs /each ?>",
		json);
	for (int i = 0; i < 3000; i++) {
		arena_reset(a);
		render("t", i % 2 == 0 ? LANG_EN : LANG_ZH, json);
		if (i == 1000)
			before = mallinfo2().uordblks;
	}
	/* What is in use may wobble by an arena block, not grow by the request. */
	assert_in_range(mallinfo2().uordblks, 0, before + 64 * 1024);
}

static void
rendering_leaves_the_catalogue_alone(void **state)
{
	(void)state;
	render_text(
		"<?cs set:T.hello = Data.x ?><?cs set:Asset.app_css = Data.x ?><?cs var:T.hello ?>",
		"{\"data\":{\"x\":\"changed\"}}");
	assert_string_equal(view_text(a, LANG_EN, "hello", "A"), "Hello A!");
	write_file("templates/t.cs", "<?cs var:T.hello ?> <?cs var:Asset.app_css ?>");
	start(false);
	assert_string_equal(render("t", LANG_EN, "{}"), "Hello %s! /static/app.1a2b3c4d.css");
}

static void
too_long_a_page_is_an_error_and_the_next_is_fine(void **state)
{
	const char *out;
	struct err *e;

	(void)state;
	render_text("<?cs each:x = Data.l ?><?cs call:cell(x) ?><?cs /each ?>",
		"{\"data\":{\"l\":[]}}");
	e = render_max("t", LANG_EN, "{\"data\":{\"l\":[{\"text\":\"a\"},{\"text\":\"secret\"}]}}",
		30, &out);
	assert_non_null(e);
	assert_int_equal(e->kind, ERR_INTERNAL);
	assert_null(strstr(e->detail, "secret"));
	assert_string_equal(render("t", LANG_EN, "{\"data\":{\"l\":[{\"text\":\"b\"}]}}"),
		"<td title=\"\">b</td>");
}

static void
an_unknown_template_is_an_error(void **state)
{
	const char *out;

	(void)state;
	assert_non_null(render_max("no/such", LANG_EN, "{}", 1000, &out));
	assert_non_null(render_max("macros", LANG_EN, "{}", 1000, &out));
	assert_non_null(render_max("../templates/t", LANG_EN, "{}", 1000, &out));
}

static void
pages_share_macros_and_speak_both_languages(void **state)
{
	(void)state;
	start(false);
	assert_string_equal(render("sub/page", LANG_ZH, "{\"data\":{\"n\":1234567}}"),
		"<title>你好%s！</title>1,234,567 zh-Hant zh-Hant-HK en");
	assert_string_equal(render("sub/page", LANG_EN, "{\"data\":{\"n\":-999}}"),
		"<title>Hello %s!</title>-999 en en-HK zh-Hant");
}

static void
development_reads_templates_anew(void **state)
{
	(void)state;
	write_file("templates/t.cs", "one");
	start(true);
	assert_string_equal(render("t", LANG_EN, "{}"), "one");
	write_file("templates/t.cs", "two");
	assert_string_equal(render("t", LANG_EN, "{}"), "two");
	write_file("templates/t.cs", "<?cs if:x ?>");
	assert_non_null(render_max("t", LANG_EN, "{}", 1000, &(const char *){NULL}));
	write_file("templates/t.cs", "three");
	assert_string_equal(render("t", LANG_EN, "{}"), "three");
	start(false);
	write_file("templates/t.cs", "four");
	assert_string_equal(render("t", LANG_EN, "{}"), "three");
}

static void
dies_on(const char *file, const char *text, const char *restore)
{
	int status;
	pid_t pid;

	if (text == NULL)
		assert_int_equal(unlink(in_dir(file)), 0);
	else
		write_file(file, text);
	pid = fork();
	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(9);
		start(false);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	write_file(file, restore);
}

static void
a_broken_installation_does_not_start(void **state)
{
	static const char *const broken[] = {"<?cs if:x ?>", "<?cs call:nope() ?>",
		"<?cs nope:x ?>", "<?cs var:null_escape(x) ?>", "<?cs var:text_html(x) ?>",
		"<?cs call:cell() ?>", "<?cs var:x", "<?cs def:cell(x) ?><?cs /def ?>"};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		dies_on("templates/t.cs", broken[i], "fine");
	dies_on("templates/layout.cs", "<?cs if:x ?>", layout);
	dies_on("i18n/en.hdf", NULL, "hello = Hello %s!\n");
	dies_on("i18n/zh-Hant.hdf", "hello\n", "hello = 你好%s！\n");
	dies_on("assets", "app.css\n", "app_css = /static/app.1a2b3c4d.css\n");
	dies_on("assets", NULL, "app_css = /static/app.1a2b3c4d.css\n");
	start(false);
}

static void
messages_are_filled(void **state)
{
	(void)state;
	start(false);
	assert_string_equal(view_text(a, LANG_EN, "hello", "Ada"), "Hello Ada!");
	assert_string_equal(view_text(a, LANG_ZH, "hello", "%s"), "你好%s！");
	assert_string_equal(view_text(a, LANG_EN, "hello", NULL), "Hello !");
	assert_string_equal(view_text(a, LANG_EN, "no.such.key", "x"), "no.such.key");
	assert_string_equal(view_text(a, LANG_EN, "", NULL), "");
}

static void
languages_are_negotiated(void **state)
{
	static const struct {
		const char *accept;
		enum lang want;
	} v[] = {{NULL, LANG_EN}, {"", LANG_EN}, {"zh", LANG_ZH},
		{"zh-HK,zh;q=0.9,en;q=0.8", LANG_ZH}, {"en-GB,zh-HK;q=0.9", LANG_EN},
		{"en;q=0.3, zh-TW;q=0.4", LANG_ZH}, {"fr, zh;q=0", LANG_EN}, {"fr,de", LANG_EN},
		{"zhx", LANG_EN}, {"*", LANG_EN}, {"ja,  ZH-hant ; q=0.5", LANG_ZH},
		{";;;,,,=", LANG_EN}, {"zh;q=abc", LANG_EN}, {"zh;q=", LANG_EN}};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		assert_int_equal(lang_negotiate(v[i].accept), v[i].want);
	assert_int_equal(lang_parse("zh-Hant"), LANG_ZH);
	assert_int_equal(lang_parse("xx"), LANG_EN);
	assert_int_equal(lang_parse(NULL), LANG_EN);
	assert_string_equal(lang_tag(LANG_ZH), "zh-Hant");
}

static void
squeezing_keeps_what_counts(void **state)
{
	static const struct {
		const char *in;
		const char *want;
	} v[] = {{"a\n\t\tb", "a\nb"}, {"a  b", "a  b"}, {"<?cs # note ?>\nx", "x"},
		{"<?cs if:a ?>\n\t<b>\n<?cs /if ?>\n", "<?cs if:a ?><b>\n<?cs /if ?>"},
		{"<?cs var:a ?>\n<?cs var:b ?>", "<?cs var:a ?>\n<?cs var:b ?>"},
		{"<?cs var:a ?> <?cs if:b ?> x", "<?cs var:a ?> <?cs if:b ?> x"},
		{"<?cs each:x = y ?> \n \n<?cs /each ?> z", "<?cs each:x = y ?><?cs /each ?> z"},
		{"<?cs var:\"a\n  b\" ?>", "<?cs var:\"a\n  b\" ?>"}, {"<?csx\n a", "<?csx\na"},
		{"<?cs var:a", "<?cs var:a"}, {"\n\n", "\n"}, {"", ""},
		{"x\n<?cs # a ?>\n<?cs # b ?>\ny", "x\ny"}};
	char buf[200];

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(buf, sizeof(buf), "%s", v[i].in);
		squeeze(buf);
		assert_string_equal(buf, v[i].want);
	}
}

static void
json_is_compact_utf8(void **state)
{
	struct json_object *o =
		json_tokener_parse("{\"a\":\"陳/\\u0001\\\"\",\"b\":[1,null,true]}");
	struct sb sb;

	(void)state;
	sb_init(&sb, a, 1000);
	view_json(o, &sb);
	assert_string_equal(sb.p, "{\"a\":\"陳/\\u0001\\\"\",\"b\":[1,null,true]}");
	json_object_put(o);
}

static int
set_up(void **state)
{
	(void)state;
	a = arena_new((size_t)64 << 20);
	if (mkdtemp(dir) == NULL || mkdir(in_dir("templates"), 0700) != 0 ||
		mkdir(in_dir("templates/sub"), 0700) != 0 || mkdir(in_dir("i18n"), 0700) != 0)
		return -1;
	write_file("templates/macros.cs", macros);
	write_file("templates/layout.cs", layout);
	write_file("templates/sub/page.cs",
		"<?cs call:page_begin(T.hello) ?><?cs var:thousands(Data.n) ?> "
		"<?cs var:Lang.tag ?> <?cs var:Lang.html ?> <?cs var:Lang.other ?>"
		"<?cs call:page_end() ?>");
	write_file("i18n/en.hdf", "hello = Hello %s!\n");
	write_file("i18n/zh-Hant.hdf", "hello = 你好%s！\n");
	write_file("assets", "app_css = /static/app.1a2b3c4d.css\n");
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const files[] = {"templates/macros.cs", "templates/layout.cs",
		"templates/t.cs", "templates/sub/page.cs", "i18n/en.hdf", "i18n/zh-Hant.hdf",
		"assets"};

	(void)state;
	arena_free(&a);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(in_dir(files[i]));
	rmdir(in_dir("templates/sub"));
	rmdir(in_dir("templates"));
	rmdir(in_dir("i18n"));
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_escaped_wherever_they_stand),
		cmocka_unit_test(template_code_in_values_stays_text),
		cmocka_unit_test(addresses_stay_on_the_site),
		cmocka_unit_test(numbers_are_shown_and_dialled),
		cmocka_unit_test(cells_know_their_columns),
		cmocka_unit_test(rows_as_they_are_look_like_rows_of_json),
		cmocka_unit_test(a_model_becomes_a_tree),
		cmocka_unit_test(long_lists_keep_order_and_names),
		cmocka_unit_test(a_reused_parse_forgets_the_request),
		cmocka_unit_test(a_reused_parse_keeps_no_memory),
		cmocka_unit_test(rendering_leaves_the_catalogue_alone),
		cmocka_unit_test(too_long_a_page_is_an_error_and_the_next_is_fine),
		cmocka_unit_test(an_unknown_template_is_an_error),
		cmocka_unit_test(pages_share_macros_and_speak_both_languages),
		cmocka_unit_test(development_reads_templates_anew),
		cmocka_unit_test(a_broken_installation_does_not_start),
		cmocka_unit_test(messages_are_filled),
		cmocka_unit_test(languages_are_negotiated),
		cmocka_unit_test(squeezing_keeps_what_counts),
		cmocka_unit_test(json_is_compact_utf8),
	};

	return cmocka_run_group_tests_name("view", tests, set_up, tear_down);
}

/* SPDX-License-Identifier: ISC */
/* Headers, path and query of a request, and the values of its parameters. */
#include "unit.h"

#include "fcgi_memory.h"
#include "route.h"

static struct arena *a;
static struct fcgi_memory *f;
static struct request *rq;

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)64 << 20);
	f = fcgi_memory_new(a);
	rq = ARENA_NEW(a, struct request);
	fcgi_memory_param(f, "REQUEST_METHOD", "GET");
	fcgi_memory_param(f, "REQUEST_URI", "/");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static void
begin(const char *name, const char *value)
{
	fcgi_memory_param(f, name, value);
	assert_null(request_begin(rq, a, &f->request));
}

static void
path_is(const char *uri, bool api, const char *path)
{
	begin("REQUEST_URI", uri);
	assert_string_equal(rq->path, path);
	assert_int_equal(rq->api, api);
}

static void
paths_are_decoded_once(void **state)
{
	(void)state;
	path_is("/", false, "/");
	path_is("/?x=1", false, "/");
	path_is("/contacts/%31?x=/../", false, "/contacts/1");
	path_is("/a%2525", false, "/a%25");
	path_is("/a+b", false, "/a+b");
	path_is("/%E9%99%B3", false, "/陳");
	path_is("/...", false, "/...");
	path_is("/.well-known/x", false, "/.well-known/x");
}

static void
the_api_lies_below_its_prefix(void **state)
{
	(void)state;
	path_is("/api/v1", true, "/");
	path_is("/api/v1/contacts/1", true, "/contacts/1");
	path_is("/api/v1/api/v1/x", true, "/api/v1/x");
	path_is("/api/v12/contacts", true, "/api/v12/contacts");
	path_is("/api/contacts", true, "/api/contacts");
	path_is("/apiv1", false, "/apiv1");
	path_is("/%61pi/v1/contacts", true, "/contacts");
}

static void
bad_paths_are_refused(void **state)
{
	static const struct {
		const char *uri;
		enum err_kind kind;
	} bad[] = {
		{"", ERR_BAD_REQUEST},
		{"*", ERR_BAD_REQUEST},
		{"contacts", ERR_BAD_REQUEST},
		{"?x", ERR_BAD_REQUEST},
		{"http://harbour.example/", ERR_BAD_REQUEST},
		{"/a%", ERR_BAD_REQUEST},
		{"/a%4", ERR_BAD_REQUEST},
		{"/a%zz", ERR_BAD_REQUEST},
		{"/a%00", ERR_BAD_REQUEST},
		{"/a%ff", ERR_BAD_REQUEST},
		{"/a\xff", ERR_BAD_REQUEST},
		{"/%c0%af", ERR_BAD_REQUEST},
		{"/contacts%2f1", ERR_BAD_REQUEST},
		{"/%2F", ERR_BAD_REQUEST},
		{"//", ERR_NOT_FOUND},
		{"//contacts", ERR_NOT_FOUND},
		{"/contacts//1", ERR_NOT_FOUND},
		{"/contacts/", ERR_NOT_FOUND},
		{"/.", ERR_NOT_FOUND},
		{"/..", ERR_NOT_FOUND},
		{"/a/../b", ERR_NOT_FOUND},
		{"/a/./b", ERR_NOT_FOUND},
		{"/a/%2e%2e/b", ERR_NOT_FOUND},
		{"/a/.", ERR_NOT_FOUND},
		{"/api/v1/", ERR_NOT_FOUND},
		{"/api/v1//contacts", ERR_NOT_FOUND},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err *e;

		fcgi_memory_param(f, "REQUEST_URI", bad[i].uri);
		e = request_begin(rq, a, &f->request);
		if (e == NULL || e->kind != bad[i].kind)
			fail_msg("%s: %d", bad[i].uri, e != NULL ? (int)e->kind : -1);
		/* The answer is still possible. */
		assert_non_null(rq->id);
		assert_string_equal(rq->path, "/");
		assert_non_null(rq->host);
		assert_non_null(rq->body);
		assert_non_null(rq->query);
	}
}

static void
an_error_below_the_api_is_answered_as_json(void **state)
{
	(void)state;
	fcgi_memory_param(f, "REQUEST_URI", "/api/v1/contacts/%ff");
	assert_non_null(request_begin(rq, a, &f->request));
	assert_true(rq->api);
}

static void
methods_are_told_apart(void **state)
{
	static const struct {
		const char *name;
		enum method method;
		bool head;
	} all[] = {{"GET", METHOD_GET, false}, {"HEAD", METHOD_GET, true},
		{"POST", METHOD_POST, false}, {"PATCH", METHOD_PATCH, false},
		{"DELETE", METHOD_DELETE, false}, {"PUT", METHOD_OTHER, false},
		{"get", METHOD_OTHER, false}, {"", METHOD_OTHER, false},
		{"GETS", METHOD_OTHER, false}};

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		begin("REQUEST_METHOD", all[i].name);
		assert_int_equal(rq->method, all[i].method);
		assert_int_equal(rq->head, all[i].head);
	}
}

static void
hosts_are_names_or_nothing(void **state)
{
	static const char *const cases[][2] = {
		{"harbour.praya.localhost", "harbour.praya.localhost"},
		{"HARBOUR.Praya.localhost:8443", "harbour.praya.localhost"}, {"", ""}, {":80", ""},
		{"[::1]:80", ""}, {"a b", ""}, {"a/b", ""}, {"a\xe9", ""}, {"a_b", ""}, {"a@b", ""},
		{"a%2eb", ""}};
	char longest[300];

	(void)state;
	assert_null(request_begin(rq, a, &f->request));
	assert_string_equal(rq->host, "");
	for (size_t i = 0; i < COUNT(cases); i++) {
		begin("HTTP_HOST", cases[i][0]);
		assert_string_equal(rq->host, cases[i][1]);
	}
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	begin("HTTP_HOST", longest);
	assert_string_equal(rq->host, "");
}

static void
the_id_is_the_web_servers_or_new(void **state)
{
	const char *first;

	(void)state;
	begin("REQUEST_ID", "0123456789abcdef0123456789abcdef");
	assert_string_equal(rq->id, "0123456789abcdef");
	begin("REQUEST_ID", "0123456789abcde");
	first = rq->id;
	assert_int_equal(strlen(first), 16);
	assert_int_equal(strspn(first, "0123456789abcdef"), 16);
	begin("REQUEST_ID", "0123456789ABCDEF\r\nX: y");
	assert_int_equal(strspn(rq->id, "0123456789abcdef"), 16);
	assert_string_not_equal(rq->id, first);
}

static void
lengths_are_numbers_or_absent(void **state)
{
	static const char *const bad[] = {
		"-1", "+1", "1x", " 1", "0x10", "99999999999999999999", "1,1"};

	(void)state;
	begin("CONTENT_LENGTH", "");
	assert_int_equal(rq->content_length, -1);
	begin("CONTENT_LENGTH", "0");
	assert_int_equal(rq->content_length, 0);
	begin("CONTENT_LENGTH", "1048576");
	assert_int_equal(rq->content_length, 1048576);
	for (size_t i = 0; i < COUNT(bad); i++) {
		fcgi_memory_param(f, "CONTENT_LENGTH", bad[i]);
		assert_non_null(request_begin(rq, a, &f->request));
	}
}

static void
browsers_are_known_by_family_only(void **state)
{
	static const char *const cases[][2] = {
		{"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
			"Firefox"},
		{"Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 "
		 "Safari/537.36",
			"Chrome"},
		{"Mozilla/5.0 AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0", "Edge"},
		{"Mozilla/5.0 (iPhone) AppleWebKit/605.1 Version/17.0 Mobile/15E Safari/604.1",
			"Safari"},
		{"Mozilla/5.0 (iPhone) AppleWebKit/605.1 CriOS/120.0 Mobile Safari/604.1",
			"Chrome"},
		{"curl/7.88.1", "curl"}, {"", "other"}, {"Firefox", "other"},
		{"\xff\x01", "other"}};

	(void)state;
	assert_null(request_begin(rq, a, &f->request));
	assert_string_equal(rq->user_agent, "other");
	for (size_t i = 0; i < COUNT(cases); i++) {
		begin("HTTP_USER_AGENT", cases[i][0]);
		assert_string_equal(rq->user_agent, cases[i][1]);
	}
}

static void
headers_are_found_by_their_name(void **state)
{
	(void)state;
	fcgi_memory_param(f, "HTTP_IF_MATCH", "\"7\"");
	fcgi_memory_param(f, "CONTENT_TYPE", "text/plain");
	fcgi_memory_param(f, "HTTP_COOKIE", "a=1; __Host-sid=x");
	begin("REMOTE_ADDR", "192.0.2.7");
	assert_string_equal(request_header(rq, "If-Match"), "\"7\"");
	assert_string_equal(request_header(rq, "if-match"), "\"7\"");
	assert_string_equal(request_header(rq, "Content-Type"), "text/plain");
	assert_null(request_header(rq, "If-None-Match"));
	/* What is no header cannot be had under a header's name. */
	assert_null(request_header(rq, "REQUEST_METHOD"));
	assert_string_equal(request_cookie(rq, "__Host-sid"), "x");
	assert_null(request_cookie(rq, "sid"));
	assert_string_equal(rq->remote, "192.0.2.7");
}

static const struct param params[] = {
	{"text", P_TEXT, IN_QUERY, 0, 5, false},
	{"long", P_LONG, IN_QUERY, 0, 0, false},
	{"n", P_I64, IN_QUERY, 1, 200, false},
	{"any", P_I64, IN_QUERY, INT64_MIN, 0, false},
	{"b", P_BOOL, IN_QUERY, 0, 0, false},
	{"d", P_DATE, IN_QUERY, 0, 0, false},
	{"ts", P_TEXTS, IN_QUERY, 0, 2, false},
	{"ns", P_I64S, IN_QUERY, 1, 2, false},
	{"j", P_JSON, IN_QUERY, 0, 0, false},
	{"filter", P_FILTERS, IN_QUERY, 0, 0, false},
	{"body", P_TEXT, IN_BODY, 0, 0, false},
	PARAM_END,
};

static struct err *
query(const struct param *declared, const char *text)
{
	struct route *route = ARENA_NEW(a, struct route);

	memset(rq, 0, sizeof(*rq));
	route->params = declared;
	route->fields = "contact";
	begin("QUERY_STRING", text);
	rq->route = route;
	return request_read_query(rq);
}

static void
query_is(const char *text, const char *want)
{
	assert_null(query(params, text));
	assert_string_equal(
		json_object_to_json_string_ext(rq->query, JSON_C_TO_STRING_PLAIN), want);
}

static void
queries_get_their_declared_types(void **state)
{
	(void)state;
	query_is("", "{}");
	query_is("text=ab&n=7&b=on&d=5/1/2026",
		"{\"text\":\"ab\",\"n\":7,\"b\":true,\"d\":\"2026-01-05\"}");
	query_is("text=", "{\"text\":null}");
	query_is("n=%207%20", "{\"n\":7}");
	query_is("any=-9223372036854775808", "{\"any\":-9223372036854775808}");
	query_is("b=0&b=1", "{\"b\":true}");
	query_is("b=1&b=off", "{\"b\":false}");
	query_is("ts=x", "{\"ts\":[\"x\"]}");
	query_is("ts=x&ts=", "{\"ts\":[\"x\"]}");
	query_is("ns=1&ns=2", "{\"ns\":[1,2]}");
	query_is("j=%7B%22a%22:1%7D", "{\"j\":{\"a\":1}}");
	query_is("text=%F0%A0%80%80%F0%A0%80%80%F0%A0%80%80%F0%A0%80%80%F0%A0%80%80",
		"{\"text\":\"\xf0\xa0\x80\x80\xf0\xa0\x80\x80\xf0\xa0\x80\x80\xf0\xa0\x80\x80"
		"\xf0\xa0\x80\x80\"}");
}

static void
filters_become_one_object(void **state)
{
	(void)state;
	query_is("filter[name_en]=Chan&filter%5Bvip%5D=1&filter[none]=",
		"{\"filter\":{\"name_en\":\"Chan\",\"vip\":\"1\"}}");
	query_is("filter[tags]=a&filter[tags]=b", "{\"filter\":{\"tags\":[\"a\",\"b\"]}}");
}

static void
value_errors_name_field_and_reason(void **state)
{
	static const char *const bad[][3] = {{"text=abcdef", "text", "error.too_long"},
		{"text=a%0Ab", "text", "error.type"}, {"text=a%1Bb", "text", "error.type"},
		{"text=a&text=b", "text", "error.type"}, {"n=0", "n", "error.range"},
		{"n=201", "n", "error.range"}, {"n=x", "n", "error.type"},
		{"n=1.5", "n", "error.type"}, {"n=1+2", "n", "error.type"},
		{"n=99999999999999999999", "n", "error.type"}, {"n=1&n=2", "n", "error.type"},
		{"b=yes", "b", "error.type"}, {"b=2", "b", "error.type"},
		{"d=2026-02-30", "d", "error.date"}, {"d=today", "d", "error.date"},
		{"ts=a&ts=b&ts=c", "ts", "error.too_many_values"}, {"ts=a%0Ab", "ts", "error.type"},
		{"ns=1&ns=0", "ns", "error.range"}, {"ns=1&ns=x", "ns", "error.type"},
		{"j=%7B", "j", "error.type"}, {"filter=x", "filter", "error.type"}};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err *e = query(params, bad[i][0]);

		if (e == NULL)
			fail_msg("accepted: %s", bad[i][0]);
		assert_int_equal(e->kind, ERR_BAD_REQUEST);
		assert_string_equal(e->fields->name, bad[i][1]);
		assert_string_equal(e->fields->key, bad[i][2]);
		assert_null(e->fields->next);
	}
}

static void
undeclared_parameters_are_bad_requests(void **state)
{
	static const char *const bad[] = {"x=1", "Text=a", "text%20=a", "body=a", "_csrf=a",
		"_lang=en", "name_en=Chan", "filter[=1", "filter[]=1", "filter[a][b]=1",
		"filter[a]b=1", "text[a]=1", "n=1&x=1", "n=0&x=1", "x=1&n=0", "filter]a[=1",
		"x[y]=1"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err *e = query(params, bad[i]);

		if (e == NULL)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(e->kind, ERR_BAD_REQUEST);
		assert_non_null(e->fields);
	}
	/* A route that declares nothing takes nothing. */
	assert_non_null(query(NULL, "text=a"));
	assert_null(query(NULL, ""));
}

static void
long_names_and_many_errors_are_cut(void **state)
{
	struct sb sb;
	struct err *e;
	size_t n = 0;

	(void)state;
	sb_init(&sb, a, 100000);
	for (int i = 0; i < 40; i++)
		sb_puts(&sb, "%E9%99%B3");
	e = query(params, sb.p);
	assert_non_null(e);
	/* 100 bytes end inside the 34th character. */
	assert_int_equal(strlen(e->fields->name), 99);
	sb_clear(&sb);
	for (int i = 0; i < 90; i++)
		sb_printf(&sb, "x%d=1&", i);
	e = query(params, sb.p);
	assert_non_null(e);
	for (struct err_field *p = e->fields; p != NULL; p = p->next)
		n++;
	assert_int_equal(n, 50);
	sb_clear(&sb);
	for (int i = 0; i < 101; i++)
		sb_puts(&sb, "text=a&");
	e = query(params, sb.p);
	assert_non_null(e);
	assert_int_equal(e->kind, ERR_TOO_LARGE);
	sb_clear(&sb);
	for (int i = 0; i < 60; i++)
		sb_printf(&sb, "filter[f%d]=1&", i);
	e = query(params, sb.p);
	assert_non_null(e);
	assert_string_equal(e->fields->key, "error.too_many_values");
}

static void
required_parameters_are_missed(void **state)
{
	static const struct param needs[] = {{"q", P_TEXT, IN_QUERY, 0, 0, true}, PARAM_END};
	static const char *const bad[] = {"", "q", "q="};

	(void)state;
	assert_null(query(needs, "q=x"));
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err *e = query(needs, bad[i]);

		assert_non_null(e);
		assert_int_equal(e->kind, ERR_BAD_REQUEST);
		assert_string_equal(e->fields->key, "error.required");
	}
}

static void
values_are_asked_for_by_type(void **state)
{
	(void)state;
	assert_null(query(params, "text=ab&n=7&b=1&long="));
	assert_string_equal(request_text(rq, "text"), "ab");
	assert_null(request_text(rq, "n"));
	assert_null(request_text(rq, "nothing"));
	assert_int_equal(request_i64(rq, "n", -1), 7);
	assert_int_equal(request_i64(rq, "text", -1), -1);
	assert_true(request_bool(rq, "b", false));
	assert_true(request_bool(rq, "nothing", true));
	assert_true(request_has(rq, "long"));
	assert_null(request_text(rq, "long"));
	assert_false(request_has(rq, "nothing"));
	/* The body goes before the query. */
	json_object_object_add(rq->body, "text", json_object_new_string("body"));
	assert_string_equal(request_text(rq, "text"), "body");
	json_object_object_add(rq->body, "text", NULL);
	assert_null(request_text(rq, "text"));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(paths_are_decoded_once),
		T(the_api_lies_below_its_prefix),
		T(bad_paths_are_refused),
		T(an_error_below_the_api_is_answered_as_json),
		T(methods_are_told_apart),
		T(hosts_are_names_or_nothing),
		T(the_id_is_the_web_servers_or_new),
		T(lengths_are_numbers_or_absent),
		T(browsers_are_known_by_family_only),
		T(headers_are_found_by_their_name),
		T(queries_get_their_declared_types),
		T(filters_become_one_object),
		T(value_errors_name_field_and_reason),
		T(undeclared_parameters_are_bad_requests),
		T(long_names_and_many_errors_are_cut),
		T(required_parameters_are_missed),
		T(values_are_asked_for_by_type),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}

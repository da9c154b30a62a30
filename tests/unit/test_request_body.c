/* SPDX-License-Identifier: ISC */
/* Bodies: which kind a route takes, limits, typing, and files into the store. */
#include "unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "fcgi_memory.h"
#include "object.h"
#include "route.h"

#define FORM "application/x-www-form-urlencoded"
#define MULTI "multipart/form-data; boundary=B"
#define PART(n) "--B\r\nContent-Disposition: form-data; name=\"" n "\"\r\n\r\n"
#define FILE_PART(n, file) \
	"--B\r\nContent-Disposition: form-data; name=\"" n "\"; filename=\"" file \
	"\"\r\nContent-Type: text/csv; header=present\r\n\r\n"
#define END "\r\n--B--\r\n"

static struct arena *a;
static struct fcgi_memory *f;
static struct request *rq;
static struct request_limits limits = {.body = 4096, .upload = 100000, .fields = 8};
static char store[64];

static const struct param declared[] = {
	{"text", P_TEXT, IN_BODY, 0, 5, false},
	{"n", P_I64, IN_BODY, 1, 9, false},
	{"b", P_BOOL, IN_BOTH, 0, 0, false},
	{"d", P_DATE, IN_BODY, 0, 0, false},
	{"ts", P_TEXTS, IN_BODY, 0, 2, false},
	{"ns", P_I64S, IN_BODY, 0, 0, false},
	{"j", P_JSON, IN_BODY, 0, 0, false},
	{"filter", P_FILTERS, IN_BODY, 0, 0, false},
	{"q", P_TEXT, IN_QUERY, 0, 0, false},
	PARAM_END,
};
static const struct param with_file[] = {
	{"file", P_FILE, IN_BODY, 0, 0, true},
	{"map", P_JSON, IN_BODY, 0, 0, false},
	{"more", P_FILE, IN_BODY, 0, 2, false},
	PARAM_END,
};

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)64 << 20);
	strcpy(store, "test_request_body.XXXXXX");
	assert_non_null(mkdtemp(store));
	limits.store = store;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return nftw(store, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static size_t files;

static int
count_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	files += kind == FTW_F;
	return 0;
}

/* Files in the store, temporary ones included. */
static size_t
stored(void)
{
	files = 0;
	assert_int_equal(nftw(store, count_one, 8, FTW_PHYS), 0);
	return files;
}

static bool
is_field(void *ctx, const char *entity, const char *name)
{
	(void)ctx;
	assert_string_equal(entity, "contact");
	return strcmp(name, "name_en") == 0 || strcmp(name, "vip") == 0;
}

struct sent {
	bool api;
	const char *type;
	const char *body;
	size_t n;
	long long length;
	const struct param *params;
};

static struct err *
send_body(struct sent s)
{
	struct route *route = ARENA_NEW(a, struct route);

	f = fcgi_memory_new(a);
	rq = ARENA_NEW(a, struct request);
	fcgi_memory_param(f, "REQUEST_METHOD", "POST");
	fcgi_memory_param(f, "REQUEST_URI", s.api ? "/api/v1/x" : "/x");
	if (s.type != NULL)
		fcgi_memory_param(f, "CONTENT_TYPE", s.type);
	fcgi_memory_body(f, s.body, s.n, 7, s.length);
	assert_null(request_begin(rq, a, &f->request));
	route->method = METHOD_POST;
	route->params = s.params;
	route->fields = s.params == declared ? "contact" : NULL;
	rq->route = route;
	return request_read_body(rq, &limits, is_field, NULL);
}

static struct err *
post(bool api, const char *type, const char *body, const struct param *params)
{
	return send_body(
		(struct sent){api, type, body, strlen(body), (long long)strlen(body), params});
}

static void
body_is(const char *want)
{
	assert_string_equal(json_object_to_json_string_ext(rq->body, JSON_C_TO_STRING_PLAIN), want);
}

static void
refused(struct err *e, enum err_kind kind)
{
	assert_non_null(e);
	assert_int_equal(e->kind, kind);
	assert_null(rq->uploads);
	assert_int_equal(stored(), 0);
}

static void
at_field(struct err *e, const char *name, const char *key)
{
	refused(e, ERR_INVALID);
	assert_string_equal(e->fields->name, name);
	assert_string_equal(e->fields->key, key);
	assert_null(e->fields->next);
}

static void
json_and_forms_become_the_same(void **state)
{
	static const char want[] = "{\"text\":\"ab\",\"n\":7,\"b\":true,\"d\":\"2026-01-05\","
				   "\"ts\":[\"x\"],\"ns\":[1,2],\"filter\":{\"vip\":\"1\"},"
				   "\"name_en\":\"Chan\"}";

	(void)state;
	limits.fields = 9;
	assert_null(post(false, FORM,
		"text=ab&n=7&b=1&d=2026-01-05&ts=x&ns=1&ns=2&filter[vip]=1&name_en=Chan",
		declared));
	body_is(want);
	assert_null(post(false, MULTI,
		PART("text") "ab\r\n" PART("n") "7\r\n" PART("b") "on\r\n" PART(
			"d") "5/1/2026\r\n" PART("ts") "x\r\n" PART("ns") "1\r\n" PART("ns") "2\r"
											     "\n" PART("filter[vip]") "1\r\n" PART(
												     "name_en") "Chan" END,
		declared));
	limits.fields = 8;
	body_is(want);
	assert_null(post(true, "application/json; charset=UTF-8",
		"{\"text\":\"ab\",\"n\":7,\"b\":true,\"d\":\"2026-01-05\",\"ts\":[\"x\"],\"ns\":[1,"
		"2],"
		"\"filter\":{\"vip\":\"1\"},\"name_en\":\"Chan\"}",
		declared));
	body_is(want);
}

static void
empty_inputs_of_a_form_are_null(void **state)
{
	(void)state;
	assert_null(post(false, FORM, "text=&n=&b=&d=&ts=&name_en=&filter[vip]=", declared));
	body_is("{\"text\":null,\"n\":null,\"b\":null,\"d\":null,\"ts\":[],\"name_en\":null}");
	assert_true(request_has(rq, "name_en"));
	assert_null(post(true, "application/json", "{\"text\":null,\"name_en\":null}", declared));
	body_is("{\"text\":null,\"name_en\":null}");
}

static void
the_gates_own_fields_pass_in_forms_only(void **state)
{
	(void)state;
	assert_null(post(false, FORM, "_csrf=a&_form=b&_version=1&_lang=en", NULL));
	body_is("{\"_csrf\":\"a\",\"_form\":\"b\",\"_version\":\"1\",\"_lang\":\"en\"}");
	at_field(post(false, FORM, "_other=1", NULL), "_other", "error.unknown_field");
	at_field(post(true, "application/json", "{\"_csrf\":\"a\"}", NULL), "_csrf",
		"error.unknown_field");
}

static void
nothing_is_a_body_too(void **state)
{
	static const char *const types[] = {NULL, "application/json", FORM, "text/plain", MULTI};

	(void)state;
	for (size_t i = 0; i < COUNT(types) - 1; i++) {
		assert_null(send_body((struct sent){i != 2, types[i], "", 0, 0, declared}));
		body_is("{}");
		assert_null(send_body((struct sent){i != 2, types[i], "", 0, -1, declared}));
		body_is("{}");
	}
	assert_null(post(true, "application/json", "{}", NULL));
	assert_null(post(true, "application/json", " { } ", NULL));
	refused(post(false, types[4], "", declared), ERR_BAD_REQUEST);
}

static void
other_types_are_refused(void **state)
{
	static const struct {
		bool api;
		const char *type;
	} bad[] = {{false, NULL}, {false, "text/plain"}, {false, "application/json"}, {true, FORM},
		{true, MULTI}, {true, "text/json"}, {true, "application/jsonx"},
		{true, "application/json; charset=big5"},
		{true, "application/json; charset=\"utf-8"}, {false, FORM "; charset=big5"},
		{true, "application/merge-patch+json"}, {false, "multipart/mixed; boundary=B"},
		{true, "*/*"}};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		refused(post(bad[i].api, bad[i].type, "{}", declared), ERR_MEDIA_TYPE);
		/* Also when the length is not announced. */
		refused(send_body((struct sent){bad[i].api, bad[i].type, "{}", 2, -1, declared}),
			ERR_MEDIA_TYPE);
	}
}

static void
a_coded_body_is_refused(void **state)
{
	struct err *e;

	(void)state;
	post(true, "application/json", "{}", declared);
	fcgi_memory_param(f, "HTTP_CONTENT_ENCODING", "gzip");
	e = request_read_body(rq, &limits, is_field, NULL);
	refused(e, ERR_MEDIA_TYPE);
}

static void
malformed_bodies_are_bad_requests(void **state)
{
	static const char *const json[] = {"{", "[]", "1", "null", "\"x\"", "{}x",
		"{\"text\":\"\\u0000\"}", "{\"text\":\"a\",\"text\":\"b\"}", "{\"text\":\"\xff\"}",
		" "};
	static const char *const forms[] = {"text=%", "text=%00", "=1", "text=%ff"};
	static const char *const parts[] = {PART("text") "a", "--B\r\n\r\n" END,
		PART("text") "\xff" END, "text=a", PART("") "a" END};

	(void)state;
	for (size_t i = 0; i < COUNT(json); i++)
		refused(post(true, "application/json", json[i], declared), ERR_BAD_REQUEST);
	for (size_t i = 0; i < COUNT(forms); i++)
		refused(post(false, FORM, forms[i], declared), ERR_BAD_REQUEST);
	for (size_t i = 0; i < COUNT(parts); i++)
		refused(post(false, MULTI, parts[i], declared), ERR_BAD_REQUEST);
	refused(send_body((struct sent){false, MULTI, PART("text") "a\0b" END,
			sizeof(PART("text") "a\0b" END) - 1, -1, declared}),
		ERR_BAD_REQUEST);
	refused(send_body((struct sent){false, FORM, "text=a\0b", 8, 8, declared}),
		ERR_BAD_REQUEST);
}

static void
a_body_that_is_not_as_long_as_announced_is_bad(void **state)
{
	static const long long lengths[] = {1, 5, 7, 100};

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		refused(send_body((struct sent){false, FORM, "text=a", 6, lengths[i], declared}),
			ERR_BAD_REQUEST);
		refused(send_body((struct sent){true, "application/json", "{   }", 5,
				lengths[i] == 5 ? 6 : lengths[i], declared}),
			ERR_BAD_REQUEST);
	}
	refused(send_body((struct sent){false, MULTI, PART("text") "a" END,
			strlen(PART("text") "a" END), 10, declared}),
		ERR_BAD_REQUEST);
}

static void
bodies_end_at_their_limit(void **state)
{
	char *text = arena_alloc(a, 5000);

	(void)state;
	memset(text, ' ', 5000);
	memcpy(text, "{}", 2);
	assert_null(send_body((struct sent){true, "application/json", text, 4096, 4096, NULL}));
	assert_null(send_body((struct sent){true, "application/json", text, 4096, -1, NULL}));
	refused(send_body((struct sent){true, "application/json", text, 4097, 4097, NULL}),
		ERR_TOO_LARGE);
	refused(send_body((struct sent){true, "application/json", text, 4097, -1, NULL}),
		ERR_TOO_LARGE);
	/* A claimed length is refused before a byte is read. */
	refused(send_body((struct sent){true, "application/json", text, 2, 1LL << 62, NULL}),
		ERR_TOO_LARGE);
	refused(send_body((struct sent){false, MULTI, text, 2, 1LL << 62, with_file}),
		ERR_TOO_LARGE);
	refused(post(false, FORM, "ts=1&ts=2&ts=3&ts=4&ts=5&ts=6&ts=7&ts=8&ts=9", declared),
		ERR_TOO_LARGE);
}

static void
text_parts_share_one_limit(void **state)
{
	char *text = arena_alloc(a, 5000);
	struct sb sb;

	(void)state;
	memset(text, 'x', 2000);
	sb_init(&sb, a, 100000);
	for (int i = 0; i < 3; i++)
		sb_printf(&sb, PART("map") "%s\r\n", text);
	sb_puts(&sb, FILE_PART("file", "x") "y" END);
	refused(post(true, MULTI, sb.p, with_file), ERR_TOO_LARGE);
	sb_clear(&sb);
	for (int i = 0; i < 9; i++)
		sb_puts(&sb, PART("ts") "a\r\n");
	refused(post(false, MULTI, sb.p, declared), ERR_TOO_LARGE);
}

static void
json_types_are_exact(void **state)
{
	static const char *const bad[][3] = {{"{\"text\":1}", "text", "error.type"},
		{"{\"text\":[\"a\"]}", "text", "error.type"},
		{"{\"text\":{}}", "text", "error.type"},
		{"{\"text\":\"abcdef\"}", "text", "error.too_long"},
		{"{\"text\":\"a\\nb\"}", "text", "error.type"},
		{"{\"n\":\"7\"}", "n", "error.type"}, {"{\"n\":7.0}", "n", "error.type"},
		{"{\"n\":true}", "n", "error.type"}, {"{\"n\":10}", "n", "error.range"},
		{"{\"n\":0}", "n", "error.range"}, {"{\"n\":[7]}", "n", "error.type"},
		{"{\"b\":1}", "b", "error.type"}, {"{\"b\":\"true\"}", "b", "error.type"},
		{"{\"d\":20260105}", "d", "error.date"},
		{"{\"d\":\"2026-13-01\"}", "d", "error.date"},
		{"{\"ts\":\"x\"}", "ts", "error.type"}, {"{\"ts\":[1]}", "ts", "error.type"},
		{"{\"ts\":[null]}", "ts", "error.type"},
		{"{\"ts\":[\"a\",\"b\",\"c\"]}", "ts", "error.too_many_values"},
		{"{\"ns\":[\"1\"]}", "ns", "error.type"}, {"{\"ns\":[-1]}", "ns", "error.range"},
		{"{\"ns\":1}", "ns", "error.type"}, {"{\"filter\":[]}", "filter", "error.type"},
		{"{\"filter\":\"x\"}", "filter", "error.type"},
		{"{\"q\":\"x\"}", "q", "error.unknown_field"},
		{"{\"other\":1}", "other", "error.unknown_field"},
		{"{\"filter[vip]\":\"1\"}", "filter[vip]", "error.unknown_field"},
		{"{\"\":1}", "", "error.unknown_field"}};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		at_field(post(true, "application/json", bad[i][0], declared), bad[i][1], bad[i][2]);
}

static void
catalogue_fields_pass_as_they_are(void **state)
{
	(void)state;
	assert_null(
		post(true, "application/json", "{\"vip\":{\"a\":[1]},\"name_en\":5}", declared));
	body_is("{\"vip\":{\"a\":[1]},\"name_en\":5}");
	/* Only where the route names their entity. */
	at_field(post(true, "application/json", "{\"vip\":true}", with_file + 1), "vip",
		"error.unknown_field");
}

static void
all_errors_are_reported_at_once(void **state)
{
	struct err *e = post(false, FORM, "text=abcdef&n=x&other=1", declared);
	size_t n = 0;

	(void)state;
	refused(e, ERR_INVALID);
	for (struct err_field *p = e->fields; p != NULL; p = p->next)
		n++;
	assert_int_equal(n, 3);
}

static void
required_values_are_missed_once(void **state)
{
	static const struct param needs[] = {{"text", P_TEXT, IN_BODY, 0, 5, true}, PARAM_END};

	(void)state;
	at_field(post(true, "application/json", "{}", needs), "text", "error.required");
	at_field(
		post(true, "application/json", "{\"text\":null}", needs), "text", "error.required");
	at_field(
		post(true, "application/json", "{\"text\":\"\"}", needs), "text", "error.required");
	at_field(post(false, FORM, "text=", needs), "text", "error.required");
	at_field(send_body((struct sent){false, NULL, "", 0, 0, needs}), "text", "error.required");
	at_field(post(true, "application/json", "{\"text\":1}", needs), "text", "error.type");
	assert_null(post(true, "application/json", "{\"text\":\"a\"}", needs));
}

static void
a_file_is_sealed_into_the_store(void **state)
{
	const struct upload *u;
	struct object_reader *r;
	char got[64];
	size_t n;

	(void)state;
	assert_null(post(true, MULTI,
		FILE_PART("file", "C:\\tmp\\客戶.csv") "a,b\r\n1,2\r\n\r\n" PART(
			"map") "{\"a\":1}" END,
		with_file));
	body_is("{\"map\":{\"a\":1}}");
	u = request_file(rq, "file");
	assert_non_null(u);
	assert_null(u->next);
	assert_null(request_file(rq, "more"));
	assert_string_equal(u->file_name, "客戶.csv");
	assert_string_equal(u->content_type, "text/csv");
	assert_int_equal(u->size, 10);
	assert_int_equal(stored(), 1);
	assert_null(object_open(a, store, u->object, &u->key, &r));
	assert_null(object_read(r, got, sizeof(got), &n));
	assert_int_equal(n, 10);
	assert_memory_equal(got, "a,b\r\n1,2\r\n", 10);
	request_drop_uploads(rq, store);
	assert_null(rq->uploads);
	assert_int_equal(stored(), 0);
}

static void
an_untouched_file_input_is_no_file(void **state)
{
	(void)state;
	at_field(
		post(false, MULTI, FILE_PART("file", "") END, with_file), "file", "error.required");
	at_field(post(true, "application/json", "{}", with_file), "file", "error.required");
	/* An empty file with a name is one. */
	assert_null(post(false, MULTI, FILE_PART("file", "empty.txt") END, with_file));
	assert_int_equal(request_file(rq, "file")->size, 0);
	request_drop_uploads(rq, store);
}

static void
wrong_files_leave_nothing_behind(void **state)
{
	(void)state;
	at_field(post(false, MULTI, FILE_PART("file", "a") "x\r\n" FILE_PART("other", "b") "y" END,
			 with_file),
		"other", "error.unknown_field");
	at_field(post(false, MULTI, FILE_PART("file", "a") "x\r\n" FILE_PART("map", "b") "{}" END,
			 with_file),
		"map", "error.type");
	at_field(post(false, MULTI, FILE_PART("file", "a") "x\r\n" FILE_PART("file", "b") "y" END,
			 with_file),
		"file", "error.too_many_values");
	at_field(post(false, MULTI, FILE_PART("file", "a") "x\r\n" PART("more") "text" END,
			 with_file),
		"more", "error.type");
	at_field(post(true, "application/json", "{\"file\":\"x\"}", with_file), "file",
		"error.type");
	refused(post(false, MULTI, FILE_PART("file", "a") "x\r\n" FILE_PART("more", "b") "cut",
			with_file),
		ERR_BAD_REQUEST);
}

static void
several_files_where_they_are_declared(void **state)
{
	(void)state;
	assert_null(post(false, MULTI,
		FILE_PART("file", "a") "1\r\n" FILE_PART("more", "b") "2\r\n" FILE_PART(
			"more", "c") "3" END,
		with_file));
	assert_int_equal(stored(), 3);
	assert_string_equal(request_file(rq, "more")->file_name, "b");
	request_drop_uploads(rq, store);
	assert_int_equal(stored(), 0);
}

static void
a_file_ends_at_its_limit(void **state)
{
	size_t head = strlen(FILE_PART("file", "a")), n = (size_t)limits.upload;
	char *text = arena_alloc(a, head + n + 100);

	(void)state;
	memcpy(text, FILE_PART("file", "a"), head);
	memset(text + head, 'x', n + 1);
	strcpy(text + head + n, END);
	assert_null(post(true, MULTI, text, with_file));
	assert_int_equal(request_file(rq, "file")->size, n);
	request_drop_uploads(rq, store);
	memset(text + head, 'x', n + 1);
	strcpy(text + head + n + 1, END);
	refused(post(true, MULTI, text, with_file), ERR_TOO_LARGE);
	/* The writer goes with its arena, and its temporary file with it. */
	arena_reset(a);
	assert_int_equal(stored(), 0);
}

static void
claimed_types_are_plain_or_nothing(void **state)
{
	static const char *const cases[][2] = {{"text/plain", "text/plain"},
		{"image/png; name=x", "image/png"}, {"<script>", "application/octet-stream"},
		{"text/\"x", "application/octet-stream"}, {"文字", "application/octet-stream"},
		{"", "application/octet-stream"}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_null(post(false, MULTI,
			arena_printf(a,
				"--B\r\nContent-Disposition: form-data; name=file; filename=x\r\n"
				"Content-Type: %s\r\n\r\nx" END,
				cases[i][0]),
			with_file));
		assert_string_equal(request_file(rq, "file")->content_type, cases[i][1]);
		request_drop_uploads(rq, store);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(json_and_forms_become_the_same),
		T(empty_inputs_of_a_form_are_null),
		T(the_gates_own_fields_pass_in_forms_only),
		T(nothing_is_a_body_too),
		T(other_types_are_refused),
		T(a_coded_body_is_refused),
		T(malformed_bodies_are_bad_requests),
		T(a_body_that_is_not_as_long_as_announced_is_bad),
		T(bodies_end_at_their_limit),
		T(text_parts_share_one_limit),
		T(json_types_are_exact),
		T(catalogue_fields_pass_as_they_are),
		T(all_errors_are_reported_at_once),
		T(required_values_are_missed_once),
		T(a_file_is_sealed_into_the_store),
		T(an_untouched_file_input_is_no_file),
		T(wrong_files_leave_nothing_behind),
		T(several_files_where_they_are_declared),
		T(a_file_ends_at_its_limit),
		T(claimed_types_are_plain_or_nothing),
	};

	return cmocka_run_group_tests_name("request_body", tests, NULL, NULL);
}

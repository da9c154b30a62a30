/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "fcgi_memory.h"
#include "response.h"

static struct arena *a;
static struct fcgi_memory *f;
static struct response rp;
static struct request rq;

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)64 << 20);
	f = fcgi_memory_new(a);
	rq.a = a;
	rq.id = "00112233445566aa";
	rq.head = false;
	response_init(&rp, a, &f->request);
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
has(const char *line)
{
	if (strstr(fcgi_memory_answer(f), line) == NULL)
		fail_msg("%s is not in\n%s", line, f->answer.p);
}

static void
has_not(const char *line)
{
	if (strstr(fcgi_memory_answer(f), line) != NULL)
		fail_msg("%s is in\n%s", line, f->answer.p);
}

static void
a_page_is_never_stored(void **state)
{
	(void)state;
	response_send(&rp, &rq, "text/html; charset=utf-8", "<p>", 3);
	assert_string_equal(fcgi_memory_answer(f),
		"Status: 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 3\r\n"
		"Cache-Control: no-store\r\nVary: Cookie\r\nX-Request-Id: "
		"00112233445566aa\r\n\r\n<p>");
}

static void
set_headers_take_the_place_of_standing_ones(void **state)
{
	(void)state;
	response_header(&rp, "cache-control", "max-age=60");
	response_header(&rp, "Vary", "Accept-Language");
	response_header(&rp, "Location", "/b");
	rp.location = "/a";
	rp.status = 303;
	response_send(&rp, &rq, NULL, NULL, 0);
	has("Status: 303 See Other\r\n");
	has("cache-control: max-age=60\r\n");
	has_not("no-store");
	has("Vary: Accept-Language\r\n");
	has_not("Vary: Cookie");
	has("Location: /b\r\n");
	has_not("Location: /a");
	has("Content-Length: 0\r\n");
}

static void
head_gets_headers_only(void **state)
{
	(void)state;
	rq.head = true;
	response_send(&rp, &rq, "text/html", "body", 4);
	has("Content-Length: 4\r\n");
	has_not("body");
}

static void
no_content_has_neither_length_nor_body(void **state)
{
	(void)state;
	rp.status = 204;
	response_send(&rp, &rq, "text/html", "body", 4);
	has_not("Content-Length");
	has_not("Content-Type");
	has_not("body");
}

static void
cookies_are_locked_to_the_host(void **state)
{
	(void)state;
	response_cookie(&rp, "sid", "abc", 60);
	response_cookie(&rp, "__Host-other", "", 0);
	response_send(&rp, &rq, NULL, NULL, 0);
	has("Set-Cookie: __Host-sid=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax\r\n");
	has("Set-Cookie: __Host-other=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax\r\n");
}

static void
headers_cannot_be_split(void **state)
{
	static const char *const bad[] = {"a\r\nSet-Cookie: x=1", "a\nb", "a\rb", "a\x01", "a\x7f"};
	int status;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		EXIT_OF(response_header(&rp, "X-A", bad[i]), status);
		assert_int_equal(status, 70);
		rp.location = bad[i];
		EXIT_OF(response_send(&rp, &rq, NULL, NULL, 0), status);
		assert_int_equal(status, 70);
	}
	EXIT_OF(response_header(&rp, "X A", "v"), status);
	assert_int_equal(status, 70);
	EXIT_OF(response_header(&rp, "", "v"), status);
	assert_int_equal(status, 70);
	EXIT_OF(response_header(&rp, "X:", "v"), status);
	assert_int_equal(status, 70);
}

static void
cookies_cannot_be_split(void **state)
{
	static const char *const bad[] = {"a;b", "a b", "a,b", "a\"b", "a\\b", "a\nb"};
	int status;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		EXIT_OF(response_cookie(&rp, "x", bad[i], 1), status);
		assert_int_equal(status, 70);
	}
	EXIT_OF(response_cookie(&rp, "x", "a", -1), status);
	assert_int_equal(status, 70);
	EXIT_OF(response_cookie(&rp, "x=y", "a", 1), status);
	assert_int_equal(status, 70);
}

static struct err *
write_three(void *ctx, struct response *r)
{
	const char *text = ctx;

	for (int i = 0; i < 3; i++)
		TRY(response_write(r, text, strlen(text)));
	return NULL;
}

static void
streams_follow_their_headers(void **state)
{
	char text[] = "abc";

	(void)state;
	rp.stream = write_three;
	rp.stream_ctx = text;
	rp.stream_size = 9;
	rp.file_name = "a b.txt";
	response_send_stream(&rp, &rq);
	has("Content-Type: application/octet-stream\r\n");
	has("Content-Length: 9\r\n");
	has("Content-Disposition: attachment; filename=\"a b.txt\"\r\n");
	has("\r\n\r\nabcabcabc");
}

static void
a_stream_of_unknown_size_has_no_length(void **state)
{
	char text[] = "abc";

	(void)state;
	rp.stream = write_three;
	rp.stream_ctx = text;
	rq.head = true;
	response_send_stream(&rp, &rq);
	has_not("Content-Length");
	has_not("abc");
}

static void
file_names_in_any_script_survive(void **state)
{
	(void)state;
	rp.file_name = "陳大文 報告\"\r\n;%41/\\x'.pdf";
	response_send(&rp, &rq, NULL, NULL, 0);
	has("Content-Disposition: attachment; filename=\"___ _______41__x_.pdf\"; filename*=UTF-8''"
	    "%E9%99%B3%E5%A4%A7%E6%96%87%20%E5%A0%B1%E5%91%8A%22%0D%0A%3B%2541%2F%5Cx%27.pdf\r\n");
}

static void
writing_to_a_closed_connection_is_an_error(void **state)
{
	char big[8192] = "";
	struct err *e;

	(void)state;
	f->gone = true;
	e = response_write(&rp, big, sizeof(big));
	assert_non_null(e);
	assert_int_equal(e->kind, ERR_INTERNAL);
}

static void
models_hold_what_was_put_in(void **state)
{
	struct json_object *o = model_object(a), *list;

	(void)state;
	model_text(o, "t", "x");
	model_text(o, "n", NULL);
	model_null(o, "z");
	model_i64(o, "i", INT64_MIN);
	model_bool(o, "b", true);
	model_text(model_child(o, "c"), "k", "v");
	list = model_list(o, "l");
	model_push_text(list, "a");
	model_push_text(list, NULL);
	model_push_i64(list, 7);
	model_i64(model_item(list), "x", 1);
	assert_string_equal(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN),
		"{\"t\":\"x\",\"n\":null,\"z\":null,\"i\":-9223372036854775808,\"b\":true,"
		"\"c\":{\"k\":\"v\"},\"l\":[\"a\",null,7,{\"x\":1}]}");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_page_is_never_stored),
		T(set_headers_take_the_place_of_standing_ones),
		T(head_gets_headers_only),
		T(no_content_has_neither_length_nor_body),
		T(cookies_are_locked_to_the_host),
		T(headers_cannot_be_split),
		T(cookies_cannot_be_split),
		T(streams_follow_their_headers),
		T(a_stream_of_unknown_size_has_no_length),
		T(file_names_in_any_script_survive),
		T(writing_to_a_closed_connection_is_an_error),
		T(models_hold_what_was_put_in),
	};

	return cmocka_run_group_tests_name("response", tests, NULL, NULL);
}

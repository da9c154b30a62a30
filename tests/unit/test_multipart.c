/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "header.h"
#include "multipart.h"
#include "sb.h"

#define TYPE "multipart/form-data; boundary=B"
#define NAME(n) "Content-Disposition: form-data; name=\"" n "\"\r\n\r\n"

static struct arena *a;
/* What the events said: "[name|file|type:bytes]" a part. */
static struct sb seen;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(1 << 24);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct err *
on_begin(void *ctx, const char *name, const char *file_name, const char *content_type)
{
	(void)ctx;
	sb_printf(&seen, "[%s|%s|%s:", name, file_name != NULL ? file_name : "-",
		content_type != NULL ? content_type : "-");
	return NULL;
}

static struct err *
on_data(void *ctx, const void *p, size_t n)
{
	const char *stop_at = ctx;

	sb_add(&seen, p, n);
	if (stop_at != NULL && memmem(p, n, stop_at, strlen(stop_at)) != NULL)
		return err_new(a, ERR_TOO_LARGE, NULL);
	return NULL;
}

static struct err *
on_end(void *ctx)
{
	(void)ctx;
	sb_putc(&seen, ']');
	return NULL;
}

static const struct multipart_events events = {on_begin, on_data, on_end};

/* Feeds the text in pieces of `step` bytes. */
static struct err *
feed(const char *type, const char *text, size_t n, size_t step)
{
	struct multipart *m = multipart_new(a, type, &events, NULL);

	assert_non_null(m);
	sb_init(&seen, a, 1 << 20);
	while (n > 0) {
		size_t k = n < step ? n : step;
		struct err *e = multipart_feed(m, text, k);

		if (e != NULL)
			return e;
		text += k;
		n -= k;
	}
	return multipart_finish(m);
}

static void
accepted(const char *text, const char *want)
{
	for (size_t step = 1; step < strlen(text) + 2; step += step < 12 ? 1 : 7) {
		assert_null(feed(TYPE, text, strlen(text), step));
		assert_string_equal(seen.p, want);
	}
}

static void
refused(const char *text)
{
	for (size_t step = 1; step < strlen(text) + 2; step += step < 12 ? 1 : 7) {
		struct err *e = feed(TYPE, text, strlen(text), step);

		if (e == NULL)
			fail_msg("accepted: %s", text);
		assert_int_equal(e->kind, ERR_BAD_REQUEST);
	}
}

static void
parts_arrive_whatever_the_pieces(void **state)
{
	(void)state;
	accepted("--B\r\n" NAME("a") "one\r\n--B\r\n" NAME("b") "\r\n--B--\r\n",
		"[a|-|-:one][b|-|-:]");
	accepted("preamble\r\n--B\r\n" NAME("a") "x\r\n--B--\r\nepilogue --B", "[a|-|-:x]");
	accepted("--B \t\r\n" NAME("a") "x\r\n--B--", "[a|-|-:x]");
	accepted("--B\r\nCONTENT-DISPOSITION:form-data;name=a;filename=\"\"\r\n\r\n\r\n--B--",
		"[a||application/octet-stream:]");
	accepted("--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"報告 1.pdf\"\r\n"
		 "Content-Type: application/pdf\r\n\r\n%PDF\r\n--B--",
		"[f|報告 1.pdf|application/pdf:%PDF]");
	accepted("--B--", "");
}

static void
what_looks_like_a_delimiter_is_data(void **state)
{
	(void)state;
	accepted("--B\r\n" NAME("a") "\r\n--\r\n-\r\r\n--A\r\n\r\n--B--",
		"[a|-|-:\r\n--\r\n-\r\r\n--A\r\n]");
	accepted("--B\r\n" NAME("a") "--B--\n--B\r--B\r\n--B--", "[a|-|-:--B--\n--B\r--B]");
	accepted("--B\r\n" NAME("a") "\r\r\n--B--", "[a|-|-:\r]");
	accepted("--X\r\n--B\r\n" NAME("a") "\r\n--B--", "[a|-|-:]");
}

static void
any_bytes_pass_through_a_part(void **state)
{
	char text[1200] = "--B\r\n" NAME("a");
	size_t start = strlen(text), n = start;

	(void)state;
	for (int round = 0; round < 4; round++)
		for (int c = 0; c < 256; c++)
			text[n++] = (char)(round % 2 == 0 ? c : 255 - c);
	memcpy(text + n, "\r\n--B--", 7);
	for (size_t step = 1; step < 40; step++) {
		assert_null(feed(TYPE, text, n + 7, step));
		assert_int_equal(seen.n, strlen("[a|-|-:") + (n - start) + 1);
		assert_memory_equal(seen.p + strlen("[a|-|-:"), text + start, n - start);
	}
}

static void
names_are_unquoted(void **state)
{
	(void)state;
	accepted("--B\r\nContent-Disposition: form-data; name=\"a\\\"b\\\\c\"\r\n\r\n\r\n--B--",
		"[a\"b\\c|-|-:]");
	accepted("--B\r\nContent-Disposition: form-data; name=\"%22%0d%0A%41;=\"\r\n\r\n\r\n--B--",
		"[\"\r\n%41;=|-|-:]");
	accepted(
		"--B\r\nContent-Disposition: form-data; name=f; filename=\"C:\\dir\\x.txt\"\r\n\r\n"
		"\r\n--B--",
		"[f|C:\\dir\\x.txt|application/octet-stream:]");
	/* filename* is not of this format; it is passed over. */
	accepted("--B\r\nContent-Disposition: form-data; name=f; filename=x; "
		 "filename*=UTF-8''y\r\n\r\n"
		 "\r\n--B--",
		"[f|x|application/octet-stream:]");
}

static void
broken_forms_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"--B",
		"--B\r\n",
		"no boundary at all",
		"--B\r\n" NAME("a") "cut off",
		"--B\r\n" NAME("a") "x\r\n--B",
		"--B\r\n" NAME("a") "x\r\n--B-",
		"--B\r\n" NAME("a") "x\r\n--B\r\n",
		"--B\r\n" NAME("a") "x\n--B--\n",
		"--BX\r\n" NAME("a") "x\r\n--B--",
		"--B\r\n" NAME("a") "x\r\n--BX\r\n--B--",
		"--B\r\n" NAME("a") "x\r\n--B-\r\n--B--",
		"--B\r\n" NAME("a") "x\r\n--B --",
		"--B\n" NAME("a") "x\r\n--B--",
		"--B\rX" NAME("a") "x\r\n--B--",
		"--B\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Disposition: form-data; name=\"a\"x\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Disposition: form-data; =a\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Disposition: form-data; name\r\n\r\nx\r\n--B--",
		"--B\r\n"
		"Content-Disposition: form-data; name=a\r\n" NAME("b") "x\r\n--B--",
		"--B\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Disposition: form-data; name=a; "
		"filename=\"\xb3\xf8\"\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Transfer-Encoding: base64\r\n" NAME("a") "eA==\r\n--B--",
		"--B\r\nno colon\r\n" NAME("a") "x\r\n--B--",
		"--B\r\n: no name\r\n" NAME("a") "x\r\n--B--",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		refused(bad[i]);
}

static void
a_nul_in_a_part_header_is_refused(void **state)
{
	static const char text[] =
		"--B\r\nContent-Disposition: form-data; name=\"a\0b\"\r\n\r\n\r\n--B--";

	(void)state;
	assert_non_null(feed(TYPE, text, sizeof(text) - 1, 100));
}

static void
an_endless_part_header_is_refused(void **state)
{
	struct sb sb;

	(void)state;
	sb_init(&sb, a, 1 << 20);
	sb_puts(&sb, "--B\r\nX: ");
	for (int i = 0; i < 5000; i++)
		sb_putc(&sb, 'x');
	sb_puts(&sb, "\r\n" NAME("a") "\r\n--B--");
	assert_non_null(feed(TYPE, sb.p, sb.n, 4096));
	assert_string_equal(seen.p, "");
}

static void
an_error_of_the_receiver_ends_the_reading(void **state)
{
	static const char text[] = "--B\r\n" NAME("a") "big\r\n--B\r\n" NAME("b") "x\r\n--B--";
	char stop_at[] = "big";
	struct multipart *m = multipart_new(a, TYPE, &events, stop_at);
	struct err *e;

	(void)state;
	sb_init(&seen, a, 1000);
	e = multipart_feed(m, text, strlen(text));
	assert_non_null(e);
	assert_int_equal(e->kind, ERR_TOO_LARGE);
	assert_string_equal(seen.p, "[a|-|-:big");
	assert_ptr_equal(multipart_feed(m, text, strlen(text)), e);
	assert_ptr_equal(multipart_finish(m), e);
	assert_string_equal(seen.p, "[a|-|-:big");
}

static void
content_types_without_a_boundary_are_refused(void **state)
{
	static const char *const bad[] = {"", "multipart/form-data", "multipart/form-data;",
		"multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
		"multipart/form-data; boundary=\"a", "multipart/form-data; boundary=a; boundary=b",
		"multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\"a\\\"b\"",
		"multipart/form-data; boundary=\"a%0D%0Ab\"", "multipart/form-data; boundary=陳",
		"multipart/form-datax; boundary=B", "multipart/mixed; boundary=B",
		"text/plain; boundary=B",
		"multipart/form-data; "
		"boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaa"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(multipart_new(a, bad[i], &events, NULL));
	assert_null(multipart_new(a, NULL, &events, NULL));
	assert_non_null(multipart_new(
		a, "Multipart/Form-Data;charset=utf-8;Boundary=\"a b\"", &events, NULL));
}

static void
memory_does_not_grow_with_the_data(void **state)
{
	struct multipart *m =
		multipart_new(a, TYPE, &(struct multipart_events){on_begin, on_data, on_end}, NULL);
	static const char head[] = "--B\r\n" NAME("a");
	char piece[8192];
	size_t used;

	(void)state;
	sb_init(&seen, a, 10); /* full at once: what follows is counted by nobody */
	memset(piece, '\r', sizeof(piece));
	assert_null(multipart_feed(m, head, strlen(head)));
	used = arena_used(a);
	for (int i = 0; i < 100; i++)
		assert_null(multipart_feed(m, piece, sizeof(piece)));
	assert_int_equal(arena_used(a), used);
}

static void
header_values_are_told_apart(void **state)
{
	const char *v;

	(void)state;
	assert_true(header_is_type("Text/HTML ; charset=x", "text/html"));
	assert_false(header_is_type("text/htmlx", "text/html"));
	assert_false(header_is_type("text", "text/html"));
	assert_false(header_is_type(NULL, "text/html"));
	assert_true(header_param(a, "a/b; x=1; CharSet=\"UTF-8\" ;", "charset", &v));
	assert_string_equal(v, "UTF-8");
	assert_true(header_param(a, "a/b", "charset", &v));
	assert_null(v);
	assert_false(header_param(a, "a/b; charset=a; charset=a", "charset", &v));
	assert_false(header_param(a, "a/b; charset=\"a", "charset", &v));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_arrive_whatever_the_pieces),
		cmocka_unit_test(what_looks_like_a_delimiter_is_data),
		cmocka_unit_test(any_bytes_pass_through_a_part),
		cmocka_unit_test(names_are_unquoted),
		cmocka_unit_test(broken_forms_are_refused),
		cmocka_unit_test(a_nul_in_a_part_header_is_refused),
		cmocka_unit_test(an_endless_part_header_is_refused),
		cmocka_unit_test(an_error_of_the_receiver_ends_the_reading),
		cmocka_unit_test(content_types_without_a_boundary_are_refused),
		cmocka_unit_test(memory_does_not_grow_with_the_data),
		cmocka_unit_test(header_values_are_told_apart),
	};

	return cmocka_run_group_tests_name("multipart", tests, setup, teardown);
}

/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "route.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(1 << 22);
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
handler(struct request *rq, struct response *rp)
{
	(void)rq;
	(void)rp;
	return NULL;
}

#define PAGE(method, kind, path, name) \
	ROUTE(kind, method, path, ON_PAGE, "contact", RIGHT_VIEW, "view", handler, NULL, NULL, \
		"t", name)
#define BOTH(path, name) \
	ROUTE(READ, GET, path, ON_BOTH, "contact", RIGHT_VIEW, "view", handler, NULL, NULL, "t", \
		name)
#define API(method, kind, path, name) \
	ROUTE(kind, method, path, ON_API, "contact", RIGHT_EDIT, "update", handler, NULL, NULL, \
		"", name)

static const struct route some[] = {
	BOTH("/", "home"),
	BOTH("/contacts", "list"),
	BOTH("/contacts/{id}", "show"),
	PAGE(GET, READ, "/contacts/new", "new"),
	PAGE(POST, WRITE, "/contacts/new", "create.page"),
	PAGE(POST, WRITE, "/contacts/{id}", "save"),
	API(POST, WRITE, "/contacts", "create"),
	API(PATCH, WRITE, "/contacts/{id}", "update"),
	API(DELETE, WRITE, "/contacts/{id}", "delete"),
	ROUTE_END,
};
static const struct route more[] = {
	BOTH("/openapi.json", "openapi"),
	BOTH("/u/{token}", "token"),
	BOTH("/requests/{id}/package", "package"),
	API(POST, WRITE, "/requests/{id}/{token}", "act"),
	API(GET, READ, "/a/{id}/b/{token}/{id}/{id}", "four"),
	API(GET, READ, "/s/1/2/3/4/5/6/7", "deep"),
	ROUTE_END,
};

static struct request
asked(enum method method, bool api, const char *path, const char **allow, struct err **e)
{
	static const struct route *const tables[] = {some, more, NULL};
	struct request rq = {.a = a, .method = method, .api = api, .path = path};

	routes_init(tables);
	*e = route_match(&rq, allow);
	return rq;
}

static void
found(enum method method, bool api, const char *path, const char *name)
{
	const char *allow;
	struct err *e;
	struct request rq = asked(method, api, path, &allow, &e);

	if (e != NULL)
		fail_msg("not found: %s", path);
	assert_null(allow);
	assert_string_equal(rq.route->name, name);
}

static void
missing(enum method method, bool api, const char *path, const char *want_allow)
{
	const char *allow;
	struct err *e;
	struct request rq = asked(method, api, path, &allow, &e);

	if (e == NULL)
		fail_msg("found: %s", path);
	assert_null(rq.route);
	assert_int_equal(e->kind, want_allow != NULL ? ERR_METHOD : ERR_NOT_FOUND);
	if (want_allow != NULL)
		assert_string_equal(allow, want_allow);
	else
		assert_null(allow);
}

static void
rows_are_found(void **state)
{
	(void)state;
	found(METHOD_GET, false, "/", "home");
	found(METHOD_GET, true, "/", "home");
	found(METHOD_GET, false, "/contacts", "list");
	found(METHOD_GET, false, "/contacts/new", "new");
	found(METHOD_POST, false, "/contacts/new", "create.page");
	found(METHOD_GET, true, "/contacts/9223372036854775807", "show");
	found(METHOD_PATCH, true, "/contacts/7", "update");
	found(METHOD_DELETE, true, "/contacts/7", "delete");
	found(METHOD_POST, false, "/contacts/7", "save");
	found(METHOD_GET, true, "/openapi.json", "openapi");
	found(METHOD_GET, false, "/u/aB-9._", "token");
	found(METHOD_GET, true, "/s/1/2/3/4/5/6/7", "deep");
}

static void
a_literal_wins_over_a_pattern(void **state)
{
	(void)state;
	found(METHOD_GET, true, "/requests/5/package", "package");
	found(METHOD_POST, true, "/requests/5/verify", "act");
	found(METHOD_POST, true, "/requests/5/package", "act");
}

static void
path_arguments_are_in_order(void **state)
{
	const char *allow;
	struct err *e;
	struct request rq = asked(METHOD_GET, true, "/a/1/b/to.ken/3/42", &allow, &e);

	(void)state;
	assert_null(e);
	assert_int_equal(request_id(&rq, 0), 1);
	assert_string_equal(rq.path_args[1], "to.ken");
	assert_int_equal(request_id(&rq, 2), 3);
	assert_int_equal(request_id(&rq, 3), 42);
}

static void
other_paths_are_not_found(void **state)
{
	static const char *const bad[] = {"/nothing", "/contacts/", "/contacts/x", "/contacts/0",
		"/contacts/-1", "/contacts/007", "/contacts/+7", "/contacts/7 ", "/contacts/ 7",
		"/contacts/7x", "/contacts/1e3", "/contacts/9223372036854775808",
		"/contacts/99999999999999999999999999", "/contacts/{id}", "/Contacts", "/contact",
		"/contactss", "/contacts/7/", "/contacts//7", "//contacts", "/u/", "/u/a b",
		"/u/a\xe9", "/u/a+b", "/u/{token}", "/openapi.jso", "/s/1/2/3/4/5/6/7/8",
		"/s/1/2/3/4/5/6/7/8/9/10", "/contacts/new/"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		missing(METHOD_GET, false, bad[i], NULL);
	/* A row of one surface does not exist on the other. */
	missing(METHOD_GET, true, "/contacts/new", NULL);
	missing(METHOD_GET, false, "/s/1/2/3/4/5/6/7", NULL);
}

static void
tokens_have_a_longest_length(void **state)
{
	char path[3 + 201 + 1] = "/u/";

	(void)state;
	memset(path + 3, 'x', 200);
	found(METHOD_GET, false, path, "token");
	path[3 + 200] = 'x';
	missing(METHOD_GET, false, path, NULL);
}

static void
other_methods_name_the_right_ones(void **state)
{
	(void)state;
	missing(METHOD_PATCH, false, "/contacts/7", "GET, HEAD, POST");
	missing(METHOD_POST, true, "/contacts/7", "GET, HEAD, PATCH, DELETE");
	missing(METHOD_OTHER, true, "/contacts", "GET, HEAD, POST");
	missing(METHOD_DELETE, false, "/contacts", "GET, HEAD");
}

static void
the_list_is_in_order_of_path(void **state)
{
	const struct route *const *list;
	const char *allow;
	struct err *e;
	size_t n;

	(void)state;
	asked(METHOD_GET, true, "/", &allow, &e);
	n = routes_all(&list);
	assert_int_equal(n, COUNT(some) + COUNT(more) - 2);
	for (size_t i = 1; i < n; i++)
		assert_true(strcmp(list[i - 1]->path, list[i]->path) <= 0);
	assert_string_equal(list[0]->path, "/");
}

static int
start_with(const struct route *row)
{
	struct route table[] = {*row, ROUTE_END};
	const struct route *tables[] = {table, NULL};
	int status;

	EXIT_OF(routes_init(tables), status);
	return status;
}

/* Every row here differs from a good one in one thing. */
static void
incomplete_rows_end_the_start(void **state)
{
	const struct route good = PAGE(POST, WRITE, "/contacts/{id}/edit", "x");
	struct route r;

	(void)state;
	assert_int_equal(start_with(&good), 0);
#define BAD(change) \
	do { \
		r = good; \
		change; \
		if (start_with(&r) != 70) \
			fail_msg("accepted: %s", #change); \
	} while (0)
	BAD(r.kind = 0);
	BAD(r.kind = ROUTE_READ);
	BAD(r.kind = ROUTE_STREAM);
	BAD(r.method = METHOD_GET);
	BAD(r.method = METHOD_PATCH);
	BAD(r.method = METHOD_OTHER);
	BAD(r.surface = 0);
	BAD(r.entity = NULL);
	BAD(r.entity = "");
	BAD(r.right = RIGHT_UNSET);
	BAD(r.right = RIGHT_MAX);
	BAD(r.action = NULL);
	BAD(r.handler = NULL);
	BAD(r.template = NULL);
	BAD(r.name = NULL);
	BAD(r.name = "");
	BAD(r.path = "");
	BAD(r.path = "contacts");
	BAD(r.path = "/contacts/");
	BAD(r.path = "/contacts//x");
	BAD(r.path = "/Contacts");
	BAD(r.path = "/contacts/{ID}");
	BAD(r.path = "/contacts/{name}");
	BAD(r.path = "/contacts/x{id}");
	BAD(r.path = "/contacts/{id");
	BAD(r.path = "/con tacts");
	BAD(r.path = "/{id}/{id}/{id}/{id}/{id}");
	BAD(r.path = "/1/2/3/4/5/6/7/8/9");
#undef BAD
}

static void
bad_parameters_end_the_start(void **state)
{
	static const struct param bad[][3] = {
		{{"", P_TEXT, IN_BODY, 0, 0, false}, PARAM_END},
		{{"_csrf", P_TEXT, IN_BODY, 0, 0, false}, PARAM_END},
		{{"Name", P_TEXT, IN_BODY, 0, 0, false}, PARAM_END},
		{{"a b", P_TEXT, IN_BODY, 0, 0, false}, PARAM_END},
		{{"a[b]", P_TEXT, IN_BODY, 0, 0, false}, PARAM_END},
		{{"a", 0, IN_BODY, 0, 0, false}, PARAM_END},
		{{"a", 99, IN_BODY, 0, 0, false}, PARAM_END},
		{{"a", P_TEXT, 0, 0, 0, false}, PARAM_END},
		{{"a", P_FILE, IN_QUERY, 0, 0, false}, PARAM_END},
		{{"a", P_FILE, IN_BOTH, 0, 0, false}, PARAM_END},
		{{"a", P_TEXT, IN_BODY, 0, -1, false}, PARAM_END},
		{{"a", P_I64, IN_BODY, 2, 1, false}, PARAM_END},
		{{"a", P_I64, IN_BODY, 0, 0, false}, {"a", P_TEXT, IN_QUERY, 0, 0, false},
			PARAM_END},
	};
	static const struct param body[] = {{"a", P_TEXT, IN_BODY, 0, 0, false}, PARAM_END};
	struct route get = PAGE(GET, READ, "/x", "x");
	struct route post = PAGE(POST, WRITE, "/x", "x");

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		post.params = bad[i];
		assert_int_equal(start_with(&post), 70);
	}
	post.params = get.params = body;
	assert_int_equal(start_with(&post), 0);
	assert_int_equal(start_with(&get), 70);
}

static void
twins_end_the_start(void **state)
{
	static const struct route same_name[] = {BOTH("/a", "x"), BOTH("/b", "x"), ROUTE_END};
	static const struct route same_path[] = {
		BOTH("/a", "x"), PAGE(GET, READ, "/a", "y"), ROUTE_END};
	static const struct route apart[] = {API(GET, READ, "/a", "x"), PAGE(GET, READ, "/a", "y"),
		PAGE(POST, WRITE, "/a", "z"), ROUTE_END};
	const struct route *tables[] = {same_name, NULL};
	int status;

	(void)state;
	EXIT_OF(routes_init(tables), status);
	assert_int_equal(status, 70);
	tables[0] = same_path;
	EXIT_OF(routes_init(tables), status);
	assert_int_equal(status, 70);
	tables[0] = apart;
	EXIT_OF(routes_init(tables), status);
	assert_int_equal(status, 0);
}

static void
rights_have_names(void **state)
{
	(void)state;
	for (int r = RIGHT_UNSET + 1; r < RIGHT_MAX; r++)
		assert_int_equal(right_parse(right_name((enum right)r)), r);
	assert_int_equal(right_parse("unset"), RIGHT_UNSET);
	assert_int_equal(right_parse(""), RIGHT_UNSET);
	assert_int_equal(right_parse("VIEW"), RIGHT_UNSET);
	assert_int_equal(right_parse("view "), RIGHT_UNSET);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_found),
		cmocka_unit_test(a_literal_wins_over_a_pattern),
		cmocka_unit_test(path_arguments_are_in_order),
		cmocka_unit_test(other_paths_are_not_found),
		cmocka_unit_test(tokens_have_a_longest_length),
		cmocka_unit_test(other_methods_name_the_right_ones),
		cmocka_unit_test(the_list_is_in_order_of_path),
		cmocka_unit_test(incomplete_rows_end_the_start),
		cmocka_unit_test(bad_parameters_end_the_start),
		cmocka_unit_test(twins_end_the_start),
		cmocka_unit_test(rights_have_names),
	};

	return cmocka_run_group_tests_name("route", tests, setup, teardown);
}

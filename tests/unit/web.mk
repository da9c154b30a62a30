# SPDX-License-Identifier: ISC
# The room web.
I_unit_web = $(I_web) -iquote $(srcdir)/tests/lib $(JSON_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_TESTS += test_client_data test_form test_json_read test_multipart test_request test_request_body \
	test_response test_route test_server
FCGI_MEMORY = tests/lib/fcgi_memory.c tests/lib/fcgi_memory.h tests/lib/unit.h
test_client_data_SOURCES = tests/unit/test_client_data.c tests/lib/unit.h
test_client_data_CPPFLAGS = $(I_unit_web)
test_client_data_LDADD = $(UNIT_LIBS)
test_form_SOURCES = tests/unit/test_form.c tests/lib/unit.h
test_form_CPPFLAGS = $(I_unit_web)
test_form_LDADD = $(UNIT_LIBS)
test_json_read_SOURCES = tests/unit/test_json_read.c tests/lib/unit.h
test_json_read_CPPFLAGS = $(I_unit_web)
test_json_read_LDADD = $(UNIT_LIBS)
test_multipart_SOURCES = tests/unit/test_multipart.c tests/lib/unit.h
test_multipart_CPPFLAGS = $(I_unit_web)
test_multipart_LDADD = $(UNIT_LIBS)
test_route_SOURCES = tests/unit/test_route.c tests/lib/unit.h
test_route_CPPFLAGS = $(I_unit_web)
test_route_LDADD = $(UNIT_LIBS)
test_request_SOURCES = tests/unit/test_request.c $(FCGI_MEMORY)
test_request_CPPFLAGS = $(I_unit_web)
test_request_LDADD = $(UNIT_LIBS)
test_request_body_SOURCES = tests/unit/test_request_body.c $(FCGI_MEMORY)
test_request_body_CPPFLAGS = $(I_unit_web)
test_request_body_LDADD = $(UNIT_LIBS)
test_response_SOURCES = tests/unit/test_response.c $(FCGI_MEMORY)
test_response_CPPFLAGS = $(I_unit_web)
test_response_LDADD = $(UNIT_LIBS)
test_server_SOURCES = tests/unit/test_server.c tests/lib/unit.h
test_server_CPPFLAGS = $(I_unit_web)
test_server_LDADD = $(UNIT_LIBS)

# Fuzz targets, replaying their corpora.
FUZZ_TESTS = fuzz_form fuzz_cookie fuzz_csv fuzz_json fuzz_multipart fuzz_passkey
UNIT_TESTS += $(FUZZ_TESTS)
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus
FUZZ = tests/fuzz/fuzz.h tests/fuzz/replay.c
I_fuzz = $(I_web) -iquote $(srcdir)/tests/fuzz $(JSON_CFLAGS)
fuzz_form_SOURCES = tests/fuzz/fuzz_form.c $(FUZZ)
fuzz_form_CPPFLAGS = $(I_fuzz) -DCORPUS='"$(srcdir)/tests/fuzz/corpus/form"'
fuzz_form_LDADD = $(ROOMS) $(ALL_LIBS)
fuzz_cookie_SOURCES = tests/fuzz/fuzz_cookie.c $(FUZZ)
fuzz_cookie_CPPFLAGS = $(I_fuzz) -DCORPUS='"$(srcdir)/tests/fuzz/corpus/cookie"'
fuzz_cookie_LDADD = $(ROOMS) $(ALL_LIBS)
fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c $(FUZZ)
fuzz_csv_CPPFLAGS = $(I_fuzz) -DCORPUS='"$(srcdir)/tests/fuzz/corpus/csv"'
fuzz_csv_LDADD = $(ROOMS) $(ALL_LIBS)
fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(FUZZ)
fuzz_json_CPPFLAGS = $(I_fuzz) -DCORPUS='"$(srcdir)/tests/fuzz/corpus/json"'
fuzz_json_LDADD = $(ROOMS) $(ALL_LIBS)
fuzz_multipart_SOURCES = tests/fuzz/fuzz_multipart.c $(FUZZ)
fuzz_multipart_CPPFLAGS = $(I_fuzz) -DCORPUS='"$(srcdir)/tests/fuzz/corpus/multipart"'
fuzz_multipart_LDADD = $(ROOMS) $(ALL_LIBS)
fuzz_passkey_SOURCES = tests/fuzz/fuzz_passkey.c $(FUZZ)
fuzz_passkey_CPPFLAGS = $(I_fuzz) -DCORPUS='"$(srcdir)/tests/fuzz/corpus/passkey"'
fuzz_passkey_LDADD = $(ROOMS) $(ALL_LIBS)

# CSV, of the room text.
UNIT_TESTS += test_csv
test_csv_SOURCES = tests/unit/test_csv.c tests/lib/unit.h
test_csv_CPPFLAGS = $(I_text) -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)
test_csv_LDADD = $(UNIT_LIBS)
UNIT_TESTS += test_csv_detect
test_csv_detect_SOURCES = tests/unit/test_csv_detect.c tests/lib/unit.h
test_csv_detect_CPPFLAGS = $(I_text) -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)
test_csv_detect_LDADD = $(UNIT_LIBS)

# SPDX-License-Identifier: ISC
#
# Benchmarks: "make bench", never part of check. BENCH="list search" picks
# figures, BENCH_SIZE=quick is for a look at whether it works.
BENCH_TOOLS = tests/bench/page tests/bench/hello
EXTRA_PROGRAMS = $(BENCH_TOOLS)
CLEANFILES += $(BENCH_TOOLS)

# praya-web, but for two functions.
tests_bench_page_SOURCES = src/bin/praya_web.c src/bin/routes.c src/bin/routes.h tests/bench/page.c
tests_bench_page_CPPFLAGS = $(PROGRAM_CPPFLAGS) $(FCGI_CFLAGS)
tests_bench_page_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=view_page_rows -Wl,--wrap=gate_serve
tests_bench_page_LDADD = $(ROOMS) $(ALL_LIBS)

tests_bench_hello_SOURCES = tests/bench/hello.c
tests_bench_hello_CPPFLAGS = $(AM_CPPFLAGS) $(FCGI_CFLAGS)
tests_bench_hello_LDADD = $(FCGI_LIBS)

EXTRA_DIST += tests/bench
BENCH =
BENCH_SIZE = full
BENCH_OPTIONS =
bench: all $(BENCH_TOOLS)
	$(srcdir)/tests/bench/run --build . --size $(BENCH_SIZE) $(BENCH_OPTIONS) $(BENCH)
.PHONY: bench

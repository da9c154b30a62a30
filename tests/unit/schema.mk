# SPDX-License-Identifier: ISC
# Tests of the whole program against the whole schema.
I_schematest = $(PROGRAM_CPPFLAGS) -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS) -DSOURCE='"$(abs_srcdir)"'

# All that is linked into any program: what nobody calls yet is tested, too.
PG_TESTS += test_statements.pg
EXTRA_DIST += tests/lib/places.h
test_statements_pg_SOURCES = tests/unit/test_statements.c $(CLI_SOURCES)
test_statements_pg_CPPFLAGS = $(I_schematest)
test_statements_pg_LDADD = $(WHOLE_BEGIN) $(MAIL_LIBS) $(WHOLE_END) $(ALL_LIBS) $(CMOCKA_LIBS)

PG_TESTS += test_records.pg
EXTRA_DIST += tests/lib/record_fixture.h
test_records_pg_SOURCES = tests/unit/test_records.c
test_records_pg_CPPFLAGS = $(I_schematest)
test_records_pg_LDADD = $(UNIT_LIBS)

PG_TESTS += test_schema.pg
test_schema_pg_SOURCES = tests/unit/test_schema.c
test_schema_pg_CPPFLAGS = $(I_schematest)
test_schema_pg_LDADD = $(UNIT_LIBS)

PG_TESTS += test_plans.pg
EXTRA_DIST += tests/lib/plans.h tests/lib/fill.sql
test_plans_pg_SOURCES = tests/unit/test_plans.c $(CLI_SOURCES)
test_plans_pg_CPPFLAGS = $(I_schematest)
test_plans_pg_LDADD = $(WHOLE_BEGIN) $(MAIL_LIBS) $(WHOLE_END) $(ALL_LIBS) $(CMOCKA_LIBS)

PG_TESTS += test_plans_named.pg
test_plans_named_pg_SOURCES = tests/unit/test_plans_named.c $(CLI_SOURCES)
test_plans_named_pg_CPPFLAGS = $(I_schematest)
test_plans_named_pg_LDADD = $(WHOLE_BEGIN) $(MAIL_LIBS) $(WHOLE_END) $(ALL_LIBS) $(CMOCKA_LIBS)

# SPDX-License-Identifier: ISC
#
# A unit test is one program a module: tests/unit/test_MODULE.c, cmocka.
UNIT_TESTS =
UNIT_LIBS = $(ROOMS) $(ALL_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)

UNIT_TESTS += test_arena
test_arena_SOURCES = tests/unit/test_arena.c
test_arena_CPPFLAGS = $(I_base) $(CMOCKA_CFLAGS)
test_arena_LDADD = $(UNIT_LIBS)

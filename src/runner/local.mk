# SPDX-License-Identifier: ISC
noinst_LIBRARIES += librunner.a
ROOMS += librunner.a
librunner_a_CPPFLAGS = $(I_runner) $(PQ_CFLAGS) $(JSON_CFLAGS)
librunner_a_SOURCES = \
	src/runner/certificate_work.c src/runner/certificate_work.h \
	src/runner/chores.c src/runner/chores.h \
	src/runner/claim.c src/runner/claim.h \
	src/runner/sign_up_work.c src/runner/sign_up_work.h \
	src/runner/visit.c src/runner/visit.h \
	src/runner/worker.c src/runner/worker.h

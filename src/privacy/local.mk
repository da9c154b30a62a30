# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libprivacy.a
ROOMS += libprivacy.a
libprivacy_a_CPPFLAGS = $(I_privacy) $(PQ_CFLAGS) $(JSON_CFLAGS)
libprivacy_a_SOURCES = \
	src/privacy/erase.c src/privacy/erase.h \
	src/privacy/erase_job.c src/privacy/erase_job.h \
	src/privacy/erase_page.c

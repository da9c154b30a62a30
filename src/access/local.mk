# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libaccess.a
ROOMS += libaccess.a
libaccess_a_CPPFLAGS = $(I_access) $(PQ_CFLAGS) $(JSON_CFLAGS)
libaccess_a_SOURCES = \
	src/access/principal.c src/access/principal.h \
	src/access/session.c src/access/session.h \
	src/access/user.c src/access/user.h

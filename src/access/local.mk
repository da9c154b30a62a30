# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libaccess.a
ROOMS += libaccess.a
libaccess_a_CPPFLAGS = $(I_access) $(PQ_CFLAGS) $(JSON_CFLAGS)
libaccess_a_SOURCES = \
	src/access/factor.c src/access/factor.h \
	src/access/guard.c src/access/guard.h \
	src/access/link.c src/access/link.h \
	src/access/link_job.c src/access/link_job.h \
	src/access/passkey_store.c src/access/passkey_store.h \
	src/access/password_rule.c src/access/password_rule.h \
	src/access/principal.c src/access/principal.h \
	src/access/session.c src/access/session.h \
	src/access/token_scope.c src/access/token_scope.h \
	src/access/user.c src/access/user.h

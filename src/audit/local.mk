# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libaudit.a
ROOMS += libaudit.a
libaudit_a_CPPFLAGS = $(I_audit) $(PQ_CFLAGS) $(JSON_CFLAGS)
libaudit_a_SOURCES = \
	src/audit/event.c src/audit/event.h \
	src/audit/month.c src/audit/month.h \
	src/audit/month_chore.c

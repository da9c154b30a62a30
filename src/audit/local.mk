# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libaudit.a
ROOMS += libaudit.a
libaudit_a_CPPFLAGS = $(I_audit) $(PQ_CFLAGS) $(JSON_CFLAGS)
libaudit_a_SOURCES = \
	src/audit/action.c src/audit/action.h \
	src/audit/chain.c src/audit/chain.h \
	src/audit/chain_chore.c src/audit/chain_job.h \
	src/audit/chain_mail.c \
	src/audit/chain_seal.c \
	src/audit/check.c src/audit/check.h \
	src/audit/check_chain.c src/audit/check_part.h \
	src/audit/check_digest.c src/audit/check_digest.h \
	src/audit/event.c src/audit/event.h \
	src/audit/month.c src/audit/month.h \
	src/audit/month_chore.c

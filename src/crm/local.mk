# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libcrm.a
ROOMS += libcrm.a
libcrm_a_CPPFLAGS = $(I_crm) $(PQ_CFLAGS) $(JSON_CFLAGS)
libcrm_a_SOURCES = \
	src/crm/company.c src/crm/company.h \
	src/crm/contact.c src/crm/contact.h \
	src/crm/hooks.c \
	src/crm/pages.c src/crm/pages.h \
	src/crm/query.c src/crm/query.h \
	src/crm/timeline.c

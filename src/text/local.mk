# SPDX-License-Identifier: ISC
# A room's fragment looks like src/base/local.mk:
#   noinst_LIBRARIES += libtext.a
#   ROOMS += libtext.a
#   libtext_a_CPPFLAGS = $(I_text)
#   libtext_a_SOURCES = src/text/csv.c src/text/csv.h ...

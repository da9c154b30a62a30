# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libtext.a
ROOMS += libtext.a
libtext_a_CPPFLAGS = $(I_text)
libtext_a_SOURCES = \
	src/text/card.c src/text/card.h \
	src/text/csv.h src/text/csv_decode.c src/text/csv_decode.h \
	src/text/csv_detect.c src/text/csv_guard.h src/text/csv_read.c \
	src/text/csv_write.c \
	src/text/date.c src/text/date.h \
	src/text/fold.c src/text/fold.h \
	src/text/hkid.c src/text/hkid.h \
	src/text/money.c src/text/money.h \
	src/text/phone.c src/text/phone.h \
	src/text/text.c src/text/text.h

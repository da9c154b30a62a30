# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libbase.a
ROOMS += libbase.a
libbase_a_CPPFLAGS = $(I_base)
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/child.c src/base/child.h \
	src/base/err.c src/base/err.h \
	src/base/heap.c src/base/heap.h \
	src/base/log.c src/base/log.h \
	src/base/num.c src/base/num.h \
	src/base/sb.c src/base/sb.h \
	src/base/utf8.c src/base/utf8.h

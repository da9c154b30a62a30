# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libleak.a
ROOMS += libleak.a
libleak_a_CPPFLAGS = $(I_leak) $(PQ_CFLAGS) $(JSON_CFLAGS)
libleak_a_SOURCES = \
	src/leak/ask.c \
	src/leak/aside.c \
	src/leak/aside_law.c \
	src/leak/expect.c \
	src/leak/leak_kept.c src/leak/leak_kept.h \
	src/leak/leak.c src/leak/leak.h \
	src/leak/leak_job.c src/leak/leak_job.h \
	src/leak/leak_page.c src/leak/leak_page.h \
	src/leak/needle.c \
	src/leak/part.h \
	src/leak/same.c \
	src/leak/scratch.c \
	src/leak/value.c \
	src/leak/vary.c \
	src/leak/walk.c

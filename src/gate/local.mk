# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libgate.a
ROOMS += libgate.a
libgate_a_CPPFLAGS = $(I_gate) $(PQ_CFLAGS) $(JSON_CFLAGS)
libgate_a_SOURCES = \
	src/gate/chrome.c src/gate/chrome.h \
	src/gate/controls.c src/gate/controls.h \
	src/gate/cursor.c src/gate/cursor.h \
	src/gate/desk.c src/gate/desk.h \
	src/gate/enter.c \
	src/gate/finish.c src/gate/finish.h \
	src/gate/form_again.c src/gate/form_again.h \
	src/gate/gate.c src/gate/handler.c src/gate/gate.h \
	src/gate/refuse.c src/gate/refuse.h \
	src/gate/replay.c src/gate/replay.h \
	src/gate/verify.c src/gate/verify.h

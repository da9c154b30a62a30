# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libview.a
ROOMS += libview.a
libview_a_CPPFLAGS = $(I_view) $(CS_CFLAGS) $(JSON_CFLAGS) $(QR_CFLAGS)
libview_a_SOURCES = \
	src/view/messages.c src/view/messages.h \
	src/view/function.c src/view/function.h \
	src/view/lang.c \
	src/view/qr.c src/view/qr.h \
	src/view/dataset.c src/view/dataset.h \
	src/view/squeeze.c src/view/squeeze.h \
	src/view/template.c src/view/template.h \
	src/view/view.c src/view/view.h

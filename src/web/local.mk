# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libweb.a
ROOMS += libweb.a
libweb_a_CPPFLAGS = $(I_web) $(JSON_CFLAGS)
libweb_a_SOURCES = \
	src/web/client_data.c src/web/client_data.h \
	src/web/form.c src/web/form.h \
	src/web/header.c src/web/header.h \
	src/web/inward.c src/web/inward.h \
	src/web/json_read.c src/web/json_read.h \
	src/web/metrics.c src/web/metrics.h \
	src/web/model.c \
	src/web/multipart.c src/web/multipart.h \
	src/web/params.c src/web/params.h \
	src/web/request.c src/web/request_body.c src/web/request.h \
	src/web/response.c src/web/response.h \
	src/web/right.c src/web/right.h \
	src/web/route.c src/web/route.h \
	src/web/server.c src/web/server.h \
	src/web/upload.c src/web/upload.h

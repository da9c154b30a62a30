# SPDX-License-Identifier: ISC
noinst_LIBRARIES += librecord.a
ROOMS += librecord.a
librecord_a_CPPFLAGS = $(I_record) $(PQ_CFLAGS) $(JSON_CFLAGS)
librecord_a_SOURCES = \
	src/record/catalogue.c src/record/catalogue.h \
	src/record/change.c src/record/change_parse.c src/record/change.h \
	src/record/column.c src/record/column.h \
	src/record/entity.c src/record/entity.h \
	src/record/export.c src/record/export.h \
	src/record/export_list.c \
	src/record/layout.c \
	src/record/list.c \
	src/record/model.c src/record/model.h \
	src/record/model_form.c src/record/model_part.h \
	src/record/narrow.c src/record/narrow.h \
	src/record/order.c src/record/order.h \
	src/record/read.c src/record/read.h \
	src/record/record.h \
	src/record/scope.c \
	src/record/sqlb.c src/record/sqlb.h \
	src/record/hold.c src/record/hold.h \
	src/record/suppress.c src/record/suppress.h \
	src/record/value.c src/record/value_parse.c src/record/value.h \
	src/record/visible.c

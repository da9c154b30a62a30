# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libdb.a
ROOMS += libdb.a
libdb_a_CPPFLAGS = $(I_db) $(PQ_CFLAGS)
libdb_a_SOURCES = \
	src/db/asked.c src/db/asked.h \
	src/db/conn.c src/db/conn.h src/db/conn_private.h \
	src/db/copy.c src/db/copy.h \
	src/db/environ.c \
	src/db/failure.c \
	src/db/migrate.c src/db/migrate.h \
	src/db/prepared.c src/db/prepared.h \
	src/db/rows.c \
	src/db/trial.c src/db/trial.h \
	src/db/trip.c src/db/trip.h \
	src/db/tx.c src/db/tx.h \
	src/db/val.c src/db/val.h src/db/value.h

# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libqueue.a
ROOMS += libqueue.a
libqueue_a_CPPFLAGS = $(I_queue) $(JSON_CFLAGS)
libqueue_a_SOURCES = \
	src/queue/job.c src/queue/job.h \
	src/queue/outbox.c src/queue/outbox.h \
	src/queue/run.c src/queue/run.h

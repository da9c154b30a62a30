# SPDX-License-Identifier: ISC
# Programs: wiring only. Each links every room, in the order of ROOMS.
bin_PROGRAMS += praya-web
praya_web_SOURCES = src/bin/praya_web.c
praya_web_CPPFLAGS = $(I_runner) $(PQ_CFLAGS) $(JSON_CFLAGS)
praya_web_LDADD = $(ROOMS) $(ALL_LIBS)
ALL_LIBS = $(FCGI_LIBS) $(CS_LIBS) $(PQ_LIBS) $(JSON_LIBS) $(ARGON2_LIBS) $(CRYPTO_LIBS)

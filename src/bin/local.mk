# SPDX-License-Identifier: ISC
# Programs: wiring only. Each links every room, in the order of ROOMS.
ALL_LIBS = $(FCGI_LIBS) $(CS_LIBS) $(PQ_LIBS) $(JSON_LIBS) $(ZIP_LIBS) $(ARGON2_LIBS) $(OATH_LIBS) $(FIDO_LIBS) $(QR_LIBS) $(CRYPTO_LIBS)
PROGRAM_CPPFLAGS = $(I_runner) -iquote $(srcdir)/src/bin $(PQ_CFLAGS) $(JSON_CFLAGS)

bin_PROGRAMS += praya-web
praya_web_SOURCES = src/bin/praya_web.c src/bin/routes.c src/bin/routes.h
praya_web_CPPFLAGS = $(PROGRAM_CPPFLAGS)
praya_web_LDADD = $(ROOMS) $(ALL_LIBS)

# The operators' command line: a cli_*.c a slice.
bin_PROGRAMS += praya
CLI_SOURCES = src/bin/cli.c src/bin/cli.h \
	src/bin/cli_setup.c src/bin/cli_tenant.c src/bin/cli_user.c src/bin/cli_export.c \
	src/bin/cli_audit.c \
	src/bin/cli_backup.c src/bin/cli_move.c src/bin/cli_region.c src/bin/cli_region.h \
	src/bin/cli_operator.c \
	src/bin/cli_import.c src/bin/cli_key.c src/bin/cli_mail_in.c src/bin/cli_mail.c src/bin/cli_worker.c \
	src/bin/cli_closing.c src/bin/cli_leak.c src/bin/cli_ledger.c src/bin/cli_log_book.c src/bin/cli_metrics.c \
	src/bin/jobs.c src/bin/jobs.h \
	src/bin/routes.c src/bin/routes.h
praya_SOURCES = src/bin/praya.c $(CLI_SOURCES)
praya_CPPFLAGS = $(PROGRAM_CPPFLAGS)
praya_LDADD = $(MAIL_LIBS) $(ALL_LIBS)

bin_PROGRAMS += praya-worker
praya_worker_SOURCES = src/bin/praya_worker.c src/bin/jobs.c src/bin/jobs.h \
	src/bin/routes.c src/bin/routes.h
praya_worker_CPPFLAGS = $(PROGRAM_CPPFLAGS)
praya_worker_LDADD = $(MAIL_LIBS) $(ALL_LIBS)

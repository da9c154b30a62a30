# SPDX-License-Identifier: ISC
# Not among ROOMS: praya-web neither reads nor sends mail, so it does not carry the
# libraries that do. Whoever takes mail in or sends it, or runs jobs, links this in front of
# them; papers as PDF (src/letter) come with it.
noinst_LIBRARIES += libmail.a
MAIL_LIBS = libmail.a libletter.a $(ROOMS) $(GMIME_LIBS) $(CURL_LIBS) $(PANGO_LIBS)
libmail_a_CPPFLAGS = $(I_crm) $(PQ_CFLAGS) $(JSON_CFLAGS) $(GMIME_CFLAGS) $(CURL_CFLAGS)
libmail_a_SOURCES = \
	src/crm/mail_in.c src/crm/mail_in.h src/crm/mail_tray_job.c \
	src/mail/charset.c src/mail/charset.h \
	src/mail/compose.c src/mail/compose.h \
	src/mail/html.c src/mail/html.h \
	src/mail/mail.h \
	src/mail/mail_job.c src/mail/mail_job.h \
	src/mail/mime.c src/mail/mime_auth.c src/mail/mime_file.c src/mail/mime_head.c src/mail/mime_walk.c \
	src/mail/mime.h \
	src/mail/smtp.c src/mail/smtp.h

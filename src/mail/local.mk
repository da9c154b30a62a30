# SPDX-License-Identifier: ISC
# Not among ROOMS: praya-web reads no mail, so it does not carry the library
# that does. Whoever takes mail in links this in front of them.
noinst_LIBRARIES += libmail.a
MAIL_LIBS = libmail.a $(ROOMS) $(GMIME_LIBS)
libmail_a_CPPFLAGS = $(I_crm) $(PQ_CFLAGS) $(JSON_CFLAGS) $(GMIME_CFLAGS)
libmail_a_SOURCES = \
	src/crm/mail_in.c src/crm/mail_in.h \
	src/mail/charset.c src/mail/charset.h \
	src/mail/html.c src/mail/html.h \
	src/mail/mail.h \
	src/mail/mime.c src/mail/mime_file.c src/mail/mime_head.c src/mail/mime_walk.c \
	src/mail/mime.h

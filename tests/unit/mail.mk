# SPDX-License-Identifier: ISC
# Tests of the room mail.
UNIT_TESTS += test_mail fuzz_mime
test_mail_SOURCES = tests/unit/test_mail.c tests/lib/unit.h
test_mail_CPPFLAGS = $(I_text) -iquote $(srcdir)/src/mail -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS) \
	-DCORPUS='"$(srcdir)/tests/fuzz/corpus/mime"'
test_mail_LDADD = $(MAIL_LIBS) $(ALL_LIBS) $(CMOCKA_LIBS)
fuzz_mime_SOURCES = tests/fuzz/fuzz_mime.c $(FUZZ)
fuzz_mime_CPPFLAGS = $(I_text) -iquote $(srcdir)/src/mail -iquote $(srcdir)/tests/fuzz \
	-DCORPUS='"$(srcdir)/tests/fuzz/corpus/mime"'
fuzz_mime_LDADD = $(MAIL_LIBS) $(ALL_LIBS)

UNIT_TESTS += test_compose
test_compose_SOURCES = tests/unit/test_compose.c tests/lib/unit.h
test_compose_CPPFLAGS = $(I_text) -iquote $(srcdir)/src/mail -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)
test_compose_LDADD = $(MAIL_LIBS) $(ALL_LIBS) $(CMOCKA_LIBS)

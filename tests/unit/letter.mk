# SPDX-License-Identifier: ISC
# Tests of the room letter.
UNIT_TESTS += test_pdf
test_pdf_SOURCES = tests/unit/test_pdf.c tests/lib/unit.h
test_pdf_CPPFLAGS = $(I_text) -iquote $(srcdir)/src/letter -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)
test_pdf_LDADD = $(MAIL_LIBS) $(ALL_LIBS) $(CMOCKA_LIBS)

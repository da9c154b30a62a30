# SPDX-License-Identifier: ISC
# Papers as PDF. Not among ROOMS: praya-web makes none, so it does not carry pango. Jobs
# that make papers are compiled here; whoever links jobs links this in front of the rooms.
noinst_LIBRARIES += libletter.a
I_letter = $(I_privacy) -iquote $(srcdir)/src/letter
libletter_a_CPPFLAGS = $(I_letter) $(PQ_CFLAGS) $(JSON_CFLAGS) $(PANGO_CFLAGS)
libletter_a_SOURCES = \
	src/letter/pdf.c src/letter/pdf.h \
	src/privacy/certificate_pdf.c src/privacy/certificate_pdf.h \
	src/privacy/breach_letter_job.c \
	src/privacy/incident_form_job.c \
	src/privacy/letter_job.c src/privacy/letter_job.h \
	src/privacy/receipt_job.c

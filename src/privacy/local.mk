# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libprivacy.a
ROOMS += libprivacy.a
libprivacy_a_CPPFLAGS = $(I_privacy) $(PQ_CFLAGS) $(JSON_CFLAGS) $(ZIP_CFLAGS)
libprivacy_a_SOURCES = \
	src/privacy/archive.c src/privacy/archive.h \
	src/privacy/books.c src/privacy/books.h src/privacy/books_invoice.c \
	src/privacy/breach_letter.c src/privacy/breach_letter.h \
	src/privacy/case.c src/privacy/case.h \
	src/privacy/case_alias.c src/privacy/case_alias.h \
	src/privacy/case_ask.c src/privacy/case_step.h \
	src/privacy/case_board.c \
	src/privacy/case_consent.c \
	src/privacy/case_copy.c src/privacy/case_copy.h src/privacy/case_copy_part.h \
	src/privacy/case_copy_record.c \
	src/privacy/case_decide.c \
	src/privacy/case_find.c src/privacy/case_find.h \
	src/privacy/case_find_choose.c \
	src/privacy/case_find_page.c \
	src/privacy/case_form.c \
	src/privacy/case_file.c src/privacy/case_file.h src/privacy/source_file.h \
	src/privacy/case_opinion.c src/privacy/case_opinion.h \
	src/privacy/case_package.c src/privacy/case_package_part.h \
	src/privacy/case_package_record.c \
	src/privacy/case_page.c \
	src/privacy/case_people.c src/privacy/case_people.h \
	src/privacy/case_review.c src/privacy/case_review.h \
	src/privacy/mail_tray_page.c src/privacy/mail_tray_page.h \
	src/privacy/receipt_page.c \
	src/privacy/hold_remind.c src/privacy/hold_remind.h \
	src/privacy/redact.c src/privacy/redact.h \
	src/privacy/retention.c src/privacy/retention.h src/privacy/retention_rule.c \
	src/privacy/case_new.c \
	src/privacy/case_remind.c src/privacy/case_remind.h \
	src/privacy/case_source.c src/privacy/case_source.h \
	src/privacy/case_step.c src/privacy/case_step_read.c \
	src/privacy/case_view.c src/privacy/case_view.h \
	src/privacy/closing.c src/privacy/closing.h \
	src/privacy/closing_chore.c \
	src/privacy/closing_mail.c \
	src/privacy/closing_part.h \
	src/privacy/closing_view.c \
	src/privacy/deadline.c src/privacy/deadline.h \
	src/privacy/disclosed.c src/privacy/disclosed.h \
	src/privacy/disclosure.c src/privacy/disclosure.h \
	src/privacy/download.c src/privacy/download.h \
	src/privacy/erase.c src/privacy/erase.h \
	src/privacy/erase_clear.c \
	src/privacy/erase_due.c \
	src/privacy/erase_imports.c \
	src/privacy/erase_job.c src/privacy/erase_job.h \
	src/privacy/erase_kept.c \
	src/privacy/erase_needles.c src/privacy/erase_needles.h \
	src/privacy/erase_page.c src/privacy/erase_part.h \
	src/privacy/erase_records.c \
	src/privacy/erase_remain.c src/privacy/erase_remain.h \
	src/privacy/erase_resume.c \
	src/privacy/erase_scan.h \
	src/privacy/erase_scrub.c src/privacy/erase_texts.c \
	src/privacy/exposure.c src/privacy/exposure.h \
	src/privacy/exposure_ask.c \
	src/privacy/exposure_job.c \
	src/privacy/incident.c src/privacy/incident.h \
	src/privacy/incident_form.c \
	src/privacy/incident_page.c \
	src/privacy/incident_step.c \
	src/privacy/incident_view.c \
	src/privacy/handover.c src/privacy/handover.h \
	src/privacy/handover_case.c \
	src/privacy/holiday.c src/privacy/holiday.h \
	src/privacy/holiday_page.c \
	src/privacy/intake_form.c src/privacy/intake_link.c \
	src/privacy/kept_law.c src/privacy/kept_law.h \
	src/privacy/kept_law_page.c \
	src/privacy/export_decide.c \
	src/privacy/export_guard.c src/privacy/export_guard.h src/privacy/export_guard_part.h \
	src/privacy/export_mail.c src/privacy/export_mail.h \
	src/privacy/list_export.c src/privacy/list_export.h src/privacy/list_file.h \
	src/privacy/list_note.c \
	src/privacy/list_rows.c \
	src/privacy/law_words.c src/privacy/law_words.h \
	src/privacy/letter.h src/privacy/letter_case.c src/privacy/letter_new.c \
	src/privacy/letter_page.c src/privacy/letter_part.h src/privacy/letter_set.c src/privacy/letter_text.c \
	src/privacy/log_book.c src/privacy/log_book.h src/privacy/log_book_csv.c \
	src/privacy/person_export.c src/privacy/person_export.h \
	src/privacy/person_export_job.c \
	src/privacy/person_export_page.c \
	src/privacy/person_extra.c \
	src/privacy/person_file.h \
	src/privacy/person_legend.c \
	src/privacy/person_records.c \
	src/privacy/person_disclosed.c \
	src/privacy/person_trail.c \
	src/privacy/scratch.c src/privacy/scratch.h \
	src/privacy/store_sweep.c src/privacy/store_sweep.h \
	src/privacy/suppression.c src/privacy/suppression.h \
	src/privacy/takedown.c src/privacy/takedown.h src/privacy/takedown_part.h \
	src/privacy/takedown_item.c \
	src/privacy/unpack.c src/privacy/unpack.h \
	src/privacy/watch.c src/privacy/watch.h \
	src/privacy/whole.h src/privacy/whole_part.h \
	src/privacy/whole_import.c src/privacy/whole_import.h src/privacy/whole_import_part.h \
	src/privacy/whole_import_files.c src/privacy/whole_volumes.c \
	src/privacy/whole_export.c \
	src/privacy/whole_files.c \
	src/privacy/whole_job.c \
	src/privacy/whole_legend.c \
	src/privacy/whole_mbox.c \
	src/privacy/whole_table.c

# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libcrm.a
ROOMS += libcrm.a
libcrm_a_CPPFLAGS = $(I_crm) $(PQ_CFLAGS) $(JSON_CFLAGS)
libcrm_a_SOURCES = \
	src/crm/activity.c src/crm/activity.h \
	src/crm/attachment.c src/crm/attachment_content.c src/crm/attachment_upload.c \
	src/crm/attachment.h \
	src/crm/child.c src/crm/child.h \
	src/crm/company.c src/crm/company.h \
	src/crm/conflict.c src/crm/conflict.h \
	src/crm/contact.c src/crm/contact.h \
	src/crm/dashboard.c src/crm/dashboard.h \
	src/crm/hooks.c \
	src/crm/import.h \
	src/crm/import_block.c \
	src/crm/import_batch.c \
	src/crm/import_resolve.c \
	src/crm/import_sight.c \
	src/crm/import_expire.c \
	src/crm/import_guess.c \
	src/crm/import_job.c \
	src/crm/import_map.c \
	src/crm/import_map_page.c \
	src/crm/import_page.c src/crm/import_page.h \
	src/crm/import_result.c \
	src/crm/invoice.c src/crm/invoice_form.c src/crm/invoice_lines.c src/crm/invoice_store.c src/crm/invoice.h \
	src/crm/kept.c src/crm/kept.h \
	src/crm/setup.c src/crm/setup.h \
	src/crm/share.c src/crm/share.h \
	src/crm/mail_tray.c src/crm/mail_tray.h src/crm/message.c src/crm/message.h \
	src/crm/pages.c src/crm/pages_form.c src/crm/pages_list.c src/crm/pages.h \
	src/crm/query.c src/crm/query.h \
	src/crm/timeline.c

# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libworkspace.a
ROOMS += libworkspace.a
libworkspace_a_CPPFLAGS = $(I_workspace) $(PQ_CFLAGS) $(JSON_CFLAGS)
libworkspace_a_SOURCES = \
	src/workspace/access_page.c \
	src/workspace/account_page.c \
	src/workspace/audit.h \
	src/workspace/audit_days.c \
	src/workspace/audit_export.c src/workspace/audit_export.h \
	src/workspace/audit_export_job.c \
	src/workspace/audit_filter.c src/workspace/audit_filter.h \
	src/workspace/audit_line.c \
	src/workspace/audit_page.c \
	src/workspace/audit_person.c src/workspace/audit_person.h \
	src/workspace/audit_print.c \
	src/workspace/audit_read.c \
	src/workspace/audit_settings.c \
	src/workspace/audit_shown.c \
	src/workspace/audit_view.c \
	src/workspace/desk_page.c \
	src/workspace/audit_whole.c \
	src/workspace/effect.c src/workspace/effect.h \
	src/workspace/effect_view.c \
	src/workspace/export_ask.c \
	src/workspace/export_page.c src/workspace/export_view.c src/workspace/export_view.h \
	src/workspace/export_whole.c \
	src/workspace/field.h \
	src/workspace/field_input.c \
	src/workspace/field_job.c src/workspace/field_job.h \
	src/workspace/field_page.c \
	src/workspace/field_view.c \
	src/workspace/hand_over.c src/workspace/hand_over.h \
	src/workspace/job_page.c \
	src/workspace/link_page.c \
	src/workspace/member.h \
	src/workspace/openapi.c src/workspace/openapi.h \
	src/workspace/openapi_schema.c \
	src/workspace/place_page.c \
	src/workspace/profile.h \
	src/workspace/passkey_ask.c src/workspace/passkey_ask.h \
	src/workspace/passkey_page.c \
	src/workspace/profile_change.c \
	src/workspace/profile_input.c \
	src/workspace/profile_matrix.c \
	src/workspace/profile_new.c \
	src/workspace/profile_page.c \
	src/workspace/profile_store.c \
	src/workspace/profile_view.c \
	src/workspace/session_list.c src/workspace/session_list.h \
	src/workspace/session_page.c \
	src/workspace/sign_up_page.c \
	src/workspace/support.h \
	src/workspace/support_enter.c \
	src/workspace/support_page.c \
	src/workspace/support_store.c \
	src/workspace/team_page.c \
	src/workspace/token_page.c \
	src/workspace/trust.h src/workspace/trust_page.c src/workspace/trust_view.c \
	src/workspace/two_step_page.c \
	src/workspace/user_effect.c \
	src/workspace/user_page.c \
	src/workspace/user_view.c \
	src/workspace/user_wish.c \
	src/workspace/view_as_page.c \
	src/workspace/watch_page.c \
	src/workspace/way_in_page.c \
	src/workspace/welcome_page.c \
	src/workspace/workspace.h

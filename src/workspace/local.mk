# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libworkspace.a
ROOMS += libworkspace.a
libworkspace_a_CPPFLAGS = $(I_workspace) $(PQ_CFLAGS) $(JSON_CFLAGS)
libworkspace_a_SOURCES = \
	src/workspace/audit_page.c \
	src/workspace/job_page.c \
	src/workspace/session_page.c \
	src/workspace/workspace.h

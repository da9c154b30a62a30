# SPDX-License-Identifier: ISC
noinst_LIBRARIES += libtenant.a
ROOMS += libtenant.a
libtenant_a_CPPFLAGS = $(I_tenant) $(PQ_CFLAGS) $(CS_CFLAGS) $(JSON_CFLAGS)
libtenant_a_SOURCES = \
	src/tenant/backup.c src/tenant/backup.h src/tenant/backup_file.h \
	src/tenant/backup_head.c src/tenant/backup_part.h src/tenant/backup_read.c src/tenant/backup_write.c \
	src/tenant/cell_guard.c src/tenant/cell_guard.h \
	src/tenant/cluster.h \
	src/tenant/conninfo.c src/tenant/conninfo.h \
	src/tenant/destroy_mail.c src/tenant/destroy_mail.h \
	src/tenant/directory.c \
	src/tenant/doctor_machine.c src/tenant/doctor_machine.h \
	src/tenant/doctor_region.c src/tenant/doctor_region.h \
	src/tenant/doctor.c src/tenant/doctor.h \
	src/tenant/head.c src/tenant/head.h \
	src/tenant/host.c \
	src/tenant/keyring.c src/tenant/keyring.h \
	src/tenant/ledger.c src/tenant/ledger.h src/tenant/ledger_file.c src/tenant/ledger_file.h \
	src/tenant/operator.c src/tenant/operator.h src/tenant/operator_part.h \
	src/tenant/operator_event.c src/tenant/operator_event.h \
	src/tenant/provision.c src/tenant/provision.h \
	src/tenant/provision_cluster.c \
	src/tenant/provision_destroy.c src/tenant/destroy.h \
	src/tenant/provision_init.c \
	src/tenant/provision_restore.c src/tenant/provision_verify.c src/tenant/restore.h \
	src/tenant/provision_move.c src/tenant/provision_move_copy.c src/tenant/provision_move_left.c \
	src/tenant/move.h src/tenant/move_part.h \
	src/tenant/provision_rekey.c \
	src/tenant/provision_rotate.c src/tenant/rotate.h \
	src/tenant/provision_suspend.c \
	src/tenant/provision_template.c \
	src/tenant/provision_undo.c src/tenant/undo.h \
	src/tenant/region_sign.c src/tenant/region_sign.h \
	src/tenant/rewrite.c src/tenant/rewrite.h \
	src/tenant/scram.c src/tenant/scram.h \
	src/tenant/service.c src/tenant/service.h \
	src/tenant/settings.c src/tenant/settings.h \
	src/tenant/signed.c src/tenant/signed.h \
	src/tenant/sign_up.c src/tenant/sign_up.h \
	src/tenant/shape.c src/tenant/shape.h \
	src/tenant/template.h \
	src/tenant/tenancy.h \
	src/tenant/tenant.c src/tenant/tenant.h \
	src/tenant/versions.c src/tenant/versions.h \
	src/tenant/wake.c src/tenant/wake.h

# SPDX-License-Identifier: ISC
# Tests of src/tenant and of the SQL that provisioning installs.
I_tenanttest = $(I_tenant) -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)

UNIT_TESTS += test_settings
test_settings_SOURCES = tests/unit/test_settings.c tests/lib/scratch.h
test_settings_CPPFLAGS = $(I_tenanttest) -DSOURCE='"$(abs_srcdir)"'
test_settings_LDADD = $(UNIT_LIBS)

PG_TESTS += test_praya_sys.pg test_directory.pg test_provision.pg test_cell.pg test_rewrite.pg
test_praya_sys_pg_SOURCES = tests/unit/test_praya_sys.c tests/lib/db_fixture.h
test_praya_sys_pg_CPPFLAGS = $(I_tenanttest)
test_praya_sys_pg_LDADD = $(UNIT_LIBS)
test_directory_pg_SOURCES = tests/unit/test_directory.c
test_directory_pg_CPPFLAGS = $(I_tenanttest)
test_directory_pg_LDADD = $(UNIT_LIBS)
test_provision_pg_SOURCES = tests/unit/test_provision.c
test_provision_pg_CPPFLAGS = $(I_tenanttest)
test_provision_pg_LDADD = $(UNIT_LIBS)
test_cell_pg_SOURCES = tests/unit/test_cell.c
test_cell_pg_CPPFLAGS = $(I_tenanttest)
test_cell_pg_LDADD = $(UNIT_LIBS)
test_rewrite_pg_SOURCES = tests/unit/test_rewrite.c
test_rewrite_pg_CPPFLAGS = $(I_tenanttest)
test_rewrite_pg_LDADD = $(UNIT_LIBS)

# The command line, against a PostgreSQL of its own.
CLI_TESTS = tests/cli/test_cli.py tests/cli/test_key.py tests/cli/test_key_workspace.py tests/cli/test_backup.py \
	tests/cli/test_doctor.py
TESTS += $(CLI_TESTS)
EXTRA_DIST += $(CLI_TESTS)

UNIT_TESTS += test_password_rule
test_password_rule_SOURCES = tests/unit/test_password_rule.c tests/lib/unit.h
test_password_rule_CPPFLAGS = $(I_access) -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)
test_password_rule_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_totp
test_totp_SOURCES = tests/unit/test_totp.c tests/lib/unit.h
test_totp_CPPFLAGS = $(I_crypto) -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)
test_totp_LDADD = $(UNIT_LIBS)
UNIT_TESTS += test_passkey
test_passkey_SOURCES = tests/unit/test_passkey.c tests/lib/authenticator.h tests/lib/unit.h
test_passkey_CPPFLAGS = $(I_crypto) -iquote $(srcdir)/tests/lib $(CRYPTO_CFLAGS) $(CMOCKA_CFLAGS)
test_passkey_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_backup_file
test_backup_file_SOURCES = tests/unit/test_backup_file.c tests/lib/scratch.h
test_backup_file_CPPFLAGS = $(I_tenanttest)
test_backup_file_LDADD = $(UNIT_LIBS)

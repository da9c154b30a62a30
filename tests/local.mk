# SPDX-License-Identifier: ISC
#
# A unit test is one program a module: tests/unit/test_MODULE.c, cmocka.
UNIT_TESTS =
UNIT_LIBS = $(ROOMS) $(ALL_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)

UNIT_TESTS += test_arena
test_arena_SOURCES = tests/unit/test_arena.c
test_arena_CPPFLAGS = $(I_base) $(CMOCKA_CFLAGS)
test_arena_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_child
test_child_SOURCES = tests/unit/test_child.c
test_child_CPPFLAGS = $(I_base) -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)
test_child_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_hkid
test_hkid_SOURCES = tests/unit/test_hkid.c
EXTRA_DIST += tests/unit/hkid_vectors.csv
test_hkid_CPPFLAGS = $(I_text) $(CMOCKA_CFLAGS)
test_hkid_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_phone
test_phone_SOURCES = tests/unit/test_phone.c
test_phone_CPPFLAGS = $(I_text) $(CMOCKA_CFLAGS)
test_phone_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_card
test_card_SOURCES = tests/unit/test_card.c
test_card_CPPFLAGS = $(I_text) $(CMOCKA_CFLAGS)
test_card_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_date
test_date_SOURCES = tests/unit/test_date.c
test_date_CPPFLAGS = $(I_text) $(CMOCKA_CFLAGS)
test_date_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_money
test_money_SOURCES = tests/unit/test_money.c
test_money_CPPFLAGS = $(I_text) $(CMOCKA_CFLAGS)
test_money_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_text
test_text_SOURCES = tests/unit/test_text.c
test_text_CPPFLAGS = $(I_text) $(CMOCKA_CFLAGS)
test_text_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_seal
test_seal_SOURCES = tests/unit/test_seal.c
test_seal_CPPFLAGS = $(I_crypto) $(CRYPTO_CFLAGS) $(CMOCKA_CFLAGS)
test_seal_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_sign
test_sign_SOURCES = tests/unit/test_sign.c
test_sign_CPPFLAGS = $(I_crypto) $(CRYPTO_CFLAGS) $(CMOCKA_CFLAGS)
test_sign_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_token
test_token_SOURCES = tests/unit/test_token.c
test_token_CPPFLAGS = $(I_crypto) $(CRYPTO_CFLAGS) $(CMOCKA_CFLAGS)
test_token_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_password
test_password_SOURCES = tests/unit/test_password.c
test_password_CPPFLAGS = $(I_crypto) $(ARGON2_CFLAGS) $(CMOCKA_CFLAGS)
test_password_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_keyfile
test_keyfile_SOURCES = tests/unit/test_keyfile.c tests/lib/scratch.h
test_keyfile_CPPFLAGS = $(I_crypto) -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)
test_keyfile_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_object
OBJECT_FIXTURE = tests/lib/object_fixture.h tests/lib/unit.h tests/lib/scratch.h
test_object_SOURCES = tests/unit/test_object.c $(OBJECT_FIXTURE)
test_object_CPPFLAGS = $(I_crypto) -iquote $(srcdir)/tests/lib $(CRYPTO_CFLAGS) $(CMOCKA_CFLAGS)
test_object_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_object_damage
test_object_damage_SOURCES = tests/unit/test_object_damage.c $(OBJECT_FIXTURE)
test_object_damage_CPPFLAGS = $(I_crypto) -iquote $(srcdir)/tests/lib $(CRYPTO_CFLAGS) $(CMOCKA_CFLAGS)
test_object_damage_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_object_space
test_object_space_SOURCES = tests/unit/test_object_space.c tests/lib/scratch.h
test_object_space_CPPFLAGS = $(I_crypto) -iquote $(srcdir)/tests/lib $(CRYPTO_CFLAGS) $(CMOCKA_CFLAGS)
test_object_space_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_harden
test_harden_SOURCES = tests/unit/test_harden.c tests/lib/scratch.h
test_harden_CPPFLAGS = $(I_crypto) -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)
test_harden_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_archive
test_archive_SOURCES = tests/unit/test_archive.c tests/lib/unit.h
test_archive_CPPFLAGS = $(I_privacy) -iquote $(srcdir)/tests/lib $(PQ_CFLAGS) $(JSON_CFLAGS) $(ZIP_CFLAGS) $(CMOCKA_CFLAGS)
test_archive_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_redact
test_redact_SOURCES = tests/unit/test_redact.c
test_redact_CPPFLAGS = $(I_privacy) $(CMOCKA_CFLAGS)
test_redact_LDADD = $(UNIT_LIBS)

UNIT_TESTS += test_deadline
test_deadline_SOURCES = tests/unit/test_deadline.c
test_deadline_CPPFLAGS = $(I_privacy) $(CMOCKA_CFLAGS)
test_deadline_LDADD = $(UNIT_LIBS)

# A unit test that needs a database has the extension .pg and gets a PostgreSQL
# of its own; it can also be started by hand: tests/lib/with_postgres ./test_db.pg
TEST_EXTENSIONS = .pg
PG_LOG_COMPILER = $(srcdir)/tests/lib/with_postgres
# All start with the same empty cluster, made once.
AM_TESTS_ENVIRONMENT = PRAYA_PG_SEED='$(abs_builddir)/pg.seed'; export PRAYA_PG_SEED;
PG_TESTS =
check_PROGRAMS += $(PG_TESTS)
TESTS += $(PG_TESTS)

UNIT_TESTS += test_view
test_view_SOURCES = tests/unit/test_view.c
test_view_CPPFLAGS = $(I_view) $(CMOCKA_CFLAGS) $(JSON_CFLAGS)
test_view_LDADD = $(UNIT_LIBS)

PG_TESTS += test_val.pg test_tx.pg test_tx_prepare.pg test_trial.pg test_copy.pg test_conn.pg test_migrate.pg
I_dbtest = $(I_db) -iquote $(srcdir)/tests/lib $(CMOCKA_CFLAGS)
test_val_pg_SOURCES = tests/unit/test_val.c tests/lib/db_fixture.h
test_val_pg_CPPFLAGS = $(I_dbtest)
test_val_pg_LDADD = $(UNIT_LIBS)
test_tx_pg_SOURCES = tests/unit/test_tx.c tests/lib/tx_fixture.h tests/lib/db_fixture.h
test_tx_pg_CPPFLAGS = $(I_dbtest)
test_tx_pg_LDADD = $(UNIT_LIBS)
test_tx_prepare_pg_SOURCES = tests/unit/test_tx_prepare.c tests/lib/tx_fixture.h tests/lib/db_fixture.h
test_tx_prepare_pg_CPPFLAGS = $(I_dbtest)
test_tx_prepare_pg_LDADD = $(UNIT_LIBS)
test_trial_pg_SOURCES = tests/unit/test_trial.c tests/lib/tx_fixture.h tests/lib/db_fixture.h
test_trial_pg_CPPFLAGS = $(I_dbtest)
test_trial_pg_LDADD = $(UNIT_LIBS)
test_copy_pg_SOURCES = tests/unit/test_copy.c tests/lib/tx_fixture.h tests/lib/db_fixture.h
test_copy_pg_CPPFLAGS = $(I_dbtest)
test_copy_pg_LDADD = $(UNIT_LIBS)
test_conn_pg_SOURCES = tests/unit/test_conn.c tests/lib/db_fixture.h
test_conn_pg_CPPFLAGS = $(I_dbtest)
test_conn_pg_LDADD = $(UNIT_LIBS)
test_migrate_pg_SOURCES = tests/unit/test_migrate.c tests/lib/db_fixture.h
test_migrate_pg_CPPFLAGS = $(I_dbtest)
test_migrate_pg_LDADD = $(UNIT_LIBS)

include tests/unit/web.mk
include tests/unit/letter.mk
include tests/unit/mail.mk
include tests/unit/tenant.mk
include tests/unit/schema.mk

# Tests of a running instance; ./check starts one for them.
EXTRA_DIST += tests/README.md tests/conftest.py tests/browser tests/fault tests/web tests/upgrade
EXTRA_DIST += tests/lib

# Checks of the sources themselves.
LINTS = tests/lint/contrast.py tests/lint/i18n.py tests/lint/templates.sh tests/lint/selftest.sh
LINTS += tests/lint/spdx.py tests/lint/format.py tests/lint/banned.py tests/lint/layout.py
LINTS += tests/lint/selftest_c.py tests/lint/units.sh tests/lint/site.sh
EXTRA_DIST += tests/lint/archive.sh tests/lint/tidy_cc tests/lint/lintlib.py tests/lint/banned.allow tests/lint/layout.allow
TESTS += $(LINTS)
EXTRA_DIST += $(LINTS)

# Pages from fixtures, compared with accepted ones. "make gold" accepts.
check_PROGRAMS += golden
golden_SOURCES = tests/golden/golden.c
golden_CPPFLAGS = $(I_view) $(JSON_CFLAGS)
golden_LDADD = $(ROOMS) $(ALL_LIBS)
TESTS += tests/golden/run
EXTRA_DIST += tests/golden
gold: golden
	srcdir=$(srcdir) $(srcdir)/tests/golden/run accept
.PHONY: gold

include tests/bench/local.mk

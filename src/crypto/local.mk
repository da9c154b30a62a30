# SPDX-License-Identifier: ISC
# Named so that nobody takes it for OpenSSL's libcrypto.a.
noinst_LIBRARIES += libpraya_crypto.a
ROOMS += libpraya_crypto.a
libpraya_crypto_a_CPPFLAGS = $(I_crypto) $(CRYPTO_CFLAGS) $(ARGON2_CFLAGS) $(OATH_CFLAGS) $(FIDO_CFLAGS)
libpraya_crypto_a_SOURCES = \
	src/crypto/cbor.c src/crypto/cbor.h \
	src/crypto/certificate.c src/crypto/certificate.h \
	src/crypto/encoding.c src/crypto/encoding.h \
	src/crypto/evp.c src/crypto/evp.h \
	src/crypto/harden.c src/crypto/harden.h \
	src/crypto/keyfile.c \
	src/crypto/newfile.c src/crypto/newfile.h \
	src/crypto/object_format.c src/crypto/object_list.c src/crypto/object_read.c src/crypto/object_write.c \
	src/crypto/object.h src/crypto/object_format.h \
	src/crypto/passkey.c src/crypto/passkey.h \
	src/crypto/password.c src/crypto/password.h \
	src/crypto/seal.c src/crypto/seal.h \
	src/crypto/sign.c src/crypto/sign.h \
	src/crypto/token.c src/crypto/token.h \
	src/crypto/totp.c src/crypto/totp.h \
	src/crypto/wordlist.c src/crypto/wordlist.h

# The list of common passwords, installed as data.
pkgdata_DATA = made/common_passwords
made/common_passwords: $(srcdir)/scripts/common_passwords $(PASSWORD_LISTS)
	$(AM_V_GEN)$(MKDIR_P) made && $(srcdir)/scripts/common_passwords $(PASSWORD_LISTS) $@.new && mv $@.new $@

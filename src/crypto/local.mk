# SPDX-License-Identifier: ISC
# libcrypto.a: not yet anything in it
